//! Events, the processes that make events of events, and the constraints that must hold over all of it.

use super::expr::Expr;
use super::relation::{Derived, InputId, Term};
use super::{Column, EventId, Promise, SystemId, Volume};
use crate::source::Span;
use crate::syntax::ast::{Docs, Duration, Spanned};

/// A fact that is recorded once and never changes.
#[derive(Clone, Debug)]
pub struct Event {
    /// The name.
    pub name: String,
    /// The name in the declaration.
    pub span: Span,
    /// The log.
    pub log: SystemId,
    /// The topic.
    pub topic: String,
    /// The path of the topic, as written.
    pub home_span: Span,
    /// Documentation.
    pub docs: Docs,
    /// Its columns.
    pub columns: Vec<Column>,
    /// No body says its columns.
    pub open: bool,
    /// Its identity; empty where none is stated.
    pub key: Vec<String>,
    /// What routes it to a partition: `partitioned by`, else the key.
    pub routing: Vec<Term>,
    /// The statement `partitioned by`.
    pub partitioned: Option<Span>,
    /// `via outbox …`.
    pub outbox: Option<Outbox>,
    /// `retain …`.
    pub retain: Option<Spanned<Retain>>,
    /// Rough size and rate.
    pub volume: Option<Volume>,
    /// What is taken for true without proof.
    pub assumes: Vec<Assume>,
    /// The whole declaration.
    pub scope: Span,
}

impl Event {
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// How long a log keeps records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retain {
    /// For ever.
    Forever,
    /// That long.
    For(Duration),
}

impl Retain {
    /// Milliseconds; for ever is the largest number.
    #[must_use]
    pub fn ms(self) -> u64 {
        match self {
            Self::Forever => u64::MAX,
            Self::For(duration) => duration.ms,
        }
    }
}

/// A table that records an event in the transaction of the row it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// The database.
    pub system: SystemId,
    /// Schema or database below it.
    pub namespace: String,
    /// The table.
    pub table: String,
    /// The path as written.
    pub span: Span,
}

/// `assume deterministic because "…"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assume {
    /// What is assumed.
    pub what: String,
    /// The reason.
    pub because: String,
    /// The statement.
    pub span: Span,
}

/// Which events cause which events.
#[derive(Clone, Debug)]
pub struct Process {
    /// The name.
    pub name: String,
    /// The name in the declaration.
    pub span: Span,
    /// Documentation.
    pub docs: Docs,
    /// What it reads, in order.
    pub inputs: Vec<Spanned<InputId>>,
    /// What it makes.
    pub emits: Vec<Emit>,
    /// `run "image"`: the owner's own code.
    pub run: Option<Spanned<String>>,
    /// What readers of its events may rely on.
    pub guarantees: Vec<Promise>,
    /// What is taken for true without proof.
    pub assumes: Vec<Assume>,
    /// The whole declaration.
    pub scope: Span,
}

/// `emit instruction (request_id, 'debit' as leg, …) when …`.
#[derive(Clone, Debug)]
pub struct Emit {
    /// The event.
    pub event: EventId,
    /// The statement.
    pub span: Span,
    /// Its values over the input's columns; none where the statement lists none: foreign code fills them, or columns of equal names pass.
    pub columns: Option<Vec<Derived>>,
    /// `when …`.
    pub when: Option<Term>,
    /// The same as targets write it; none where foreign code makes it, or where this version cannot (reported).
    pub made: Option<Made>,
}

/// An event as it is made of one record of one input.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The input whose records it is made of.
    pub input: EventId,
    /// Columns of the emitted event with their values over the input's columns, in order.
    pub values: Vec<(String, Expr)>,
    /// Only when this holds.
    pub when: Option<Expr>,
}

/// A rule that must hold over a record or a view.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// The name.
    pub name: String,
    /// The name in the declaration.
    pub span: Span,
    /// Documentation.
    pub docs: Docs,
    /// It must never be broken; else it may be broken for a while and is repaired.
    pub hard: bool,
    /// What it is about.
    pub on: Spanned<InputId>,
    /// The rule.
    pub rule: ConstraintRule,
    /// The rule as written.
    pub rule_span: Span,
    /// `check every d`.
    pub check_every: Option<Spanned<Duration>>,
    /// It says what repairs a breach, be it an event that is not known (reported).
    pub compensates: bool,
    /// `compensate with event`.
    pub compensate: Option<Spanned<EventId>>,
    /// `because "…"`.
    pub because: Option<String>,
    /// The whole declaration.
    pub scope: Span,
}

/// What a constraint says.
#[derive(Clone, Debug, PartialEq)]
pub enum ConstraintRule {
    /// No two rows are alike in these columns.
    Unique(Vec<String>),
    /// True for every row.
    Condition(Term),
}
