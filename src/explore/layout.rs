//! Where in a state's bytes each component keeps what it knows. A state is one flat piece of memory of a size that the shape and the bounds fix, so that a
//! set of states is one array.
#![expect(clippy::indexing_slicing, reason = "every offset is laid out here, for this shape")]

use super::topology::{Bounds, CaptureMode, Id, Kind, Place, Retries, Route, Topology, Work};

/// A record in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The operation it is of, from 1; 0 for a copied row.
    pub op: u8,
    /// What it says.
    pub kind: Kind,
    /// Which part of the operation.
    pub part: u8,
    /// The row.
    pub key: u8,
    /// The row's value; of a delete, the value before.
    pub value: u8,
    /// Position in the record's log, from 1; 0 where it was written to a topic directly.
    pub position: u8,
    /// The id it is known again by.
    pub id: u8,
}

/// Bytes of a record.
const RECORD: usize = 6;
/// The bit of a record that compaction has removed.
const GONE: u8 = 0x80;

/// A log: `start`, `length`, records.
#[derive(Clone, Copy, Debug, Default)]
pub struct Log {
    at: usize,
    capacity: usize,
}

impl Log {
    /// Offset of the oldest record.
    pub fn start(self, state: &[u8]) -> u8 {
        state[self.at]
    }

    /// Offset behind the newest record.
    pub fn len(self, state: &[u8]) -> u8 {
        state[self.at + 1]
    }

    /// Removes the records before an offset.
    pub fn truncate(self, state: &mut [u8], to: u8) {
        state[self.at] = to;
    }

    fn entry(self, index: u8) -> usize {
        self.at + 2 + usize::from(index) * RECORD
    }

    /// The record at an offset, unless compaction has removed it.
    pub fn get(self, state: &[u8], index: u8) -> Option<Record> {
        let bytes = &state[self.entry(index)..self.entry(index) + RECORD];
        let kind = match bytes[1] & 0x0f {
            1 => Kind::Put,
            2 => Kind::Delete,
            3 => Kind::Fact,
            _ => return None,
        };
        (bytes[1] & GONE == 0).then_some(Record {
            op: bytes[0],
            kind,
            part: bytes[1] >> 4 & 0x07,
            key: bytes[2],
            value: bytes[3],
            position: bytes[4],
            id: bytes[5],
        })
    }

    /// Appends a record; a log that is full notes it in the state's first byte.
    pub fn push(self, state: &mut [u8], record: Record) {
        let index = self.len(state);
        if usize::from(index) >= self.capacity {
            state[Layout::FULL] = 1;
            return;
        }
        let kind = match record.kind {
            Kind::Put => 1,
            Kind::Delete => 2,
            Kind::Fact => 3,
        };
        let at = self.entry(index);
        state[at..at + RECORD].copy_from_slice(&[
            record.op,
            kind | record.part << 4,
            record.key,
            record.value,
            record.position,
            record.id,
        ]);
        state[self.at + 1] = index + 1;
    }

    /// Removes a record and keeps the offsets of the others.
    pub fn remove(self, state: &mut [u8], index: u8) {
        let at = self.entry(index);
        state[at..at + RECORD].fill(0);
        state[at + 1] = GONE;
    }

    /// Blanks the records before an offset: nobody can read them again.
    pub fn blank(self, state: &mut [u8], before: u8) {
        let end = self.entry(before.min(self.len(state)));
        state[self.at + 2..end].fill(0);
    }
}

/// A reader of one log: next offset, committed offset, sub-step, then what is under way, each as offset + 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor {
    at: usize,
    /// How many can be under way.
    pub in_flight: u8,
}

impl Cursor {
    /// The next offset it reads.
    pub fn position(self, state: &[u8]) -> u8 {
        state[self.at]
    }

    /// Moves it.
    pub fn set_position(self, state: &mut [u8], position: u8) {
        state[self.at] = position;
    }

    /// What it goes on from after it dies.
    pub fn committed(self, state: &[u8]) -> u8 {
        state[self.at + 1]
    }

