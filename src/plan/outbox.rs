//! Outboxes: events that a service records in a table, in the transaction of the row they are about, and a connector of their own that carries them into
//! the log.
//!
//! It is a connector of its own beside the capture of the same system: the capture's converter puts a schema around every value, and an event's value is
//! one plain JSON object; a converter is chosen for a whole connector. It also never takes a first copy, which would publish old events again: it begins where
//! its slot was made, which is before anybody writes.

use std::collections::BTreeMap;

use super::encoding::FormId;
use super::names::{cut, machine_name, regex_literal, slot_word, topic_part};
use super::settings::Settings;
use super::sources::Config;
use super::topics::Draft;
use super::{Connector, Decided, Source, Template, TopicRole};
use crate::model::Model;
use crate::profiles;

/// The outboxes of one captured system.
#[derive(Clone, Debug)]
pub struct Outboxes {
    /// The connector that reads them.
    pub connector: Connector,
    /// Its replication slot.
    pub slot: Decided<String>,
    /// Its publication.
    pub publication: Decided<String>,
    /// Its `topic.prefix`: only heartbeats are written below it.
    pub prefix: String,
    /// The tables, by name.
    pub tables: Vec<OutboxTable>,
}

/// One outbox.
#[derive(Clone, Debug)]
pub struct OutboxTable {
    /// Schema.
    pub namespace: String,
    /// Table.
    pub table: String,
    /// The events it takes, by name.
    pub events: Vec<FormId>,
}

/// Kafka Connect's converter that writes a text as it is.
const STRING_CONVERTER: &str = "org.apache.kafka.connect.storage.StringConverter";

/// Plans the outboxes of every captured system.
pub(super) fn plan(settings: &mut Settings, draft: &mut Draft) {
    let model = settings.model;
    for at in 0..draft.deployment.sources.len() {
        let Some(source) = draft.deployment.sources.get(at).cloned() else { continue };
        let tables = tables(model, draft, &source);
        if tables.is_empty() {
            continue;
        }
        let outboxes = outboxes(settings, draft, &source, tables);
        if let Some(source) = draft.deployment.sources.get_mut(at) {
            source.outboxes = Some(outboxes);
        }
    }
}

fn tables(model: &Model, draft: &Draft, source: &Source) -> Vec<OutboxTable> {
    let mut tables: BTreeMap<(String, String), Vec<FormId>> = BTreeMap::new();
    for (at, form) in draft.deployment.events.iter().enumerate() {
        let Some(outbox) = &model.event(form.event).outbox else { continue };
        if outbox.system == source.system {
            tables.entry((outbox.namespace.clone(), outbox.table.clone())).or_default().push(FormId(at));
        }
    }
    let name = |id: &FormId| draft.deployment.form(*id).name.clone();
    tables
        .into_iter()
        .map(|((namespace, table), mut events)| {
            events.sort_by_key(name);
            OutboxTable { namespace, table, events }
        })
        .collect()
}

fn outboxes(settings: &mut Settings, draft: &mut Draft, source: &Source, tables: Vec<OutboxTable>) -> Outboxes {
    let pipeline = settings.model.pipeline.clone();
    let own = |word: &str| {
        let name = cut(&format!("diac_{}_{}_outbox", slot_word(&pipeline), slot_word(&source.name)), 63);
        Decided::default(name, format!("`diac_<pipeline>_<system>_outbox`: a {word} of its own beside the capture's"))
    };
    let prefix = format!("{}.{}.outbox", topic_part(&pipeline), topic_part(&source.name));
    draft.companion_topic(
        &format!("{prefix}.{}.heartbeat", source.service_schema),
        TopicRole::HeartbeatTable(source.system),
        "Rows of the heartbeat table, which keeps the replication slot of the outboxes moving.",
    );
    draft.companion_topic(
        &format!("__debezium-heartbeat.{prefix}"),
        TopicRole::Heartbeat(source.system),
        "Heartbeats of the connector that reads the outboxes.",
    );
    let name = machine_name(&format!("{pipeline}-outbox-{}", source.name));
    let mut outboxes = Outboxes {
        connector: Connector {
            name,
            plugin: &profiles::DEBEZIUM_POSTGRES,
            tasks: Decided::safety(1, "one slot has one reader"),
            config: BTreeMap::new(),
        },
        slot: own("slot"),
        publication: own("publication"),
        prefix,
        tables,
    };
    outboxes.connector.config = config(source, &outboxes).0;
    outboxes
}

