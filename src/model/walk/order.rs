//! Whether equal values travel through equal partitions: what `ordered per` rests on.

use std::collections::BTreeSet;

use super::identity::{Cause, determined, is_open, key, own, side, through};
use crate::model::relation::{InputId, RecordId, Role, StepKind, Term};
use crate::model::{EntityId, EventId, Model, Process, SystemId, View, ViewId};
use crate::source::Span;
use crate::systems::Kind;

/// A place where rows are put into partitions.
#[derive(Clone, Debug)]
pub struct Hop {
    /// What says so.
    pub place: Place,
    /// What decides the partition; empty where nothing does.
    pub routing: Vec<Term>,
}

/// What decides partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The log of a record.
    Log(RecordId),
    /// `group by` or `key by`.
    Step(Span),
    /// The topic of an event that a process emits.
    Emitted(EventId),
    /// The topic of a view; the span is that of `partitioned by`, else the view's name.
    Topic(ViewId, Span),
}

/// The topic a record comes in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// An event's.
    Named(SystemId, String),
    /// An entity's own.
    Of(EntityId),
}

/// Why equal values may travel apart.
#[derive(Clone, Debug)]
pub enum Apart {
    /// They meet different partitions here.
    At(Place),
    /// They come in different topics: the first two.
    Topics(RecordId, RecordId),
}

/// The topic of a record.
#[must_use]
pub fn topic(model: &Model, record: RecordId) -> Topic {
    match record {
        RecordId::Entity(id) => Topic::Of(id),
        RecordId::Event(id) => Topic::Named(model.event(id).log, model.event(id).topic.clone()),
    }
}

/// What routes a record's log.
#[must_use]
pub fn routing(model: &Model, record: RecordId) -> Vec<Term> {
    match record {
        RecordId::Entity(id) => model.entity(id).key.iter().map(|name| own(record, name)).collect(),
        RecordId::Event(id) => model.event(id).routing.clone(),
    }
}

/// Whether other views and readers take a view's rows from a topic of its own.
#[must_use]
pub fn is_topic(model: &Model, view: &View) -> bool {
    view.store.as_ref().is_none_or(|store| model.system(store.system).kind == Kind::Kafka)
}

/// Where a view's rows are put into partitions, from the records' logs on. What is joined adds values to a row and has no say in its order.
fn hops(model: &Model, id: ViewId, seen: &mut BTreeSet<ViewId>, all: &mut Vec<Hop>) {
    if !seen.insert(id) {
        return;
    }
    let view = model.view(id);
    for input in view.inputs.iter().filter(|input| matches!(input.role, Role::Start | Role::Union)) {
        of_input(model, input.what, seen, all);
    }
    let Some(relation) = &view.relation else { return };
    for step in &relation.steps {
        if let StepKind::Group { by } | StepKind::KeyBy { by } = &step.kind {
            all.push(Hop { place: Place::Step(step.span), routing: by.clone() });
        }
    }
    if let Some(stated) = &view.partitioned {
        all.push(Hop { place: Place::Topic(id, stated.span), routing: stated.value.clone() });
    }
}

fn of_input(model: &Model, input: InputId, seen: &mut BTreeSet<ViewId>, all: &mut Vec<Hop>) {
    let record = match input {
        InputId::Entity(id) => RecordId::Entity(id),
        InputId::Event(id) => RecordId::Event(id),
        InputId::View(id) => {
            hops(model, id, seen, all);
            return;
        }
    };
    all.push(Hop { place: Place::Log(record), routing: routing(model, record) });
}

/// Where rows of a view with equal values of `per` come apart; none where they never do, or where it cannot be known.
#[must_use]
pub fn apart(model: &Model, id: ViewId, per: &[Term]) -> Option<Apart> {
    let mut all = Vec::new();
    hops(model, id, &mut BTreeSet::new(), &mut all);
    // A joined row's column may be equal to one of the row it is joined to, by the condition that joins them.
    let equal = equal(model, id, per)?;
    first_apart(model, &all, &equal)
}

