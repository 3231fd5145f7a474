//! The one interpreter: which steps a state allows, and what each does. Shapes are data; the parts of it that belong to one kind of component are in
//! [`super::components`].
#![expect(clippy::indexing_slicing, reason = "indexes come from the shape the layout was made for")]

use super::layout::{Cursor, Layout, Record};
use super::reduce::Reductions;
use super::topology::{Bounds, Id, Op, Retries, Route, Topology};

/// One step of one component. The fields are places in the shape's lists, slots of what is under way, partitions and offsets.
#[expect(missing_docs, reason = "each field is named for the list it is an index of")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// An application does its next step.
    Write { writer: Id },
    /// An application dies between two steps.
    WriterCrash { writer: Id },
    /// An application has got no answer and does its last step again.
    Retry { writer: Id },
    /// A capture takes the moment of its copy.
    Cut { capture: Id },
    /// A capture copies the next row.
    Copy { capture: Id, partition: u8 },
    /// A capture asks for rows that have changed.
    Poll { capture: Id, partition: u8 },
    /// A capture reads the next change.
    Read { capture: Id },
    /// A capture's append arrives.
    Publish { capture: Id, slot: u8, partition: u8 },
    /// Reading and appending as one.
    Relay { capture: Id, partition: u8 },
    /// A capture commits its position.
    CaptureCommit { capture: Id },
    /// A capture dies.
    CaptureCrash { capture: Id },
    /// A job works on its next record.
    Emit { job: Id, input: u8, partition: u8 },
    /// A job commits its position.
    JobCommit { job: Id, input: u8 },
    /// A job dies.
    JobCrash { job: Id },
    /// A sink reads the next record.
    Fetch { sink: Id, input: u8 },
    /// A sink's write arrives.
    Land { sink: Id, input: u8, slot: u8 },
    /// Reading and writing as one.
    Deliver { sink: Id, input: u8 },
    /// A write of a dead task arrives.
    LandZombie { sink: Id, slot: u8 },
    /// A sink commits its position.
    SinkCommit { sink: Id, input: u8 },
    /// A sink's task dies.
    SinkCrash { sink: Id },
    /// A store forgets the version of a deleted row.
    Forget { store: Id, key: u8 },
    /// A store forgets an operation id.
    ForgetId { store: Id, id: u8, part: u8 },
    /// A topic loses its oldest records, up to an offset.
    Truncate { topic: Id, partition: u8, to: u8 },
    /// A topic loses a record that a later one replaces, or a tombstone.
    Compact { topic: Id, partition: u8, offset: u8 },
    /// A topic gets another partition.
    Grow { topic: Id },
    /// A store is emptied, and what fills it begins again.
    Wipe { store: Id },
}

/// What an action is to the question whether anything is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It will happen if nothing intervenes.
    Progress,
    /// It moves nothing but a position that only matters after a fault.
    Commit,
    /// It need not happen.
    Fault,
}

impl Action {
    /// Its class.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::Write { .. }
            | Self::Cut { .. }
            | Self::Copy { .. }
            | Self::Poll { .. }
            | Self::Read { .. }
            | Self::Publish { .. }
            | Self::Relay { .. }
            | Self::Emit { .. }
            | Self::Fetch { .. }
            | Self::Land { .. }
            | Self::Deliver { .. }
            | Self::LandZombie { .. } => Class::Progress,
            Self::CaptureCommit { .. } | Self::JobCommit { .. } | Self::SinkCommit { .. } => Class::Commit,
            Self::WriterCrash { .. }
            | Self::Retry { .. }
            | Self::CaptureCrash { .. }
            | Self::JobCrash { .. }
            | Self::SinkCrash { .. }
            | Self::Forget { .. }
            | Self::ForgetId { .. }
            | Self::Truncate { .. }
            | Self::Compact { .. }
            | Self::Grow { .. }
            | Self::Wipe { .. } => Class::Fault,
        }
    }
}

/// A budget of faults.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Budget {
    Crashes = 1,
    Retries = 2,
    Forgets = 3,
    Logs = 4,
    Wipes = 5,
}

/// A shape with its bounds, ready to run.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The shape.
    pub shape: Topology,
    /// How many faults may happen.
    pub bounds: Bounds,
    /// What is left out since it changes no verdict.
    pub reductions: Reductions,
    pub(crate) layout: Layout,
    /// What each operation followed from, by its id - 1.
    pub(crate) after: Vec<Option<u8>>,
}