    /// Commits.
    pub fn set_committed(self, state: &mut [u8], position: u8) {
        state[self.at + 1] = position;
    }

    /// How far it is within a record.
    pub fn sub_step(self, state: &[u8]) -> u8 {
        state[self.at + 2]
    }

    /// Sets how far it is within a record.
    pub fn set_sub_step(self, state: &mut [u8], step: u8) {
        state[self.at + 2] = step;
    }

    /// The offset under way in a slot; slots are filled from the first, in the order of offsets.
    pub fn flying(self, state: &[u8], slot: u8) -> Option<u8> {
        if slot >= self.in_flight {
            return None;
        }
        state[self.at + 3 + usize::from(slot)].checked_sub(1)
    }

    /// How many are under way.
    pub fn count(self, state: &[u8]) -> u8 {
        let slots = &state[self.at + 3..self.at + 3 + usize::from(self.in_flight)];
        u8::try_from(slots.iter().filter(|slot| **slot > 0).count()).unwrap_or(u8::MAX)
    }

    /// Puts an offset under way.
    pub fn launch(self, state: &mut [u8], offset: u8) {
        let slot = self.at + 3 + usize::from(self.count(state));
        state[slot] = offset + 1;
    }

    /// Takes what is under way in a slot out.
    pub fn land(self, state: &mut [u8], slot: u8) {
        let first = self.at + 3;
        let last = first + usize::from(self.in_flight);
        state[first + usize::from(slot)..last].rotate_left(1);
        state[last - 1] = 0;
    }

    /// What a commit would say: nothing under way is behind it.
    pub fn safe(self, state: &[u8]) -> u8 {
        self.flying(state, 0).map_or(self.position(state), |offset| offset.min(self.position(state)))
    }

    /// It dies: it goes on from what it has committed, and what was under way is forgotten.
    pub fn rewind(self, state: &mut [u8]) {
        let committed = self.committed(state);
        self.set_position(state, committed);
        self.set_sub_step(state, 0);
        state[self.at + 3..self.at + 3 + usize::from(self.in_flight)].fill(0);
    }
}

/// A reader of one partition of a topic.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// The topic.
    pub topic: Id,
    /// The partition.
    pub partition: u8,
    /// How many of the component's inputs come before the topic.
    pub side: u8,
    /// Where it is.
    pub cursor: Cursor,
}

/// What a capture knows.
#[derive(Clone, Copy, Debug)]
pub struct CaptureAt {
    /// Its place in the table's log.
    pub cursor: Cursor,
    /// 0 before a snapshot, 1 while it copies, 2 while it follows the log.
    pub phase: usize,
    /// Position of the copy; then the next key of the copy; then the rows as they were.
    pub cut: usize,
}

/// The offsets of all components.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Bytes of a state.
    pub size: usize,
    /// Budgets that are left: faults, crashes, retries, forgets, logs, wipes.
    pub budget: usize,
    /// Each writer's next step; 255 once it is dead. Then how often the step before was done again.
    pub writers: Vec<usize>,
    /// Rows of each table.
    pub rows: Vec<usize>,
    /// Write-ahead log of each table.
    pub wal: Vec<Log>,
    /// Each capture.
    pub captures: Vec<CaptureAt>,
    /// Partitions of each topic.
    pub partitions: Vec<Vec<Log>>,
    /// Whether each topic has grown.
    pub grown: Vec<usize>,
    /// What each job reads.
    pub job_inputs: Vec<Vec<Input>>,
    /// State of each job: a byte a key, for a join two; then its memory of ids.
    pub job_state: Vec<usize>,
    /// What each sink reads.
    pub sink_inputs: Vec<Vec<Input>>,
    /// Writes of each sink's dead tasks: input + 1, offset.
    pub zombies: Vec<usize>,
    /// Cells of each store: value, version.
    pub cells: Vec<usize>,
    /// Effects of each store: how often, up to 2, by operation and part.
    pub effects: Vec<usize>,
    /// Ids each store has marked, a bit each, by id and part.
    pub seen: Vec<usize>,
    /// Operations, from 1.
    pub ops: u8,
    /// Ids, from 1; ids that are made anew come behind the operations.
    pub ids: u8,
    /// Parts of an operation.
    pub parts: u8,
}

