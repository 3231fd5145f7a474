use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::walk::TotalOrder;
use crate::model::{Leadership, Model};
use crate::source::Span;

rule! {
    /// One order for everything is promised over several leaders.
    ///
    /// Each leader puts what it accepts into an order of its own, and between two of them there is none that both have seen. This also holds for records of two
    /// systems that are led in two regions, and where each row has its own leader.
    ///
    /// ```dia,bad
    /// system bus: kafka { leaders in eu, us }
    /// system audit: postgres
    /// event paid in bus.payments { event_id uuid key }
    /// view ledger {
    ///   paid | audit.public.ledger
    ///   guarantee ordered totally
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system bus: kafka { leader in eu }
    /// system audit: postgres
    /// event paid in bus.payments { event_id uuid key }
    /// view ledger {
    ///   paid | audit.public.ledger
    ///   guarantee ordered totally
    /// }
    /// ```
    {
        name: "total_order_many_leaders", severity: Error, waivable: false, title: "total order over several leaders",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for order in model.total_orders() {
        let Some(leaders) = several(model, &order) else { continue };
        let mut finding = sink
            .of(order.view, order.span, format!("`{}` is `ordered totally` over several leaders", order.name))
            .here(format!("accepted in {}", leaders.regions));
        for (span, what) in &leaders.places {
            finding = finding.also(*span, what.clone());
        }
        sink.push(
            finding.help("name the key that matters, `guarantee ordered per …`, or let one leader accept all").story([
                format!("Two leaders accept a change in the same second ({}).", leaders.regions),
                "Each saw its own first. Both are right, so there is no order to keep.".to_owned(),
            ]),
        );
    }
}

/// Who accepts what is ordered.
pub(super) struct Leaders {
    /// The regions, or how they are told apart.
    regions: String,
    /// Where the page says so.
    places: Vec<(Span, String)>,
}

/// The leaders of what is ordered, where there is more than one.
pub(super) fn several(model: &Model, order: &TotalOrder) -> Option<Leaders> {
    let mut regions: BTreeSet<&str> = BTreeSet::new();
    let mut places: BTreeSet<(Span, String)> = BTreeSet::new();
    let mut per_row = None;
    for record in &order.records {
        let name = model.record_name(*record);
        match model.leadership(*record) {
            Leadership::Single => {}
            Leadership::In(region) => {
                regions.insert(&region.value);
                places.insert((region.span, format!("`{name}` is accepted in {}", region.value)));
            }
            Leadership::Several(leaders) => {
                for leader in leaders {
                    regions.insert(&leader.value);
                }
                if let Some((first, last)) = leaders.first().zip(leaders.last()) {
                    places.insert((first.span.to(last.span), format!("each accepts `{name}`")));
                }
            }
            Leadership::PerRow(by) => {
                places.insert((by.span, format!("each row of `{name}` has a leader of its own")));
                per_row = Some(by.value.as_str());
            }
        }
    }
    let places = places.into_iter().collect();
    match per_row {
        Some(column) => Some(Leaders { regions: format!("the region that `{column}` names"), places }),
        None if regions.len() > 1 => {
            Some(Leaders { regions: regions.into_iter().collect::<Vec<_>>().join(" and "), places })
        }
        None => None,
    }
}
