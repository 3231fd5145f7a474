//! The tables themselves. Sources: design/language 2.10 (kinds), facts/sources 13 (what a capture needs), facts/sinks 3 (what a sink needs).

use super::{Facts, Kind, Need, PathForm, Setting, SettingValue, Support};

const fn setting(name: &'static str, value: SettingValue, need: Need, doc: &'static str) -> Setting {
    Setting { name, value, need, doc }
}

const POSTGRES: &[Setting] = &[
    setting("host", SettingValue::Text, Need::Required, "name or address of the server"),
    setting("port", SettingValue::Integer, Need::Default("5432"), "port of the server"),
    setting("database", SettingValue::Text, Need::Required, "name of the database"),
    setting(
        "user",
        SettingValue::Text,
        Need::Default("diac_<pipeline>_<system>"),
        "the role diac's connector logs in as",
    ),
    setting("password", SettingValue::Secret, Need::Required, "that role's password, as a secret"),
    setting(
        "sslmode",
        SettingValue::Text,
        Need::Default("prefer"),
        "disable, prefer, require, verify-ca or verify-full",
    ),
    setting("slot_limit", SettingValue::Size, Need::Optional, "max_slot_wal_keep_size the server runs with"),
    setting(
        "connector",
        SettingValue::Text,
        Need::Default("<pipeline>-source-<system>"),
        "name of the source connector",
    ),
    setting("slot", SettingValue::Text, Need::Default("diac_<pipeline>_<system>"), "name of the replication slot"),
    setting("publication", SettingValue::Text, Need::Default("diac_<pipeline>_<system>"), "name of the publication"),
    setting(
        "topic_prefix",
        SettingValue::Text,
        Need::Default("<pipeline>.<system>"),
        "topic.prefix of the source connector",
    ),
    setting("heartbeat", SettingValue::Duration, Need::Default("10s"), "how often the heartbeat row is written"),
];

const SEARCH: &[Setting] = &[
    setting("url", SettingValue::Texts, Need::Required, "one or more base addresses"),
    setting("user", SettingValue::Text, Need::Optional, "user for basic authentication"),
    setting("password", SettingValue::Secret, Need::Optional, "that user's password, as a secret"),
    setting("shards", SettingValue::Integer, Need::Default("1"), "primary shards of a new index"),
    setting(
        "replicas",
        SettingValue::Integer,
        Need::Default("1 (0 where replication is 1)"),
        "replica shards of a new index",
    ),
    RUNNER,
];

/// Which program carries rows into a store.
const RUNNER: Setting = setting(
    "runner",
    SettingValue::Text,
    Need::Optional,
    "which program carries rows into it: connect, bento or flink",
);

const REDIS: &[Setting] = &[
    setting("url", SettingValue::Text, Need::Required, "redis:// or rediss:// address with the database's number"),
    RUNNER,
];

const SNOWFLAKE: &[Setting] = &[
    setting("account", SettingValue::Text, Need::Required, "account identifier"),
    setting("user", SettingValue::Text, Need::Required, "user of the connector"),
    setting("private_key", SettingValue::Secret, Need::Required, "that user's private key, as a secret"),
    setting("role", SettingValue::Text, Need::Default("DIAC"), "role of the connector"),
    setting("database", SettingValue::Text, Need::Default("the system's name in upper case"), "database of the views"),
    setting(
        "warehouse",
        SettingValue::Text,
        Need::Default("DIAC_WH"),
        "virtual warehouse that refreshes the dynamic tables",
    ),
];

const KAFKA: &[Setting] = &[
    setting("bootstrap", SettingValue::Texts, Need::Required, "one or more host:port of brokers"),
    setting("registry", SettingValue::Text, Need::Optional, "address of the schema registry"),
    setting("registry_token", SettingValue::Secret, Need::Optional, "token for the schema registry, as a secret"),
];

const MYSQL: &[Setting] = &[
    setting("host", SettingValue::Text, Need::Required, "name or address of the server"),
    setting("port", SettingValue::Integer, Need::Default("3306"), "port of the server"),
    setting(
        "user",
        SettingValue::Text,
        Need::Default("diac_<pipeline>_<system>"),
        "the user diac's connector logs in as",
    ),
    setting("password", SettingValue::Secret, Need::Required, "that user's password, as a secret"),
    setting(
        "sslmode",
        SettingValue::Text,
        Need::Optional,
        "database.ssl.mode: disable, trust, verify-ca or verify-full for MariaDB; disabled, preferred, required, verify_ca or verify_identity for MySQL",
    ),
    setting("heartbeat", SettingValue::Duration, Need::Default("10s"), "how often the heartbeat row is written"),
    setting(
        "server_id",
        SettingValue::Integer,
        Need::ForCapture,
        "server id of the connector, unique among all replicas",
    ),
    setting(
        "connector",
        SettingValue::Text,
        Need::Default("<pipeline>-source-<system>"),
        "name of the source connector",
    ),
    setting(
        "topic_prefix",
        SettingValue::Text,
        Need::Default("<pipeline>.<system>"),
        "topic.prefix of the source connector",
    ),
];

