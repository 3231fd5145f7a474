//! A run that breaks a promise, made readable: steps of one component stand together, what nobody would see is left out, and each step is done again before
//! it is told.

use super::machine::{Action, Class, Machine};
use super::promise::Broken;
use super::search::Run;
use super::topology::{Content, Id, Kind, Mode, Op, Place, Promise};

/// A part of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// An application.
    Writer(Id),
    /// A table of record.
    Table(Id),
    /// A capture.
    Capture(Id),
    /// A topic.
    Topic(Id),
    /// A job.
    Job(Id),
    /// A sink.
    Sink(Id),
    /// A store.
    Store(Id),
}

/// What a step does, without names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Writes an operation to a place; again, if its answer was lost.
    Writes {
        /// The operation.
        op: Op,
        /// Whether it was done before.
        again: bool,
    },
    /// Dies, and what it had not done yet is not done.
    Dies,
    /// Dies and goes on from what it has committed.
    Rewinds,
    /// Dies with writes under way that can still arrive.
    RewindsLate,
    /// Appends a record.
    Appends {
        /// To which topic.
        topic: Id,
        /// To which partition.
        partition: u8,
        /// What.
        record: Said,
    },
    /// Begins a copy of the rows as they are.
    BeginsCopy,
    /// Has copied everything.
    EndsCopy,
    /// Works on a record.
    Works {
        /// Of which topic.
        topic: Id,
        /// What.
        record: Said,
    },
    /// Has read a record and begins to write it.
    Sends {
        /// To which store.
        store: Id,
        /// What.
        record: Said,
    },
    /// A write arrives.
    Lands {
        /// At which store.
        store: Id,
        /// What.
        record: Said,
        /// Whether its task had died.
        late: bool,
        /// Whether the store refused it.
        refused: bool,
    },
    /// Forgets the version of a deleted row.
    ForgetsVersion,
    /// Forgets an operation id.
    ForgetsId,
    /// Loses its oldest records.
    LosesOldest,
    /// Loses a record that compaction removes.
    Compacts,
    /// Gets another partition.
    Grows,
    /// Is emptied, to be filled again.
    IsEmptied,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Put, delete or fact.
    pub kind: Kind,
    /// The row's value.
    pub value: u8,
    /// The operation; 0 for a copied row.
    pub op: u8,
    /// The row.
    pub key: u8,
    /// Which part of the operation.
    pub part: u8,
}

/// A step that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who.
    pub who: Part,
    /// Does what.
    pub deed: Deed,
    /// Whether it is a fault.
    pub fault: bool,
    /// What the places that are compared hold then, in the order of [`Trace::watched`].
    pub holds: Vec<u8>,
}

/// A run that breaks a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What is broken.
    pub broken: Broken,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// The tables and stores whose contents are shown.
    pub watched: Vec<Part>,
    /// How many faults it takes.
    pub faults: usize,
    /// How many operations of applications it takes.
    pub writes: usize,
    /// How many steps, also those that are not told.
    pub length: usize,
    /// Whether it is about the end, when nothing is pending any more.
    pub at_rest: bool,
}

/// Does a run again, step by step. None where a step is not allowed or nothing is broken at the end: then the run is not one.
#[must_use]
pub fn replay(machine: &Machine, actions: &[Action]) -> Option<(Vec<Vec<u8>>, Broken, bool)> {
    let mut state = machine.initial();
    let mut states = vec![state.clone()];
    let mut allowed = Vec::new();
    for action in actions {
        machine.actions(&state, &mut allowed);
        if !allowed.contains(action) {
            return None;
        }
        machine.step(&mut state, *action);
        states.push(state.clone());
    }
    machine.actions(&state, &mut allowed);
    let at_rest = allowed.iter().all(|action| action.class() != Class::Progress);
    let broken = machine.broken(&state, at_rest)?;
    Some((states, broken, at_rest))
}

