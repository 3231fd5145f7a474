//! Questions about what follows from what: records at any distance, readers, and how late a view may be.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::relation::{InputId, RecordId, StepKind};
use crate::model::{
    Column, EntityId, Environment, EventId, Leadership, Model, Promise, Runner, Service, ServiceId, Setting, Touch,
    Touched, Via, View, ViewId, Volume,
};
use crate::source::Span;
use crate::syntax::ast::{Claim, Deletes, RebuildFrom, Spanned};

impl View {
    /// Where a statement of this view can be pointed at: the statement, or the view's name where `defaults` make it.
    #[must_use]
    pub fn at(&self, statement: Span) -> Span {
        if self.says(statement) { statement } else { self.span }
    }

    /// Whether a statement stands in the view itself; else `defaults` make it.
    #[must_use]
    pub fn says(&self, statement: Span) -> bool {
        let scope = self.scope;
        scope.file == statement.file && scope.start <= statement.start && statement.end <= scope.end
    }

    /// Where it says that it is made again from the log.
    #[must_use]
    pub fn rebuilt_from_log(&self) -> Option<Span> {
        self.rebuild.as_ref().filter(|rebuild| rebuild.value.0 == RebuildFrom::Log).map(|rebuild| rebuild.span)
    }

    /// Where it says that it is made again from a snapshot of its records.
    #[must_use]
    pub fn rebuilt_from_snapshot(&self) -> Option<Span> {
        self.rebuild.as_ref().filter(|rebuild| rebuild.value.0 == RebuildFrom::Snapshot).map(|rebuild| rebuild.span)
    }

    /// Whether each of its rows follows from one row alone.
    #[must_use]
    pub fn row_by_row(&self) -> bool {
        let steps = self.relation.iter().flat_map(|relation| &relation.steps);
        steps.into_iter().all(|step| match step.kind {
            StepKind::Where { .. } | StepKind::Select { .. } | StepKind::Drop | StepKind::Mask => true,
            StepKind::Join(_)
            | StepKind::Group { .. }
            | StepKind::Window { .. }
            | StepKind::Nest(_)
            | StepKind::Distinct { .. }
            | StepKind::Union(_)
            | StepKind::KeyBy { .. } => false,
        })
    }

    /// Whether it says that rows stay when they are deleted.
    #[must_use]
    pub fn keeps_deleted(&self) -> bool {
        self.deletes.as_ref().is_some_and(|deletes| deletes.value == Deletes::Keep)
    }

    /// How often a batch copies it, in ms; none where no batch does.
    #[must_use]
    pub fn batch_every(&self) -> Option<u64> {
        match &self.via {
            Via::BatchFull { every } | Via::BatchIncremental { every, .. } => Some(every.ms),
            Via::Cdc
            | Via::Events
            | Via::Application(_)
            | Via::TwoPhaseCommit(_)
            | Via::Unknown
            | Via::BatchAndStream { .. } => None,
        }
    }
}

impl Promise {
    /// Whether it is `ordered totally`.
    #[must_use]
    pub fn is_total_order(&self) -> bool {
        self.claim == Claim::OrderedTotally
    }
}

/// Something that promises one order for everything: a view or a process.
#[derive(Clone, Debug)]
pub struct TotalOrder<'a> {
    /// Who promises.
    pub name: &'a str,
    /// The same, where it is a view.
    pub view: Option<&'a View>,
    /// The promise.
    pub span: Span,
    /// What it orders, at any distance.
    pub records: BTreeSet<RecordId>,
}

/// A service that reads a view.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The service.
    pub id: ServiceId,
    /// The same.
    pub service: &'a Service,
    /// Where it says so.
    pub touch: &'a Touch,
    /// What for.
    pub purpose: Option<&'a str>,
}

/// Who reads what. Versions of one view are read as one.
#[derive(Debug, Default)]
pub struct Readings<'a> {
    /// Each view with the first of its versions.
    same: BTreeMap<ViewId, ViewId>,
    views: BTreeMap<ViewId, Vec<Reading<'a>>>,
    entities: BTreeSet<(ServiceId, EntityId)>,
    followed: BTreeSet<ViewId>,
}

impl<'a> Readings<'a> {
    /// Services that read a view, any of its versions, by its name or its store's path.
    #[must_use]
    pub fn of(&self, view: ViewId) -> &[Reading<'a>] {
        self.views.get(&self.first(view)).map_or(&[], Vec::as_slice)
    }

