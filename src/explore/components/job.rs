//! Jobs: what reads topics and writes topics.
#![expect(clippy::indexing_slicing, reason = "indexes come from the shape the layout was made for")]

use crate::explore::layout::{Input, Record};
use crate::explore::machine::{Action, Budget, Machine};
use crate::explore::topology::{Id, Kind, Work, group};

impl Machine {
    pub(crate) fn job_actions(&self, state: &[u8], actions: &mut Vec<Action>) {
        for (job, of) in (0..).zip(&self.shape.jobs) {
            let inputs = &self.layout.job_inputs[usize::from(job)];
            let mut moved = false;
            for (index, input) in (0..).zip(inputs) {
                if let Some((_, record)) = self.next(state, *input) {
                    // The first thing it says decides the partition; what else it says goes where that one's route lets it.
                    let said = self.said(state, job, *input, record);
                    let partitions = said.first().map_or(0..=0, |(to, record)| self.route(state, *to, *record));
                    actions.extend(partitions.map(|partition| Action::Emit { job, input: index, partition }));
                }
                let cursor = input.cursor;
                let behind = cursor.position(state) != cursor.committed(state);
                moved |= behind || cursor.sub_step(state) > 0;
                if !of.atomic && self.commits(state) && behind {
                    actions.push(Action::JobCommit { job, input: index });
                }
            }
            if moved && of.crashes && !of.atomic && self.left(state, Budget::Crashes) > 0 {
                actions.push(Action::JobCrash { job });
            }
        }
    }

    /// The next record of an input and its offset; what is gone from the topic is passed over.
    pub(crate) fn next(&self, state: &[u8], input: Input) -> Option<(u8, Record)> {
        let log = self.partition(input.topic, input.partition);
        let from = input.cursor.position(state).max(log.start(state));
        (from..log.len(state)).find_map(|offset| Some((offset, log.get(state, offset)?)))
    }

    /// What a job would say to a record now: topic and record. Of a splitter that is not atomic only the next part.
    fn said(&self, state: &[u8], job: Id, input: Input, record: Record) -> Vec<(Id, Record)> {
        let of = &self.shape.jobs[usize::from(job)];
        let at = self.layout.job_state[usize::from(job)];
        let out = of.outputs[0];
        let row = at + usize::from(record.key);
        let gone = |key: u8, value: u8| Record { kind: Kind::Delete, key, value, ..record };
        match of.work {
            Work::Pass => vec![(out, record)],
            Work::Filter { deletes } => {
                if record.kind == Kind::Delete || group(record.value) == 1 {
                    vec![(out, record)]
                } else if deletes {
                    vec![(out, gone(record.key, record.value))]
                } else {
                    Vec::new()
                }
            }
            Work::Rekey { deletes } => {
                let before = state[row];
                let left = before > 0 && (record.kind == Kind::Delete || group(before) != group(record.value));
                let mut said = Vec::new();
                if left && (deletes || record.kind == Kind::Delete) {
                    said.push((out, gone(self.group_key(before), before)));
                }
                if record.kind != Kind::Delete {
                    said.push((out, Record { key: self.group_key(record.value), ..record }));
                }
                said
            }
            Work::Split { parts, keeps_id } => {
                let done = input.cursor.sub_step(state);
                let parts = if of.atomic { 0..parts } else { done..(done + 1).min(parts) };
                let made = |part: u8| {
                    let key = part % self.shape.keys;
                    let id = if keeps_id { record.id } else { self.new_id(state, out) + part };
                    (out, Record { part, key, id, ..record })
                };
                parts.map(made).collect()
            }
            Work::Count { dedup } => {
                let (byte, bit) = self.layout.mark(at + usize::from(self.shape.keys), record.id, record.part);
                let marked = input.cursor.sub_step(state) > 0;
                if dedup && !marked && state[byte] & bit != 0 {
                    return Vec::new();
                }
                vec![(out, Record { kind: Kind::Put, value: state[row] + u8::from(!marked), ..record })]
            }
            Work::Join => {
                let keys = usize::from(self.shape.keys);
                let (own, other) = if input.side == 0 { (row, row + keys) } else { (row + keys, row) };
                let (before, other) = (state[own], state[other]);
                let now = if record.kind == Kind::Delete { 0 } else { record.value };
                let pair = |own: u8| if input.side == 0 { pair(own, other) } else { pair(other, own) };
                match (before > 0 && other > 0, now > 0 && other > 0) {
                    (_, true) => vec![(out, Record { kind: Kind::Put, value: pair(now), ..record })],
                    (true, false) => vec![(out, gone(record.key, pair(before)))],
                    (false, false) => Vec::new(),
                }
            }
            Work::Distinct => {
                let (byte, bit) = self.layout.mark(at, record.id, record.part);
                let marked = input.cursor.sub_step(state) > 0;
                if !marked && state[byte] & bit != 0 { Vec::new() } else { vec![(out, record)] }
            }
            Work::ByValue => vec![(of.outputs[usize::from(1 - group(record.value))], record)],
        }
    }

