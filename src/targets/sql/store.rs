//! A PostgreSQL store's side: the role that writes, the tables of its views, teardown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::Mask;
use crate::plan::inside::{Form, Inside};
use crate::plan::{Address, Deployment, PlannedFlow, Sink, Table, Template, sql_type};
use crate::systems::Kind;
use crate::targets::spelling::one_line;
use crate::targets::sql::facts::{self, FactTable};
use crate::targets::sql::role::{self, Duty};
use crate::targets::sql::spell::{header, name, path, right_database, text};
use crate::targets::sql::{guard, inside};

/// A PostgreSQL database that holds views, with everything of this deployment that lives in it.
pub(super) struct Store<'a> {
    /// The system's name.
    pub(super) name: &'a str,
    /// Its database.
    pub(super) database: &'a Template,
    /// Writing roles with their passwords.
    pub(super) roles: BTreeMap<&'a str, &'a Template>,
    /// Its tables of rows that change, views in order of the plan.
    pub(super) tables: Vec<ViewTable<'a>>,
    /// Its tables of facts.
    pub(super) facts: Vec<FactTable<'a>>,
    /// Views that its own SQL makes, each behind those it is made of.
    pub(super) inside: Vec<&'a Inside>,
}

/// One table of a view.
pub(super) struct ViewTable<'a> {
    /// The view.
    pub(super) sink: &'a Sink,
    /// The flow that fills it.
    pub(super) flow: &'a PlannedFlow,
    /// The table.
    pub(super) table: &'a Table,
    /// The role that writes it.
    pub(super) role: &'a str,
    /// What people should know of it.
    pub(super) docs: Vec<&'a str>,
    /// Columns a filter reads and nothing stores.
    pub(super) unstored: Vec<Unstored>,
}

/// A column that only a filter reads: the row brings it, the guard looks at it, the table keeps null.
pub(super) struct Unstored {
    /// Its name in the table.
    pub(super) name: String,
    /// The record's column.
    pub(super) source: String,
    /// Its type where the plan does not give the table such a column.
    pub(super) added: Option<String>,
}

impl<'a> Store<'a> {
    /// The PostgreSQL stores of a deployment's views, by name.
    pub(super) fn of(
        deployment: &'a Deployment,
        docs: impl Fn(&'a Sink, &'a PlannedFlow) -> Vec<&'a str>,
    ) -> Vec<Self> {
        let mut stores: BTreeMap<&str, Self> = BTreeMap::new();
        for sink in &deployment.sinks {
            let Some((store, role)) = Self::entered(&mut stores, &sink.store_name, &sink.address) else { continue };
            for flow in &sink.flows {
                let crate::plan::Target::Table(table) = &flow.target else { continue };
                if flow.facts().is_some() {
                    store.facts.push(FactTable { sink, flow, table, role, docs: docs(sink, flow) });
                } else {
                    let unstored = unstored(flow, table);
                    store.tables.push(ViewTable { sink, flow, table, role, docs: docs(sink, flow), unstored });
                }
            }
        }
        for inside in &deployment.inside {
            if let Some((store, _)) = Self::entered(&mut stores, &inside.store_name, &inside.address) {
                store.inside.push(inside);
            }
        }
        stores.into_values().collect()
    }

    /// The store of that name with the role that writes it.
    fn entered<'s>(
        stores: &'s mut BTreeMap<&'a str, Self>,
        name: &'a str,
        address: &'a Address,
    ) -> Option<(&'s mut Self, &'a str)> {
        let Address::Postgres { database, role, password, .. } = address else { return None };
        let store = stores.entry(name).or_insert_with(|| Self {
            name,
            database,
            roles: BTreeMap::new(),
            tables: Vec::new(),
            facts: Vec::new(),
            inside: Vec::new(),
        });
        store.roles.insert(role, password);
        Some((store, role))
    }
}

fn unstored(flow: &PlannedFlow, table: &Table) -> Vec<Unstored> {
    let shown =
        |column: &str| table.key.iter().any(|key| key == column) || flow.columns.iter().any(|c| c.name == column);
    let mut all: Vec<Unstored> = Vec::new();
    if !flow.columns.is_empty() {
        let hidden = table.columns.iter().filter(|column| !shown(&column.name));
        all.extend(hidden.map(|column| Unstored {
            name: column.name.clone(),
            source: column.source.clone(),
            added: None,
        }));
    }
    for filter in &flow.filters {
        filter.visit(&mut |expr| {
            if let crate::model::expr::Expr::Column { name, ty, .. } = expr
                && !table.columns.iter().any(|column| column.source == *name)
                && !all.iter().any(|column| column.source == *name)
            {
                all.push(Unstored {
                    name: name.clone(),
                    source: name.clone(),
                    added: Some(sql_type(Kind::Postgres, ty, None)),
                });
            }
        });
    }
    all
}

impl ViewTable<'_> {
    /// The name of the table's column that holds this column of the record.
    pub(super) fn column_of(&self, source: &str) -> String {
        let stored = self.table.columns.iter().find(|column| column.source == source).map(|column| &column.name);
        let hidden = || self.unstored.iter().find(|column| column.source == source).map(|column| &column.name);
        stored.or_else(hidden).map_or_else(|| source.to_owned(), Clone::clone)
    }

    /// Its quoted path.
    pub(super) fn path(&self) -> String {
        path(&self.table.namespace, &self.table.name)
    }
}

