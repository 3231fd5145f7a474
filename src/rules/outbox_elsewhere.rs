use std::collections::BTreeMap;

use super::{Context, Sink, rule};
use crate::model::{EventId, Service, Touched};

rule! {
    /// An event's outbox is in another database than the rows the event is about.
    ///
    /// An outbox works because its row and the fact's row commit in one transaction. A table in another database commits by itself, and that is again a write
    /// and a send (`write_then_emit`) with one more table.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system bank: postgres
    /// entity order in shop.public.orders { order_id uuid key }
    /// event order_placed in kafka.orders via outbox bank.public.outbox { event_id uuid key, order_id uuid }
    /// service checkout {
    ///   writes order
    ///   emits order_placed
    /// }
    /// ```
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
        name: "outbox_elsewhere", severity: Error, waivable: false, title: "the outbox is in another database than the rows",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut emitters: BTreeMap<EventId, Vec<&Service>> = BTreeMap::new();
    for service in &model.services {
        for event in service.emits.iter().flat_map(|touch| model.emitted(touch)) {
            emitters.entry(event).or_default().push(service);
        }
    }
    for (id, event) in model.all_events() {
        let Some(outbox) = &event.outbox else { continue };
        for service in emitters.get(&id).into_iter().flatten() {
            let about = service.writes.iter().filter_map(|touch| {
                let Touched::Entity(entity) = touch.what else { return None };
                model.carries(id, entity).map(|carries| (entity, touch.span, carries))
            });
            let about: Vec<_> = about.collect();
            // An event may point to rows elsewhere: one that is written beside the outbox is enough.
            let beside =
                about.iter().any(|(entity, _, _)| model.same_place(model.entity(*entity).home.system, outbox.system));
            let Some((entity, writes, _)) = about.first().filter(|_| !beside) else { continue };
            let (row, home) = (&model.entity(*entity).name, model.entity(*entity).home.system);
            let namespace = &model.entity(*entity).home.namespace;
            let below = if namespace.is_empty() { String::new() } else { format!("{namespace}.") };
            let (there, here) = (&model.system(outbox.system).name, &model.system(home).name);
            sink.push(
                sink.at(
                    outbox.span,
                    format!("the outbox of `{}` is in `{there}`, and `{row}` in `{here}`", event.name),
                )
                .here(format!("commits in `{there}`"))
                .also(model.entity(*entity).home.span, format!("commits in `{here}`"))
                .also(*writes, format!("`{}` writes both", service.name))
                .help(format!(
                    "put the outbox into the database of `{row}`: `via outbox {here}.{below}{}`",
                    outbox.table
                ))
                .story([
                    format!("{} commits a row in {}.", service.name, model.home_path(*entity)),
                    format!("It dies before it commits in {there}: `{}` is never sent.", event.name),
                ]),
            );
            break;
        }
    }
}
