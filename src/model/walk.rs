//! Questions rules ask of the model: who writes what, what follows from what, what is one place under two names.

pub mod causal;
mod definitions;
pub mod delivery;
mod flows;
pub mod identity;
mod likeness;
mod logs;
pub mod order;
pub mod privacy;

use std::collections::{BTreeMap, BTreeSet};

use super::relation::{InputId, Role};
use super::{EntityId, Model, Service, ServiceId, Setting, SystemId, TargetName, Touched, Value, Via, View, ViewId};
use crate::source::Span;
use crate::systems::{Kind, Need, PathForm};

pub use flows::{Floors, Lateness, Part, Reading, Readings, TotalOrder};
pub use likeness::Alike;
pub use logs::Reader;

/// A service's hand on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Where the service says so.
    pub span: Span,
    /// Through `writes`, or through the view's own `via application by`.
    pub by_view: bool,
    /// The entity whose copy is written; none where it is the whole view.
    pub of: Option<EntityId>,
}

impl Model {
    /// All views with their ids.
    pub fn all_views(&self) -> impl Iterator<Item = (ViewId, &View)> {
        self.views.iter().enumerate().map(|(at, view)| (ViewId(at), view))
    }

    /// All services with their ids.
    pub fn all_services(&self) -> impl Iterator<Item = (ServiceId, &Service)> {
        self.services.iter().enumerate().map(|(at, service)| (ServiceId(at), service))
    }

    /// The entities a view follows from, at any distance.
    #[must_use]
    pub fn origins(&self, view: &View) -> BTreeSet<EntityId> {
        view.copies.iter().map(|copy| copy.entity).collect()
    }

    /// Where a service writes an entity; none if it does not.
    #[must_use]
    pub fn writes_entity(&self, service: &Service, entity: EntityId) -> Option<Span> {
        service.writes.iter().find(|touch| touch.what == Touched::Entity(entity)).map(|touch| touch.span)
    }

    /// The views that each service may write: those it names, and those that say it keeps them.
    #[must_use]
    pub fn views_of_services(&self) -> BTreeMap<ServiceId, BTreeSet<ViewId>> {
        let mut views: BTreeMap<ServiceId, BTreeSet<ViewId>> = BTreeMap::new();
        for (id, service) in self.all_services() {
            for touch in &service.writes {
                if let Touched::View(view) = touch.what {
                    views.entry(id).or_default().insert(view);
                }
            }
        }
        for (id, view) in self.all_views() {
            match &view.via {
                Via::Application(services) => {
                    services.iter().for_each(|(service, _)| _ = views.entry(*service).or_default().insert(id));
                }
                Via::Cdc
                | Via::Events
                | Via::BatchFull { .. }
                | Via::BatchIncremental { .. }
                | Via::BatchAndStream { .. }
                | Via::TwoPhaseCommit(_)
                | Via::Unknown => {}
            }
        }
        views
    }

    /// Where a service writes a view: by name, by its store's path, or because the view says it is kept by the service. Once for a view, and once for
    /// each table of a whole system.
    #[must_use]
    pub fn writes_view(&self, id: ServiceId, view: ViewId) -> Vec<Hand> {
        let Some(service) = self.services.get(id.0) else { return Vec::new() };
        // What a distributed transaction writes is not written twice: that is `two_phase_commit`.
        if let Via::TwoPhaseCommit(services) = &self.view(view).via
            && services.iter().any(|(service, _)| *service == id)
        {
            return Vec::new();
        }
        let mut hands: Vec<Hand> = Vec::new();
        for touch in service.writes.iter().filter(|touch| touch.what == Touched::View(view)) {
            if hands.iter().all(|hand| hand.of != touch.of) {
                hands.push(Hand { span: touch.span, by_view: false, of: touch.of });
            }
        }
        if !hands.is_empty() {
            return hands;
        }
        match &self.view(view).via {
            Via::Application(services) => {
                let hand = services.iter().find(|(service, _)| *service == id);
                hand.map(|(_, span)| Hand { span: *span, by_view: true, of: None }).into_iter().collect()
            }
            Via::Cdc
            | Via::Events
            | Via::BatchFull { .. }
            | Via::BatchIncremental { .. }
            | Via::BatchAndStream { .. }
            | Via::TwoPhaseCommit(_)
            | Via::Unknown => Vec::new(),
        }
    }

