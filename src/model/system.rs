//! Systems: stores, logs and engines.

use super::SystemId;
use super::process::Assume;
use super::schema::Schema;
use crate::source::Span;
use crate::syntax::ast::{Docs, Spanned};
use crate::systems::Kind;

/// A store or engine.
#[derive(Clone, Debug)]
pub struct System {
    /// The name.
    pub name: String,
    /// Its name where it is declared, else where it is first used.
    pub span: Span,
    /// The whole declaration; the same as `span` where there is none.
    pub scope: Span,
    /// Whether a `system` declares it; else its name is a kind.
    pub declared: bool,
    /// The kind.
    pub kind: Kind,
    /// Documentation.
    pub docs: Docs,
    /// Its tables, where a `schema` names a file that could be read.
    pub schema: Option<Schema>,
    /// The `schema` statement.
    pub schema_span: Option<Span>,
    /// `may hold pii`.
    pub may_hold_pii: Option<Span>,
    /// `may not hold pii`.
    pub may_not_hold_pii: Option<Span>,
    /// `version …`, as written.
    pub version: Option<Spanned<String>>,
    /// Where writes are accepted.
    pub leadership: Leadership,
    /// `replicas in …`: regions that serve reads only.
    pub replicas: Vec<Spanned<String>>,
    /// `encoding …` of a log.
    pub encoding: Option<Encoding>,
    /// `epoch n`: raised after a restore or failover that lowered the log's positions. 0 unless stated.
    pub epoch: Option<Spanned<u64>>,
    /// `managed rds`.
    pub managed: Option<Spanned<String>>,
    /// `log rate 5MiB/s`: what the whole server writes to its log, in bytes a second.
    pub log_rate: Option<Spanned<f64>>,
    /// `per column in a, b`: one database a member, alike in shape.
    pub shards: Option<Shards>,
    /// What is taken for true without proof.
    pub assumes: Vec<Assume>,
    /// The log that carries its changes: the one it names, else the only one there is.
    pub log: Option<SystemId>,
}

impl System {
    /// A system of which nothing is said but its kind.
    #[must_use]
    pub fn new(name: &str, span: Span, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            span,
            scope: span,
            declared: true,
            kind,
            docs: Vec::new(),
            schema: None,
            schema_span: None,
            may_hold_pii: None,
            may_not_hold_pii: None,
            version: None,
            leadership: Leadership::Single,
            replicas: Vec::new(),
            encoding: None,
            epoch: None,
            managed: None,
            log_rate: None,
            shards: None,
            assumes: Vec::new(),
            log: None,
        }
    }
}

/// Where a system's writes are accepted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Leadership {
    /// Nothing is said: one leader.
    #[default]
    Single,
    /// `leader in eu`.
    In(Spanned<String>),
    /// `leaders in eu, us`: each accepts writes of every row.
    Several(Vec<Spanned<String>>),
    /// `leader per row by home_region`: each row has one leader, which that column names.
    PerRow(Spanned<String>),
}

/// `encoding avro evolves backward_transitive`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// `json`, `avro` or `protobuf`.
    pub format: Spanned<String>,
    /// The compatibility a registry holds new schemas to.
    pub evolves: Option<Spanned<String>>,
}

/// `postgres per country in de, fr, uk`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shards {
    /// The column that says where a row lives; it leads every key.
    pub column: Spanned<String>,
    /// The members.
    pub members: Vec<Spanned<String>>,
}
