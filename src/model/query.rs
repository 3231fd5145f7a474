//! How a view's rows are made, stage by stage, with every expression whole: what an engine that speaks SQL is told.
//!
//! `relation` says what rows are, in a form that can be compared; this says how they come about, in the order of the page.

use super::Mask;
use super::expr::Expr;
use super::types::Type;
use crate::source::Span;
use crate::syntax::ast::{ArithOp, CompareOp, WindowKind};

/// The stages of a view, in order; its rows start as those of its first input.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The rows it starts with.
    pub start: Vec<Column>,
    /// The stages.
    pub stages: Vec<Stage>,
}

/// A stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Where it is written.
    pub span: Span,
    /// What it does.
    pub what: What,
    /// The columns of the rows behind it.
    pub columns: Vec<Column>,
}

/// Where in a row a value stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The row it came in with: `product` of `product.price`; empty for what is computed.
    pub row: String,
    /// The column's name.
    pub name: String,
}

/// A column of rows between two stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Where it stands.
    pub at: At,
    /// Its portable type.
    pub ty: Type,
    /// May be null.
    pub nullable: bool,
}

/// What a stage does.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// `where`: rows for which it is not true are left out.
    Where(Value),
    /// `select`, `drop`, `mask` and what `group by` leaves: each column of the result with its value.
    Select(Vec<(At, Value)>),
    /// `join`.
    Join {
        /// Number of the input.
        input: usize,
        /// A row without a partner stays.
        left: bool,
        /// Every partner makes a row.
        many: bool,
        /// Partners are at most that far apart, in ms.
        within: Option<u64>,
        /// The other side's columns, under the names the condition and later stages use.
        joined: Vec<Column>,
        /// The condition.
        on: Value,
    },
    /// `nest`: an array of the other side's rows.
    Nest {
        /// Number of the input.
        input: usize,
        /// The array.
        into: At,
        /// The other side's columns.
        joined: Vec<Column>,
        /// Of them what a row of the array holds, in order.
        columns: Vec<At>,
        /// The condition.
        on: Value,
    },
    /// `window`; a `group by` follows.
    Window {
        /// Its kind and length.
        kind: WindowKind,
        /// The moment that counts.
        on: Value,
    },
    /// `group by`; a `Select` follows that says what is made of each group.
    Group {
        /// What rows are grouped by, with the names they have where nothing is selected.
        by: Vec<(At, Value)>,
    },
    /// `distinct by`: of rows alike in these the first stays.
    Distinct {
        /// What is looked at.
        by: Vec<Value>,
    },
    /// `union`: rows of the inputs of these numbers are added; what a side lacks is null.
    Union {
        /// Numbers of the inputs, each with its columns.
        inputs: Vec<(usize, Vec<Column>)>,
    },
    /// `key by`.
    KeyBy {
        /// The new identity.
        by: Vec<Value>,
    },
}

/// An expression with its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// The portable type.
    pub ty: Type,
    /// May be null.
    pub nullable: bool,
    /// Where it is written.
    pub span: Span,
}

/// What an expression is. SQL's three-valued meaning throughout.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ValueKind {
    Column(At),
    Text(String),
    Integer(i64),
    /// Digits as written.
    Decimal(String),
    Bool(bool),
    /// `YYYY-MM-DD`.
    Date(String),
    Null,
    /// A span of time in ms.
    Duration(u64),
    And(Vec<Value>),
    Or(Vec<Value>),
    Not(Box<Value>),
    Compare {
        op: CompareOp,
        left: Box<Value>,
        right: Box<Value>,
    },
    IsNull {
        value: Box<Value>,
        negated: bool,
    },
    In {
        value: Box<Value>,
        list: Vec<Value>,
        negated: bool,
    },
    Like {
        value: Box<Value>,
        pattern: Box<Value>,
        negated: bool,
    },
    Arith {
        op: ArithOp,
        left: Box<Value>,
        right: Box<Value>,
    },
    Negative(Box<Value>),
    Case {
        arms: Vec<(Value, Value)>,
        otherwise: Option<Box<Value>>,
    },
    /// To the type of the value it stands in.
    Cast(Box<Value>),
    /// `coalesce`, `lower`, `upper`, `pair`.
    Call {
        function: String,
        args: Vec<Value>,
    },
    /// `count`, `sum`, `avg`, `min`, `max`; without an argument `count(*)`.
    Aggregate {
        function: String,
        arg: Option<Box<Value>>,
    },
    /// `window_start()`.
    WindowStart,
    /// `window_end()`.
    WindowEnd,
    /// A hidden value.
    Masked {
        value: Box<Value>,
        mask: Mask,
    },
}

