use super::total_order_many_leaders::several;
use super::{Context, Sink, rule};

rule! {
    /// One partition for more than one partition carries well.
    ///
    /// `ordered totally` puts everything into one partition, which has one writer and one reader at a time. Above 5 000 writes per second, as `volume` states them, that is
    /// worth a question. Where there is no one order to begin with, it is `total_order_many_leaders` alone.
    ///
    /// ```dia,bad
    /// system audit: postgres
    /// event clicked in kafka.clicks {
    ///   event_id  uuid  key
    ///   volume 1_000_000_000 rows, 12_000/s writes
    /// }
    /// view clicks {
    ///   clicked | audit.public.clicks
    ///   guarantee ordered totally
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system audit: postgres
    /// event clicked in kafka.clicks {
    ///   event_id  uuid  key
    ///   volume 1_000_000 rows, 12/s writes
    /// }
    /// view clicks {
    ///   clicked | audit.public.clicks
    ///   guarantee ordered totally
    /// }
    /// ```
    {
        name: "single_partition", severity: Warning, waivable: true, title: "one partition for everything", check: Some(check),
    }
}

/// Writes per second above which one partition is questioned (language 4.6).
const MOST: f64 = 5_000.0;

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for order in model.total_orders() {
        let rates =
            order.records.iter().filter_map(|record| Some((*record, model.volume(*record)?.writes_per_second?)));
        let rates: Vec<_> = rates.collect();
        let rate: f64 = rates.iter().map(|(_, rate)| rate).sum();
        if rate <= MOST || several(model, &order).is_some() {
            continue;
        }
        let mut finding = sink
            .of(order.view, order.span, format!("`{}` is `ordered totally` at {rate}/s", order.name))
            .here("one partition for all of it");
        for (record, rate) in rates {
            finding = finding.also(model.record_span(record), format!("{rate}/s writes"));
        }
        sink.push(finding.help("ask whether an order per key is enough: `guarantee ordered per …`").story([
            "One partition has one writer and one reader: both are now the ceiling.".to_owned(),
            format!("On the first busy day `{}` falls behind, and nothing can be added to help it.", order.name),
        ]));
    }
}
