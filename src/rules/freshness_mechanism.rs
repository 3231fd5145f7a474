use super::freshness_budget::{FLOORS, judged};
use super::{Context, Sink, rule};
use crate::model::View;
use crate::model::walk::Part;
use crate::units::duration;

rule! {
    /// A view promises to be fresher than the batches that make it.
    ///
    /// A copy that is made every hour is up to an hour old. Batches add up: a view of a batch copy is at least as old as that copy. Where no batch is too slow
    /// and the rest of the way is, it is `freshness_budget`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity order in shop.public.orders { order_id uuid key }
    /// view orders_fact {
    ///   order | warehouse.analytics.orders_fact
    ///   objective fresh within 30s
    ///   via batch full every 1h
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity order in shop.public.orders { order_id uuid key }
    /// view orders_fact {
    ///   order | warehouse.analytics.orders_fact
    ///   objective fresh within 1h
    ///   via batch full every 1h
    /// }
    /// ```
    {
        name: "freshness_mechanism", severity: Error, waivable: false, title: "freshness cannot be met by this mechanism",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in model.views.iter().filter(|view| judged(view)) {
        let Some(fresh) = &view.fresh else { continue };
        let late = model.lateness(view, FLOORS);
        if late.batch_ms <= fresh.value.ms {
            continue;
        }
        let (promised, takes) = (duration(fresh.value.ms), duration(late.batch_ms));
        let batches: Vec<&Part> = late.parts.iter().filter(|part| part.span.is_some()).collect();
        let own = view.batch_every().is_some();
        let mut finding = sink
            .at(view.at(fresh.span), format!("`{}` cannot be fresh within {promised}: batches take {takes}", view.name))
            .here(format!("{promised} are promised"));
        for part in &batches {
            let Some(span) = part.span else { continue };
            finding = finding.also(span, format!("{} takes {}", part.what, duration(part.ms)));
        }
        if !view.says(fresh.span) {
            finding = finding.also(fresh.span, "promised for all views that say nothing else");
        }
        sink.push(finding.help(help(view, own, &takes)).story([format!(
            "A row changes just after a copy has begun: `{}` shows it {takes} later, and {promised} were promised.",
            view.name
        )]));
    }
}

fn help(view: &View, own: bool, takes: &str) -> String {
    if own {
        format!("delete the `via` line, and diac follows the change log; or promise `objective fresh within {takes}`")
    } else {
        format!(
            "let `{}` follow from the record instead of a batch copy; or promise `objective fresh within {takes}`",
            view.name
        )
    }
}
