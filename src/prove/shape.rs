//! The shape of a pipeline's part, from the plan: the only place where one becomes the other.

use crate::explore::topology::{
    Capture, CaptureMode, Content, Job, Keeps, Kind, Mode, Op, Place, Promise, Route, Sink as ShapeSink, Store, Table,
    Topic as ShapeTopic, Topology, Work, Writer,
};
use crate::explore::trace::Part;
use crate::model::{EntityId, Model, ServiceId, View, ViewId};
use crate::plan::{Deployment, Plan, PlannedFlow, Runner, Sink, Source, Target, Topic};
use crate::source::Span;
use crate::units::duration;

/// The name of a part, and where it is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// In the user's words.
    pub text: String,
    /// The statement, where there is one.
    pub span: Option<Span>,
}

/// Names of a shape's parts, each list in the shape's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Applications.
    pub writers: Vec<Name>,
    /// Tables of record.
    pub tables: Vec<Name>,
    /// Captures.
    pub captures: Vec<Name>,
    /// Topics.
    pub topics: Vec<Name>,
    /// Jobs.
    pub jobs: Vec<Name>,
    /// Sinks.
    pub sinks: Vec<Name>,
    /// Stores.
    pub stores: Vec<Name>,
}

impl Names {
    /// The name of a part.
    #[must_use]
    pub fn of(&self, part: Part) -> Name {
        let (list, id) = match part {
            Part::Writer(id) => (&self.writers, id),
            Part::Table(id) => (&self.tables, id),
            Part::Capture(id) => (&self.captures, id),
            Part::Topic(id) => (&self.topics, id),
            Part::Job(id) => (&self.jobs, id),
            Part::Sink(id) => (&self.sinks, id),
            Part::Store(id) => (&self.stores, id),
        };
        list.get(usize::from(id)).cloned().unwrap_or_default()
    }
}

/// A shape with its names and what it takes for granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Study {
    /// The shape.
    pub shape: Topology,
    /// Its names.
    pub names: Names,
    /// What is taken for granted, a sentence each without a full stop.
    pub assumptions: Vec<String>,
}

fn name(text: impl Into<String>, span: Span) -> Name {
    Name { text: text.into(), span: Some(span) }
}

fn put(to: Place, value: u8, id: u8) -> Op {
    Op { to, kind: Kind::Put, key: 0, value, id, part: 0, after: None }
}

/// Writes of one row: two values and, where rows go, a delete. Every order of them is tried, and every beginning.
fn script(rows_change: bool, rows_go: bool) -> Writer {
    let mut ops = vec![put(Place::Table(0), 1, 1)];
    if rows_change {
        ops.push(put(Place::Table(0), 2, 2));
    }
    if rows_go {
        let id = if rows_change { 3 } else { 2 };
        ops.push(Op { kind: Kind::Delete, value: 0, ..put(Place::Table(0), 0, id) });
    }
    Writer { steps: ops.into_iter().map(|op| vec![op]).collect(), ..Writer::default() }
}