/// What is written in all, and how often at most.
struct Capacity {
    tables: Vec<usize>,
    topics: Vec<usize>,
}

impl Layout {
    /// The byte that says that a log was full.
    pub const FULL: usize = 0;

    /// Lays a shape out. None where a log would have more records than a byte counts.
    pub fn new(shape: &Topology, bounds: Bounds) -> Option<Self> {
        let capacity = capacity(shape, bounds);
        if capacity.topics.iter().chain(&capacity.tables).any(|n| *n > 120) {
            return None;
        }
        let ops = || shape.writers.iter().flat_map(|writer| writer.steps.iter().flatten());
        let splits = shape.jobs.iter().map(|job| if let Work::Split { parts, .. } = job.work { parts } else { 1 });
        let promised = shape.promises.iter().map(|promise| match promise {
            super::topology::Promise::Once { parts, .. } => *parts,
            super::topology::Promise::Converges { .. } | super::topology::Promise::Causal { .. } => 1,
        });
        let mut layout = Self {
            size: 1,
            ops: ops().map(|op| op.id).max().unwrap_or(0),
            parts: splits.chain(promised).max().unwrap_or(1).clamp(1, 7),
            ..Self::default()
        };
        layout.ids = layout.ops;
        let anew = shape.writers.iter().any(|writer| writer.retries == Retries::NewId)
            || shape.jobs.iter().any(|job| matches!(job.work, Work::Split { keeps_id: false, .. }));
        if anew {
            layout.ids = layout.ops + u8::try_from(capacity.topics.iter().sum::<usize>() + ops().count()).ok()?;
        }
        let keys = usize::from(shape.keys);
        layout.budget = layout.take(6);
        for _ in &shape.writers {
            let at = layout.take(2);
            layout.writers.push(at);
        }
        for n in &capacity.tables {
            let rows = layout.take(keys);
            layout.rows.push(rows);
            let log = layout.log(*n);
            layout.wal.push(log);
        }
        for capture in &shape.captures {
            let cursor = layout.cursor(capture.in_flight);
            let (phase, cut) =
                if capture.mode == CaptureMode::Snapshot { (layout.take(1), layout.take(2 + keys)) } else { (0, 0) };
            layout.captures.push(CaptureAt { cursor, phase, cut });
        }
        for (topic, n) in shape.topics.iter().zip(&capacity.topics) {
            let used = |p: u8| {
                topic.route != Route::Key || topic.grows || (0..shape.keys).any(|key| key % topic.partitions == p)
            };
            let logs: Vec<Log> = (0..topic.partitions).map(|p| layout.log(if used(p) { *n } else { 0 })).collect();
            layout.partitions.push(logs);
            let at = layout.take(1);
            layout.grown.push(at);
        }
        for job in &shape.jobs {
            let inputs = layout.inputs(shape, &job.inputs, 0);
            layout.job_inputs.push(inputs);
            let size = match job.work {
                Work::Pass | Work::Filter { .. } | Work::Split { .. } | Work::ByValue => 0,
                Work::Rekey { .. } => keys,
                Work::Count { .. } => keys + layout.memory(),
                Work::Join => 2 * keys,
                Work::Distinct => layout.memory(),
            };
            let at = layout.take(size);
            layout.job_state.push(at);
        }
        for sink in &shape.sinks {
            let inputs = layout.inputs(shape, &sink.inputs, sink.in_flight.max(1));
            layout.sink_inputs.push(inputs);
            let zombies = if sink.zombies { 2 * usize::from(bounds.zombies) } else { 0 };
            let at = layout.take(zombies);
            layout.zombies.push(at);
        }
        for _ in &shape.stores {
            let cells = layout.take(2 * keys);
            layout.cells.push(cells);
            let effects = layout.take(usize::from(layout.ops) * usize::from(layout.parts));
            layout.effects.push(effects);
            let seen = layout.take(layout.memory());
            layout.seen.push(seen);
        }
        Some(layout)
    }

