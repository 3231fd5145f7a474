//! What is meant: names resolved to ids, kinds to facts, schemas read, views reduced to what they do to a row.
//!
//! Nothing here knows of topics, connectors or files; `plan` decides those. A name that could not be resolved is reported once by `resolve`
//! and absent here, so that readers stay silent about it.

pub mod ddl;
mod environment;
pub mod expr;
pub mod identity;
pub mod process;
pub mod query;
mod record;
pub mod relation;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each pass picks the syntax it is about; what is left over is another pass's"
)]
pub mod resolve;
pub mod schema;
mod system;
pub mod types;
pub mod walk;

use std::collections::BTreeSet;

use crate::source::{FileId, Span};
use crate::syntax::ast::{Deletes, Docs, Duration, RebuildFrom, Spanned};
use expr::Expr;
use relation::{Input, RecordId, Relation, Term};
use schema::Table;
use types::Type;

/// What a guarantee says, as written.
pub use crate::syntax::ast::Claim;
pub use environment::{Binding, Deploy, Environment, Flavour, Provider, Runner, Setting, Value};
pub use process::{Assume, Constraint, ConstraintRule, Emit, Event, Made, Outbox, Process, Retain};
pub use record::{Column, Entity, Home, Operation, Sees, Sequence, Volume};
pub use system::{Encoding, Leadership, Shards, System};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub usize);
    };
}
id!(/// A system.
    SystemId);
id!(/// An entity, declared or found in a schema.
    EntityId);
id!(/// An event.
    EventId);
id!(/// A view, named or not.
    ViewId);
id!(/// A service.
    ServiceId);
id!(/// An environment.
    EnvId);
id!(/// A secret.
    SecretId);
id!(/// A process.
    ProcessId);
id!(/// A constraint.
    ConstraintId);

/// The whole program.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The edition the root file is written for.
    pub edition: u64,
    /// The prefix of every generated name.
    pub pipeline: String,
    /// Where `pipeline` is stated.
    pub pipeline_span: Option<Span>,
    /// Systems, declared or used by their kind's name.
    pub systems: Vec<System>,
    /// Entities.
    pub entities: Vec<Entity>,
    /// Events.
    pub events: Vec<Event>,
    /// Views.
    pub views: Vec<View>,
    /// Processes.
    pub processes: Vec<Process>,
    /// Constraints.
    pub constraints: Vec<Constraint>,
    /// Services.
    pub services: Vec<Service>,
    /// Environments, with what they extend worked in.
    pub environments: Vec<Environment>,
    /// Secrets.
    pub secrets: Vec<Secret>,
    /// Waivers of every declaration, with the declaration they stand in.
    pub allows: Vec<Allow>,
    /// Names in lines that could not be read, and what misspelt names are taken to mean. Both are reported; that nobody uses what they stand for is not said as
    /// well.
    pub meant: BTreeSet<String>,
}

impl Model {
    /// The system of that id.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids are made by this model's resolver")]
    pub fn system(&self, id: SystemId) -> &System {
        &self.systems[id.0]
    }
    /// The entity of that id.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids are made by this model's resolver")]
    pub fn entity(&self, id: EntityId) -> &Entity {
        &self.entities[id.0]
    }
    /// The event of that id.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids are made by this model's resolver")]
    pub fn event(&self, id: EventId) -> &Event {
        &self.events[id.0]
    }
    /// The view of that id.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids are made by this model's resolver")]
    pub fn view(&self, id: ViewId) -> &View {
        &self.views[id.0]
    }
    /// The secret of that id.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids are made by this model's resolver")]
    pub fn secret(&self, id: SecretId) -> &Secret {
        &self.secrets[id.0]
    }
    /// The table behind an entity, where its system has a schema that knows it.
    #[must_use]
    pub fn table(&self, entity: &Entity) -> Option<&Table> {
        self.system(entity.home.system).schema.as_ref()?.table(&entity.home.namespace, &entity.home.table)
    }
}

