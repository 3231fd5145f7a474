//! Expressions over a row: names to columns, types, nullability, personal data, and the form that targets write.

use super::Context;
use super::scope::Scope;
use crate::diag::{Diagnostic, codes};
use crate::model::Entity;
use crate::model::expr::Expr;
use crate::model::relation::Term;
use crate::model::types::Type;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, Literal, Path};

/// An expression, understood.
#[derive(Clone)]
pub(super) struct Typed {
    /// Its normal form.
    pub(super) term: Term,
    pub(super) ty: Type,
    pub(super) nullable: bool,
    /// It shows personal data; the span is where a record says so.
    pub(super) pii: Option<Span>,
    /// As targets write it, or the first part of it that this version cannot write.
    pub(super) built: Result<Expr, NotBuilt>,
}

/// What this version understands and cannot write.
#[derive(Clone)]
pub(super) struct NotBuilt {
    pub(super) span: Span,
    /// With its verb: "`case` is".
    pub(super) what: String,
}

impl NotBuilt {
    pub(super) fn new(span: Span, what: impl Into<String>) -> Self {
        Self { span, what: what.into() }
    }
}

/// The type of null and of columns nobody declares.
pub(super) fn unknown() -> Type {
    Type::Other("unknown".into())
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
    /// Not ordered, or not written by this version.
    Opaque,
}

