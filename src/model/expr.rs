//! Expressions over the columns of one entity's row, names resolved and types known.

use super::types::Type;
use crate::syntax::ast::{ArithOp, CompareOp};

/// A resolved expression with SQL's three-valued meaning: a comparison with null is null, and a row passes a `where` only when it is true.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Expr {
    Column {
        name: String,
        ty: Type,
        nullable: bool,
    },
    Text(String),
    Integer(i64),
    /// Digits as written, with a sign where there is one.
    Decimal(String),
    Bool(bool),
    /// `YYYY-MM-DD`.
    Date(String),
    Null,
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare {
        op: CompareOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    IsNull {
        expr: Box<Expr>,
        negated: bool,
    },
    In {
        expr: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    Like {
        expr: Box<Expr>,
        pattern: String,
        negated: bool,
    },
    Arith {
        op: ArithOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Coalesce(Vec<Expr>),
    Lower(Box<Expr>),
    Upper(Box<Expr>),
}

impl Expr {
    /// Names of the columns it reads, each once, in order of first use.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |expr| {
            if let Self::Column { name, .. } = expr
                && !names.contains(&name.as_str())
            {
                names.push(name.as_str());
            }
        });
        names
    }

    /// Whether its value is a whole number, so that a division of two such is one of whole numbers.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Column { ty, .. } => matches!(ty, Type::Smallint | Type::Int | Type::Bigint),
            Self::Integer(_) => true,
            Self::Arith { left, right, .. } => left.is_whole() && right.is_whole(),
            Self::Coalesce(all) => all.iter().all(Self::is_whole),
            Self::Text(_)
            | Self::Decimal(_)
            | Self::Bool(_)
            | Self::Date(_)
            | Self::Null
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::Compare { .. }
            | Self::IsNull { .. }
            | Self::In { .. }
            | Self::Like { .. }
            | Self::Lower(_)
            | Self::Upper(_) => false,
        }
    }

    /// Calls `f` on this expression and everything below it.
    pub fn visit<'a>(&'a self, f: &mut impl FnMut(&'a Self)) {
        f(self);
        match self {
            Self::Column { .. }
            | Self::Text(_)
            | Self::Integer(_)
            | Self::Decimal(_)
            | Self::Bool(_)
            | Self::Date(_)
            | Self::Null => {}
            Self::And(all) | Self::Or(all) | Self::Coalesce(all) => all.iter().for_each(|expr| expr.visit(f)),
            Self::Not(expr) | Self::Lower(expr) | Self::Upper(expr) => expr.visit(f),
            Self::IsNull { expr, .. } | Self::Like { expr, .. } => expr.visit(f),
            Self::Compare { left, right, .. } | Self::Arith { left, right, .. } => {
                left.visit(f);
                right.visit(f);
            }
            Self::In { expr, list, .. } => {
                expr.visit(f);
                list.iter().for_each(|expr| expr.visit(f));
            }
        }
    }
}