/// What follows from entities.
#[derive(Clone, Debug)]
pub struct View {
    /// The name; unnamed ones are called `<target system>_<table>`.
    pub name: String,
    /// The name, else the whole pipeline.
    pub span: Span,
    /// Whether it has a name of its own.
    pub named: bool,
    /// Version, 1 unless stated.
    pub version: u64,
    /// The version it replaces.
    pub replaces: Option<u64>,
    /// Documentation.
    pub docs: Docs,
    /// What it keeps of which entity where, one for each table; known also where a stage is not compiled.
    pub copies: Vec<Copy>,
    /// One for each table it carries: one for a view of an entity, many for a whole system. None where it is not compiled.
    pub flows: Vec<Flow>,
    /// The path behind `|` at the start, as written.
    pub source_span: Span,
    /// Views it is written on top of, at the start or by a join, nest or union.
    pub upstream: Vec<ViewId>,
    /// What it takes rows from, in order; the start first. Empty for a whole system.
    pub inputs: Vec<Input>,
    /// What its rows are; none for a whole system, and where the start is not known (reported).
    pub relation: Option<Relation>,
    /// How they are made; none where that is not known wholly, and for a whole system.
    pub query: Option<query::Query>,
    /// An engine keeps its rows in a topic of their own, from which its store is filled.
    pub engine: bool,
    /// SQL inside its store makes its rows; its flow, where it has one, lands what it starts with there.
    pub inside: bool,
    /// `partitioned by …` of its topic.
    pub partitioned: Option<Spanned<Vec<Term>>>,
    /// `retain …` of its topic.
    pub retain: Option<Spanned<Retain>>,
    /// `team "…"`.
    pub team: Option<String>,
    /// What is taken for true without proof.
    pub assumes: Vec<Assume>,
    /// The whole declaration.
    pub scope: Span,
    /// A pipeline from a bare system.
    pub whole_system: Option<WholeSystem>,
    /// Where it is stored; none for a view other views read.
    pub store: Option<Store>,
    /// Its place below the store; none without one, and for a whole system.
    pub target: Option<TargetName>,
    /// How it is kept.
    pub via: Via,
    /// The `via` statement.
    pub via_span: Option<Span>,
    /// What readers may rely on.
    pub guarantees: Vec<Promise>,
    /// `objective fresh within d`.
    pub fresh: Option<Spanned<Duration>>,
    /// Audits asked for.
    pub audits: Vec<Audit>,
    /// What becomes of records that cannot be applied.
    pub bad_records: BadRecords,
    /// What becomes of deletes; the span is the statement's.
    pub deletes: Option<Spanned<Deletes>>,
    /// `expire after d`.
    pub expire: Option<Spanned<Duration>>,
    /// `rebuild from … within d`.
    pub rebuild: Option<Spanned<(RebuildFrom, Option<Duration>)>>,
    /// `survives outage of d`.
    pub survives: Option<Spanned<Duration>>,
    /// `bootstrap within d`.
    pub bootstrap: Option<Spanned<Duration>>,
    /// `mapping "…"`: an overlay for the search mapping.
    pub mapping: Option<Mapping>,
    /// It has stages or statements this version does not compile (reported); `plan` leaves it out.
    pub incomplete: bool,
    /// Something it names is not known, and reported: its rows or its place are not wholly known.
    pub unresolved: bool,
}

impl View {
    /// A view of which nothing is known but where it stands: the first version, kept by diac.
    #[must_use]
    pub fn new(name: &str, span: Span, named: bool, source_span: Span) -> Self {
        Self {
            name: name.to_owned(),
            span,
            named,
            version: 1,
            replaces: None,
            docs: Vec::new(),
            copies: Vec::new(),
            flows: Vec::new(),
            source_span,
            upstream: Vec::new(),
            inputs: Vec::new(),
            relation: None,
            query: None,
            engine: false,
            inside: false,
            partitioned: None,
            retain: None,
            team: None,
            assumes: Vec::new(),
            scope: span,
            whole_system: None,
            store: None,
            target: None,
            via: Via::Cdc,
            via_span: None,
            guarantees: Vec::new(),
            fresh: None,
            audits: Vec::new(),
            bad_records: BadRecords::Stop,
            deletes: None,
            expire: None,
            rebuild: None,
            survives: None,
            bootstrap: None,
            mapping: None,
            incomplete: false,
            unresolved: false,
        }
    }
}

/// `guarantee …`, with what its names stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    /// What is promised, as written.
    pub claim: Claim,
    /// The statement.
    pub span: Span,
    /// What its columns and expressions are, in order (`ordered per …`, `exactly once by …`); shorter than written where a name is not known (reported).
    pub terms: Vec<Spanned<Term>>,
    /// What its names stand for, in order (`agrees with v`; `effect after cause`); shorter where one is not known (reported).
    pub about: Vec<Spanned<relation::InputId>>,
}

/// `shop except shop.public.audit_log`.
#[derive(Clone, Debug)]
pub struct WholeSystem {
    /// The system.
    pub system: SystemId,
    /// Tables left out, with the path that says so.
    pub except: Vec<(String, String, Span)>,
}

/// A view's copy of one entity: what it follows from, at any distance, and its place below the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The entity.
    pub entity: EntityId,
    /// The place; of a view without a store an empty name.
    pub target: TargetName,
}

/// What a view does to one record's rows.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The entity or event.
    pub record: RecordId,
    /// What is kept of a row, in order; empty where the record is `open` (then everything passes).
    pub columns: Vec<ViewColumn>,
    /// All hold, or the row is not in the view; over the record's columns.
    pub filters: Vec<Filter>,
    /// The target's name below the store: index, key prefix or table.
    pub target: TargetName,
}

impl Flow {
    /// The entity, where the rows are one's.
    #[must_use]
    pub fn entity(&self) -> Option<EntityId> {
        if let RecordId::Entity(id) = self.record { Some(id) } else { None }
    }
}