/// Tells a run; none where it does not replay.
#[must_use]
pub fn tell(machine: &Machine, run: &Run) -> Option<Trace> {
    let actions = together(machine, &run.actions, run.broken);
    let (states, broken, at_rest) = replay(machine, &actions)?;
    let watched = watched(machine, broken.promise);
    let mut steps = Vec::new();
    for (action, (before, after)) in actions.iter().zip(states.iter().zip(states.iter().skip(1))) {
        let holds = || watched.iter().map(|part| held(machine, after, *part, broken)).collect::<Vec<u8>>();
        for (who, deed) in deeds(machine, before, after, *action) {
            steps.push(Step { who, deed, fault: action.class() == Class::Fault, holds: holds() });
        }
    }
    let count = |class: fn(&Action) -> bool| actions.iter().filter(|action| class(action)).count();
    hide_reading(&mut steps);
    let writes = operations(&steps);
    Some(Trace {
        broken,
        steps,
        watched,
        faults: count(|action| action.class() == Class::Fault),
        writes,
        length: actions.len(),
        at_rest,
    })
}

/// That a sink has read a record is told only where its write then comes late or out of turn.
fn hide_reading(steps: &mut Vec<Step>) {
    let sent =
        steps.iter().filter_map(|step| if let Deed::Sends { record, .. } = step.deed { Some(record) } else { None });
    let landed =
        steps.iter().filter_map(|step| if let Deed::Lands { record, .. } = step.deed { Some(record) } else { None });
    let late = steps.iter().any(|step| matches!(step.deed, Deed::Lands { late: true, .. } | Deed::RewindsLate));
    if !late && sent.zip(landed).all(|(sent, landed)| sent == landed) {
        steps.retain(|step| !matches!(step.deed, Deed::Sends { .. }));
    }
}

/// How many operations applications have begun; one that writes two places is one.
fn operations(steps: &[Step]) -> usize {
    let ids = steps.iter().filter_map(|step| if let Deed::Writes { op, .. } = step.deed { Some(op.id) } else { None });
    ids.collect::<std::collections::BTreeSet<u8>>().len()
}

/// Moves steps of one component together as far as the run stays a run to the same end.
fn together(machine: &Machine, actions: &[Action], broken: Broken) -> Vec<Action> {
    let mut best = actions.to_vec();
    for at in 1..best.len() {
        let Some(before) = best.get(at - 1).map(|action| actor(*action)) else { break };
        let next = best.iter().skip(at).position(|action| actor(*action) == before);
        let Some(distance) = next.filter(|distance| *distance > 0) else { continue };
        let mut other = best.clone();
        let moved = other.remove(at + distance);
        other.insert(at, moved);
        if replay(machine, &other).is_some_and(|(_, found, _)| found == broken) {
            best = other;
        }
    }
    best
}

fn actor(action: Action) -> Part {
    match action {
        Action::Write { writer } | Action::WriterCrash { writer } | Action::Retry { writer } => Part::Writer(writer),
        Action::Cut { capture }
        | Action::Copy { capture, .. }
        | Action::Poll { capture, .. }
        | Action::Read { capture }
        | Action::Publish { capture, .. }
        | Action::Relay { capture, .. }
        | Action::CaptureCommit { capture }
        | Action::CaptureCrash { capture } => Part::Capture(capture),
        Action::Emit { job, .. } | Action::JobCommit { job, .. } | Action::JobCrash { job } => Part::Job(job),
        Action::Fetch { sink, .. }
        | Action::Land { sink, .. }
        | Action::Deliver { sink, .. }
        | Action::LandZombie { sink, .. }
        | Action::SinkCommit { sink, .. }
        | Action::SinkCrash { sink } => Part::Sink(sink),
        Action::Forget { store, .. } | Action::ForgetId { store, .. } | Action::Wipe { store } => Part::Store(store),
        Action::Truncate { topic, .. } | Action::Compact { topic, .. } | Action::Grow { topic } => Part::Topic(topic),
    }
}

/// What a promise compares.
fn watched(machine: &Machine, promise: usize) -> Vec<Part> {
    match machine.shape.promises.get(promise) {
        Some(Promise::Converges { store, of }) => {
            let mut parts = match of {
                Content::Row(table) | Content::OddRow(table) | Content::ByGroup(table) => vec![Part::Table(*table)],
                Content::Pair(a, b) => vec![Part::Table(*a), Part::Table(*b)],
                Content::Count => Vec::new(),
            };
            parts.push(Part::Store(*store));
            parts
        }
        Some(Promise::Once { store, .. } | Promise::Causal { store }) => vec![Part::Store(*store)],
        None => Vec::new(),
    }
}

