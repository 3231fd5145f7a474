//! Stages behind `|`: what they make of a relation. Here those that look at one row; `joins` and `groups` hold the others.

use std::collections::BTreeSet;

use super::Context;
use super::expressions::{NotBuilt, Typed};
use super::scope::{Scope, computed, derived};
use crate::diag::{Diagnostic, codes};
use crate::model::query::{Stage as Told, What};
use crate::model::relation::{Derived, Input, Nature, RecordId, Step, StepKind, Term};
use crate::model::types::Type;
use crate::model::{EntityId, EventId, Filter, Mask};
use crate::source::Span;
use crate::syntax::ast::{Expr as Tree, ExprKind, MaskItem, Name, Path, SelectItem, Spanned, Stage, StageKind};

/// Rows on their way through the stages of a view.
#[derive(Clone)]
pub(super) struct Row {
    /// The entity or event whose rows these are, one to one.
    pub(super) record: Option<RecordId>,
    pub(super) nature: Nature,
    pub(super) columns: Vec<Derived>,
    /// The columns of this record are not known, so all pass.
    pub(super) open: Option<RecordId>,
    pub(super) key: Vec<Term>,
    pub(super) routing: Vec<Term>,
    /// Names the row goes by in expressions.
    pub(super) names: Vec<String>,
    /// What the database computes and does not tell its log.
    pub(super) computed: Vec<(String, Span)>,
    /// Columns that have been in scope.
    pub(super) seen: Vec<Derived>,
    pub(super) inputs: Vec<Input>,
    pub(super) steps: Vec<Step>,
    /// The stages as an engine is told them.
    pub(super) query: Vec<Told>,
    /// A part of them could not be followed.
    pub(super) untold: bool,
    /// The steps' conditions, as targets write them.
    pub(super) filters: Vec<Filter>,
    /// What this version cannot write of it.
    pub(super) gaps: Vec<Gap>,
    /// Behind `group by`: the groups, and columns are those of single rows.
    pub(super) group: Option<Vec<Derived>>,
    /// Behind `window`: the stage.
    pub(super) window: Option<Span>,
}

/// What this version cannot write.
#[derive(Clone)]
pub(super) enum Gap {
    /// It takes a stream processor, or SQL where all inputs are.
    Engine(Span, &'static str),
    /// It is for a later version.
    Later(NotBuilt),
    /// Its reason is said elsewhere.
    Said,
}

impl Row {
    pub(super) fn scope(&self) -> Scope {
        Scope {
            first: self.columns.len(),
            columns: self.columns.clone(),
            rows: self.names.clone(),
            computed: self.computed.clone(),
            open: self.open,
            grouped: self.group.as_ref().map(|by| by.iter().map(|column| column.term.clone()).collect()),
            windowed: self.window.is_some(),
            audit: false,
            any_case: false,
        }
    }

    pub(super) fn step(&mut self, span: Span, kind: StepKind) {
        self.steps.push(Step { span, kind, before: self.nature });
    }

    pub(super) fn later(&mut self, span: Span, what: impl Into<String>) {
        self.gaps.push(Gap::Later(NotBuilt::new(span, what)));
    }

    /// Keeps in mind what columns there have been.
    pub(super) fn saw(&mut self) {
        for column in &self.columns {
            if !self.seen.contains(column) {
                self.seen.push(column.clone());
            }
        }
    }
}

impl Context<'_> {
    /// All columns of an entity, as they enter a view.
    pub(super) fn row_of(&mut self, entity: EntityId, name: &str) -> Row {
        let found = self.model.entity(entity);
        let record = RecordId::Entity(entity);
        let key: Vec<Term> = found.key.iter().map(|column| of_record(record, column)).collect();
        let open = found.open.then_some(record);
        Row {
            record: Some(record),
            ..row(Nature::State, derived(record, &found.columns, name), key.clone(), key, name, open)
        }
        .with_computed(computed(&found.columns))
    }

    /// All columns of an event, as they enter a view or process.
    pub(super) fn row_of_event(&self, event: EventId, name: &str) -> Row {
        let found = self.model.event(event);
        let record = RecordId::Event(event);
        let key: Vec<Term> = found.key.iter().map(|column| of_record(record, column)).collect();
        let open = found.open.then_some(record);
        let routing = found.routing.clone();
        Row {
            record: Some(record),
            ..row(Nature::Facts, derived(record, &found.columns, name), key, routing, name, open)
        }
    }

