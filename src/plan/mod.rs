//! The plan: every topic, name, key, connector property, table and number, decided once and each with the reason.
//!
//! Rules judge it and targets write it down; neither derives a name or a number of its own.

mod address;
pub mod baseline;
pub mod encoding;
mod events;
mod facts;
mod feed;
pub mod inside;
mod large;
pub mod limits;
mod names;
mod planner;
pub mod processes;
pub mod programs;
mod settings;
#[expect(clippy::wildcard_enum_match_arm, reason = "a store that is not a special case is a relational one")]
mod sinks;
mod sources;
mod streams;
mod target;
pub mod template;
mod topics;
#[expect(clippy::wildcard_enum_match_arm, reason = "a type that is not a special case is treated like its neighbours")]
mod values;
pub mod worker;
pub mod written;

use std::collections::BTreeMap;

use crate::model::types::Type;
use crate::model::{EntityId, EnvId, EventId, Flavour, Mask, SystemId, ViewId};
use crate::source::Span;
use crate::systems::Kind;
pub use events::retention;
pub use feed::{Absent, Changes, Facts, Feed, Once, Rows};
pub(crate) use names::short_hash;
pub use planner::plan;
pub(crate) use sinks::{HASH_SALT, REDACTED};
pub use target::{Index, JsonForm, Keyspace, Retyped, SnowflakeTable, Table, TableColumn, Target};
pub use template::{Part, Template, Variable};
pub use topics::{Needed, needed_log, needed_tombstones};
pub(crate) use topics::{OUTAGE_MS, time};
pub use values::arrival;
pub(crate) use values::sql_type;

/// A pipeline as it would run, once for each environment that is deployed.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The pipeline's name.
    pub pipeline: String,
    /// One for each deployed environment in the order of their names; a single one called `default` where none is declared.
    pub deployments: Vec<Deployment>,
}

/// Why a value is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// Who decided.
    pub origin: Origin,
    /// The reason in a sentence, with the arithmetic where there is some; no full stop.
    pub note: String,
}

/// Who decided a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A statement of the user's.
    Stated(Span),
    /// diac's default, since nothing is stated.
    Default,
    /// It follows from other decisions.
    Derived,
    /// The connector or store needs it to be safe.
    Safety,
}

/// A value with the reason for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided<T> {
    /// The value.
    pub value: T,
    /// The reason.
    pub why: Why,
}

/// One environment's machinery.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// Folder and name: the environment's, or `default`.
    pub name: String,
    /// The environment; none for `default`.
    pub env: Option<EnvId>,
    /// How it is deployed.
    pub flavour: Flavour,
    /// Strimzi's names, with that flavour.
    pub strimzi: Option<Strimzi>,
    /// The log.
    pub log: Log,
    /// Every topic that must exist before anything starts, by name.
    pub topics: Vec<Topic>,
    /// One for each captured system.
    pub sources: Vec<Source>,
    /// One for each view with a store.
    pub sinks: Vec<Sink>,
    /// Views that SQL inside their store makes, each behind those it is made of.
    pub inside: Vec<inside::Inside>,
    /// How the events of the log are written, by topic and name.
    pub events: Vec<encoding::EventForm>,
    /// What makes events of events, by name.
    pub processes: Vec<processes::PlannedProcess>,
    /// What the machines that run this must be given in their environment, by name.
    pub variables: BTreeMap<String, Variable>,
    /// Decisions that are of no single object, for the document.
    pub decisions: Vec<Decision>,
}

/// A decision the compiler took, for the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What it is about, such as `partitions`.
    pub subject: String,
    /// What was decided.
    pub value: String,
    /// Why.
    pub why: Why,
}

/// Names of a Strimzi installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strimzi {
    /// The `Kafka` resource.
    pub cluster: String,
    /// The namespace of all resources.
    pub namespace: String,
    /// The `KafkaConnect` resource.
    pub connect: String,
}

/// The Kafka cluster.
#[derive(Clone, Debug)]
pub struct Log {
    /// The system.
    pub system: Option<SystemId>,
    /// Name of the system, `kafka` where it is implicit.
    pub name: String,
    /// Brokers, each `host:port` or a reference.
    pub bootstrap: Vec<Template>,
    /// Default number of partitions.
    pub partitions: Decided<u32>,
    /// Replication factor.
    pub replication: Decided<u16>,
    /// `min.insync.replicas`.
    pub min_insync: Decided<u16>,
}