fn held(machine: &Machine, state: &[u8], part: Part, broken: Broken) -> u8 {
    match (part, machine.shape.promises.get(broken.promise)) {
        (Part::Table(id), _) => machine.row(state, id, broken.at.min(machine.shape.keys - 1)),
        (Part::Store(id), Some(Promise::Converges { .. })) => machine.held(state, id, broken.at),
        (Part::Store(id), _) => machine.effects(state, id, broken.at, 0),
        _ => 0,
    }
}

/// What a step does that is worth telling.
fn deeds(machine: &Machine, before: &[u8], after: &[u8], action: Action) -> Vec<(Part, Deed)> {
    let who = actor(action);
    let one = |deed| vec![(who, deed)];
    match action {
        Action::Write { writer } | Action::Retry { writer } => {
            let again = matches!(action, Action::Retry { .. });
            machine.step_of(before, writer, again).iter().map(|op| (who, Deed::Writes { op: *op, again })).collect()
        }
        Action::WriterCrash { .. } => one(Deed::Dies),
        Action::CaptureCrash { .. } | Action::JobCrash { .. } => one(Deed::Rewinds),
        Action::SinkCrash { sink } => {
            one(if machine.has_late_writes(after, sink) { Deed::RewindsLate } else { Deed::Rewinds })
        }
        Action::Cut { .. } => one(Deed::BeginsCopy),
        Action::Copy { capture, .. } if machine.has_copied(after, capture) => one(Deed::EndsCopy),
        Action::Copy { .. } | Action::Poll { .. } | Action::Publish { .. } | Action::Relay { .. } => {
            machine.appended(before, after).map(|deed| (who, deed)).collect()
        }
        Action::Emit { job, input, .. } => {
            let worked = machine.reads(before, job, input).map(|(topic, record)| Deed::Works { topic, record });
            worked.into_iter().chain(machine.appended(before, after)).map(|deed| (who, deed)).collect()
        }
        Action::Read { .. } | Action::CaptureCommit { .. } | Action::JobCommit { .. } | Action::SinkCommit { .. } => {
            Vec::new()
        }
        Action::Fetch { sink, input } => {
            // Only worth telling where something can come between reading and writing.
            let store = machine.sink_store(sink);
            let sent = machine.fetched(before, sink, input).map(|record| Deed::Sends { store, record });
            sent.into_iter().map(|deed| (who, deed)).collect()
        }
        Action::Land { sink, .. } | Action::Deliver { sink, .. } | Action::LandZombie { sink, .. } => {
            let store = machine.sink_store(sink);
            let late = matches!(action, Action::LandZombie { .. });
            let landed = machine.landed(before, action).map(|record| {
                let refused = machine.is_refused(before, after, sink, record);
                Deed::Lands { store, record, late, refused }
            });
            landed.into_iter().map(|deed| (who, deed)).collect()
        }
        Action::Forget { .. } => one(Deed::ForgetsVersion),
        Action::ForgetId { .. } => one(Deed::ForgetsId),
        Action::Truncate { .. } => one(Deed::LosesOldest),
        Action::Compact { .. } => one(Deed::Compacts),
        Action::Grow { .. } => one(Deed::Grows),
        Action::Wipe { .. } => one(Deed::IsEmptied),
    }
}

impl Place {
    /// The place as a part of the shape.
    #[must_use]
    pub fn part(self) -> Part {
        match self {
            Self::Table(id) => Part::Table(id),
            Self::Topic(id) => Part::Topic(id),
            Self::Store(id) => Part::Store(id),
        }
    }
}

impl Mode {
    /// Whether the store can refuse a write.
    #[must_use]
    pub fn refuses(self) -> bool {
        match self {
            Self::Append | Self::Blind => false,
            Self::Offset
            | Self::Commit
            | Self::Counter
            | Self::DedupTogether
            | Self::DedupApart
            | Self::OffsetStored => true,
        }
    }
}
