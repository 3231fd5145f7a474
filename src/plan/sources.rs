//! Captures: one source connector for each system whose changes some view follows.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{database_name, machine_name, regex_literal, topic_part};
use super::settings::Settings;
use super::topics::Draft;
use super::{Captured, Connector, Decided, Origin, Property, Source, Template, TopicRole, Why};
use crate::model::schema::{Generated, ReplicaIdentity, Shape};
use crate::model::{Entity, EntityId, SystemId, Value, Via};
use crate::profiles;

/// Schema of the tables diac's connector needs in a captured database.
const SERVICE_SCHEMA: &str = "diac";
/// Heartbeats every 10 s keep the slot moving on quiet tables (facts/sources PG-08).
const HEARTBEAT_MS: u64 = 10_000;
/// Kafka Connect's JSON converter.
pub(super) const JSON_CONVERTER: &str = "org.apache.kafka.connect.json.JsonConverter";

/// Plans the capture of every entity that a view with diac's own wiring follows.
pub(super) fn plan(settings: &mut Settings, draft: &mut Draft) {
    let model = settings.model;
    let mut wanted: BTreeMap<SystemId, BTreeSet<EntityId>> = BTreeMap::new();
    for view in model.views.iter().filter(|view| view.via == Via::Cdc && view.store.is_some() && !view.incomplete) {
        for id in view.flows.iter().filter_map(crate::model::Flow::entity) {
            let entity = model.entity(id);
            if entity.from_topic.is_none() {
                wanted.entry(entity.home.system).or_default().insert(id);
            }
        }
    }
    // In the order of their names: where a page declares them says nothing.
    let mut wanted: Vec<(SystemId, Vec<EntityId>)> =
        wanted.into_iter().map(|(system, entities)| (system, entities.into_iter().collect())).collect();
    wanted.sort_by_key(|(system, _)| &model.system(*system).name);
    for (system, mut entities) in wanted {
        entities.sort_by_key(|entity| {
            let home = &model.entity(*entity).home;
            (&home.namespace, &home.table)
        });
        let source = source(settings, draft, system, &entities);
        draft.deployment.sources.push(source);
    }
}

