//! The tables that the statements have made so far.

use std::collections::BTreeMap;

use super::Dialect;
use super::constraint::OWN;
use super::cursor::{Ident, Path};
use super::types::Known;
use crate::model::schema::{ForeignKey, Key, Persistence, ReplicaIdentity, Schema, SchemaColumn, Shape, Table, Unique};
use crate::source::Span;

/// A table, with the names of its constraints, which `DROP` needs.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub table: Table,
    /// The primary key's name.
    pub key_name: Option<String>,
    /// The names of the foreign keys, in their order.
    pub foreign_names: Vec<Option<String>>,
}

/// Everything the files have declared up to a statement.
#[derive(Debug)]
pub(super) struct Catalog {
    pub dialect: Dialect,
    pub entries: Vec<Entry>,
    /// Types that people declare, by schema and name in lower case.
    pub types: BTreeMap<(String, String), Known>,
    /// The schema of names without one.
    pub current: String,
}

/// Schema and name of a table.
pub(super) type Place = (String, String);

impl Catalog {
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, entries: Vec::new(), types: BTreeMap::new(), current: dialect.default_schema().to_owned() }
    }

    /// Where a name belongs: in MySQL the part in front is the database, elsewhere the schema.
    pub fn place(&self, path: &Path) -> Place {
        let mut parts = path.iter().rev().map(|ident| ident.text.clone());
        let name = parts.next().unwrap_or_default();
        (parts.next().unwrap_or_else(|| self.current.clone()), name)
    }

    pub fn same(&self, a: &str, b: &str) -> bool {
        same(self.dialect, a, b)
    }

    /// The table of that place. A name without a schema also finds the only table of that name.
    pub fn find(&self, path: &Path) -> Option<usize> {
        let (schema, name) = self.place(path);
        let exact = |entry: &Entry| entry.table.schema == schema && entry.table.name == name;
        if let Some(at) = self.entries.iter().position(exact) {
            return Some(at);
        }
        let alike = |entry: &Entry| self.same(&entry.table.schema, &schema) && self.same(&entry.table.name, &name);
        if let Some(at) = self.entries.iter().position(alike) {
            return Some(at);
        }
        let mut named = self.entries.iter().enumerate().filter(|(_, entry)| self.same(&entry.table.name, &name));
        let found = named.next()?;
        let alone = named.next().is_none() && (path.len() == 1 || found.1.table.schema.is_empty());
        alone.then_some(found.0)
    }

    pub fn entry(&mut self, at: usize) -> Option<&mut Entry> {
        self.entries.get_mut(at)
    }

    /// Takes a table away, and the foreign keys that point to it.
    pub fn drop_table(&mut self, at: usize) {
        if at >= self.entries.len() {
            return;
        }
        let gone = self.entries.remove(at).table;
        let dialect = self.dialect;
        for entry in &mut self.entries {
            let stays: Vec<bool> = entry
                .table
                .foreign_keys
                .iter()
                .map(|key| !same(dialect, &key.to_table, &gone.name) || !same(dialect, &key.to_schema, &gone.schema))
                .collect();
            retain(&mut entry.table.foreign_keys, &stays);
            retain(&mut entry.foreign_names, &stays);
        }
    }

    /// Gives a table another name or place; what points to it follows.
    pub fn rename_table(&mut self, at: usize, (schema, name): Place) {
        let Some(entry) = self.entries.get_mut(at) else { return };
        let old = (
            std::mem::replace(&mut entry.table.schema, schema.clone()),
            std::mem::replace(&mut entry.table.name, name.clone()),
        );
        let dialect = self.dialect;
        for key in self.entries.iter_mut().flat_map(|entry| &mut entry.table.foreign_keys) {
            if same(dialect, &key.to_schema, &old.0) && same(dialect, &key.to_table, &old.1) {
                key.to_schema.clone_from(&schema);
                key.to_table.clone_from(&name);
            }
        }
    }

    /// The schema that all statements together made.
    pub fn finish(mut self) -> Schema {
        let dialect = self.dialect;
        let places: Vec<Place> =
            self.entries.iter().map(|entry| (entry.table.schema.clone(), entry.table.name.clone())).collect();
        for entry in &mut self.entries {
            entry.finish(dialect);
            for key in &mut entry.table.foreign_keys {
                let is = |(schema, name): &&Place| {
                    same(dialect, name, &key.to_table) && (same(dialect, schema, &key.to_schema) || schema.is_empty())
                };
                if let Some((schema, name)) = places.iter().find(is) {
                    key.to_schema.clone_from(schema);
                    key.to_table.clone_from(name);
                }
            }
        }
        let tables = self.entries.into_iter().map(|entry| entry.table).collect();
        Schema::new(tables, true)
    }
}

/// Keeps what `stays` says, item by item.
fn retain<X>(items: &mut Vec<X>, stays: &[bool]) {
    let mut stays = stays.iter();
    items.retain(|_| stays.next().copied().unwrap_or(true));
}

/// Whether two names are one to the database.
pub(super) fn same(dialect: Dialect, a: &str, b: &str) -> bool {
    // MySQL's and SQL Server's columns and, on most servers, tables are told apart without regard to case.
    if dialect.folds_up() { a == b } else { a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase() }
}

impl Entry {
    pub fn new((schema, name): Place, span: Span) -> Self {
        let table = Table {
            schema,
            name,
            span,
            shape: Shape::Ordinary,
            persistence: Persistence::Logged,
            columns: Vec::new(),
            primary_key: None,
            uniques: Vec::new(),
            replica_identity: ReplicaIdentity::Default,
            replica_identity_span: None,
            foreign_keys: Vec::new(),
            comment: None,
        };
        Self { table, key_name: None, foreign_names: Vec::new() }
    }