    /// The first version of a view.
    #[must_use]
    pub fn first(&self, view: ViewId) -> ViewId {
        self.same.get(&view).copied().unwrap_or(view)
    }

    /// Whether a view or process takes rows from any version of a view.
    #[must_use]
    pub fn followed(&self, view: ViewId) -> bool {
        self.followed.contains(&self.first(view))
    }

    /// Whether some service that reads a view also reads an entity it follows from, and so can look there when the view is behind or empty.
    #[must_use]
    pub fn has_fallback(&self, model: &Model, view: ViewId) -> bool {
        let origins = model.origins(model.view(view));
        self.of(view).iter().any(|reading| origins.iter().any(|origin| self.entities.contains(&(reading.id, *origin))))
    }
}

impl Model {
    /// All events with their ids.
    pub fn all_events(&self) -> impl Iterator<Item = (EventId, &crate::model::Event)> {
        self.events.iter().enumerate().map(|(at, event)| (EventId(at), event))
    }

    /// All entities with their ids.
    pub fn all_entities(&self) -> impl Iterator<Item = (EntityId, &crate::model::Entity)> {
        self.entities.iter().enumerate().map(|(at, entity)| (EntityId(at), entity))
    }

    /// The records a view follows from, through any number of views.
    #[must_use]
    pub fn records(&self, view: &View) -> BTreeSet<RecordId> {
        let mut found: BTreeSet<RecordId> = view.copies.iter().map(|copy| RecordId::Entity(copy.entity)).collect();
        let (mut next, mut seen): (Vec<&View>, BTreeSet<ViewId>) = (vec![view], BTreeSet::new());
        while let Some(view) = next.pop() {
            found.extend(view.copies.iter().map(|copy| RecordId::Entity(copy.entity)));
            let inputs = view.inputs.iter().map(|input| input.what);
            for what in inputs.chain(view.upstream.iter().copied().map(InputId::View)) {
                match what {
                    InputId::Entity(id) => _ = found.insert(RecordId::Entity(id)),
                    InputId::Event(id) => _ = found.insert(RecordId::Event(id)),
                    InputId::View(id) if seen.insert(id) => next.push(self.view(id)),
                    InputId::View(_) => {}
                }
            }
        }
        found
    }

    /// The records behind an input, through any number of views.
    #[must_use]
    pub fn records_of(&self, input: InputId) -> BTreeSet<RecordId> {
        match input {
            InputId::Entity(id) => BTreeSet::from([RecordId::Entity(id)]),
            InputId::Event(id) => BTreeSet::from([RecordId::Event(id)]),
            InputId::View(id) => self.records(self.view(id)),
        }
    }

    /// The records a view follows from, also those that processes make its events of.
    #[must_use]
    pub fn causes(&self, view: &View) -> BTreeSet<RecordId> {
        let mut found = self.records(view);
        let mut next: Vec<RecordId> = found.iter().copied().collect();
        while let Some(record) = next.pop() {
            let RecordId::Event(event) = record else { continue };
            let makers = self.processes.iter().filter(|process| process.emits.iter().any(|emit| emit.event == event));
            for input in makers.flat_map(|process| &process.inputs) {
                for cause in self.records_of(input.value) {
                    if found.insert(cause) {
                        next.push(cause);
                    }
                }
            }
        }
        found
    }

    /// The views a view is written on top of, at any distance, nearest first.
    #[must_use]
    pub fn views_above(&self, view: &View) -> Vec<ViewId> {
        let mut found: Vec<ViewId> = Vec::new();
        let mut next: Vec<ViewId> = view.upstream.clone();
        while !next.is_empty() {
            let mut further = Vec::new();
            for id in next {
                if !found.contains(&id) {
                    found.push(id);
                    further.extend(self.view(id).upstream.iter().copied());
                }
            }
            next = further;
        }
        found
    }

    /// A record's name.
    #[must_use]
    pub fn record_name(&self, record: RecordId) -> &str {
        match record {
            RecordId::Entity(id) => &self.entity(id).name,
            RecordId::Event(id) => &self.event(id).name,
        }
    }

