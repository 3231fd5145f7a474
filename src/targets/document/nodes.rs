//! What the pictures are made of: a node for each record, log, topic, view, process and service, and what lies between two of them.

use std::collections::BTreeMap;

use super::Context;
use super::chart::{Chart, Shape};
use super::terms::Writer;
use super::words::{place, role_word, taken};
use crate::model::relation::{InputId, Role, StepKind};
use crate::model::{Entity, EntityId, EventId, Process, ProcessId, SystemId, View, ViewId};
use crate::plan::{PlannedFlow, Runner, Sink, Target};
use crate::syntax::ast::WindowKind;
use crate::targets::spelling::counted;
use crate::units::duration;

/// More tables than this with the same readers become one node.
const MANY: usize = 6;

/// Entities with the same home system and the same readers.
pub struct Group<'a> {
    pub system: SystemId,
    pub entities: Vec<(EntityId, &'a Entity)>,
}

/// All of them, with the group of each entity.
pub struct Groups<'a> {
    pub all: Vec<Group<'a>>,
    of: BTreeMap<EntityId, usize>,
}

impl<'a> Groups<'a> {
    fn new(all: Vec<Group<'a>>) -> Self {
        let of = all.iter().enumerate().flat_map(|(at, group)| group.entities.iter().map(move |(id, _)| (*id, at)));
        Self { of: of.collect(), all }
    }

    /// The group of an entity.
    pub fn of(&self, entity: EntityId) -> Option<&Group<'a>> {
        self.all.get(*self.of.get(&entity)?)
    }
}

pub fn groups<'a>(cx: &Context<'a>) -> Groups<'a> {
    type Readers = (SystemId, Vec<ViewId>, Vec<ProcessId>);
    let mut followers: BTreeMap<InputId, Vec<ViewId>> = BTreeMap::new();
    for edge in drawn(cx) {
        let views = followers.entry(edge.from).or_default();
        if views.last() != Some(&edge.to) {
            views.push(edge.to);
        }
    }
    let mut readers: BTreeMap<InputId, Vec<ProcessId>> = BTreeMap::new();
    for (id, process) in processes(cx) {
        process.inputs.iter().for_each(|input| readers.entry(input.value).or_default().push(id));
    }
    let mut all: BTreeMap<Readers, Vec<(EntityId, &Entity)>> = BTreeMap::new();
    for (id, entity) in cx.entities() {
        let what = InputId::Entity(id);
        let key = (
            entity.home.system,
            followers.remove(&what).unwrap_or_default(),
            readers.remove(&what).unwrap_or_default(),
        );
        all.entry(key).or_default().push((id, entity));
    }
    let mut groups = Vec::new();
    for ((system, _, _), entities) in all {
        if entities.len() > MANY {
            groups.push(Group { system, entities });
        } else {
            groups.extend(entities.into_iter().map(|entity| Group { system, entities: vec![entity] }));
        }
    }
    Groups::new(groups)
}

pub fn processes<'a>(cx: &Context<'a>) -> impl Iterator<Item = (ProcessId, &'a Process)> {
    cx.model.processes.iter().enumerate().map(|(at, process)| (ProcessId(at), process))
}

/// What a view takes rows from, as it is wired.
pub struct Drawn {
    pub from: InputId,
    pub to: ViewId,
    pub role: Role,
}

/// Every view's inputs. What is wired from a record's log past the view it is written on top of is drawn from the log, since that is where it fails.
pub fn drawn(cx: &Context) -> Vec<Drawn> {
    let mut all: Vec<Drawn> = Vec::new();
    for (to, view) in cx.views() {
        for (from, role) in taken(view) {
            let from = if view.incomplete { from } else { wired_from(cx, from) };
            all.push(Drawn { from, to, role });
        }
    }
    all
}

fn wired_from(cx: &Context, what: InputId) -> InputId {
    let mut what = what;
    // A view without a store has a node of its own: what its stages do is drawn on the way into it.
    while let InputId::View(id) = what {
        let view = cx.model.view(id);
        if view.store.is_none() || view.incomplete {
            break;
        }
        let Some((start, _)) = taken(view).into_iter().find(|(_, role)| *role == Role::Start) else { break };
        what = start;
    }
    what
}