    /// Applies one stage.
    pub(super) fn stage(&mut self, stage: &Stage, row: &mut Row, me: crate::model::ViewId) {
        row.saw();
        if !matches!(stage.kind, StageKind::Select(_) | StageKind::GroupBy(_) | StageKind::Window { .. }) {
            self.end_group(row);
        }
        let span = stage.span;
        match &stage.kind {
            StageKind::Where(condition) => self.filter(condition, span, row),
            StageKind::Select(items) => self.select_stage(items, span, row),
            StageKind::Drop(paths) => self.drop_columns(paths, span, row),
            StageKind::Mask(items) => {
                let before = row.columns.clone();
                for item in items {
                    self.mask(item, row);
                }
                row.tell_masked(span, &before);
                row.step(span, StepKind::Mask);
            }
            StageKind::Join { left, many, path, alias, on, within } => {
                let words = super::joins::Words { left: *left, many: *many, within: *within };
                self.join(span, words, path, alias.as_ref(), on, row, me);
            }
            StageKind::GroupBy(exprs) => self.group(exprs, span, row),
            StageKind::Window { kind, on, late } => self.window(*kind, on, *late, span, row),
            StageKind::Nest { path, alias, columns, on } => self.nest(span, path, alias, columns, on, row, me),
            StageKind::Distinct(names) => self.distinct(names, span, row),
            StageKind::Union(paths) => self.union(paths, span, row, me),
            StageKind::KeyBy(exprs) => self.key_by(exprs, span, row),
            StageKind::Sink(_) => {
                self.report(
                    Diagnostic::new(codes::MISPLACED_STATEMENT, span, "a store is the last stage")
                        .here("more stages follow")
                        .help("make a view of the stages before, and two views of it"),
                );
                row.gaps.push(Gap::Said);
            }
        }
    }

    fn filter(&mut self, condition: &Tree, span: Span, row: &mut Row) {
        let Some(typed) = self.condition(condition, &row.scope()) else {
            row.gaps.push(Gap::Said);
            return;
        };
        let told = self.follow(condition, &row.scope());
        row.tell(span, told.map(What::Where));
        let key: BTreeSet<_> = row.key.iter().filter_map(Term::column).collect();
        let reads = typed.term.reads();
        let key_only = !reads.is_empty() && reads.iter().all(|column| key.contains(column));
        let expr = match typed.built {
            Ok(expr) => {
                row.filters.push(Filter { expr: expr.clone(), span });
                Some(expr)
            }
            Err(gap) => {
                row.gaps.push(Gap::Later(gap));
                None
            }
        };
        row.step(span, StepKind::Where { term: typed.term, expr, key_only });
    }

    fn drop_columns(&mut self, paths: &[Path], span: Span, row: &mut Row) {
        for path in paths {
            // What the database computes is left out anyway.
            let last = path.parts.last().map_or("", |name| name.text.as_str());
            let computed = row.computed.iter().any(|(computed, _)| computed == last)
                && row.columns.iter().all(|column| column.name != last);
            if computed {
                continue;
            }
            if let Some(found) = self.column_in(path, &row.scope()) {
                row.columns.retain(|column| *column != found);
            }
        }
        if row.open.is_some() {
            row.later(span, "`drop` of columns nobody declares is");
        }
        row.tell_kept(span);
        row.step(span, StepKind::Drop);
    }

    fn select_stage(&mut self, items: &[SelectItem], span: Span, row: &mut Row) {
        let told = self.selected(items, row);
        let made = self.select(items, row);
        self.grouped_only(&made, items, row);
        let mut computes = false;
        for (_, gap) in &made {
            if let Some(gap) = gap {
                computes = true;
                row.gaps.push(Gap::Later(gap.clone()));
            }
        }
        if row.group.is_some() {
            self.close_group(row);
        }
        row.columns = made.into_iter().map(|(column, _)| column).collect();
        row.open = None;
        let told = told.filter(|told| told.len() == row.columns.len());
        row.tell(span, told.map(What::Select));
        row.step(span, StepKind::Select { computes });
    }

