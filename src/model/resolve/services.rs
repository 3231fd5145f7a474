//! Services: who writes, emits and reads what.

use std::collections::BTreeMap;

use super::{Context, Named};
use crate::diag::{Diagnostic, codes};
use crate::model::{BadRecords, EntityId, Model, Service, ServiceId, SystemId, TargetName, Touch, Touched, ViewId};
use crate::syntax::ast::{self, Item, Path, ServiceStatement};
use crate::systems::Kind;

impl Context<'_> {
    pub(super) fn services(&mut self) {
        self.declared = Declared::of(&self.model);
        for (_, item) in self.items() {
            if let Item::Service(service) = item {
                self.service(service);
            }
        }
    }

    fn service(&mut self, tree: &ast::Service) {
        let id = ServiceId(self.model.services.len());
        self.take(&tree.name, Named::Service(id));
        let mut service = Service {
            name: tree.name.text.clone(),
            span: tree.name.span,
            docs: tree.docs.clone(),
            team: None,
            writes: Vec::new(),
            emits: Vec::new(),
            reads: Vec::new(),
        };
        for statement in &tree.statements {
            match statement {
                ServiceStatement::Writes(paths) => {
                    service.writes.extend(paths.iter().filter_map(|path| self.touch(path)));
                }
                ServiceStatement::Emits(paths) => {
                    service.emits.extend(paths.iter().filter_map(|path| self.touch(path)));
                    self.emitted(&service.emits);
                }
                ServiceStatement::Reads { paths, purpose } => {
                    let purpose = purpose.as_ref().map(|purpose| purpose.value.clone());
                    service.reads.extend(paths.iter().filter_map(|path| Some((self.touch(path)?, purpose.clone()))));
                }
                ServiceStatement::Team(team) => service.team = Some(team.value.clone()),
                ServiceStatement::Allow(_) => {}
            }
        }
        let allows = tree
            .statements
            .iter()
            .filter_map(|statement| if let ServiceStatement::Allow(allow) = statement { Some(allow) } else { None });
        self.allows_of(tree.span, allows);
        self.model.services.push(service);
    }

    /// Events are emitted; records and views are written.
    fn emitted(&mut self, touches: &[Touch]) {
        for touch in touches {
            let word = match touch.what {
                Touched::Entity(_) => "an entity",
                Touched::View(_) => "a view",
                Touched::Event(_) | Touched::Undeclared(_) => continue,
            };
            let message = format!("`{}` is {word}, and a service emits events", touch.text);
            let diagnostic = Diagnostic::new(codes::MISPLACED_STATEMENT, touch.span, message)
                .help(format!("write `writes {}`", touch.text));
            if !self.diagnostics.contains(&diagnostic) {
                self.report(diagnostic);
            }
        }
    }

    fn touch(&mut self, path: &Path) -> Option<Touch> {
        let (what, of) = self.touched(path)?;
        Some(Touch { what, span: path.span, text: path.text(), of })
    }

    fn touched(&mut self, path: &Path) -> Option<(Touched, Option<EntityId>)> {
        let first = path.parts.first()?;
        if path.parts.len() == 1 {
            match self.names.get(&first.text).copied() {
                Some((Named::Entity(id), _)) => return Some((Touched::Entity(id), None)),
                Some((Named::View(id), _)) => return Some((Touched::View(id), None)),
                Some((Named::Event(id), _)) => return Some((Touched::Event(id), None)),
                // Reported at its own declaration.
                Some((Named::Other | Named::Unread, _)) => return None,
                Some((
                    named @ (Named::System(_)
                    | Named::Process(_)
                    | Named::Constraint(_)
                    | Named::Service(_)
                    | Named::Environment(_)
                    | Named::Secret(_)),
                    span,
                )) => {
                    let finding = named.instead(first, path.span, span, "nothing a service touches");
                    self.report(finding.help("name an entity, an event, a view, or a path into a system"));
                    return None;
                }
                None => {
                    let touchable = self.names.iter().filter(|(_, (named, _))| named.touchable());
                    let candidates = touchable.map(|(name, _)| name.clone()).collect();
                    self.unknown(first, codes::UNKNOWN_NAME, "entity, event or view", candidates);
                    return None;
                }
            }
        }
        let (system, rest) = self.system_of(path)?;
        if self.model.system(system).kind == Kind::Kafka {
            let topic = super::dotted(rest);
            let found = self.in_log(system, &topic);
            if let Some((Touched::Undeclared(_), _)) = found {
                self.undeclared.push((path.span, system, String::new(), topic));
            }
            return found;
        }
        let (namespace, table) = self.place(system, rest, path)?;
        let outbox = self.model.events.iter().filter_map(|event| event.outbox.as_ref());
        let mut outbox = outbox.filter(|outbox| outbox.system == system);
        match self.at(system, &namespace, &table) {
            // An outbox is declared by its event, and no fact of its own.
            (Touched::Undeclared(_), _) if outbox.any(|at| at.namespace == namespace && at.table == table) => None,
            found => {
                if let (Touched::Undeclared(_), _) = found {
                    self.undeclared.push((path.span, system, namespace, table));
                }
                Some(found)
            }
        }
    }

    /// Paths through another name of a system: an environment says that two systems are one place, and what one of them holds is declared by the other.
    pub(super) fn other_names(&mut self) {
        for (span, system, namespace, table) in std::mem::take(&mut self.undeclared) {
            let systems: Vec<SystemId> = (0..self.model.systems.len()).map(SystemId).collect();
            let mut others =
                systems.into_iter().filter(|other| *other != system && self.model.same_place(system, *other));
            let found = others.find_map(|other| {
                let found = if self.model.system(other).kind == Kind::Kafka {
                    self.in_log(other, &table)?
                } else {
                    self.at(other, &namespace, &table)
                };
                (!matches!(found.0, Touched::Undeclared(_))).then_some(found)
            });
            let Some((what, of)) = found else { continue };
            for service in &mut self.model.services {
                let reads = service.reads.iter_mut().map(|(touch, _)| touch);
                let touches = service.writes.iter_mut().chain(&mut service.emits).chain(reads);
                for touch in touches.filter(|touch| touch.span == span) {
                    (touch.what, touch.of) = (what, of);
                }
            }
        }
    }

    /// What a topic carries: events, a view, an entity's changes, or nothing that is declared.
    fn in_log(&self, system: SystemId, topic: &str) -> Option<(Touched, Option<EntityId>)> {
        match self
            .declared
            .topics
            .get(topic)
            .and_then(|found| found.iter().find(|(log, _)| log.is_none_or(|log| log == system)))
        {
            Some((_, Carried::Known(touched))) => Some((*touched, None)),
            // Dead letters are declared by their view, and no fact of their own.
            Some((_, Carried::DeadLetters)) => None,
            None => Some((Touched::Undeclared(system), None)),
        }
    }

    /// What is declared at a place below a system: a record, a view's target, or nothing.
    fn at(&self, system: SystemId, namespace: &str, table: &str) -> (Touched, Option<EntityId>) {
        if let Some(entity) = self.homes.get(&(system, namespace.to_owned(), table.to_owned())) {
            return (Touched::Entity(*entity), None);
        }
        let found = self.declared.targets.get(&(system, table.to_ascii_lowercase()));
        let found = found
            .into_iter()
            .flatten()
            .find(|target| target.namespace.as_deref().is_none_or(|name| name.eq_ignore_ascii_case(namespace)));
        found.map_or((Touched::Undeclared(system), None), |target| (Touched::View(target.view), target.of))
    }
}

