//! Views' ways into their stores: which runner, which streams or connectors, which index, keys or table.

use std::collections::BTreeMap;

use super::address::address;
use super::carried::{carried, key_columns, position, typed};
use super::names::{cut, machine_name, regex_literal, topic_part};
use super::settings::Settings;
use super::sources::{Config, converters, topic_of};
use super::streams::streams;
use super::topics::{Draft, late_delivery};
use super::values::{arrival, body_form, document_form, field, overlay, sql_type};
use super::{
    Address, Carried, Changes, Connector, Decided, Deployment, Feed, Index, JsonForm, KeyColumn, Keyspace, Origin,
    PlannedFlow, Plugin, Position, Runner, Sink, SnowflakeTable, Table, TableColumn, Target, Template, TopicId,
    Variable, Why,
};
use crate::model::types::Type;
use crate::model::{BadRecords, Flow, Mask, TargetName, Value, View, ViewId};
use crate::profiles;
use crate::systems::Kind;

/// Version number of a row in every store: `epoch * 2^56 + position`.
const EPOCH: u64 = 0;

/// Why Bento, for rows that change.
const SEARCHED: &str = "Bento: it compares versions by the record's log position, which no sink connector for this store does in every case";
/// Why Bento, for facts.
const FACTS: &str = "Bento: one call of a function in the store takes a batch, tells new facts from repeated ones, and answers for each";

/// Plans every view that diac's own wiring keeps.
pub(super) fn plan(settings: &mut Settings, draft: &mut Draft) {
    let model = settings.model;
    // In the order of their names: where a page declares them says nothing.
    let mut views: Vec<(ViewId, &View)> = model.all_views().collect();
    views.sort_by_key(|(_, view)| (&view.name, view.version));
    for (id, view) in views {
        let flows = model.is_wired(view) && !view.flows.is_empty();
        if view.incomplete || !(flows || view.engine) {
            continue;
        }
        let Some(store) = &view.store else { continue };
        let Some(address) = address(settings, store.system) else { continue };
        let sink = sink(settings, draft, id, view, address);
        draft.deployment.sinks.push(sink);
    }
}

fn sink(settings: &mut Settings, draft: &mut Draft, id: ViewId, view: &View, address: Address) -> Sink {
    let model = settings.model;
    let store = view.store.as_ref().map_or(crate::model::SystemId(0), |store| store.system);
    let system = model.system(store);
    let kind = system.kind;
    let flows = match draft.rows.get(&id) {
        Some(rows) => super::derived::flow(settings, view, rows, kind).into_iter().collect(),
        None => view.flows.iter().filter_map(|flow| planned(settings, draft, view, flow, kind)).collect(),
    };
    let dead_letters = match &view.bad_records {
        BadRecords::Stop => None,
        BadRecords::Topic { topic, keep, span, .. } => {
            let keep = keep.map(|keep| Decided::stated(keep.ms, *span, "`bad records to … for`"));
            Some(draft.dead_letter_topic(id, view, topic, keep))
        }
    };
    let mut sink = Sink {
        view: id,
        name: view.name.clone(),
        version: view.version,
        store,
        store_name: system.name.clone(),
        kind,
        address,
        flows,
        runner: Runner::Bento(Vec::new()),
        runner_why: Why { origin: Origin::Default, note: String::new() },
        dead_letters,
        late: late_delivery(view),
        fresh: view.fresh.as_ref().map(|fresh| fresh.value.ms),
    };
    let facts = sink.flows.iter().any(|flow| flow.facts().is_some());
    if facts || matches!(kind, Kind::Elasticsearch | Kind::Opensearch | Kind::Redis) {
        sink.runner = Runner::Bento(streams(settings, &sink));
        if sink.flows.iter().any(|flow| flow.columns.iter().any(|column| column.mask == Some(Mask::Hash))) {
            // The streams read it by its name; nothing else refers to it.
            settings.variable(Variable {
                name: HASH_SALT.into(),
                provider: None,
                secret: true,
                about: "the secret that hashes of personal data are keyed by; changing it changes every hash".into(),
            });
        }
        sink.runner_why.note = if facts { FACTS } else { SEARCHED }.to_owned();
    } else {
        sink.runner = Runner::Connect(connectors(settings, &draft.deployment, &sink));
        sink.runner_why.note =
            "Kafka Connect: the store's own sink connector, with the version check in the store".into();
    }
    sink
}

