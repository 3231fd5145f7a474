//! How the log of a captured system is read, and how a place in it becomes the version of a row.

use super::{Decided, Source, Template, TopicId};

/// How a captured system's log is read.
#[derive(Clone, Debug)]
pub enum Reading {
    /// Through a replication slot of PostgreSQL.
    Slot(Slot),
    /// As a replica reads the binlog of MySQL or MariaDB.
    Binlog(Binlog),
}

/// A replication slot and what is published to it.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Database.
    pub database: Template,
    /// Replication slot.
    pub slot: Decided<String>,
    /// Publication.
    pub publication: Decided<String>,
    /// `max_slot_wal_keep_size` in bytes as stated.
    pub limit: Option<Decided<u64>>,
}

/// A reader of a binlog.
#[derive(Clone, Debug)]
pub struct Binlog {
    /// The id the connector registers with, as a replica does: no server and no other reader of the cluster may have it.
    pub server_id: Template,
    /// The topic with the definitions of the tables as they were at each place of the binlog.
    pub history: TopicId,
    /// How long the server must keep its binlog, in ms.
    pub keep: Decided<u64>,
}

impl Source {
    /// Its replication slot, where its log is read through one.
    #[must_use]
    pub fn slot(&self) -> Option<&Slot> {
        match &self.reading {
            Reading::Slot(slot) => Some(slot),
            Reading::Binlog(_) => None,
        }
    }

    /// Its binlog, where it has one.
    #[must_use]
    pub fn binlog(&self) -> Option<&Binlog> {
        match &self.reading {
            Reading::Binlog(binlog) => Some(binlog),
            Reading::Slot(_) => None,
        }
    }
}

/// How the place of a change in its log becomes one number. The version of a row is `epoch * 2^56 + that number`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// PostgreSQL: `source.lsn` is that number.
    Lsn,
    /// MySQL and MariaDB: the number of the binlog's file × 2^32 + the position of the event in it + the row's place in the event.
    ///
    /// A row takes at least two bytes of its event, so position + row stays below the next event's position: the number grows with every row of the
    /// binlog. A snapshot's rows carry the position it was taken at, which lies behind every change it saw and before every later one (tried, FACTS 10).
    Binlog,
}

/// Bits of the position within a file. Neither server supports a position of 4 GiB: an event's own field for it has 32 bits.
pub const PLACE_BITS: u32 = 32;
/// Bits of the epoch's shift: what is left below them for file and position.
pub const EPOCH_BITS: u32 = 56;

/// A field of an envelope's `source` that the version needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceField {
    /// Its name in `source`.
    pub field: &'static str,
    /// Its name on the way into a store, behind two underscores.
    pub carried: &'static str,
    /// Its PostgreSQL type, where the store has to keep a column for it beside the version's own.
    pub helper: Option<&'static str>,
}

impl Position {
    /// What the version is made of. The first one arrives under the name of the version itself.
    #[must_use]
    pub fn fields(self) -> &'static [PlaceField] {
        const fn field(field: &'static str, carried: &'static str, helper: Option<&'static str>) -> PlaceField {
            PlaceField { field, carried, helper }
        }
        const LSN: &[PlaceField] = &[field("lsn", "lsn", None)];
        const BINLOG: &[PlaceField] =
            &[field("pos", "lsn", None), field("file", "file", Some("text")), field("row", "row", Some("integer"))];
        match self {
            Self::Lsn => LSN,
            Self::Binlog => BINLOG,
        }
    }

    /// Columns a table must have for it beside the version's own: name and PostgreSQL type. They are empty in every stored row.
    pub fn helpers(self) -> impl Iterator<Item = (String, &'static str)> {
        self.fields().iter().filter_map(|field| Some((format!("__{}", field.carried), field.helper?)))
    }

    /// The largest number of a file that still fits.
    #[must_use]
    pub fn last_file() -> u64 {
        (1 << (EPOCH_BITS - PLACE_BITS)) - 1
    }
}

/// The number of a place in a binlog; none where it does not fit. What the generated programs compute, for tests and for people.
#[must_use]
pub fn binlog_number(file: u64, position: u64, row: u64) -> Option<u64> {
    let place = position.checked_add(row)?;
    (file <= Position::last_file() && place >> PLACE_BITS == 0).then_some((file << PLACE_BITS) | place)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any binlog: files with growing numbers, events one behind the other, in each as many rows as its bytes can hold.
    #[test]
    fn versions_grow_with_every_row_of_any_binlog() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        for _ in 0..2_000 {
            let (mut file, mut position, mut last) = (random(Position::last_file() - 40), 4 + random(1 << 31), None);
            for _ in 0..30 {
                let length = 19 + random(9_000);
                // Behind the event's head each row has a bitmap and at least one byte of a key.
                let rows = 1 + random((length - 19) / 2 + 1);
                for row in rows.min(40).chain_last(rows) {
                    let number = binlog_number(file, position, row).unwrap();
                    assert!(last.is_none_or(|last| number > last), "{file} {position} {row}");
                    assert!(number >> EPOCH_BITS == 0);
                    last = Some(number);
                }
                position += length;
                // A snapshot between two events stands behind the one and not behind the rows of the other.
                let snapshot = binlog_number(file, position, 0).unwrap();
                assert!(last.is_some_and(|last| snapshot > last));
                if random(10) == 0 {
                    (file, position) = (file + 1, 4 + random(300));
                }
            }
        }
    }

    trait Last {
        fn chain_last(self, rows: u64) -> Vec<u64>;
    }

    impl Last for u64 {
        /// The first so many rows, and the last one.
        fn chain_last(self, rows: u64) -> Vec<u64> {
            let mut all: Vec<u64> = (0..self).collect();
            if rows > self {
                all.push(rows - 1);
            }
            all
        }
    }

    #[test]
    fn what_does_not_fit_has_no_number() {
        assert_eq!(binlog_number(1, 4, 0), Some((1 << 32) + 4));
        assert_eq!(binlog_number(Position::last_file(), u64::from(u32::MAX), 0), Some((1 << 56) - 1));
        assert_eq!(binlog_number(Position::last_file() + 1, 4, 0), None);
        assert_eq!(binlog_number(1, u64::from(u32::MAX), 1), None);
        assert_eq!(binlog_number(1, u64::MAX, 1), None);
    }
}