    /// Where a record's name is declared.
    #[must_use]
    pub fn record_span(&self, record: RecordId) -> Span {
        match record {
            RecordId::Entity(id) => self.entity(id).span,
            RecordId::Event(id) => self.event(id).span,
        }
    }

    /// The columns of a record.
    #[must_use]
    pub fn record_columns(&self, record: RecordId) -> &[Column] {
        match record {
            RecordId::Entity(id) => &self.entity(id).columns,
            RecordId::Event(id) => &self.event(id).columns,
        }
    }

    /// The names of a record's key columns; empty where the key is not known.
    #[must_use]
    pub fn record_key(&self, record: RecordId) -> &[String] {
        match record {
            RecordId::Entity(id) => &self.entity(id).key,
            RecordId::Event(id) => &self.event(id).key,
        }
    }

    /// The column of a record.
    #[must_use]
    pub fn record_column(&self, record: RecordId, name: &str) -> Option<&Column> {
        self.record_columns(record).iter().find(|column| column.name == name)
    }

    /// The path a record decides at, as people write it.
    #[must_use]
    pub fn record_path(&self, record: RecordId) -> String {
        match record {
            RecordId::Entity(id) => self.home_path(id),
            RecordId::Event(id) => {
                let event = self.event(id);
                format!("{}.{}", self.system(event.log).name, event.topic)
            }
        }
    }

    /// Size and rate of a record, where they are said.
    #[must_use]
    pub fn volume(&self, record: RecordId) -> Option<Volume> {
        match record {
            RecordId::Entity(id) => self.entity(id).volume,
            RecordId::Event(id) => self.event(id).volume,
        }
    }

    /// Who accepts writes of a record: its database, or its log.
    #[must_use]
    pub fn leadership(&self, record: RecordId) -> &Leadership {
        let system = match record {
            RecordId::Entity(id) => self.entity(id).home.system,
            RecordId::Event(id) => self.event(id).log,
        };
        &self.system(system).leadership
    }

    /// Where a service decides a record: it writes the entity, or emits the event; none if it does neither.
    #[must_use]
    pub fn decides(&self, service: &Service, record: RecordId) -> Option<Span> {
        match record {
            RecordId::Entity(id) => self.writes_entity(service, id),
            RecordId::Event(id) => self.emits(service, id),
        }
    }

    /// Where a service emits an event: by name, or by its topic's path, which stands for all events of the topic.
    #[must_use]
    pub fn emits(&self, service: &Service, event: EventId) -> Option<Span> {
        service.emits.iter().find(|touch| self.emitted(touch).contains(&event)).map(|touch| touch.span)
    }

    /// The events a touch stands for.
    #[must_use]
    pub fn emitted(&self, touch: &Touch) -> Vec<EventId> {
        let Touched::Event(id) = touch.what else { return Vec::new() };
        if !touch.text.contains('.') {
            return vec![id];
        }
        let (log, topic) = (self.event(id).log, &self.event(id).topic);
        self.all_events().filter(|(_, event)| event.log == log && event.topic == *topic).map(|(id, _)| id).collect()
    }

