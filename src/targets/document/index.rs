//! What the sections ask of every entity and every view, found once: a document of thousands of tables is not thousands of searches.

use std::collections::BTreeMap;

use crate::model::{EntityId, Model, Service, SystemId, Touch, Touched, ViewId};
use crate::plan::{Captured, Deployment, Plan, PlannedFlow, Sink, Topic, TopicRole};

/// Who touches a thing, in the order of the services.
type Hands<'a> = BTreeMap<Touched, Vec<&'a str>>;

/// The findings. Deployments are told apart by their names.
pub struct Index<'a> {
    followers: BTreeMap<EntityId, Vec<ViewId>>,
    recorded: BTreeMap<SystemId, Vec<&'a str>>,
    writers: Hands<'a>,
    readers: BTreeMap<Touched, Vec<(&'a str, Option<&'a str>)>>,
    topics: BTreeMap<EntityId, &'a Topic>,
    sinks: BTreeMap<(&'a str, ViewId), &'a Sink>,
    flows: BTreeMap<(&'a str, ViewId, EntityId), &'a PlannedFlow>,
    captured: BTreeMap<(&'a str, EntityId), &'a Captured>,
}

impl<'a> Index<'a> {
    pub fn new(model: &'a Model, plan: &'a Plan) -> Self {
        let mut index = Self {
            followers: BTreeMap::new(),
            recorded: BTreeMap::new(),
            writers: BTreeMap::new(),
            readers: BTreeMap::new(),
            topics: BTreeMap::new(),
            sinks: BTreeMap::new(),
            flows: BTreeMap::new(),
            captured: BTreeMap::new(),
        };
        for (id, view) in model.all_views() {
            for flow in &view.flows {
                let followers = index.followers.entry(flow.entity).or_default();
                if followers.last() != Some(&id) {
                    followers.push(id);
                }
            }
        }
        for entity in &model.entities {
            index.recorded.entry(entity.home.system).or_default().push(&entity.name);
        }
        model.services.iter().for_each(|service| index.service(service));
        plan.deployments.iter().for_each(|deployment| index.deployment(deployment));
        index
    }

    fn service(&mut self, service: &'a Service) {
        let writes = |touch: &Touch| (touch.what, service.name.as_str());
        for (what, name) in service.writes.iter().map(writes) {
            let writers = self.writers.entry(what).or_default();
            if writers.last() != Some(&name) {
                writers.push(name);
            }
        }
        for (touch, purpose) in &service.reads {
            let reader = (service.name.as_str(), purpose.as_deref());
            let readers = self.readers.entry(touch.what).or_default();
            if readers.last() != Some(&reader) {
                readers.push(reader);
            }
        }
    }

    fn deployment(&mut self, deployment: &'a Deployment) {
        let name = deployment.name.as_str();
        for topic in &deployment.topics {
            if let TopicRole::Entity(entity) = topic.role {
                self.topics.entry(entity).or_insert(topic);
            }
        }
        for table in deployment.sources.iter().flat_map(|source| &source.tables) {
            self.captured.entry((name, table.entity)).or_insert(table);
        }
        for sink in &deployment.sinks {
            self.sinks.entry((name, sink.view)).or_insert(sink);
            for flow in &sink.flows {
                self.flows.entry((name, sink.view, flow.entity)).or_insert(flow);
            }
        }
    }

    /// The views that follow an entity.
    pub fn followers(&self, entity: EntityId) -> &[ViewId] {
        self.followers.get(&entity).map_or(&[], Vec::as_slice)
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

    /// An entity's change log, in the first deployment that has it.
    pub fn topic(&self, entity: EntityId) -> Option<&'a Topic> {
        self.topics.get(&entity).copied()
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
