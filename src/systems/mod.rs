//! What diac knows of each kind of system: one static table a kind. Data only.

mod facts;

/// A kind of system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Kind {
    Postgres,
    Mysql,
    Mariadb,
    Sqlserver,
    Oracle,
    Mongodb,
    Kafka,
    Flink,
    Elasticsearch,
    Opensearch,
    Redis,
    Snowflake,
    Bigquery,
    Clickhouse,
    Iceberg,
}

/// What a kind of system can be in a pipeline, and what of it this version compiles.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The kind.
    pub kind: Kind,
    /// The word in a `.dia` file.
    pub word: &'static str,
    /// The name as its makers write it.
    pub title: &'static str,
    /// Whether it has a change log that can be captured.
    pub record: Support,
    /// Whether views can live in it.
    pub view: Support,
    /// How a path below it is read, outermost part first: `schema.table` and so on.
    pub path: PathForm,
    /// The settings an environment may give it.
    pub settings: &'static [Setting],
}

/// Whether a role makes sense for a kind, and whether this version compiles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Compiled by this version.
    Built,
    /// Makes sense; a later version compiles it.
    Later,
    /// Makes no sense for this kind.
    Never,
}

/// How many parts a path below a system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathForm {
    /// `schema.table`; a lone table is in the default schema named here, where the kind has one.
    SchemaTable(&'static str),
    /// `database.table` or `database.collection`.
    DatabaseTable,
    /// One name: an index, a key prefix, a topic (a topic may hold dots).
    Single,
}

/// A setting of a system in an environment.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name in a `.dia` file.
    pub name: &'static str,
    /// What kind of value it takes.
    pub value: SettingValue,
    /// Whether a deployed environment lacks something without it.
    pub need: Need,
    /// One sentence for people.
    pub doc: &'static str,
}

/// What kind of value a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SettingValue {
    Text,
    /// One text or a list.
    Texts,
    Integer,
    Bool,
    Size,
    Duration,
    /// A secret: clear text is refused (`clear_secret`).
    Secret,
}

/// When a setting is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Always; without it the output refers to an environment variable.
    Required,
    /// When the system is captured.
    ForCapture,
    /// Has a default; the text says which.
    Default(&'static str),
    /// May be left out.
    Optional,
}

impl Kind {
    /// The kind of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        facts::ALL.iter().find(|facts| facts.word == word).map(|facts| facts.kind)
    }

    /// The word for a kind that people also call otherwise.
    #[must_use]
    pub fn otherwise(word: &str) -> Option<&'static str> {
        let kind = match word.to_ascii_lowercase().as_str() {
            "pg" | "psql" | "postgresql" => Self::Postgres,
            "maria" => Self::Mariadb,
            "mssql" | "sql_server" => Self::Sqlserver,
            "mongo" => Self::Mongodb,
            "elastic" | "es" => Self::Elasticsearch,
            "bq" => Self::Bigquery,
            _ => return None,
        };
        Some(kind.word())
    }

    /// What diac knows of it.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        facts::of(self)
    }

    /// The word in a `.dia` file.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.facts().word
    }

    /// Whether rows in it can be joined and grouped with SQL.
    #[must_use]
    pub fn is_sql(self) -> bool {
        match self {
            Self::Postgres
            | Self::Mysql
            | Self::Mariadb
            | Self::Sqlserver
            | Self::Oracle
            | Self::Snowflake
            | Self::Bigquery
            | Self::Clickhouse => true,
            Self::Mongodb
            | Self::Kafka
            | Self::Flink
            | Self::Elasticsearch
            | Self::Opensearch
            | Self::Redis
            | Self::Iceberg => false,
        }
    }

    /// Whether its names without quotes are kept in upper case.
    #[must_use]
    pub fn folds_up(self) -> bool {
        matches!(self, Self::Oracle | Self::Snowflake)
    }

    /// Whether a column is found by its name in any case: in MySQL and MariaDB always, in Oracle and Snowflake unless it was quoted, in SQL Server by the usual
    /// collations.
    #[must_use]
    pub fn finds_any_case(self) -> bool {
        matches!(self, Self::Mysql | Self::Mariadb | Self::Sqlserver | Self::Oracle | Self::Snowflake)
    }

    /// All words, for did-you-mean.
    pub fn words() -> impl Iterator<Item = &'static str> {
        facts::ALL.iter().map(|facts| facts.word)
    }
}
