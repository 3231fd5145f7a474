//! Expressions over a row: names to columns, types checked.

use super::Context;
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::Entity;
use crate::model::expr::Expr;
use crate::model::schema::Generated;
use crate::model::types::Type;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, Literal, Name, Path};
use crate::syntax::suggest::nearest;

/// The columns an expression may name.
pub(super) struct Scope {
    /// Names the row goes by: `product.price` is `price` of it.
    pub(super) rows: Vec<String>,
    /// The columns.
    pub(super) columns: Vec<ScopeColumn>,
    /// What the database computes and does not tell its log, with the place of its declaration.
    pub(super) computed: Vec<(String, Span)>,
    /// The columns are not known: every name passes.
    pub(super) open: bool,
}

/// A column in scope.
#[derive(Clone)]
pub(super) struct ScopeColumn {
    pub(super) name: String,
    /// The entity's column.
    pub(super) source: String,
    pub(super) ty: Type,
    pub(super) nullable: bool,
    /// Its value is hidden, so that nothing can be computed from it.
    pub(super) masked: bool,
}

/// How values compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Number,
    Text,
    Bool,
    /// A date, a wall clock reading, an instant.
    Moment,
    /// Null and columns of unknown type: comparable with everything.
    Any,
    /// Comparable with nothing in this version.
    Opaque,
}

/// Functions of the language, whether or not this version compiles them in a row's expression.
const FUNCTIONS: &[&str] = &[
    "coalesce",
    "lower",
    "upper",
    "pair",
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "window_start",
    "window_end",
    "checksum",
];

impl Scope {
    pub(super) fn of_entity(entity: &Entity) -> Self {
        let logged = entity.columns.iter().filter(|column| column.generated == Generated::No);
        let columns = logged.map(|column| ScopeColumn {
            name: column.name.clone(),
            source: column.name.clone(),
            ty: column.ty.clone(),
            nullable: column.nullable,
            masked: false,
        });
        Self {
            rows: vec![entity.name.clone()],
            columns: columns.collect(),
            computed: computed(entity),
            open: entity.open,
        }
    }

    /// The column's name in a path: the last part, if the part before is the row's name.
    pub(super) fn column_name<'p>(&self, path: &'p Path) -> Option<&'p Name> {
        match path.parts.as_slice() {
            [name] => Some(name),
            [row, name] if self.rows.contains(&row.text) => Some(name),
            _ => None,
        }
    }
}

