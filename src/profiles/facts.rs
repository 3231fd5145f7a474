//! What diac relies on in the programs around it, and what shows it. Data only.
//!
//! A fact is a sentence about one version of one program. `held_by` names the tests that fail if the program behaved otherwise: `lab CASE` and `lab properties/NAME`
//! run the real program, `test NAME` is a test function that does. A fact without such a test is printed as unverified wherever it is printed.

use crate::plan::programs::BENTO;
use crate::plan::{Deployment, Plugin};
use crate::systems::Kind;

use super::{DEBEZIUM_JDBC, DEBEZIUM_POSTGRES, SNOWFLAKE};

/// Whose behaviour a fact is.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// A plugin of Kafka Connect.
    Plugin(&'static Plugin),
    /// Bento.
    Bento,
    /// Kafka and Kafka Connect.
    Kafka,
    /// A system that decides or follows.
    System(Kind),
}

/// A behaviour that the plan, the generated files or the analysis rest on.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Whose.
    pub of: Of,
    /// The behaviour, in a sentence without a full stop.
    pub says: &'static str,
    /// The tests that hold it; none: unverified.
    pub held_by: &'static [&'static str],
    /// Where it was first read or seen.
    pub source: &'static str,
}

impl Of {
    /// The name people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plugin(plugin) => plugin.name,
            Self::Bento => BENTO.name,
            Self::Kafka => "Kafka and Kafka Connect",
            Self::System(kind) => kind.facts().title,
        }
    }

    /// Whether a deployment uses it.
    #[must_use]
    pub fn is_used_by(self, deployment: &Deployment) -> bool {
        match self {
            Self::Plugin(plugin) => deployment.connectors().any(|connector| connector.plugin.name == plugin.name),
            Self::Bento => deployment.streams().next().is_some(),
            Self::Kafka => !deployment.topics.is_empty(),
            Self::System(kind) => {
                deployment.sources.iter().any(|source| source.kind == kind)
                    || deployment.sinks.iter().any(|sink| sink.kind == kind)
            }
        }
    }
}

impl Fact {
    /// Whether a test on the real program holds it.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        !self.held_by.is_empty()
    }
}

/// The facts a deployment rests on, in the order of the table.
pub fn of(deployment: &Deployment) -> impl Iterator<Item = &'static Fact> {
    ALL.iter().filter(move |fact| fact.of.is_used_by(deployment))
}