impl At {
    /// A column of a row.
    #[must_use]
    pub fn new(row: impl Into<String>, name: impl Into<String>) -> Self {
        Self { row: row.into(), name: name.into() }
    }
}

impl Column {
    /// Its value.
    #[must_use]
    pub fn value(&self, span: Span) -> Value {
        Value { kind: ValueKind::Column(self.at.clone()), ty: self.ty.clone(), nullable: self.nullable, span }
    }
}

impl Value {
    /// The column, where it is one as it is.
    #[must_use]
    pub fn column(&self) -> Option<&At> {
        if let ValueKind::Column(at) = &self.kind { Some(at) } else { None }
    }

    /// The values directly below it.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            ValueKind::Column(_)
            | ValueKind::Text(_)
            | ValueKind::Integer(_)
            | ValueKind::Decimal(_)
            | ValueKind::Bool(_)
            | ValueKind::Date(_)
            | ValueKind::Null
            | ValueKind::Duration(_)
            | ValueKind::WindowStart
            | ValueKind::WindowEnd => Vec::new(),
            ValueKind::And(all) | ValueKind::Or(all) | ValueKind::Call { args: all, .. } => all.iter().collect(),
            ValueKind::Not(one) | ValueKind::Negative(one) | ValueKind::Cast(one) => vec![one],
            ValueKind::IsNull { value, .. } | ValueKind::Masked { value, .. } => vec![value],
            ValueKind::Compare { left, right, .. } | ValueKind::Arith { left, right, .. } => vec![left, right],
            ValueKind::In { value, list, .. } => std::iter::once(value.as_ref()).chain(list).collect(),
            ValueKind::Like { value, pattern, .. } => vec![value, pattern],
            ValueKind::Case { arms, otherwise } => {
                let arms = arms.iter().flat_map(|(when, then)| [when, then]);
                arms.chain(otherwise.as_deref()).collect()
            }
            ValueKind::Aggregate { arg, .. } => arg.as_deref().into_iter().collect(),
        }
    }

    fn parts_mut(&mut self) -> Vec<&mut Self> {
        match &mut self.kind {
            ValueKind::Column(_)
            | ValueKind::Text(_)
            | ValueKind::Integer(_)
            | ValueKind::Decimal(_)
            | ValueKind::Bool(_)
            | ValueKind::Date(_)
            | ValueKind::Null
            | ValueKind::Duration(_)
            | ValueKind::WindowStart
            | ValueKind::WindowEnd => Vec::new(),
            ValueKind::And(all) | ValueKind::Or(all) | ValueKind::Call { args: all, .. } => all.iter_mut().collect(),
            ValueKind::Not(one) | ValueKind::Negative(one) | ValueKind::Cast(one) => vec![one],
            ValueKind::IsNull { value, .. } | ValueKind::Masked { value, .. } => vec![value],
            ValueKind::Compare { left, right, .. } | ValueKind::Arith { left, right, .. } => vec![left, right],
            ValueKind::In { value, list, .. } => std::iter::once(value.as_mut()).chain(list).collect(),
            ValueKind::Like { value, pattern, .. } => vec![value, pattern],
            ValueKind::Case { arms, otherwise } => {
                let arms = arms.iter_mut().flat_map(|(when, then)| [when, then]);
                arms.chain(otherwise.as_deref_mut()).collect()
            }
            ValueKind::Aggregate { arg, .. } => arg.as_deref_mut().into_iter().collect(),
        }
    }

    /// Calls `f` on this value and all below it.
    pub fn visit<'a>(&'a self, f: &mut impl FnMut(&'a Self)) {
        f(self);
        self.parts().into_iter().for_each(|part| part.visit(f));
    }

    /// Renames the columns it reads.
    pub fn rename(&mut self, f: &impl Fn(&At) -> At) {
        if let ValueKind::Column(at) = &mut self.kind {
            *at = f(at);
        }
        self.parts_mut().into_iter().for_each(|part| part.rename(f));
    }

    /// Whether it makes one value of many rows.
    #[must_use]
    pub fn is_aggregate(&self) -> bool {
        let mut found = false;
        self.visit(&mut |value| found |= matches!(value.kind, ValueKind::Aggregate { .. }));
        found
    }

    /// An expression over one row, as conditions of entities are kept.
    #[must_use]
    pub fn of_expr(expr: &Expr, row: &str, span: Span) -> Self {
        let of = |expr: &Expr| Box::new(Self::of_expr(expr, row, span));
        let all = |exprs: &[Expr]| exprs.iter().map(|expr| Self::of_expr(expr, row, span)).collect::<Vec<_>>();
        let typed = |kind, ty| Self { kind, ty, nullable: true, span };
        let truth = |kind| typed(kind, Type::Bool);
        match expr {
            Expr::Column { name, ty, nullable } => {
                Self { kind: ValueKind::Column(At::new(row, name)), ty: ty.clone(), nullable: *nullable, span }
            }
            Expr::Text(text) => typed(ValueKind::Text(text.clone()), Type::Text),
            Expr::Integer(n) => typed(ValueKind::Integer(*n), Type::Bigint),
            Expr::Decimal(digits) => {
                typed(ValueKind::Decimal(digits.clone()), Type::Decimal { precision: None, scale: None })
            }
            Expr::Bool(value) => truth(ValueKind::Bool(*value)),
            Expr::Date(date) => typed(ValueKind::Date(date.clone()), Type::Date),
            Expr::Null => typed(ValueKind::Null, Type::Other("unknown".into())),
            Expr::And(exprs) => truth(ValueKind::And(all(exprs))),
            Expr::Or(exprs) => truth(ValueKind::Or(all(exprs))),
            Expr::Not(expr) => truth(ValueKind::Not(of(expr))),
            Expr::Compare { op, left, right } => {
                truth(ValueKind::Compare { op: *op, left: of(left), right: of(right) })
            }
            Expr::IsNull { expr, negated } => truth(ValueKind::IsNull { value: of(expr), negated: *negated }),
            Expr::In { expr, list, negated } => {
                truth(ValueKind::In { value: of(expr), list: all(list), negated: *negated })
            }
            Expr::Like { expr, pattern, negated } => {
                let pattern = Box::new(typed(ValueKind::Text(pattern.clone()), Type::Text));
                truth(ValueKind::Like { value: of(expr), pattern, negated: *negated })
            }
            Expr::Arith { op, left, right } => {
                let (left, right) = (of(left), of(right));
                let ty = if expr.is_whole() { Type::Bigint } else { left.ty.clone() };
                typed(ValueKind::Arith { op: *op, left, right }, ty)
            }
            Expr::Coalesce(exprs) => {
                let args = all(exprs);
                let ty = args.first().map_or(Type::Bool, |first| first.ty.clone());
                typed(ValueKind::Call { function: "coalesce".into(), args }, ty)
            }
            Expr::Lower(expr) => typed(ValueKind::Call { function: "lower".into(), args: vec![*of(expr)] }, Type::Text),
            Expr::Upper(expr) => typed(ValueKind::Call { function: "upper".into(), args: vec![*of(expr)] }, Type::Text),
        }
    }
}
