//! Rows that may be larger than Kafka takes by default: producer and topic are made to fit what the page says of the largest row (facts/sources CON-08).
//! The default limits were read from the programs; that the arithmetic is enough for every content is not verified by a run.

use std::collections::BTreeMap;

use super::sources::Config;
use super::{Decided, Source};
use crate::model::{Entity, Model};

/// What producers send and topics take unless something else is said: the smaller of `max.request.size` (1_048_576) and `max.message.bytes` (1_048_588).
const DEFAULT: u64 = 1_048_576;
/// `buffer.memory` of a producer unless something else is said.
const BUFFER: u64 = 33_554_432;
/// A change holds its row before and after, and text grows by half or more where it is escaped or written as base64.
const FACTOR: u64 = 4;
/// The schema that travels with each record, and its names.
const ENVELOPE: u64 = 65_536;
/// The largest number either limit takes.
const MOST: u64 = 2_147_483_647;
const MIB: u64 = 1 << 20;

/// The most bytes a change of such a row takes, in whole MiB; none where the defaults are enough.
fn bytes(row: u64) -> Option<u64> {
    let bytes = row.saturating_mul(FACTOR).saturating_add(ENVELOPE);
    (bytes > DEFAULT).then(|| bytes.div_ceil(MIB).saturating_mul(MIB).min(MOST))
}

/// The same for rows of an entity, with the sum; none where nothing is said of them.
fn record(entity: &Entity) -> Option<(u64, String)> {
    let row = entity.volume.as_ref()?.largest_row?;
    let whole = bytes(row)?;
    let size = |bytes: u64| {
        if bytes.is_multiple_of(MIB) { format!("{} MiB", bytes / MIB) } else { format!("{} KiB", bytes.div_ceil(1024)) }
    };
    let (each, more) = (size(row), size(ENVELOPE));
    Some((whole, format!("rows of `{}` have up to {each}: {FACTOR} × {each} + {more}, in whole MiB", entity.name)))
}

/// What the topic of an entity takes.
pub(super) fn topic(
    entity: &Entity,
    mut config: BTreeMap<String, Decided<String>>,
) -> BTreeMap<String, Decided<String>> {
    if let Some((bytes, note)) = record(entity) {
        config.insert("max.message.bytes".to_owned(), Decided::safety(bytes.to_string(), note));
    }
    config
}

/// What the producer of a capture sends.
pub(super) fn producer(model: &Model, source: &Source, config: &mut Config) {
    let largest = source.tables.iter().filter_map(|table| record(model.entity(table.entity))).max();
    let Some((bytes, note)) = largest else { return };
    config.safety("producer.override.max.request.size", &bytes.to_string(), &note);
    if bytes > BUFFER {
        config.safety("producer.override.buffer.memory", &(2 * bytes).to_string(), &note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_follow_the_largest_row() {
        assert_eq!(bytes(64 << 10), None, "64 KiB fit");
        assert_eq!(bytes(1 << 20), Some(5 << 20));
        assert_eq!(bytes(u64::MAX), Some(MOST));
    }
}