fn planned(settings: &Settings, draft: &mut Draft, view: &View, flow: &Flow, kind: Kind) -> Option<PlannedFlow> {
    let model = settings.model;
    let Some(id) = flow.entity() else { return super::facts::planned(settings, draft, view, flow) };
    let entity = model.entity(id);
    let name = topic_of(settings, entity);
    let topic = draft.entity_topic(model, id, &name, None);
    let record = model.system(entity.home.system).kind;
    let key = key_columns(record, entity, flow);
    let columns: Vec<Carried> = flow.columns.iter().map(|column| carried(record, entity, column)).collect();
    let mut filter_arrivals = BTreeMap::new();
    for filter in &flow.filters {
        for name in filter.expr.columns() {
            let (ty, native) = typed(entity, name);
            filter_arrivals.insert(name.to_owned(), arrival(record, &ty, native));
        }
    }
    let mut target = target(settings, view, &flow.target, kind, &key, &columns);
    let mut captured = draft.deployment.sources.iter().flat_map(|source| &source.tables);
    if captured.any(|table| table.entity == id && table.reselect.is_some())
        && let Target::Table(table) = &mut target
    {
        // A value is not found again where its row has moved on; until that change arrives the column is empty.
        table.columns.iter_mut().for_each(|column| column.nullable |= column.toastable);
    }
    let feed = Feed::Changes(Changes {
        entity: id,
        name: entity.name.clone(),
        home: (entity.home.namespace.clone(), entity.home.table.clone()),
        system: entity.home.system,
        epoch: EPOCH,
        position: position(record),
    });
    Some(PlannedFlow {
        feed,
        topic,
        topic_name: name,
        key,
        columns,
        filters: flow.filters.iter().map(|filter| filter.expr.clone()).collect(),
        filter_arrivals,
        target,
    })
}

pub(super) fn target(
    settings: &Settings,
    view: &View,
    place: &TargetName,
    kind: Kind,
    key: &[KeyColumn],
    columns: &[Carried],
) -> Target {
    let name = place.name.clone();
    let forms = |form: fn(&Type) -> JsonForm| -> BTreeMap<String, JsonForm> {
        columns
            .iter()
            .map(|column| (column.name.clone(), if column.mask.is_some() { JsonForm::AsIs } else { form(&column.ty) }))
            .collect()
    };
    match kind {
        Kind::Elasticsearch | Kind::Opensearch => {
            let mut properties = serde_json::Map::new();
            for column in columns {
                properties.insert(column.name.clone(), field(column));
            }
            let json = view.mapping.as_ref().and_then(|mapping| mapping.json.as_ref());
            let analysis =
                json.and_then(|json| json.pointer("/settings/analysis").or_else(|| json.get("analysis"))).cloned();
            let retyped =
                json.map(|json| overlay(&mut properties, json.get("mappings").unwrap_or(json))).unwrap_or_default();
            let store = view.store.as_ref().map(|store| store.system);
            let number = |name: &str| {
                let stated = store.and_then(|store| settings.integer(settings.system(store, name)));
                stated.and_then(|stated| u32::try_from(stated.value).ok())
            };
            // One copy of everything is what a development environment asks for with `replication = 1`.
            let single = settings.integer(settings.global("replication")).is_some_and(|stated| stated.value == 1);
            Target::Index(Index {
                index: format!("{name}_v{}", view.version),
                alias: name,
                shards: number("shards").unwrap_or(1),
                replicas: number("replicas").unwrap_or(u32::from(!single)),
                properties,
                retyped,
                analysis,
                forms: forms(document_form),
            })
        }
        Kind::Redis => Target::Keyspace(Keyspace {
            prefix: if view.version > 1 { format!("{name}.v{}", view.version) } else { name },
            forms: forms(body_form),
            expire: view.expire.as_ref().map(|expire| expire.value.ms),
        }),
        Kind::Snowflake => {
            let up = |name: &str| name.to_uppercase();
            let mut table = table_columns(kind, key, columns);
            table.iter_mut().for_each(|column| column.name = up(&column.name));
            Target::Snowflake(SnowflakeTable {
                namespace: place.namespace.clone().unwrap_or_else(|| "PUBLIC".into()),
                log_table: format!("{name}_LOG_V{}", view.version),
                state_table: format!("{name}_V{}", view.version),
                name,
                columns: table,
                key: key.iter().map(|key| up(&key.name)).collect(),
            })
        }
        _ => {
            let version = if view.version > 1 { format!("_v{}", view.version) } else { String::new() };
            Target::Table(Table {
                namespace: place.namespace.clone().unwrap_or_else(|| "public".into()),
                name: cut(&format!("{name}{version}"), 63),
                columns: table_columns(kind, key, columns),
                key: key.iter().map(|key| key.name.clone()).collect(),
            })
        }
    }
}