/// A `where`.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Over columns of the record.
    pub expr: Expr,
    /// The stage.
    pub span: Span,
}

/// The target's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetName {
    /// Schema or database, where the kind has such.
    pub namespace: Option<String>,
    /// Index, key prefix or table.
    pub name: String,
}

/// A column of a view.
#[derive(Clone, Debug)]
pub struct ViewColumn {
    /// Its name in the view.
    pub name: String,
    /// The record's column.
    pub source: String,
    /// Where it is selected, else the record's column.
    pub span: Span,
    /// The portable type.
    pub ty: Type,
    /// May be null.
    pub nullable: bool,
    /// How its value is hidden.
    pub mask: Option<Spanned<Mask>>,
    /// It shows personal data: the source is `pii` and no mask hides it.
    pub pii: bool,
}

/// How a value is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// A keyed hash.
    Hash,
    /// A fixed text.
    Redact,
    /// The first n characters.
    Truncate(u64),
    /// Null.
    Null,
}

/// Where a view is stored.
#[derive(Clone, Debug)]
pub struct Store {
    /// The system.
    pub system: SystemId,
    /// The path as written.
    pub span: Span,
}

/// How a view is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// From the record's change log: by diac's own wiring.
    Cdc,
    /// By these services: no wiring is made.
    Application(Vec<(ServiceId, Span)>),
    /// In one distributed transaction with the record, by these services: no wiring is made.
    TwoPhaseCommit(Vec<(ServiceId, Span)>),
    /// Nobody knows: no wiring is made.
    Unknown,
    /// From an event's log.
    Events,
    /// By copies of the whole table.
    BatchFull {
        /// From the start of one to the start of the next.
        every: Duration,
    },
    /// By copies of the rows whose column has grown.
    BatchIncremental {
        /// The column.
        on: Spanned<String>,
        /// From the start of one to the start of the next.
        every: Duration,
    },
    /// By two code paths: a batch job and a stream.
    BatchAndStream {
        /// From the start of one batch to the start of the next.
        every: Duration,
    },
}

/// What becomes of records that cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadRecords {
    /// The view stops.
    Stop,
    /// They go to this topic of the log and the view goes on.
    Topic {
        /// The log.
        log: SystemId,
        /// The topic.
        topic: String,
        /// How long it keeps them.
        keep: Option<Duration>,
        /// The statement.
        span: Span,
    },
}

/// `audit …`.
#[derive(Clone, Debug)]
pub struct Audit {
    /// As written.
    pub what: crate::syntax::ast::AuditKind,
    /// How often.
    pub every: Duration,
    /// Tolerated share in percent, as written.
    pub within: Option<String>,
    /// The statement.
    pub span: Span,
}

/// A mapping overlay.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The text as written.
    pub span: Span,
    /// The file, where it could be read as JSON.
    pub file: Option<FileId>,
    /// Its JSON.
    pub json: Option<serde_json::Value>,
}

/// Who touches what.
#[derive(Clone, Debug)]
pub struct Service {
    /// The name.
    pub name: String,
    /// The name in the declaration.
    pub span: Span,
    /// Documentation.
    pub docs: Docs,
    /// `team "…"`.
    pub team: Option<String>,
    /// `writes …`.
    pub writes: Vec<Touch>,
    /// `emits …`.
    pub emits: Vec<Touch>,
    /// `reads … for …`.
    pub reads: Vec<(Touch, Option<String>)>,
}

/// A place a service touches.
#[derive(Clone, Debug)]
pub struct Touch {
    /// What it is.
    pub what: Touched,
    /// The path as written.
    pub span: Span,
    /// The path's text.
    pub text: String,
    /// For a path into a view of a whole system: the entity whose copy stands there.
    pub of: Option<EntityId>,
}

/// What a path of a service stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touched {
    /// An entity, by name or by its home.
    Entity(EntityId),
    /// A view, by name or by its store's path.
    View(ViewId),
    /// An event.
    Event(EventId),
    /// A path below a system that nothing declares.
    Undeclared(SystemId),
}

/// A secret's name.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
}

/// A waiver and the declaration it stands in.
#[derive(Clone, Debug)]
pub struct Allow {
    /// The rule's name.
    pub rule: String,
    /// The rule's span.
    pub rule_span: Span,
    /// The reason.
    pub because: String,
    /// The last day, `YYYY-MM-DD`.
    pub until: Option<Spanned<String>>,
    /// The statement.
    pub span: Span,
    /// The whole declaration it stands in, and for one in `defaults` every view too: it covers findings that label something inside.
    pub scopes: Vec<Span>,
    /// Whether it could not be read wholly, which is said already: it covers, and nothing more is said of it.
    pub unread: bool,
}

impl Allow {
    /// Whether it stands for a place: that lies in a declaration it covers.
    #[must_use]
    pub fn reaches(&self, place: Span) -> bool {
        self.scopes.iter().any(|scope| place.file == scope.file && scope.start <= place.start && place.end <= scope.end)
    }
}