/// One table's way into one store; none where it reads no change log: what becomes of facts and of other views' rows is not analysed yet.
pub(super) fn of_flow(model: &Model, deployment: &Deployment, sink: &Sink, flow: &PlannedFlow) -> Option<Study> {
    let changes = flow.changes()?;
    let entity = model.entity(changes.entity);
    let view = model.view(sink.view);
    let rows_go = entity.append_only.is_none() && !view.keeps_deleted();
    let topic = deployment.topic(flow.topic);
    let mut study = Study::default();
    let writers = writers(model, changes.entity);
    study.shape.keys = 1;
    study.shape.writers = vec![script(entity.append_only.is_none(), rows_go)];
    study.shape.tables = vec![Table];
    study.shape.captures = vec![captured()];
    study.shape.topics = vec![partitioned(topic, !flow.key.is_empty())];
    study.shape.stores = vec![Store::default()];
    let who = if writers.is_empty() { "an application".to_owned() } else { writers.join(" or ") };
    study.names.writers = vec![name(who, entity.span)];
    study.names.tables = vec![name(model.home_path(changes.entity), entity.span)];
    let source = deployment.sources.iter().find(|source| source.system == changes.system);
    study.names.captures = vec![name(source.map_or_else(|| "another capture".to_owned(), connector), entity.span)];
    study.names.topics = vec![name(flow.topic_name.clone(), entity.span)];
    let mut last = 0;
    let mut content = Content::Row(0);
    if !flow.filters.is_empty() && !view.keeps_deleted() {
        // The filter is a stage of the sink's own program: nothing is stored between, and it does not die by itself.
        study.shape.topics.push(partitioned(topic, true));
        let work = Work::Filter { deletes: true };
        study.shape.jobs.push(Job { inputs: vec![0], outputs: vec![1], work, atomic: true, crashes: false });
        study.names.topics.push(Name { text: format!("{}, filtered", flow.topic_name), span: None });
        study.names.jobs.push(name(format!("the filter of {}", sink.name), view.span));
        last = 1;
        content = Content::OddRow(0);
    }
    study.shape.sinks = vec![ShapeSink {
        inputs: vec![last],
        store: 0,
        mode: mode(flow),
        deletes: true,
        // More can be under way at a time; what a pair can do, more can do.
        in_flight: 2,
        crashes: true,
        zombies: true,
        waits: false,
    }];
    study.names.sinks = vec![name(program(sink, flow), view.span)];
    study.names.stores = vec![name(copy_path(model, view, changes.entity), view.span)];
    study.shape.promises = vec![Promise::Converges { store: 0, of: content }];
    study.assumptions = assumptions(deployment, source, sink, flow, rows_go);
    Some(study)
}

/// A capture as Connect runs it: one append at a time (facts/sources CON-02), again from the last committed position after it died. The first copy has its
/// own assumption.
fn captured() -> Capture {
    Capture { table: 0, topic: 0, mode: CaptureMode::Log, in_flight: 1, crashes: true }
}

fn partitioned(topic: &Topic, keyed: bool) -> ShapeTopic {
    let compacted = topic.config.get("cleanup.policy").is_some_and(|policy| policy.value.contains("compact"));
    ShapeTopic {
        // Two are enough to scatter over.
        partitions: u8::try_from(topic.partitions.value.min(2)).unwrap_or(2),
        route: if keyed { Route::Key } else { Route::Any },
        grows: false,
        keeps: if compacted { Keeps::Compacted } else { Keeps::Enough },
    }
}

/// How the store is written: every target compares the position in the record's log.
fn mode(flow: &PlannedFlow) -> Mode {
    match flow.target {
        Target::Index(_) | Target::Keyspace(_) | Target::Table(_) | Target::Snowflake(_) => Mode::Commit,
    }
}

fn connector(source: &Source) -> String {
    format!("connector {}", source.connector.name)
}

fn program(sink: &Sink, flow: &PlannedFlow) -> String {
    match &sink.runner {
        Runner::Connect(connectors) => {
            let names: Vec<&str> = connectors.iter().map(|connector| connector.name.as_str()).collect();
            format!("connector {}", names.join(", "))
        }
        Runner::Bento(streams) => {
            // Streams stand in the order of the flows.
            let own = sink.flows.iter().zip(streams).find(|(other, _)| other.topic == flow.topic);
            format!("stream {}", own.map_or("", |(_, stream)| stream.id.as_str()))
        }
    }
}

/// Services that write an entity.
fn writers(model: &Model, entity: EntityId) -> Vec<&str> {
    let all = model.all_services();
    let own = all.filter(|(_, service)| model.writes_entity(service, entity).is_some());
    own.map(|(_, service)| service.name.as_str()).collect()
}