    /// The key that a value's group is, among the keys in play.
    pub(crate) fn group_key(&self, value: u8) -> u8 {
        group(value) % self.shape.keys
    }

    /// An id nobody has used: how many records have been written to the topic, behind the operations.
    fn new_id(&self, state: &[u8], topic: Id) -> u8 {
        let written = self.layout.partitions[usize::from(topic)].iter().map(|log| log.len(state));
        self.layout.ops + 1 + written.sum::<u8>()
    }

    pub(crate) fn emit(&self, state: &mut [u8], job: Id, index: u8, partition: u8) {
        let of = &self.shape.jobs[usize::from(job)];
        let input = self.layout.job_inputs[usize::from(job)][usize::from(index)];
        let Some((offset, record)) = self.next(state, input) else { return };
        let said = self.said(state, job, input, record);
        // Marking an id is a transaction of its own unless all is one.
        let marks = matches!(of.work, Work::Count { dedup: true } | Work::Distinct) && !of.atomic;
        if marks && !said.is_empty() && input.cursor.sub_step(state) == 0 {
            self.remember(state, job, input, record, true);
            input.cursor.set_position(state, offset);
            input.cursor.set_sub_step(state, 1);
            return;
        }
        let whole = match of.work {
            Work::Split { parts, .. } => of.atomic || input.cursor.sub_step(state) + 1 >= parts,
            Work::Pass
            | Work::Filter { .. }
            | Work::Rekey { .. }
            | Work::Count { .. }
            | Work::Join
            | Work::Distinct
            | Work::ByValue => true,
        };
        if !marks {
            self.remember(state, job, input, record, !said.is_empty());
        }
        for (to, record) in said {
            let mut allowed = self.route(state, to, record);
            let partition = if allowed.contains(&partition) { partition } else { allowed.next().unwrap_or(0) };
            self.partition(to, partition).push(state, record);
        }
        if whole {
            input.cursor.set_position(state, offset + 1);
            input.cursor.set_sub_step(state, 0);
            if of.atomic {
                input.cursor.set_committed(state, offset + 1);
            }
        } else {
            let step = input.cursor.sub_step(state);
            input.cursor.set_position(state, offset);
            input.cursor.set_sub_step(state, step + 1);
        }
    }

    /// What the job knows after a record.
    fn remember(&self, state: &mut [u8], job: Id, input: Input, record: Record, counted: bool) {
        let at = self.layout.job_state[usize::from(job)];
        let row = at + usize::from(record.key);
        let value = if record.kind == Kind::Delete { 0 } else { record.value };
        match self.shape.jobs[usize::from(job)].work {
            Work::Rekey { .. } => state[row] = value,
            Work::Count { .. } => {
                if counted {
                    state[row] += 1;
                }
                let (byte, bit) = self.layout.mark(at + usize::from(self.shape.keys), record.id, record.part);
                state[byte] |= bit;
            }
            Work::Join => {
                let side = usize::from(input.side) * usize::from(self.shape.keys);
                state[row + side] = value;
            }
            Work::Distinct => {
                let (byte, bit) = self.layout.mark(at, record.id, record.part);
                state[byte] |= bit;
            }
            Work::Pass | Work::Filter { .. } | Work::Split { .. } | Work::ByValue => {}
        }
    }
}

/// Both sides' values as one.
pub(crate) fn pair(first: u8, second: u8) -> u8 {
    first << 4 | second & 0x0f
}
