//! What a SQL schema file says about tables, as far as a pipeline needs it.

use std::collections::BTreeMap;

use super::types::Type;
use crate::source::Span;

/// The tables of one system, from one or more SQL files read in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// In order of declaration, partitions included.
    pub tables: Vec<Table>,
    /// Names are looked up without regard to case where no name is spelled as asked: in every kind but PostgreSQL.
    pub ignores_case: bool,
    /// Places in `tables`, by schema and name.
    places: BTreeMap<String, BTreeMap<String, usize>>,
    /// Places in `tables`, by the name in lower case; empty where case counts.
    alike: BTreeMap<String, Vec<usize>>,
}

impl Schema {
    /// A schema of these tables; of two with one name the first is found by it.
    #[must_use]
    pub fn new(tables: Vec<Table>, ignores_case: bool) -> Self {
        let mut places: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, table) in tables.iter().enumerate() {
            places.entry(table.schema.clone()).or_default().entry(table.name.clone()).or_insert(at);
            if ignores_case {
                alike.entry(table.name.to_lowercase()).or_default().push(at);
            }
        }
        Self { tables, ignores_case, places, alike }
    }

    /// The table `schema.name`. For PostgreSQL both are as the database folds them (unquoted names in lower case). For the
    /// other kinds a table of another spelling is found where it is the only one, a table whose file names no schema is
    /// found in any, and without a schema the only table of that name is found.
    #[must_use]
    pub fn table(&self, schema: &str, name: &str) -> Option<&Table> {
        let exact = self.places.get(schema).and_then(|names| names.get(name)).and_then(|at| self.tables.get(*at));
        if exact.is_some() || !self.ignores_case {
            return exact;
        }
        let in_schema = |table: &&Table| {
            schema.is_empty() || table.schema.is_empty() || table.schema.to_lowercase() == schema.to_lowercase()
        };
        let any = self.alike.get(&name.to_lowercase()).into_iter().flatten();
        let any: Vec<&Table> = any.filter_map(|at| self.tables.get(*at)).filter(in_schema).collect();
        let spelled: Vec<&Table> = any.iter().copied().filter(|table| table.name == name).collect();
        match (spelled.as_slice(), any.as_slice()) {
            ([one], _) | ([], [one]) => Some(one),
            _ => None,
        }
    }

    /// The schema with all names as a page writes them, where the database keeps names without quotes in upper case.
    #[must_use]
    pub fn in_lower_case(self) -> Self {
        let tables = self.tables.into_iter().map(|table| {
            let mut table = table.in_lower_case();
            lowered(&mut table.schema);
            lowered(&mut table.name);
            for key in &mut table.foreign_keys {
                lowered(&mut key.to_schema);
                lowered(&mut key.to_table);
            }
            table
        });
        Self::new(tables.collect(), self.ignores_case)
    }
}

/// One table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The schema (namespace), `public` where none is written and no `search_path` says otherwise.
    pub schema: String,
    /// The name, folded as the database folds it.
    pub name: String,
    /// The name in the `CREATE TABLE` statement.
    pub span: Span,
    /// Ordinary, partitioned, a partition.
    pub shape: Shape,
    /// Logged or not.
    pub persistence: Persistence,
    /// In order; inherited and `LIKE` columns are worked in.
    pub columns: Vec<SchemaColumn>,
    /// The primary key, wherever it was declared.
    pub primary_key: Option<Key>,
    /// Unique constraints and unique indexes.
    pub uniques: Vec<Unique>,
    /// What an update or delete writes about the old row.
    pub replica_identity: ReplicaIdentity,
    /// The statement that set it.
    pub replica_identity_span: Option<Span>,
    /// Foreign keys of this table.
    pub foreign_keys: Vec<ForeignKey>,
    /// `COMMENT ON TABLE`.
    pub comment: Option<String>,
}

