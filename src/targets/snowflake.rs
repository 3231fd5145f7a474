//! Snowflake's side of a view: an append-only log of changes as they arrive, a dynamic table with the newest version of each row, a view for readers.
//!
//! Invariant: no statement trusts that the log is free of duplicates or in order; the version in each row decides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::check::SoundPlan;
use crate::model::Mask;
use crate::model::expr::Expr;
use crate::output::OutputTree;
use crate::plan::{
    Address, Arrival, Deployment, PlannedFlow, Sink, SnowflakeTable, Target as Planned, Template, sql_type,
};
use crate::systems::Kind;
use crate::targets::Target;
use crate::targets::spelling::one_line;
use crate::targets::sql::expr::{Dialect, all_hold, literal};
use crate::targets::sql::spell::{comment, name};

/// What the files were tried on, for their heads.
const TRIED: &str =
    "Not run against Snowflake. Run on fakesnow 0.12.1, without grants and with the dynamic table as a view.";

/// The shift of the epoch in a version.
const EPOCH_BITS: u32 = 56;

/// The shortest lag of a dynamic table.
const LEAST_LAG_MS: u64 = 60_000;

/// Writes `targets/<store>/*.sql` of Snowflake's stores.
pub struct Snowflake;

impl Target for Snowflake {
    fn name(&self) -> &'static str {
        "Snowflake"
    }

    fn emit(&self, plan: &SoundPlan<'_>, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            emit_deployment(plan, deployment, out);
        }
    }
}

/// Names a store's files share.
struct Place<'a> {
    role: &'a str,
    database: &'a str,
    warehouse: &'a str,
    user: &'a Template,
}

impl<'a> Place<'a> {
    fn of(sink: &'a Sink) -> Option<Self> {
        match &sink.address {
            Address::Snowflake { user, role, database, warehouse, .. } => {
                Some(Self { role, database, warehouse, user })
            }
            Address::Postgres { .. } | Address::Search { .. } | Address::Redis { .. } => None,
        }
    }

    fn path(&self, namespace: &str, table: &str) -> String {
        format!("{}.{}.{}", name(self.database), name(namespace), name(table))
    }
}

fn emit_deployment(plan: &SoundPlan<'_>, deployment: &Deployment, out: &mut OutputTree) {
    let mut namespaces: BTreeMap<&str, (&Sink, BTreeSet<&str>)> = BTreeMap::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for sink in &deployment.sinks {
        let Some(place) = Place::of(sink) else { continue };
        let setup = namespaces.entry(&sink.store_name).or_insert_with(|| (sink, BTreeSet::new()));
        for flow in &sink.flows {
            let Planned::Snowflake(table) = &flow.target else { continue };
            setup.1.insert(&table.namespace);
            let stem = stem(&mut taken, sink, table);
            let file = |ending: &str| format!("{}/targets/{}/{stem}{ending}.sql", deployment.name, sink.store_name);
            let cause = format!("view {}", sink.name);
            let docs = docs(plan, deployment, sink, flow);
            let view = reader(&place, flow, table, &docs);
            let tables = tables(&place, sink, flow, table);
            if replaces_another(deployment, sink, table) {
                out.add(file(""), tables, &cause);
                out.add(file(".switch"), switch(sink, &view), &cause);
            } else {
                out.add(file(""), tables + &view, &cause);
            }
        }
    }
    for (store, (sink, namespaces)) in namespaces {
        let Some(place) = Place::of(sink) else { continue };
        out.add(
            format!("{}/targets/{store}/00-setup.sql", deployment.name),
            setup(&place, store, &namespaces),
            format!("views in {store}"),
        );
    }
}

/// The file's stem: the table's name, with its schema or a digest where that is taken.
fn stem(taken: &mut BTreeSet<String>, sink: &Sink, table: &SnowflakeTable) -> String {
    let safe = |text: &str| -> String {
        let lower = text.to_lowercase();
        lower.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' }).collect()
    };
    let plain = safe(&table.name);
    let version = if sink.version > 1 { format!("_v{}", sink.version) } else { String::new() };
    let mut all = vec![format!("{plain}{version}"), format!("{}.{plain}{version}", safe(&table.namespace))];
    // Names that differ only in letters no file name should hold.
    all.extend((2..100).map(|at| format!("{}.{plain}{version}.{at}", safe(&table.namespace))));
    let stem = all.into_iter().find(|stem| !taken.contains(stem)).unwrap_or(plain);
    taken.insert(stem.clone());
    stem
}

