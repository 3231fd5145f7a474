//! Questions about logs: whose changes are captured, who reads a log, which logs a view can be made again from.

use std::collections::BTreeSet;

use super::super::relation::InputId;
use super::super::{Entity, EntityId, Model, Process, Promise, SystemId, Via, View};
use crate::source::Span;

/// Who reads a log all the time.
#[derive(Clone, Copy, Debug)]
pub enum Reader<'a> {
    /// A view that diac's own wiring keeps.
    View(&'a View),
    /// A process.
    Process(&'a Process),
}

impl<'a> Reader<'a> {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::View(view) => &view.name,
            Self::Process(process) => &process.name,
        }
    }

    /// Where it is declared.
    #[must_use]
    pub fn span(self) -> Span {
        match self {
            Self::View(view) => view.span,
            Self::Process(process) => process.span,
        }
    }

    /// The view, where it is one.
    #[must_use]
    pub fn view(self) -> Option<&'a View> {
        if let Self::View(view) = self { Some(view) } else { None }
    }

    /// What it promises.
    #[must_use]
    pub fn guarantees(self) -> &'a [Promise] {
        match self {
            Self::View(view) => &view.guarantees,
            Self::Process(process) => &process.guarantees,
        }
    }

    fn inputs(self) -> Vec<InputId> {
        match self {
            Self::View(view) => view.inputs.iter().map(|input| input.what).collect(),
            Self::Process(process) => process.inputs.iter().map(|input| input.value).collect(),
        }
    }
}

impl Model {
    /// Views and processes, in the order of the page.
    pub fn all_readers(&self) -> impl Iterator<Item = Reader<'_>> {
        self.views.iter().map(Reader::View).chain(self.processes.iter().map(Reader::Process))
    }

    /// Who reads a log without a pause: what is copied in batches comes and goes, and what an application keeps reads what it wants.
    #[must_use]
    pub fn readers_of(&self, log: InputId) -> Vec<Reader<'_>> {
        let streams = |reader: &Reader| match reader {
            Reader::View(view) => matches!(view.via, Via::Cdc | Via::Events | Via::BatchAndStream { .. }),
            Reader::Process(_) => true,
        };
        self.all_readers().filter(streams).filter(|reader| reader.inputs().contains(&log)).collect()
    }

    /// Everything a reader follows from, at any distance: entities, events and views.
    #[must_use]
    pub fn follows(&self, reader: Reader) -> BTreeSet<InputId> {
        let mut found = BTreeSet::new();
        let mut open = reader.inputs();
        if let Reader::View(view) = reader {
            open.extend(view.copies.iter().map(|copy| InputId::Entity(copy.entity)));
        }
        while let Some(next) = open.pop() {
            if !found.insert(next) {
                continue;
            }
            if let InputId::View(id) = next {
                let view = self.view(id);
                open.extend(view.inputs.iter().map(|input| input.what));
                open.extend(view.copies.iter().map(|copy| InputId::Entity(copy.entity)));
            }
        }
        found
    }

    /// The entities whose changes diac captures for some view.
    #[must_use]
    pub fn captured_entities(&self) -> BTreeSet<EntityId> {
        let streamed = self.views.iter().filter(|view| matches!(view.via, Via::Cdc | Via::BatchAndStream { .. }));
        let copied = streamed.flat_map(|view| &view.copies).map(|copy| copy.entity);
        copied.filter(|entity| self.entity(*entity).from_topic.is_none()).collect()
    }

    /// The systems whose change log diac reads: for entities, and for events that are recorded in an outbox.
    #[must_use]
    pub fn captured_systems(&self) -> BTreeSet<SystemId> {
        let mut systems: BTreeSet<SystemId> =
            self.captured_entities().into_iter().map(|entity| self.entity(entity).home.system).collect();
        systems.extend(self.events.iter().filter_map(|event| event.outbox.as_ref()).map(|outbox| outbox.system));
        systems
    }

    /// Whether an entity's log keeps only the newest version of a row: it has a key, and rows change.
    #[must_use]
    pub fn is_compacted(&self, entity: &Entity) -> bool {
        !entity.key.is_empty() && entity.append_only.is_none()
    }
}