impl Table {
    /// The column of exactly that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&SchemaColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column of that name, without regard to case where none is spelled so.
    #[must_use]
    pub fn column_alike(&self, name: &str) -> Option<&SchemaColumn> {
        let lower = name.to_lowercase();
        self.column(name).or_else(|| self.columns.iter().find(|column| column.name.to_lowercase() == lower))
    }

    /// The table with its columns as a page writes them, where the database keeps names without quotes in upper case.
    #[must_use]
    pub fn in_lower_case(mut self) -> Self {
        self.columns.iter_mut().for_each(|column| lowered(&mut column.name));
        self.primary_key.iter_mut().flat_map(|key| &mut key.columns).for_each(lowered);
        self.uniques.iter_mut().flat_map(|unique| &mut unique.columns).for_each(lowered);
        self.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(lowered);
        self
    }
}

/// A name as a page writes it for a database that keeps names without quotes in upper case: in lower case, unless it was
/// written in quotes.
fn lowered(name: &mut String) {
    if !name.chars().any(char::is_lowercase) {
        *name = name.to_lowercase();
    }
}

/// What kind of table it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An ordinary table.
    Ordinary,
    /// Declared `PARTITION BY`; rows live in its partitions.
    Partitioned,
    /// A partition of another table, by `PARTITION OF` or `ATTACH PARTITION`.
    PartitionOf {
        /// The parent's schema.
        schema: String,
        /// The parent's name.
        name: String,
    },
    /// A foreign table: it has no log of its own.
    Foreign,
}

/// Whether the table's changes are written to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// The normal case.
    Logged,
    /// `UNLOGGED`: never in a publication.
    Unlogged(Span),
    /// `TEMPORARY`: never in a publication.
    Temporary(Span),
}

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// In key order.
    pub columns: Vec<String>,
    /// `DEFERRABLE`: PostgreSQL does not take it as a replica identity.
    pub deferrable: bool,
    /// The constraint.
    pub span: Span,
}

/// A unique constraint or unique index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unique {
    /// The name of the constraint or index, also where PostgreSQL makes it up.
    pub name: String,
    /// Its columns; empty where it is over expressions.
    pub columns: Vec<String>,
    /// Has a `WHERE`.
    pub partial: bool,
    /// `DEFERRABLE`.
    pub deferrable: bool,
    /// The constraint or index.
    pub span: Span,
}

/// What an update or delete writes about the old row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaIdentity {
    /// The primary key's columns.
    Default,
    /// All columns.
    Full,
    /// Nothing: a publication refuses updates and deletes.
    Nothing,
    /// The columns of this unique index.
    Index(String),
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The referencing columns.
    pub columns: Vec<String>,
    /// Schema of the referenced table.
    pub to_schema: String,
    /// Name of the referenced table.
    pub to_table: String,
    /// `ON DELETE`.
    pub on_delete: Action,
    /// `ON UPDATE`.
    pub on_update: Action,
    /// The constraint.
    pub span: Span,
}

/// What a foreign key does when the referenced row goes or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Action {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaColumn {
    /// The name, folded as the database folds it.
    pub name: String,
    /// The name in the statement that made it.
    pub span: Span,
    /// The portable type; domains are followed to their base type.
    pub ty: Type,
    /// The database's own name of the type in canonical spelling, domains followed, such as `numeric(12,2)`, `timestamp with time zone`, `text[]`,
    /// `public.mpaa_rating`.
    pub native: String,
    /// Neither `NOT NULL` nor part of the primary key.
    pub nullable: bool,
    /// Whether and how the database computes it.
    pub generated: Generated,
    /// It has a default, an identity or a sequence.
    pub has_default: bool,
    /// Values can be stored out of line (TOAST), so that an update that leaves them alone may not carry them.
    pub toastable: bool,
    /// `COMMENT ON COLUMN`.
    pub comment: Option<String>,
}

/// Whether the database computes a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generated {
    /// It does not.
    No,
    /// `GENERATED ALWAYS AS (…) STORED`.
    Stored,
    /// `GENERATED ALWAYS AS (…) VIRTUAL`, or without a word from PostgreSQL 18 on.
    Virtual,
}
