//! What a flow reads, and with it what a record of its topic says.

use std::collections::BTreeMap;

use super::PlannedFlow;
use crate::model::relation::RecordId;
use crate::model::{EntityId, EventId, SystemId, ViewId};

/// What a flow reads, and with it what a record of its topic says.
#[derive(Clone, Debug)]
pub enum Feed {
    /// An entity's change log: Debezium's envelope, and a bare tombstone behind each delete. Rows change; their version is
    /// `epoch * 2^56 + position`.
    Changes(Changes),
    /// An event's topic: one plain object a record, a member for each column. Facts never change, so they have an identity and no version.
    Facts(Facts),
    /// A view's own topic, which an engine writes: one plain object a record, and a bare tombstone for a row that is gone. One writer, one partition
    /// a key: the version of a row is its offset + 1.
    Rows(Rows),
}

/// An entity's change log.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The entity.
    pub entity: EntityId,
    /// The entity's name.
    pub name: String,
    /// The record's schema and table, for audits.
    pub home: (String, String),
    /// The record's system.
    pub system: SystemId,
    /// The record's epoch (see [`super::Source::epoch`]).
    pub epoch: u64,
}

/// An event's topic.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The event.
    pub event: EventId,
    /// Its name, and the text of the header `event` of its records.
    pub name: String,
    /// Other events stand in its topic: records are told apart by the header, and one without it is nobody's.
    pub shared: bool,
    /// What each fact takes effect once by.
    pub once: Once,
    /// The name of the constraint that holds it: `<view>_once_<columns>`.
    pub constraint: String,
    /// What a record counts as that lacks a column, by the column's name.
    pub absent: BTreeMap<String, Absent>,
}

/// What a record without a column counts as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absent {
    /// It may stand under an older name: `was`.
    pub was: Option<String>,
    /// `default …`, as text.
    pub default: Option<String>,
    /// Else it is null; where it may not be, the record cannot be applied.
    pub nullable: bool,
}

/// What a fact takes effect once by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once {
    /// Those columns, by their names in the event: `exactly once by`, else the event's key.
    Columns(Vec<String>),
    /// Its place in the log: nothing identifies it, and a record that is read again is the same one.
    Place,
}

/// A view's own topic.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The view that an engine keeps there.
    pub view: ViewId,
    /// Its name.
    pub name: String,
}

impl PlannedFlow {
    /// The change log, where it reads one.
    #[must_use]
    pub fn changes(&self) -> Option<&Changes> {
        if let Feed::Changes(changes) = &self.feed { Some(changes) } else { None }
    }

    /// The event's topic, where it reads one.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        if let Feed::Facts(facts) = &self.feed { Some(facts) } else { None }
    }

    /// The entity whose change log it reads.
    #[must_use]
    pub fn entity(&self) -> Option<EntityId> {
        self.changes().map(|changes| changes.entity)
    }

    /// The record it reads; none where it reads another view's topic.
    #[must_use]
    pub fn record(&self) -> Option<RecordId> {
        match &self.feed {
            Feed::Changes(changes) => Some(RecordId::Entity(changes.entity)),
            Feed::Facts(facts) => Some(RecordId::Event(facts.event)),
            Feed::Rows(_) => None,
        }
    }

    /// The name of the entity, event or view it reads.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.feed {
            Feed::Changes(changes) => &changes.name,
            Feed::Facts(facts) => &facts.name,
            Feed::Rows(rows) => &rows.name,
        }
    }

    /// The schema of the record's table, and the table; of what has no table, nothing and the name.
    #[must_use]
    pub fn home(&self) -> (&str, &str) {
        match &self.feed {
            Feed::Changes(changes) => (&changes.home.0, &changes.home.1),
            Feed::Facts(facts) => ("", &facts.name),
            Feed::Rows(rows) => ("", &rows.name),
        }
    }

    /// What it reads, in words for titles: `table public.orders`, `event order_placed`, `view order_lines`.
    #[must_use]
    pub fn origin(&self) -> String {
        match &self.feed {
            Feed::Changes(changes) => format!("table {}.{}", changes.home.0, changes.home.1),
            Feed::Facts(facts) => format!("event {}", facts.name),
            Feed::Rows(rows) => format!("view {}", rows.name),
        }
    }

    /// The epoch of its rows' versions; 0 of what has none.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.changes().map_or(0, |changes| changes.epoch)
    }
}