/// Index of a topic in [`Deployment::topics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(pub usize);

/// A topic.
#[derive(Clone, Debug)]
pub struct Topic {
    /// The name.
    pub name: String,
    /// What it is for.
    pub role: TopicRole,
    /// Partitions.
    pub partitions: Decided<u32>,
    /// Replication factor.
    pub replication: Decided<u16>,
    /// Topic configuration, by key; only what differs from the broker's default or safety needs.
    pub config: BTreeMap<String, Decided<String>>,
    /// Whether diac's files create it; a topic of somebody else's capture is only read.
    pub managed: bool,
    /// What people should know of it: the entity's documentation.
    pub docs: Vec<String>,
}

/// What a topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicRole {
    /// An entity's change log.
    Entity(EntityId),
    /// Events; of several that share a topic the first by name.
    Event(EventId),
    /// Rows of the heartbeat table of a captured system.
    HeartbeatTable(SystemId),
    /// The connector's own heartbeat messages.
    Heartbeat(SystemId),
    /// Rows of the signal table of a captured system: the source sends them too, and waits for ever where this topic is missing.
    Signal(SystemId),
    /// Records a view could not apply.
    DeadLetter(ViewId),
}

/// A connector of Kafka Connect.
#[derive(Clone, Debug)]
pub struct Connector {
    /// The name.
    pub name: String,
    /// Which plugin runs it.
    pub plugin: &'static Plugin,
    /// `tasks.max`.
    pub tasks: Decided<u32>,
    /// The whole configuration but `name`, by key; `connector.class` and `tasks.max` are in it.
    pub config: BTreeMap<String, Property>,
}

/// A plugin of Kafka Connect and what is known of it.
#[derive(Debug)]
pub struct Plugin {
    /// Short name, such as `debezium-postgres`.
    pub name: &'static str,
    /// `connector.class`.
    pub class: &'static str,
    /// The version the facts are of.
    pub version: &'static str,
    /// Licence.
    pub licence: &'static str,
    /// Where it comes from, for people: registry coordinates, or the maker's own download.
    pub coordinates: &'static str,
    /// The configuration definition, as JSON (see `profiles`).
    pub config_def: &'static str,
    /// Whether this repository's lab runs it.
    pub verified: bool,
}

/// A connector's property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The value.
    pub value: Template,
    /// Why it is set.
    pub why: Why,
    /// Whether it was given as `raw`.
    pub raw: bool,
}

/// The capture of one system.
#[derive(Clone, Debug)]
pub struct Source {
    /// The system.
    pub system: SystemId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Server name or address.
    pub host: Template,
    /// Server port.
    pub port: Template,
    /// Database.
    pub database: Template,
    /// The connector's role in the database. A literal: roles are created by generated SQL.
    pub role: Decided<String>,
    /// The role's password.
    pub password: Template,
    /// The connector.
    pub connector: Connector,
    /// Replication slot.
    pub slot: Decided<String>,
    /// Publication.
    pub publication: Decided<String>,
    /// `topic.prefix`.
    pub prefix: Decided<String>,
    /// Schema of the heartbeat and signal tables.
    pub service_schema: &'static str,
    /// What is captured, in order of name; without the heartbeat table.
    pub tables: Vec<Captured>,
    /// `max_slot_wal_keep_size` in bytes as stated.
    pub slot_limit: Option<Decided<u64>>,
    /// Epoch of the log's positions: the version of a row is `epoch * 2^56 + position`. 0 unless stated.
    pub epoch: u64,
}

/// A captured table.
#[derive(Clone, Debug)]
pub struct Captured {
    /// The entity.
    pub entity: EntityId,
    /// Schema.
    pub namespace: String,
    /// Table.
    pub table: String,
    /// Columns that enter the log, in order; empty where nobody says (then all).
    pub columns: Vec<String>,
    /// Names of the key's columns.
    pub key: Vec<String>,
    /// Its change log.
    pub topic: TopicId,
    /// It is partitioned: the publication publishes it through its root.
    pub partitioned: bool,
    /// REPLICA IDENTITY FULL must be set by the generated SQL, with the reason.
    pub identity_full: Option<Why>,
    /// Wide values that an update left out are read again from the table, since FULL would make the server refuse the application's updates; with the reason.
    pub reselect: Option<Why>,
}

