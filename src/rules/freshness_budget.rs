use super::{Context, Sink, rule};
use crate::model::walk::{Floors, Lateness};
use crate::model::{Via, View};
use crate::profiles;
use crate::units::duration;

rule! {
    /// A view promises to be fresher than its way allows.
    ///
    /// Capture, hand-over and the store's own refresh take their time; a view of a view also takes what the one above it promises of itself. Only a freshness that
    /// is stated counts. Batches that are too slow are `freshness_mechanism`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search {
    ///   product | search.products
    ///   objective fresh within 1s
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view product_search {
    ///   product | search.products
    ///   objective fresh within 5s
    /// }
    /// ```
    {
        name: "freshness_budget", severity: Error, waivable: false, title: "the freshness budget does not fit", check: Some(check),
    }
}

/// What machinery takes at least.
pub(super) const FLOORS: Floors = Floors { capture: profiles::capture_floor, store: profiles::store_floor };

/// Whether the page says how the view is kept, so that its freshness can be judged: by diac's wiring or by a batch.
pub(super) fn judged(view: &View) -> bool {
    match view.via {
        Via::Cdc | Via::Events | Via::BatchFull { .. } | Via::BatchIncremental { .. } | Via::BatchAndStream { .. } => {
            true
        }
        Via::Application(_) | Via::TwoPhaseCommit(_) | Via::Unknown => false,
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in model.views.iter().filter(|view| judged(view)) {
        let Some(fresh) = &view.fresh else { continue };
        let late = model.lateness(view, FLOORS);
        if late.ms <= fresh.value.ms || late.batch_ms > fresh.value.ms {
            continue;
        }
        let (promised, takes, enough) = (duration(fresh.value.ms), seconds(late.ms), enough(late.ms));
        let message = format!("`{}` cannot be fresh within {promised}: its way takes {takes}", view.name);
        let mut finding = sink.at(view.at(fresh.span), message).here(sum(&late));
        for part in &late.parts {
            if let Some(span) = part.span {
                finding = finding.also(span, format!("{}: {}", part.what, seconds(part.ms)));
            }
        }
        if !view.says(fresh.span) {
            finding = finding.also(fresh.span, "promised for all views that say nothing else");
        }
        sink.push(
            finding
                .help(format!("promise `objective fresh within {enough}`"))
                .story([format!("The alert on `{}` looks for {promised} and would never be quiet.", view.name)]),
        );
    }
}

fn sum(late: &Lateness) -> String {
    let parts: Vec<String> = late.parts.iter().map(|part| format!("{} {}", part.what, seconds(part.ms))).collect();
    format!("takes at least {}", parts.join(" + "))
}

/// A time in seconds, as people add them up, where that is short; else in its largest unit.
fn seconds(ms: u64) -> String {
    if ms < 120_000 && !ms.is_multiple_of(1_000) {
        return format!("{}.{}s", ms / 1_000, ms % 1_000 / 100);
    }
    duration(ms)
}

/// The next round time above.
fn enough(ms: u64) -> String {
    let step = match ms {
        0..60_000 => 1_000,
        60_000..3_600_000 => 60_000,
        _ => 3_600_000,
    };
    duration((ms / step + 1) * step)
}
