use super::{Context, Sink, rule};
use crate::model::relation::RecordId;
use crate::model::{Model, View, ViewId};
use crate::systems::Kind;
use crate::units::duration;

rule! {
    /// A copy that may be a day old is kept by a stream, and nothing else needs that stream.
    ///
    /// Capturing a database means a slot that holds its log back while nobody reads it. A daily report does not need one. Advice from half a day on, for a view that
    /// promises nothing else of its log.
    ///
    /// ```dia,bad
    /// system crm: postgres
    /// system warehouse: snowflake
    /// entity customer in crm.public.customers { customer_id bigint key }
    /// view customers {
    ///   customer | warehouse.analytics.customers
    ///   objective fresh within 24h
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system crm: postgres
    /// system warehouse: snowflake
    /// entity customer in crm.public.customers { customer_id bigint key }
    /// view customers {
    ///   customer | warehouse.analytics.customers
    ///   objective fresh within 5m
    /// }
    /// ```
    {
        name: "batch_would_do", severity: Advice, waivable: true, title: "a batch copy would do", check: Some(check),
    }
}

/// From which freshness on a batch is proposed.
const SLOW_MS: u64 = 12 * 3_600_000;

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for (id, view) in model.all_views() {
        let Some(fresh) = view.fresh.as_ref().filter(|_| is_slow(model, view)) else { continue };
        let entities = model.origins(view);
        let streamed = entities.iter().any(|entity| streams(model, id, RecordId::Entity(*entity)));
        let Some(entity) = entities.first().filter(|_| !streamed) else { continue };
        let (time, name) = (duration(fresh.value.ms), &model.entity(*entity).name);
        sink.push(
            sink.at(view.at(fresh.span), format!("`{}` may be {time} old, and a stream keeps it", view.name))
                .here(format!("nothing else streams `{name}`"))
                .also(view.source_span, "captured for this view alone")
                .help(format!("write `via batch full every {time}`"))
                .story([format!(
                    "A replication slot for a copy that may be {time} old is one more thing that can fill a disk at night."
                )]),
        );
    }
}

/// Whether a batch could keep a view: it follows from entities alone, may be old, and promises nothing that takes a log.
fn is_slow(model: &Model, view: &View) -> bool {
    let entities = model.records(view).iter().all(|record| matches!(record, RecordId::Entity(_)));
    let stored = view.store.as_ref().is_some_and(|store| model.system(store.system).kind != Kind::Kafka);
    model.is_wired(view)
        && entities
        && stored
        && view.guarantees.is_empty()
        && view.rebuilt_from_log().is_none()
        && view.fresh.as_ref().is_some_and(|fresh| fresh.value.ms >= SLOW_MS)
}

/// Whether something else needs a record's stream: a view that may not be as old, or a process.
fn streams(model: &Model, id: ViewId, record: RecordId) -> bool {
    let captured = match record {
        RecordId::Entity(id) => model.entity(id).from_topic.is_some(),
        RecordId::Event(_) => true,
    };
    captured
        || model.all_views().any(|(other, view)| {
            other != id && model.is_wired(view) && !is_slow(model, view) && model.records(view).contains(&record)
        })
        || model
            .processes
            .iter()
            .any(|process| process.inputs.iter().any(|input| model.records_of(input.value).contains(&record)))
}
