//! Promises of `exactly once`: what identifies an effect, and where repetitions are removed.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{Makers, copied, determined, identifies, identity, is_state, key, own, roots, side};
use crate::model::relation::{AGGREGATES, InputId, RecordId, Role, StepKind, Term};
use crate::model::{Model, Operation, Promise, View, ViewId};
use crate::source::Span;
use crate::syntax::ast::Claim;
use crate::systems::Kind;

/// A view's promise that each operation takes effect once.
pub struct Once<'a> {
    model: &'a Model,
    /// The view's id.
    pub id: ViewId,
    /// The view.
    pub view: &'a View,
    /// The promise.
    pub promise: &'a Promise,
    /// What is unique, over the view's rows; empty without `by`, where it is each record's own identity.
    pub by: Vec<Term>,
    /// The records whose facts the view's rows are, or are made of.
    pub roots: BTreeSet<RecordId>,
}

/// What becomes of repetitions on the way into a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// They are there.
    Kept,
    /// They are removed, or meet their first copy.
    Removed,
    /// They are counted: by this stage.
    Counted(Span),
}

impl Once<'_> {
    /// What is unique, for rows that come from one record.
    #[must_use]
    pub fn of(&self, model: &Model, record: RecordId) -> BTreeSet<Term> {
        of_record(model, &self.by, record)
    }

    /// Whether what is unique tells a record's operations apart.
    #[must_use]
    pub fn identifies(&self, makers: &Makers, record: RecordId) -> bool {
        tells_apart(makers, record, &self.of(makers.model, record))
    }

    /// What is unique, in the user's words.
    #[must_use]
    pub fn words(&self) -> String {
        if let Claim::ExactlyOnce { by, .. } = &self.promise.claim
            && !by.is_empty()
        {
            return by.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", ");
        }
        let implied = self.roots.iter().flat_map(|record| identity(self.model, *record));
        let names: BTreeSet<String> = implied.filter_map(|term| Some(term.column()?.column.clone())).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    }
}

fn of_record(model: &Model, by: &[Term], record: RecordId) -> BTreeSet<Term> {
    if by.is_empty() {
        return identity(model, record).into_iter().collect();
    }
    by.iter().flat_map(|term| side(term, record)).collect()
}

fn tells_apart(makers: &Makers, record: RecordId, by: &BTreeSet<Term>) -> bool {
    let names: BTreeSet<&str> = by
        .iter()
        .filter_map(copied)
        .filter(|column| column.record == record && column.joined.is_none())
        .map(|column| column.column.as_str())
        .collect();
    identifies(makers, record, &names)
}

/// Every promise of `exactly once` in views whose names are known.
#[must_use]
pub fn promises(model: &Model) -> Vec<Once<'_>> {
    let mut all = Vec::new();
    for (id, view) in model.all_views() {
        let once = |promise: &&Promise| matches!(promise.claim, Claim::ExactlyOnce { .. });
        if view.relation.is_none() || !view.guarantees.iter().any(|promise| once(&promise)) {
            continue;
        }
        let roots = roots(model, view);
        if roots.is_empty() {
            continue;
        }
        for promise in &view.guarantees {
            let Claim::ExactlyOnce { by, .. } = &promise.claim else { continue };
            if promise.terms.len() != by.len() {
                continue;
            }
            let by = promise.terms.iter().map(|term| term.value.clone()).collect();
            all.push(Once { model, id, view, promise, by, roots: roots.clone() });
        }
    }
    all
}

/// The record that changes, of those a promise is about: `exactly once` means nothing for it.
#[must_use]
pub fn on_state(model: &Model, once: &Once) -> Option<RecordId> {
    once.roots.iter().copied().find(|record| is_state(model, *record))
}

/// What becomes of repetitions of `by` on the way through a view's stages.
#[must_use]
pub fn repeats(makers: &Makers, view: &View, by: &[Term]) -> Repeats {
    repeats_from(makers, view, by, &mut BTreeMap::new())
}

