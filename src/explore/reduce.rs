//! What the search leaves out, each with the reason why that changes no verdict. Each can be switched off, and the tests compare.
#![expect(clippy::indexing_slicing, reason = "indexes come from the shape the layout was made for")]

use super::layout::Input;
use super::machine::{Budget, Machine};
use super::topology::{CaptureMode, Content, Job, Mode, Place, Promise, Topology, Work};

/// Which reductions are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reductions {
    /// Records nobody can read again are blanked, and positions nobody can fall back to are not kept: states that differ in nothing but them have the same
    /// future.
    pub dead_variables: bool,
    /// Reading and writing are one step where nothing can come between that anybody would notice: one write is under way and none outlives its task, and
    /// dying between the two is dying before the first.
    pub fusion: bool,
}

impl Reductions {
    /// All.
    pub const ALL: Self = Self { dead_variables: true, fusion: true };
    /// None.
    pub const NONE: Self = Self { dead_variables: false, fusion: false };
}

impl Machine {
    /// Brings a state into the form in which equal futures are equal bytes.
    pub(crate) fn normalise(&self, state: &mut [u8]) {
        if !self.reductions.dead_variables {
            return;
        }
        if !self.may_rewind(state) {
            let sinks = self.shape.sinks.iter().zip(&self.layout.sink_inputs);
            let stored = sinks.filter(|(sink, _)| sink.mode != Mode::OffsetStored).flat_map(|(_, inputs)| inputs);
            let inputs = stored.chain(self.layout.job_inputs.iter().flatten()).map(|input| input.cursor);
            for cursor in inputs.chain(self.layout.captures.iter().map(|capture| capture.cursor)) {
                let position = cursor.position(state);
                cursor.set_committed(state, position);
            }
        }
        self.blank_tables(state);
        self.blank_topics(state);
    }

    fn blank_tables(&self, state: &mut [u8]) {
        for (table, wal) in (0..).zip(&self.layout.wal) {
            let mut needed = wal.len(state);
            for (of, at) in self.shape.captures.iter().zip(&self.layout.captures) {
                if of.table != table {
                    continue;
                }
                let from = match (of.mode, state[at.phase]) {
                    // The copy is still to come, and the log before it is never read.
                    (CaptureMode::Snapshot, 0) => needed,
                    (CaptureMode::Snapshot, 1) => state[at.cut],
                    _ if self.may_rewind(state) => at.cursor.committed(state),
                    _ => at.cursor.safe(state),
                };
                needed = needed.min(from);
            }
            wal.blank(state, needed);
        }
    }

    fn blank_topics(&self, state: &mut [u8]) {
        for (topic, partitions) in (0..).zip(&self.layout.partitions) {
            for (partition, log) in (0..).zip(partitions) {
                let mut needed = log.len(state);
                let here = |input: &&Input| input.topic == topic && input.partition == partition;
                for input in self.layout.job_inputs.iter().flatten().filter(here) {
                    needed = needed.min(self.needs(state, *input));
                }
                for (sink, inputs) in (0usize..).zip(&self.layout.sink_inputs) {
                    let of = &self.shape.sinks[sink];
                    let again = self.shape.stores[usize::from(of.store)].rebuilt && self.left(state, Budget::Wipes) > 0;
                    for (index, input) in (1u8..).zip(inputs) {
                        if !here(&input) {
                            continue;
                        }
                        needed = needed.min(if again { 0 } else { self.needs(state, *input) });
                        let late = self.layout.zombies[sink];
                        let slots = if of.zombies { self.bounds.zombies } else { 0 };
                        for slot in 0..usize::from(slots) {
                            if state[late + 2 * slot] == index {
                                needed = needed.min(state[late + 2 * slot + 1]);
                            }
                        }
                    }
                }
                log.blank(state, needed);
            }
        }
    }

    /// The oldest offset an input may read again or has under way.
    fn needs(&self, state: &[u8], input: Input) -> u8 {
        let safe = input.cursor.safe(state);
        if self.may_rewind(state) { safe.min(input.cursor.committed(state)) } else { safe }
    }
}

/// The part of a shape that a promise hangs on: what reaches its store, and nothing else. What is left out never writes what is kept.
#[must_use]
pub fn slice(shape: &Topology, promise: usize) -> Topology {
    let Some(promise) = shape.promises.get(promise) else { return Topology::default() };
    let mut kept = Kept::new(shape);
    let (Promise::Converges { store, .. } | Promise::Once { store, .. } | Promise::Causal { store }) = promise;
    kept.stores[usize::from(*store)] = true;
    if let Promise::Converges { of, .. } = promise {
        match of {
            Content::Row(id) | Content::OddRow(id) | Content::ByGroup(id) => kept.tables[usize::from(*id)] = true,
            Content::Pair(a, b) => {
                kept.tables[usize::from(*a)] = true;
                kept.tables[usize::from(*b)] = true;
            }
            Content::Count => {}
        }
    }
    kept.close(shape);
    kept.cut(shape, promise)
}

/// Which nodes are kept.
struct Kept {
    tables: Vec<bool>,
    topics: Vec<bool>,
    stores: Vec<bool>,
    captures: Vec<bool>,
    jobs: Vec<bool>,
    sinks: Vec<bool>,
}