/// What is fixed where `per` is: the same, and what the conditions of joins hold equal to it. None where a condition that could not be read may say more.
fn equal(model: &Model, id: ViewId, per: &[Term]) -> Option<Vec<Term>> {
    let mut fixed: Vec<Term> = per.to_vec();
    let mut pairs: BTreeSet<(&Term, &Term)> = BTreeSet::new();
    let (mut seen, mut left) = (BTreeSet::from([id]), vec![id]);
    let mut unread = false;
    while let Some(id) = left.pop() {
        for input in &model.view(id).inputs {
            match input.role {
                Role::Join { .. } => {
                    unread |= input.on.is_none();
                    pairs.extend(input.equal());
                }
                Role::Start | Role::Union => {
                    if let InputId::View(above) = input.what
                        && seen.insert(above)
                    {
                        left.push(above);
                    }
                }
                Role::Nest => {}
            }
        }
    }
    let joined = |term: &Term| term.reads().iter().any(|column| column.joined.is_some());
    if unread && per.iter().any(joined) {
        return None;
    }
    // Each round fixes a term more, so there are no more rounds than pairs.
    for _ in 0..pairs.len() {
        let next = pairs.iter().find_map(|(a, b)| match (fixed.contains(a), fixed.contains(b)) {
            (true, false) => Some((*b).clone()),
            (false, true) => Some((*a).clone()),
            (true, true) | (false, false) => None,
        });
        let Some(next) = next else { break };
        fixed.push(next);
    }
    Some(fixed)
}

/// The same for what a process reads.
#[must_use]
pub fn apart_in(model: &Model, process: &Process, per: &[Term]) -> Option<Apart> {
    let mut all = Vec::new();
    for input in &process.inputs {
        of_input(model, input.value, &mut BTreeSet::new(), &mut all);
    }
    // A process that reads two logs promises it for the one whose columns it names.
    let read: BTreeSet<RecordId> = per.iter().flat_map(Term::reads).map(|column| column.record).collect();
    all.retain(|hop| !matches!(hop.place, Place::Log(record) if !read.contains(&record)));
    for emit in process.emits.iter().filter(|emit| emit.columns.is_some()) {
        let cause = Cause { process, emit };
        let record = RecordId::Event(emit.event);
        let routing: Option<Vec<Term>> =
            model.event(emit.event).routing.iter().map(|term| through(model, &cause, record, term)).collect();
        if let Some(routing) = routing.filter(|routing| !routing.is_empty()) {
            all.push(Hop { place: Place::Emitted(emit.event), routing });
        }
    }
    first_apart(model, &all, per)
}

fn first_apart(model: &Model, all: &[Hop], per: &[Term]) -> Option<Apart> {
    let logs: Vec<RecordId> =
        all.iter().filter_map(|hop| if let Place::Log(record) = hop.place { Some(record) } else { None }).collect();
    for hop in all {
        let records: Vec<RecordId> = match hop.place {
            Place::Log(record) => vec![record],
            Place::Step(_) | Place::Emitted(_) | Place::Topic(..) => logs.clone(),
        };
        if records.iter().any(|record| !holds(model, hop, *record, per)) {
            return Some(Apart::At(hop.place));
        }
    }
    let first = *logs.first()?;
    let other = logs.iter().find(|record| topic(model, **record) != topic(model, first))?;
    Some(Apart::Topics(first, *other))
}

/// Whether equal values of `per` mean one partition at a hop, for rows that come from one record.
fn holds(model: &Model, hop: &Hop, record: RecordId, per: &[Term]) -> bool {
    if is_open(model, record) {
        return true;
    }
    let per: BTreeSet<Term> = per.iter().flat_map(|term| side(term, record)).collect();
    let whole = {
        let key = key(model, record);
        !key.is_empty() && key.iter().all(|part| per.contains(&own(record, part)))
    };
    let fixed = matches!(record, RecordId::Event(_)) || matches!(hop.place, Place::Log(_));
    if whole && fixed {
        return true;
    }
    if hop.routing.is_empty() {
        // `open_key` says so of an entity.
        return matches!(record, RecordId::Entity(_)) && key(model, record).is_empty();
    }
    hop.routing.iter().all(|term| {
        let sides = side(term, record);
        // What a row of this record lacks is null for all of them.
        sides.is_empty() && !reads(term, record) || sides.iter().any(|term| determined(term, &per))
    })
}

fn reads(term: &Term, record: RecordId) -> bool {
    term.reads().iter().any(|column| column.record == record)
}
