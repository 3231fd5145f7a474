use super::{Context, Sink, rule};
use crate::model::schema::{Action, ForeignKey};
use crate::model::{EntityId, Model, SystemId};
use crate::systems::Kind;

rule! {
    /// Rows go by a foreign key's cascade, and the change log does not say so.
    ///
    /// InnoDB carries out `ON DELETE CASCADE`, `SET NULL` and `ON UPDATE CASCADE` below the binlog: the log holds the parent's change alone. The child's rows
    /// go, or change, at the record and stay as they were in every view. (Seen on MariaDB 10.11. MySQL writes them to the log from 9.6 on: `version 9.6` in
    /// the system. PostgreSQL carries a cascade out by statements of its own, and logs them.)
    ///
    /// ```sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE order_lines (
    ///   id bigint PRIMARY KEY,
    ///   order_id bigint NOT NULL,
    ///   FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
    /// );
    /// ```
    ///
    /// ```dia,bad
    /// system shop: mysql { schema "dump.sql" }
    /// system search: elasticsearch
    /// shop.shop.order_lines | search.order_lines
    /// ```
    ///
    /// Delete the children by statements of the application, in the same transaction, and let the foreign key restrict.
    ///
    /// ```sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE order_lines (
    ///   id bigint PRIMARY KEY,
    ///   order_id bigint NOT NULL,
    ///   FOREIGN KEY (order_id) REFERENCES orders (id)
    /// );
    /// ```
    ///
    /// ```dia,good
    /// system shop: mysql { schema "dump.sql" }
    /// system search: elasticsearch
    /// shop.shop.order_lines | search.order_lines
    /// ```
    {
        name: "cascade_not_captured", severity: Error, waivable: true, title: "the log does not hold what a cascade does",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for id in model.captured_entities() {
        let entity = model.entity(id);
        if !silent(model, entity.home.system) {
            continue;
        }
        let Some(table) = model.table(entity) else { continue };
        for key in &table.foreign_keys {
            let Some((what, happens)) = cascade(key) else { continue };
            let (parent, name) = (&key.to_table, &entity.name);
            let mut finding = sink
                .at(key.span, format!("`{what}` changes `{name}` without a word in the log"))
                .here(format!("carried out below the log, when a row of `{parent}` goes or changes"));
            finding = finding.also(entity.span, captured(model, id));
            sink.push(
                finding
                    .help(format!(
                        "let the application {happens} rows of `{}` itself, and let the key restrict",
                        table.name
                    ))
                    .story([
                        format!("Row 17 of `{parent}` goes; its rows of `{}` are changed by the key.", table.name),
                        format!("The log holds the change of `{parent}` and nothing of `{}`.", table.name),
                        format!("Every view of `{name}` shows them as they were before."),
                    ]),
            );
        }
    }
}

/// Whether a system's log leaves out what foreign keys do.
fn silent(model: &Model, system: SystemId) -> bool {
    let system = model.system(system);
    match system.kind {
        Kind::Mariadb => true,
        Kind::Mysql => !system.version.as_ref().is_some_and(|version| logs_cascades(&version.value)),
        Kind::Postgres
        | Kind::Sqlserver
        | Kind::Oracle
        | Kind::Mongodb
        | Kind::Kafka
        | Kind::Flink
        | Kind::Elasticsearch
        | Kind::Opensearch
        | Kind::Redis
        | Kind::Snowflake
        | Kind::Bigquery
        | Kind::Clickhouse
        | Kind::Iceberg => false,
    }
}

/// MySQL 9.6 and later.
fn logs_cascades(version: &str) -> bool {
    let mut parts = version.trim_matches('"').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (9, 6)
}

/// The clause that changes the child's rows, and what an application would have to do instead.
fn cascade(key: &ForeignKey) -> Option<(&'static str, &'static str)> {
    match (key.on_delete, key.on_update) {
        (Action::Cascade, _) => Some(("ON DELETE CASCADE", "delete")),
        (Action::SetNull, _) => Some(("ON DELETE SET NULL", "change")),
        (Action::SetDefault, _) => Some(("ON DELETE SET DEFAULT", "change")),
        (Action::NoAction | Action::Restrict, Action::Cascade) => Some(("ON UPDATE CASCADE", "change")),
        (Action::NoAction | Action::Restrict, Action::SetNull) => Some(("ON UPDATE SET NULL", "change")),
        (Action::NoAction | Action::Restrict, Action::SetDefault) => Some(("ON UPDATE SET DEFAULT", "change")),
        (Action::NoAction | Action::Restrict, Action::NoAction | Action::Restrict) => None,
    }
}

fn captured(model: &Model, id: EntityId) -> String {
    format!("{} is captured", model.home_path(id))
}
