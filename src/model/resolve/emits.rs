//! What a process makes of a record: the values of each event, held against its columns, and their form for targets.

use std::collections::BTreeSet;

use super::Context;
use super::expressions::NotBuilt;
use super::stages::Row;
use crate::diag::{Diagnostic, codes};
use crate::model::expr::Expr;
use crate::model::relation::{ColumnRef, Derived, InputId, RecordId, Term};
use crate::model::types::Type;
use crate::model::{Column, Emit, EventId, Made};
use crate::source::Span;
use crate::syntax::ast::{self, ArithOp, ExprKind, Name, Path, SelectItem, Spanned};

/// The parts of an `emit`.
pub(super) struct Parts<'a> {
    pub(super) event: EventId,
    pub(super) items: &'a [SelectItem],
    pub(super) when: Option<&'a ast::Expr>,
    pub(super) span: Span,
}

impl Context<'_> {
    /// Whether all that a process reads are events; says which is not. A row that changes is no event: how often it counts is for the owner to say.
    pub(super) fn of_events(&mut self, inputs: &[Spanned<InputId>]) -> bool {
        let rows: Vec<Span> =
            inputs.iter().filter(|input| !matches!(input.value, InputId::Event(_))).map(|input| input.span).collect();
        for span in &rows {
            self.not_built(*span, "a process over the changes of rows is");
        }
        rows.is_empty()
    }

    /// Understands an `emit` over a row of the inputs. `inputs` are given where this version makes the events itself.
    pub(super) fn emit(&mut self, parts: &Parts, row: &mut Row, inputs: Option<&Vec<Spanned<InputId>>>) -> Emit {
        let before = self.diagnostics.len();
        let items = match inputs {
            Some(_) if parts.items.is_empty() => self.of_equal_names(parts, row),
            _ => parts.items.to_vec(),
        };
        let made = if items.is_empty() { None } else { self.emitted_columns(parts.event, &items, row, parts.span) };
        let when = parts.when.and_then(|when| self.condition(when, &row.scope()));
        // What is wrong with it is said already; what cannot be written is another matter.
        let sound = self.diagnostics.len() == before;
        let written = match (inputs, &made) {
            (Some(inputs), Some(columns)) if sound => {
                match self.written(parts, &items, columns, when.as_ref().map(|when| &when.term), inputs, row) {
                    Ok(written) => Some(written),
                    Err(gap) => {
                        self.not_built(gap.span, &gap.what);
                        None
                    }
                }
            }
            (Some(_), None) if sound => {
                self.not_built(parts.span, "an event that no list and no column of an equal name fills is");
                None
            }
            _ => None,
        };
        Emit {
            event: parts.event,
            span: parts.span,
            columns: made.filter(|_| !parts.items.is_empty()),
            when: when.map(|when| when.term),
            made: written,
        }
    }

    /// The columns that stand in the input and in the event.
    fn of_equal_names(&self, parts: &Parts, row: &Row) -> Vec<SelectItem> {
        let event = self.model.event(parts.event);
        let equal = row.columns.iter().filter(|column| event.open || event.column(&column.name).is_some());
        let path = |column: &Derived| Path {
            parts: vec![Name { text: column.name.clone(), span: parts.span }],
            span: parts.span,
        };
        equal
            .map(|column| SelectItem::Expr {
                expr: ast::Expr { kind: ExprKind::Path(path(column)), span: parts.span },
                alias: None,
            })
            .collect()
    }

    /// The values as targets write them, or what this version cannot write.
    fn written(
        &mut self,
        parts: &Parts,
        items: &[SelectItem],
        columns: &[Derived],
        when: Option<&Term>,
        inputs: &[Spanned<InputId>],
        row: &Row,
    ) -> Result<Made, NotBuilt> {
        let input = self.one_input(parts, columns, when, inputs)?;
        if self.model.event(input).open {
            return Err(NotBuilt::new(parts.span, "a process over an event whose columns nobody declares is"));
        }
        let scope = row.scope();
        let mut values = Vec::new();
        for column in columns {
            let item = items.iter().find_map(|item| match item {
                SelectItem::Expr { expr, alias } if named(expr, alias.as_ref()) == Some(column.name.as_str()) => {
                    Some(expr)
                }
                SelectItem::Expr { .. } | SelectItem::Star(_) => None,
            });
            let expr = match (item, column.term.column()) {
                (Some(expr), _) => {
                    let Some(typed) = self.typed(expr, &scope) else { continue };
                    let built = typed.built?;
                    exact(&built, expr.span)?;
                    built
                }
                (None, Some(source)) => {
                    Expr::Column { name: source.column.clone(), ty: column.ty.clone(), nullable: column.nullable }
                }
                (None, None) => continue,
            };
            values.push((column.name.clone(), expr));
        }
        let condition = match parts.when {
            Some(tree) => match self.condition(tree, &scope) {
                Some(typed) => {
                    let built = typed.built?;
                    exact(&built, tree.span)?;
                    Some(built)
                }
                None => None,
            },
            None => None,
        };
        self.routable(parts, &values)?;
        Ok(Made { input, values, when: condition })
    }

    /// The input that an event is made of: the one whose columns it takes.
    fn one_input(
        &self,
        parts: &Parts,
        columns: &[Derived],
        when: Option<&Term>,
        inputs: &[Spanned<InputId>],
    ) -> Result<EventId, NotBuilt> {
        let events: BTreeSet<EventId> = inputs
            .iter()
            .filter_map(|input| if let InputId::Event(id) = input.value { Some(id) } else { None })
            .collect();
        let terms = columns.iter().map(|column| &column.term).chain(when);
        let read: BTreeSet<EventId> = terms
            .flat_map(Term::reads)
            .filter_map(|column| if let RecordId::Event(id) = column.record { Some(id) } else { None })
            .collect();
        let mut from = if read.is_empty() { events } else { read }.into_iter();
        match (from.next(), from.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(NotBuilt::new(parts.span, "an event that is not made of one input's record alone is")),
        }
    }

    /// What routes the event must be something every producer writes alike: columns that are never null, or a pair of such.
    fn routable(&self, parts: &Parts, values: &[(String, Expr)]) -> Result<(), NotBuilt> {
        let event = self.model.event(parts.event);
        let known = |column: &ColumnRef| {
            event.open && values.iter().any(|(name, _)| *name == column.column)
                || event.column(&column.column).is_some_and(|found| !found.nullable)
        };
        let routes = |term: &Term| match term {
            Term::Column(column) => known(column),
            Term::Apply(word, of) => word == "pair" && of.iter().all(|of| of.column().is_some_and(known)),
            Term::Literal(_) => false,
        };
        if event.routing.iter().all(routes) {
            return Ok(());
        }
        Err(NotBuilt::new(
            event.partitioned.unwrap_or(event.span),
            "routing made events by anything but columns that are never null and `pair` is",
        ))
    }
}

