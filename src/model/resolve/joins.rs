//! Stages that bring in rows of another record or view.

use std::collections::BTreeSet;

use super::Context;
use super::expressions::common;
use super::query;
use super::scope::Scope;
use super::stages::{Gap, Row};
use crate::diag::{Diagnostic, codes};
use crate::model::ViewId;
use crate::model::query::{At, What};
use crate::model::relation::{ColumnRef, Derived, Input, InputId, Nature, RecordId, Role, StepKind, Term};
use crate::model::types::Type;
use crate::source::Span;
use crate::syntax::ast::{Duration, Expr, Name, Path};

/// The words of a join.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) left: bool,
    pub(super) many: bool,
    pub(super) within: Option<Duration>,
}

impl Context<'_> {
    #[expect(clippy::too_many_arguments, reason = "the parts of one stage")]
    pub(super) fn join(
        &mut self,
        span: Span,
        words: Words,
        path: &Path,
        alias: Option<&Name>,
        on: &Expr,
        row: &mut Row,
        me: ViewId,
    ) {
        let Some((what, other)) = self.input(path, me) else {
            self.unresolved = true;
            row.gaps.push(Gap::Said);
            // What the joined row would bring is not known, and nobody is blamed for naming it.
            row.open = row.open.or_else(|| any_record(row));
            row.names.extend(alias.map(|name| name.text.clone()).or_else(|| path.parts.last().map(|p| p.text.clone())));
            return;
        };
        let other = self.brought(other, alias, span, row);
        let scope = self.both_scope(row, &other);
        let condition = self.condition(on, &scope);
        let (told, theirs) = (self.follow(on, &scope), query::columns(&other.columns));
        let role = Role::Join { left: words.left, many: words.many, within: words.within, keyed: true };
        let mut input = Input { what, span: path.span, role, on: condition.as_ref().map(|typed| typed.term.clone()) };
        let equal = input.equal();
        let keyed = condition.is_none()
            || self.told_apart(what, span, &other.key).iter().any(|key| fixes(key, &other, row, &equal));
        if let (Some(within), false) = (words.within, (row.nature, other.nature) == (Nature::Facts, Nature::Facts)) {
            let _ = within;
            self.report(
                Diagnostic::new(codes::MISPLACED_STATEMENT, span, "`within` joins events that happen near each other")
                    .here("one of the two sides is no event")
                    .help("delete `within …`: the current row is joined"),
            );
        }
        let at = row.inputs.len();
        row.step(span, StepKind::Join(at));
        row.gaps.push(Gap::Engine(span, if words.left { "`left join`" } else { "`join`" }));
        if words.many {
            row.key.extend(other.key.iter().cloned());
        }
        for mut column in other.columns {
            // Both sides agree in it: one column. A condition that could not be read may say so.
            let twin = row.columns.iter().any(|mine| {
                let agreed = condition.is_none() || equal.contains(&pair_of(&mine.term, &column.term));
                mine.name == column.name && agreed
            });
            column.nullable |= words.left;
            if twin {
                if let Some(mine) = row.columns.iter_mut().find(|mine| mine.name == column.name) {
                    mine.row.extend(column.row.clone());
                }
                row.seen.push(column);
            } else {
                row.columns.push(column);
            }
        }
        input.role = Role::Join { left: words.left, many: words.many, within: words.within, keyed };
        row.inputs.push(input);
        if row.open.is_none() {
            row.open = other.open;
        }
        row.names.extend(other.names);
        row.record = None;
        let Words { left, many, within } = words;
        let within = within.map(|within| within.ms);
        let what = told.map(|on| What::Join { input: at, left, many, within, joined: theirs, on });
        row.tell(span, what);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one stage")]
    pub(super) fn nest(
        &mut self,
        span: Span,
        path: &Path,
        alias: &Name,
        columns: &[Name],
        on: &Expr,
        row: &mut Row,
        me: ViewId,
    ) {
        let found = self.input(path, me);
        let mut told = None;
        row.gaps.push(Gap::Engine(span, "`nest`"));
        let mut nested = Derived {
            name: alias.text.clone(),
            row: Vec::new(),
            span: alias.span,
            ty: Type::Array(Box::new(Type::Json)),
            nullable: false,
            term: Term::Apply("nest".into(), Vec::new()),
            pii: None,
            mask: None,
        };
        if let Some((what, other)) = found {
            let other = self.brought(other, Some(alias), span, row);
            let scope = self.both_scope(row, &other);
            let condition = self.condition(on, &scope).map(|typed| typed.term);
            let on = self.follow(on, &scope);
            let mut kept = Vec::new();
            let mut inside = Vec::new();
            for name in columns {
                let path = Path { parts: vec![name.clone()], span: name.span };
                let own = Scope { first: other.columns.len(), ..other.scope() };
                let Some(column) = self.column_in(&path, &own) else { continue };
                nested.pii = nested.pii.or(column.pii);
                kept.push(query::at(&column));
                inside.push(column.term);
            }
            nested.term = Term::Apply("nest".into(), inside);
            let (input, joined) = (row.inputs.len(), query::columns(&other.columns));
            let into = At::new("", &alias.text);
            told = on.map(|on| What::Nest { input, into, joined, columns: kept, on });
            row.step(span, StepKind::Nest(row.inputs.len()));
            row.inputs.push(Input { what, span: path.span, role: Role::Nest, on: condition });
        } else {
            self.unresolved = true;
            row.gaps.push(Gap::Said);
        }
        if let Some(before) = row.columns.iter().find(|column| column.name == alias.text) {
            let before = before.span;
            self.report(
                Diagnostic::new(codes::NAME_TAKEN, alias.span, format!("`{}` is a column already", alias.text))
                    .also(before, "declared here")
                    .help("choose another name behind `as`"),
            );
            return;
        }
        row.columns.push(nested);
        row.record = None;
        row.tell(span, told);
    }

    pub(super) fn union(&mut self, paths: &[Path], span: Span, row: &mut Row, me: ViewId) {
        row.later(span, "`union` is");
        row.step(span, StepKind::Union(row.inputs.len()));
        row.record = None;
        let mut told = Vec::new();
        for path in paths {
            let Some((what, other)) = self.input(path, me) else {
                self.unresolved = true;
                row.gaps.push(Gap::Said);
                continue;
            };
            told.push((row.inputs.len(), query::columns(&other.columns)));
            row.inputs.push(Input { what, span: path.span, role: Role::Union, on: None });
            if other.nature != row.nature {
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, path.span, "rows that change and facts that stay do not mix")
                        .here(nature_word(other.nature))
                        .help("unite events with events, or rows with rows"),
                );
            }
            self.unite(&other, path, row);
        }
        row.tell(span, Some(What::Union { inputs: told }));
    }

    /// Columns are united by name; what one side lacks is null.
    fn unite(&mut self, other: &Row, path: &Path, row: &mut Row) {
        if row.open.is_none() {
            row.open = other.open;
        }
        let mut added = Vec::new();
        for column in &other.columns {
            let Some(mine) = row.columns.iter_mut().find(|mine| mine.name == column.name) else {
                added.push(Derived { nullable: true, row: row.names.clone(), ..column.clone() });
                continue;
            };
            let Some(ty) = common(&mine.ty, &column.ty) else {
                let message = format!(
                    "`{}` is {} on one side and {} on the other",
                    column.name,
                    mine.ty.phrase(),
                    column.ty.phrase()
                );
                let first = mine.span;
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, path.span, message)
                        .also(first, "one")
                        .also(column.span, "the other")
                        .help("give both one type, or rename one with `select … as`"),
                );
                continue;
            };
            mine.ty = ty;
            mine.nullable |= column.nullable;
            mine.pii = mine.pii.or(column.pii);
            mine.term = either(mine.term.clone(), column.term.clone());
        }
        for column in &mut row.columns {
            column.nullable |= !other.columns.iter().any(|theirs| theirs.name == column.name) && other.open.is_none();
        }
        row.columns.extend(added);
        // Keys and routes meet by position: what is united is keyed alike.
        row.key = united(&row.key, &other.key);
        row.routing = united(&row.routing, &other.routing);
    }

    /// A row as another one sees it: under its alias, and told apart from rows of the same record.
    fn brought(&mut self, mut other: Row, alias: Option<&Name>, joined: Span, row: &Row) -> Row {
        if let Some(alias) = alias {
            other.names = vec![alias.text.clone()];
        }
        if let Some(taken) = other.names.iter().find(|name| row.names.contains(name)) {
            let span = alias.map_or(joined, |alias| alias.span);
            self.report(
                Diagnostic::new(codes::NAME_TAKEN, span, format!("a row called `{taken}` is here already"))
                    .help(format!("give this one another name: `as {taken}2`")),
            );
        }
        let names = other.names.clone();
        for column in &mut other.columns {
            column.row.clone_from(&names);
            mark(&mut column.term, joined);
        }
        other.key.iter_mut().chain(&mut other.routing).for_each(|term| mark(term, joined));
        other
    }

    /// What tells rows of a joined side apart: its key, and of a table what is unique in it.
    fn told_apart(&self, what: InputId, joined: Span, key: &[Term]) -> Vec<Vec<Term>> {
        let mut all = vec![key.to_vec()];
        let InputId::Entity(id) = what else { return all };
        let entity = self.model.entity(id);
        let mut uniques: Vec<Vec<String>> = entity.uniques.iter().map(|unique| unique.value.clone()).collect();
        uniques.extend(entity.columns.iter().filter(|column| column.unique).map(|column| vec![column.name.clone()]));
        let table = self.model.table(entity).into_iter().flat_map(|table| &table.uniques);
        uniques.extend(table.filter(|unique| !unique.partial).map(|unique| unique.columns.clone()));
        for columns in uniques.into_iter().filter(|columns| !columns.is_empty()) {
            let term =
                |column: String| Term::Column(ColumnRef { record: RecordId::Entity(id), column, joined: Some(joined) });
            all.push(columns.into_iter().map(term).collect());
        }
        all
    }

    /// Both rows of a join; a bare name means the row that is joined to, where that has one.
    fn both_scope(&self, row: &Row, other: &Row) -> Scope {
        let mut scope = row.scope();
        scope.first = row.columns.len();
        scope.columns.extend(other.columns.iter().cloned());
        scope.rows.extend(other.names.iter().cloned());
        scope.open = scope.open.or(other.open);
        scope
    }
}

