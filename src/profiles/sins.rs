//! Raw properties that take away what a view relies on, by key and value. Data only; the ids are those of docs/catalogue.md.
//!
//! For keys that diac sets itself these rows count where this version does not write the connector; else `owned_property` comes first.

/// The harm a property does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sin {
    /// Deletes do not reach the view.
    LostDeletes,
    /// Changes are passed over without an error.
    LostChanges,
    /// Changes of one row can overtake each other.
    BrokenOrder,
    /// Rows that are there and changes since leave a gap between them.
    Gap,
    /// The slot is never confirmed.
    StuckSlot,
    /// Records go to a topic that nobody creates.
    MissingTopic,
}

/// Which connectors a property is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Captures a system.
    Source,
    /// Fills a store.
    Sink,
}

/// A property, the values that do harm, and which.
#[derive(Debug)]
pub struct Sinful {
    /// Connectors it is of; none: of both.
    side: Option<Side>,
    /// The key; `*` stands for a transform's or topic's own name.
    key: &'static str,
    /// Whether a value does the harm.
    bad: fn(&str) -> bool,
    /// The harm.
    pub sin: Sin,
    /// Why, for people: a few words without a full stop.
    pub why: &'static str,
    /// The entry of the catalogue it comes from.
    pub catalogue: &'static str,
}

/// What is known to be harmful of a raw property; nothing where it is not.
#[must_use]
pub fn of(side: Side, key: &str, value: &str) -> Option<&'static Sinful> {
    let value = value.trim().to_ascii_lowercase();
    ALL.iter().find(|row| row.side.is_none_or(|of| of == side) && matches(row.key, key) && (row.bad)(&value))
}

fn matches(pattern: &str, key: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => key.len() > start.len() + end.len() && key.starts_with(start) && key.ends_with(end),
        None => pattern == key,
    }
}

fn no(value: &str) -> bool {
    value == "false"
}

fn yes(value: &str) -> bool {
    value == "true"
}

fn always(_: &str) -> bool {
    true
}

/// The words by which connectors go on behind what they cannot read.
fn goes_on(value: &str) -> bool {
    ["warn", "skip", "ignore"].contains(&value)
}

fn above_zero(value: &str) -> bool {
    value.parse::<i64>().is_ok_and(|n| n > 0)
}

/// Whether one of the letters stands in a list of operations.
fn skips(value: &str, letters: &[&str]) -> bool {
    value.split(',').any(|letter| letters.contains(&letter.trim()))
}

const fn row(
    side: Option<Side>,
    key: &'static str,
    bad: fn(&str) -> bool,
    sin: Sin,
    why: &'static str,
    catalogue: &'static str,
) -> Sinful {
    Sinful { side, key, bad, sin, why, catalogue }
}

const SOURCE: Option<Side> = Some(Side::Source);
const SINK: Option<Side> = Some(Side::Sink);