    /// The columns that a list of items selects, each with what this version cannot write of it.
    pub(super) fn select(&mut self, items: &[SelectItem], row: &mut Row) -> Vec<(Derived, Option<NotBuilt>)> {
        let scope = row.scope();
        let mut columns: Vec<(Derived, Option<NotBuilt>)> = Vec::new();
        for item in items {
            match item {
                SelectItem::Star(star) => {
                    let of = star.value.strip_suffix(".*");
                    if let Some(of) = of.filter(|of| !scope.rows.iter().any(|row| row == of)) {
                        let name = Name { text: of.to_owned(), span: star.span };
                        self.unknown(&name, codes::UNKNOWN_NAME, "row", scope.rows.clone());
                        continue;
                    }
                    if row.open.is_some() {
                        row.later(star.span, "`*` over columns nobody declares is");
                    }
                    let chosen =
                        row.columns.iter().filter(|column| of.is_none_or(|of| column.row.iter().any(|r| r == of)));
                    for column in chosen.cloned().collect::<Vec<_>>() {
                        // Two of one name are told apart by their rows; one must be gone in the end.
                        columns.push((column, None));
                    }
                }
                SelectItem::Expr { expr, alias } => {
                    if let ExprKind::Path(path) = &expr.kind {
                        if self.is_computed(path, row) {
                            continue;
                        }
                        let Some(mut column) = self.column_in(path, &scope) else { continue };
                        let name = path.parts.last().map_or(path.span, |name| name.span);
                        column.span = alias.as_ref().map_or(name, |alias| alias.span);
                        if let Some(alias) = alias {
                            column.name.clone_from(&alias.text);
                        }
                        self.add_selected(&mut columns, column, None);
                        continue;
                    }
                    let Some(typed) = self.typed(expr, &scope) else { continue };
                    let Some((name, at)) = self.name_of_value(expr, alias.as_ref()) else { continue };
                    let gap = NotBuilt::new(expr.span, "an expression in `select` is");
                    self.add_selected(&mut columns, computed_column(name, at, typed), Some(gap));
                }
            }
        }
        columns
    }

    /// Reports a result with two columns of one name.
    pub(super) fn two_of_a_name(&mut self, at: Span, column: &Derived, first: Span) {
        let name = &column.name;
        self.report(
            Diagnostic::new(codes::AMBIGUOUS_COLUMN, at, format!("both rows have a column `{name}`"))
                .here("the result would have two of that name")
                .also(first, "one")
                .also(column.span, "the other")
                .help(format!("select the columns you need, and rename one with `{name} as …`")),
        );
    }

