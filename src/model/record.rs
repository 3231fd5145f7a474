//! Entities, and the columns that records have.

use super::SystemId;
use super::expr::Expr;
use super::relation::RecordId;
use super::schema::{Generated, ReplicaIdentity};
use super::types::Type;
use crate::source::Span;
use crate::syntax::ast::{Docs, Spanned};

/// A fact's place of decision: a table and what is known of its rows.
#[derive(Clone, Debug)]
pub struct Entity {
    /// The name; for one found in a schema, its table's.
    pub name: String,
    /// The name in the declaration, else the path that brought it in.
    pub span: Span,
    /// Whether an `entity` declares it.
    pub declared: bool,
    /// Where it is recorded.
    pub home: Home,
    /// Documentation, else the schema's comment.
    pub docs: Docs,
    /// Its columns in order; empty and `open` where nobody says.
    pub columns: Vec<Column>,
    /// Neither a body nor a schema names the columns.
    pub open: bool,
    /// Names of the key's columns, in order; empty where the key is not known.
    pub key: Vec<String>,
    /// `from topic "…"`: captured by somebody else, read and never managed.
    pub from_topic: Option<Spanned<String>>,
    /// `deleted when …`: a row for which this holds counts as deleted in every view.
    pub deleted_when: Option<Expr>,
    /// `append only`.
    pub append_only: Option<Span>,
    /// `may truncate`.
    pub may_truncate: Option<Span>,
    /// The replica identity: stated here, else the schema's, else unknown.
    pub identity: Option<Spanned<ReplicaIdentity>>,
    /// Rough size and rate.
    pub volume: Option<Volume>,
    /// `unique (…)` statements: columns with the statement's span.
    pub uniques: Vec<Spanned<Vec<String>>>,
    /// `log version n replaces m`.
    pub log_version: Option<(Spanned<u64>, Option<Spanned<u64>>)>,
    /// The whole declaration; the path where there is none.
    pub scope: Span,
}

impl Entity {
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Where an entity is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The system.
    pub system: SystemId,
    /// Schema or database, with the kind's default where none is written.
    pub namespace: String,
    /// The table.
    pub table: String,
    /// The path as written.
    pub span: Span,
}

/// `volume 200_000 rows, 40/s writes`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Volume {
    /// Rows.
    pub rows: u64,
    /// Writes per second.
    pub writes_per_second: Option<f64>,
    /// Bytes of the largest row.
    pub largest_row: Option<u64>,
}

/// A column of an entity or event.
#[derive(Clone, Debug)]
pub struct Column {
    /// The name.
    pub name: String,
    /// Where it is named: in the `.dia` file, else in the schema.
    pub span: Span,
    /// The portable type.
    pub ty: Type,
    /// The source database's own name of the type, where a schema gives it.
    pub native: Option<String>,
    /// May be null.
    pub nullable: bool,
    /// Documentation, else the schema's comment.
    pub docs: Docs,
    /// `pii`.
    pub pii: Option<Span>,
    /// `unique`.
    pub unique: bool,
    /// `key mutable`: applications change the key's value.
    pub mutable: bool,
    /// An update that leaves the value alone may not carry it: stated `wide`, or the schema says it can be stored out of line.
    pub wide: bool,
    /// Whether the database computes it.
    pub generated: Generated,
    /// `event_time`.
    pub event_time: bool,
    /// `sequence per key` or per a column.
    pub sequence: Option<Spanned<Sequence>>,
    /// `operation from …`: it identifies one try-until-done of a caller.
    pub operation: Option<Spanned<Operation>>,
    /// `references brand`: the record it points to, where that is declared.
    pub references: Option<Spanned<Option<RecordId>>>,
    /// `sees friendship.revision`: what its writer had seen.
    pub sees: Option<Spanned<Option<Sees>>>,
    /// `was old_name`.
    pub was: Option<Spanned<String>>,
    /// `deprecated`.
    pub deprecated: Option<Span>,
    /// `default …`: what an old record counts as.
    pub default: Option<Spanned<String>>,
}

/// What a sequence counts per.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// The record's key.
    Key,
    /// That column.
    Column(String),
}

impl Column {
    /// A column of which nothing is known but its name and type: not null, and nothing is said of it.
    #[must_use]
    pub fn new(name: &str, span: Span, ty: Type) -> Self {
        Self {
            name: name.to_owned(),
            span,
            ty,
            native: None,
            nullable: false,
            docs: Vec::new(),
            pii: None,
            unique: false,
            mutable: false,
            wide: false,
            generated: Generated::No,
            event_time: false,
            sequence: None,
            operation: None,
            references: None,
            sees: None,
            was: None,
            deprecated: None,
            default: None,
        }
    }
}

/// Who makes the id of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The caller, once, before the first try.
    Client,
    /// The server, again with every try.
    Server,
    /// A deterministic function of those columns.
    Hash(Vec<String>),
}

/// A column of another record whose value was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sees {
    /// The record.
    pub record: RecordId,
    /// Its column.
    pub column: String,
}