fn any_record(row: &Row) -> Option<crate::model::relation::RecordId> {
    row.columns.iter().find_map(|column| column.term.reads().first().map(|column| column.record))
}

fn nature_word(nature: Nature) -> &'static str {
    match nature {
        Nature::State => "rows that change",
        Nature::Facts => "facts that stay",
    }
}

/// Marks columns as those of a joined row.
fn mark(term: &mut Term, joined: Span) {
    match term {
        Term::Column(column) => column.joined = column.joined.or(Some(joined)),
        Term::Literal(_) => {}
        Term::Apply(_, terms) => terms.iter_mut().for_each(|term| mark(term, joined)),
    }
}

fn pair_of<'t>(a: &'t Term, b: &'t Term) -> (&'t Term, &'t Term) {
    if a <= b { (a, b) } else { (b, a) }
}

/// Whether a condition picks at most one row of the other side: each part of a key of it equals something that row does not decide.
fn fixes(key: &[Term], other: &Row, row: &Row, equal: &BTreeSet<(&Term, &Term)>) -> bool {
    let theirs: BTreeSet<&Term> = other.columns.iter().map(|column| &column.term).collect();
    let mine: BTreeSet<&Term> = row.columns.iter().map(|column| &column.term).collect();
    let outside = |term: &Term| mine.contains(term) || !theirs.contains(term) || matches!(term, Term::Literal(_));
    key.iter().all(|part| equal.iter().any(|(a, b)| (*a == part && outside(b)) || (*b == part && outside(a))))
}

fn either(mine: Term, theirs: Term) -> Term {
    if mine == theirs {
        return mine;
    }
    match mine {
        Term::Apply(word, mut terms) if word == "either" => {
            terms.push(theirs);
            Term::Apply(word, terms)
        }
        mine => Term::Apply("either".into(), vec![mine, theirs]),
    }
}

fn united(mine: &[Term], theirs: &[Term]) -> Vec<Term> {
    if mine.len() != theirs.len() {
        return Vec::new();
    }
    mine.iter().cloned().zip(theirs.iter().cloned()).map(|(a, b)| either(a, b)).collect()
}
