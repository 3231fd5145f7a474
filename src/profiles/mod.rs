//! What is known of each connector version: class, legal keys, where its facts come from. Data only.
//!
//! The key lists in `data/` are made by `tools/profile-data.py` from the connectors' own configuration definitions.

pub mod facts;
mod floors;
pub mod sins;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::plan::Plugin;

pub use floors::{capture_floor, store_floor};

/// Debezium's PostgreSQL source. Older versions lose changes at a restart (facts/sources PG-01), so the version is a floor as well.
pub static DEBEZIUM_POSTGRES: Plugin = Plugin {
    name: "debezium-connector-postgres",
    class: "io.debezium.connector.postgresql.PostgresConnector",
    version: "3.7.0.Final",
    licence: "Apache-2.0",
    coordinates: "Maven io.debezium:debezium-connector-postgres:3.7.0.Final:tar.gz:plugin",
    config_def: include_str!("data/postgres.json"),
    verified: true,
};

/// Debezium's JDBC sink.
pub static DEBEZIUM_JDBC: Plugin = Plugin {
    name: "debezium-connector-jdbc",
    class: "io.debezium.connector.jdbc.JdbcSinkConnector",
    version: "3.6.0.Final",
    licence: "Apache-2.0",
    coordinates: "Maven io.debezium:debezium-connector-jdbc:3.6.0.Final:tar.gz:plugin",
    config_def: include_str!("data/debezium-jdbc-sink.json"),
    verified: true,
};

/// Snowflake's streaming sink, fourth line. Its plugin could not be had, so its facts are read from its definition and not from a run.
pub static SNOWFLAKE: Plugin = Plugin {
    name: "snowflake-kafka-connector",
    class: "com.snowflake.kafka.connector.SnowflakeStreamingSinkConnector",
    version: "4.1.0",
    licence: "Apache-2.0",
    coordinates: "the maker's own release, snowflake-kafka-connector 4.1.0",
    config_def: include_str!("data/snowflake-sink-v4.json"),
    verified: false,
};

/// All plugins.
pub static ALL: &[&Plugin] = &[&DEBEZIUM_POSTGRES, &DEBEZIUM_JDBC, &SNOWFLAKE];

/// Keys of every source or sink connector, of the transforms diac uses, and of topics.
const SOURCE: &str = include_str!("data/connect-source-connector.json");
const SINK: &str = include_str!("data/connect-sink-connector.json");
const TOPIC: &str = include_str!("data/kafka-topic.json");
const PRODUCER: &str = include_str!("data/producer.json");
const CONSUMER: &str = include_str!("data/consumer.json");

/// A key of a configuration definition.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Key {
    /// `STRING`, `INT`, `BOOLEAN`, …
    #[serde(rename = "type")]
    pub ty: String,
    /// The default; absent where there is none.
    pub default: Option<serde_json::Value>,
    /// The legal values, where there is a closed set.
    #[serde(default)]
    pub values: serde_json::Value,
}

#[derive(serde::Deserialize)]
struct Data {
    keys: BTreeMap<String, Key>,
}

/// Prefixes of keys that are legal though no definition lists them (facts/sources 0.1, facts/lab 5).
const PASS_THROUGH: &[&str] = &[
    "transforms.",
    "predicates.",
    "driver.",
    "hibernate.",
    "key.converter.",
    "value.converter.",
    "header.converter.",
    "topic.creation.",
    "signal.kafka.",
    "signal.consumer.",
    "reselect.",
    "post.processors",
    "column.mask.",
    "column.truncate.",
    "dialect.",
];

/// Keys that are legal though no definition lists them.
const PASS_THROUGH_KEYS: &[&str] = &[
    "offset.mismatch.strategy",
    "topic.delimiter",
    "topic.cache.size",
    "topic.heartbeat.prefix",
    "topic.heartbeat.name",
    "topic.transaction",
    "read.only",
];