/// The columns of a table: the key's first where they are not selected, then what is selected.
fn table_columns(kind: Kind, key: &[KeyColumn], columns: &[Carried]) -> Vec<TableColumn> {
    let missing = key.iter().filter(|key| !columns.iter().any(|column| column.source == key.source));
    let mut all: Vec<TableColumn> = missing
        .map(|key| TableColumn {
            name: key.name.clone(),
            sql_type: sql_type(kind, &key.ty, None),
            nullable: false,
            source: key.source.clone(),
            toastable: false,
        })
        .collect();
    all.extend(columns.iter().map(|column| TableColumn {
        name: column.name.clone(),
        sql_type: match column.mask {
            Some(Mask::Hash | Mask::Redact | Mask::Truncate(_)) => sql_type(kind, &Type::Text, None),
            Some(Mask::Null) | None => sql_type(kind, &column.ty, column.native.as_deref()),
        },
        nullable: column.nullable,
        source: column.source.clone(),
        toastable: column.toastable,
    }));
    all
}

/// The sink connectors: one, or one for each part of a whole system that a single configuration cannot name.
fn connectors(settings: &mut Settings, deployment: &Deployment, sink: &Sink) -> Vec<Connector> {
    let pipeline = settings.model.pipeline.clone();
    let stated = match settings.view(sink.view, "connector").map(|setting| &setting.value) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let base = stated.unwrap_or_else(|| machine_name(&format!("{pipeline}-sink-{}-v{}", sink.name, sink.version)));
    let groups = groups(sink);
    let alone = groups.len() == 1;
    groups
        .into_iter()
        .map(|(suffix, flows)| {
            let name = if alone { base.clone() } else { machine_name(&format!("{base}-{suffix}")) };
            connector(settings, deployment, sink, name, &flows)
        })
        .collect()
}

/// Flows that one connector can carry: those whose table's name follows from the topic's, by schemas; each other flow alone.
fn groups(sink: &Sink) -> Vec<(String, Vec<&PlannedFlow>)> {
    let mut groups: BTreeMap<String, Vec<&PlannedFlow>> = BTreeMap::new();
    for flow in &sink.flows {
        let follows = match &flow.target {
            Target::Table(table) => topic_part(flow.home().1) == table.name && flow.filters.is_empty(),
            Target::Snowflake(_) => true,
            Target::Index(_) | Target::Keyspace(_) => false,
        };
        let suffix = if follows && sink.flows.len() > 1 {
            flow.home().0.to_owned()
        } else {
            format!("{}.{}", flow.home().0, flow.home().1)
        };
        groups.entry(suffix).or_default().push(flow);
    }
    groups.into_iter().collect()
}