pub fn system_title(cx: &Context, system: SystemId) -> String {
    let system = cx.model.system(system);
    format!("{} · {}", system.name, system.kind.facts().title)
}

/// A system's records.
pub fn record(cx: &Context, chart: &mut Chart, system: SystemId) -> usize {
    let names = cx.index.recorded(system);
    let list = if names.len() > MANY { counted(names.len(), "table") } else { names.join(", ") };
    let lines = [system_title(cx, system), list].into_iter().filter(|line| !line.is_empty()).collect();
    chart.node(format!("record {}", system.0), Shape::Cylinder, lines)
}

pub fn service(chart: &mut Chart, name: &str) -> usize {
    chart.node(format!("service {name}"), Shape::Round, vec![name.into()])
}

/// The node of a group's change log, where something captures it.
pub fn log(cx: &Context, chart: &mut Chart, group: &Group) -> Option<usize> {
    let (first, _) = group.entities.first()?;
    let name = cx.index.topic(InputId::Entity(*first))?.name.clone();
    let lines = if group.entities.len() == 1 { vec![name] } else { vec![counted(group.entities.len(), "change log")] };
    Some(chart.node(format!("log {}", first.0), Shape::Hexagon, lines))
}

/// The node of an event's topic: events that share it are one node.
pub fn event(cx: &Context, chart: &mut Chart, id: EventId, more: Option<String>) -> usize {
    let event = cx.model.event(id);
    let same = cx.model.events.iter().filter(|other| other.log == event.log && other.topic == event.topic);
    let names: Vec<&str> = same.map(|event| event.name.as_str()).collect();
    let names = if names.len() > MANY { counted(names.len(), "event") } else { names.join(", ") };
    let mut lines = vec![format!("{} · {}", cx.model.system(event.log).name, event.topic), names];
    lines.extend(more);
    chart.node(format!("topic {} {}", event.log.0, event.topic), Shape::Hexagon, lines)
}

/// The partitions of a topic and what chooses among them.
pub fn partitions(cx: &Context, what: InputId) -> Option<String> {
    let topic = cx.index.topic(what)?;
    let number = counted(usize::try_from(topic.partitions.value).unwrap_or(usize::MAX), "partition");
    Some(if topic.partitions.value == 1 { number } else { format!("{number}, key decides") })
}

pub fn routing_words(cx: &Context, id: EventId) -> String {
    let event = cx.model.event(id);
    if event.routing.is_empty() {
        return "routed by nothing stated".into();
    }
    let writer = Writer::plain(cx);
    let all: Vec<String> = event.routing.iter().map(|term| writer.text(term)).collect();
    format!("per {}", all.join(", "))
}

pub fn key_words(group: &Group) -> String {
    match group.entities.as_slice() {
        [(_, entity)] if entity.key.is_empty() => "change log, key not known".into(),
        [(_, entity)] => format!("change log, per {}", entity.key.join(", ")),
        _ => "change logs, each per its key".into(),
    }
}

pub fn process(chart: &mut Chart, id: ProcessId, process: &Process) -> usize {
    let mut lines = vec![process.name.clone()];
    lines.extend(process.run.as_ref().map(|image| image.value.clone()));
    chart.node(format!("process {}", id.0), Shape::Box, lines)
}

/// The node of a view: its store, or itself where it has none.
pub fn store(cx: &Context, chart: &mut Chart, id: ViewId, view: &View) -> usize {
    let version = if view.version > 1 { format!(" version {}", view.version) } else { String::new() };
    let Some(found) = &view.store else {
        let (shape, words) = if view.incomplete {
            (Shape::Hexagon, "no store, read by other views")
        } else {
            (Shape::Box, "applied on the way")
        };
        let lines = vec![format!("{}{version}", view.name), words.into()];
        return chart.node(format!("view {}", id.0), shape, lines);
    };
    let what = match (view.flows.as_slice(), &view.target) {
        ([flow], _) => place(flow.target.namespace.as_deref().unwrap_or_default(), &flow.target.name),
        (_, Some(target)) => place(target.namespace.as_deref().unwrap_or_default(), &target.name),
        (flows, None) => counted(flows.len().max(view.copies.len()), "table"),
    };
    let mut lines = vec![system_title(cx, found.system), what];
    // An unnamed view is called after its target, and says nothing more.
    if view.named && lines.last() != Some(&view.name) || !version.is_empty() {
        lines.push(format!("{}{version}", view.name));
    }
    chart.node(format!("view {}", id.0), Shape::Cylinder, lines)
}