const DATABASE: &[Setting] = &[
    setting("host", SettingValue::Text, Need::Required, "name or address of the server"),
    setting("port", SettingValue::Integer, Need::Optional, "port of the server"),
    setting("database", SettingValue::Text, Need::Optional, "name of the database"),
    setting("user", SettingValue::Text, Need::Required, "the user diac's connector logs in as"),
    setting("password", SettingValue::Secret, Need::Required, "that user's password, as a secret"),
    setting(
        "connector",
        SettingValue::Text,
        Need::Default("<pipeline>-source-<system>"),
        "name of the source connector",
    ),
    setting(
        "topic_prefix",
        SettingValue::Text,
        Need::Default("<pipeline>.<system>"),
        "topic.prefix of the source connector",
    ),
];

const FLINK: &[Setting] = &[
    setting("url", SettingValue::Text, Need::Required, "address of the cluster's REST interface"),
    setting("parallelism", SettingValue::Integer, Need::Default("1"), "parallel copies of each operator of a job"),
    setting("checkpoint_interval", SettingValue::Duration, Need::Default("10s"), "from one checkpoint to the next"),
];

const URL: &[Setting] = &[setting("url", SettingValue::Text, Need::Required, "address")];

/// In the order of the reference.
pub(super) static ALL: &[Facts] = &[
    facts(
        Kind::Postgres,
        "postgres",
        "PostgreSQL",
        Support::Built,
        Support::Built,
        PathForm::SchemaTable("public"),
        POSTGRES,
    ),
    facts(Kind::Mysql, "mysql", "MySQL", Support::Built, Support::Later, PathForm::DatabaseTable, MYSQL),
    facts(Kind::Mariadb, "mariadb", "MariaDB", Support::Built, Support::Later, PathForm::DatabaseTable, MYSQL),
    facts(
        Kind::Sqlserver,
        "sqlserver",
        "SQL Server",
        Support::Later,
        Support::Later,
        PathForm::SchemaTable("dbo"),
        DATABASE,
    ),
    // A schema is a user's, so there is no default; the database is a setting (facts/sources OR-08).
    facts(Kind::Oracle, "oracle", "Oracle", Support::Later, Support::Later, PathForm::SchemaTable(""), DATABASE),
    facts(Kind::Mongodb, "mongodb", "MongoDB", Support::Later, Support::Later, PathForm::DatabaseTable, DATABASE),
    facts(Kind::Kafka, "kafka", "Kafka", Support::Never, Support::Later, PathForm::Single, KAFKA),
    facts(Kind::Flink, "flink", "Flink", Support::Never, Support::Never, PathForm::Single, FLINK),
    facts(
        Kind::Elasticsearch,
        "elasticsearch",
        "Elasticsearch",
        Support::Never,
        Support::Built,
        PathForm::Single,
        SEARCH,
    ),
    facts(Kind::Opensearch, "opensearch", "OpenSearch", Support::Never, Support::Built, PathForm::Single, SEARCH),
    facts(Kind::Redis, "redis", "Redis", Support::Never, Support::Built, PathForm::Single, REDIS),
    facts(
        Kind::Snowflake,
        "snowflake",
        "Snowflake",
        Support::Never,
        Support::Built,
        PathForm::SchemaTable("PUBLIC"),
        SNOWFLAKE,
    ),
    facts(Kind::Bigquery, "bigquery", "BigQuery", Support::Never, Support::Later, PathForm::SchemaTable("public"), URL),
    facts(Kind::Clickhouse, "clickhouse", "ClickHouse", Support::Never, Support::Later, PathForm::DatabaseTable, URL),
    facts(Kind::Iceberg, "iceberg", "Iceberg", Support::Never, Support::Later, PathForm::SchemaTable("default"), URL),
];

/// Never seen: stands where the table would not be in the order of the enum.
static UNKNOWN: Facts = facts(Kind::Kafka, "unknown", "unknown", Support::Never, Support::Never, PathForm::Single, &[]);

const fn facts(
    kind: Kind,
    word: &'static str,
    title: &'static str,
    record: Support,
    view: Support,
    path: PathForm,
    settings: &'static [Setting],
) -> Facts {
    Facts { kind, word, title, record, view, path, settings }
}

pub(super) fn of(kind: Kind) -> &'static Facts {
    // INVARIANT: the table is in the order of the enum; a test holds it.
    ALL.get(kind as usize).unwrap_or(&UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_in_the_order_of_the_kinds() {
        for (at, facts) in ALL.iter().enumerate() {
            assert_eq!(facts.kind as usize, at, "{}", facts.word);
        }
    }
}
