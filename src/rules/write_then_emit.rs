use super::{Context, Sink, rule};
use crate::model::{EntityId, EventId, Model, Service, Touch, Touched};
use crate::source::Span;

rule! {
    /// A service writes rows and emits an event about them separately.
    ///
    /// The write and the send are two steps, and nothing holds them together: a process that dies between the two has done one of them. An event belongs to a
    /// row when it carries the row's key or references it; other events of the same service pass.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// entity order in shop.public.orders { order_id uuid key }
    /// event order_placed in kafka.orders { event_id uuid key, order_id uuid }
    /// service checkout {
    ///   writes order
    ///   emits order_placed
    /// }
    /// ```
    ///
    /// Record the event in the transaction of the row: through an outbox in the same database. (An outbox in another one is `outbox_elsewhere`.)
    ///
    /// ```dia,good
    /// system shop: postgres
    /// entity order in shop.public.orders { order_id uuid key }
    /// event order_placed in kafka.orders via outbox shop.public.outbox { event_id uuid key, order_id uuid }
    /// service checkout {
    ///   writes order
    ///   emits order_placed
    /// }
    /// ```
    {
        name: "write_then_emit", severity: Error, waivable: true, title: "a service writes rows and emits events separately",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for service in &model.services {
        let mut said: Vec<EventId> = Vec::new();
        for touch in &service.emits {
            for event in model.emitted(touch) {
                if model.event(event).outbox.is_some() || said.contains(&event) {
                    continue;
                }
                let Some(pair) = written(model, service, event) else { continue };
                said.push(event);
                sink.push(finding(model, sink, service, touch, event, &pair));
            }
        }
    }
}

/// A row a service writes, where it says so, and where the event carries its key.
struct Pair {
    entity: EntityId,
    writes: Span,
    carries: Span,
}

fn written(model: &Model, service: &Service, event: EventId) -> Option<Pair> {
    service.writes.iter().find_map(|touch| {
        let Touched::Entity(entity) = touch.what else { return None };
        let carries = model.carries(event, entity)?;
        Some(Pair { entity, writes: touch.span, carries })
    })
}

fn finding(
    model: &Model,
    sink: &Sink,
    service: &Service,
    touch: &Touch,
    event: EventId,
    pair: &Pair,
) -> crate::diag::Diagnostic {
    let (name, row) = (&model.event(event).name, &model.entity(pair.entity).name);
    let home = model.home_path(pair.entity);
    let place = &model.entity(pair.entity).home;
    let database = &model.system(place.system).name;
    let below = if place.namespace.is_empty() { String::new() } else { format!("{}.", place.namespace) };
    let log = &model.system(model.event(event).log).name;
    sink.at(touch.span, format!("`{}` writes `{row}` and emits `{name}` to {log}", service.name))
        .here(format!("sent to {log} apart from the row"))
        .also(pair.writes, format!("committed in {database}"))
        .also(pair.carries, format!("this event is about `{row}`"))
        .help(format!(
            "record the event in the row's own transaction: write `via outbox {database}.{below}outbox` behind the topic of `event {name}`"
        ))
        .story([
            format!("{} commits a row in {home}.", service.name),
            format!("It dies before the send: nobody who listens to `{name}` ever hears of the row."),
            format!("With the two calls swapped, `{name}` tells of a row that was rolled back."),
        ])
}