fn connector(
    settings: &mut Settings,
    deployment: &Deployment,
    sink: &Sink,
    name: String,
    flows: &[&PlannedFlow],
) -> Connector {
    let plugin: &'static Plugin =
        if sink.kind == Kind::Snowflake { &profiles::SNOWFLAKE } else { &profiles::DEBEZIUM_JDBC };
    let partitions = flows.iter().map(|flow| deployment.topic(flow.topic).partitions.value).max().unwrap_or(1);
    let tasks = match settings.integer(settings.view(sink.view, "tasks")) {
        Some(stated) => Decided { value: u32::try_from(stated.value).unwrap_or(1).max(1), why: stated.why },
        None => Decided::default(1, format!("1 task; up to {partitions} would find partitions to read")),
    };
    let mut config = Config::default();
    config.derived("connector.class", plugin.class, "fills the store");
    config.put("tasks.max", Template::text(tasks.value.to_string()), tasks.why.clone());
    let topics: Vec<&str> = flows.iter().map(|flow| flow.topic_name.as_str()).collect();
    config.derived("topics", &topics.join(","), "the change logs the view follows");
    config.safety(
        "consumer.override.auto.offset.reset",
        "earliest",
        "a new view starts with the first record, not with the next one",
    );
    match &sink.address {
        Address::Postgres { host, port, database, role, password, sslmode } => {
            let mut url = Template::text("jdbc:postgresql://").then(host.clone()).then(":").then(port.clone());
            url = url.then("/").then(database.clone()).then("?stringtype=unspecified");
            if let Some(mode) = sslmode {
                url = url.then(format!("&sslmode={mode}"));
            }
            config.put(
                "connection.url",
                url,
                Why {
                    origin: Origin::Safety,
                    note: "`stringtype=unspecified` lets the database read exact decimals from text".into(),
                },
            );
            config.derived("connection.username", role, "the role of `04-view-tables.sql`");
            config.template("connection.password", password.clone(), "a reference, never the password itself");
            jdbc(&mut config, flows);
        }
        Address::Snowflake { url, user, private_key, role, database, .. } => {
            config.template("snowflake.url.name", url.clone(), "the account");
            config.template("snowflake.user.name", user.clone(), "the connector's user");
            config.template("snowflake.private.key", private_key.clone(), "a reference, never the key itself");
            config.derived("snowflake.role.name", role, "the connector's role");
            config.derived("snowflake.database.name", database, "the views' database");
            snowflake(&mut config, flows);
        }
        Address::Search { .. } | Address::Redis { .. } => {}
    }
    unwrap(&mut config, sink, flows);
    bad_records(&mut config, deployment, sink.dead_letters);
    converters(&mut config);
    for setting in settings.raw_of_view(sink.view) {
        let value = settings.value(&setting.value, &setting.name);
        config.raw(&setting.name, value, setting.span);
    }
    Connector { name, plugin, tasks, config: config.0 }
}

fn jdbc(config: &mut Config, flows: &[&PlannedFlow]) {
    config.safety("insert.mode", "upsert", "a repeated record writes the same row again");
    config.safety("primary.key.mode", "record_key", "the row's key is the log's key");
    config.safety("delete.enabled", "false", "a delete travels as a row, and `05-idempotency.sql` applies it");
    config.safety("schema.evolution", "none", "tables are made by `04-view-tables.sql`, never by guesswork");
    config.safety("quote.identifiers", "true", "names keep their case");
    config.safety("use.time.zone", "UTC", "instants arrive as they were");
    // The source marks a change of key in a header; the default converter guesses types there, and the sink fails on a key of two types (tried).
    config.safety(
        "header.converter",
        "org.apache.kafka.connect.storage.StringConverter",
        "headers stay texts: a changed key of several columns stops the sink else",
    );
    config.safety("connection.restart.on.errors", "true", "a transaction that fails is tried again");
    let [flow] = flows else {
        let namespace = flows.first().map_or(String::new(), |flow| match &flow.target {
            Target::Table(table) => table.namespace.clone(),
            Target::Index(_) | Target::Keyspace(_) | Target::Snowflake(_) => String::new(),
        });
        config.derived(
            "collection.name.format",
            &format!("{namespace}.${{topic}}"),
            "the table's name, which the router leaves of the topic's",
        );
        return;
    };
    if let Target::Table(table) = &flow.target {
        config.derived("collection.name.format", &format!("{}.{}", table.namespace, table.name), "the view's table");
    }
}