/// What a value is called: its alias, its column, its function.
fn named<'a>(expr: &'a ast::Expr, alias: Option<&'a Name>) -> Option<&'a str> {
    match (alias, &expr.kind) {
        (Some(alias), _) => Some(&alias.text),
        (None, ExprKind::Path(path)) => path.parts.last().map(|name| name.text.as_str()),
        (None, ExprKind::Call { name, .. }) => Some(&name.text),
        _ => None,
    }
}

/// Refuses arithmetic whose result is not exact: a value that is sent on is never rounded in silence.
fn exact(expr: &Expr, span: Span) -> Result<(), NotBuilt> {
    let mut gap = None;
    expr.visit(&mut |expr| {
        let Expr::Arith { op, left, right } = expr else { return };
        let binary = [left, right].into_iter().any(|side| {
            let mut found = false;
            side.visit(&mut |expr| {
                found |= matches!(expr, Expr::Column { ty: Type::Float | Type::Double, .. });
            });
            found
        });
        let whole = left.is_whole() && right.is_whole();
        let what = match op {
            _ if binary => "arithmetic with binary floating numbers in a process, which is not exact, is",
            ArithOp::Div => "a division in a process, which is not exact, is",
            ArithOp::Rem if !whole => "the rest of a division of decimals in a process is",
            ArithOp::Add | ArithOp::Sub | ArithOp::Mul | ArithOp::Rem => return,
        };
        gap.get_or_insert(what);
    });
    gap.map_or(Ok(()), |what| Err(NotBuilt::new(span, what)))
}

