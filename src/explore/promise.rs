//! Whether a state breaks a promise, and how it shows.
#![expect(clippy::indexing_slicing, reason = "indexes come from the shape the layout was made for")]

use super::components::pair;
use super::machine::Machine;
use super::topology::{Content, Id, Kind, Op, Promise, group};

/// How a broken promise shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The store holds an older value, for ever.
    StaleOverwrite,
    /// The store holds a row that the record has not.
    UndeadRow,
    /// The record has a row that the store lacks.
    MissingRow,
    /// An operation has had its effect more than once.
    DuplicatedEffect,
    /// An operation that was accepted has had none.
    LostEffect,
    /// One part of an operation has had its effect and another has not.
    TornRequest,
    /// What followed is visible before what it followed from.
    CausalInversion,
}

impl Effect {
    /// The code: for ever.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::StaleOverwrite => "A01",
            Self::UndeadRow => "A02",
            Self::MissingRow => "A03",
            Self::DuplicatedEffect => "A04",
            Self::LostEffect => "A05",
            Self::TornRequest => "A06",
            Self::CausalInversion => "A07",
        }
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::StaleOverwrite => "stale overwrite",
            Self::UndeadRow => "undead row",
            Self::MissingRow => "missing row",
            Self::DuplicatedEffect => "duplicated effect",
            Self::LostEffect => "lost effect",
            Self::TornRequest => "torn request",
            Self::CausalInversion => "causal inversion",
        }
    }
}

/// A promise that a state breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which promise, by its place in the shape.
    pub promise: usize,
    /// How it shows.
    pub effect: Effect,
    /// At which row, or of which operation.
    pub at: u8,
    /// What should be there.
    pub expected: u8,
    /// What is there.
    pub found: u8,
}

impl Machine {
    /// The first promise that the state breaks; those about the end only where it is the end.
    #[must_use]
    pub fn broken(&self, state: &[u8], at_rest: bool) -> Option<Broken> {
        let mut promises = self.shape.promises.iter().enumerate();
        promises.find_map(|(promise, of)| match of {
            Promise::Converges { store, of } if at_rest => self.diverged(state, promise, *store, *of),
            Promise::Once { store, ops, parts } if at_rest => {
                ops.iter().find_map(|op| self.miscounted(state, promise, *store, *op, *parts))
            }
            Promise::Converges { .. } | Promise::Once { .. } => None,
            Promise::Causal { store } => self.inverted(state, promise, *store),
        })
    }

    /// What a store holds of a row.
    #[must_use]
    pub fn held(&self, state: &[u8], store: Id, key: u8) -> u8 {
        state[self.cell(store, key)]
    }

    /// What a table holds of a row.
    #[must_use]
    pub fn row(&self, state: &[u8], table: Id, key: u8) -> u8 {
        state[self.layout.rows[usize::from(table)] + usize::from(key)]
    }

    /// How often an operation's part has had its effect.
    #[must_use]
    pub fn effects(&self, state: &[u8], store: Id, op: u8, part: u8) -> u8 {
        self.layout.effect(store, op, part).map_or(0, |at| state[at])
    }

    fn diverged(&self, state: &[u8], promise: usize, store: Id, of: Content) -> Option<Broken> {
        (0..self.shape.keys).find_map(|key| {
            let found = self.held(state, store, key);
            let mut right = self.expected(state, of, key);
            let expected = right.next().unwrap_or(0);
            if found == expected || right.any(|value| value == found) {
                return None;
            }
            let effect = match (expected, found) {
                (0, _) => Effect::UndeadRow,
                (_, 0) => Effect::MissingRow,
                (expected, found) if of == Content::Count && found > expected => Effect::DuplicatedEffect,
                _ if of == Content::Count => Effect::LostEffect,
                _ => Effect::StaleOverwrite,
            };
            Some(Broken { promise, effect, at: key, expected, found })
        })
    }

    /// What a store should hold of a row; several values where any of several rows may stand there, none for no row.
    fn expected(&self, state: &[u8], of: Content, key: u8) -> impl Iterator<Item = u8> {
        let one = match of {
            Content::Row(table) => self.row(state, table, key),
            Content::OddRow(table) => {
                let value = self.row(state, table, key);
                if group(value) == 1 { value } else { 0 }
            }
            Content::ByGroup(_) => 0,
            Content::Count => self.counted(state, key),
            Content::Pair(a, b) => {
                let (a, b) = (self.row(state, a, key), self.row(state, b, key));
                if a > 0 && b > 0 { pair(a, b) } else { 0 }
            }
        };
        let mut values = Vec::new();
        if let Content::ByGroup(table) = of {
            let rows = (0..self.shape.keys).map(|row| self.row(state, table, row));
            values.extend(rows.filter(|value| *value > 0 && self.group_key(*value) == key));
        } else if one > 0 {
            values.push(one);
        }
        values.into_iter()
    }

    fn counted(&self, state: &[u8], key: u8) -> u8 {
        let facts = self.accepted(state).filter(|op| op.kind == Kind::Fact && op.key == key);
        let mut ids: Vec<u8> = facts.map(|op| op.id).collect();
        ids.sort_unstable();
        ids.dedup();
        u8::try_from(ids.len()).unwrap_or(u8::MAX)
    }

    fn miscounted(&self, state: &[u8], promise: usize, store: Id, op: u8, parts: u8) -> Option<Broken> {
        let counts = || (0..parts).map(|part| self.effects(state, store, op, part));
        let accepted = self.accepted(state).any(|Op { id, .. }| *id == op);
        let (most, least) = (counts().max().unwrap_or(0), counts().min().unwrap_or(0));
        let effect = match (most, least) {
            (2.., _) => Effect::DuplicatedEffect,
            (1, 0) => Effect::TornRequest,
            (0, 0) if accepted => Effect::LostEffect,
            _ => return None,
        };
        Some(Broken { promise, effect, at: op, expected: 1, found: if most > 1 { most } else { least } })
    }

    fn inverted(&self, state: &[u8], promise: usize, store: Id) -> Option<Broken> {
        (1..=self.layout.ops).find_map(|op| {
            let cause = self.after[usize::from(op) - 1]?;
            let visible = self.effects(state, store, op, 0) > 0 && self.effects(state, store, cause, 0) == 0;
            visible.then_some(Broken { promise, effect: Effect::CausalInversion, at: op, expected: cause, found: 0 })
        })
    }
}
