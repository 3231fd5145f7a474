//! Captures of MySQL and MariaDB: their connector reads the binlog as a replica does.

use std::collections::BTreeMap;

use super::names::{regex_literal, topic_part};
use super::settings::Settings;
use super::sources::{Config, SERVICE_SCHEMA, converters, heartbeat, tables};
use super::topics::{Draft, needed_log};
use super::{Binlog, Decided, Property, Source, Template, TopicRole};
use crate::model::types::Type;
use crate::model::{EntityId, SystemId, Via};
use crate::profiles;
use crate::systems::Kind;

/// The reader of a system's binlog, with the topic it keeps the definitions of the tables in.
pub(super) fn reading(
    settings: &mut Settings,
    draft: &mut Draft,
    system: SystemId,
    prefix: &str,
    entities: &[EntityId],
) -> Binlog {
    let name = settings.model.system(system).name.clone();
    let about =
        format!("server id of the connector: no server and no other reader of the binlog of `{name}` may have it");
    let stated = settings.integer(settings.system(system, "server_id"));
    let server_id = match stated {
        Some(stated) => Template::text(stated.value.to_string()),
        None => settings.template(system, "server_id", &about),
    };
    let history = draft.history_topic(
        &format!("schema-history.{}", topic_part(prefix)),
        TopicRole::SchemaHistory(system),
        "Definitions of the tables as they were at each place of the binlog; the source connector reads it whole at every start.",
    );
    Binlog { server_id, history, keep: keep(settings, entities) }
}

/// How long the server must keep its binlog: what the slowest of the views that follow it needs.
fn keep(settings: &Settings, entities: &[EntityId]) -> Decided<u64> {
    let views = settings.model.views.iter().filter(|view| view.via == Via::Cdc);
    let following = views
        .filter(|view| view.flows.iter().any(|flow| flow.entity().is_some_and(|entity| entities.contains(&entity))));
    let longest = following.map(|view| needed_log(Some(view))).max_by_key(|needed| needed.ms);
    let needed = longest.unwrap_or_else(|| needed_log(None));
    match needed.span {
        Some(span) => Decided::stated(needed.ms, span, needed.sum),
        None => Decided::default(needed.ms, needed.sum),
    }
}

/// The connector's properties.
pub(super) fn config(settings: &mut Settings, source: &Source, binlog: &Binlog) -> BTreeMap<String, Property> {
    let mut config = Config::default();
    let mariadb = source.kind == Kind::Mariadb;
    let plugin = source.connector.plugin;
    config.derived("connector.class", plugin.class, "captures the binlog");
    config.safety("tasks.max", "1", "one binlog has one reader");
    config.template("database.hostname", source.host.clone(), "where the record lives");
    config.template("database.port", source.port.clone(), "where the record lives");
    config.derived("database.user", &source.role.value, "the user of `01-user-and-grants.sql`");
    config.template("database.password", source.password.clone(), "a reference, never the password itself");
    config.template(
        "database.server.id",
        binlog.server_id.clone(),
        "the connector reads as a replica does: a second reader with this id would be cut off, and cut off the first",
    );
    if let Some(mode) = settings.literal(source.system, "sslmode") {
        config.put("database.ssl.mode", Template::text(mode.value), mode.why);
    }
    config.decided("topic.prefix", &source.prefix);
    tables(&mut config, source, "database.include.list");
    history(&mut config, settings, source);
    config.safety("snapshot.mode", "initial", "rows that are there already, then every change from that point on");
    config.safety(
        "snapshot.locking.mode",
        "minimal",
        "writes wait only while the definitions of the tables are read; without any lock a snapshot has no single point in time",
    );
    heartbeat(
        &mut config,
        settings,
        source.system,
        "every 10 s the position moves on, also when no captured table changes: a position that stands still falls out of the binlog",
    );
    config.safety(
        "heartbeat.action.query",
        &format!(
            "INSERT INTO {SERVICE_SCHEMA}.heartbeat (id, ts) VALUES (1, now(6)) ON DUPLICATE KEY UPDATE ts = now(6)"
        ),
        "a change of a captured table, whose position the connector can keep",
    );
    config.derived(
        "signal.data.collection",
        &format!("{SERVICE_SCHEMA}.signal"),
        "snapshots of single tables are asked for here",
    );
    config.safety("decimal.handling.mode", "string", "decimals arrive exact and readable");
    config.safety(
        "bigint.unsigned.handling.mode",
        "precise",
        "numbers above 2^63 - 1 arrive as they are instead of negative",
    );
    for side in ["key", "value"] {
        config.safety(&format!("{side}.converter.decimal.format"), "NUMERIC", "such numbers arrive as digits");
    }
    config.safety("time.precision.mode", "microseconds", "times arrive with the precision the server stores");
    config.safety("enable.time.adjuster", "false", "a year of two digits stays the year it is");
    config.safety("binary.handling.mode", "base64", "bytes arrive as text that says what it is");
    if mariadb {
        // The driver's default makes a date of a YEAR and fails at the year 0000 (tried).
        config.safety(
            "driver.yearIsDateType",
            "false",
            "a YEAR is a number; as a date the snapshot stops at the year 0",
        );
    }
    truths(&mut config, settings, source);
    config.safety("tombstones.on.delete", "true", "a compacted log forgets deleted rows");
    for (key, note) in [
        (
            "event.converting.failure.handling.mode",
            "a value that cannot be read stops the connector instead of becoming null",
        ),
        (
            "event.deserialization.failure.handling.mode",
            "a part of the binlog that cannot be read stops the connector instead of being left out",
        ),
        (
            "event.processing.failure.handling.mode",
            "a change that cannot be read stops the connector instead of being left out",
        ),
        (
            "inconsistent.schema.handling.mode",
            "a change of a table whose definition is not known stops the connector instead of being left out",
        ),
    ] {
        config.safety(key, "fail", note);
    }
    config.safety(
        "errors.tolerance",
        "none",
        "a change that cannot be written to the log stops the connector instead of being lost",
    );
    config.safety("producer.override.enable.idempotence", "true", "a retried write neither doubles nor reorders");
    converters(&mut config);
    for setting in settings.raw_of_system(source.system) {
        let value = settings.value(&setting.value, &setting.name);
        config.raw(&setting.name, value, setting.span);
    }
    config.0
}