fn source(settings: &mut Settings, draft: &mut Draft, system: SystemId, entities: &[EntityId]) -> Source {
    let model = settings.model;
    let found = model.system(system);
    let pipeline = &model.pipeline;
    let name = found.name.clone();
    let own = |settings: &Settings, key: &str, default: String, note: String| {
        settings.literal(system, key).unwrap_or_else(|| Decided::default(default, note))
    };
    let database_default = database_name(pipeline, &name);
    let slot = own(
        settings,
        "slot",
        database_default.clone(),
        "`diac_<pipeline>_<system>`: no two pipelines share a slot".into(),
    );
    let publication = own(
        settings,
        "publication",
        database_default.clone(),
        "`diac_<pipeline>_<system>`: no two pipelines share a publication".into(),
    );
    let prefix = own(
        settings,
        "topic_prefix",
        format!("{}.{}", topic_part(pipeline), topic_part(&name)),
        "`<pipeline>.<system>`: no two captures write one topic".into(),
    );
    let role = own(
        settings,
        "user",
        database_default,
        "`diac_<pipeline>_<system>`: a role of its own, with no more rights than it needs".into(),
    );
    let connector_name = own(
        settings,
        "connector",
        machine_name(&format!("{pipeline}-source-{name}")),
        "`<pipeline>-source-<system>`".into(),
    );

    let host = settings.template(system, "host", &format!("name or address of the server of `{name}`"));
    let port = settings.template_or(system, "port", &format!("port of `{name}`"), "5432");
    let database = settings.template(system, "database", &format!("database of `{name}`"));
    let password = settings.template(system, "password", &format!("password of the role `{}` in `{name}`", role.value));

    let mut tables: Vec<Captured> = Vec::new();
    for &id in entities {
        let entity = model.entity(id);
        let topic_name = topic_name(&prefix.value, entity);
        let partitions = settings.env.and_then(|(_, env)| env.entities.get(&id)).and_then(|map| map.get("partitions"));
        let partitions = settings.integer(partitions);
        let topic = draft.entity_topic(model, id, &topic_name, partitions);
        tables.push(captured(settings, id, topic));
    }
    tables.sort_by(|a, b| (&a.namespace, &a.table).cmp(&(&b.namespace, &b.table)));
    draft.companion_topic(
        &format!("{}.{SERVICE_SCHEMA}.heartbeat", prefix.value),
        TopicRole::HeartbeatTable(system),
        "Rows of the heartbeat table, which keeps the replication slot moving.",
    );
    draft.companion_topic(
        &format!("__debezium-heartbeat.{}", prefix.value),
        TopicRole::Heartbeat(system),
        "The source connector's own heartbeats.",
    );
    draft.companion_topic(
        &format!("{}.{SERVICE_SCHEMA}.signal", prefix.value),
        TopicRole::Signal(system),
        "Rows of the signal table: without this topic the first signal would stop the whole capture.",
    );

    let slot_limit = settings.system(system, "slot_limit").and_then(|setting| {
        if let Value::Size(bytes) = setting.value {
            Some(Decided::stated(bytes, setting.span, format!("`slot_limit` in {}", settings.env_name())))
        } else {
            None
        }
    });
    let mut source = Source {
        system,
        name,
        kind: found.kind,
        host,
        port,
        database,
        role,
        password,
        connector: Connector {
            name: connector_name.value,
            plugin: &profiles::DEBEZIUM_POSTGRES,
            tasks: Decided::safety(1, "one slot has one reader"),
            config: BTreeMap::new(),
        },
        slot,
        publication,
        prefix,
        service_schema: SERVICE_SCHEMA,
        tables,
        slot_limit,
        epoch: 0,
    };
    source.connector.config = config(settings, &source);
    source
}

/// The topic of an entity's changes: somebody else's where `from topic` says so, else as Debezium names it.
pub(super) fn topic_name(prefix: &str, entity: &Entity) -> String {
    match &entity.from_topic {
        Some(topic) => topic.value.clone(),
        None => format!("{prefix}.{}.{}", topic_part(&entity.home.namespace), topic_part(&entity.home.table)),
    }
}

fn captured(settings: &Settings, id: EntityId, topic: super::TopicId) -> Captured {
    let model = settings.model;
    let entity = model.entity(id);
    let table = model.table(entity);
    let logged = entity.columns.iter().filter(|column| column.generated == Generated::No);
    let wide = logged.clone().find(|column| column.wide);
    let already = matches!(entity.identity.as_ref().map(|identity| &identity.value), Some(ReplicaIdentity::Full));
    let generated = entity.columns.iter().find(|column| column.generated != Generated::No);
    let safety = |note: String| Why { origin: Origin::Safety, note };
    let mut identity_full = None;
    let mut reselect = None;
    if !already && (wide.is_some() || entity.open) {
        let what = wide.map_or_else(
            || "the columns are not known, so any of them may be stored out of line".to_owned(),
            |column| {
                format!("`{}` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value", column.name)
            },
        );
        match generated {
            // PostgreSQL 18 refuses updates of a published table whose identity holds a generated column that is not published (tried, 42P10).
            Some(generated) => {
                reselect = Some(safety(format!(
                    "{what}; and REPLICA IDENTITY FULL would hold `{}`, which is generated and not published, so that the server refuses updates",
                    generated.name
                )));
            }
            None => identity_full = Some(safety(what)),
        }
    }
    Captured {
        entity: id,
        namespace: entity.home.namespace.clone(),
        table: entity.home.table.clone(),
        columns: logged.map(|column| column.name.clone()).collect(),
        key: entity.key.clone(),
        topic,
        partitioned: table.is_some_and(|table| table.shape == Shape::Partitioned),
        identity_full,
        reselect,
    }
}

