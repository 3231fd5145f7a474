//! Captures: the write-ahead log, a copy of the rows before it, or questions for changed rows.
#![expect(clippy::indexing_slicing, reason = "indexes come from the shape the layout was made for")]

use crate::explore::layout::Record;
use crate::explore::machine::{Action, Budget, Machine};
use crate::explore::topology::{CaptureMode, Id, Kind};

/// Before the copy, during it, behind it.
const COPYING: u8 = 1;
pub(crate) const FOLLOWING: u8 = 2;

impl Machine {
    pub(crate) fn capture_actions(&self, state: &[u8], actions: &mut Vec<Action>) {
        for (capture, of) in (0..).zip(&self.shape.captures) {
            let at = self.layout.captures[usize::from(capture)];
            let cursor = at.cursor;
            let dies = of.crashes && self.left(state, Budget::Crashes) > 0;
            if of.mode == CaptureMode::Snapshot && state[at.phase] != FOLLOWING {
                if state[at.phase] != COPYING {
                    actions.push(Action::Cut { capture });
                    continue;
                }
                if let Some(record) = self.copied(state, capture) {
                    let partitions = self.route(state, of.topic, record);
                    actions.extend(partitions.map(|partition| Action::Copy { capture, partition }));
                } else {
                    actions.push(Action::Copy { capture, partition: 0 });
                }
                if dies {
                    actions.push(Action::CaptureCrash { capture });
                }
                continue;
            }
            let wal = self.layout.wal[usize::from(of.table)];
            let position = cursor.position(state);
            let more = position < wal.len(state);
            if of.mode == CaptureMode::Poll {
                if more {
                    let first = self.changed(state, capture).next();
                    let partitions = first.map_or(0..=0, |record| self.route(state, of.topic, record));
                    actions.extend(partitions.map(|partition| Action::Poll { capture, partition }));
                }
            } else if more && cursor.count(state) < of.in_flight {
                if self.reductions.fusion && of.in_flight == 1 {
                    let record = wal.get(state, position);
                    let partitions = record.map_or(0..=0, |record| self.route(state, of.topic, record));
                    actions.extend(partitions.map(|partition| Action::Relay { capture, partition }));
                } else {
                    actions.push(Action::Read { capture });
                }
            }
            for slot in 0..cursor.count(state) {
                let Some(record) = cursor.flying(state, slot).and_then(|offset| wal.get(state, offset)) else {
                    continue;
                };
                let partitions = self.route(state, of.topic, record);
                actions.extend(partitions.map(|partition| Action::Publish { capture, slot, partition }));
            }
            if self.commits(state) && cursor.safe(state) != cursor.committed(state) {
                actions.push(Action::CaptureCommit { capture });
            }
            let moved = cursor.position(state) != cursor.committed(state) || cursor.count(state) > 0;
            if dies && moved {
                actions.push(Action::CaptureCrash { capture });
            }
        }
    }

    /// Whether positions are worth committing: someone may still die.
    pub(crate) fn commits(&self, state: &[u8]) -> bool {
        !self.reductions.dead_variables || self.may_rewind(state)
    }

    pub(crate) fn cut(&self, state: &mut [u8], capture: Id) {
        let of = self.shape.captures[usize::from(capture)];
        let at = self.layout.captures[usize::from(capture)];
        let keys = usize::from(self.shape.keys);
        state[at.phase] = COPYING;
        state[at.cut] = self.layout.wal[usize::from(of.table)].len(state);
        state[at.cut + 1] = 0;
        let rows = self.layout.rows[usize::from(of.table)];
        state.copy_within(rows..rows + keys, at.cut + 2);
    }

    /// The row a copy comes to next; none where the table has no such row.
    fn copied(&self, state: &[u8], capture: Id) -> Option<Record> {
        let at = self.layout.captures[usize::from(capture)];
        let key = state[at.cut + 1];
        if key >= self.shape.keys {
            return None;
        }
        let value = state[at.cut + 2 + usize::from(key)];
        (value > 0).then_some(Record { op: 0, kind: Kind::Put, part: 0, key, value, position: state[at.cut], id: 0 })
    }

    pub(crate) fn copy(&self, state: &mut [u8], capture: Id, partition: u8) {
        let at = self.layout.captures[usize::from(capture)];
        if let Some(record) = self.copied(state, capture) {
            self.partition(self.shape.captures[usize::from(capture)].topic, partition).push(state, record);
        }
        if state[at.cut + 1] < self.shape.keys {
            state[at.cut + 1] += 1;
        } else {
            // That the copy is done is noted by itself, and dying before that is dying during the copy.
            let cut = state[at.cut];
            state[at.cut..at.cut + 2 + usize::from(self.shape.keys)].fill(0);
            state[at.phase] = FOLLOWING;
            at.cursor.set_position(state, cut);
            at.cursor.set_committed(state, cut);
        }
    }

    /// Rows that have changed since the last question, as they are now.
    fn changed<'a>(&'a self, state: &'a [u8], capture: Id) -> impl Iterator<Item = Record> + 'a {
        let of = self.shape.captures[usize::from(capture)];
        let wal = self.layout.wal[usize::from(of.table)];
        let from = self.layout.captures[usize::from(capture)].cursor.position(state);
        let rows = self.layout.rows[usize::from(of.table)];
        (0..self.shape.keys).filter_map(move |key| {
            let changes = (from..wal.len(state)).filter_map(|offset| wal.get(state, offset));
            let last = changes.rev().find(|record| record.key == key)?;
            let value = state[rows + usize::from(key)];
            (value > 0).then_some(Record { kind: Kind::Put, value, ..last })
        })
    }

    pub(crate) fn poll(&self, state: &mut [u8], capture: Id, partition: u8) {
        let of = self.shape.captures[usize::from(capture)];
        let records: Vec<Record> = self.changed(state, capture).collect();
        for record in records {
            let mut allowed = self.route(state, of.topic, record);
            let partition = if allowed.contains(&partition) { partition } else { allowed.next().unwrap_or(0) };
            self.partition(of.topic, partition).push(state, record);
        }
        let len = self.layout.wal[usize::from(of.table)].len(state);
        self.layout.captures[usize::from(capture)].cursor.set_position(state, len);
    }

    pub(crate) fn read(&self, state: &mut [u8], capture: Id) {
        let cursor = self.layout.captures[usize::from(capture)].cursor;
        let position = cursor.position(state);
        cursor.launch(state, position);
        cursor.set_position(state, position + 1);
    }

    pub(crate) fn publish(&self, state: &mut [u8], capture: Id, slot: u8, partition: u8) {
        let of = self.shape.captures[usize::from(capture)];
        let cursor = self.layout.captures[usize::from(capture)].cursor;
        let wal = self.layout.wal[usize::from(of.table)];
        if let Some(record) = cursor.flying(state, slot).and_then(|offset| wal.get(state, offset)) {
            self.partition(of.topic, partition).push(state, record);
        }
        cursor.land(state, slot);
    }

    pub(crate) fn capture_crash(&self, state: &mut [u8], capture: Id) {
        self.spend(state, Budget::Crashes);
        let at = self.layout.captures[usize::from(capture)];
        if self.shape.captures[usize::from(capture)].mode == CaptureMode::Snapshot && state[at.phase] == COPYING {
            state[at.cut..at.cut + 2 + usize::from(self.shape.keys)].fill(0);
            state[at.phase] = 0;
            return;
        }
        at.cursor.rewind(state);
    }
}