impl Context<'_> {
    /// An expression over an entity's own row, true or false.
    pub(super) fn row_expression(&mut self, expr: &ast::Expr, entity: &Entity) -> Option<Expr> {
        let id = crate::model::EntityId(self.model.entities.len());
        let any_case = self.model.system(entity.home.system).kind.finds_any_case();
        let typed = self.condition(expr, &Scope { any_case, ..Scope::of_entity(id, entity) })?;
        self.built(typed.built)
    }

    /// What targets write; reports the part that this version cannot.
    pub(super) fn built(&mut self, built: Result<Expr, NotBuilt>) -> Option<Expr> {
        match built {
            Ok(expr) => Some(expr),
            Err(gap) => {
                self.not_built(gap.span, &gap.what);
                None
            }
        }
    }

    /// A condition over the columns in scope.
    pub(super) fn condition(&mut self, tree: &ast::Expr, scope: &Scope) -> Option<Typed> {
        let typed = self.typed(tree, scope)?;
        match family(&typed.ty) {
            Family::Bool | Family::Any => Some(typed),
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

    /// Understands an expression; a mistake is reported and answered by `None`.
    pub(super) fn typed(&mut self, tree: &ast::Expr, scope: &Scope) -> Option<Typed> {
        match &tree.kind {
            ExprKind::And(all) => {
                let all = self.conditions(all, scope)?;
                Some(logical("and", all, Expr::And))
            }
            ExprKind::Or(all) => {
                let all = self.conditions(all, scope)?;
                Some(logical("or", all, Expr::Or))
            }
            ExprKind::Not(expr) => {
                let inner = self.condition(expr, scope)?;
                let built = inner.built.map(|expr| Expr::Not(Box::new(expr)));
                Some(truth("not", vec![inner.term], inner.nullable, built))
            }
            ExprKind::Compare { op, left, right } => {
                let (a, b) = (self.typed(left, scope), self.typed(right, scope));
                let (a, b) = (a?, b?);
                self.no_null(*op, &b, tree.span, right.span)?;
                let (a, b) = self.comparable(a, b, left.span, right.span)?;
                let built = both(a.built, b.built, |a, b| Expr::Compare { op: *op, left: a, right: b });
                Some(truth(op.sign(), vec![a.term, b.term], a.nullable || b.nullable, built))
            }
            ExprKind::IsNull { expr, negated } => {
                let inner = self.typed(expr, scope)?;
                let built = inner.built.map(|expr| Expr::IsNull { expr: Box::new(expr), negated: *negated });
                Some(truth(if *negated { "is not null" } else { "is null" }, vec![inner.term], false, built))
            }
            ExprKind::In { expr, list, negated } => self.in_list(expr, list, *negated, scope),
            ExprKind::Like { expr, pattern, negated } => self.like(expr, pattern, *negated, scope),
            ExprKind::Arith { op, left, right } => self.arithmetic(tree.span, *op, left, right, scope),
            ExprKind::Neg(inner) => self.negative(inner, scope),
            ExprKind::Literal(literal) => self.literal(literal, tree.span),
            ExprKind::Path(path) => self.column(path, scope),
            ExprKind::Call { name, args, star } => self.call(tree.span, name, args, *star, scope),
            ExprKind::Case { arms, otherwise } => self.case(tree.span, arms, otherwise.as_deref(), scope),
            ExprKind::Cast { expr, ty } => {
                let (inner, to) = (self.typed(expr, scope), self.ty(ty));
                let (inner, to) = (inner?, to?);
                let term = Term::Apply(format!("cast {}", to.word()), vec![inner.term]);
                let built = Err(NotBuilt::new(tree.span, "`cast` is"));
                Some(Typed { term, ty: to, nullable: inner.nullable || ty.optional, pii: inner.pii, built })
            }
            ExprKind::Duration(duration) => Some(Typed {
                term: Term::Literal(format!("{}ms", duration.ms)),
                ty: Type::Interval,
                nullable: false,
                pii: None,
                built: Err(NotBuilt::new(tree.span, "a span of time in an expression is")),
            }),
        }
    }

    fn conditions(&mut self, all: &[ast::Expr], scope: &Scope) -> Option<Vec<Typed>> {
        let made: Vec<Option<Typed>> = all.iter().map(|expr| self.condition(expr, scope)).collect();
        made.into_iter().collect()
    }

    fn in_list(&mut self, expr: &ast::Expr, list: &[ast::Expr], negated: bool, scope: &Scope) -> Option<Typed> {
        let left = self.typed(expr, scope)?;
        let (mut terms, mut built) = (vec![left.term.clone()], Ok(Vec::new()));
        for item in list {
            let right = self.typed(item, scope)?;
            let right = self.comparable(left.clone(), right, expr.span, item.span)?.1;
            terms.push(right.term);
            built = match (built, right.built) {
                (Ok(mut all), Ok(one)) => {
                    all.push(one);
                    Ok(all)
                }
                (Err(gap), _) | (_, Err(gap)) => Err(gap),
            };
        }
        let built = match (left.built, built) {
            (Ok(left), Ok(list)) => Ok(Expr::In { expr: Box::new(left), list, negated }),
            (Err(gap), _) | (_, Err(gap)) => Err(gap),
        };
        Some(truth(if negated { "not in" } else { "in" }, terms, left.nullable, built))
    }

    fn like(&mut self, expr: &ast::Expr, pattern: &ast::Expr, negated: bool, scope: &Scope) -> Option<Typed> {
        let (left, right) = (self.typed(expr, scope)?, self.typed(pattern, scope)?);
        for (side, span) in [(&left, expr.span), (&right, pattern.span)] {
            if !matches!(family(&side.ty), Family::Text | Family::Any) {
                let message = format!("`like` compares texts, and this is {}", side.ty.phrase());
                self.report(Diagnostic::new(codes::TYPE_MISMATCH, span, message).help("take a column that is a text"));
                return None;
            }
        }
        let built = match (left.built, &pattern.kind) {
            (Ok(left), ExprKind::Literal(Literal::Text(text))) => {
                Ok(Expr::Like { expr: Box::new(left), pattern: text.clone(), negated })
            }
            (Ok(_), _) => Err(NotBuilt::new(pattern.span, "a pattern that is no literal is")),
            (Err(gap), _) => Err(gap),
        };
        let nullable = left.nullable || right.nullable;
        Some(truth(if negated { "not like" } else { "like" }, vec![left.term, right.term], nullable, built))
    }

    fn case(
        &mut self,
        span: Span,
        arms: &[(ast::Expr, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        scope: &Scope,
    ) -> Option<Typed> {
        let (mut terms, mut values) = (Vec::new(), Vec::new());
        for (when, then) in arms {
            let (when, value) = (self.condition(when, scope), self.typed(then, scope));
            terms.push(when?.term);
            values.push((value?, then.span));
        }
        if let Some(tree) = otherwise {
            values.push((self.typed(tree, scope)?, tree.span));
        }
        let nullable = otherwise.is_none() || values.iter().any(|(value, _)| value.nullable);
        let pii = values.iter().find_map(|(value, _)| value.pii);
        let ty = self.one_type(&values)?;
        terms.extend(values.into_iter().map(|(value, _)| value.term));
        let built = Err(NotBuilt::new(span, "`case` is"));
        Some(Typed { term: Term::Apply("case".into(), terms), ty, nullable, pii, built })
    }

    /// The type that all of several values have; reports two that do not go together.
    pub(super) fn one_type(&mut self, values: &[(Typed, Span)]) -> Option<Type> {
        let mut found: Option<(Type, Span)> = None;
        for (value, span) in values {
            let Some((before, first)) = found.take() else {
                found = Some((value.ty.clone(), *span));
                continue;
            };
            let Some(common) = common(&before, &value.ty) else {
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, *span, "the values are of two types")
                        .here(value.ty.phrase())
                        .also(first, before.phrase())
                        .help("give all of them one type, with `cast` where need be"),
                );
                return None;
            };
            found = Some((common, first));
        }
        Some(found.map_or_else(unknown, |(ty, _)| ty))
    }

    fn arithmetic(
        &mut self,
        span: Span,
        op: ast::ArithOp,
        left: &ast::Expr,
        right: &ast::Expr,
        scope: &Scope,
    ) -> Option<Typed> {
        let (a, b) = (self.typed(left, scope), self.typed(right, scope));
        let (a, b) = (a?, b?);
        let nullable = a.nullable || b.nullable;
        let pii = a.pii.or(b.pii);
        let moments = (family(&a.ty), family(&b.ty), &a.ty, &b.ty);
        let ty = match moments {
            (Family::Moment, _, moment, Type::Interval) if matches!(op, ast::ArithOp::Add | ast::ArithOp::Sub) => {
                moment.clone()
            }
            (Family::Moment, Family::Moment, ..) if op == ast::ArithOp::Sub => Type::Interval,
            (_, _, Type::Interval, Type::Interval) if matches!(op, ast::ArithOp::Add | ast::ArithOp::Sub) => {
                Type::Interval
            }
            _ => {
                let numbers = (self.is_number(&a, left.span), self.is_number(&b, right.span));
                if numbers != (true, true) {
                    return None;
                }
                numeric(op, &a.ty, &b.ty)
            }
        };
        let built = if family(&ty) == Family::Moment || ty == Type::Interval {
            Err(NotBuilt::new(span, "arithmetic with moments is"))
        } else {
            both(a.built, b.built, |a, b| Expr::Arith { op, left: a, right: b })
        };
        Some(Typed { term: Term::Apply(op.sign().into(), vec![a.term, b.term]), ty, nullable, pii, built })
    }

    fn is_number(&mut self, typed: &Typed, span: Span) -> bool {
        if matches!(family(&typed.ty), Family::Number | Family::Any) {
            return true;
        }
        self.report(
            Diagnostic::new(codes::TYPE_MISMATCH, span, "arithmetic needs numbers")
                .here("this is none")
                .help("take a column that holds a number"),
        );
        false
    }

    fn negative(&mut self, inner: &ast::Expr, scope: &Scope) -> Option<Typed> {
        let typed = self.typed(inner, scope)?;
        if !self.is_number(&typed, inner.span) {
            return None;
        }
        let built = typed.built.map(|expr| match expr {
            Expr::Integer(n) => Expr::Integer(-n),
            Expr::Decimal(digits) => Expr::Decimal(format!("-{digits}")),
            other => Expr::Arith { op: ast::ArithOp::Sub, left: Box::new(Expr::Integer(0)), right: Box::new(other) },
        });
        Some(Typed { term: Term::Apply("-".into(), vec![typed.term]), built, ..typed })
    }

    fn literal(&mut self, literal: &Literal, span: Span) -> Option<Typed> {
        let (text, ty, expr) = match literal {
            Literal::Bool(value) => (value.to_string(), Type::Bool, Expr::Bool(*value)),
            Literal::Null => ("null".into(), unknown(), Expr::Null),
            Literal::Date(date) => (date.clone(), Type::Date, Expr::Date(date.clone())),
            Literal::Decimal(digits) => {
                let scale = digits.split_once('.').map_or(0, |(_, behind)| behind.len());
                let ty = Type::Decimal {
                    precision: u32::try_from(digits.chars().filter(char::is_ascii_digit).count()).ok(),
                    scale: i32::try_from(scale).ok(),
                };
                (digits.clone(), ty, Expr::Decimal(digits.clone()))
            }
            Literal::Integer(n) => {
                let Ok(signed) = i64::try_from(*n) else {
                    self.report(
                        Diagnostic::new(codes::BAD_VALUE, span, "the number is too large")
                            .help("write one that a bigint holds"),
                    );
                    return None;
                };
                let ty = if i32::try_from(signed).is_ok() { Type::Int } else { Type::Bigint };
                (n.to_string(), ty, Expr::Integer(signed))
            }
            Literal::Text(text) => (format!("'{text}'"), Type::Text, Expr::Text(text.clone())),
        };
        let nullable = *literal == Literal::Null;
        Some(Typed { term: Term::Literal(text), ty, nullable, pii: None, built: Ok(expr) })
    }

    fn column(&mut self, path: &Path, scope: &Scope) -> Option<Typed> {
        let column = self.column_in(path, scope)?;
        let name = path.parts.last()?;
        let built = match (&column.mask, column.term.column()) {
            (Some(_), _) => {
                let message = format!("`{}` is masked above", name.text);
                self.report(
                    Diagnostic::new(codes::MISPLACED_STATEMENT, name.span, message)
                        .here("its value is gone here")
                        .help("put this stage before `mask`"),
                );
                return None;
            }
            (None, Some(source)) if source.joined.is_none() => {
                Ok(Expr::Column { name: source.column.clone(), ty: column.ty.clone(), nullable: column.nullable })
            }
            (None, Some(_)) => Err(NotBuilt::new(path.span, "an expression over anything but a record's own row is")),
            (None, None) => Err(NotBuilt::new(path.span, "an expression over a computed column is")),
        };
        Some(Typed { term: column.term, ty: column.ty, nullable: column.nullable, pii: column.pii, built })
    }
}

fn truth(word: &str, terms: Vec<Term>, nullable: bool, built: Result<Expr, NotBuilt>) -> Typed {
    // Of a comparison only its outcome is shown, which is no personal data (language 2.10, 19).
    Typed { term: Term::Apply(word.into(), terms), ty: Type::Bool, nullable, pii: None, built }
}

fn logical(word: &str, all: Vec<Typed>, make: fn(Vec<Expr>) -> Expr) -> Typed {
    let nullable = all.iter().any(|typed| typed.nullable);
    let (mut terms, mut built) = (Vec::new(), Vec::new());
    for typed in all {
        terms.push(typed.term);
        built.push(typed.built);
    }
    let built: Result<Vec<Expr>, NotBuilt> = built.into_iter().collect();
    truth(word, terms, nullable, built.map(make))
}

fn both(
    a: Result<Expr, NotBuilt>,
    b: Result<Expr, NotBuilt>,
    make: impl FnOnce(Box<Expr>, Box<Expr>) -> Expr,
) -> Result<Expr, NotBuilt> {
    Ok(make(Box::new(a?), Box::new(b?)))
}

pub(super) fn family(ty: &Type) -> Family {
    match ty {
        Type::Smallint | Type::Int | Type::Bigint | Type::Decimal { .. } | Type::Float | Type::Double => Family::Number,
        Type::Text | Type::Enum(_) | Type::Uuid => Family::Text,
        Type::Bool => Family::Bool,
        Type::Date | Type::Timestamp | Type::Datetime => Family::Moment,
        Type::Other(name) if name == "unknown" => Family::Any,
        Type::Bytes | Type::Time | Type::TimeTz | Type::Interval | Type::Json | Type::Array(_) | Type::Other(_) => {
            Family::Opaque
        }
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

/// The type that holds values of both; none where there is no such.
pub(super) fn common(a: &Type, b: &Type) -> Option<Type> {
    if a == b {
        return Some(a.clone());
    }
    match (family(a), family(b)) {
        (Family::Any, _) => Some(b.clone()),
        (_, Family::Any) => Some(a.clone()),
        (Family::Number, Family::Number) => Some(wider(a, b)),
        (Family::Text, Family::Text) => Some(Type::Text),
        _ => None,
    }
}

/// Numeric types from the narrowest to the widest.
fn rank(ty: &Type) -> u8 {
    match ty {
        Type::Smallint => 0,
        Type::Int => 1,
        Type::Bigint => 2,
        Type::Decimal { .. } => 3,
        Type::Float => 4,
        _ => 5,
    }
}

/// Whether every value of one type is one of the other.
pub(super) fn fits_into(from: &Type, into: &Type) -> bool {
    match (family(from), family(into)) {
        (Family::Number, Family::Number) => rank(from) <= rank(into),
        _ => common(from, into).is_some(),
    }
}

/// Most digits that a decimal of the field's databases holds.
const MOST_DIGITS: u32 = 38;

/// The type of a sum, difference, product or quotient: SQL's rules for digits, where both sides state theirs.
fn numeric(op: ast::ArithOp, a: &Type, b: &Type) -> Type {
    let common = common(a, b).unwrap_or_else(unknown);
    if !matches!(common, Type::Decimal { .. }) {
        return common;
    }
    let digits = |ty: &Type| match ty {
        Type::Smallint => Some((5, 0)),
        Type::Int => Some((10, 0)),
        Type::Bigint => Some((19, 0)),
        Type::Decimal { precision: Some(p), scale } => Some((*p, u32::try_from(scale.unwrap_or(0)).ok()?)),
        _ => None,
    };
    let (Some((p, s)), Some((q, t))) = (digits(a), digits(b)) else {
        return Type::Decimal { precision: None, scale: None };
    };
    let made = match op {
        ast::ArithOp::Add | ast::ArithOp::Sub => {
            let scale = s.max(t);
            Some((p.saturating_sub(s).max(q.saturating_sub(t)) + scale + 1, scale))
        }
        ast::ArithOp::Mul => Some((p + q, s + t)),
        ast::ArithOp::Div | ast::ArithOp::Rem => None,
    };
    match made.filter(|(precision, _)| *precision <= MOST_DIGITS) {
        Some((precision, scale)) => Type::Decimal { precision: Some(precision), scale: i32::try_from(scale).ok() },
        None => Type::Decimal { precision: None, scale: None },
    }
}

fn wider(a: &Type, b: &Type) -> Type {
    match (a, b) {
        (Type::Decimal { precision: Some(p), scale: s }, Type::Decimal { precision: Some(q), scale: t }) => {
            let (s, t) = (s.unwrap_or(0), t.unwrap_or(0));
            let whole = (i64::from(*p) - i64::from(s)).max(i64::from(*q) - i64::from(t));
            let scale = s.max(t);
            Type::Decimal { precision: u32::try_from(whole + i64::from(scale)).ok(), scale: Some(scale) }
        }
        (Type::Decimal { .. }, Type::Decimal { .. }) => Type::Decimal { precision: None, scale: None },
        _ if rank(a) >= rank(b) => a.clone(),
        _ => b.clone(),
    }
}