impl Context<'_> {
    /// An expression over an entity's own row, true or false.
    pub(super) fn row_expression(&mut self, expr: &ast::Expr, entity: &Entity) -> Option<Expr> {
        self.condition(expr, &Scope::of_entity(entity))
    }

    /// A condition over the columns in scope.
    pub(super) fn condition(&mut self, tree: &ast::Expr, scope: &Scope) -> Option<Expr> {
        let expr = self.expression(tree, scope)?;
        match family(&expr) {
            Family::Bool | Family::Any => Some(expr),
            Family::Number | Family::Text | Family::Moment | Family::Opaque => {
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, tree.span, "a condition is true or false")
                        .here("this is neither")
                        .help("compare it with something, as in `stock > 0`"),
                );
                None
            }
        }
    }

    fn expression(&mut self, tree: &ast::Expr, scope: &Scope) -> Option<Expr> {
        match &tree.kind {
            ExprKind::And(all) => Some(Expr::And(self.conditions(all, scope)?)),
            ExprKind::Or(all) => Some(Expr::Or(self.conditions(all, scope)?)),
            ExprKind::Not(expr) => Some(Expr::Not(Box::new(self.condition(expr, scope)?))),
            ExprKind::Compare { op, left, right } => {
                let (a, b) = (self.expression(left, scope), self.expression(right, scope));
                let (a, b) = (a?, b?);
                self.no_null(*op, &b, tree.span, right.span)?;
                let (a, b) = self.comparable(a, b, left.span, right.span)?;
                Some(Expr::Compare { op: *op, left: Box::new(a), right: Box::new(b) })
            }
            ExprKind::IsNull { expr, negated } => {
                let expr = self.expression(expr, scope)?;
                Some(Expr::IsNull { expr: Box::new(expr), negated: *negated })
            }
            ExprKind::In { expr, list, negated } => {
                let left = self.expression(expr, scope)?;
                let mut all = Vec::new();
                for item in list {
                    let right = self.expression(item, scope)?;
                    all.push(self.comparable(left.clone(), right, expr.span, item.span)?.1);
                }
                Some(Expr::In { expr: Box::new(left), list: all, negated: *negated })
            }
            ExprKind::Like { expr, pattern, negated } => {
                let left = self.expression(expr, scope)?;
                let ExprKind::Literal(Literal::Text(text)) = &pattern.kind else {
                    self.not_built(pattern.span, "patterns that are not a text are");
                    return None;
                };
                Some(Expr::Like { expr: Box::new(left), pattern: text.clone(), negated: *negated })
            }
            ExprKind::Arith { op, left, right } => {
                let (a, b) = (self.number(left, scope), self.number(right, scope));
                Some(Expr::Arith { op: *op, left: Box::new(a?), right: Box::new(b?) })
            }
            ExprKind::Neg(inner) => self.negative(inner, scope),
            ExprKind::Literal(literal) => literal_of(literal).or_else(|| {
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, tree.span, "the number is too large")
                        .help("write one that a bigint holds"),
                );
                None
            }),
            ExprKind::Path(path) => self.column(path, scope),
            ExprKind::Call { name, args, .. } => self.call(tree.span, name, args, scope),
            ExprKind::Case { .. } => {
                self.not_built(tree.span, "`case` in a condition is");
                None
            }
            ExprKind::Cast { .. } => {
                self.not_built(tree.span, "`cast` in a condition is");
                None
            }
            ExprKind::Duration(_) => {
                self.not_built(tree.span, "spans of time in a condition are");
                None
            }
        }
    }

    fn conditions(&mut self, all: &[ast::Expr], scope: &Scope) -> Option<Vec<Expr>> {
        let made: Vec<Option<Expr>> = all.iter().map(|expr| self.condition(expr, scope)).collect();
        made.into_iter().collect()
    }

    fn number(&mut self, tree: &ast::Expr, scope: &Scope) -> Option<Expr> {
        let expr = self.expression(tree, scope)?;
        if matches!(family(&expr), Family::Number | Family::Any) {
            return Some(expr);
        }
        self.report(
            Diagnostic::new(codes::TYPE_MISMATCH, tree.span, "arithmetic needs numbers")
                .here("this is none")
                .help("take a column that holds a number"),
        );
        None
    }

    fn negative(&mut self, inner: &ast::Expr, scope: &Scope) -> Option<Expr> {
        match self.number(inner, scope)? {
            Expr::Integer(n) => Some(Expr::Integer(-n)),
            Expr::Decimal(digits) => Some(Expr::Decimal(format!("-{digits}"))),
            other => {
                Some(Expr::Arith { op: ast::ArithOp::Sub, left: Box::new(Expr::Integer(0)), right: Box::new(other) })
            }
        }
    }

    fn call(&mut self, span: Span, name: &Name, args: &[ast::Expr], scope: &Scope) -> Option<Expr> {
        match name.text.as_str() {
            "coalesce" => {
                let made: Vec<Option<Expr>> = args.iter().map(|arg| self.expression(arg, scope)).collect();
                Some(Expr::Coalesce(made.into_iter().collect::<Option<_>>()?))
            }
            "lower" | "upper" => {
                let [arg] = args else {
                    let message = format!("`{}` takes one text", name.text);
                    self.report(
                        Diagnostic::new(codes::BAD_VALUE, span, message).help(format!("write `{}(column)`", name.text)),
                    );
                    return None;
                };
                let arg = Box::new(self.expression(arg, scope)?);
                Some(if name.text == "lower" { Expr::Lower(arg) } else { Expr::Upper(arg) })
            }
            "now" | "random" | "current_timestamp" | "uuid" => {
                self.report(
                    Diagnostic::new(codes::UNKNOWN_NAME, name.span, format!("there is no `{}()`", name.text))
                        .here("a replay would answer differently")
                        .help("let the record carry the value as a column"),
                );
                None
            }
            other if FUNCTIONS.contains(&other) => {
                self.not_built(span, &format!("`{other}` in a condition is"));
                None
            }
            other => {
                let mut diagnostic =
                    Diagnostic::new(codes::UNKNOWN_NAME, name.span, format!("unknown function `{other}`"));
                diagnostic = match nearest(other, FUNCTIONS.iter().copied()) {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
                    None => diagnostic.help("use coalesce, lower or upper"),
                };
                self.report(diagnostic);
                None
            }
        }
    }

    fn column(&mut self, path: &Path, scope: &Scope) -> Option<Expr> {
        let name = self.column_in(path, scope)?;
        if let Some(column) = scope.columns.iter().find(|column| column.name == name.text) {
            if column.masked {
                let message = format!("`{}` is masked above", name.text);
                self.report(
                    Diagnostic::new(codes::MISPLACED_STATEMENT, name.span, message)
                        .here("its value is gone here")
                        .help("put `where` before `mask`"),
                );
                return None;
            }
            return Some(Expr::Column {
                name: column.source.clone(),
                ty: column.ty.clone(),
                nullable: column.nullable,
            });
        }
        Some(Expr::Column { name: name.text.clone(), ty: Type::Other("unknown".into()), nullable: true })
    }

    /// The name of a column in scope; reports an unknown one. With columns unknown every name passes.
    pub(super) fn column_in(&mut self, path: &Path, scope: &Scope) -> Option<Name> {
        let Some(name) = scope.column_name(path) else {
            let message = format!("`{}` is no column here", path.text());
            self.report(Diagnostic::new(codes::UNKNOWN_COLUMN, path.span, message).help(format!(
                "write the column's name alone, or `{}.column`",
                scope.rows.first().map_or("row", String::as_str)
            )));
            return None;
        };
        if !scope.open && !scope.columns.iter().any(|column| column.name == name.text) {
            if let Some((_, span)) = scope.computed.iter().find(|(computed, _)| *computed == name.text) {
                let message = format!("`{}` is not in the log", name.text);
                let mut diagnostic = Diagnostic::new(codes::COLUMN_NOT_IN_LOG, name.span, message)
                    .here("the database computes it and tells its change log nothing of it")
                    .also(*span, "generated here")
                    .help("write the condition or mask with the columns it is computed from");
                // Left out of a row it would be missed; here the whole view would be another one.
                diagnostic.severity = Severity::Error;
                self.report(diagnostic);
                return None;
            }
            let candidates = scope.columns.iter().map(|column| column.name.clone()).collect();
            self.unknown(name, codes::UNKNOWN_COLUMN, "column", candidates);
            return None;
        }
        Some(name.clone())
    }
}

