use std::collections::BTreeSet;

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
    let slow: Vec<(ViewId, &View)> = model.all_views().filter(|(_, view)| is_slow(model, view)).collect();
    if slow.is_empty() {
        return;
    }
    let streamed = streamed(model);
    for (_, view) in slow {
        let Some(fresh) = &view.fresh else { continue };
        let entities = model.origins(view);
        let stream = entities.iter().any(|entity| streamed.contains(&RecordId::Entity(*entity)));
        let Some(entity) = entities.first().filter(|_| !stream) else { continue };
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
    view.fresh.as_ref().is_some_and(|fresh| fresh.value.ms >= SLOW_MS)
        && model.is_wired(view)
        && view.store.as_ref().is_some_and(|store| model.system(store.system).kind != Kind::Kafka)
        && view.guarantees.is_empty()
        && view.rebuilt_from_log().is_none()
        && model.records(view).iter().all(|record| matches!(record, RecordId::Entity(_)))
}

/// Records whose stream something needs: a view that may not be as old, a process, or a capture that is somebody else's and there anyhow.
fn streamed(model: &Model) -> BTreeSet<RecordId> {
    let foreign = model.all_entities().filter(|(_, entity)| entity.from_topic.is_some());
    let mut found: BTreeSet<RecordId> = foreign.map(|(id, _)| RecordId::Entity(id)).collect();
    for view in model.views.iter().filter(|view| model.is_wired(view) && !is_slow(model, view)) {
        found.extend(model.records(view));
    }
    for input in model.processes.iter().flat_map(|process| &process.inputs) {
        found.extend(model.records_of(input.value));
    }
    found
}
