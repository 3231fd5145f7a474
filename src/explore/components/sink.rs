//! Sinks: what reads topics and writes stores.
#![expect(clippy::indexing_slicing, reason = "indexes come from the shape the layout was made for")]

use crate::explore::layout::Record;
use crate::explore::machine::{Action, Budget, Machine};
use crate::explore::topology::{Id, Kind, Mode};

impl Machine {
    pub(crate) fn sink_actions(&self, state: &[u8], actions: &mut Vec<Action>) {
        for (sink, of) in (0..).zip(&self.shape.sinks) {
            let mut moved = false;
            // Nothing can come between reading and writing where one write is under way and none outlives its task.
            let fused = self.reductions.fusion && of.in_flight <= 1 && !of.zombies && of.mode != Mode::DedupApart;
            for (index, input) in (0..).zip(&self.layout.sink_inputs[usize::from(sink)]) {
                let cursor = input.cursor;
                if let Some((_, record)) = self.next(state, *input)
                    && cursor.count(state) < cursor.in_flight
                {
                    if !fused {
                        actions.push(Action::Fetch { sink, input: index });
                    } else if self.is_ripe(state, sink, record) {
                        actions.push(Action::Deliver { sink, input: index });
                    }
                }
                let log = self.partition(input.topic, input.partition);
                for slot in 0..cursor.count(state) {
                    let record = cursor.flying(state, slot).and_then(|offset| log.get(state, offset));
                    if record.is_none_or(|record| self.is_ripe(state, sink, record)) {
                        actions.push(Action::Land { sink, input: index, slot });
                    }
                }
                if self.commits(state) && cursor.safe(state) != cursor.committed(state) && of.mode != Mode::OffsetStored
                {
                    actions.push(Action::SinkCommit { sink, input: index });
                }
                moved |= cursor.position(state) != cursor.committed(state) || cursor.count(state) > 0;
            }
            if moved && of.crashes && self.left(state, Budget::Crashes) > 0 {
                actions.push(Action::SinkCrash { sink });
            }
            if of.zombies {
                let at = self.layout.zombies[usize::from(sink)];
                let alive = |slot: &u8| state[at + 2 * usize::from(*slot)] > 0;
                let slots = (0..self.bounds.zombies).filter(alive);
                actions.extend(slots.map(|slot| Action::LandZombie { sink, slot }));
            }
        }
    }

    /// Whether a sink that waits for causes may write a record.
    fn is_ripe(&self, state: &[u8], sink: Id, record: Record) -> bool {
        let of = &self.shape.sinks[usize::from(sink)];
        let cause = usize::from(record.op).checked_sub(1).and_then(|op| self.after[op]);
        let there = |op: u8| self.layout.effect(of.store, op, record.part).is_some_and(|at| state[at] > 0);
        !of.waits || cause.is_none_or(there)
    }

    pub(crate) fn fetch(&self, state: &mut [u8], sink: Id, index: u8) {
        let of = &self.shape.sinks[usize::from(sink)];
        let input = self.layout.sink_inputs[usize::from(sink)][usize::from(index)];
        let Some((offset, record)) = self.next(state, input) else { return };
        input.cursor.set_position(state, offset + 1);
        if record.kind == Kind::Delete && !of.deletes {
            return;
        }
        if of.mode == Mode::DedupApart {
            let (byte, bit) = self.layout.mark(self.layout.seen[usize::from(of.store)], record.id, record.part);
            if state[byte] & bit != 0 {
                return;
            }
            state[byte] |= bit;
        }
        input.cursor.launch(state, offset);
    }

    pub(crate) fn land(&self, state: &mut [u8], sink: Id, index: u8, slot: u8) {
        let of = &self.shape.sinks[usize::from(sink)];
        let input = self.layout.sink_inputs[usize::from(sink)][usize::from(index)];
        let Some(offset) = input.cursor.flying(state, slot) else { return };
        let record = self.partition(input.topic, input.partition).get(state, offset);
        input.cursor.land(state, slot);
        if of.mode == Mode::OffsetStored {
            self.land_stored(state, sink, index, offset);
        } else if let Some(record) = record {
            self.apply(state, of.store, of.mode, record, offset);
        }
    }

    /// Effect and position in one transaction: what is behind the position is refused.
    fn land_stored(&self, state: &mut [u8], sink: Id, index: u8, offset: u8) {
        let of = &self.shape.sinks[usize::from(sink)];
        let input = self.layout.sink_inputs[usize::from(sink)][usize::from(index)];
        if offset < input.cursor.committed(state) {
            return;
        }
        input.cursor.set_committed(state, offset + 1);
        if let Some(record) = self.partition(input.topic, input.partition).get(state, offset) {
            self.apply(state, of.store, of.mode, record, offset);
        }
    }

    pub(crate) fn land_zombie(&self, state: &mut [u8], sink: Id, slot: u8) {
        let of = &self.shape.sinks[usize::from(sink)];
        let first = self.layout.zombies[usize::from(sink)];
        let at = first + 2 * usize::from(slot);
        let (index, offset) = (state[at] - 1, state[at + 1]);
        let end = first + 2 * usize::from(self.bounds.zombies);
        state[at..end].rotate_left(2);
        state[end - 2..end].fill(0);
        if of.mode == Mode::OffsetStored {
            self.land_stored(state, sink, index, offset);
            return;
        }
        let input = self.layout.sink_inputs[usize::from(sink)][usize::from(index)];
        if let Some(record) = self.partition(input.topic, input.partition).get(state, offset) {
            self.apply(state, of.store, of.mode, record, offset);
        }
    }

    pub(crate) fn sink_crash(&self, state: &mut [u8], sink: Id) {
        self.spend(state, Budget::Crashes);
        let of = &self.shape.sinks[usize::from(sink)];
        // A write that never arrives is the same as one that was never made, since its record is read again; not so where its id is marked already.
        let zombies = of.zombies && of.mode != Mode::DedupApart;
        let mut at = self.layout.zombies[usize::from(sink)];
        let end = at + 2 * usize::from(self.bounds.zombies);
        for (index, input) in (1..).zip(&self.layout.sink_inputs[usize::from(sink)]) {
            for slot in 0..input.cursor.count(state) {
                while zombies && at < end && state[at] > 0 {
                    at += 2;
                }
                // A write that waits for its cause has not been sent.
                let sent = |offset: &u8| {
                    let record = self.partition(input.topic, input.partition).get(state, *offset);
                    record.is_none_or(|record| self.is_ripe(state, sink, record))
                };
                if let Some(offset) = input.cursor.flying(state, slot).filter(sent)
                    && zombies
                    && at < end
                {
                    state[at] = index;
                    state[at + 1] = offset;
                }
            }
            input.cursor.rewind(state);
        }
    }
}