/// What is declared at places below systems, by name: so that a path is looked up and not searched for.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// What views fill, by system and name in lower case, in the order of the page.
    targets: BTreeMap<(SystemId, String), Vec<Target>>,
    /// What topics carry, by name: the log, where one is said, and what it is.
    topics: BTreeMap<String, Vec<(Option<SystemId>, Carried)>>,
}

/// A place that a view fills.
#[derive(Debug)]
struct Target {
    namespace: Option<String>,
    view: ViewId,
    /// For a view of a whole system: the entity whose copy stands there.
    of: Option<EntityId>,
}

/// What a topic carries.
#[derive(Clone, Copy, Debug)]
enum Carried {
    Known(Touched),
    DeadLetters,
}

impl Declared {
    fn of(model: &Model) -> Self {
        let mut found = Self::default();
        for (id, event) in model.all_events() {
            found.topic(&event.topic, Some(event.log), Carried::Known(Touched::Event(id)));
        }
        for (id, view) in model.all_views() {
            let Some(store) = &view.store else { continue };
            if let Some(target) = &view.target {
                found.topic(&target.name, Some(store.system), Carried::Known(Touched::View(id)));
                found.target(store.system, target, id, None);
            }
            for copy in &view.copies {
                found.target(store.system, &copy.target, id, view.whole_system.as_ref().map(|_| copy.entity));
            }
        }
        for (at, entity) in model.entities.iter().enumerate() {
            if let Some(from) = &entity.from_topic {
                let log = model.system(entity.home.system).log;
                found.topic(&from.value, log, Carried::Known(Touched::Entity(EntityId(at))));
            }
        }
        for view in &model.views {
            if let BadRecords::Topic { topic, .. } = &view.bad_records {
                found.topic(topic, None, Carried::DeadLetters);
            }
        }
        found
    }

    fn topic(&mut self, name: &str, log: Option<SystemId>, carried: Carried) {
        self.topics.entry(name.to_owned()).or_default().push((log, carried));
    }

    fn target(&mut self, system: SystemId, target: &TargetName, view: ViewId, of: Option<EntityId>) {
        let place = Target { namespace: target.namespace.clone(), view, of };
        self.targets.entry((system, target.name.to_ascii_lowercase())).or_default().push(place);
    }
}