fn snowflake(config: &mut Config, flows: &[&PlannedFlow]) {
    let mut map = Vec::new();
    for flow in flows {
        if let Target::Snowflake(table) = &flow.target {
            config.derived("snowflake.schema.name", &table.namespace, "the views' schema");
            map.push(format!("{}:{}", flow.topic_name, table.log_table));
        }
    }
    config.derived("snowflake.topic2table.map", &map.join(","), "the append-only change log of each table");
    config.safety("snowflake.validation", "client_side", "a bad record is found before it is loaded");
    config.safety("snowflake.enable.schematization", "true", "a column for each field");
    config.safety(
        "snowflake.compatibility.enable.column.identifier.normalization",
        "true",
        "column names are upper case, as SQL without quotes means them",
    );
    config.safety(
        "snowflake.streaming.validate.compatibility.with.classic",
        "false",
        "nothing here was loaded by the older connector",
    );
    config.safety(
        "snowflake.metadata.all",
        "true",
        "topic, partition and offset of every row, to find gaps and doubles",
    );
    config.safety(
        "behavior.on.null.values",
        "IGNORE",
        "a bare tombstone says nothing the delete before it has not said",
    );
    config.safety("enable.task.fail.on.authorization.errors", "true", "lost rights stop the task instead of the data");
}

/// The transforms: the envelope is flattened in the sink, so that the log keeps version and old row.
fn unwrap(config: &mut Config, sink: &Sink, flows: &[&PlannedFlow]) {
    let mut names = vec!["unwrap"];
    config.derived("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState", "rows out of envelopes");
    keep_nulls(config, "transforms.unwrap.replace.null.with.default");
    config.safety(
        "transforms.unwrap.delete.tombstone.handling.mode",
        "rewrite",
        "a delete arrives as a row with `__deleted` and its version",
    );
    let place = flows.first().map_or(Position::Lsn, |flow| flow.position()).fields();
    let mut fields: Vec<String> = place.iter().map(|part| format!("source.{}:{}", part.field, part.carried)).collect();
    if sink.kind == Kind::Snowflake {
        fields.insert(0, "op:op".to_owned());
        fields.push("source.ts_ms:ts_ms".to_owned());
    }
    config.safety(
        "transforms.unwrap.add.fields",
        &fields.join(","),
        "the version of the row: its position in the record's log",
    );
    if let [flow] = flows {
        project(config, &mut names, flow, sink.kind);
    }
    if flows.len() > 1 && sink.kind == Kind::Postgres {
        names.push("route");
        let prefix =
            flows.first().and_then(|flow| flow.topic_name.strip_suffix(&topic_part(flow.home().1))).unwrap_or_default();
        config.derived(
            "transforms.route.type",
            "org.apache.kafka.connect.transforms.RegexRouter",
            "the table's name out of the topic's",
        );
        config.derived(
            "transforms.route.regex",
            &format!("{}(.*)", regex_literal(prefix)),
            "the table's name out of the topic's",
        );
        config.derived("transforms.route.replacement", "$1", "the table's name out of the topic's");
    }
    config.derived("transforms", &names.join(","), "in this order");
}

/// Every transform that copies fields reads them through the schema, which answers a null with the column's default unless it is told not to.
fn keep_nulls(config: &mut Config, property: &str) {
    config.safety(property, "false", "a null stays a null where the column has a default");
}