/// What happens to rows on their way into a view: the time promised, stages, what is hidden, what moves them.
pub fn flow_words(cx: &Context, id: ViewId, view: &View, role: Role) -> String {
    if role != Role::Start {
        return role_word(role).into();
    }
    let mut words = Vec::new();
    if let Some(fresh) = &view.fresh {
        words.push(format!("within {}", duration(fresh.value.ms)));
    }
    words.extend(stage_words(cx, view));
    if let [flow] = view.flows.as_slice()
        && !flow.filters.is_empty()
        && view.relation.is_none()
    {
        words.push("filtered".into());
    }
    let hidden = hidden(view);
    if !hidden.is_empty() {
        words.push(format!("{} hidden", hidden.join(", ")));
    }
    if let Some((_, sink)) = cx.any_sink(id) {
        words.push(match &sink.runner {
            Runner::Bento(_) => "Bento".into(),
            Runner::Connect(_) => "Connect".into(),
        });
    }
    words.join(", ")
}

/// Columns whose values a view hides, as the record calls them.
fn hidden(view: &View) -> Vec<&str> {
    match (&view.relation, view.flows.as_slice()) {
        (_, [flow]) => {
            flow.columns.iter().filter(|column| column.mask.is_some()).map(|column| column.source.as_str()).collect()
        }
        (Some(relation), _) => {
            relation.columns.iter().filter(|column| column.mask.is_some()).map(|column| column.name.as_str()).collect()
        }
        (None, _) => Vec::new(),
    }
}

/// The stages that decide which rows there are and what identifies them.
pub fn stage_words(cx: &Context, view: &View) -> Vec<String> {
    let Some(relation) = &view.relation else { return Vec::new() };
    let writer = Writer::plain(cx);
    let list = |terms: &[crate::model::relation::Term]| {
        terms.iter().map(|term| writer.text(term)).collect::<Vec<_>>().join(", ")
    };
    let mut all: Vec<String> = Vec::new();
    for step in &relation.steps {
        let word = match &step.kind {
            StepKind::Where { .. } => "filtered".into(),
            StepKind::Group { by } => format!("grouped by {}", list(by)),
            StepKind::Window { kind, .. } => format!("in windows of {}", window(*kind)),
            StepKind::Distinct { by } => format!("once per {}", list(by)),
            StepKind::KeyBy { by } => format!("keyed by {}", list(by)),
            StepKind::Select { .. }
            | StepKind::Drop
            | StepKind::Mask
            | StepKind::Join(_)
            | StepKind::Nest(_)
            | StepKind::Union(_) => continue,
        };
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all
}

/// A window's length.
pub fn window(kind: WindowKind) -> String {
    match kind {
        WindowKind::Tumbling(size) => duration(size.ms),
        WindowKind::Hopping { size, every } => format!("{}, a new one every {}", duration(size.ms), duration(every.ms)),
        WindowKind::Session(gap) => format!("activity, ended by {} of silence", duration(gap.ms)),
    }
}

/// What moves a planned view's rows, and how many at once.
pub fn mover(sink: &Sink) -> Vec<String> {
    let parallel = match &sink.runner {
        Runner::Bento(streams) => counted(streams.len(), "stream"),
        Runner::Connect(connectors) => {
            let tasks: u32 = connectors.iter().map(|connector| connector.tasks.value).sum();
            counted(usize::try_from(tasks).unwrap_or(usize::MAX), "task")
        }
    };
    vec![super::runner(sink).replace('`', ""), parallel]
}

/// What a write carries so that an old one cannot win.
pub fn refusal(flow: &PlannedFlow) -> &'static str {
    match &flow.target {
        Target::Index(_) => "external version: an older one is refused",
        Target::Keyspace(_) => "compare and set: an older one is refused",
        Target::Table(_) if flow.facts().is_some() => "taken once: a repeated fact is left alone",
        Target::Table(_) => "guarded upsert: an older one is refused",
        Target::Snowflake(_) => "appended with its position: the newest is shown",
    }
}