const fn fact(of: Of, says: &'static str, held_by: &'static [&'static str], source: &'static str) -> Fact {
    Fact { of, says, held_by, source }
}

const CAPTURE: Of = Of::Plugin(&DEBEZIUM_POSTGRES);
const TABLES: Of = Of::Plugin(&DEBEZIUM_JDBC);
const WAREHOUSE: Of = Of::Plugin(&SNOWFLAKE);
const POSTGRES: Of = Of::System(Kind::Postgres);
const REDIS: Of = Of::System(Kind::Redis);
const OPENSEARCH: Of = Of::System(Kind::Opensearch);
const ELASTICSEARCH: Of = Of::System(Kind::Elasticsearch);

/// Every fact, by program.
pub static ALL: &[Fact] = &[
    fact(
        CAPTURE,
        "after a crash it goes on behind the last position it confirmed: a stretch of the log comes twice and none is left out",
        &["lab slice", "lab shop", "lab pagila::copied"],
        "tests/lab/FACTS.md 2",
    ),
    fact(
        CAPTURE,
        "positions (`source.lsn`) of one row's changes rise in the order of their commits",
        &["lab shop", "lab pagila::copied"],
        "facts/slice 3",
    ),
    fact(
        CAPTURE,
        "rows that were there before are read once, with a position that every later change is above",
        &["lab shop", "lab shop::edges"],
        "facts/slice 3",
    ),
    fact(
        CAPTURE,
        "a changed key comes as a delete of the old row and an insert of the new one",
        &["lab shop", "lab properties/plain_headers"],
        "facts/sources KEY-05",
    ),
    fact(
        CAPTURE,
        "decimals come as text, digit for digit",
        &["lab properties/decimal_texts", "lab shop::edges"],
        "facts/slice 3",
    ),
    fact(CAPTURE, "times come in microseconds", &["lab properties/microseconds", "lab shop::edges"], "facts/slice 3"),
    fact(
        CAPTURE,
        "null in a column with a default stays null where the converter is told so",
        &["lab slice", "lab shop"],
        "tests/lab/FACTS.md 3",
    ),
    fact(
        CAPTURE,
        "with REPLICA IDENTITY FULL a wide value that an update leaves alone comes along",
        &["lab properties/whole_old_rows"],
        "facts/sources PG-14",
    ),
    fact(
        CAPTURE,
        "with `reselect` wide values are read again where FULL cannot be set",
        &["lab pagila::copied"],
        "tests/lab/FACTS.md 4",
    ),
    fact(
        CAPTURE,
        "a partitioned table that is published through its root is one topic, and a row that moves between partitions is an update",
        &["lab properties/partitions_as_one", "lab pagila::copied"],
        "tests/lab/FACTS.md 4",
    ),
    fact(
        CAPTURE,
        "its heartbeat moves the slot on while captured tables are quiet",
        &["lab properties/heartbeat"],
        "facts/sources PG-08",
    ),
    fact(
        CAPTURE,
        "`offset.mismatch.strategy`, which its definition does not list, is obeyed",
        &[],
        "tests/lab/FACTS.md 6, read in its log",
    ),
    fact(
        CAPTURE,
        "a signalled incremental snapshot carries no position of its own, so it is not used to make a view again",
        &[],
        "tests/lab/FACTS.md",
    ),
    fact(
        TABLES,
        "after a crash of the worker it repeats records and leaves none out",
        &["lab shop", "lab pagila::copied"],
        "facts/lab 4",
    ),
    fact(
        TABLES,
        "deletes reach a table as rows that are marked, where the transform rewrites them",
        &["lab properties/marked_deletes"],
        "facts/slice 3",
    ),
    fact(
        TABLES,
        "texts become the column's own type where the driver leaves that to the server",
        &["lab properties/typed_by_server"],
        "facts/slice 3",
    ),
    fact(
        TABLES,
        "it reads a topic from its beginning when it has no position yet",
        &["lab properties/from_the_beginning"],
        "facts/sinks S84",
    ),
    fact(
        TABLES,
        "headers are left as text: a changed key of several columns stops it otherwise",
        &["lab properties/plain_headers"],
        "tests/lab/FACTS.md 6",
    ),
    fact(
        TABLES,
        "null in a column with a default stays null where converter and transforms are told so",
        &["lab properties/kept_nulls", "lab pagila::copied"],
        "tests/lab/FACTS.md 3",
    ),
    fact(TABLES, "names are written as they are, quoted", &["lab shop"], "tests/lab/FACTS.md 6"),
    fact(
        TABLES,
        "a database that is killed can end its tasks; restarted they go on from where they were and leave nothing out",
        &["lab faults"],
        "tests/lab/FACTS.md 9",
    ),
    fact(
        WAREHOUSE,
        "rows are appended and repeated after a crash, never left out",
        &[],
        "facts/sinks, its makers' documentation",
    ),
    fact(
        WAREHOUSE,
        "every row carries topic, partition and offset in RECORD_METADATA",
        &[],
        "facts/sinks, its makers' documentation",
    ),
    fact(
        Of::Bento,
        "a position is committed only after the store took everything before it: a crash repeats and leaves nothing out",
        &["lab slice", "lab shop"],
        "facts/runners 5",
    ),
    fact(
        Of::Bento,
        "whole numbers above 2^53 keep every digit where they are read as numbers and not as floats",
        &["lab properties/exact_numbers", "test numbers_compare_exactly"],
        "facts/slice 3",
    ),
    fact(
        Of::Bento,
        "what cannot be read is refused with its reason and never taken for delivered",
        &["test operations_versions_and_keys"],
        "facts/runners 9",
    ),
    fact(Of::Bento, "conditions have SQL's three values", &["test logic_has_three_values"], "language 2.11, 2"),
    fact(
        Of::Kafka,
        "records with one key stand in one partition, in the order they were written, while the number of partitions stays",
        &["lab shop"],
        "Kafka's documentation",
    ),
    fact(
        Of::Kafka,
        "a compacted topic keeps the last record of each key; a record without a value goes after `delete.retention.ms`",
        &[],
        "Kafka's documentation",
    ),
    fact(
        Of::Kafka,
        "an acknowledged record is on `min.insync.replicas` brokers and is not lost with one of them",
        &[],
        "Kafka's documentation; the lab has one broker",
    ),
    fact(
        POSTGRES,
        "a row that is locked for an update makes the next writer wait, so a guard compares with what was committed",
        &["test two_sessions_on_one_key", "test four_sessions_in_any_order"],
        "PostgreSQL's documentation",
    ),
    fact(
        POSTGRES,
        "a table in a publication without a usable identity refuses updates and deletes",
        &[],
        "facts/sources PG-02",
    ),
    fact(
        POSTGRES,
        "log positions only rise; after a restore or a failover to a copy that lacked commits they may fall",
        &[],
        "facts/sources PG-11",
    ),
    fact(
        REDIS,
        "a script runs alone: compare and set cannot be interrupted",
        &["lab properties/compares_versions", "test newer_wins_and_the_rest_is_told_apart"],
        "Redis' documentation",
    ),
    fact(
        REDIS,
        "the version of a deleted row stays for as long as it is told to",
        &["lab properties/keeps_deleted_versions"],
        "facts/runners 3",
    ),
    fact(
        REDIS,
        "a failover to a copy can lose acknowledged writes: the next audit finds them",
        &[],
        "Redis' documentation",
    ),
    fact(
        OPENSEARCH,
        "a write with an external version that is not newer is refused with 409",
        &["lab properties/external_versions", "lab shop"],
        "facts/runners 4",
    ),
    fact(
        OPENSEARCH,
        "the version of a deleted document is remembered for `index.gc_deletes`",
        &["lab properties/remembers_deletes"],
        "facts/runners 4",
    ),
    fact(
        ELASTICSEARCH,
        "a write with an external version that is not newer is refused with 409 (tried on 7.10.2)",
        &["lab faults", "lab theory"],
        "facts/runners 10",
    ),
    fact(
        ELASTICSEARCH,
        "the version of a deleted document is remembered for `index.gc_deletes` (tried on 7.10.2)",
        &["lab theory"],
        "facts/runners 10",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_plain_and_tests_have_a_kind() {
        for fact in ALL {
            assert!(!fact.says.ends_with('.') && !fact.source.is_empty(), "{}", fact.says);
            assert!(
                fact.held_by.iter().all(|test| test.starts_with("lab ") || test.starts_with("test ")),
                "{}",
                fact.says
            );
        }
    }

    #[test]
    fn every_plugin_has_facts() {
        for plugin in super::super::ALL {
            assert!(
                ALL.iter().any(|fact| matches!(fact.of, Of::Plugin(of) if of.name == plugin.name)),
                "{}",
                plugin.name
            );
        }
    }
}
