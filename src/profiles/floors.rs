//! What a change takes at least on its way, in milliseconds: what the freshness that a page asks for is held against. Data only.

use crate::systems::Kind;

/// Debezium looks for new changes that often (`poll.interval.ms`, default of all its connectors; diac does not set it).
const POLL_MS: u64 = 500;
/// Bento's streams hand over that often (`targets::bento`: the batch's period).
const HAND_OVER_MS: u64 = 100;
/// A search engine shows what was written with its next refresh (`index.refresh_interval`, default of both engines; diac does not set it).
const REFRESH_MS: u64 = 1_000;
/// The shortest `TARGET_LAG` of a dynamic table.
const DYNAMIC_TABLE_MS: u64 = 60_000;

/// From a commit to the log, at worst while nothing else happens.
#[must_use]
pub fn capture_floor(kind: Kind) -> u64 {
    match kind {
        Kind::Postgres | Kind::Mysql | Kind::Mariadb | Kind::Sqlserver | Kind::Oracle | Kind::Mongodb => POLL_MS,
        Kind::Kafka
        | Kind::Flink
        | Kind::Elasticsearch
        | Kind::Opensearch
        | Kind::Redis
        | Kind::Snowflake
        | Kind::Bigquery
        | Kind::Clickhouse
        | Kind::Iceberg => 0,
    }
}

/// From the log to what readers find: the parts with their names. A store of which nothing is known takes nothing.
#[must_use]
pub fn store_floor(kind: Kind) -> &'static [(&'static str, u64)] {
    match kind {
        Kind::Elasticsearch | Kind::Opensearch => &[("flush", HAND_OVER_MS), ("index refresh", REFRESH_MS)],
        Kind::Redis => &[("flush", HAND_OVER_MS)],
        Kind::Snowflake => &[("dynamic table", DYNAMIC_TABLE_MS)],
        Kind::Postgres
        | Kind::Mysql
        | Kind::Mariadb
        | Kind::Sqlserver
        | Kind::Oracle
        | Kind::Mongodb
        | Kind::Kafka
        | Kind::Flink
        | Kind::Bigquery
        | Kind::Clickhouse
        | Kind::Iceberg => &[],
    }
}
