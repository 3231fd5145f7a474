//! What a view's rows are: their columns with types and lineage, their key, what routes them, and the steps that make them.
//!
//! A value is followed back to columns of records (entities and events), through any number of views, so that a rule can ask "which column of which record
//! is this?" without walking stages again.

use std::collections::BTreeSet;

use super::expr::Expr;
use super::types::Type;
use super::{EntityId, EventId, Mask, ViewId};
use crate::source::Span;
use crate::syntax::ast::{Duration, Spanned, WindowKind};

/// What decides facts: an entity or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum RecordId {
    Entity(EntityId),
    Event(EventId),
}

/// What rows can be taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum InputId {
    Entity(EntityId),
    Event(EventId),
    View(ViewId),
}

/// A column of a record, as it came into a relation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnRef {
    /// The record.
    pub record: RecordId,
    /// Its column.
    pub column: String,
    /// The `join` or `nest` stage that brought the record in; none where the pipeline starts with it. Two joins of one entity are two rows.
    pub joined: Option<Span>,
}

/// A value in a normal form that can be compared: two equal terms over one row have one value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// A column of a record, unchanged.
    Column(ColumnRef),
    /// A literal, as written.
    Literal(String),
    /// A function or operator over terms, by its word: `pair`, `coalesce`, `+`, `case`, `mask`, `sum`, `count`, `window_start` … What has no order
    /// (`pair`) has its terms sorted; `either` is a column of a union, with a term for each input that has it.
    Apply(String, Vec<Term>),
}

impl Term {
    /// The column it is an unchanged copy of.
    #[must_use]
    pub fn column(&self) -> Option<&ColumnRef> {
        if let Self::Column(column) = self { Some(column) } else { None }
    }

    /// Every column it reads.
    #[must_use]
    pub fn reads(&self) -> BTreeSet<&ColumnRef> {
        let mut all = BTreeSet::new();
        self.visit(&mut |term| all.extend(term.column()));
        all
    }

    /// Calls `f` on this term and all below it.
    pub fn visit<'a>(&'a self, f: &mut impl FnMut(&'a Self)) {
        f(self);
        if let Self::Apply(_, terms) = self {
            terms.iter().for_each(|term| term.visit(f));
        }
    }

    /// Whether a function of that word stands anywhere in it.
    #[must_use]
    pub fn applies(&self, words: &[&str]) -> bool {
        let mut found = false;
        self.visit(&mut |term| found |= matches!(term, Self::Apply(word, _) if words.contains(&word.as_str())));
        found
    }

    /// The columns it is a copy of, one for each branch of a union; none where it is computed in any of them.
    #[must_use]
    pub fn copies(&self) -> Option<Vec<&ColumnRef>> {
        match self {
            Self::Column(column) => Some(vec![column]),
            Self::Apply(word, terms) if word == "either" => {
                let all: Option<Vec<Vec<&ColumnRef>>> = terms.iter().map(Self::copies).collect();
                Some(all?.concat())
            }
            Self::Literal(_) | Self::Apply(..) => None,
        }
    }
}

/// Words of functions that make one value of many rows.
pub const AGGREGATES: &[&str] = &["count", "sum", "avg", "min", "max"];

/// A column of a relation.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// Its name.
    pub name: String,
    /// Names its row goes by: `product` in `product.price`; empty behind `group by`.
    pub row: Vec<String>,
    /// Where it is selected, else where its record declares it.
    pub span: Span,
    /// The portable type; `Other("unknown")` where nobody says.
    pub ty: Type,
    /// May be null.
    pub nullable: bool,
    /// What its value is.
    pub term: Term,
    /// It shows personal data; the span is where a record says so.
    pub pii: Option<Span>,
    /// How its value is hidden.
    pub mask: Option<Spanned<Mask>>,
}

/// What a row of a relation stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// What is the case now, by key: rows change and go.
    State,
    /// What happened, once each: rows come and stay.
    Facts,
}

/// What a pipeline takes rows from, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What it is.
    pub what: InputId,
    /// The path as written.
    pub span: Span,
    /// What for.
    pub role: Role,
    /// The condition of a `join` or `nest`; none for other inputs, and where it could not be read (reported).
    pub on: Option<Term>,
}

impl Input {
    /// What the condition holds equal, whenever it is true.
    #[must_use]
    pub fn equal(&self) -> BTreeSet<(&Term, &Term)> {
        let mut all = BTreeSet::new();
        let mut left: Vec<&Term> = self.on.iter().collect();
        while let Some(term) = left.pop() {
            match term {
                Term::Apply(word, terms) if word == "and" => left.extend(terms),
                Term::Apply(word, terms) if word == "=" => {
                    if let [a, b] = terms.as_slice() {
                        all.insert(if a <= b { (a, b) } else { (b, a) });
                    }
                }
                Term::Column(_) | Term::Literal(_) | Term::Apply(..) => {}
            }
        }
        all
    }
}

/// What an input is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The pipeline starts with it.
    Start,
    /// `join`.
    Join {
        /// `left join`: a row without a partner stays.
        left: bool,
        /// `join many`: every partner makes a row.
        many: bool,
        /// `within d`: both are facts, and partners are at most that far apart.
        within: Option<Duration>,
        /// The condition holds for at most one row of the joined side: it fixes the whole key. Unknown keys count as fixed.
        keyed: bool,
    },
    /// `nest`.
    Nest,
    /// `union`.
    Union,
}

/// A step of a pipeline, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The stage.
    pub span: Span,
    /// What it does.
    pub kind: StepKind,
    /// What its input rows stand for.
    pub before: Nature,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// `where`.
    Where {
        /// The condition.
        term: Term,
        /// The same, as targets write it; none where this version cannot.
        expr: Option<Expr>,
        /// Reads only columns of the key: true for a row once, true for ever.
        key_only: bool,
    },
    /// `select`.
    Select {
        /// Whether anything but a column is selected.
        computes: bool,
    },
    /// `drop`.
    Drop,
    /// `mask`.
    Mask,
    /// `join`: the input of that number.
    Join(usize),
    /// `group by`.
    Group {
        /// What rows are grouped by, without the window.
        by: Vec<Term>,
    },
    /// `window`.
    Window {
        /// Its kind and length.
        kind: WindowKind,
        /// The column whose time counts.
        on: Derived,
        /// Whether a record marks that column `event_time`.
        event_time: bool,
        /// `late d`.
        late: Option<Duration>,
    },
    /// `nest`: the input of that number.
    Nest(usize),
    /// `distinct by`.
    Distinct {
        /// What is looked at.
        by: Vec<Term>,
    },
    /// `union`: the inputs from that number on.
    Union(usize),
    /// `key by`.
    KeyBy {
        /// The new identity and routing.
        by: Vec<Term>,
    },
}

/// What a view's rows are.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// What a row stands for.
    pub nature: Nature,
    /// The columns in order; what else a row may have is not known where `open`.
    pub columns: Vec<Derived>,
    /// Columns of the record that starts the pipeline are not known, and all pass.
    pub open: bool,
    /// What identifies a row; empty where the record's key is not known. A key need not be among the columns.
    pub key: Vec<Term>,
    /// What routes rows to partitions of the log they come in, at the end of the pipeline.
    pub routing: Vec<Term>,
    /// Columns beside the result's that the view's statements may name: those of the rows it is made of.
    pub beside: Vec<Derived>,
    /// The steps in order, of this view only.
    pub steps: Vec<Step>,
}

impl Relation {
    /// The column of the result.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Derived> {
        self.columns.iter().find(|column| column.name == name)
    }
}