    /// Who reads what, worked out once.
    #[must_use]
    pub fn readings(&self) -> Readings<'_> {
        let mut first: BTreeMap<&str, ViewId> = BTreeMap::new();
        let mut found = Readings::default();
        for (id, view) in self.all_views() {
            let same = if view.named { *first.entry(&view.name).or_insert(id) } else { id };
            found.same.insert(id, same);
        }
        for (id, service) in self.all_services() {
            for (touch, purpose) in &service.reads {
                match touch.what {
                    Touched::View(view) => {
                        let same = found.same.get(&view).copied().unwrap_or(view);
                        let reading = Reading { id, service, touch, purpose: purpose.as_deref() };
                        found.views.entry(same).or_default().push(reading);
                    }
                    Touched::Entity(entity) => _ = found.entities.insert((id, entity)),
                    Touched::Event(_) | Touched::Undeclared(_) => {}
                }
            }
        }
        for input in self.views.iter().flat_map(|view| {
            view.inputs.iter().map(|input| input.what).chain(view.upstream.iter().copied().map(InputId::View))
        }) {
            if let InputId::View(above) = input {
                found.followed.insert(found.same.get(&above).copied().unwrap_or(above));
            }
        }
        for input in self.processes.iter().flat_map(|process| &process.inputs) {
            if let InputId::View(above) = input.value {
                found.followed.insert(found.same.get(&above).copied().unwrap_or(above));
            }
        }
        found
    }

    /// The events that a reader promises to replay for ever.
    #[must_use]
    pub fn replayed_for_ever(&self) -> BTreeSet<EventId> {
        let forever = |view: &&View| view.guarantees.iter().any(|promise| promise.claim == Claim::ReplayableForever);
        let records = self.views.iter().filter(forever).flat_map(|view| self.records(view));
        records.filter_map(|record| if let RecordId::Event(id) = record { Some(id) } else { None }).collect()
    }

    /// Everything that promises `ordered totally`, with what it orders.
    #[must_use]
    pub fn total_orders(&self) -> Vec<TotalOrder<'_>> {
        let mut found = Vec::new();
        for view in &self.views {
            for promise in view.guarantees.iter().filter(|promise| promise.is_total_order()) {
                let records = self.records(view);
                found.push(TotalOrder { name: &view.name, view: Some(view), span: promise.span, records });
            }
        }
        for process in &self.processes {
            for promise in process.guarantees.iter().filter(|promise| promise.is_total_order()) {
                let records = process.inputs.iter().flat_map(|input| self.records_of(input.value)).collect();
                found.push(TotalOrder { name: &process.name, view: None, span: promise.span, records });
            }
        }
        found
    }

    /// The runner that an environment states for a view: for itself, else for its store, else for all.
    #[must_use]
    pub fn runner<'a>(&self, id: ViewId, env: &'a Environment) -> Option<(&'a Setting, Runner)> {
        let view = self.view(id);
        let own = env.views.get(&id).and_then(|settings| settings.get("runner"));
        let store = || view.store.as_ref().and_then(|store| env.systems.get(&store.system)?.get("runner"));
        let setting = own.or_else(store).or_else(|| env.settings.get("runner"))?;
        Some((setting, Runner::of(setting)?))
    }

    /// `read your writes within d` of a view: the promise's span and its ms.
    #[must_use]
    pub fn own_reads(view: &View) -> Vec<(Span, u64)> {
        let promises = view.guarantees.iter();
        promises
            .filter_map(|promise| match promise.claim {
                Claim::ReadYourWrites(within) => Some((promise.span, within.ms)),
                Claim::OrderedTotally
                | Claim::OrderedPer(_)
                | Claim::EveryChange
                | Claim::ExactlyOnce { .. }
                | Claim::AgreesWith(_)
                | Claim::ReplayableForever
                | Claim::ReplayableFor(_)
                | Claim::After { .. } => None,
            })
            .collect()
    }

    /// `agrees with v` of a view: the promise's span and the other view.
    #[must_use]
    pub fn agreements(view: &View) -> Vec<(Span, ViewId)> {
        let promises = view.guarantees.iter().filter(|promise| matches!(promise.claim, Claim::AgreesWith(_)));
        let views = promises.flat_map(|promise| promise.about.iter().map(|about| (promise.span, about.value)));
        views.filter_map(|(span, about)| if let InputId::View(id) = about { Some((span, id)) } else { None }).collect()
    }

    /// Where a page sets something for the topic of a record, in any environment; each place once.
    #[must_use]
    pub fn topic_settings(&self, record: RecordId, name: &str) -> BTreeMap<Span, Setting> {
        let mut found = BTreeMap::new();
        for env in &self.environments {
            let settings = match record {
                RecordId::Entity(id) => env.entities.get(&id),
                RecordId::Event(id) => env.events.get(&id),
            };
            if let Some(setting) = settings.and_then(|settings| settings.get(name)) {
                found.insert(setting.span, setting.clone());
            }
        }
        found
    }

    /// Columns that no other row of the record shares, each of itself: marked `unique`, said so in the entity, or by the schema. Without the key.
    #[must_use]
    pub fn unique_columns(&self, id: EntityId) -> Vec<(&str, Span)> {
        let entity = self.entity(id);
        let stated = |column: &&Column| column.unique;
        let mut found: Vec<(&str, Span)> =
            entity.columns.iter().filter(stated).map(|column| (column.name.as_str(), column.span)).collect();
        for unique in &entity.uniques {
            if let [name] = unique.value.as_slice() {
                found.push((name, unique.span));
            }
        }
        let table = self.table(entity).into_iter();
        for unique in table.flat_map(|table| &table.uniques).filter(|unique| !unique.partial) {
            if let [name] = unique.columns.as_slice() {
                found.push((name, unique.span));
            }
        }
        found.retain(|(name, _)| entity.key.iter().all(|key| key != name));
        found
    }
}