/// The connector's memory of the tables' definitions.
fn history(config: &mut Config, settings: &mut Settings, source: &Source) {
    let bootstrap = "schema.history.internal.kafka.bootstrap.servers";
    let mut brokers = Template::default();
    for (at, broker) in super::planner::bootstrap(settings).into_iter().enumerate() {
        brokers = if at == 0 { broker } else { brokers.then(",").then(broker) };
    }
    config.template(bootstrap, brokers, "the definitions of the tables are kept in a topic of their own");
    config.derived(
        "schema.history.internal.kafka.topic",
        &format!("schema-history.{}", topic_part(&source.prefix.value)),
        "the definitions of the tables are kept in a topic of their own",
    );
    config.safety(
        "schema.history.internal.store.only.captured.databases.ddl",
        "true",
        "what happens in other databases is no concern of this capture",
    );
    config.safety(
        "schema.history.internal.store.only.captured.tables.ddl",
        "true",
        "the definition of a table that is not captured may hold a type the connector cannot read, and would stop it",
    );
    config.safety(
        "internal.schema.history.internal.ddl.filter",
        &ddl_filter(source),
        "statements that name no captured table are not parsed: one with a type the connector does not know would stop it",
    );
    config.safety(
        "schema.history.internal.skip.unparseable.ddl",
        "false",
        "a definition that cannot be read stops the connector: going on would read rows by the old one",
    );
    config.safety("include.schema.changes", "false", "nobody reads a topic of definitions; the connector's own stays");
}

/// A statement that names neither a captured table nor a whole database can change no captured table's shape.
fn ddl_filter(source: &Source) -> String {
    let mut names: Vec<String> = source.tables.iter().map(|table| regex_literal(&table.table)).collect();
    names.extend(["heartbeat", "signal", "database", "schema"].map(str::to_owned));
    names.sort();
    names.dedup();
    // A backtick in a name is written twice.
    format!("(?is)(?!.*(?:{})).*", names.join("|").replace('`', "`+"))
}

/// Columns that hold a truth as a small number.
fn truths(config: &mut Config, settings: &Settings, source: &Source) {
    let model = settings.model;
    let mut columns: Vec<String> = Vec::new();
    for table in &source.tables {
        let entity = model.entity(table.entity);
        for column in entity.columns.iter().filter(|column| column.ty == Type::Bool) {
            // A `bit(1)` arrives as a truth by itself; where the database's own type is not known, `bool` is a small number.
            if column.native.as_deref() != Some("bit(1)") {
                let name = [&table.namespace, &table.table, &column.name].map(|part| regex_literal(part));
                columns.push(name.join("\\."));
            }
        }
    }
    if columns.is_empty() {
        return;
    }
    let note = "a `tinyint(1)` arrives as true or false";
    config.derived("converters", "truth", note);
    config.derived("truth.type", profiles::TRUTH_CONVERTER, note);
    config.derived("truth.selector", &columns.join(","), note);
}
