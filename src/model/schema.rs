//! What a SQL schema file says about tables, as far as a pipeline needs it.

use std::collections::BTreeMap;

use super::types::Type;
use crate::source::Span;

/// The tables of one system, from one or more SQL files read in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// In order of declaration, partitions included.
    pub tables: Vec<Table>,
    /// Places in `tables`, by schema and name.
    places: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Schema {
    /// A schema of these tables; of two with one name the first is found by it.
    #[must_use]
    pub fn new(tables: Vec<Table>) -> Self {
        let mut places: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for (at, table) in tables.iter().enumerate() {
            places.entry(table.schema.clone()).or_default().entry(table.name.clone()).or_insert(at);
        }
        Self { tables, places }
    }

    /// The table `schema.name`; both as PostgreSQL folds them (unquoted names in lower case).
    #[must_use]
    pub fn table(&self, schema: &str, name: &str) -> Option<&Table> {
        self.tables.get(*self.places.get(schema)?.get(name)?)
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
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&SchemaColumn> {
        self.columns.iter().find(|column| column.name == name)
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
