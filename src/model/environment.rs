//! Environments: settings, secrets' sources, ways of deployment.

use std::collections::BTreeMap;

use super::{EntityId, EventId, ProcessId, SecretId, SystemId, ViewId};
use crate::source::Span;
use crate::syntax::ast::{Docs, Duration};
use crate::systems::Kind;

/// Machinery: what an environment states, with what it extends worked in.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The name.
    pub name: String,
    /// The name in the declaration.
    pub span: Span,
    /// Its whole declaration and those of what it extends.
    pub scopes: Vec<Span>,
    /// Documentation.
    pub docs: Docs,
    /// How it is deployed; one without is a base.
    pub deploy: Option<Deploy>,
    /// Global settings by name.
    pub settings: BTreeMap<String, Setting>,
    /// Settings of systems.
    pub systems: BTreeMap<SystemId, BTreeMap<String, Setting>>,
    /// Settings of views.
    pub views: BTreeMap<ViewId, BTreeMap<String, Setting>>,
    /// Settings of entities.
    pub entities: BTreeMap<EntityId, BTreeMap<String, Setting>>,
    /// Settings of events.
    pub events: BTreeMap<EventId, BTreeMap<String, Setting>>,
    /// Settings of processes.
    pub processes: BTreeMap<ProcessId, BTreeMap<String, Setting>>,
    /// Where secrets come from.
    pub secrets: BTreeMap<SecretId, Binding>,
}

impl Environment {
    /// An environment that states nothing.
    #[must_use]
    pub fn new(name: &str, span: Span) -> Self {
        Self {
            name: name.to_owned(),
            span,
            scopes: vec![span],
            docs: Docs::new(),
            deploy: None,
            settings: BTreeMap::new(),
            systems: BTreeMap::new(),
            views: BTreeMap::new(),
            entities: BTreeMap::new(),
            events: BTreeMap::new(),
            processes: BTreeMap::new(),
            secrets: BTreeMap::new(),
        }
    }
}

/// `deploy strimzi { … }`.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// How.
    pub flavour: Flavour,
    /// The statement.
    pub span: Span,
    /// Its settings by name.
    pub settings: BTreeMap<String, Setting>,
}

/// A way of deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Plain files and `apply.sh`.
    Files,
    /// Strimzi's resources besides.
    Strimzi,
}

/// A program that carries rows into a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Runner {
    /// Kafka Connect, with the store's own sink connector.
    Connect,
    /// Bento.
    Bento,
    /// Flink.
    Flink,
}

impl Runner {
    /// The runner a setting names; none where it names none (reported).
    #[must_use]
    pub fn of(setting: &Setting) -> Option<Self> {
        match setting.value.text()?.as_str() {
            "connect" => Some(Self::Connect),
            "bento" => Some(Self::Bento),
            "flink" => Some(Self::Flink),
            _ => None,
        }
    }

    /// The runner for stores of a kind, where nothing else is said.
    #[must_use]
    pub fn usual(kind: Kind) -> Self {
        match kind {
            Kind::Elasticsearch | Kind::Opensearch | Kind::Redis => Self::Bento,
            Kind::Postgres
            | Kind::Mysql
            | Kind::Mariadb
            | Kind::Sqlserver
            | Kind::Oracle
            | Kind::Mongodb
            | Kind::Kafka
            | Kind::Flink
            | Kind::Snowflake
            | Kind::Bigquery
            | Kind::Clickhouse
            | Kind::Iceberg => Self::Connect,
        }
    }

    /// The name as its makers write it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Connect => "Kafka Connect",
            Self::Bento => "Bento",
            Self::Flink => "Flink",
        }
    }
}

/// `name = value`; raw ones are keyed by their property's name behind `raw:`.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The name or the raw property's key.
    pub name: String,
    /// The name's span.
    pub name_span: Span,
    /// Whether it is `raw`.
    pub raw: bool,
    /// The value.
    pub value: Value,
    /// The whole setting.
    pub span: Span,
    /// The value's span.
    pub value_span: Span,
}

/// A setting's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, a word or a decimal as written.
    Text(String),
    /// A whole number.
    Integer(u64),
    /// A truth value.
    Bool(bool),
    /// Bytes.
    Size(u64),
    /// A span of time.
    Duration(Duration),
    /// A declared secret.
    Secret(SecretId),
    /// Several.
    List(Vec<Value>),
}

impl Value {
    /// The text, where it is one.
    #[must_use]
    pub fn text(&self) -> Option<&String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(_) | Self::Bool(_) | Self::Size(_) | Self::Duration(_) | Self::Secret(_) | Self::List(_) => {
                None
            }
        }
    }
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The provider.
    pub provider: Provider,
    /// The statement.
    pub span: Span,
}

/// A provider of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// An environment variable.
    Env(String),
    /// A key of a properties file.
    File {
        /// Its path.
        path: String,
        /// The key.
        key: String,
    },
    /// A key of a Kubernetes secret.
    Kubernetes {
        /// The secret's name.
        secret: String,
        /// The key.
        key: String,
    },
    /// A key below a path of a vault.
    Vault {
        /// The path.
        path: String,
        /// The key.
        key: String,
    },
}
