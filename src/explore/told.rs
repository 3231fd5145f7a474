//! What a run's states say to who tells it: which record was read, appended, written or refused.
#![expect(clippy::indexing_slicing, reason = "indexes come from the shape the layout was made for")]

use super::layout::Record;
use super::machine::{Action, Machine};
use super::topology::{Id, Kind, Op};
use super::trace::{Deed, Said};

fn said(record: Record) -> Said {
    let Record { op, kind, part, key, value, .. } = record;
    Said { kind, value, op, key, part }
}

impl Machine {
    /// The writes of an application's next step, or of the one before.
    pub(super) fn step_of(&self, before: &[u8], writer: Id, again: bool) -> &[Op] {
        let next = usize::from(before[self.layout.writers[usize::from(writer)]]);
        let step = if again { next - 1 } else { next };
        &self.shape.writers[usize::from(writer)].steps[step]
    }

    /// Records that a step has appended to topics.
    pub(super) fn appended(&self, before: &[u8], after: &[u8]) -> impl Iterator<Item = Deed> {
        let mut deeds = Vec::new();
        for (topic, partitions) in (0..).zip(&self.layout.partitions) {
            for (partition, log) in (0..).zip(partitions) {
                for offset in log.len(before)..log.len(after) {
                    if let Some(record) = log.get(after, offset) {
                        deeds.push(Deed::Appends { topic, partition, record: said(record) });
                    }
                }
            }
        }
        deeds.into_iter()
    }

    /// What a job reads next.
    pub(super) fn reads(&self, before: &[u8], job: Id, input: u8) -> Option<(Id, Said)> {
        let input = self.layout.job_inputs[usize::from(job)][usize::from(input)];
        self.next(before, input).map(|(_, record)| (input.topic, said(record)))
    }

    /// What a sink reads next, if it writes it.
    pub(super) fn fetched(&self, before: &[u8], sink: Id, input: u8) -> Option<Said> {
        let of = &self.shape.sinks[usize::from(sink)];
        let input = self.layout.sink_inputs[usize::from(sink)][usize::from(input)];
        let (_, record) = self.next(before, input)?;
        (of.deletes || record.kind != Kind::Delete).then_some(said(record))
    }

    /// The record whose write arrives.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other steps are no writes that arrive")]
    pub(super) fn landed(&self, before: &[u8], action: Action) -> Option<Said> {
        match action {
            Action::Deliver { sink, input } => self.fetched(before, sink, input),
            Action::Land { sink, input, slot } => {
                let input = self.layout.sink_inputs[usize::from(sink)][usize::from(input)];
                let offset = input.cursor.flying(before, slot)?;
                self.partition(input.topic, input.partition).get(before, offset).map(said)
            }
            Action::LandZombie { sink, slot } => {
                let at = self.layout.zombies[usize::from(sink)] + 2 * usize::from(slot);
                let index = before[at].checked_sub(1)?;
                let input = self.layout.sink_inputs[usize::from(sink)][usize::from(index)];
                self.partition(input.topic, input.partition).get(before, before[at + 1]).map(said)
            }
            _ => None,
        }
    }

    /// The store a sink writes.
    pub(super) fn sink_store(&self, sink: Id) -> Id {
        self.shape.sinks[usize::from(sink)].store
    }

    /// Whether writes of a sink's dead tasks are still under way.
    pub(super) fn has_late_writes(&self, state: &[u8], sink: Id) -> bool {
        let at = self.layout.zombies[usize::from(sink)];
        self.shape.sinks[usize::from(sink)].zombies && self.bounds.zombies > 0 && state[at] > 0
    }

    /// Whether a capture follows the log.
    pub(super) fn has_copied(&self, state: &[u8], capture: Id) -> bool {
        state[self.layout.captures[usize::from(capture)].phase] == super::components::FOLLOWING
    }

    /// Whether a write that could be refused has changed nothing.
    pub(super) fn is_refused(&self, before: &[u8], after: &[u8], sink: Id, record: Said) -> bool {
        let of = &self.shape.sinks[usize::from(sink)];
        if !of.mode.refuses() {
            return false;
        }
        let cell = self.cell(of.store, record.key);
        let effect = self.layout.effect(of.store, record.op, record.part);
        before[cell..cell + 2] == after[cell..cell + 2] && effect.is_none_or(|at| before[at] == after[at])
    }
}
