//! Questions rules ask of the model: who writes what, what follows from what, what is one place under two names.

use std::collections::BTreeSet;

use super::{EntityId, Model, Service, ServiceId, SystemId, Touched, Value, Via, View, ViewId};
use crate::source::Span;

/// A service's hand on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Where the service says so.
    pub span: Span,
    /// Through `writes`, or through the view's own `via application by`.
    pub by_view: bool,
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
        view.flows.iter().map(|flow| flow.entity).collect()
    }

    /// Where a service writes an entity; none if it does not.
    #[must_use]
    pub fn writes_entity(&self, service: &Service, entity: EntityId) -> Option<Span> {
        service.writes.iter().find(|touch| touch.what == Touched::Entity(entity)).map(|touch| touch.span)
    }

    /// Where a service writes a view: by name, by its store's path, or because the view says it is kept by the service.
    #[must_use]
    pub fn writes_view(&self, id: ServiceId, view: ViewId) -> Option<Hand> {
        let service = self.services.get(id.0)?;
        // What a distributed transaction writes is not written twice: that is `two_phase_commit`.
        if matches!(self.view(view).via, Via::TwoPhaseCommit(_)) {
            return None;
        }
        if let Some(touch) = service.writes.iter().find(|touch| touch.what == Touched::View(view)) {
            return Some(Hand { span: touch.span, by_view: false });
        }
        match &self.view(view).via {
            Via::Application(services) => {
                services.iter().find(|(service, _)| *service == id).map(|(_, span)| Hand { span: *span, by_view: true })
            }
            Via::Cdc | Via::TwoPhaseCommit(_) | Via::Unknown | Via::NotBuilt => None,
        }
    }

    /// Whether two systems are one place: the same system, or one server and database in some environment.
    #[must_use]
    pub fn same_place(&self, a: SystemId, b: SystemId) -> bool {
        if a == b {
            return true;
        }
        if self.system(a).kind != self.system(b).kind {
            return false;
        }
        self.environments.iter().any(|env| {
            let get = |system: SystemId, name: &str| match env
                .systems
                .get(&system)?
                .get(name)
                .map(|setting| &setting.value)
            {
                Some(Value::Text(text)) => Some(text.clone()),
                Some(Value::Integer(n)) => Some(n.to_string()),
                _ => None,
            };
            let same = |name: &str| get(a, name) == get(b, name);
            let host = get(a, "host").is_some() && same("host") && same("port") && same("database");
            let url = get(a, "url").is_some() && same("url");
            host || url
        })
    }

    /// The path a view is stored at, as people write it.
    #[must_use]
    pub fn store_path(&self, view: &View) -> String {
        let Some(store) = &view.store else { return view.name.clone() };
        let system = &self.system(store.system).name;
        match view.flows.as_slice() {
            [flow] => match &flow.target.namespace {
                Some(namespace) => format!("{system}.{namespace}.{}", flow.target.name),
                None => format!("{system}.{}", flow.target.name),
            },
            _ => system.clone(),
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