impl Kept {
    fn new(shape: &Topology) -> Self {
        Self {
            tables: vec![false; shape.tables.len()],
            topics: vec![false; shape.topics.len()],
            stores: vec![false; shape.stores.len()],
            captures: vec![false; shape.captures.len()],
            jobs: vec![false; shape.jobs.len()],
            sinks: vec![false; shape.sinks.len()],
        }
    }

    /// Adds what writes what is kept, until nothing is added.
    fn close(&mut self, shape: &Topology) {
        loop {
            let before = self.count();
            for (at, sink) in shape.sinks.iter().enumerate() {
                if self.stores[usize::from(sink.store)] {
                    self.sinks[at] = true;
                    sink.inputs.iter().for_each(|id| self.topics[usize::from(*id)] = true);
                }
            }
            for (at, job) in shape.jobs.iter().enumerate() {
                if job.outputs.iter().any(|id| self.topics[usize::from(*id)]) {
                    self.jobs[at] = true;
                    job.inputs.iter().chain(&job.outputs).for_each(|id| self.topics[usize::from(*id)] = true);
                }
            }
            for (at, capture) in shape.captures.iter().enumerate() {
                if self.topics[usize::from(capture.topic)] {
                    self.captures[at] = true;
                    self.tables[usize::from(capture.table)] = true;
                }
            }
            if self.count() == before {
                return;
            }
        }
    }

    fn count(&self) -> usize {
        let all = [&self.tables, &self.topics, &self.stores, &self.captures, &self.jobs, &self.sinks];
        all.iter().flat_map(|list| list.iter()).filter(|kept| **kept).count()
    }

    fn cut(&self, shape: &Topology, promise: &Promise) -> Topology {
        let renumber = |kept: &[bool], id: u8| {
            u8::try_from(kept.iter().take(usize::from(id)).filter(|kept| **kept).count()).unwrap_or(u8::MAX)
        };
        let table = |id: u8| renumber(&self.tables, id);
        let topic = |id: u8| renumber(&self.topics, id);
        let store = |id: u8| renumber(&self.stores, id);
        let mut cut = Topology { keys: shape.keys, ..Topology::default() };
        for writer in &shape.writers {
            let mut writer = writer.clone();
            for step in &mut writer.steps {
                step.retain(|op| match op.to {
                    Place::Table(id) => self.tables[usize::from(id)],
                    Place::Topic(id) => self.topics[usize::from(id)],
                    Place::Store(id) => self.stores[usize::from(id)],
                });
                for op in step {
                    op.to = match op.to {
                        Place::Table(id) => Place::Table(table(id)),
                        Place::Topic(id) => Place::Topic(topic(id)),
                        Place::Store(id) => Place::Store(store(id)),
                    };
                }
            }
            // A step elsewhere is a place to die at, but dying before the next step or after this one is the same to what is kept.
            writer.steps.retain(|step| !step.is_empty());
            cut.writers.push(writer);
        }
        cut.tables = filtered(&shape.tables, &self.tables);
        cut.topics = filtered(&shape.topics, &self.topics);
        cut.stores = filtered(&shape.stores, &self.stores);
        cut.captures = filtered(&shape.captures, &self.captures);
        cut.jobs = filtered(&shape.jobs, &self.jobs);
        cut.sinks = filtered(&shape.sinks, &self.sinks);
        for capture in &mut cut.captures {
            capture.table = table(capture.table);
            capture.topic = topic(capture.topic);
        }
        for Job { inputs, outputs, .. } in &mut cut.jobs {
            inputs.iter_mut().chain(outputs).for_each(|id| *id = topic(*id));
        }
        for sink in &mut cut.sinks {
            sink.store = store(sink.store);
            sink.inputs.iter_mut().for_each(|id| *id = topic(*id));
        }
        let content = |of: Content| match of {
            Content::Row(id) => Content::Row(table(id)),
            Content::OddRow(id) => Content::OddRow(table(id)),
            Content::ByGroup(id) => Content::ByGroup(table(id)),
            Content::Pair(a, b) => Content::Pair(table(a), table(b)),
            Content::Count => Content::Count,
        };
        cut.promises = vec![match promise {
            Promise::Converges { store: id, of } => Promise::Converges { store: store(*id), of: content(*of) },
            Promise::Once { store: id, ops, parts } => {
                Promise::Once { store: store(*id), ops: ops.clone(), parts: *parts }
            }
            Promise::Causal { store: id } => Promise::Causal { store: store(*id) },
        }];
        cut
    }
}

fn filtered<T: Clone>(list: &[T], kept: &[bool]) -> Vec<T> {
    list.iter().zip(kept).filter(|(_, kept)| **kept).map(|(one, _)| one.clone()).collect()
}

/// Whether one key decides: every component treats each key by itself. Not where rows meet others (counts, pairs, parts), where a key is made of a column
/// that can change, where what is visible depends on another row, or where applications write several rows as one.
#[must_use]
pub fn is_key_local(shape: &Topology) -> bool {
    let jobs = shape.jobs.iter().all(|job| match job.work {
        Work::Pass | Work::Filter { .. } | Work::Join | Work::Distinct | Work::ByValue => true,
        Work::Rekey { .. } | Work::Split { .. } | Work::Count { .. } => false,
    });
    let promises = shape.promises.iter().all(|promise| match promise {
        Promise::Converges { of, .. } => !matches!(of, Content::ByGroup(_)),
        Promise::Once { parts, .. } => *parts == 1,
        Promise::Causal { .. } => false,
    });
    jobs && promises && shape.sinks.iter().all(|sink| !sink.waits)
}