    /// What a computed value is called: its alias, else its function's name.
    fn name_of_value(&mut self, expr: &Tree, alias: Option<&Name>) -> Option<(String, Span)> {
        match (alias, &expr.kind) {
            (Some(alias), _) => Some((alias.text.clone(), alias.span)),
            (None, ExprKind::Call { name, .. }) => Some((name.text.clone(), expr.span)),
            _ => {
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, expr.span, "a computed column needs a name")
                        .help(format!("write `{} as name`", self.inputs.sources.slice(expr.span))),
                );
                None
            }
        }
    }

    /// Whether a path names a column the database computes without telling its log; says so.
    fn is_computed(&mut self, path: &Path, row: &Row) -> bool {
        let name = match path.parts.as_slice() {
            [name] => name,
            [of, name] if row.names.contains(&of.text) => name,
            _ => return false,
        };
        if row.columns.iter().any(|column| column.name == name.text) {
            return false;
        }
        let Some((_, span)) = row.computed.iter().find(|(computed, _)| *computed == name.text) else { return false };
        self.report(
            Diagnostic::new(codes::COLUMN_NOT_IN_LOG, name.span, format!("`{}` is not in the log", name.text))
                .here("the database computes it and tells its change log nothing of it")
                .also(*span, "generated here")
                .help("leave it out of `select`"),
        );
        true
    }

    fn add_selected(&mut self, columns: &mut Vec<(Derived, Option<NotBuilt>)>, column: Derived, gap: Option<NotBuilt>) {
        if let Some((before, _)) = columns.iter().find(|(before, _)| before.name == column.name) {
            let span = before.span;
            self.report(
                Diagnostic::new(codes::NAME_TAKEN, column.span, format!("column `{}` is selected twice", column.name))
                    .also(span, "first selected here")
                    .help("delete one, or rename it with `as`"),
            );
            return;
        }
        columns.push((column, gap));
    }

    fn mask(&mut self, item: &MaskItem, row: &mut Row) {
        let Some(found) = self.column_in(&item.path, &row.scope()) else { return };
        // Whatever is wrong with the mask, the value was not to arrive in clear.
        if let Some(column) = row.columns.iter_mut().find(|column| **column == found) {
            column.pii = None;
            column.term = Term::Apply("mask".into(), vec![column.term.clone()]);
        }
        let method = match (item.method.text.as_str(), &item.arg) {
            ("hash", None) => Mask::Hash,
            ("redact", None) => Mask::Redact,
            ("null", None) => Mask::Null,
            ("truncate", Some(n)) => Mask::Truncate(n.value),
            ("truncate", None) => {
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, item.method.span, "`truncate` takes a number of characters")
                        .help("write `truncate(3)`"),
                );
                return;
            }
            ("hash" | "redact" | "null", Some(arg)) => {
                let message = format!("`{}` takes no argument", item.method.text);
                self.report(Diagnostic::new(codes::BAD_VALUE, arg.span, message).help(format!(
                    "write `{} with {}`",
                    item.path.text(),
                    item.method.text
                )));
                return;
            }
            _ => {
                let methods = ["hash", "redact", "truncate", "null"].map(str::to_owned).to_vec();
                self.unknown(&item.method, codes::UNKNOWN_NAME, "mask method", methods);
                return;
            }
        };
        if row.open.is_some() {
            row.later(item.span, "a mask of columns nobody declares is");
            return;
        }
        let name = &found.name;
        if row.nature == Nature::State && row.key.contains(&found.term) {
            let message = format!("`{name}` is part of the key, which stays in clear");
            self.report(
                Diagnostic::new(codes::BAD_VALUE, item.span, message)
                    .here("the key names the row in the store")
                    .help("key the entity by a column that is not personal"),
            );
            return;
        }
        let text = matches!(found.ty, Type::Text | Type::Enum(_) | Type::Uuid | Type::Other(_) | Type::Json);
        if !text && !matches!(method, Mask::Null | Mask::Hash) {
            let message = format!("`{}` writes a text, and `{name}` is {}", item.method.text, found.ty.phrase());
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, item.span, message).help(format!("write `{name} with null`")),
            );
            return;
        }
        let hidden = |column: &&mut Derived| column.name == found.name && column.row == found.row;
        let Some(column) = row.columns.iter_mut().find(hidden) else { return };
        match method {
            Mask::Null => column.nullable = true,
            Mask::Hash | Mask::Redact | Mask::Truncate(_) => column.ty = Type::Text,
        }
        column.mask = Some(Spanned { value: method, span: item.span });
    }
}

impl Row {
    fn with_computed(mut self, computed: Vec<(String, Span)>) -> Self {
        self.computed = computed;
        self
    }
}

/// A column of a record as a term.
pub(super) fn of_record(record: RecordId, column: &str) -> Term {
    Term::Column(crate::model::relation::ColumnRef { record, column: column.to_owned(), joined: None })
}

/// A column whose value is computed.
pub(super) fn computed_column(name: String, span: Span, typed: Typed) -> Derived {
    Derived {
        name,
        row: Vec::new(),
        span,
        ty: typed.ty,
        nullable: typed.nullable,
        term: typed.term,
        pii: typed.pii,
        mask: None,
    }
}

/// Rows at the start of a pipeline.
pub(super) fn row(
    nature: Nature,
    columns: Vec<Derived>,
    key: Vec<Term>,
    routing: Vec<Term>,
    name: &str,
    open: Option<RecordId>,
) -> Row {
    Row {
        record: None,
        nature,
        columns,
        open,
        key,
        routing,
        names: vec![name.to_owned()],
        computed: Vec::new(),
        seen: Vec::new(),
        inputs: Vec::new(),
        steps: Vec::new(),
        query: Vec::new(),
        untold: false,
        filters: Vec::new(),
        gaps: Vec::new(),
        group: None,
        window: None,
    }
}
