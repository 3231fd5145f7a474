//! The four pictures. Topics that the same views read are one node where there are many, so that a whole database stays a picture.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{Chart, Line, Shape};
use super::words::{foreign_writers, readers, writers};
use super::{Context, runner};
use crate::model::{Entity, EntityId, SystemId, Touched, Via, View, ViewId};
use crate::plan::{PlannedFlow, Runner, Sink, Target};
use crate::targets::spelling::counted;
use crate::units::duration;

/// More tables than this with the same views become one node.
const MANY: usize = 6;

/// All pictures by file stem, in the order the document shows them.
pub fn all(cx: &Context) -> [(&'static str, Chart); 4] {
    [
        ("dataflow", dataflow(cx)),
        ("write-path", write_path(cx)),
        ("read-path", read_path(cx)),
        ("ordering", ordering(cx)),
    ]
}

/// Entities with the same home system and the same views.
struct Group<'a> {
    system: SystemId,
    views: Vec<ViewId>,
    entities: Vec<(EntityId, &'a Entity)>,
}

fn groups<'a>(cx: &Context<'a>) -> Vec<Group<'a>> {
    type Members<'a> = Vec<(EntityId, &'a Entity)>;
    let mut all: BTreeMap<(SystemId, Vec<ViewId>), Members> = BTreeMap::new();
    for (id, entity) in cx.entities() {
        all.entry((entity.home.system, cx.index.followers(id).to_vec())).or_default().push((id, entity));
    }
    let mut groups = Vec::new();
    for ((system, views), entities) in all {
        if entities.len() > MANY {
            groups.push(Group { system, views, entities });
        } else {
            groups.extend(entities.into_iter().map(|entity| Group {
                system,
                views: views.clone(),
                entities: vec![entity],
            }));
        }
    }
    groups
}

fn system_title(cx: &Context, system: SystemId) -> String {
    let system = cx.model.system(system);
    format!("{} · {}", system.name, system.kind.facts().title)
}

fn record(cx: &Context, chart: &mut Chart, system: SystemId) -> usize {
    let names = cx.index.recorded(system);
    let list = if names.len() > MANY { counted(names.len(), "table") } else { names.join(", ") };
    chart.node(format!("record {}", system.0), Shape::Cylinder, vec![system_title(cx, system), list])
}

fn service(chart: &mut Chart, name: &str) -> usize {
    chart.node(format!("service {name}"), Shape::Round, vec![name.into()])
}

/// The node of a group's change log, where something captures it.
fn log(cx: &Context, chart: &mut Chart, group: &Group) -> Option<usize> {
    let (first, _) = group.entities.first()?;
    let name = cx.index.topic(*first)?.name.clone();
    let lines = if group.entities.len() == 1 { vec![name] } else { vec![counted(group.entities.len(), "change log")] };
    Some(chart.node(format!("log {}", first.0), Shape::Hexagon, lines))
}

fn key_words(group: &Group) -> String {
    match group.entities.as_slice() {
        [(_, entity)] if entity.key.is_empty() => "change log, key not known".into(),
        [(_, entity)] => format!("change log, per {}", entity.key.join(", ")),
        _ => "change logs, each per its key".into(),
    }
}

fn store(cx: &Context, chart: &mut Chart, id: ViewId, view: &View) -> usize {
    let place = view.store.as_ref().map_or("no store".into(), |store| system_title(cx, store.system));
    let what = match view.flows.as_slice() {
        [flow] => flow.target.name.clone(),
        flows => counted(flows.len(), "table"),
    };
    let shape = if view.store.is_some() { Shape::Cylinder } else { Shape::Hexagon };
    let version = if view.version > 1 { format!(" version {}", view.version) } else { String::new() };
    let mut lines = vec![place, what];
    // An unnamed view is called after its target, and says nothing more.
    if view.named && lines.last() != Some(&view.name) || !version.is_empty() {
        lines.push(format!("{}{version}", view.name));
    }
    chart.node(format!("view {}", id.0), shape, lines)
}

fn dataflow(cx: &Context) -> Chart {
    let mut chart = Chart::default();
    for (id, entity) in cx.entities() {
        for name in writers(cx, id) {
            let from = service(&mut chart, name);
            let to = record(cx, &mut chart, entity.home.system);
            chart.edge(from, to, Line::Solid, "writes");
        }
    }
    for group in groups(cx) {
        let from = record(cx, &mut chart, group.system);
        let log = log(cx, &mut chart, &group);
        if let Some(log) = log {
            chart.edge(from, log, Line::Solid, key_words(&group));
        }
        for &id in &group.views {
            let Some(view) = cx.model.views.get(id.0) else { continue };
            let to = store(cx, &mut chart, id, view);
            match &view.via {
                Via::Cdc => chart.edge(log.unwrap_or(from), to, Line::Solid, flow_words(cx, id, view)),
                Via::Application(services) => {
                    for name in services
                        .iter()
                        .filter_map(|(id, _)| cx.model.services.get(id.0))
                        .map(|service| service.name.as_str())
                    {
                        let by = service(&mut chart, name);
                        chart.edge(from, by, Line::Dotted, "reads");
                        chart.edge(by, to, Line::Dotted, "writes by its own code");
                    }
                }
                Via::TwoPhaseCommit(_) => chart.edge(from, to, Line::Dotted, "in one distributed transaction"),
                Via::Unknown => chart.edge(from, to, Line::Dotted, "nobody knows how"),
                Via::Events => chart.edge(log.unwrap_or(from), to, Line::Solid, flow_words(cx, id, view)),
                Via::BatchFull { every } | Via::BatchIncremental { every, .. } => {
                    chart.edge(from, to, Line::Dotted, format!("batch every {}", crate::units::duration(every.ms)))
                }
                Via::BatchAndStream { every } => chart.edge(
                    from,
                    to,
                    Line::Dotted,
                    format!("stream, and batch every {}", crate::units::duration(every.ms)),
                ),
            }
        }
    }
    for (id, view) in cx.views() {
        let names = foreign_writers(cx, id);
        let applications = matches!(view.via, Via::Application(_));
        for name in names.into_iter().filter(|_| !applications) {
            let (from, to) = (service(&mut chart, name), store(cx, &mut chart, id, view));
            chart.edge(from, to, Line::Dotted, "writes past the log");
        }
    }
    reads(cx, &mut chart);
    chart
}