/// Whether an older version of this view stands beside it and has the readers.
fn replaces_another(deployment: &Deployment, sink: &Sink, table: &SnowflakeTable) -> bool {
    let older = deployment.sinks.iter().filter(|other| other.store == sink.store && other.version < sink.version);
    older.flat_map(|other| &other.flows).any(|flow| match &flow.target {
        Planned::Snowflake(other) => other.namespace == table.namespace && other.name == table.name,
        Planned::Index(_) | Planned::Keyspace(_) | Planned::Table(_) => false,
    })
}

fn docs<'a>(plan: &SoundPlan<'a>, deployment: &'a Deployment, sink: &Sink, flow: &PlannedFlow) -> String {
    let view = plan.model.views.get(sink.view.0).map(|view| &view.docs).filter(|docs| !docs.is_empty());
    let entity = deployment.topics.get(flow.topic.0).map(|topic| &topic.docs);
    let docs = if sink.flows.len() == 1 { view.or(entity) } else { entity };
    docs.map(|docs| docs.join("\n")).unwrap_or_default()
}

/// `00-setup.sql`.
fn setup(place: &Place<'_>, store: &str, namespaces: &BTreeSet<&str>) -> String {
    let mut out = comment(&format!(
        "Role, warehouse and schemas of the views in {}.\n\nNot run anywhere yet: fakesnow knows no grants.\n\
         Run as a user who may use ACCOUNTADMIN, once; may be run any number of times. Before the other files of this folder.",
        one_line(store)
    ));
    let (role, database, warehouse) = (name(place.role), name(place.database), name(place.warehouse));
    let _ = write!(
        out,
        "
USE ROLE ACCOUNTADMIN;
CREATE ROLE IF NOT EXISTS {role};
GRANT ROLE {role} TO ROLE SYSADMIN;

-- It refreshes the dynamic tables and sleeps in between.
CREATE WAREHOUSE IF NOT EXISTS {warehouse} WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE;
GRANT USAGE ON WAREHOUSE {warehouse} TO ROLE {role};

CREATE DATABASE IF NOT EXISTS {database};
GRANT USAGE ON DATABASE {database} TO ROLE {role};
"
    );
    for namespace in namespaces {
        let schema = format!("{database}.{}", name(namespace));
        let _ = writeln!(out, "CREATE SCHEMA IF NOT EXISTS {schema};\nGRANT USAGE ON SCHEMA {schema} TO ROLE {role};");
        out.push_str("-- The connector makes a pipe of its own beside each table it fills.\n");
        let _ = writeln!(out, "GRANT CREATE PIPE, CREATE STAGE ON SCHEMA {schema} TO ROLE {role};");
    }
    out.push_str("\n-- The connector's user logs in with a key pair; the public half is set by hand:\n");
    match place.user.literal() {
        Some(user) => {
            let user = name(&user.to_uppercase());
            let _ = write!(
                out,
                "--   ALTER USER {user} SET RSA_PUBLIC_KEY = '<public key without its first and last line>';
CREATE USER IF NOT EXISTS {user} TYPE = SERVICE DEFAULT_ROLE = {role};
GRANT ROLE {role} TO USER {user};
"
            );
        }
        None => {
            let _ = writeln!(
                out,
                "-- its name is {} and known when the connector runs: make it with TYPE = SERVICE and grant it the role.\n\
                 --   GRANT ROLE {role} TO USER <user>;\n--   ALTER USER <user> SET RSA_PUBLIC_KEY = '…';",
                place.user.shell()
            );
        }
    }
    out
}

/// A column on its way through log, state and view.
struct Column {
    /// Its name in log and state.
    name: String,
    /// Its type in the log.
    arrives: &'static str,
    /// What the state makes of it.
    state: String,
    /// The record's column.
    source: String,
    /// Readers see it.
    shown: bool,
}