/// Transforms that leave of a row what the view selects.
fn project(config: &mut Config, names: &mut Vec<&'static str>, flow: &PlannedFlow, kind: Kind) {
    let value = "org.apache.kafka.connect.transforms.ReplaceField$Value";
    // What a condition reads must reach PostgreSQL as it is: the guard there looks at it and then hides it, before anything is stored.
    let looked_at = |source: &str| kind == Kind::Postgres && flow.filter_arrivals.contains_key(source);
    let redacted: Vec<&str> = flow
        .columns
        .iter()
        .filter(|c| c.mask == Some(Mask::Redact) && !looked_at(&c.source))
        .map(|c| c.source.as_str())
        .collect();
    if !redacted.is_empty() {
        names.push("mask");
        config.derived(
            "transforms.mask.type",
            "org.apache.kafka.connect.transforms.MaskField$Value",
            "personal data is hidden before it reaches the store",
        );
        keep_nulls(config, "transforms.mask.replace.null.with.default");
        config.derived("transforms.mask.fields", &redacted.join(","), "columns the view masks");
        config.derived("transforms.mask.replacement", REDACTED, "columns the view masks");
    }
    // A column masked with null is left out: the store has it, and never a value in it.
    let mut kept: Vec<String> = flow
        .columns
        .iter()
        .filter(|c| c.mask != Some(Mask::Null) || looked_at(&c.source))
        .map(|c| c.source.clone())
        .collect();
    if kept.is_empty() {
        return;
    }
    // The store applies the condition, so it needs what the condition reads.
    let unselected = flow.filter_arrivals.keys().filter(|name| !flow.columns.iter().any(|c| c.source == **name));
    kept.extend(unselected.cloned());
    kept.extend(flow.position().fields().iter().map(|part| format!("__{}", part.carried)));
    kept.push("__deleted".to_owned());
    if kind == Kind::Snowflake {
        kept.extend(["__op", "__ts_ms"].map(str::to_owned));
    }
    names.push("select");
    config.derived("transforms.select.type", value, "the view's columns and nothing else");
    keep_nulls(config, "transforms.select.replace.null.with.default");
    config.derived(
        "transforms.select.include",
        &kept.join(","),
        "the view's columns, the version and the mark of deletes",
    );
    let renamed: Vec<String> =
        flow.columns.iter().filter(|c| c.source != c.name).map(|c| format!("{}:{}", c.source, c.name)).collect();
    if !renamed.is_empty() {
        config.derived("transforms.select.renames", &renamed.join(","), "`as` in `select`");
    }
    let keys: Vec<String> =
        flow.key.iter().filter(|k| k.source != k.name).map(|k| format!("{}:{}", k.source, k.name)).collect();
    if !keys.is_empty() {
        names.push("key");
        config.derived(
            "transforms.key.type",
            "org.apache.kafka.connect.transforms.ReplaceField$Key",
            "`as` in `select`, for the key",
        );
        config.derived("transforms.key.renames", &keys.join(","), "`as` in `select`, for the key");
    }
}

/// The environment variable with the secret that hashes are keyed by.
pub(crate) const HASH_SALT: &str = "DIAC_HASH_SALT";

/// What a redacted text reads.
pub(crate) const REDACTED: &str = "[redacted]";

fn bad_records(config: &mut Config, deployment: &Deployment, topic: Option<TopicId>) {
    match topic {
        None => config.safety(
            "errors.tolerance",
            "none",
            "a record that cannot be applied stops the view: nothing is skipped",
        ),
        Some(id) => {
            let topic = deployment.topic(id);
            config.derived("errors.tolerance", "all", "`bad records to`: the view goes on");
            config.derived("errors.deadletterqueue.topic.name", &topic.name, "`bad records to`");
            config.derived(
                "errors.deadletterqueue.topic.replication.factor",
                &topic.replication.value.to_string(),
                "as the log's other topics",
            );
            config.derived(
                "errors.deadletterqueue.context.headers.enable",
                "true",
                "each record says where it comes from and why it is here",
            );
        }
    }
}
