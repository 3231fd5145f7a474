//! Tables, topics and stores: what a write does to them, and what they lose by themselves.
#![expect(clippy::indexing_slicing, reason = "indexes come from the shape the layout was made for")]

use crate::explore::layout::Record;
use crate::explore::machine::{Action, Budget, Machine};
use crate::explore::topology::{Id, Keeps, Kind, Mode, Op, Place};

/// An effect that has happened this often has happened too often; more is not counted.
const OFTEN: u8 = 2;

impl Machine {
    /// An application's write.
    pub(crate) fn apply_op(&self, state: &mut [u8], op: Op, id: u8) {
        let Op { kind, key, value, part, .. } = op;
        let record = Record { op: op.id, kind, part, key, value, position: 0, id };
        match op.to {
            Place::Table(table) => {
                let row = self.layout.rows[usize::from(table)] + usize::from(key);
                let before = state[row];
                let wal = self.layout.wal[usize::from(table)];
                let position = wal.len(state) + 1;
                let value = if kind == Kind::Delete { before } else { value };
                state[row] = if kind == Kind::Delete { 0 } else { value };
                wal.push(state, Record { value, position, ..record });
            }
            Place::Topic(topic) => {
                let partition = self.route(state, topic, record).next().unwrap_or(0);
                self.partition(topic, partition).push(state, record);
            }
            Place::Store(store) => {
                self.apply(state, store, if kind == Kind::Fact { Mode::Append } else { Mode::Blind }, record, 0);
            }
        }
    }

    pub(crate) fn cell(&self, store: Id, key: u8) -> usize {
        self.layout.cells[usize::from(store)] + 2 * usize::from(key)
    }

    fn count(&self, state: &mut [u8], store: Id, record: Record) {
        if let Some(at) = self.layout.effect(store, record.op, record.part) {
            state[at] = (state[at] + 1).min(OFTEN);
        }
    }

    /// A write arrives at a store.
    pub(crate) fn apply(&self, state: &mut [u8], store: Id, mode: Mode, record: Record, offset: u8) {
        let cell = self.cell(store, record.key);
        let value = if record.kind == Kind::Delete { 0 } else { record.value };
        let version = match mode {
            Mode::Append | Mode::DedupApart => {
                self.count(state, store, record);
                return;
            }
            Mode::OffsetStored => {
                self.count(state, store, record);
                state[cell] = value;
                return;
            }
            Mode::DedupTogether => {
                let (byte, bit) = self.layout.mark(self.layout.seen[usize::from(store)], record.id, record.part);
                if state[byte] & bit == 0 {
                    state[byte] |= bit;
                    self.count(state, store, record);
                }
                return;
            }
            Mode::Blind => {
                state[cell] = value;
                return;
            }
            Mode::Counter => {
                // A delete carries the offset from outside, and an index takes a version from outside only if it is higher than its own.
                if record.kind == Kind::Delete && offset > state[cell + 1] {
                    state[cell] = 0;
                    state[cell + 1] = offset;
                } else if record.kind != Kind::Delete && state[cell] != value {
                    state[cell] = value;
                    state[cell + 1] += 1;
                }
                return;
            }
            Mode::Offset => offset + 1,
            Mode::Commit => record.position,
        };
        if version > state[cell + 1] {
            state[cell] = value;
            state[cell + 1] = version;
        }
    }

    pub(crate) fn store_actions(&self, state: &[u8], actions: &mut Vec<Action>) {
        for (store, of) in (0..).zip(&self.shape.stores) {
            if self.left(state, Budget::Forgets) > 0 {
                if of.forgets {
                    let forgotten =
                        |key: &u8| state[self.cell(store, *key)] == 0 && state[self.cell(store, *key) + 1] > 0;
                    actions.extend((0..self.shape.keys).filter(forgotten).map(|key| Action::Forget { store, key }));
                }
                if of.forgets_ids {
                    let memory = self.layout.seen[usize::from(store)];
                    let all = (1..=self.layout.ids).flat_map(|id| (0..self.layout.parts).map(move |part| (id, part)));
                    let marked = all.filter(|(id, part)| {
                        let (byte, bit) = self.layout.mark(memory, *id, *part);
                        state[byte] & bit != 0
                    });
                    actions.extend(marked.map(|(id, part)| Action::ForgetId { store, id, part }));
                }
            }
            if of.rebuilt && self.left(state, Budget::Wipes) > 0 {
                actions.push(Action::Wipe { store });
            }
        }
    }

    pub(crate) fn wipe(&self, state: &mut [u8], store: Id) {
        self.spend(state, Budget::Wipes);
        let at = usize::from(store);
        let cells = self.layout.cells[at];
        state[cells..cells + 2 * usize::from(self.shape.keys)].fill(0);
        let effects = self.layout.effects[at];
        let bits = usize::from(self.layout.ids) * usize::from(self.layout.parts);
        state[effects..effects + usize::from(self.layout.ops) * usize::from(self.layout.parts)].fill(0);
        let seen = self.layout.seen[at];
        state[seen..seen + bits.div_ceil(8)].fill(0);
        for ((sink, inputs), zombies) in self.shape.sinks.iter().zip(&self.layout.sink_inputs).zip(&self.layout.zombies)
        {
            if sink.store != store {
                continue;
            }
            for input in inputs {
                input.cursor.set_committed(state, 0);
                input.cursor.rewind(state);
            }
            if sink.zombies {
                state[*zombies..zombies + 2 * usize::from(self.bounds.zombies)].fill(0);
            }
        }
    }

    /// The offset before which every reader has read and committed.
    fn read_by_all(&self, state: &[u8], topic: Id, partition: u8) -> u8 {
        let inputs = self.layout.job_inputs.iter().chain(&self.layout.sink_inputs).flatten();
        let here = inputs.filter(|input| input.topic == topic && input.partition == partition);
        let committed = here.map(|input| input.cursor.committed(state).min(input.cursor.safe(state)));
        committed.min().unwrap_or(0)
    }

    /// What a partition may lose.
    pub(crate) fn partition_actions(&self, state: &[u8], topic: Id, partition: u8, actions: &mut Vec<Action>) {
        let log = self.partition(topic, partition);
        let (start, len) = (log.start(state), log.len(state));
        match self.shape.topics[usize::from(topic)].keeps {
            Keeps::Enough => {}
            keeps @ (Keeps::Window | Keeps::TooShort) => {
                let end = if keeps == Keeps::Window { self.read_by_all(state, topic, partition) } else { len };
                actions.extend((start + 1..=end).map(|to| Action::Truncate { topic, partition, to }));
            }
            keeps @ (Keeps::Compacted | Keeps::CompactedTooSoon) => {
                for offset in start..len {
                    let Some(record) = log.get(state, offset) else { continue };
                    let mut later = (offset + 1..len).filter_map(|offset| log.get(state, offset));
                    let replaced = later.any(|later| later.key == record.key);
                    let tombstone = keeps == Keeps::CompactedTooSoon && record.kind == Kind::Delete;
                    if replaced || tombstone {
                        actions.push(Action::Compact { topic, partition, offset });
                    }
                }
            }
        }
    }
}