fn columns(flow: &PlannedFlow, table: &SnowflakeTable) -> Vec<Column> {
    let mut all: Vec<Column> = table
        .columns
        .iter()
        .map(|column| {
            let carried = flow.columns.iter().find(|carried| carried.name.to_uppercase() == column.name);
            let key = flow.key.iter().find(|key| key.name.to_uppercase() == column.name);
            let arrival = carried.map(|carried| &carried.arrival).or(key.map(|key| &key.arrival));
            // A mask leaves text, whatever arrived.
            let masked = carried.and_then(|carried| carried.mask);
            let arrival = if masked.is_some() { &Arrival::Text } else { arrival.unwrap_or(&Arrival::Unknown) };
            Column {
                state: converted(arrival, &name(&column.name), &column.sql_type, masked),
                name: column.name.clone(),
                arrives: log_type(arrival),
                source: column.source.clone(),
                shown: flow.columns.is_empty() || carried.is_some() || table.key.contains(&column.name),
            }
        })
        .collect();
    for filter in &flow.filters {
        filter.visit(&mut |expr| {
            if let Expr::Column { name: source, ty, .. } = expr
                && !all.iter().any(|column| column.source == *source)
            {
                let upper = source.to_uppercase();
                let arrival = flow.filter_arrivals.get(source).unwrap_or(&Arrival::Unknown);
                all.push(Column {
                    state: converted(arrival, &name(&upper), &sql_type(Kind::Snowflake, ty, None), None),
                    name: upper,
                    arrives: log_type(arrival),
                    source: source.clone(),
                    shown: false,
                });
            }
        });
    }
    all
}

/// The log keeps what arrives as it is: a value that cannot be converted then stops nobody's load.
fn log_type(arrival: &Arrival) -> &'static str {
    match arrival {
        Arrival::Bool => "BOOLEAN",
        Arrival::Integer | Arrival::EpochDays | Arrival::DatetimeMicros | Arrival::TimeMicros => "NUMBER(38,0)",
        Arrival::Float => "FLOAT",
        Arrival::DecimalText
        | Arrival::Text
        | Arrival::Base64
        | Arrival::InstantText
        | Arrival::TimeTzText
        | Arrival::DateText
        | Arrival::DatetimeText
        | Arrival::TimeText
        | Arrival::JsonText => "VARCHAR",
        Arrival::Array(_) => "ARRAY",
        Arrival::Unknown => "VARIANT",
    }
}

/// An arriving value as the type readers get. `TRY_`: one value outside the type's range (NaN, infinity) becomes null and does not stop the refresh.
fn converted(arrival: &Arrival, column: &str, sql_type: &str, mask: Option<Mask>) -> String {
    if let Some(Mask::Truncate(letters)) = mask {
        return format!("LEFT({column}, {letters})");
    }
    match arrival {
        Arrival::DecimalText if sql_type == "VARCHAR" => column.to_owned(),
        Arrival::DecimalText => format!("TRY_CAST({column} AS {sql_type})"),
        Arrival::Base64 if sql_type == "BINARY" => format!("TRY_TO_BINARY({column}, 'BASE64')"),
        Arrival::EpochDays => format!("DATEADD(DAY, {column}, DATE '1970-01-01')"),
        Arrival::InstantText => format!("TRY_CAST({column} AS TIMESTAMP_TZ)"),
        Arrival::DatetimeMicros => format!("TO_TIMESTAMP_NTZ({column}, 6)"),
        Arrival::TimeMicros => format!("TO_TIME(TO_TIMESTAMP_NTZ({column}, 6))"),
        Arrival::DateText => format!("TRY_CAST({column} AS DATE)"),
        Arrival::DatetimeText => format!("TRY_CAST({column} AS TIMESTAMP_NTZ)"),
        Arrival::TimeText => format!("TRY_CAST({column} AS TIME)"),
        Arrival::JsonText => format!("TRY_PARSE_JSON({column})"),
        Arrival::Bool
        | Arrival::Integer
        | Arrival::Float
        | Arrival::Text
        | Arrival::Base64
        | Arrival::TimeTzText
        | Arrival::Array(_)
        | Arrival::Unknown => column.to_owned(),
    }
}