/// A view's way into its store.
#[derive(Clone, Debug)]
pub struct Sink {
    /// The view.
    pub view: ViewId,
    /// The view's name.
    pub name: String,
    /// The view's version.
    pub version: u64,
    /// The store.
    pub store: SystemId,
    /// The store's name.
    pub store_name: String,
    /// The store's kind.
    pub kind: Kind,
    /// How to reach it.
    pub address: Address,
    /// One for each table.
    pub flows: Vec<PlannedFlow>,
    /// What moves the data.
    pub runner: Runner,
    /// Why this runner.
    pub runner_why: Why,
    /// What becomes of records that cannot be applied; none: the view stops.
    pub dead_letters: Option<TopicId>,
    /// How long a late delivery can come after the newest one, in ms: versions of deleted rows are kept that long.
    pub late: Decided<u64>,
    /// Freshness the view states, in ms.
    pub fresh: Option<u64>,
}

/// How a store is reached.
#[derive(Clone, Debug)]
pub enum Address {
    /// PostgreSQL.
    Postgres {
        /// Server.
        host: Template,
        /// Port.
        port: Template,
        /// Database.
        database: Template,
        /// The role the sink logs in as; created by generated SQL.
        role: String,
        /// Its password.
        password: Template,
        /// `sslmode` as stated.
        sslmode: Option<String>,
    },
    /// Elasticsearch or OpenSearch.
    Search {
        /// Base addresses, the first is used by scripts.
        urls: Vec<Template>,
        /// Basic authentication.
        user: Option<Template>,
        /// Its password.
        password: Option<Template>,
    },
    /// Redis.
    Redis {
        /// `redis://host:port/db`.
        url: Template,
    },
    /// Snowflake.
    Snowflake {
        /// `<account>.snowflakecomputing.com:443`.
        url: Template,
        /// User.
        user: Template,
        /// Private key.
        private_key: Template,
        /// Role. A literal: it stands in generated SQL.
        role: String,
        /// Database. A literal, upper case.
        database: String,
        /// Virtual warehouse. A literal.
        warehouse: String,
    },
}

/// What moves a view's data.
#[derive(Clone, Debug)]
pub enum Runner {
    /// Sink connectors in Kafka Connect: one, or one for each schema of the target where topics cannot say it.
    Connect(Vec<Connector>),
    /// Streams of one Bento process; the file's stem is the stream's id. In the order of [`Sink::flows`].
    Bento(Vec<Stream>),
}

/// A Bento stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Stream id, file stem and metric label.
    pub id: String,
    /// Consumer group.
    pub group: String,
    /// Threads of the pipeline.
    pub threads: u32,
    /// Raw settings, by path.
    pub raw: BTreeMap<String, String>,
}

/// One table's way through a view.
#[derive(Clone, Debug)]
pub struct PlannedFlow {
    /// What it reads.
    pub feed: Feed,
    /// The topic it reads.
    pub topic: TopicId,
    /// The topic's name.
    pub topic_name: String,
    /// The key's columns in order; empty where the key is not known (then the message key's text is the identity).
    pub key: Vec<KeyColumn>,
    /// What is kept of a row; empty where the columns are not known (then all passes).
    pub columns: Vec<Carried>,
    /// Every one holds, or the row is not in the view.
    pub filters: Vec<crate::model::expr::Expr>,
    /// How each column the filters read arrives, by its name.
    pub filter_arrivals: BTreeMap<String, Arrival>,
    /// What it becomes in the store.
    pub target: Target,
}

/// A key column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyColumn {
    /// Name in the record.
    pub source: String,
    /// Name in the view: as selected, else the same as in the record.
    pub name: String,
    /// The portable type.
    pub ty: Type,
    /// How it arrives.
    pub arrival: Arrival,
}

/// A column on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// Name in the view.
    pub name: String,
    /// Name in the record.
    pub source: String,
    /// The portable type.
    pub ty: Type,
    /// The record database's own name of the type, where known.
    pub native: Option<String>,
    /// May be null.
    pub nullable: bool,
    /// How its value is hidden.
    pub mask: Option<Mask>,
    /// How the value arrives in the log.
    pub arrival: Arrival,
    /// An update may arrive without its value, whatever the replica identity is (it is then the placeholder).
    pub toastable: bool,
    /// Documentation.
    pub docs: Vec<String>,
}

