use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::relation::RecordId;
use crate::model::{Model, Value};
use crate::source::Span;

rule! {
    /// A log of which one order is promised is set to several partitions.
    ///
    /// A partition is what a log keeps in order. What is `ordered totally` has one, whatever the environment says of all others; a setting for this very topic that says
    /// more contradicts the promise.
    ///
    /// ```dia,bad
    /// system audit: postgres
    /// event paid in kafka.payments { event_id uuid key }
    /// view ledger {
    ///   paid | audit.public.ledger
    ///   guarantee ordered totally
    /// }
    /// environment prod {
    ///   event paid { partitions = 12 }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system audit: postgres
    /// event paid in kafka.payments { event_id uuid key }
    /// view ledger {
    ///   paid | audit.public.ledger
    ///   guarantee ordered totally
    /// }
    /// environment prod {
    ///   partitions = 12
    /// }
    /// ```
    {
        name: "total_order_split", severity: Error, waivable: false, title: "total order over several partitions",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let set = |env: &crate::model::Environment| {
        let mut all = env.events.values().chain(env.entities.values());
        all.any(|settings| settings.contains_key("partitions"))
    };
    if !model.environments.iter().any(set) {
        return;
    }
    let mut said: BTreeSet<Span> = BTreeSet::new();
    for order in model.total_orders() {
        let topics = order.records.iter().flat_map(|record| same_topic(model, *record));
        for record in topics.collect::<BTreeSet<RecordId>>() {
            for (span, setting) in model.topic_settings(record, "partitions") {
                let Value::Integer(partitions) = setting.value else { continue };
                if partitions < 2 || !said.insert(span) {
                    continue;
                }
                let name = model.record_name(record);
                sink.push(
                    sink.at(
                        span,
                        format!(
                            "the log of `{name}` has {partitions} partitions, and `{}` orders all of it",
                            order.name
                        ),
                    )
                    .here("each partition has an order of its own")
                    .also(order.span, "one order for everything")
                    .help("delete the setting: one partition is planned; or promise `ordered per …`")
                    .story([
                        format!("Two records of `{name}` come to two partitions."),
                        format!(
                            "`{}` reads the second one first, and after a restart the other way round.",
                            order.name
                        ),
                    ]),
                );
            }
        }
    }
}

/// All records that share the topic of one.
fn same_topic(model: &Model, record: RecordId) -> Vec<RecordId> {
    let RecordId::Event(id) = record else { return vec![record] };
    let (log, topic) = (model.event(id).log, &model.event(id).topic);
    let twins = model.all_events().filter(|(_, event)| event.log == log && event.topic == *topic);
    twins.map(|(id, _)| RecordId::Event(id)).collect()
}
