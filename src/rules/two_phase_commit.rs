use super::{Context, Sink, rule};
use crate::model::Via;

rule! {
    /// A copy is kept by a distributed transaction across different systems.
    ///
    /// Two-phase commit ties the availability of every system in it together. While the coordinator is away, rows that both sides have agreed to commit
    /// stay locked, and everything behind them waits.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system bank: postgres
    /// entity order in shop.public.orders { order_id uuid key }
    /// service checkout { writes order }
    /// view settlement {
    ///   order | bank.public.settlements
    ///   via two_phase_commit by checkout
    /// }
    /// ```
    ///
    /// Commit to the record alone, and let the copy follow from its log.
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system bank: postgres
    /// entity order in shop.public.orders { order_id uuid key }
    /// service checkout { writes order }
    /// view settlement {
    ///   order | bank.public.settlements
    /// }
    /// ```
    {
        name: "two_phase_commit", severity: Error, waivable: true, title: "distributed transaction across different systems",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in &model.views {
        let (Via::TwoPhaseCommit(services), Some(span)) = (&view.via, view.via_span) else { continue };
        let record = model.origins(view).first().map(|entity| model.home_path(*entity)).unwrap_or_default();
        let copy = model.store_path(view);
        let names: Vec<&str> = services
            .iter()
            .filter_map(|(id, _)| model.services.get(id.0))
            .map(|service| service.name.as_str())
            .collect();
        let who = names.first().copied().unwrap_or("the service");
        sink.push(
            sink.of(view, span, format!("`{}` is kept by a distributed transaction between {record} and {copy}", view.name))
                .here("two systems commit together or wait together")
                .also(view.source_span, format!("recorded in {record}"))
                .help("delete the line: commit to the record only, and diac feeds the copy from its log")
                .story([
                    format!("{who} prepares a change in {record} and in {copy}; both say yes."),
                    "The coordinator restarts before it says commit.".to_owned(),
                    "Both sides hold their row locks until it is back, and everybody who needs those rows queues behind them.".to_owned(),
                ]),
        );
    }
}