/// Columns that the database computes, with the places of their declarations.
pub(super) fn computed(entity: &Entity) -> Vec<(String, Span)> {
    let columns = entity.columns.iter().filter(|column| column.generated != Generated::No);
    columns.map(|column| (column.name.clone(), column.span)).collect()
}

pub(super) fn family(expr: &Expr) -> Family {
    match expr {
        Expr::Column { ty, .. } => match ty {
            Type::Smallint | Type::Int | Type::Bigint | Type::Decimal { .. } | Type::Float | Type::Double => {
                Family::Number
            }
            Type::Text | Type::Enum(_) | Type::Uuid => Family::Text,
            Type::Bool => Family::Bool,
            Type::Date | Type::Timestamp | Type::Datetime => Family::Moment,
            Type::Other(name) if name == "unknown" => Family::Any,
            Type::Bytes | Type::Time | Type::TimeTz | Type::Interval | Type::Json | Type::Array(_) | Type::Other(_) => {
                Family::Opaque
            }
        },
        Expr::Text(_) | Expr::Lower(_) | Expr::Upper(_) => Family::Text,
        Expr::Integer(_) | Expr::Decimal(_) | Expr::Arith { .. } => Family::Number,
        Expr::Date(_) => Family::Moment,
        Expr::Null => Family::Any,
        Expr::Coalesce(all) => all.first().map_or(Family::Any, family),
        Expr::Bool(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Not(_)
        | Expr::Compare { .. }
        | Expr::IsNull { .. }
        | Expr::In { .. }
        | Expr::Like { .. } => Family::Bool,
    }
}

pub(super) fn family_word(family: Family) -> &'static str {
    match family {
        Family::Number => "a number",
        Family::Text => "a text",
        Family::Bool => "true or false",
        Family::Moment => "a moment",
        Family::Any => "anything",
        Family::Opaque => "a value",
    }
}

fn literal_of(literal: &Literal) -> Option<Expr> {
    Some(match literal {
        Literal::Bool(value) => Expr::Bool(*value),
        Literal::Null => Expr::Null,
        Literal::Date(date) => Expr::Date(date.clone()),
        Literal::Decimal(digits) => Expr::Decimal(digits.clone()),
        Literal::Integer(n) => Expr::Integer(i64::try_from(*n).ok()?),
        Literal::Text(text) => Expr::Text(text.clone()),
    })
}