fn repeats_from(makers: &Makers, view: &View, by: &[Term], known: &mut BTreeMap<ViewId, Repeats>) -> Repeats {
    let model = makers.model;
    let mut so_far = Repeats::Removed;
    for input in view.inputs.iter().filter(|input| matches!(input.role, Role::Start | Role::Union)) {
        let InputId::View(id) = input.what else {
            // Rows of a table that only grows stand in it once.
            if matches!(input.what, InputId::Event(_)) {
                so_far = Repeats::Kept;
            }
            continue;
        };
        let above = model.view(id);
        if promised(model, above, by) {
            continue;
        }
        let found = match known.get(&id) {
            Some(found) => *found,
            None => {
                let found = repeats_from(makers, above, by, known);
                known.insert(id, found);
                found
            }
        };
        match found {
            counted @ Repeats::Counted(_) => return counted,
            Repeats::Kept if !upserted(makers, above, by) => so_far = Repeats::Kept,
            Repeats::Kept | Repeats::Removed => {}
        }
    }
    for step in view.relation.iter().flat_map(|relation| &relation.steps) {
        match &step.kind {
            StepKind::Distinct { by: what } if removes(makers, view, what, by) => so_far = Repeats::Removed,
            StepKind::Group { .. } if so_far == Repeats::Kept => return Repeats::Counted(step.span),
            StepKind::Distinct { .. }
            | StepKind::Group { .. }
            | StepKind::Where { .. }
            | StepKind::Select { .. }
            | StepKind::Drop
            | StepKind::Mask
            | StepKind::Join(_)
            | StepKind::Window { .. }
            | StepKind::Nest(_)
            | StepKind::Union(_)
            | StepKind::KeyBy { .. } => {}
        }
    }
    so_far
}

/// Whether a view promises itself that these take effect once; where it cannot, it is told so.
fn promised(model: &Model, view: &View, by: &[Term]) -> bool {
    let roots = roots(model, view);
    view.guarantees.iter().any(|promise| {
        let Claim::ExactlyOnce { by: names, .. } = &promise.claim else { return false };
        let terms: Vec<Term> = promise.terms.iter().map(|term| term.value.clone()).collect();
        terms.len() == names.len()
            && roots.iter().all(|record| of_record(model, &terms, *record) == of_record(model, by, *record))
    })
}

/// Whether looking at `what` finds every repetition of `by`.
fn removes(makers: &Makers, view: &View, what: &[Term], by: &[Term]) -> bool {
    roots(makers.model, view).into_iter().all(|record| decides(makers, record, by, what))
}

/// Whether equal `by` means equal `what`, for rows that come from one record.
fn decides(makers: &Makers, record: RecordId, by: &[Term], what: &[Term]) -> bool {
    let model = makers.model;
    let mut by = of_record(model, by, record);
    let key = key(model, record);
    // Who makes the same request twice need not give both the same key: only the key says that it is the same event.
    let whole = match key {
        [] => tells_apart(makers, record, &by),
        key => key.iter().all(|part| by.contains(&own(record, part))),
    };
    for column in model.record_columns(record) {
        let made = column.operation.as_ref().map(|made| &made.value);
        if let Some(Operation::Hash(of)) = made
            && of.iter().all(|name| by.contains(&own(record, name)))
        {
            by.insert(own(record, &column.name));
        }
    }
    what.iter().all(|term| {
        let sides = side(term, record);
        sides.is_empty() || sides.iter().any(|term| determined(term, &by) || (whole && of_row(term)))
    })
}

/// Whether a value is that of one row, and of no row joined to it.
fn of_row(term: &Term) -> bool {
    !term.applies(AGGREGATES)
        && !term.applies(&["nest", "window_start", "window_end"])
        && term.reads().iter().all(|column| column.joined.is_none())
}

/// Whether a repetition of `by` overwrites its own first copy where a view is stored.
#[must_use]
pub fn upserted(makers: &Makers, view: &View, by: &[Term]) -> bool {
    let model = makers.model;
    let Some(relation) = &view.relation else { return true };
    let Some(store) = &view.store else { return false };
    let kind = model.system(store.system).kind;
    if kind == Kind::Kafka {
        return false;
    }
    let known = relation.open || roots(model, view).iter().any(|record| super::identity::is_open(model, *record));
    if relation.key.is_empty() {
        return known;
    }
    roots(model, view).into_iter().all(|record| decides(makers, record, by, &relation.key))
}

/// Whether a kind of store keeps a value unique in the transaction that stores it.
#[must_use]
pub fn keeps_unique(kind: Kind) -> bool {
    match kind {
        Kind::Postgres | Kind::Mysql | Kind::Mariadb | Kind::Sqlserver | Kind::Oracle | Kind::Mongodb => true,
        Kind::Kafka
        | Kind::Flink
        | Kind::Elasticsearch
        | Kind::Opensearch
        | Kind::Redis
        | Kind::Snowflake
        | Kind::Bigquery
        | Kind::Clickhouse
        | Kind::Iceberg => false,
    }
}