impl Plugin {
    /// The keys of its configuration definition and of every connector of its direction.
    pub fn keys(&'static self) -> &'static BTreeMap<String, Key> {
        static CACHE: OnceLock<BTreeMap<&'static str, BTreeMap<String, Key>>> = OnceLock::new();
        static NONE: BTreeMap<String, Key> = BTreeMap::new();
        let all = CACHE.get_or_init(|| {
            ALL.iter()
                .map(|plugin| {
                    let mut keys = parse(plugin.config_def);
                    keys.extend(parse(if plugin.is_source() { SOURCE } else { SINK }));
                    (plugin.class, keys)
                })
                .collect()
        });
        all.get(self.class).unwrap_or(&NONE)
    }

    /// Whether it captures; else it fills a store.
    #[must_use]
    pub fn is_source(&self) -> bool {
        self.class == DEBEZIUM_POSTGRES.class
    }

    /// Whether the connector, its converters, transforms or clients know the key.
    #[must_use]
    pub fn knows(&'static self, key: &str) -> bool {
        self.keys().contains_key(key)
            || PASS_THROUGH_KEYS.contains(&key)
            || PASS_THROUGH.iter().any(|prefix| key.starts_with(prefix))
            || client_key(key).is_some_and(|(known, _)| known)
    }

    /// Legal keys near to a wrong one, for did-you-mean.
    #[must_use]
    pub fn nearest(&'static self, key: &str) -> Option<String> {
        if let Some((false, prefix)) = client_key(key) {
            let rest = key.strip_prefix(prefix)?;
            let keys = if prefix == PRODUCER_PREFIX { producer() } else { consumer() };
            return crate::syntax::suggest::nearest(rest, keys.keys().map(String::as_str))
                .map(|near| format!("{prefix}{near}"));
        }
        crate::syntax::suggest::nearest(key, self.keys().keys().map(String::as_str)).map(str::to_owned)
    }
}

const PRODUCER_PREFIX: &str = "producer.override.";
const CONSUMER_PREFIX: &str = "consumer.override.";

/// For an override of a client: whether the client knows it, and the prefix.
fn client_key(key: &str) -> Option<(bool, &'static str)> {
    if let Some(rest) = key.strip_prefix(PRODUCER_PREFIX) {
        return Some((producer().contains_key(rest), PRODUCER_PREFIX));
    }
    let rest = key.strip_prefix(CONSUMER_PREFIX)?;
    Some((consumer().contains_key(rest), CONSUMER_PREFIX))
}

fn producer() -> &'static BTreeMap<String, Key> {
    static CACHE: OnceLock<BTreeMap<String, Key>> = OnceLock::new();
    CACHE.get_or_init(|| parse(PRODUCER))
}

fn consumer() -> &'static BTreeMap<String, Key> {
    static CACHE: OnceLock<BTreeMap<String, Key>> = OnceLock::new();
    CACHE.get_or_init(|| parse(CONSUMER))
}

/// Legal configuration keys of a topic.
#[must_use]
pub fn topic_keys() -> &'static BTreeMap<String, Key> {
    static CACHE: OnceLock<BTreeMap<String, Key>> = OnceLock::new();
    CACHE.get_or_init(|| parse(TOPIC))
}

fn parse(text: &str) -> BTreeMap<String, Key> {
    // PANIC: never; the data files are part of the program and a test reads each.
    serde_json::from_str::<Data>(text).map(|data| data.keys).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_is_read() {
        for plugin in ALL {
            assert!(plugin.keys().len() > 40, "{}", plugin.name);
        }
        for (text, least) in [(SOURCE, 15), (SINK, 15), (TOPIC, 30), (PRODUCER, 50), (CONSUMER, 50)] {
            assert!(parse(text).len() >= least);
        }
    }

    #[test]
    fn wrong_keys_are_not_known_and_right_ones_are_near() {
        assert!(DEBEZIUM_POSTGRES.knows("table.include.list"));
        assert!(!DEBEZIUM_POSTGRES.knows("table.includelist"));
        assert_eq!(DEBEZIUM_POSTGRES.nearest("table.includelist").as_deref(), Some("table.include.list"));
        assert!(DEBEZIUM_JDBC.knows("consumer.override.auto.offset.reset"));
        assert!(!DEBEZIUM_JDBC.knows("consumer.override.auto.offset.rest"));
    }
}