fn config(source: &Source, outboxes: &Outboxes) -> Config {
    let mut config = Config::default();
    // Where and as whom, how to stop and how to write: as the capture of the same system.
    let alike = [
        "connector.class",
        "tasks.max",
        "database.hostname",
        "database.port",
        "database.dbname",
        "database.user",
        "database.password",
        "database.sslmode",
        "plugin.name",
        "publication.autocreate.mode",
        "offset.mismatch.strategy",
        "heartbeat.interval.ms",
        "heartbeat.action.query",
        "event.converting.failure.handling.mode",
        "errors.tolerance",
        "producer.override.enable.idempotence",
    ];
    for key in alike {
        if let Some(property) = source.connector.config.get(key) {
            config.0.insert(key.to_owned(), property.clone());
        }
    }
    config.put("topic.prefix", Template::text(&*outboxes.prefix), outboxes.slot.why.clone());
    config.decided("slot.name", &outboxes.slot);
    config.decided("publication.name", &outboxes.publication);
    config.safety(
        "snapshot.mode",
        "no_data",
        "no first copy, which would publish old events again: it begins where `04-outbox.sql` made the slot",
    );
    let name = |namespace: &str, table: &str| format!("{}\\.{}", regex_literal(namespace), regex_literal(table));
    let mut tables: Vec<String> = outboxes.tables.iter().map(|it| name(&it.namespace, &it.table)).collect();
    tables.push(name(source.service_schema, "heartbeat"));
    config.derived("table.include.list", &tables.join(","), "the outboxes and the heartbeat");
    config.safety("tombstones.on.delete", "false", "a row that is cleared away says nothing");
    router(&mut config, outboxes);
    for side in ["key", "value", "header"] {
        let key = if side == "header" { "header.converter".to_owned() } else { format!("{side}.converter") };
        config.derived(&key, STRING_CONVERTER, "key, value and headers of an event are texts, written as they are");
    }
    config
}

/// Only rows of the outboxes are routed: without a predicate the first heartbeat kills the task (facts/sources ENV-10).
fn router(config: &mut Config, outboxes: &Outboxes) {
    let topic = |it: &OutboxTable| {
        let name = format!("{}.{}.{}", outboxes.prefix, topic_part(&it.namespace), topic_part(&it.table));
        regex_literal(&name)
    };
    let topics: Vec<String> = outboxes.tables.iter().map(topic).collect();
    config.derived("predicates", "is_outbox", "which records are rows of an outbox");
    config.derived(
        "predicates.is_outbox.type",
        "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "by their topic",
    );
    config.derived("predicates.is_outbox.pattern", &topics.join("|"), "by their topic");
    let of = |key: &str| format!("transforms.outbox.{key}");
    config.derived("transforms", "outbox", "a row of an outbox becomes an event");
    config.derived(&of("type"), "io.debezium.transforms.outbox.EventRouter", "a row of an outbox becomes an event");
    config.safety(&of("predicate"), "is_outbox", "a heartbeat is no event: the router would stop at it");
    config.derived(&of("table.field.event.id"), "id", "column of the outbox");
    config.derived(&of("table.field.event.key"), "key", "column of the outbox: the record's key");
    config.derived(&of("table.field.event.payload"), "payload", "column of the outbox: the record's value");
    config.derived(&of("table.fields.additional.placement"), "event:header:event", "the header that names the event");
    config.derived(&of("route.by.field"), "topic", "column of the outbox: the topic");
    config.derived(&of("route.topic.replacement"), "${routedByValue}", "the topic as it stands in the row");
    config.safety(
        &of("table.op.invalid.behavior"),
        "fatal",
        "an event that is changed afterwards would be lost in silence",
    );
}
