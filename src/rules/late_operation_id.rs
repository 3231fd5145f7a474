use super::{Context, Sink, rule};
use crate::model::relation::RecordId;
use crate::model::walk::{delivery, identity};
use crate::model::{Column, EntityId, EventId, Model, Operation};
use crate::source::Span;

rule! {
    /// The id of an operation is made behind the point that fails.
    ///
    /// An id tells a repeated try from a second wish, if it is made before the first try and kept through all of them. One that the server makes is made
    /// again with every try: all tries look like wishes of their own, and no constraint further down can tell them apart.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// event transfer_requested in log.transfers partitioned by request_id {
    ///   request_id  uuid           key operation from server
    ///   amount      decimal(18,2)
    /// }
    /// service payments { emits transfer_requested }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// event transfer_requested in log.transfers partitioned by request_id {
    ///   request_id  uuid           key operation from client
    ///   amount      decimal(18,2)
    /// }
    /// service payments { emits transfer_requested }
    /// ```
    {
        name: "late_operation_id", severity: Error, waivable: false, title: "the id is made after the point that fails",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let entities = model.entities.iter().enumerate().map(|(at, _)| RecordId::Entity(EntityId(at)));
    let events = model.events.iter().enumerate().map(|(at, _)| RecordId::Event(EventId(at)));
    for record in entities.chain(events) {
        for column in model.record_columns(record) {
            let Some(made) = column.operation.as_ref().filter(|made| made.value == Operation::Server) else { continue };
            let (name, _) = identity::named(model, record);
            let mut finding = sink
                .at(made.span, format!("`{}` is made by the server, with every try anew", column.name))
                .here("a repeated try gets another id");
            for (view, span) in relied_on(model, record, column) {
                finding = finding.also(span, format!("`{view}` promises to tell repetitions by it"));
            }
            sink.push(
                finding
                    .help(
                        "write `operation from client`: made once, before the first try, and kept through all of them",
                    )
                    .story([
                        format!("A caller sends `{name}`; it is stored, and the reply is lost."),
                        format!("The caller tries again. The server makes another `{}`.", column.name),
                        format!("Two of `{name}` stand in the log, each with an id of its own: both take effect."),
                    ]),
            );
        }
    }
}

/// Promises that rest on a column.
fn relied_on(model: &Model, record: RecordId, column: &Column) -> Vec<(String, Span)> {
    let promises = delivery::promises(model);
    let on = promises.iter().filter(|once| {
        let terms: Vec<_> = once.of(model, record).into_iter().collect();
        terms.contains(&identity::own(record, &column.name))
    });
    on.map(|once| (once.view.name.clone(), once.promise.span)).collect()
}