/// How late a view may be, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lateness {
    /// All together, in ms.
    pub ms: u64,
    /// Of it, what waits for batches, in ms.
    pub batch_ms: u64,
    /// The parts, from the record on: what takes how long, in ms, and where a page says so.
    pub parts: Vec<Part>,
}

/// A part of a lateness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What takes its time.
    pub what: String,
    /// How long, in ms.
    pub ms: u64,
    /// Where it is said.
    pub span: Option<Span>,
}

impl Lateness {
    fn add(mut self, what: impl Into<String>, ms: u64, span: Option<Span>) -> Self {
        if ms > 0 {
            self.ms = self.ms.saturating_add(ms);
            self.parts.push(Part { what: what.into(), ms, span });
        }
        self
    }
}

/// What machinery takes at least, in ms.
#[derive(Clone, Copy, Debug)]
pub struct Floors {
    /// From a commit to the log, by kind of the record's system.
    pub capture: fn(crate::systems::Kind) -> u64,
    /// From the log to what readers find, by kind of the store: parts with their names.
    pub store: fn(crate::systems::Kind) -> &'static [(&'static str, u64)],
}

impl Model {
    /// How late a view is at least, by what it is made of: batches, machinery, and what views above it promise.
    #[must_use]
    pub fn lateness(&self, view: &View, floors: Floors) -> Lateness {
        let late = self.late(view, floors, &mut BTreeMap::new());
        let store = view.store.as_ref().filter(|_| view.batch_every().is_none());
        let steps = store.map_or(&[][..], |store| (floors.store)(self.system(store.system).kind));
        steps.iter().fold(late, |late, (what, ms)| late.add(*what, *ms, None))
    }

    /// The same without the view's own store: views on top of it do not read there. `known` are views worked out, and those being worked out.
    fn late(&self, view: &View, floors: Floors, known: &mut BTreeMap<ViewId, Lateness>) -> Lateness {
        let every = view.batch_every();
        let mut worst = Lateness::default();
        for input in view.inputs.iter().map(|input| input.what) {
            let late = match input {
                InputId::Entity(id) if every.is_none() => self.capture(id, floors),
                InputId::Entity(_) | InputId::Event(_) => Lateness::default(),
                InputId::View(id) => match known.get(&id) {
                    Some(late) => late.clone(),
                    None => {
                        known.insert(id, Lateness::default());
                        let late = self.late_above(self.view(id), floors, known);
                        known.insert(id, late.clone());
                        late
                    }
                },
            };
            if late.ms > worst.ms {
                worst = late;
            }
        }
        for copy in view.copies.iter().filter(|_| view.inputs.is_empty() && every.is_none()) {
            let late = self.capture(copy.entity, floors);
            if late.ms > worst.ms {
                worst = late;
            }
        }
        let Some(every) = every else { return worst };
        let mut late = worst.add(format!("a batch of `{}`", view.name), every, view.via_span);
        late.batch_ms = late.batch_ms.saturating_add(every);
        late
    }

    /// What a view that follows has to reckon with: what the view above promises of itself, else what it takes.
    fn late_above(&self, view: &View, floors: Floors, known: &mut BTreeMap<ViewId, Lateness>) -> Lateness {
        let takes = self.late(view, floors, known);
        let promised = view.fresh.as_ref().filter(|fresh| view.says(fresh.span));
        let Some(Spanned { value: promised, span }) = promised else { return takes };
        // What it promises and cannot keep is its own finding.
        let batch_ms = if takes.batch_ms <= promised.ms { takes.batch_ms } else { 0 };
        let late = Lateness { batch_ms, ..Lateness::default() };
        late.add(format!("`{}` as promised", view.name), promised.ms, Some(*span))
    }

    fn capture(&self, id: EntityId, floors: Floors) -> Lateness {
        let entity = self.entity(id);
        // Somebody else's capture takes what it takes.
        let ms = if entity.from_topic.is_some() { 0 } else { (floors.capture)(self.system(entity.home.system).kind) };
        Lateness::default().add("capture", ms, None)
    }
}