/// How a value stands in the envelope, with the handling modes every source is given: `decimal.handling.mode=string`,
/// `time.precision.mode=microseconds`, `binary.handling.mode=base64`, `interval.handling.mode=string`. Tried for PostgreSQL (facts/slice 3, item 11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// JSON true or false.
    Bool,
    /// A whole number.
    Integer,
    /// A decimal as text, exact; `NaN` and infinities as words.
    DecimalText,
    /// A binary floating number.
    Float,
    /// Text as it is.
    Text,
    /// Base64 text.
    Base64,
    /// Days since 1970-01-01.
    EpochDays,
    /// ISO text with `Z` and up to six digits: an instant.
    InstantText,
    /// Microseconds since 1970-01-01 as if it were UTC: a wall clock reading.
    DatetimeMicros,
    /// Microseconds since midnight.
    TimeMicros,
    /// ISO time text with an offset.
    TimeTzText,
    /// A date as ISO text: in events.
    DateText,
    /// A wall clock reading as ISO text without a zone: in events.
    DatetimeText,
    /// A time of day as ISO text: in events.
    TimeText,
    /// JSON as text.
    JsonText,
    /// An array of such values.
    Array(Box<Arrival>),
    /// diac does not know.
    Unknown,
}

impl Sink {
    /// Its connectors; none where another program runs it.
    #[must_use]
    pub fn connectors(&self) -> &[Connector] {
        match &self.runner {
            Runner::Connect(connectors) => connectors,
            Runner::Bento(_) => &[],
        }
    }

    /// Its Bento streams; none where Connect runs it.
    #[must_use]
    pub fn streams(&self) -> &[Stream] {
        match &self.runner {
            Runner::Bento(streams) => streams,
            Runner::Connect(_) => &[],
        }
    }
}

impl Carried {
    /// Whether the value is a decimal number.
    #[must_use]
    pub fn is_decimal(&self) -> bool {
        self.arrival == Arrival::DecimalText
    }

    /// Whether a JSON number carries every value of the type through every reader unharmed.
    #[must_use]
    pub fn is_exact_number(&self) -> bool {
        values::document_form(&self.ty) == JsonForm::Number
    }
}

impl Deployment {
    /// The topic of that id.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids are made by this deployment's planner")]
    pub fn topic(&self, id: TopicId) -> &Topic {
        &self.topics[id.0]
    }

    /// All connectors: sources first, then sinks.
    pub fn connectors(&self) -> impl Iterator<Item = &Connector> {
        self.sources.iter().map(|source| &source.connector).chain(self.sinks.iter().flat_map(Sink::connectors))
    }

    /// The ids of all Bento streams: of views, then of processes.
    pub fn stream_ids(&self) -> impl Iterator<Item = &str> {
        let views = self.streams().map(|(_, _, stream)| stream.id.as_str());
        views.chain(self.processes.iter().filter_map(|process| process.stream()).map(|stream| stream.id.as_str()))
    }

    /// All Bento streams of views with their sink and flow.
    pub fn streams(&self) -> impl Iterator<Item = (&Sink, &PlannedFlow, &Stream)> {
        self.sinks
            .iter()
            .flat_map(|sink| sink.flows.iter().zip(sink.streams()).map(move |(flow, stream)| (sink, flow, stream)))
    }
}

impl<T> Decided<T> {
    /// A default.
    pub fn default(value: T, note: impl Into<String>) -> Self {
        Self { value, why: Why { origin: Origin::Default, note: note.into() } }
    }
    /// Stated by the user.
    pub fn stated(value: T, span: Span, note: impl Into<String>) -> Self {
        Self { value, why: Why { origin: Origin::Stated(span), note: note.into() } }
    }
    /// Follows from other decisions.
    pub fn derived(value: T, note: impl Into<String>) -> Self {
        Self { value, why: Why { origin: Origin::Derived, note: note.into() } }
    }
    /// Needed for safety.
    pub fn safety(value: T, note: impl Into<String>) -> Self {
        Self { value, why: Why { origin: Origin::Safety, note: note.into() } }
    }
}