/// What happens on the way: the time promised, filters, masks, the runner.
fn flow_words(cx: &Context, id: ViewId, view: &View) -> String {
    let mut words = Vec::new();
    if let Some(fresh) = &view.fresh {
        words.push(format!("within {}", duration(fresh.value.ms)));
    }
    if let [flow] = view.flows.as_slice() {
        if !flow.filters.is_empty() {
            words.push("filtered".into());
        }
        let masked: Vec<&str> =
            flow.columns.iter().filter(|column| column.mask.is_some()).map(|column| column.source.as_str()).collect();
        if !masked.is_empty() {
            words.push(format!("{} hidden", masked.join(", ")));
        }
    }
    if let Some((_, sink)) = cx.any_sink(id) {
        words.push(match &sink.runner {
            Runner::Bento(_) => "Bento".into(),
            Runner::Connect(_) => "Connect".into(),
        });
    }
    words.join(", ")
}

fn reads(cx: &Context, chart: &mut Chart) {
    for (id, view) in cx.views() {
        for (name, purpose) in readers(cx, Touched::View(id)) {
            let from = store(cx, chart, id, view);
            let to = service(chart, name);
            chart.edge(from, to, Line::Solid, purpose.unwrap_or("reads"));
        }
    }
    for (id, entity) in cx.entities() {
        for (name, purpose) in readers(cx, Touched::Entity(id)) {
            let from = record(cx, chart, entity.home.system);
            let to = service(chart, name);
            let words = purpose.map_or_else(|| entity.name.clone(), |purpose| format!("{}, {purpose}", entity.name));
            chart.edge(from, to, Line::Solid, words);
        }
    }
}

fn write_path(cx: &Context) -> Chart {
    let mut chart = Chart::default();
    for group in groups(cx) {
        let label = match group.entities.as_slice() {
            [(_, entity)] => vec![
                entity.name.clone(),
                format!("{}.{}", entity.home.namespace, entity.home.table),
                system_title(cx, group.system),
            ],
            many => vec![counted(many.len(), "table"), system_title(cx, group.system)],
        };
        let Some((first, _)) = group.entities.first() else { continue };
        let record = chart.node(format!("entity {}", first.0), Shape::Cylinder, label);
        for &(id, _) in &group.entities {
            for name in writers(cx, id) {
                let from = service(&mut chart, name);
                chart.edge(from, record, Line::Solid, "writes");
            }
        }
        if let Some(log) = log(cx, &mut chart, &group) {
            chart.edge(record, log, Line::Solid, key_words(&group));
        }
    }
    chart
}

fn read_path(cx: &Context) -> Chart {
    let mut chart = Chart::default();
    for (id, view) in cx.views() {
        store(cx, &mut chart, id, view);
    }
    reads(cx, &mut chart);
    chart
}

fn ordering(cx: &Context) -> Chart {
    let mut chart = Chart::default();
    let Some(deployment) = cx.plan.deployments.first() else { return chart };
    for group in groups(cx) {
        let members: BTreeSet<EntityId> = group.entities.iter().map(|(id, _)| *id).collect();
        for &id in &group.views {
            let (Some(view), Some(sink)) = (cx.model.views.get(id.0), cx.sink(deployment, id)) else { continue };
            let Some(flow) = sink.flows.iter().find(|flow| members.contains(&flow.entity)) else { continue };
            let topic = deployment.topic(flow.topic);
            let (first, _) = match group.entities.first() {
                Some(first) => first,
                None => continue,
            };
            let name = if group.entities.len() == 1 {
                topic.name.clone()
            } else {
                counted(group.entities.len(), "change log")
            };
            let partitions = counted(usize::try_from(topic.partitions.value).unwrap_or(usize::MAX), "partition");
            let log = chart.node(
                format!("log {}", first.0),
                Shape::Hexagon,
                vec![name, format!("{partitions}, key decides")],
            );
            let to = store(cx, &mut chart, id, view);
            let mover = chart.node(format!("mover {}", id.0), Shape::Box, mover(sink));
            chart.edge(log, mover, Line::Solid, "each key in commit order");
            chart.edge(mover, to, Line::Solid, refusal(flow));
        }
    }
    chart
}

fn mover(sink: &Sink) -> Vec<String> {
    let parallel = match &sink.runner {
        Runner::Bento(streams) => counted(streams.len(), "stream"),
        Runner::Connect(connectors) => {
            let tasks: u32 = connectors.iter().map(|connector| connector.tasks.value).sum();
            counted(usize::try_from(tasks).unwrap_or(usize::MAX), "task")
        }
    };
    vec![runner(sink).replace('`', ""), parallel]
}

/// What a write carries so that an old one cannot win.
fn refusal(flow: &PlannedFlow) -> &'static str {
    match &flow.target {
        Target::Index(_) => "external version: an older one is refused",
        Target::Keyspace(_) => "compare and set: an older one is refused",
        Target::Table(_) => "guarded upsert: an older one is refused",
        Target::Snowflake(_) => "appended with its position: the newest is shown",
    }
}