impl Machine {
    /// Makes a machine; none where the shape is not whole or too large for its bounds.
    #[must_use]
    pub fn new(shape: Topology, bounds: Bounds, reductions: Reductions) -> Option<Self> {
        if !shape.is_whole() {
            return None;
        }
        let layout = Layout::new(&shape, bounds)?;
        let mut after = vec![None; usize::from(layout.ops)];
        for op in shape.writers.iter().flat_map(|writer| writer.steps.iter().flatten()) {
            after[usize::from(op.id) - 1] = op.after;
        }
        Some(Self { shape, bounds, reductions, layout, after })
    }

    /// The state before anything has happened.
    #[must_use]
    pub fn initial(&self) -> Vec<u8> {
        let mut state = vec![0; self.layout.size];
        let Bounds { faults, crashes, retries, forgets, logs, wipes, .. } = self.bounds;
        let budget = self.layout.budget;
        state[budget..budget + 6].copy_from_slice(&[faults, crashes, retries, forgets, logs, wipes]);
        self.normalise(&mut state);
        state
    }

    /// Whether a log was fuller than laid out; then the run proves nothing.
    #[must_use]
    pub fn is_full(&self, state: &[u8]) -> bool {
        state[Layout::FULL] != 0
    }

    /// How many faults have happened.
    #[must_use]
    pub fn faults(&self, state: &[u8]) -> u8 {
        self.bounds.faults - state[self.layout.budget]
    }

    /// Every step the state allows, in a fixed order.
    pub fn actions(&self, state: &[u8], actions: &mut Vec<Action>) {
        actions.clear();
        self.writer_actions(state, actions);
        self.capture_actions(state, actions);
        self.job_actions(state, actions);
        self.sink_actions(state, actions);
        self.log_actions(state, actions);
        self.store_actions(state, actions);
    }

    /// Does a step. The state must allow it.
    pub fn step(&self, state: &mut [u8], action: Action) {
        match action {
            Action::Write { writer } => self.write(state, writer),
            Action::WriterCrash { writer } => {
                self.spend(state, Budget::Crashes);
                state[self.layout.writers[usize::from(writer)]] = DEAD;
            }
            Action::Retry { writer } => self.retry(state, writer),
            Action::Cut { capture } => self.cut(state, capture),
            Action::Copy { capture, partition } => self.copy(state, capture, partition),
            Action::Poll { capture, partition } => self.poll(state, capture, partition),
            Action::Read { capture } => self.read(state, capture),
            Action::Publish { capture, slot, partition } => self.publish(state, capture, slot, partition),
            Action::Relay { capture, partition } => {
                self.read(state, capture);
                self.publish(state, capture, 0, partition);
            }
            Action::CaptureCommit { capture } => commit(state, self.layout.captures[usize::from(capture)].cursor),
            Action::CaptureCrash { capture } => self.capture_crash(state, capture),
            Action::Emit { job, input, partition } => self.emit(state, job, input, partition),
            Action::JobCommit { job, input } => {
                commit(state, self.layout.job_inputs[usize::from(job)][usize::from(input)].cursor);
            }
            Action::JobCrash { job } => {
                self.spend(state, Budget::Crashes);
                for input in &self.layout.job_inputs[usize::from(job)] {
                    input.cursor.rewind(state);
                }
            }
            Action::Fetch { sink, input } => self.fetch(state, sink, input),
            Action::Land { sink, input, slot } => self.land(state, sink, input, slot),
            Action::Deliver { sink, input } => {
                self.fetch(state, sink, input);
                self.land(state, sink, input, 0);
            }
            Action::LandZombie { sink, slot } => self.land_zombie(state, sink, slot),
            Action::SinkCommit { sink, input } => {
                commit(state, self.layout.sink_inputs[usize::from(sink)][usize::from(input)].cursor);
            }
            Action::SinkCrash { sink } => self.sink_crash(state, sink),
            Action::Forget { store, key } => {
                self.spend(state, Budget::Forgets);
                let cell = self.cell(store, key);
                state[cell + 1] = 0;
            }
            Action::ForgetId { store, id, part } => {
                self.spend(state, Budget::Forgets);
                let (byte, bit) = self.layout.mark(self.layout.seen[usize::from(store)], id, part);
                state[byte] &= !bit;
            }
            Action::Truncate { topic, partition, to } => {
                self.spend(state, Budget::Logs);
                self.partition(topic, partition).truncate(state, to);
            }
            Action::Compact { topic, partition, offset } => {
                self.spend(state, Budget::Logs);
                self.partition(topic, partition).remove(state, offset);
            }
            Action::Grow { topic } => {
                self.spend(state, Budget::Logs);
                state[self.layout.grown[usize::from(topic)]] = 1;
            }
            Action::Wipe { store } => self.wipe(state, store),
        }
        self.normalise(state);
    }