/// `04-view-tables.sql`.
pub(super) fn view_tables(store: &Store<'_>) -> String {
    let mut out = header(
        &format!("Tables of the views in {}.", one_line(store.name)),
        "a superuser, or as the owner of the database with the right to create roles",
        "Before 05-idempotency.sql, which guards these tables; both before any sink connector is made.",
    );
    out.push_str(&right_database(store.database));
    for (role, password) in &store.roles {
        out.push_str("\n-- The sink connector logs in as this role and owns nothing.\n");
        out.push_str(&role::login(role, password, Duty::Write));
    }
    for table in &store.tables {
        out.push_str(&view_table(table));
    }
    for table in &store.facts {
        out.push_str(&facts::table(table));
    }
    out
}

fn view_table(view: &ViewTable<'_>) -> String {
    let ViewTable { sink, flow, table, role, .. } = view;
    let full = view.path();
    let mut out = format!(
        "\n-- View {} version {}, from {}.\n",
        one_line(&sink.name),
        sink.version,
        one_line(&format!("{}.{}", flow.home().0, flow.home().1))
    );
    if table.namespace != "public" {
        let _ = writeln!(out, "CREATE SCHEMA IF NOT EXISTS {};", name(&table.namespace));
    }
    out.push_str("-- No constraint beyond the record's own: a row that is refused here stops the view.\n");
    let mut columns: Vec<(String, String)> = Vec::new();
    for column in &table.columns {
        let hidden = view.unstored.iter().any(|unstored| unstored.name == column.name);
        let carried = view.flow.columns.iter().find(|carried| carried.name == column.name);
        let emptied = carried.is_some_and(|carried| carried.mask == Some(Mask::Null));
        let not_null = if column.nullable || hidden || emptied { "" } else { " NOT NULL" };
        columns.push((name(&column.name), format!("{}{not_null}", column.sql_type)));
    }
    for column in &view.unstored {
        if let Some(ty) = &column.added {
            columns.push((name(&column.name), ty.clone()));
        }
    }
    columns.push((name("__lsn"), "bigint NOT NULL".to_owned()));
    columns.push((name("__deleted"), "text".to_owned()));
    let lines: Vec<String> = columns.iter().map(|(column, ty)| format!("  {column} {ty}")).collect();
    let _ = writeln!(out, "CREATE TABLE IF NOT EXISTS {full} (\n{},", lines.join(",\n"));
    let key: Vec<String> = table.key.iter().map(|column| name(column)).collect();
    let _ = writeln!(out, "  PRIMARY KEY ({})\n);", key.join(", "));

    out.push_str(
        "-- An older table gets the columns that are new; they may be null, since rows from before have no value.\n",
    );
    for (column, ty) in &columns {
        let ty = ty.strip_suffix(" NOT NULL").unwrap_or(ty);
        let _ = writeln!(out, "ALTER TABLE {full} ADD COLUMN IF NOT EXISTS {column} {ty};");
    }
    out.push_str(&comments(view));
    let _ = writeln!(out, "GRANT USAGE ON SCHEMA {} TO {};", name(&table.namespace), name(role));
    let _ = writeln!(out, "GRANT SELECT, INSERT, UPDATE, DELETE ON {full} TO {};", name(role));
    out
}

fn comments(view: &ViewTable<'_>) -> String {
    let full = view.path();
    let mut out = String::new();
    let mut about = view.docs.join("\n");
    if about.is_empty() {
        about = format!("View {} of {}.{}.", view.sink.name, view.flow.home().0, view.flow.home().1);
    }
    let _ = writeln!(out, "COMMENT ON TABLE {full} IS {};", text(&about));
    for column in &view.table.columns {
        let docs = view.flow.columns.iter().find(|carried| carried.name == column.name).map(|carried| &carried.docs);
        if let Some(docs) = docs.filter(|docs| !docs.is_empty()) {
            let _ = writeln!(out, "COMMENT ON COLUMN {full}.{} IS {};", name(&column.name), text(&docs.join("\n")));
        }
    }
    for column in &view.unstored {
        let _ = writeln!(
            out,
            "COMMENT ON COLUMN {full}.{} IS 'Always null: only the condition of the view reads it.';",
            name(&column.name)
        );
    }
    let _ = writeln!(
        out,
        "COMMENT ON COLUMN {full}.\"__lsn\" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';"
    );
    let _ = writeln!(
        out,
        "COMMENT ON COLUMN {full}.\"__deleted\" IS 'Used on the way only: always null in a stored row.';"
    );
    out
}

/// The store's part of `99-teardown.sql`.
pub(super) fn teardown(store: &Store<'_>) -> String {
    let mut out = String::from(
        "\n-- Stop the sink connectors before: without the guard a late delivery would take rows back in time.\n",
    );
    for view in store.inside.iter().rev() {
        out.push_str(&inside::teardown(view));
    }
    for view in &store.tables {
        out.push_str(&guard::teardown(view));
    }
    for view in &store.facts {
        out.push_str(&facts::teardown(view));
    }
    out.push_str("\n-- The views' tables may still be read. To remove them as well:\n");
    for view in &store.tables {
        let _ = writeln!(out, "--   DROP TABLE IF EXISTS {};", one_line(&view.path()));
    }
    for view in &store.facts {
        let _ =
            writeln!(out, "--   DROP TABLE IF EXISTS {};", one_line(&path(&view.table.namespace, &view.table.name)));
    }
    for view in &store.inside {
        if matches!(view.form, Form::Kept { .. }) {
            let _ = writeln!(out, "--   DROP TABLE IF EXISTS {};", one_line(&path(&view.namespace, &view.table)));
        }
    }
    out.push('\n');
    for role in store.roles.keys() {
        out.push_str(&role::revoke_all(role));
        out.push_str(&role::drop(role));
    }
    out
}
