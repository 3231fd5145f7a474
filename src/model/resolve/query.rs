//! A view's stages as an engine is told them: every expression whole, every column with its place.
//!
//! What is wrong with an expression is reported where it is typed; here it is only followed once more, in silence.

use super::Context;
use super::scope::Scope;
use super::stages::Row;
use crate::model::query::{At, Column, Stage, Value, ValueKind, What};
use crate::model::relation::{AGGREGATES, Derived};
use crate::source::Span;
use crate::syntax::ast::{self, Expr as Tree, ExprKind, Literal, SelectItem};

/// Where a column of a row stands.
pub(super) fn at(column: &Derived) -> At {
    At::new(column.row.first().map_or("", String::as_str), &column.name)
}

/// A column as stages see it.
pub(super) fn column(derived: &Derived) -> Column {
    Column { at: at(derived), ty: derived.ty.clone(), nullable: derived.nullable }
}

pub(super) fn columns(all: &[Derived]) -> Vec<Column> {
    all.iter().map(column).collect()
}

impl Row {
    /// Notes a stage whose columns are those the row has now; none where a part of it could not be followed.
    pub(super) fn tell(&mut self, span: Span, what: Option<What>) {
        let Some(what) = what else {
            self.untold = true;
            return;
        };
        let columns = columns(&self.columns);
        self.query.push(Stage { span, what, columns });
    }

    /// Notes a stage that keeps values as they are: the columns the row has now.
    pub(super) fn tell_kept(&mut self, span: Span) {
        let kept = self.columns.iter().map(|derived| (at(derived), column(derived).value(span))).collect();
        self.tell(span, Some(What::Select(kept)));
    }

    /// Notes what is hidden now and was not before.
    pub(super) fn tell_masked(&mut self, span: Span, before: &[Derived]) {
        let hidden = |derived: &Derived| {
            let old = before.iter().find(|old| old.name == derived.name && old.row == derived.row);
            let value = old.map_or_else(|| column(derived), column).value(span);
            let mask = derived.mask.as_ref().filter(|_| old.is_some_and(|old| old.mask.is_none()));
            let value = match mask {
                Some(mask) => Value {
                    ty: derived.ty.clone(),
                    nullable: derived.nullable,
                    span: mask.span,
                    kind: ValueKind::Masked { value: Box::new(value), mask: mask.value },
                },
                None => value,
            };
            (at(derived), value)
        };
        let values = self.columns.iter().map(hidden).collect();
        self.tell(span, Some(What::Select(values)));
    }
}