fn config(settings: &mut Settings, source: &Source) -> BTreeMap<String, Property> {
    let mut config = Config::default();
    let plugin = source.connector.plugin;
    config.derived("connector.class", plugin.class, "captures PostgreSQL");
    config.safety("tasks.max", "1", "one slot has one reader");
    config.template("database.hostname", source.host.clone(), "where the record lives");
    config.template("database.port", source.port.clone(), "where the record lives");
    config.template("database.dbname", source.database.clone(), "where the record lives");
    config.derived("database.user", &source.role.value, "the role of `01-role-and-grants.sql`");
    config.template("database.password", source.password.clone(), "a reference, never the password itself");
    if let Some(mode) = settings.literal(source.system, "sslmode") {
        config.put("database.sslmode", Template::text(mode.value), mode.why);
    }
    config.decided("topic.prefix", &source.prefix);
    config.safety("plugin.name", "pgoutput", "the decoder every PostgreSQL server has");
    config.decided("slot.name", &source.slot);
    config.decided("publication.name", &source.publication);
    config.safety(
        "publication.autocreate.mode",
        "disabled",
        "the publication is made by `03-publication.sql`: exactly the tables used, and no superuser",
    );
    tables(&mut config, source);
    config.safety("snapshot.mode", "initial", "rows that are there already, then every change from that point on");
    config.safety(
        "offset.mismatch.strategy",
        "trust_offset",
        "a slot that was made anew stops the connector instead of leaving a silent gap",
    );
    let heartbeat = settings.system(source.system, "heartbeat").and_then(|setting| {
        if let Value::Duration(duration) = setting.value {
            Some(Decided::stated(duration.ms, setting.span, "`heartbeat`"))
        } else {
            None
        }
    });
    let heartbeat = heartbeat.unwrap_or_else(|| {
        Decided::default(HEARTBEAT_MS, "every 10 s the slot can move on, also when no captured table changes")
    });
    config.put("heartbeat.interval.ms", Template::text(heartbeat.value.to_string()), heartbeat.why);
    config.safety(
        "heartbeat.action.query",
        &format!("INSERT INTO {SERVICE_SCHEMA}.heartbeat (id, ts) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET ts = EXCLUDED.ts"),
        "a change of a captured table that lets the slot confirm; without it the server's log grows while the tables are quiet",
    );
    config.derived(
        "signal.data.collection",
        &format!("{SERVICE_SCHEMA}.signal"),
        "snapshots of single tables are asked for here",
    );
    config.safety("decimal.handling.mode", "string", "decimals arrive exact and readable");
    config.safety("time.precision.mode", "microseconds", "times arrive with the precision PostgreSQL stores");
    config.safety("interval.handling.mode", "string", "intervals keep their months and days");
    config.safety("binary.handling.mode", "base64", "bytes arrive as text that says what it is");
    config.safety("tombstones.on.delete", "true", "a compacted log forgets deleted rows");
    config.safety(
        "event.converting.failure.handling.mode",
        "fail",
        "a value that cannot be read stops the connector instead of becoming null",
    );
    config.safety(
        "errors.tolerance",
        "none",
        "a change that cannot be written to the log stops the connector instead of being lost",
    );
    config.safety("producer.override.enable.idempotence", "true", "a retried write neither doubles nor reorders");
    if source.tables.iter().any(|table| table.reselect.is_some()) {
        let note = "wide values that an update left out are read again from the table, where REPLICA IDENTITY FULL is not possible";
        config.safety("post.processors", "reselect", note);
        config.safety("reselect.type", "io.debezium.processors.reselect.ReselectColumnsPostProcessor", note);
        config.safety("reselect.reselect.unavailable.values", "true", note);
        config.safety("reselect.reselect.null.values", "false", "a null that arrives is a null");
        config.safety("reselect.reselect.use.event.key", "true", "the row is found by its key");
        config.safety(
            "reselect.reselect.error.handling.mode",
            "warn",
            "a row that is gone meanwhile does not stop the capture: its delete follows",
        );
    }
    super::large::producer(settings.model, source, &mut config);
    converters(&mut config);
    for setting in settings.raw_of_system(source.system) {
        let value = settings.value(&setting.value, &setting.name);
        config.raw(&setting.name, value, setting.span);
    }
    config.0
}

