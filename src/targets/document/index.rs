//! What the sections ask of every entity and every view, found once: a document of thousands of tables is not thousands of searches.

use std::collections::{BTreeMap, BTreeSet};

use super::words::taken;
use crate::model::relation::InputId;
use crate::model::{EntityId, EventId, Model, Service, SystemId, Touch, Touched, ViewId};
use crate::plan::{Captured, Deployment, Plan, PlannedFlow, Sink, Topic, TopicRole};

/// Who touches a thing, in the order of the services.
type Hands<'a> = BTreeMap<Touched, Vec<&'a str>>;

/// The findings. Deployments are told apart by their names.
pub struct Index<'a> {
    followers: BTreeMap<InputId, Vec<ViewId>>,
    processes: BTreeMap<InputId, Vec<&'a str>>,
    origins: BTreeMap<ViewId, Vec<InputId>>,
    emitters: Hands<'a>,
    recorded: BTreeMap<SystemId, Vec<&'a str>>,
    writers: Hands<'a>,
    readers: BTreeMap<Touched, Vec<(&'a str, Option<&'a str>)>>,
    topics: BTreeMap<InputId, &'a Topic>,
    sinks: BTreeMap<(&'a str, ViewId), &'a Sink>,
    flows: BTreeMap<(&'a str, ViewId, EntityId), &'a PlannedFlow>,
    captured: BTreeMap<(&'a str, EntityId), &'a Captured>,
}

impl<'a> Index<'a> {
    pub fn new(model: &'a Model, plan: &'a Plan) -> Self {
        let mut index = Self {
            followers: BTreeMap::new(),
            processes: BTreeMap::new(),
            origins: BTreeMap::new(),
            emitters: BTreeMap::new(),
            recorded: BTreeMap::new(),
            writers: BTreeMap::new(),
            readers: BTreeMap::new(),
            topics: BTreeMap::new(),
            sinks: BTreeMap::new(),
            flows: BTreeMap::new(),
            captured: BTreeMap::new(),
        };
        for (id, view) in model.all_views() {
            for (input, _) in taken(view) {
                let followers = index.followers.entry(input).or_default();
                if followers.last() != Some(&id) {
                    followers.push(id);
                }
            }
        }
        for process in &model.processes {
            for input in &process.inputs {
                index.processes.entry(input.value).or_default().push(&process.name);
            }
        }
        model.all_views().for_each(|(id, _)| index.trace(model, id));
        for entity in &model.entities {
            index.recorded.entry(entity.home.system).or_default().push(&entity.name);
        }
        model.services.iter().for_each(|service| index.service(service));
        plan.deployments.iter().for_each(|deployment| index.deployment(model, deployment));
        index
    }

    /// Finds the entities and events a view follows at any distance, those of its own inputs first. Chains of views may be long.
    fn trace(&mut self, model: &Model, id: ViewId) {
        let mut open = vec![id];
        while let Some(&id) = open.last() {
            let inputs = taken(model.view(id));
            let unknown = inputs.iter().find_map(|(input, _)| match input {
                InputId::View(above) if !self.origins.contains_key(above) && !open.contains(above) => Some(*above),
                InputId::View(_) | InputId::Entity(_) | InputId::Event(_) => None,
            });
            if let Some(above) = unknown {
                open.push(above);
                continue;
            }
            let mut all: Vec<InputId> = Vec::new();
            let mut seen: BTreeSet<InputId> = BTreeSet::new();
            for (input, _) in inputs {
                let found = match input {
                    InputId::View(above) => self.origins.get(&above).cloned().unwrap_or_default(),
                    InputId::Entity(_) | InputId::Event(_) => vec![input],
                };
                all.extend(found.into_iter().filter(|input| seen.insert(*input)));
            }
            self.origins.insert(id, all);
            open.pop();
        }
    }

    fn service(&mut self, service: &'a Service) {
        let name = service.name.as_str();
        let add = |hands: &mut Hands<'a>, touches: &[Touch]| {
            for touch in touches {
                let all = hands.entry(touch.what).or_default();
                if all.last() != Some(&name) {
                    all.push(name);
                }
            }
        };
        add(&mut self.writers, &service.writes);
        add(&mut self.emitters, &service.emits);
        for (touch, purpose) in &service.reads {
            let reader = (service.name.as_str(), purpose.as_deref());
            let readers = self.readers.entry(touch.what).or_default();
            if readers.last() != Some(&reader) {
                readers.push(reader);
            }
        }
    }

    fn deployment(&mut self, model: &Model, deployment: &'a Deployment) {
        let name = deployment.name.as_str();
        for topic in &deployment.topics {
            match topic.role {
                TopicRole::Entity(entity) => _ = self.topics.entry(InputId::Entity(entity)).or_insert(topic),
                // Events of one topic share it, and it stands under the first of them.
                TopicRole::Event(first) => {
                    let first = model.event(first);
                    for (at, event) in model.events.iter().enumerate() {
                        if event.log == first.log && event.topic == first.topic {
                            self.topics.entry(InputId::Event(EventId(at))).or_insert(topic);
                        }
                    }
                }
                TopicRole::HeartbeatTable(_)
                | TopicRole::Heartbeat(_)
                | TopicRole::Signal(_)
                | TopicRole::DeadLetter(_) => {}
            }
        }
        for table in deployment.sources.iter().flat_map(|source| &source.tables) {
            self.captured.entry((name, table.entity)).or_insert(table);
        }
        for sink in &deployment.sinks {
            self.sinks.entry((name, sink.view)).or_insert(sink);
            for flow in &sink.flows {
                if let Some(entity) = flow.entity() {
                    self.flows.entry((name, sink.view, entity)).or_insert(flow);
                }
            }
        }
    }

    /// The views that take rows from something, at the first distance.
    pub fn followers(&self, what: InputId) -> &[ViewId] {
        self.followers.get(&what).map_or(&[], Vec::as_slice)
    }

    /// The processes that read something.
    pub fn processes(&self, what: InputId) -> &[&'a str] {
        self.processes.get(&what).map_or(&[], Vec::as_slice)
    }

    /// The entities and events a view follows, at any distance.
    pub fn origins(&self, view: ViewId) -> &[InputId] {
        self.origins.get(&view).map_or(&[], Vec::as_slice)
    }

    /// The services that emit an event.
    pub fn emitters(&self, event: EventId) -> Vec<&'a str> {
        self.emitters.get(&Touched::Event(event)).cloned().unwrap_or_default()
    }

    /// The names of what is recorded in a system.
    pub fn recorded(&self, system: SystemId) -> &[&'a str] {
        self.recorded.get(&system).map_or(&[], Vec::as_slice)
    }

    /// The services that write something.
    pub fn writers(&self, what: Touched) -> Vec<&'a str> {
        self.writers.get(&what).cloned().unwrap_or_default()
    }

    /// The services that read something, with what for.
    pub fn readers(&self, what: Touched) -> Vec<(&'a str, Option<&'a str>)> {
        self.readers.get(&what).cloned().unwrap_or_default()
    }

    /// An entity's change log or an event's topic, in the first deployment that has it.
    pub fn topic(&self, what: InputId) -> Option<&'a Topic> {
        self.topics.get(&what).copied()
    }

    /// A deployment's way for a view.
    pub fn sink(&self, deployment: &'a Deployment, view: ViewId) -> Option<&'a Sink> {
        self.sinks.get(&(&*deployment.name, view)).copied()
    }

    /// A deployment's way for an entity into a view.
    pub fn flow(&self, deployment: &'a Deployment, view: ViewId, entity: EntityId) -> Option<&'a PlannedFlow> {
        self.flows.get(&(&*deployment.name, view, entity)).copied()
    }

    /// How a deployment captures an entity.
    pub fn captured(&self, deployment: &'a Deployment, entity: EntityId) -> Option<&'a Captured> {
        self.captured.get(&(&*deployment.name, entity)).copied()
    }
}