fn assumptions(
    deployment: &Deployment,
    source: Option<&Source>,
    sink: &Sink,
    flow: &PlannedFlow,
    rows_go: bool,
) -> Vec<String> {
    let topic = deployment.topic(flow.topic);
    let mut all = vec![format!(
        "a partition keeps what it has acknowledged, in order (acks=all, min.insync.replicas={} of {}, no unclean election)",
        deployment.log.min_insync.value, deployment.log.replication.value
    )];
    all.push(format!("`{}` keeps its {} partitions", topic.name, topic.partitions.value));
    match source {
        Some(source) => {
            let plugin = source.connector.plugin;
            let tested =
                if plugin.verified { "run by this repository's lab" } else { "not run by this repository's lab" };
            all.push(format!(
                "{} {} appends one change at a time and goes on from its last committed position ({tested})",
                plugin.name, plugin.version
            ));
            all.push(format!(
                "positions in the log of `{}` only rise: a restore or a failover raises the epoch",
                source.name
            ));
            if rows_go {
                all.push(
                    "the first copy of the rows runs to its end: one that is interrupted starts again, and a row that goes in between stays in \
                     the view (seen in this repository's lab)"
                        .to_owned(),
                );
            }
        }
        None => all.push(format!(
            "whoever captures into `{}` keeps the order of the record's log and its positions",
            topic.name
        )),
    }
    if rows_go {
        all.push(format!(
            "no write arrives later than {} after a newer one: so long versions of deleted rows are kept",
            duration(sink.late.value)
        ));
    }
    if let Some(dead) = sink.dead_letters {
        all.push(format!(
            "no record ends in `{}`: a change that is skipped is missing until its row changes again",
            deployment.topic(dead).name
        ));
    }
    all
}

/// A service that writes a record and a copy of it; `rival` writes the same at the same time. Where diac's own wiring keeps the copy as well, that is in it.
#[must_use]
pub fn dual_write(
    model: &Model,
    plan: &Plan,
    service: ServiceId,
    rival: Option<ServiceId>,
    view: ViewId,
    entity: EntityId,
) -> Study {
    let mut study = beside(model, plan, view, entity);
    let both = |id: u8| Writer {
        steps: vec![vec![put(Place::Table(0), id, id)], vec![put(Place::Store(0), id, id)]],
        crashes: true,
        ..Writer::default()
    };
    study.shape.writers = vec![both(1), both(2)];
    study.names.writers = callers(model, service, rival);
    study
}

/// A service that writes a copy only, beside who writes the record.
#[must_use]
pub fn view_written(model: &Model, plan: &Plan, service: ServiceId, view: ViewId, entity: EntityId) -> Study {
    let mut study = beside(model, plan, view, entity);
    let one = |op: Op| Writer { steps: vec![vec![op]], ..Writer::default() };
    study.shape.writers = vec![one(put(Place::Table(0), 1, 1)), one(put(Place::Store(0), 2, 2))];
    let own = writers(model, entity);
    let who = if own.is_empty() { "an application".to_owned() } else { own.join(" or ") };
    study.names.writers = vec![name(who, model.entity(entity).span)];
    study.names.writers.extend(model.services.get(service.0).map(|service| name(service.name.clone(), service.span)));
    study
}

/// Two callers of one service, or two services.
fn callers(model: &Model, service: ServiceId, rival: Option<ServiceId>) -> Vec<Name> {
    let of = |id: ServiceId| {
        model.services.get(id.0).map(|service| name(service.name.clone(), service.span)).unwrap_or_default()
    };
    match rival {
        Some(rival) => vec![of(service), of(rival)],
        None => {
            let one = of(service);
            let call = |number: &str| Name { text: format!("{}, {number} call", one.text), ..one.clone() };
            vec![call("first"), call("second")]
        }
    }
}

/// A record and its copy, with diac's own wiring between them where there is some.
fn beside(model: &Model, plan: &Plan, id: ViewId, entity: EntityId) -> Study {
    let view = model.view(id);
    for deployment in &plan.deployments {
        for sink in deployment.sinks.iter().filter(|sink| sink.view == id) {
            let own = sink.flows.iter().find(|flow| flow.entity() == Some(entity));
            // What an application writes is of a row that the view keeps.
            let whole = own.map(|flow| PlannedFlow { filters: Vec::new(), ..flow.clone() });
            if let Some(study) = whole.and_then(|flow| of_flow(model, deployment, sink, &flow)) {
                return study;
            }
        }
    }
    let mut study = Study::default();
    study.shape.keys = 1;
    study.shape.tables = vec![Table];
    study.shape.stores = vec![Store::default()];
    study.shape.promises = vec![Promise::Converges { store: 0, of: Content::Row(0) }];
    study.names.tables = vec![name(model.home_path(entity), model.entity(entity).span)];
    study.names.stores = vec![name(copy_path(model, view, entity), view.span)];
    study
}

fn copy_path(model: &Model, view: &View, entity: EntityId) -> String {
    let copy = view.copies.iter().find(|copy| copy.entity == entity);
    copy.map_or_else(|| model.store_path(view), |copy| model.copy_path(view, &copy.target))
}