    /// Whether diac's own wiring keeps a view, from a record's change log or from an event's.
    #[must_use]
    pub fn is_wired(&self, view: &View) -> bool {
        matches!(view.via, Via::Cdc | Via::Events)
    }

    /// Whether all that a view joins lies in its own store, which speaks SQL: what it starts with is landed there by its own sink.
    #[must_use]
    pub fn side_by_side(&self, view: &View) -> bool {
        let Some(store) = view.store.as_ref().filter(|store| self.system(store.system).kind.is_sql()) else {
            return false;
        };
        view.inputs.iter().filter(|input| input.role != Role::Start).all(|input| match input.what {
            InputId::Entity(id) => self.entity(id).home.system == store.system,
            InputId::Event(_) => false,
            InputId::View(id) => self.view(id).store.as_ref().is_some_and(|other| other.system == store.system),
        })
    }

    /// Whether two systems are one place: the same system, or one server and database in some environment.
    #[must_use]
    pub fn same_place(&self, a: SystemId, b: SystemId) -> bool {
        if a == b {
            return true;
        }
        let kind = self.system(a).kind;
        if kind != self.system(b).kind {
            return false;
        }
        self.environments.iter().any(|env| {
            let texts = |system, name: &str| texts(env.systems.get(&system).and_then(|settings| settings.get(name)));
            let meet = |name: &str| texts(a, name).iter().any(|text| texts(b, name).contains(text));
            // A database that is not said may be another one.
            let database = matches!(kind.facts().path, PathForm::DatabaseTable) || meet("database");
            let port = |system| texts(system, "port").pop().unwrap_or_else(|| default(kind, "port").to_owned());
            (meet("host") && port(a) == port(b) && database) || meet("url") || (meet("account") && meet("database"))
        })
    }

    /// The path a view is stored at, as people write it.
    #[must_use]
    pub fn store_path(&self, view: &View) -> String {
        let Some(store) = &view.store else { return view.name.clone() };
        let system = &self.system(store.system).name;
        match (&view.target, view.copies.as_slice()) {
            (Some(target), _) => self.copy_path(view, target),
            (None, [copy]) => self.copy_path(view, &copy.target),
            (None, _) => system.clone(),
        }
    }

    /// The path a view keeps the rows of one entity at, as people write it.
    #[must_use]
    pub fn copy_path(&self, view: &View, target: &TargetName) -> String {
        let Some(store) = &view.store else { return view.name.clone() };
        let system = &self.system(store.system).name;
        match &target.namespace {
            Some(namespace) => format!("{system}.{namespace}.{}", target.name),
            None => format!("{system}.{}", target.name),
        }
    }

    /// The path an entity is recorded at, as people write it.
    #[must_use]
    pub fn home_path(&self, entity: EntityId) -> String {
        let home = &self.entity(entity).home;
        let system = &self.system(home.system).name;
        if home.namespace.is_empty() {
            return format!("{system}.{}", home.table);
        }
        format!("{system}.{}.{}", home.namespace, home.table)
    }
}

/// A setting's texts, addresses without a slash at their end.
fn texts(setting: Option<&Setting>) -> Vec<String> {
    fn add(value: &Value, all: &mut Vec<String>) {
        match value {
            Value::Text(text) => all.push(text.trim_end_matches('/').to_lowercase()),
            Value::Integer(n) => all.push(n.to_string()),
            Value::List(values) => values.iter().for_each(|value| add(value, all)),
            Value::Bool(_) | Value::Size(_) | Value::Duration(_) | Value::Secret(_) => {}
        }
    }
    let mut all = Vec::new();
    setting.iter().for_each(|setting| add(&setting.value, &mut all));
    all
}

fn default(kind: Kind, name: &str) -> &'static str {
    let setting = kind.facts().settings.iter().find(|setting| setting.name == name);
    match setting.map(|setting| setting.need) {
        Some(Need::Default(text)) => text,
        Some(Need::Required | Need::ForCapture | Need::Optional) | None => "",
    }
}