static ALL: &[Sinful] = &[
    // Deletes.
    row(
        SOURCE,
        "tombstones.on.delete",
        no,
        Sin::LostDeletes,
        "a deleted row leaves no record without a value",
        "ENV-03",
    ),
    row(
        SOURCE,
        "skipped.operations",
        |v| skips(v, &["d"]),
        Sin::LostDeletes,
        "the capture leaves deletes out",
        "ENV-02",
    ),
    row(
        SOURCE,
        "transforms.*.type",
        |v| v.ends_with("extractnewrecordstate") || v.ends_with("extractnewdocumentstate"),
        Sin::LostDeletes,
        "flattened at the source a delete becomes a text that says null, and the mark that compaction needs is dropped",
        "ENV-01",
    ),
    row(
        None,
        "transforms.*.delete.tombstone.handling.mode",
        |v| v == "drop",
        Sin::LostDeletes,
        "the transform drops deletes",
        "ENV-02",
    ),
    row(
        None,
        "transforms.*.delete.handling.mode",
        |v| v == "drop",
        Sin::LostDeletes,
        "the transform drops deletes",
        "ENV-02",
    ),
    row(SINK, "behavior.on.null.values", |v| v == "ignore", Sin::LostDeletes, "the sink ignores deletes", "S09"),
    row(SINK, "delete.enabled", no, Sin::LostDeletes, "the sink never deletes", "S57"),
    row(SINK, "deleteEnabled", no, Sin::LostDeletes, "the sink never deletes", "S42"),
    // Changes.
    row(
        SOURCE,
        "skipped.operations",
        |v| skips(v, &["c", "u"]),
        Sin::LostChanges,
        "the capture leaves inserts or updates out",
        "ENV-02",
    ),
    row(
        SOURCE,
        "event.processing.failure.handling.mode",
        goes_on,
        Sin::LostChanges,
        "a change that cannot be read is left out",
        "ENV-23",
    ),
    row(
        SOURCE,
        "event.converting.failure.handling.mode",
        goes_on,
        Sin::LostChanges,
        "a value that cannot be read becomes null",
        "ENV-23",
    ),
    row(
        SOURCE,
        "event.deserialization.failure.handling.mode",
        goes_on,
        Sin::LostChanges,
        "a change that cannot be read is left out",
        "MY-13",
    ),
    row(
        SOURCE,
        "inconsistent.schema.handling.mode",
        goes_on,
        Sin::LostChanges,
        "changes of a table whose form is not known are left out",
        "MY-13",
    ),
    row(
        SOURCE,
        "schema.history.internal.skip.unparseable.ddl",
        yes,
        Sin::LostChanges,
        "the capture goes on with the form a table had before",
        "MY-07",
    ),
    row(SOURCE, "slot.drop.on.stop", yes, Sin::LostChanges, "every stop throws the position away", "PG-07"),
    row(
        SOURCE,
        "log.mining.transaction.retention.ms",
        above_zero,
        Sin::LostChanges,
        "a long transaction is dropped whole",
        "OR-05",
    ),
    row(
        SOURCE,
        "log.mining.buffer.transaction.events.threshold",
        above_zero,
        Sin::LostChanges,
        "a large transaction is dropped whole",
        "OR-05",
    ),
    row(
        SOURCE,
        "cursor.oversize.handling.mode",
        |v| v == "skip",
        Sin::LostChanges,
        "large documents are left out",
        "MG-06",
    ),
    row(
        SOURCE,
        "capture.mode",
        |v| v == "change_streams",
        Sin::LostChanges,
        "an update carries only what it changed, and the view needs the whole document",
        "MG-02",
    ),
    row(
        SOURCE,
        "producer.override.acks",
        |v| v == "0" || v == "1",
        Sin::LostChanges,
        "a write counts before a second broker has it",
        "CON-02",
    ),
    row(
        None,
        "errors.tolerance",
        |v| v == "all",
        Sin::LostChanges,
        "what fails is left out, and nothing is told",
        "CON-01",
    ),
    row(
        SINK,
        "behavior.on.malformed.documents",
        goes_on,
        Sin::LostChanges,
        "a document that the index refuses is left out",
        "S18",
    ),
    row(
        SINK,
        "consumer.override.auto.offset.reset",
        |v| v == "latest",
        Sin::LostChanges,
        "a reader that has no position yet skips all that is there",
        "S84",
    ),
    // Order.
    row(
        SOURCE,
        "message.key.columns",
        always,
        Sin::BrokenOrder,
        "records get another key than the row's own, which the view is written by",
        "KEY-04",
    ),
    row(
        SOURCE,
        "transforms.*.type",
        |v| v.ends_with("partitionrouting"),
        Sin::BrokenOrder,
        "an update that changes the routing column moves the row to another partition",
        "ENV-05",
    ),
    row(
        SOURCE,
        "producer.override.enable.idempotence",
        no,
        Sin::BrokenOrder,
        "a write that is tried again can fall behind the next one",
        "CON-02",
    ),
    row(
        SOURCE,
        "producer.override.max.in.flight.requests.per.connection",
        |v| v.parse::<i64>().is_ok_and(|n| n > 5),
        Sin::BrokenOrder,
        "more than five writes on their way are not kept in order",
        "CON-02",
    ),
    row(SINK, "bulk.write.ordered", no, Sin::BrokenOrder, "writes of one batch are applied in any order", "S75"),
    // Gaps.
    row(
        SOURCE,
        "snapshot.mode",
        |v| ["no_data", "never", "schema_only", "when_needed_no_data", "schema_only_recovery"].contains(&v),
        Sin::Gap,
        "rows that are there already are not taken",
        "SNAP-01",
    ),
    row(
        SOURCE,
        "snapshot.mode",
        |v| v == "when_needed",
        Sin::Gap,
        "after a gap rows are taken anew, and rows deleted in the gap stay in every view",
        "SNAP-04",
    ),
    row(
        SOURCE,
        "snapshot.isolation.mode",
        |v| ["read_committed", "read_uncommitted"].contains(&v),
        Sin::Gap,
        "the snapshot is of no single point of the log",
        "SNAP-05",
    ),
    row(
        SOURCE,
        "snapshot.select.statement.overrides*",
        always,
        Sin::Gap,
        "the snapshot leaves rows out that the changes do not",
        "SNAP-12",
    ),
    row(
        SOURCE,
        "offset.mismatch.strategy",
        |v| v == "no_validation",
        Sin::Gap,
        "a slot that was made anew starts behind what was missed",
        "PG-12",
    ),
    // Topics beside those of the tables.
    row(
        SOURCE,
        "provide.transaction.metadata",
        yes,
        Sin::MissingTopic,
        "begin and end of every transaction go to a topic of their own",
        "CON-06",
    ),
    row(
        SOURCE,
        "topic.transaction",
        always,
        Sin::MissingTopic,
        "transactions are told in a topic of that name",
        "CON-06",
    ),
    row(
        SOURCE,
        "heartbeat.topics.prefix",
        |v| v != "__debezium-heartbeat",
        Sin::MissingTopic,
        "heartbeats go to a topic of another name than the one that is there",
        "CON-06",
    ),
    row(
        SOURCE,
        "topic.heartbeat.prefix",
        |v| v != "__debezium-heartbeat",
        Sin::MissingTopic,
        "heartbeats go to a topic of another name than the one that is there",
        "CON-06",
    ),
    row(
        SOURCE,
        "notification.sink.topic.name",
        always,
        Sin::MissingTopic,
        "notifications go to a topic of that name",
        "CON-06",
    ),
    row(
        SOURCE,
        "transforms.*.type",
        |v| ["regexrouter", "timestamprouter", "bylogicaltablerouter"].iter().any(|router| v.ends_with(router)),
        Sin::MissingTopic,
        "records go to topics of other names than those that are there, and that views read",
        "CON-06",
    ),
    // Slots.
    row(SOURCE, "lsn.flush.mode", |v| v == "manual", Sin::StuckSlot, "nobody confirms what was read", "PG-13"),
    row(SOURCE, "flush.lsn.source", no, Sin::StuckSlot, "nobody confirms what was read", "PG-13"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_sides_count() {
        let sin = |side, key, value| of(side, key, value).map(|row| row.sin);
        assert_eq!(sin(Side::Source, "skipped.operations", "t, D"), Some(Sin::LostDeletes));
        assert_eq!(sin(Side::Source, "skipped.operations", "u"), Some(Sin::LostChanges));
        assert_eq!(sin(Side::Source, "skipped.operations", "none"), None);
        assert_eq!(sin(Side::Sink, "skipped.operations", "d"), None);
        assert_eq!(
            sin(Side::Source, "transforms.flat.type", "io.debezium.transforms.ExtractNewRecordState"),
            Some(Sin::LostDeletes)
        );
        assert_eq!(sin(Side::Sink, "transforms.flat.type", "io.debezium.transforms.ExtractNewRecordState"), None);
        assert_eq!(sin(Side::Source, "snapshot.select.statement.overrides", "public.orders"), None);
        assert_eq!(sin(Side::Source, "snapshot.select.statement.overrides.public.orders", "SELECT 1"), Some(Sin::Gap));
    }

    #[test]
    fn every_row_names_its_entry() {
        assert!(ALL.iter().all(|row| row.catalogue.contains(|c: char| c.is_ascii_digit()) && !row.why.ends_with('.')));
    }
}