    fn take(&mut self, bytes: usize) -> usize {
        self.size += bytes;
        self.size - bytes
    }

    fn log(&mut self, capacity: usize) -> Log {
        Log { at: self.take(2 + capacity * RECORD), capacity }
    }

    fn cursor(&mut self, in_flight: u8) -> Cursor {
        Cursor { at: self.take(3 + usize::from(in_flight)), in_flight }
    }

    fn inputs(&mut self, shape: &Topology, topics: &[Id], in_flight: u8) -> Vec<Input> {
        let mut inputs = Vec::new();
        for (side, topic) in (0u8..).zip(topics) {
            for partition in 0..shape.topics[usize::from(*topic)].partitions {
                inputs.push(Input { topic: *topic, partition, side, cursor: self.cursor(in_flight) });
            }
        }
        inputs
    }

    /// Bytes of a memory of ids.
    fn memory(&self) -> usize {
        (usize::from(self.ids) * usize::from(self.parts)).div_ceil(8)
    }

    /// Where an effect of an operation is counted in a store.
    pub fn effect(&self, store: Id, op: u8, part: u8) -> Option<usize> {
        let op = usize::from(op.checked_sub(1)?);
        Some(self.effects[usize::from(store)] + op * usize::from(self.parts) + usize::from(part))
    }

    /// Byte and bit of an id in a memory.
    pub fn mark(&self, memory: usize, id: u8, part: u8) -> (usize, u8) {
        let bit = usize::from(id.saturating_sub(1)) * usize::from(self.parts) + usize::from(part);
        (memory + bit / 8, 1 << (bit % 8))
    }
}

fn capacity(shape: &Topology, bounds: Bounds) -> Capacity {
    let again = 1 + usize::from(bounds.crashes.min(bounds.faults));
    let retries = usize::from(bounds.retries.min(bounds.faults));
    let mut tables = vec![0; shape.tables.len()];
    let mut direct = vec![0; shape.topics.len()];
    for writer in &shape.writers {
        let longest = writer.steps.iter().map(Vec::len).max().unwrap_or(0);
        let extra = if writer.retries == Retries::Never { 0 } else { retries * longest };
        let mut at = |place: Place, n: usize| match place {
            Place::Table(id) => tables[usize::from(id)] += n,
            Place::Topic(id) => direct[usize::from(id)] += n,
            Place::Store(_) => {}
        };
        for op in writer.steps.iter().flatten() {
            at(op.to, 1);
        }
        if let Some(op) = writer.steps.iter().flatten().next() {
            at(op.to, extra);
        }
    }
    // Jobs in any order: as many rounds as there are jobs carry every record to the end.
    let mut topics = direct.clone();
    for _ in 0..=shape.jobs.len() {
        let mut next = direct.clone();
        for capture in &shape.captures {
            let copied = if capture.mode == CaptureMode::Snapshot { usize::from(shape.keys) } else { 0 };
            let times = if capture.crashes { again } else { 1 };
            next[usize::from(capture.topic)] += (tables[usize::from(capture.table)] + copied) * times;
        }
        for job in &shape.jobs {
            let read: usize = job.inputs.iter().map(|id| topics[usize::from(*id)]).sum();
            let each = match job.work {
                Work::Split { parts, .. } => usize::from(parts),
                Work::Rekey { deletes: true } => 2,
                Work::Pass
                | Work::Filter { .. }
                | Work::Rekey { .. }
                | Work::Count { .. }
                | Work::Join
                | Work::Distinct
                | Work::ByValue => 1,
            };
            let times = if job.crashes && !job.atomic { again } else { 1 };
            for output in &job.outputs {
                next[usize::from(*output)] += read * each * times;
            }
        }
        topics = next;
    }
    Capacity { tables, topics }
}