/// A value that the column cannot hold as it is: what the column holds, and what to do. Values that may outgrow it are found when they come.
fn beyond(column: &Derived, into: &Column) -> Option<(String, String)> {
    match (&column.ty, &into.ty, &column.term) {
        (Type::Decimal { scale: Some(from), precision: Some(digits) }, Type::Decimal { scale: Some(to), .. }, _)
            if from > to =>
        {
            let wanted = format!("{} decimal({digits},{from})", into.name);
            Some((
                format!("keeps {to} digits behind the point, and this may have {from}"),
                format!("declare `{wanted}`: nothing is rounded on the way"),
            ))
        }
        (Type::Text, Type::Enum(values), Term::Literal(text)) => {
            let value = text.trim_matches('\'');
            (!values.iter().any(|known| known == value)).then(|| {
                let near = crate::syntax::suggest::nearest(value, values.iter().map(String::as_str));
                let first = near.or(values.first().map(String::as_str)).unwrap_or_default();
                (format!("is never '{value}'"), format!("write '{first}', or add \"{value}\" to its `enum`"))
            })
        }
        _ => None,
    }
}

impl Context<'_> {
    /// The values an event is given, held against its columns; none where something is wrong with them (reported). A missing part of its identity is a rule's matter (`lost_operation_id`).
    fn emitted_columns(
        &mut self,
        event: EventId,
        items: &[SelectItem],
        row: &mut Row,
        span: Span,
    ) -> Option<Vec<Derived>> {
        let before = self.diagnostics.len();
        let made: Vec<Derived> = self.select(items, row).into_iter().map(|(column, _)| column).collect();
        // A value that could not be read is one that is not missing.
        let mut read = self.diagnostics.len() == before;
        let event = self.model.event(event).clone();
        if event.open {
            return Some(made);
        }
        let names: Vec<String> = event.columns.iter().map(|column| column.name.clone()).collect();
        for column in &made {
            let Some(into) = event.column(&column.name) else {
                let name = Name { text: column.name.clone(), span: column.span };
                self.unknown(&name, codes::UNKNOWN_COLUMN, "column", names.clone());
                read = false;
                continue;
            };
            let fits = super::expressions::fits_into(&column.ty, &into.ty);
            if !fits {
                let message = format!(
                    "`{}` is {} in `{}`, and this is {}",
                    into.name,
                    into.ty.phrase(),
                    event.name,
                    column.ty.phrase()
                );
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, column.span, message)
                        .also(into.span, "declared here")
                        .help(format!("write `cast(… as {}) as {}`", into.ty.word(), into.name)),
                );
            } else if let Some((holds, help)) = beyond(column, into) {
                let message = format!("`{}` of `{}` {holds}", into.name, event.name);
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, column.span, message)
                        .also(into.span, "declared here")
                        .help(help),
                );
            } else if column.nullable && !into.nullable && column.ty != super::expressions::unknown() {
                let message = format!("`{}` may be null here, and not in `{}`", into.name, event.name);
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, column.span, message)
                        .also(into.span, "declared here")
                        .help(format!("declare `{} {}?`, or write `coalesce(…)`", into.name, into.ty.word())),
                );
            }
        }
        if !read {
            return None;
        }
        let lacking = event.columns.iter().find(|column| {
            let filled = made.iter().any(|made| made.name == column.name);
            let identity = event.key.contains(&column.name) || column.operation.is_some();
            !filled && !identity && !column.nullable && column.default.is_none()
        });
        if let Some(column) = lacking {
            let message = format!("`{}` is not given its `{}`", event.name, column.name);
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, span, message).also(column.span, "it may not be null").help(
                    format!("add `{}` to the list, or declare `{} {}?`", column.name, column.name, column.ty.word()),
                ),
            );
        }
        Some(made)
    }
}
