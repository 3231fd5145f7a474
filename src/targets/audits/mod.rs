//! Audits: the program that compares every row of a view with the record, its description of the views, and the same questions as SQL for people.
//!
//! The program is one text for all pipelines; everything that differs stands in `audits.json`.

mod canon;
mod inside;
mod stated;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::check::SoundPlan;
use crate::model::Mask;
use crate::model::types::Type;
use crate::output::{OutputTree, json};
use crate::plan::{Address, Carried, Deployment, JsonForm, PlannedFlow, Sink, Template};
use crate::targets::Target;
use crate::targets::masks::{HASH_SALT, REDACTED};
use crate::targets::snowflake;
use crate::targets::spelling::one_line;
use crate::targets::sql::expr::{Dialect, all_hold};
use crate::targets::sql::guard::COUNTS;
use crate::targets::sql::spell::{comment, derived, name, path};
use canon::Kind;
use stated::{Question, Stated};

/// The program, and the part of it that knows values.
const PROGRAM: [(&str, &str); 2] =
    [("audit.py", include_str!("audit.py")), ("canonical.py", include_str!("canonical.py"))];

/// Writes `audits/`.
pub struct Audits;

impl Target for Audits {
    fn name(&self) -> &'static str {
        "audits"
    }

    fn emit(&self, plan: &SoundPlan<'_>, out: &mut OutputTree) {
        for deployment in plan
            .plan
            .deployments
            .iter()
            .filter(|deployment| !(deployment.sinks.is_empty() && deployment.inside.is_empty()))
        {
            emit_deployment(plan, deployment, out);
        }
    }
}

/// The file `audits.json`.
#[derive(Serialize)]
struct Description {
    pipeline: String,
    environment: String,
    views: BTreeMap<String, View>,
}

#[derive(Serialize)]
struct View {
    store: Store,
    tables: Vec<Compared>,
    /// Why nothing is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stated: Vec<Stated>,
}

/// How the store is reached; `${NAME}` is read from the environment.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Store {
    Postgres { name: String, url_env: String },
    Search { name: String, url: String, user: Option<String>, password: Option<String> },
    Redis { name: String, url: String },
    Snowflake { name: String },
}

/// One table of the record and what it became.
#[derive(Serialize)]
struct Compared {
    record: Record,
    place: Place,
    /// Key columns first.
    columns: Vec<Column>,
    /// Why it cannot be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_compared: Option<String>,
}

#[derive(Serialize)]
struct Record {
    name: String,
    url_env: String,
    from: String,
    filter: String,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Table {
        name: String,
        from: String,
        /// The guard's counts of what it refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        counts: Option<String>,
    },
    Index {
        name: String,
    },
    Keys {
        prefix: String,
        expires: bool,
    },
    Elsewhere {
        name: String,
    },
}

