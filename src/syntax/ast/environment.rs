//! Environments and their settings.

use super::{Docs, Duration, Literal, Name, Spanned};
use crate::source::Span;

/// `environment prod extends base { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Documentation.
    pub docs: Docs,
    /// The name.
    pub name: Name,
    /// The one it starts from.
    pub extends: Option<Name>,
    /// The body.
    pub statements: Vec<EnvStatement>,
    /// From the keyword to the end.
    pub span: Span,
}

/// A statement of an environment.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum EnvStatement {
    Deploy { flavour: Name, settings: Vec<Setting>, span: Span },
    Secret { name: Name, provider: Name, argument: Spanned<String>, key: Option<Spanned<String>>, span: Span },
    Tune { kind: TuneKind, name: Name, settings: Vec<Setting>, span: Span },
    Setting(Setting),
}

/// What is tuned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TuneKind {
    System,
    Entity,
    Event,
    View,
    Process,
}

/// `name = value`, `raw "key" = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The name, or the raw property's key.
    pub name: Name,
    /// Whether it is `raw`.
    pub raw: bool,
    /// The value.
    pub value: Value,
    /// The whole setting.
    pub span: Span,
}

/// A setting's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Where it stands.
    pub span: Span,
}

/// What a setting's value is.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ValueKind {
    Secret(Name),
    List(Vec<Value>),
    Duration(Duration),
    /// Bytes.
    Size(u64),
    Literal(Literal),
    Word(Name),
}
