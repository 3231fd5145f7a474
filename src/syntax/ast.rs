//! The syntax tree: what a `.dia` file says, construct by construct, with the span of every node.
//!
//! The tree is immutable and knows nothing of meaning. It covers all of edition 2026, also what this version does not compile.

mod environment;
mod expr;
mod service;

use crate::source::Span;
pub use environment::{EnvStatement, Environment, Setting, TuneKind, Value, ValueKind};
pub use expr::{ArithOp, CompareOp, Expr, ExprKind};
pub use service::{
    Constraint, ConstraintRule, ConstraintStatement, Process, ProcessStatement, Service, ServiceStatement,
};

/// A name as written; backticks are taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name without backticks.
    pub text: String,
    /// The name with its backticks.
    pub span: Span,
}

/// Names joined by dots; a part may be `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// At least one part; a glob is a part whose text is `*`.
    pub parts: Vec<Name>,
    /// From the first part to the last.
    pub span: Span,
}

impl Path {
    /// The path as written, without backticks.
    #[must_use]
    pub fn text(&self) -> String {
        let parts: Vec<&str> = self.parts.iter().map(|part| part.text.as_str()).collect();
        parts.join(".")
    }
}

/// A value with the span it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// Documentation: the lines behind `##`, without the hashes and one blank.
pub type Docs = Vec<String>;

/// One file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The declarations in order; what could not be read is not among them.
    pub items: Vec<Item>,
}

/// A declaration.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Item {
    Edition(Spanned<u64>),
    Pipeline(Name),
    Import(Spanned<String>),
    Secret(Name),
    System(System),
    Entity(Entity),
    Event(Event),
    View(View),
    Process(Process),
    Service(Service),
    Constraint(Constraint),
    Environment(Environment),
    Defaults(Defaults),
    Bare(BarePipeline),
}

/// `a | b`, without a name of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct BarePipeline {
    /// Where the data comes from.
    pub source: Path,
    /// Tables left out of a whole system.
    pub except: Vec<Path>,
    /// What follows, in order.
    pub stages: Vec<Stage>,
    /// The whole pipeline.
    pub span: Span,
}

/// `system shop: postgres { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    /// Documentation.
    pub docs: Docs,
    /// The name, which is the kind where no kind is given.
    pub name: Name,
    /// The kind.
    pub kind: Option<Name>,
    /// `per column in a, b`.
    pub shards: Option<(Name, Vec<Name>)>,
    /// The body.
    pub statements: Vec<SystemStatement>,
    /// From the keyword to the end.
    pub span: Span,
}

/// A statement of a system.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum SystemStatement {
    Schema(Spanned<String>),
    Encoding {
        format: Name,
        evolves: Option<Name>,
    },
    LeaderIn(Name),
    LeaderPerRow {
        by: Name,
    },
    LeadersIn(Vec<Name>),
    ReplicasIn(Vec<Name>),
    MayHold(Name),
    MayNotHold(Name),
    Log(Name),
    /// Bytes per second, of the whole server.
    LogRate(Spanned<f64>),
    Version(Spanned<String>),
    Epoch(Spanned<u64>),
    Managed(Name),
    Standby(Span),
    Allow(Allow),
    Assume(Assume),
}

/// `allow rule because "…" until 2026-12-31`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The rule.
    pub rule: Name,
    /// The reason.
    pub because: Spanned<String>,
    /// The last day, `YYYY-MM-DD`.
    pub until: Option<Spanned<String>>,
    /// Whether something in it could not be read, which is said already.
    pub unread: bool,
    /// The whole statement.
    pub span: Span,
}

/// `assume deterministic because "…"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assume {
    /// What is assumed.
    pub what: Name,
    /// The reason.
    pub because: Spanned<String>,
    /// The whole statement.
    pub span: Span,
}

/// `entity product in shop.public.products { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// Documentation.
    pub docs: Docs,
    /// The name.
    pub name: Name,
    /// The record's place.
    pub home: Path,
    /// `from topic "…"`: captured by somebody else.
    pub from_topic: Option<Spanned<String>>,
    /// `log version 2 replaces 1`.
    pub log_version: Option<(Spanned<u64>, Option<Spanned<u64>>)>,
    /// The body, in order.
    pub members: Vec<Member>,
    /// From the keyword to the end.
    pub span: Span,
}

/// `event paid in log.payments partitioned by k { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Documentation.
    pub docs: Docs,
    /// The name.
    pub name: Name,
    /// The topic.
    pub home: Path,
    /// `via outbox path`.
    pub outbox: Option<Path>,
    /// `partitioned by …`.
    pub partitioned: Vec<Expr>,
    /// The body, in order.
    pub members: Vec<Member>,
    /// From the keyword to the end.
    pub span: Span,
}

/// A line of an entity or event.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Member {
    Column(Column),
    Key(Spanned<Vec<Name>>),
    Unique(Spanned<Vec<Name>>),
    /// Rows, then writes per second (a rate per m, h or d is divided) and the bytes of the largest row, where given.
    Volume {
        rows: Spanned<u64>,
        writes_per_second: Option<Spanned<f64>>,
        largest_row: Option<Spanned<u64>>,
    },
    RetainForever(Span),
    Retain(Spanned<Duration>),
    DeletedWhen(Expr),
    AppendOnly(Span),
    MayTruncate(Span),
    Identity(Spanned<Identity>),
    Allow(Allow),
    Assume(Assume),
    /// A column that could not be read, which is said already, and whether it seems to be of the key.
    Unread {
        name: Name,
        key: bool,
    },
}

/// A replica identity as written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Identity {
    Full,
    Default,
    Nothing,
    Index(Name),
}

