//! Stages that look at many rows of one kind: groups, windows, repetitions, another key.

use super::Context;
use super::expressions::{Family, NotBuilt, family};
use super::query;
use super::stages::{Gap, Row, computed_column};
use crate::diag::{Diagnostic, codes};
use crate::model::query::{Value, What};
use crate::model::relation::{AGGREGATES, Derived, Nature, RecordId, StepKind, Term};
use crate::source::Span;
use crate::syntax::ast::{Duration, Expr, ExprKind, Name, Path, SelectItem, WindowKind};

impl Context<'_> {
    pub(super) fn group(&mut self, exprs: &[Expr], span: Span, row: &mut Row) {
        self.end_group(row);
        let scope = row.scope();
        let mut by: Vec<Derived> = Vec::new();
        for expr in exprs {
            if let ExprKind::Path(path) = &expr.kind {
                by.extend(self.column_in(path, &scope));
                continue;
            }
            let Some(typed) = self.typed(expr, &scope) else { continue };
            let name = match &expr.kind {
                ExprKind::Call { name, .. } => name.text.clone(),
                _ => self.inputs.sources.slice(expr.span).to_owned(),
            };
            by.push(computed_column(name, expr.span, typed));
        }
        let told = self.grouped_by(exprs, &scope, &by);
        row.tell(span, told.map(|by| What::Group { by }));
        let terms = by.iter().map(|column| column.term.clone()).collect();
        row.step(span, StepKind::Group { by: terms });
        row.gaps.push(Gap::Engine(span, "`group by`"));
        row.group = Some(by);
    }

    /// Behind `group by`, a selected value is a group's or an aggregate.
    pub(super) fn grouped_only(&mut self, made: &[(Derived, Option<NotBuilt>)], items: &[SelectItem], row: &Row) {
        let Some(by) = &row.group else { return };
        let by: Vec<&Term> = by.iter().map(|column| &column.term).collect();
        for (column, _) in made.iter().filter(|(column, _)| !of_group(&column.term, &by)) {
            let item = items.iter().find_map(|item| match item {
                SelectItem::Expr { expr, alias } => {
                    let at = alias.as_ref().map_or(expr.span, |alias| alias.span);
                    (at == column.span || expr.span.end == column.span.end).then_some(expr.span)
                }
                SelectItem::Star(star) => Some(star.span),
            });
            self.report(
                Diagnostic::new(
                    codes::MISPLACED_STATEMENT,
                    item.unwrap_or(column.span),
                    format!("`{}` is neither grouped by nor an aggregate", column.name),
                )
                .here("the rows of a group may differ in it")
                .help(format!("write `max({})`, or add it to `group by`", column.name)),
            );
        }
    }

    /// A group without a `select` behind it keeps what it is grouped by.
    pub(super) fn end_group(&mut self, row: &mut Row) {
        if let Some(by) = row.group.clone() {
            self.close_group(row);
            row.columns = by;
            row.open = None;
            let told = row.query.last().and_then(|stage| match &stage.what {
                What::Group { by } => Some((stage.span, by.clone())),
                _ => None,
            });
            if let Some((span, by)) = told {
                row.tell(span, Some(What::Select(by)));
            }
        }
    }

    /// The rows become the groups'.
    pub(super) fn close_group(&mut self, row: &mut Row) {
        let Some(by) = row.group.take() else { return };
        row.key = by.iter().map(|column| column.term.clone()).collect();
        row.routing.clone_from(&row.key);
        if row.window.take().is_some() {
            row.key.push(Term::Apply("window_start".into(), Vec::new()));
        }
        row.nature = Nature::State;
        row.record = None;
        row.computed.clear();
    }

    pub(super) fn window(&mut self, kind: WindowKind, on: &Name, late: Option<Duration>, span: Span, row: &mut Row) {
        self.end_group(row);
        let path = Path { parts: vec![on.clone()], span: on.span };
        let Some(column) = self.column_in(&path, &row.scope()) else {
            row.gaps.push(Gap::Said);
            return;
        };
        if !matches!(family(&column.ty), Family::Moment | Family::Any) {
            let message = format!("a window needs a moment, and `{}` is {}", on.text, column.ty.phrase());
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, on.span, message)
                    .help("name the column that says when it happened"),
            );
            row.gaps.push(Gap::Said);
            return;
        }
        let marked = |record: RecordId, name: &str| match record {
            RecordId::Entity(id) => {
                let entity = self.model.entity(id);
                entity.column(name).map_or(entity.open, |column| column.event_time)
            }
            RecordId::Event(id) => {
                let event = self.model.event(id);
                event.column(name).map_or(event.open, |column| column.event_time)
            }
        };
        let event_time = column
            .term
            .copies()
            .is_some_and(|copies| copies.iter().all(|column| marked(column.record, &column.column)));
        let on_value = query::column(&column).value(on.span);
        row.tell(span, Some(What::Window { kind, on: on_value }));
        row.gaps.push(Gap::Engine(span, "a window"));
        row.step(span, StepKind::Window { kind, on: Derived { span: on.span, ..column }, event_time, late });
        row.window = Some(span);
    }

    /// At the end of a pipeline: a window that nothing is grouped by has no effect.
    pub(super) fn loose_window(&mut self, row: &Row) {
        if let Some(span) = row.window.filter(|_| row.group.is_none()) {
            self.report(
                Diagnostic::new(codes::MISPLACED_STATEMENT, span, "a window needs a `group by` behind it")
                    .here("nothing is counted per window")
                    .help("add `| group by …` and `| select …, window_start(), count(*)`"),
            );
        }
    }

    pub(super) fn distinct(&mut self, names: &[Name], span: Span, row: &mut Row) {
        let scope = row.scope();
        let (mut by, mut told) = (Vec::new(), Vec::new());
        for name in names {
            let path = Path { parts: vec![name.clone()], span: name.span };
            let Some(column) = self.column_in(&path, &scope) else { continue };
            told.push(query::column(&column).value(name.span));
            by.push(column.term);
        }
        let told: Option<Vec<Value>> = (by.len() == names.len()).then_some(told);
        row.tell(span, told.map(|by| What::Distinct { by }));
        row.gaps.push(Gap::Engine(span, "`distinct`"));
        row.step(span, StepKind::Distinct { by });
    }

    pub(super) fn key_by(&mut self, exprs: &[Expr], span: Span, row: &mut Row) {
        let scope = row.scope();
        let terms: Vec<Option<Term>> =
            exprs.iter().map(|expr| self.typed(expr, &scope).map(|typed| typed.term)).collect();
        let Some(by) = terms.into_iter().collect::<Option<Vec<Term>>>() else {
            row.gaps.push(Gap::Said);
            return;
        };
        if row.nature == Nature::State {
            // The row under the old key must go when the key's columns change, which takes the row before the change.
            row.gaps.push(Gap::Engine(span, "`key by` on rows that change"));
        } else {
            row.later(span, "`key by` is");
        }
        let told: Option<Vec<Value>> = exprs.iter().map(|expr| self.follow(expr, &scope)).collect();
        row.tell(span, told.map(|by| What::KeyBy { by }));
        row.step(span, StepKind::KeyBy { by: by.clone() });
        row.key.clone_from(&by);
        row.routing = by;
        row.record = None;
    }
}

/// Whether a value is one for a whole group.
fn of_group(term: &Term, by: &[&Term]) -> bool {
    if by.contains(&term) {
        return true;
    }
    match term {
        Term::Column(_) => false,
        Term::Literal(_) => true,
        Term::Apply(word, terms) => {
            AGGREGATES.contains(&word.as_str())
                || matches!(word.as_str(), "window_start" | "window_end")
                || terms.iter().all(|term| of_group(term, by))
        }
    }
}