    /// The place of a column.
    pub fn column_at(&self, dialect: Dialect, name: &str) -> Option<usize> {
        let columns = &self.table.columns;
        let exact = columns.iter().position(|column| column.name == name);
        exact.or_else(|| columns.iter().position(|column| same(dialect, &column.name, name)))
    }

    pub fn column(&mut self, dialect: Dialect, name: &str) -> Option<&mut SchemaColumn> {
        let at = self.column_at(dialect, name)?;
        self.table.columns.get_mut(at)
    }

    pub fn set_key(&mut self, name: Option<String>, columns: Vec<String>, span: Span) {
        self.key_name = name;
        // Whether it can be deferred matters to PostgreSQL's replica identity alone.
        self.table.primary_key = Some(Key { columns, deferrable: false, span });
    }

    pub fn add_unique(&mut self, dialect: Dialect, name: Option<String>, columns: Vec<String>, span: Span) {
        let name = name.unwrap_or_else(|| self.made_up(dialect, columns.first()));
        self.table.uniques.push(Unique { name, columns, partial: false, deferrable: false, span });
    }

    /// MySQL names an index after its first column, with a number where that is taken; the other names hold numbers that
    /// no file knows.
    fn made_up(&self, dialect: Dialect, first: Option<&String>) -> String {
        let Some(first) = first.filter(|_| dialect.is_mysql()) else { return String::new() };
        let taken = |name: &str| self.table.uniques.iter().any(|unique| unique.name.eq_ignore_ascii_case(name));
        let mut names = std::iter::once(first.clone()).chain((2..).map(|n| format!("{first}_{n}")));
        names.find(|name| !taken(name)).unwrap_or_default()
    }

    pub fn add_foreign(&mut self, name: Option<String>, mut key: ForeignKey) {
        if key.to_schema == OWN {
            key.to_schema.clone_from(&self.table.schema);
        }
        self.table.foreign_keys.push(key);
        self.foreign_names.push(name);
    }

    /// Takes a constraint or index away, whatever it is.
    pub fn drop_constraint(&mut self, dialect: Dialect, name: &str) {
        let is = |known: &str| same(dialect, known, name);
        if self.key_name.as_deref().is_some_and(is) || dialect.is_mysql() && is("PRIMARY") {
            self.drop_key();
        }
        self.table.uniques.retain(|unique| !is(&unique.name));
        self.drop_foreign(dialect, name);
    }

    pub fn drop_key(&mut self) {
        self.key_name = None;
        self.table.primary_key = None;
    }

    pub fn drop_foreign(&mut self, dialect: Dialect, name: &str) {
        let stays: Vec<bool> =
            self.foreign_names.iter().map(|known| !known.as_deref().is_some_and(|k| same(dialect, k, name))).collect();
        retain(&mut self.table.foreign_keys, &stays);
        retain(&mut self.foreign_names, &stays);
    }

    pub fn rename_constraint(&mut self, dialect: Dialect, from: &str, to: &str) {
        let keys = self.key_name.iter_mut().chain(self.foreign_names.iter_mut().flatten());
        for name in keys.chain(self.table.uniques.iter_mut().map(|unique| &mut unique.name)) {
            if same(dialect, name, from) {
                to.clone_into(name);
            }
        }
    }

    /// Takes a column away. MySQL takes it out of the keys it is in; elsewhere such keys go or the statement fails.
    pub fn drop_column(&mut self, dialect: Dialect, name: &str) {
        let is = |known: &String| same(dialect, known, name);
        self.table.columns.retain(|column| !is(&column.name));
        if dialect.is_mysql() {
            for unique in &mut self.table.uniques {
                unique.columns.retain(|column| !is(column));
            }
            self.table.uniques.retain(|unique| !unique.columns.is_empty());
            if let Some(key) = &mut self.table.primary_key {
                key.columns.retain(|column| !is(column));
            }
        } else {
            self.table.uniques.retain(|unique| !unique.columns.iter().any(is));
        }
        if self.table.primary_key.as_ref().is_some_and(|key| key.columns.is_empty() || key.columns.iter().any(is)) {
            self.drop_key();
        }
        let stays: Vec<bool> = self.table.foreign_keys.iter().map(|key| !key.columns.iter().any(is)).collect();
        retain(&mut self.table.foreign_keys, &stays);
        retain(&mut self.foreign_names, &stays);
    }

    pub fn rename_column(&mut self, dialect: Dialect, from: &str, to: &Ident) {
        if let Some(column) = self.column(dialect, from) {
            column.name.clone_from(&to.text);
        }
        let keys = self.table.primary_key.iter_mut().map(|key| &mut key.columns);
        let uniques = self.table.uniques.iter_mut().map(|unique| &mut unique.columns);
        let foreign = self.table.foreign_keys.iter_mut().map(|key| &mut key.columns);
        for name in keys.chain(uniques).chain(foreign).flatten() {
            if same(dialect, name, from) {
                name.clone_from(&to.text);
            }
        }
    }

    /// Brings the names in keys into the columns' own spelling; what is in the primary key is never null.
    fn finish(&mut self, dialect: Dialect) {
        let spelled: Vec<String> = self.table.columns.iter().map(|column| column.name.clone()).collect();
        let spell = |name: &mut String| {
            if !spelled.contains(name)
                && let Some(own) = spelled.iter().find(|own| same(dialect, own, name))
            {
                name.clone_from(own);
            }
        };
        let table = &mut self.table;
        table.primary_key.iter_mut().flat_map(|key| &mut key.columns).for_each(spell);
        table.uniques.iter_mut().flat_map(|unique| &mut unique.columns).for_each(spell);
        table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(spell);
        if let Some(key) = &table.primary_key {
            for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
                column.nullable = false;
            }
        }
    }
}