/// The log and the state.
fn tables(place: &Place<'_>, sink: &Sink, flow: &PlannedFlow, table: &SnowflakeTable) -> String {
    let mut out = comment(&format!(
        "View {} version {}: {}.{}, from {}.{}.\n\n{TRIED}\nRun as the owner of the schema, after 00-setup.sql and before the connector is made. \
         May be run any number of times.",
        one_line(&sink.name),
        sink.version,
        one_line(&table.namespace),
        one_line(&table.name),
        one_line(flow.home().0),
        one_line(flow.home().1)
    ));
    let columns = columns(flow, table);
    let open = flow.columns.is_empty();
    let (log, state) =
        (place.path(&table.namespace, &table.log_table), place.path(&table.namespace, &table.state_table));
    let metadata =
        [("__LSN", "NUMBER(38,0)"), ("__OP", "VARCHAR"), ("__TS_MS", "NUMBER(38,0)"), ("__DELETED", "VARCHAR")];
    let mut typed: Vec<(String, &str)> = columns.iter().map(|column| (name(&column.name), column.arrives)).collect();
    typed.extend(metadata.map(|(column, ty)| (name(column), ty)));

    out.push_str("\n-- Every change as it arrived, one row each; the connector only appends.\n");
    let cut = flow.columns.iter().filter(|carried| matches!(carried.mask, Some(Mask::Truncate(_))));
    for carried in cut {
        let _ = writeln!(
            out,
            "-- It holds {} uncut: grant nobody but the connector anything on it.",
            one_line(&carried.name)
        );
    }
    let lines: Vec<String> = typed.iter().map(|(column, ty)| format!("  {column} {ty}")).collect();
    let evolution = if open { " ENABLE_SCHEMA_EVOLUTION = TRUE" } else { "" };
    let _ = writeln!(
        out,
        "CREATE TABLE IF NOT EXISTS {log} (\n  \"RECORD_METADATA\" VARIANT,\n{}\n){evolution};",
        lines.join(",\n")
    );
    for (column, ty) in &typed {
        let _ = writeln!(out, "ALTER TABLE {log} ADD COLUMN IF NOT EXISTS {column} {ty};");
    }
    let _ = writeln!(out, "GRANT SELECT, INSERT ON TABLE {log} TO ROLE {};", name(place.role));

    let identity = if table.key.is_empty() {
        "changes.\"RECORD_METADATA\":key::VARCHAR".to_owned()
    } else {
        table.key.iter().map(|column| format!("changes.{}", name(column))).collect::<Vec<_>>().join(", ")
    };
    let mut chosen: Vec<String> = columns
        .iter()
        .map(|column| {
            let quoted = name(&column.name);
            if column.state == quoted { format!("  {quoted}") } else { format!("  {} AS {quoted}", column.state) }
        })
        .collect();
    let version = match flow.epoch() {
        0 => "\"__LSN\"".to_owned(),
        epoch => format!("\"__LSN\" + {} AS \"__LSN\"", u128::from(epoch) << EPOCH_BITS),
    };
    chosen.extend([format!("  {version}"), "  \"__DELETED\"".to_owned()]);
    let chosen = if open { "  * EXCLUDE (\"RECORD_METADATA\")".to_owned() } else { chosen.join(",\n") };
    let lag = sink.fresh.unwrap_or(LEAST_LAG_MS).max(LEAST_LAG_MS) / 1000;
    let _ = write!(
        out,
        "
-- The newest version of each row, deleted ones too: without them a late row would come back. Versions decide, offsets only between equals:
-- a duplicate stands further back in the log and is no newer. Another definition comes with another version of the view.
CREATE DYNAMIC TABLE IF NOT EXISTS {state} TARGET_LAG = '{lag} seconds' WAREHOUSE = {warehouse} AS
SELECT
{chosen}
  FROM {log} AS changes
QUALIFY ROW_NUMBER() OVER (PARTITION BY {identity} ORDER BY changes.\"__LSN\" DESC NULLS LAST, changes.\"RECORD_METADATA\":offset::NUMBER DESC) = 1;
",
        warehouse = name(place.warehouse),
    );
    out
}

/// The view readers use.
fn reader(place: &Place<'_>, flow: &PlannedFlow, table: &SnowflakeTable, docs: &str) -> String {
    let columns = columns(flow, table);
    let shown: Vec<String> =
        columns.iter().filter(|column| column.shown).map(|column| format!("  {}", name(&column.name))).collect();
    let shown = if flow.columns.is_empty() {
        "  * EXCLUDE (\"__LSN\", \"__OP\", \"__TS_MS\", \"__DELETED\")".to_owned()
    } else {
        shown.join(",\n")
    };
    let (view, state) = (place.path(&table.namespace, &table.name), place.path(&table.namespace, &table.state_table));
    let about =
        if docs.is_empty() { String::new() } else { format!(" COMMENT = {}", literal(Dialect::Snowflake, docs)) };
    let mut out = format!(
        "\n-- What readers see: no deleted rows, and none the view's condition does not hold for.\n\
         CREATE OR REPLACE VIEW {view}{named} COPY GRANTS{about} AS\n\
         SELECT\n{shown}\n  FROM {state}\n WHERE COALESCE(\"__DELETED\", 'false') <> 'true'",
        named = commented(flow, &columns),
    );
    if !flow.filters.is_empty() {
        let column = |source: &str| {
            let found = columns.iter().find(|column| column.source == source);
            name(&found.map_or_else(|| source.to_uppercase(), |column| column.name.clone()))
        };
        let _ = write!(out, "\n   AND {}", all_hold(Dialect::Snowflake, &flow.filters, &column));
    }
    out.push_str(";\n");
    out
}

/// The view's columns with their documentation, where there is some.
fn commented(flow: &PlannedFlow, columns: &[Column]) -> String {
    if flow.columns.iter().all(|carried| carried.docs.is_empty()) {
        return String::new();
    }
    let lines: Vec<String> = columns
        .iter()
        .filter(|column| column.shown)
        .map(|column| {
            let carried = flow.columns.iter().find(|carried| carried.name.to_uppercase() == column.name);
            let docs = carried.map(|carried| carried.docs.join("\n")).filter(|docs| !docs.is_empty());
            let comment = docs.map(|docs| format!(" COMMENT {}", literal(Dialect::Snowflake, &docs)));
            format!("  {}{}", name(&column.name), comment.unwrap_or_default())
        })
        .collect();
    format!(" (\n{}\n)", lines.join(",\n"))
}

fn switch(sink: &Sink, view: &str) -> String {
    let mut out = comment(&format!(
        "Readers of view {} go over to version {}.\n\n{TRIED}\nBy hand, when the new version is filled and its audit is clean; the older version's file takes them back.",
        one_line(&sink.name),
        sink.version
    ));
    out.push_str(view);
    out
}

/// Where readers look, as SQL spells it.
pub(crate) fn reader_path(sink: &Sink, table: &SnowflakeTable) -> String {
    Place::of(sink).map(|place| place.path(&table.namespace, &table.name)).unwrap_or_default()
}

/// Questions about the load of a view, for its audit.
pub(crate) fn load_checks(sink: &Sink) -> String {
    let mut out = comment(&format!("Is the load of view {} whole?\n\n{TRIED}\nReads only.", one_line(&sink.name)));
    let Some(place) = Place::of(sink) else { return out };
    for flow in &sink.flows {
        if let Planned::Snowflake(table) = &flow.target {
            out.push_str(&load_check(&place.path(&table.namespace, &table.log_table)));
        }
    }
    out
}

fn load_check(log: &str) -> String {
    format!(
        "
-- Offsets by partition. Missing ones are expected where a topic is compacted and for bare tombstones, which are not loaded;
-- doubles mean that the connector began anew, under another name or without its channel: the dynamic table takes each version once.
SELECT
  \"RECORD_METADATA\":topic::VARCHAR AS topic,
  \"RECORD_METADATA\":partition::NUMBER AS partition,
  MAX(\"RECORD_METADATA\":offset::NUMBER) AS newest,
  MAX(\"RECORD_METADATA\":offset::NUMBER) - MIN(\"RECORD_METADATA\":offset::NUMBER) + 1 - COUNT(DISTINCT \"RECORD_METADATA\":offset::NUMBER) AS missing,
  COUNT(*) - COUNT(DISTINCT \"RECORD_METADATA\":offset::NUMBER) AS doubles
  FROM {log}
 GROUP BY 1, 2
 ORDER BY 1, 2;

-- Rows without a version cannot be ordered: there must be none.
SELECT COUNT(*) AS without_version FROM {log} WHERE \"__LSN\" IS NULL;
"
    )
}