    pub(crate) fn left(&self, state: &[u8], kind: Budget) -> u8 {
        state[self.layout.budget].min(state[self.layout.budget + kind as usize])
    }

    pub(crate) fn spend(&self, state: &mut [u8], kind: Budget) {
        state[self.layout.budget] -= 1;
        state[self.layout.budget + kind as usize] -= 1;
    }

    pub(crate) fn partition(&self, topic: Id, partition: u8) -> super::layout::Log {
        self.layout.partitions[usize::from(topic)][usize::from(partition)]
    }

    /// The partitions a record may go to: first and last.
    pub(crate) fn route(&self, state: &[u8], topic: Id, record: Record) -> std::ops::RangeInclusive<u8> {
        let of = &self.shape.topics[usize::from(topic)];
        let one = |n: u8| n..=n;
        if of.grows && state[self.layout.grown[usize::from(topic)]] == 0 {
            return one(0);
        }
        match of.route {
            Route::Key if of.grows => one((record.key + 1) % of.partitions),
            Route::Key => one(record.key % of.partitions),
            Route::Value => one(super::topology::group(record.value) % of.partitions),
            Route::Any => 0..=of.partitions - 1,
        }
    }

    /// Whether any position may still be taken up again.
    pub(crate) fn may_rewind(&self, state: &[u8]) -> bool {
        self.left(state, Budget::Crashes) > 0
    }

    /// What applications have had accepted.
    pub(crate) fn accepted<'a>(&'a self, state: &'a [u8]) -> impl Iterator<Item = &'a Op> {
        self.shape.writers.iter().zip(&self.layout.writers).flat_map(move |(writer, at)| {
            let steps = if state[*at] == DEAD { state[at + 1] } else { state[*at] };
            writer.steps.iter().take(usize::from(steps)).flatten()
        })
    }

    fn writer_actions(&self, state: &[u8], actions: &mut Vec<Action>) {
        for ((writer, at), of) in (0..).zip(&self.layout.writers).zip(&self.shape.writers) {
            let next = state[*at];
            if next == DEAD {
                continue;
            }
            if usize::from(next) < of.steps.len() {
                actions.push(Action::Write { writer });
                if of.crashes && next > 0 && self.left(state, Budget::Crashes) > 0 {
                    actions.push(Action::WriterCrash { writer });
                }
            }
            if of.retries != Retries::Never && next > 0 && self.left(state, Budget::Retries) > 0 {
                actions.push(Action::Retry { writer });
            }
        }
    }

    fn write(&self, state: &mut [u8], writer: Id) {
        let at = self.layout.writers[usize::from(writer)];
        let step = usize::from(state[at]);
        for op in &self.shape.writers[usize::from(writer)].steps[step] {
            self.apply_op(state, *op, op.id);
        }
        state[at] += 1;
        state[at + 1] = state[at];
    }

    fn retry(&self, state: &mut [u8], writer: Id) {
        self.spend(state, Budget::Retries);
        let of = &self.shape.writers[usize::from(writer)];
        let step = usize::from(state[self.layout.writers[usize::from(writer)]]) - 1;
        for op in &of.steps[step] {
            let id = if of.retries == Retries::NewId { self.layout.ops + op.id } else { op.id };
            self.apply_op(state, *op, id);
        }
    }

    fn log_actions(&self, state: &[u8], actions: &mut Vec<Action>) {
        if self.left(state, Budget::Logs) == 0 {
            return;
        }
        for (topic, of) in (0..).zip(&self.shape.topics) {
            if of.grows && state[self.layout.grown[usize::from(topic)]] == 0 {
                actions.push(Action::Grow { topic });
            }
            for partition in 0..of.partitions {
                self.partition_actions(state, topic, partition, actions);
            }
        }
    }
}

/// Marks an application that has died; the byte behind it keeps how far it had come.
pub(crate) const DEAD: u8 = 255;

fn commit(state: &mut [u8], cursor: Cursor) {
    let safe = cursor.safe(state);
    cursor.set_committed(state, safe);
}