/// The lists of schemas, tables and columns: regular expressions, so every name is escaped (facts/sources CON-13).
fn tables(config: &mut Config, source: &Source) {
    let mut schemas: BTreeSet<String> = source.tables.iter().map(|table| regex_literal(&table.namespace)).collect();
    schemas.insert(SERVICE_SCHEMA.to_owned());
    let schemas: Vec<String> = schemas.into_iter().collect();
    config.derived("schema.include.list", &schemas.join(","), "schemas of the captured tables and of the heartbeat");
    let name = |namespace: &str, table: &str| format!("{}\\.{}", regex_literal(namespace), regex_literal(table));
    let mut tables: Vec<String> = source.tables.iter().map(|table| name(&table.namespace, &table.table)).collect();
    tables.push(name(SERVICE_SCHEMA, "heartbeat"));
    config.derived("table.include.list", &tables.join(","), "exactly the tables that views follow, and the heartbeat");
    let mut columns: Vec<String> = source
        .tables
        .iter()
        .map(|table| {
            let columns: Vec<String> = table.columns.iter().map(|column| regex_literal(column)).collect();
            let columns = if columns.is_empty() { ".*".to_owned() } else { format!("({})", columns.join("|")) };
            format!("{}\\.{columns}", name(&table.namespace, &table.table))
        })
        .collect();
    columns.push(format!("{SERVICE_SCHEMA}\\.heartbeat\\.(id|ts)"));
    columns.push(format!("{SERVICE_SCHEMA}\\.signal\\.(id|type|data)"));
    config.safety(
        "column.include.list",
        &columns.join(","),
        "only columns this page knows enter the log; a new column waits until it is compiled in",
    );
}

pub(super) fn converters(config: &mut Config) {
    for side in ["key", "value"] {
        config.derived(&format!("{side}.converter"), JSON_CONVERTER, "JSON with its schema, since no registry is set");
        config.derived(&format!("{side}.converter.schemas.enable"), "true", "every reader can tell the types");
    }
    config.safety(
        "value.converter.replace.null.with.default",
        "false",
        "a null stays a null where the column has a default",
    );
}

/// A connector's configuration in the making.
#[derive(Default)]
pub(super) struct Config(pub(super) BTreeMap<String, Property>);

impl Config {
    pub(super) fn put(&mut self, key: &str, value: Template, why: Why) {
        self.0.insert(key.to_owned(), Property { value, why, raw: false });
    }

    pub(super) fn derived(&mut self, key: &str, value: &str, note: &str) {
        self.put(key, Template::text(value), Why { origin: Origin::Derived, note: note.to_owned() });
    }

    pub(super) fn safety(&mut self, key: &str, value: &str, note: &str) {
        self.put(key, Template::text(value), Why { origin: Origin::Safety, note: note.to_owned() });
    }

    pub(super) fn template(&mut self, key: &str, value: Template, note: &str) {
        self.put(key, value, Why { origin: Origin::Derived, note: note.to_owned() });
    }

    pub(super) fn decided(&mut self, key: &str, decided: &Decided<String>) {
        self.put(key, Template::text(decided.value.clone()), decided.why.clone());
    }

    /// A raw property; one that diac owns stays diac's (a rule says so).
    pub(super) fn raw(&mut self, key: &str, value: Template, span: crate::source::Span) {
        let why = Why { origin: Origin::Stated(span), note: "raw property".into() };
        self.0.entry(key.to_owned()).or_insert(Property { value, why, raw: true });
    }
}
