//! Processes, services and constraints.

use super::{Allow, Assume, Claim, Docs, Duration, Expr, Name, Path, SelectItem, Spanned};
use crate::source::Span;

/// `process p from e { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// Documentation.
    pub docs: Docs,
    /// The name.
    pub name: Name,
    /// Its inputs.
    pub from: Vec<Path>,
    /// The body.
    pub statements: Vec<ProcessStatement>,
    /// From the keyword to the end.
    pub span: Span,
}

/// A statement of a process.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ProcessStatement {
    Emit { event: Name, items: Vec<SelectItem>, when: Option<Expr>, span: Span },
    Run(Spanned<String>),
    Guarantee(Spanned<Claim>),
    Allow(Allow),
    Assume(Assume),
}

/// `service s { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Documentation.
    pub docs: Docs,
    /// The name.
    pub name: Name,
    /// The body.
    pub statements: Vec<ServiceStatement>,
    /// From the keyword to the end.
    pub span: Span,
}

/// A statement of a service.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ServiceStatement {
    Writes(Vec<Path>),
    Emits(Vec<Path>),
    Reads { paths: Vec<Path>, purpose: Option<Spanned<String>> },
    Team(Spanned<String>),
    Allow(Allow),
}

/// `hard constraint n on e: …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Documentation.
    pub docs: Docs,
    /// `hard` or `soft`.
    pub hard: bool,
    /// The name.
    pub name: Name,
    /// What it is about.
    pub on: Path,
    /// The rule.
    pub rule: ConstraintRule,
    /// The body.
    pub statements: Vec<ConstraintStatement>,
    /// From the keyword to the end.
    pub span: Span,
}

/// The rule of a constraint.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ConstraintRule {
    Unique(Vec<Name>),
    Expr(Expr),
}

/// A statement of a constraint.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ConstraintStatement {
    CheckEvery(Duration),
    CompensateWith(Name),
    Because(Spanned<String>),
    Allow(Allow),
}