/// A span of time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    /// Milliseconds; a day has 24 hours, a week 7 days, a year 365 days.
    pub ms: u64,
}

/// A column of an entity or event.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Documentation.
    pub docs: Docs,
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeName,
    /// The words behind it.
    pub modifiers: Vec<Spanned<Modifier>>,
    /// The whole line.
    pub span: Span,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName {
    /// `decimal`, `enum`, …
    pub name: Name,
    /// `(12, 2)`, `("a", "b")`.
    pub args: Vec<Spanned<Literal>>,
    /// `[]`.
    pub array: bool,
    /// `?`.
    pub optional: bool,
    /// From the name to the last sign.
    pub span: Span,
}

/// A word behind a column's type.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Modifier {
    Key,
    Mutable,
    Wide,
    Unique,
    Pii,
    OperationFromClient,
    OperationFromServer,
    OperationFromHash(Vec<Name>),
    EventTime,
    References(Path),
    Sees(Path),
    /// `sequence per key` (`None`) or per a column.
    Sequence(Option<Name>),
    Was(Name),
    Deprecated,
    Default(Literal),
}

/// `view product_search version 2 replaces 1 { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Documentation.
    pub docs: Docs,
    /// The name.
    pub name: Name,
    /// The version.
    pub version: Option<Spanned<u64>>,
    /// The version it replaces.
    pub replaces: Option<Spanned<u64>>,
    /// Where the data comes from.
    pub source: Path,
    /// What follows, in order; the last may be a store.
    pub stages: Vec<Stage>,
    /// The rest of the body.
    pub statements: Vec<ViewStatement>,
    /// From the keyword to the end.
    pub span: Span,
}

/// `defaults { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Defaults {
    /// The statements.
    pub statements: Vec<ViewStatement>,
    /// From the keyword to the end.
    pub span: Span,
}

/// A statement of a view, with the docs above it left out.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewStatement {
    /// What it says.
    pub kind: ViewStatementKind,
    /// The whole statement.
    pub span: Span,
}

/// What a view's statement says.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ViewStatementKind {
    Guarantee(Claim),
    /// `objective fresh within d`.
    Fresh(Duration),
    Partitioned(Vec<Expr>),
    SurvivesOutage(Duration),
    BootstrapWithin(Duration),
    Mapping(Spanned<String>),
    Team(Spanned<String>),
    Via(Via),
    Audit(Audit),
    Rebuild {
        from: RebuildFrom,
        within: Option<Duration>,
    },
    BadRecordsStop,
    BadRecordsTo {
        path: Path,
        keep: Option<Duration>,
    },
    ExpireAfter(Duration),
    Deletes(Deletes),
    RetainForever,
    Retain(Duration),
    Allow(Allow),
    Assume(Assume),
}

/// What is promised.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Claim {
    OrderedTotally,
    OrderedPer(Vec<Expr>),
    EveryChange,
    ExactlyOnce { by: Vec<Name>, horizon: Option<Duration> },
    ReadYourWrites(Duration),
    AgreesWith(Name),
    ReplayableForever,
    ReplayableFor(Duration),
    After { effect: Name, cause: Name },
}

/// By which mechanism.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Via {
    Cdc,
    Events,
    Unknown,
    BatchFull { every: Duration },
    BatchIncremental { on: Name, every: Duration },
    BatchAndStream { every: Duration },
    TwoPhaseCommit(Vec<Name>),
    Application(Vec<Name>),
}

/// `audit … every d within p%`.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// What is compared.
    pub what: AuditKind,
    /// How often.
    pub every: Duration,
    /// The tolerated share in percent, as written.
    pub within: Option<Spanned<String>>,
}

/// What an audit compares.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum AuditKind {
    /// An aggregate on both sides.
    Measure(Expr),
    /// Rows by these columns.
    Rows(Vec<Name>),
    /// A rule on one side.
    Assert { rule: Expr, by: Vec<Name> },
}

/// From what a view is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RebuildFrom {
    Log,
    Snapshot,
}

/// What becomes of deletes.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Deletes {
    Remove,
    Keep,
    Mark(Name),
}

/// A stage behind `|`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What it does.
    pub kind: StageKind,
    /// Without the `|`.
    pub span: Span,
}

/// What a stage does.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum StageKind {
    Where(Expr),
    Select(Vec<SelectItem>),
    Drop(Vec<Path>),
    Mask(Vec<MaskItem>),
    Join {
        left: bool,
        many: bool,
        path: Path,
        alias: Option<Name>,
        on: Expr,
        within: Option<Duration>,
    },
    GroupBy(Vec<Expr>),
    Window {
        kind: WindowKind,
        on: Name,
        late: Option<Duration>,
    },
    Nest {
        path: Path,
        alias: Name,
        columns: Vec<Name>,
        on: Expr,
    },
    Distinct(Vec<Name>),
    Union(Vec<Path>),
    KeyBy(Vec<Expr>),
    /// A path into a system.
    Sink(Path),
}

/// One item of `select`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum SelectItem {
    /// `*` or `alias.*`.
    Star(Spanned<String>),
    Expr {
        expr: Expr,
        alias: Option<Name>,
    },
}

/// `email with hash`, `name with truncate(3)`.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskItem {
    /// The column.
    pub path: Path,
    /// The method.
    pub method: Name,
    /// Its argument.
    pub arg: Option<Spanned<u64>>,
    /// The whole item.
    pub span: Span,
}

/// A window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum WindowKind {
    Tumbling(Duration),
    Hopping { size: Duration, every: Duration },
    Session(Duration),
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Literal {
    Bool(bool),
    Null,
    /// `YYYY-MM-DD`, as written.
    Date(String),
    /// Digits, as written.
    Decimal(String),
    Integer(u64),
    Text(String),
}
