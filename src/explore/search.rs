//! Breadth first over packed states. The visited set holds whole states, not fingerprints; the order of everything is fixed, so the same machine gives the
//! same trace and the same counts everywhere. There is no clock: a budget is a number of states.
#![expect(clippy::indexing_slicing, reason = "indexes are of states this search has stored")]

use super::machine::{Action, Class, Machine};
use super::promise::Broken;

/// When a search ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Not more states than these.
    pub states: usize,
    /// Whether it goes on behind the first broken promise, to count.
    pub to_the_end: bool,
}

impl Default for Limit {
    fn default() -> Self {
        Self { states: 2_000_000, to_the_end: false }
    }
}

/// What a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// States seen in all.
    pub states: usize,
    /// Steps from the beginning to the farthest state.
    pub depth: usize,
    /// Whether every state within the bounds was seen, or the search ended at what it looked for.
    pub exhaustive: bool,
    /// The shortest way to a broken promise.
    pub broken: Option<Run>,
}

/// A run that breaks a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its steps.
    pub actions: Vec<Action>,
    /// What is broken at its end.
    pub broken: Broken,
    /// States seen until it was found.
    pub states: usize,
}

/// No parent: the initial state.
const ROOT: u32 = u32::MAX;

/// Explores a machine.
#[must_use]
pub fn search(machine: &Machine, limit: Limit) -> Found {
    let mut seen = States::new(machine.layout.size);
    let mut parents: Vec<(u32, Action)> = vec![(ROOT, Action::Grow { topic: 0 })];
    let mut state = machine.initial();
    seen.insert(&state);
    let mut actions = Vec::new();
    let mut found = Found { states: 1, depth: 0, exhaustive: true, broken: None };
    let mut level_end = 1;
    let mut at = 0;
    while at < seen.len() {
        if at == level_end {
            found.depth += 1;
            level_end = seen.len();
        }
        let from = seen.get(at).to_vec();
        machine.actions(&from, &mut actions);
        let at_rest = actions.iter().all(|action| action.class() != Class::Progress);
        if found.broken.is_none()
            && let Some(broken) = machine.broken(&from, at_rest)
        {
            found.broken = Some(Run { actions: way(&parents, at), broken, states: seen.len() });
            if !limit.to_the_end {
                break;
            }
        }
        found.exhaustive &= !machine.is_full(&from);
        for action in &actions {
            state.copy_from_slice(&from);
            machine.step(&mut state, *action);
            if seen.insert(&state) {
                parents.push((u32::try_from(at).unwrap_or(ROOT), *action));
            }
        }
        at += 1;
        if seen.len() >= limit.states && at < seen.len() {
            found.exhaustive = false;
            break;
        }
    }
    found.states = seen.len();
    found
}

/// The steps to a state.
fn way(parents: &[(u32, Action)], mut at: usize) -> Vec<Action> {
    let mut actions = Vec::new();
    while let Some((parent, action)) = parents.get(at).filter(|(parent, _)| *parent != ROOT) {
        actions.push(*action);
        at = *parent as usize;
    }
    actions.reverse();
    actions
}

/// A set of states of one size, in the order in which they came.
struct States {
    size: usize,
    bytes: Vec<u8>,
    /// Index + 1 of the state at each hash; a power of two.
    table: Vec<u32>,
}

impl States {
    fn new(size: usize) -> Self {
        Self { size, bytes: Vec::new(), table: vec![0; 1 << 8] }
    }

    fn len(&self) -> usize {
        self.bytes.len() / self.size
    }

    fn get(&self, index: usize) -> &[u8] {
        &self.bytes[index * self.size..(index + 1) * self.size]
    }

    /// Adds a state; false where it was there.
    fn insert(&mut self, state: &[u8]) -> bool {
        let mask = self.table.len() - 1;
        let mut slot = hash(state) & mask;
        while let Some(index) = self.table[slot].checked_sub(1) {
            if self.get(index as usize) == state {
                return false;
            }
            slot = (slot + 1) & mask;
        }
        let index = self.len();
        self.bytes.extend_from_slice(state);
        self.table[slot] = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if (index + 1) * 2 > self.table.len() {
            self.grow();
        }
        true
    }

    fn grow(&mut self) {
        let mask = self.table.len() * 2 - 1;
        let mut table = vec![0; mask + 1];
        for index in 0..self.len() {
            let mut slot = hash(self.get(index)) & mask;
            while table[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            table[slot] = u32::try_from(index + 1).unwrap_or(u32::MAX);
        }
        self.table = table;
    }
}

/// A hash of bytes, eight at a time: multiply and fold.
fn hash(state: &[u8]) -> usize {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = FACTOR;
    let mut chunks = state.chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.try_into().map_or(0, u64::from_le_bytes);
        hash = fold(hash ^ word, FACTOR);
    }
    for byte in chunks.remainder() {
        hash = fold(hash ^ u64::from(*byte), FACTOR);
    }
    usize::try_from(hash >> 8).unwrap_or(0)
}

fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are wanted")]
    let folded = wide as u64 ^ (wide >> 64) as u64;
    folded
}