impl Context<'_> {
    /// An expression with every part of it; none where it is wrong, which is reported when it is typed.
    pub(super) fn follow(&mut self, tree: &Tree, scope: &Scope) -> Option<Value> {
        let said = self.diagnostics.len();
        let value = self.whole(tree, scope);
        self.diagnostics.truncate(said);
        value
    }

    fn whole(&mut self, tree: &Tree, scope: &Scope) -> Option<Value> {
        let typed = self.typed(tree, scope)?;
        let kind = match &tree.kind {
            ExprKind::Or(all) => ValueKind::Or(self.wholes(all, scope)?),
            ExprKind::And(all) => ValueKind::And(self.wholes(all, scope)?),
            ExprKind::Not(one) => ValueKind::Not(self.boxed(one, scope)?),
            ExprKind::Compare { op, left, right } => {
                ValueKind::Compare { op: *op, left: self.boxed(left, scope)?, right: self.boxed(right, scope)? }
            }
            ExprKind::IsNull { expr, negated } => {
                ValueKind::IsNull { value: self.boxed(expr, scope)?, negated: *negated }
            }
            ExprKind::In { expr, list, negated } => {
                ValueKind::In { value: self.boxed(expr, scope)?, list: self.wholes(list, scope)?, negated: *negated }
            }
            ExprKind::Like { expr, pattern, negated } => ValueKind::Like {
                value: self.boxed(expr, scope)?,
                pattern: self.boxed(pattern, scope)?,
                negated: *negated,
            },
            ExprKind::Arith { op, left, right } => {
                ValueKind::Arith { op: *op, left: self.boxed(left, scope)?, right: self.boxed(right, scope)? }
            }
            ExprKind::Neg(one) => match self.whole(one, scope)?.kind {
                ValueKind::Integer(n) => ValueKind::Integer(n.checked_neg()?),
                ValueKind::Decimal(digits) => ValueKind::Decimal(format!("-{digits}")),
                _ => ValueKind::Negative(self.boxed(one, scope)?),
            },
            ExprKind::Case { arms, otherwise } => {
                let mut told = Vec::new();
                for (when, then) in arms {
                    told.push((self.whole(when, scope)?, self.whole(then, scope)?));
                }
                let otherwise = match otherwise {
                    Some(otherwise) => Some(self.boxed(otherwise, scope)?),
                    None => None,
                };
                ValueKind::Case { arms: told, otherwise }
            }
            ExprKind::Cast { expr, .. } => ValueKind::Cast(self.boxed(expr, scope)?),
            ExprKind::Call { name, args, .. } => self.called(&name.text, args, scope)?,
            ExprKind::Duration(duration) => ValueKind::Duration(duration.ms),
            ExprKind::Literal(literal) => match literal {
                Literal::Bool(value) => ValueKind::Bool(*value),
                Literal::Null => ValueKind::Null,
                Literal::Date(date) => ValueKind::Date(date.clone()),
                Literal::Decimal(digits) => ValueKind::Decimal(digits.clone()),
                Literal::Integer(n) => ValueKind::Integer(i64::try_from(*n).ok()?),
                Literal::Text(text) => ValueKind::Text(text.clone()),
            },
            ExprKind::Path(path) => ValueKind::Column(at(&self.column_in(path, scope)?)),
        };
        Some(Value { kind, ty: typed.ty, nullable: typed.nullable, span: tree.span })
    }

    fn boxed(&mut self, tree: &Tree, scope: &Scope) -> Option<Box<Value>> {
        self.whole(tree, scope).map(Box::new)
    }

    fn wholes(&mut self, all: &[Tree], scope: &Scope) -> Option<Vec<Value>> {
        all.iter().map(|tree| self.whole(tree, scope)).collect()
    }

    fn called(&mut self, word: &str, args: &[Tree], scope: &Scope) -> Option<ValueKind> {
        if AGGREGATES.contains(&word) {
            // Inside, it is the single row that counts.
            let inner = Scope { grouped: None, ..scope.clone() };
            let arg = match args.first() {
                Some(arg) => Some(self.boxed(arg, &inner)?),
                None => None,
            };
            return Some(ValueKind::Aggregate { function: word.to_owned(), arg });
        }
        Some(match word {
            "window_start" => ValueKind::WindowStart,
            "window_end" => ValueKind::WindowEnd,
            _ => ValueKind::Call { function: word.to_owned(), args: self.wholes(args, scope)? },
        })
    }

    /// What a `select` makes of a row: each column of the result with its value.
    pub(super) fn selected(&mut self, items: &[SelectItem], row: &Row) -> Option<Vec<(At, Value)>> {
        let scope = row.scope();
        let mut all: Vec<(At, Value)> = Vec::new();
        for item in items {
            match item {
                SelectItem::Star(star) => {
                    let of = star.value.strip_suffix(".*");
                    let chosen =
                        row.columns.iter().filter(|derived| of.is_none_or(|of| derived.row.iter().any(|r| r == of)));
                    all.extend(chosen.map(|derived| (at(derived), column(derived).value(star.span))));
                }
                SelectItem::Expr { expr, alias } => {
                    let said = self.diagnostics.len();
                    let kept = if let ExprKind::Path(path) = &expr.kind { self.column_in(path, &scope) } else { None };
                    self.diagnostics.truncate(said);
                    let alias = alias.as_ref().map(|alias| alias.text.clone());
                    let told = match kept {
                        // A hidden value can be selected and not looked at.
                        Some(kept) => {
                            let place = At { name: alias.unwrap_or_else(|| kept.name.clone()), ..at(&kept) };
                            (place, column(&kept).value(expr.span))
                        }
                        None => (At::new("", alias.or_else(|| name_of(expr))?), self.follow(expr, &scope)?),
                    };
                    all.push(told);
                }
            }
        }
        Some(all)
    }

    /// What rows are grouped by, with the names they have where nothing is selected.
    pub(super) fn grouped_by(&mut self, exprs: &[Tree], scope: &Scope, names: &[Derived]) -> Option<Vec<(At, Value)>> {
        let values: Vec<Value> = exprs.iter().map(|expr| self.follow(expr, scope)).collect::<Option<_>>()?;
        (values.len() == names.len()).then(|| names.iter().map(at).zip(values).collect())
    }
}

/// What a computed value is called: its function's name.
fn name_of(tree: &ast::Expr) -> Option<String> {
    if let ExprKind::Call { name, .. } = &tree.kind { Some(name.text.clone()) } else { None }
}