#[derive(Serialize)]
struct Column {
    name: String,
    kind: Kind,
    key: bool,
    /// The canonical text in the record's SQL.
    record: String,
    /// The same in the store's, where it has SQL.
    #[serde(skip_serializing_if = "Option::is_none")]
    view: Option<String>,
    /// The stored JSON is the value itself, not a text of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    parsed: bool,
    /// Places behind the point that the text of a key column has.
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mask: Option<Hidden>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Hidden {
    Fixed(Option<String>),
    First(u64),
    Hash { salt_env: &'static str },
}

/// Both sides of a view's only table, where they have SQL, for stated audits.
struct Sides {
    record: Option<Side>,
    view: Option<Side>,
    /// Why the program cannot ask the view.
    unread: Option<&'static str>,
    /// Why there is no record to ask.
    unrecorded: Option<&'static str>,
}

/// One side of a comparison.
struct Side {
    dialect: Dialect,
    from: String,
    filter: String,
    columns: Vec<SideColumn>,
}

struct SideColumn {
    /// Name in the view.
    view: String,
    /// Name here.
    here: String,
    kind: Kind,
}

fn emit_deployment(plan: &SoundPlan<'_>, deployment: &Deployment, out: &mut OutputTree) {
    let versions = versions(deployment);
    let mut views = BTreeMap::new();
    for made in &deployment.inside {
        let label = labelled(&versions, &made.name, made.version);
        let stated = stated::of(plan.model, made.view, &inside::sides(made));
        let store = Store::Postgres { url_env: url_env(&made.store_name), name: made.store_name.clone() };
        let view = View { store, tables: inside::compared(made), note: inside::note(made), stated };
        let cause = format!("audit of view {}", made.name);
        let file = |side: &str| format!("{}/audits/{label}.{side}.sql", deployment.name);
        out.add(file("record"), queries(&label, &view, Asked::Record), &cause);
        out.add(file("view"), queries(&label, &view, Asked::View), &cause);
        views.insert(label, view);
    }
    // What lands only for a view that its store makes is no view of its own.
    let own = |sink: &&Sink| deployment.inside.iter().all(|made| made.view != sink.view);
    for sink in deployment.sinks.iter().filter(own) {
        let facts = sink.flows.iter().find(|flow| flow.facts().is_some());
        let compared = |flow| compared(&recorded_in(plan, deployment, flow), sink, flow);
        let tables: Vec<Compared> = sink.flows.iter().filter(|flow| flow.facts().is_none()).map(compared).collect();
        let sides = facts.map_or_else(|| sides(sink), inside::of_facts);
        let stated = stated::of(plan.model, sink.view, &sides);
        let label = labelled(&versions, &sink.name, sink.version);
        let cause = format!("audit of view {}", sink.name);
        let file = |side: &str| format!("{}/audits/{label}.{side}.sql", deployment.name);
        let view = View { store: store(sink), tables, note: facts.map(|_| inside::LOG), stated };
        out.add(file("record"), queries(&label, &view, Asked::Record), &cause);
        match view.store {
            Store::Postgres { .. } => out.add(file("view"), queries(&label, &view, Asked::View), &cause),
            Store::Snowflake { .. } => out.add(file("view"), in_snowflake(sink, &view), &cause),
            Store::Search { .. } | Store::Redis { .. } => {}
        }
        views.insert(label, view);
    }
    let description = Description { pipeline: plan.plan.pipeline.clone(), environment: deployment.name.clone(), views };
    out.add(format!("{}/audits/audits.json", deployment.name), json(&description), "audits of all views");
    for (file, text) in PROGRAM {
        out.add_script(format!("{}/audits/{file}", deployment.name), text, "audits of all views");
    }
}

/// How many versions of each view there are.
fn versions(deployment: &Deployment) -> BTreeMap<&str, usize> {
    let mut versions = BTreeMap::new();
    let own = deployment.sinks.iter().filter(|sink| deployment.inside.iter().all(|made| made.view != sink.view));
    own.for_each(|sink| *versions.entry(sink.name.as_str()).or_default() += 1);
    deployment.inside.iter().for_each(|made| *versions.entry(made.name.as_str()).or_default() += 1);
    versions
}

/// The view's name; with its version where two versions stand side by side.
fn labelled(versions: &BTreeMap<&str, usize>, name: &str, version: u64) -> String {
    if versions.get(name).is_some_and(|twins| *twins > 1) { format!("{name}-v{version}") } else { name.to_owned() }
}

fn url_env(system: &str) -> String {
    let upper: String = system
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect();
    format!("{upper}_AUDIT_URL")
}

fn store(sink: &Sink) -> Store {
    let name = sink.store_name.clone();
    match &sink.address {
        Address::Postgres { .. } => Store::Postgres { url_env: url_env(&name), name },
        Address::Search { urls, user, password } => Store::Search {
            name,
            url: urls.first().map(Template::shell).unwrap_or_default(),
            user: user.as_ref().map(Template::shell),
            password: password.as_ref().map(Template::shell),
        },
        Address::Redis { url } => Store::Redis { name, url: url.shell() },
        Address::Snowflake { .. } => Store::Snowflake { name },
    }
}

/// The name of the record's system. Of a topic that others write there is no capture in this deployment.
fn recorded_in(plan: &SoundPlan<'_>, deployment: &Deployment, flow: &PlannedFlow) -> String {
    let system = flow.changes().map(|changes| changes.system);
    let captured = deployment.sources.iter().find(|source| Some(source.system) == system).map(|source| &source.name);
    let named = || system.and_then(|system| plan.model.systems.get(system.0)).map(|system| &system.name);
    captured.or_else(named).unwrap_or(&flow.topic_name).clone()
}

fn compared(system: &str, sink: &Sink, flow: &PlannedFlow) -> Compared {
    use crate::plan::Target as Planned;
    let (namespace, table) = flow.home();
    let place = match &flow.target {
        Planned::Table(table) => Place::Table {
            name: format!("{}.{}", table.namespace, table.name),
            from: path(&table.namespace, &table.name),
            counts: Some(path(&table.namespace, &derived(&table.name, COUNTS))),
        },
        Planned::Index(index) => Place::Index { name: index.alias.clone() },
        Planned::Keyspace(keys) => Place::Keys { prefix: keys.prefix.clone(), expires: keys.expire.is_some() },
        Planned::Snowflake(table) => Place::Elsewhere { name: format!("{}.{}", table.namespace, table.name) },
    };
    let not_compared = if flow.key.is_empty() {
        Some("the key's columns are not known: give the system a schema".to_owned())
    } else {
        matches!(place, Place::Elsewhere { .. }).then(|| format!("{} cannot be read from here", sink.store_name))
    };
    Compared {
        record: Record {
            name: format!("{namespace}.{table} in {system}"),
            url_env: url_env(system),
            from: path(namespace, table),
            filter: filter(flow),
        },
        place,
        columns: columns(flow),
        not_compared,
    }
}

fn filter(flow: &PlannedFlow) -> String {
    match flow.filters.as_slice() {
        [] => "true".to_owned(),
        all => all_hold(Dialect::Postgres, all, &name),
    }
}

fn columns(flow: &PlannedFlow) -> Vec<Column> {
    let carried_key = |key: &str| flow.columns.iter().find(|carried| carried.source == key && carried.mask.is_none());
    let mut all: Vec<Column> = flow
        .key
        .iter()
        .map(|key| {
            let native = carried_key(&key.source).and_then(|carried| carried.native.as_deref());
            let kind = Kind::of(&key.ty, native);
            Column {
                name: key.name.clone(),
                key: true,
                record: kind.sql(&name(&key.source)),
                view: in_table(flow, &key.source, &key.name).map(|column| kind.sql(&name(&column))),
                parsed: false,
                scale: scale(&key.ty),
                mask: None,
                kind,
            }
        })
        .collect();
    for carried in &flow.columns {
        let is_key = carried.mask.is_none()
            && flow.key.iter().any(|key| key.source == carried.source && key.name == carried.name);
        if !is_key {
            all.push(column(flow, carried));
        }
    }
    all
}

fn column(flow: &PlannedFlow, carried: &Carried) -> Column {
    let kind = Kind::of(&carried.ty, carried.native.as_deref());
    let source = name(&carried.source);
    let view = in_table(flow, &carried.source, &carried.name).map(|column| kind.sql(&name(&column)));
    let mask = carried.mask.map(|mask| match mask {
        Mask::Hash => Hidden::Hash { salt_env: HASH_SALT },
        Mask::Redact => Hidden::Fixed(Some(REDACTED.to_owned())),
        Mask::Truncate(letters) => Hidden::First(letters),
        Mask::Null => Hidden::Fixed(None),
    });
    Column {
        name: carried.name.clone(),
        key: false,
        record: if mask.is_some() { canon::arriving(&carried.arrival, &source) } else { kind.sql(&source) },
        view,
        parsed: is_parsed(flow, &carried.name),
        scale: None,
        mask,
        kind,
    }
}

fn scale(ty: &Type) -> Option<i32> {
    if let Type::Decimal { scale, .. } = ty { *scale } else { None }
}

/// The store's column, where it is a table of PostgreSQL.
fn in_table(flow: &PlannedFlow, source: &str, view: &str) -> Option<String> {
    let crate::plan::Target::Table(table) = &flow.target else { return None };
    let by_name = table.columns.iter().find(|column| column.name == view);
    by_name.or_else(|| table.columns.iter().find(|column| column.source == source)).map(|column| column.name.clone())
}

/// Whether JSON stands in the document as JSON.
fn is_parsed(flow: &PlannedFlow, column: &str) -> bool {
    use crate::plan::Target as Planned;
    let forms = match &flow.target {
        Planned::Index(index) => &index.forms,
        Planned::Keyspace(keys) => &keys.forms,
        Planned::Table(_) | Planned::Snowflake(_) => return false,
    };
    forms.get(column) == Some(&JsonForm::Json)
}

fn sides(sink: &Sink) -> Sides {
    use crate::plan::Target as Planned;
    let [flow] = sink.flows.as_slice() else {
        return Sides { record: None, view: None, unread: Some("the view has many tables"), unrecorded: None };
    };
    // A masked column has other values here and there: sums over it mean nothing.
    let shown: Vec<&Carried> = flow.columns.iter().filter(|carried| carried.mask.is_none()).collect();
    let side = |dialect, from, filter, here: fn(&Carried) -> String| Side {
        dialect,
        from,
        filter,
        columns: shown
            .iter()
            .map(|carried| SideColumn {
                view: carried.name.clone(),
                here: here(carried),
                kind: Kind::of(&carried.ty, carried.native.as_deref()),
            })
            .collect(),
    };
    let all = "true".to_owned();
    let (view, unread) = match &flow.target {
        Planned::Table(table) => {
            let from = path(&table.namespace, &table.name);
            (Some(side(Dialect::Postgres, from, all, |carried| carried.name.clone())), None)
        }
        Planned::Snowflake(table) => {
            let from = snowflake::reader_path(sink, table);
            let side = side(Dialect::Snowflake, from, all, |carried| carried.name.to_uppercase());
            (Some(side), Some("Snowflake cannot be read from here: compare what the two .sql files answer"))
        }
        Planned::Index(_) | Planned::Keyspace(_) => {
            (None, Some("the store answers no SQL; all rows and columns are compared instead"))
        }
    };
    let (namespace, table) = flow.home();
    let from = path(namespace, table);
    let record = side(Dialect::Postgres, from, filter(flow), |carried| carried.source.clone());
    Sides { record: Some(record), view, unread, unrecorded: None }
}

#[derive(Clone, Copy, PartialEq)]
enum Asked {
    Record,
    View,
}

/// The same questions as SQL for people.
fn queries(label: &str, view: &View, asked: Asked) -> String {
    let side = match asked {
        Asked::Record => "the record",
        Asked::View => "the view",
    };
    let mut out = comment(&format!(
        "What audit.py asks {side} of view {}.\n\nRun as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py\n\
         compares them row by row and applies masks, so prefer it where it can run.",
        one_line(label)
    ));
    out.push_str("\n\\set ON_ERROR_STOP on\nBEGIN TRANSACTION READ ONLY;\nSET LOCAL TimeZone = 'UTC';\nSET LOCAL bytea_output = 'hex';\n");
    for table in &view.tables {
        let (from, filter) = match (asked, &table.place) {
            (Asked::Record, _) => (&table.record.from, table.record.filter.as_str()),
            (Asked::View, Place::Table { from, .. }) => (from, "true"),
            (Asked::View, Place::Index { .. } | Place::Keys { .. } | Place::Elsewhere { .. }) => continue,
        };
        let mut columns = String::new();
        for column in &table.columns {
            let value = match asked {
                Asked::Record => Some(&column.record),
                Asked::View => column.view.as_ref(),
            };
            let Some(value) = value else { continue };
            columns.push_str(if columns.is_empty() { "  " } else { ",\n  " });
            columns.push_str(value);
            columns.push_str(" AS ");
            columns.push_str(&name(&column.name));
        }
        let keys = table.columns.iter().filter(|column| column.key).count();
        let order: Vec<String> = (1..=keys).map(|at| at.to_string()).collect();
        let _ = write!(
            out,
            "\n-- Rows of {}.\nSELECT\n{columns}\n FROM {from}\n WHERE {filter}",
            one_line(&table.record.name),
        );
        let _ = if order.is_empty() { writeln!(out, ";") } else { writeln!(out, "\n ORDER BY {};", order.join(", ")) };
    }
    out.push_str(&asked_for(&view.stated, asked));
    out.push_str("\nCOMMIT;\n");
    out
}

/// The stated audits of one side.
fn asked_for(stated: &[Stated], asked: Asked) -> String {
    let mut out = String::new();
    for audit in stated {
        let every = format!("every {}s", audit.every_seconds);
        let within = audit.within_percent.as_ref().map(|share| format!(", within {share}%")).unwrap_or_default();
        let _ = writeln!(out, "\n-- audit {} {every}{within}", one_line(&audit.name));
        let (record, view, otherwise) = match &audit.question {
            Question::Equal { record, view } => (Some(record), Some(view), ""),
            Question::Empty { view } => (None, Some(view), "it is asked of the view only"),
            Question::Rows { .. } => (None, None, "among the rows that are compared"),
            Question::NotRun { because, record, view } => (record.as_ref(), view.as_ref(), because.as_str()),
        };
        let query = match asked {
            Asked::Record => record,
            Asked::View => view,
        };
        let _ = match query {
            Some(query) => writeln!(out, "{query};"),
            None => writeln!(out, "-- Not asked here: {}.", one_line(otherwise)),
        };
    }
    out
}

/// Questions to a view in Snowflake: whether its load is whole, and the stated audits.
fn in_snowflake(sink: &Sink, view: &View) -> String {
    let mut out = snowflake::load_checks(sink);
    out.push_str(&asked_for(&view.stated, Asked::View));
    out
}
