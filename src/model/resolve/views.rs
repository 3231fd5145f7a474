//! Views: where a pipeline starts, what its stages leave of a row, where it ends.

use std::collections::{BTreeMap, BTreeSet};

use super::expressions::NotBuilt;
use super::inside::Started;
use super::stages::{Gap, Row};
use super::stores::FoundStore;
use super::{Context, Named};
use crate::diag::{Diagnostic, codes};
use crate::model::query::Query;
use crate::model::relation::{Derived, Input, InputId, RecordId, Relation, Role, StepKind, Term};
use crate::model::{Copy, EntityId, EventId, Flow, Store, SystemId, TargetName, Via, View, ViewColumn, ViewId};
use crate::source::Span;
use crate::syntax::ast::{self, Item, Path, Stage, StageKind, ViewStatementKind};
use crate::systems::{Kind, PathForm};

/// A view's syntax, named or not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tree<'a> {
    Named(&'a ast::View),
    Bare(&'a ast::BarePipeline),
}

/// Where a pipeline starts.
enum Start {
    Rows(InputId, Box<Row>),
    /// A view of a whole system.
    Many(ViewId),
    WholeSystem(SystemId),
}

impl<'a> Context<'a> {
    pub(super) fn views(&mut self) {
        for (file, item) in self.items() {
            let tree = match item {
                Item::View(view) => Tree::Named(view),
                Item::Bare(pipeline) => Tree::Bare(pipeline),
                _ => continue,
            };
            if let Some(id) = self.declare_view(tree) {
                self.trees.insert(id, (file, tree));
            }
        }
        self.service_names();
        self.policy();
        let ids: Vec<ViewId> = self.trees.keys().copied().collect();
        for id in self.upstream_first(&ids) {
            self.view(id);
        }
        self.policy_misfits();
        self.names_of_unnamed(&ids);
        self.loose_ends(&ids);
    }

    /// An unnamed pipeline is called by its target and table, which may be another view's name.
    fn names_of_unnamed(&mut self, ids: &[ViewId]) {
        let mut called: BTreeMap<String, Vec<ViewId>> = BTreeMap::new();
        for (id, view) in self.model.all_views() {
            called.entry(super::alike(&view.name)).or_default().push(id);
        }
        for id in ids {
            let view = self.model.view(*id);
            if view.named {
                continue;
            }
            // Two flows into one place are `store_taken`.
            let target = |view: &View| {
                let flow = view.flows.first().map(|flow| flow.target.clone());
                (view.store.as_ref().map(|store| store.system), flow)
            };
            let twins = called.get(&super::alike(&view.name)).into_iter().flatten();
            let mut twins = twins.map(|other| (other, self.model.view(*other)));
            let twin = twins.find(|(other, found)| (found.named || *other < id) && target(found) != target(view));
            let Some((_, twin)) = twin else { continue };
            let message = format!("this pipeline would be called `{}`, which another one is called", view.name);
            let diagnostic = Diagnostic::new(codes::NAME_TAKEN, view.span, message)
                .here("called by its target and its table")
                .also(twin.span, if twin.named { "the view of that name" } else { "the other one" })
                .help("give it a name of its own: `view name { … }`");
            self.report(diagnostic);
        }
    }

    fn declare_view(&mut self, tree: Tree) -> Option<ViewId> {
        let id = ViewId(self.model.views.len());
        let view = match tree {
            Tree::Named(view) => {
                let version = view.version.as_ref().map_or(1, |version| version.value);
                if let Some(replaces) = view.replaces.as_ref().filter(|replaces| replaces.value >= version) {
                    let message = format!("version {version} cannot replace version {}", replaces.value);
                    self.report(
                        Diagnostic::new(codes::BAD_VALUE, replaces.span, message)
                            .help("a version replaces an earlier one"),
                    );
                }
                // Two versions of one view stand side by side under one name, which means the first of them.
                let versions = self.versions.get(&view.name.text).map_or(&[][..], Vec::as_slice);
                let twin = versions.iter().any(|other| self.model.view(*other).version != version);
                let same = versions.iter().any(|other| self.model.view(*other).version == version);
                if (!twin || same) && !self.take(&view.name, Named::View(id)) {
                    return None;
                }
                self.versions.entry(view.name.text.clone()).or_default().push(id);
                View { version, ..View::new(&view.name.text, view.name.span, true, view.source.span) }
            }
            Tree::Bare(pipeline) => View::new("", pipeline.span, false, pipeline.source.span),
        };
        self.model.views.push(view);
        Some(id)
    }

    /// Works a view out; those it follows from have been.
    fn view(&mut self, id: ViewId) {
        let Some(&(file, tree)) = self.trees.get(&id) else { return };
        self.done.insert(id, false);
        let (source, except, stages): (&Path, &[Path], &[Stage]) = match tree {
            Tree::Named(view) => (&view.source, &[], &view.stages),
            Tree::Bare(pipeline) => (&pipeline.source, &pipeline.except, &pipeline.stages),
        };
        let mut view = self.model.view(id).clone();
        if let Tree::Named(named) = tree {
            view.docs.clone_from(&named.docs);
            view.replaces = named.replaces.as_ref().map(|version| version.value);
            view.scope = named.span;
            self.statements(file, &named.statements, &mut view);
            let allows = named.statements.iter().filter_map(|statement| {
                if let ViewStatementKind::Allow(allow) = &statement.kind { Some(allow) } else { None }
            });
            self.allows_of(named.span, allows);
        }
        self.inherit(tree, &mut view);
        // A view that somebody else keeps needs neither a capture nor a filler of ours.
        let wired = self.model.is_wired(&view);
        self.wired = wired;
        let start = self.start(source, id);
        // Upstream views have been worked out meanwhile.
        self.wired = wired;
        self.unresolved = start.is_none();
        let (stages, store) = match stages.split_last() {
            Some((Stage { kind: StageKind::Sink(path), .. }, before)) => (before, Some(path)),
            _ => (stages, None),
        };
        let target = store.and_then(|path| self.store(path, stages));
        view.store = target.as_ref().map(|target| Store { system: target.system, span: target.span });
        view.incomplete |= start.is_none() || (store.is_some() && target.as_ref().is_none_or(|found| !found.built));
        match start {
            Some(Start::WholeSystem(system)) => {
                self.whole_system(system, source, except, stages, target.as_ref(), &mut view)
            }
            Some(Start::Rows(what, row)) => {
                self.no_except(except);
                self.rows(what, *row, source, stages, target.as_ref(), &mut view, id);
            }
            Some(Start::Many(upstream)) => {
                self.no_except(except);
                self.of_whole_system(upstream, source, target.as_ref(), &mut view);
            }
            None => {}
        }
        view.unresolved = self.unresolved || (store.is_some() && target.is_none());
        if view.unresolved {
            self.means(view.scope);
        }
        if !view.named {
            view.name = self.unnamed(&view);
        }
        self.promises(tree, &mut view);
        self.waits(&mut view);
        self.measure(id);
        if let Some(place) = self.model.views.get_mut(id.0) {
            *place = view;
        }
        self.done.insert(id, true);
    }

    fn of_whole_system(&mut self, upstream: ViewId, source: &Path, target: Option<&FoundStore>, view: &mut View) {
        view.upstream.push(upstream);
        let above = self.model.view(upstream).clone();
        if !above.incomplete {
            self.not_built(source.span, "views of a view of a whole system are");
        }
        for copy in &above.copies {
            let place = |target: &FoundStore| self.target_name(target, String::new(), view.name.clone());
            let target = target.as_ref().map_or_else(|| copy.target.clone(), |target| place(target));
            view.copies.push(Copy { entity: copy.entity, target });
        }
        view.incomplete = true;
    }

    fn no_except(&mut self, except: &[Path]) {
        if let Some(path) = except.first() {
            self.report(
                Diagnostic::new(codes::MISPLACED_STATEMENT, path.span, "`except` leaves tables out of a whole system")
                    .help("delete it, or start the pipeline with the system's name alone"),
            );
        }
    }

    /// What a pipeline starts with; a mistake is reported and answered by `None`.
    fn start(&mut self, source: &Path, me: ViewId) -> Option<Start> {
        let first = source.parts.first()?;
        if source.parts.len() == 1 {
            match self.names.get(&first.text).copied() {
                Some((Named::System(id), _)) => return Some(Start::WholeSystem(id)),
                Some(_) => {}
                None if Kind::of_word(&first.text).is_none() => {
                    let mut candidates = self.system_candidates();
                    candidates.extend(
                        self.names_of(|named| matches!(named, Named::Entity(_) | Named::View(_) | Named::Event(_))),
                    );
                    self.unknown(first, codes::UNKNOWN_NAME, "entity, view or system", candidates);
                    return None;
                }
                None => {
                    let (system, _) = self.system_of(source)?;
                    return Some(Start::WholeSystem(system));
                }
            }
        }
        if let Some((Named::View(id), _)) = self.names.get(&first.text).copied().filter(|_| source.parts.len() == 1) {
            self.upstream(id, source, me)?;
            if self.model.view(id).whole_system.is_some() {
                return Some(Start::Many(id));
            }
        }
        let (what, row) = self.input(source, me)?;
        Some(Start::Rows(what, Box::new(row)))
    }

    /// Rows that a path stands for: an entity, an event, another view, or a table below a system. A mistake is reported and answered by `None`.
    pub(super) fn input(&mut self, path: &Path, me: ViewId) -> Option<(InputId, Row)> {
        let first = path.parts.first()?;
        if path.parts.len() == 1 {
            match self.names.get(&first.text).copied() {
                Some((Named::Entity(id), _)) => return Some(self.entity_rows(id, &first.text, path)),
                Some((Named::Event(id), _)) => {
                    return Some((InputId::Event(id), self.row_of_event(id, &first.text)));
                }
                Some((Named::View(id), _)) => {
                    self.upstream(id, path, me)?;
                    return Some((InputId::View(id), self.view_rows(id)?));
                }
                // Its own declaration is reported.
                Some((Named::Other | Named::Unread, _)) => return None,
                Some((named, span)) => {
                    let finding = named.instead(first, path.span, span, "nothing a view can follow from");
                    self.report(finding.help("start with an entity, a view, or a path into a system"));
                    return None;
                }
                None if Kind::of_word(&first.text).is_none() => {
                    let candidates =
                        self.names_of(|named| matches!(named, Named::Entity(_) | Named::View(_) | Named::Event(_)));
                    self.unknown(first, codes::UNKNOWN_NAME, "entity, event or view", candidates);
                    return None;
                }
                None => {}
            }
        }
        let (system, rest) = self.system_of(path)?;
        if rest.is_empty() {
            self.report(
                Diagnostic::new(codes::BAD_VALUE, path.span, "rows come from a table, not from a whole system")
                    .help(format!("write `{}.schema.table`", first.text)),
            );
            return None;
        }
        if self.model.system(system).kind == Kind::Kafka {
            let topic = super::dotted(rest);
            let event = self.model.events.iter().position(|event| event.log == system && event.topic == topic);
            if let Some(at) = event {
                let name = self.model.event(EventId(at)).name.clone();
                return Some((InputId::Event(EventId(at)), self.row_of_event(EventId(at), &name)));
            }
            let message = format!("nothing says what `{}` holds", path.text());
            self.report(
                Diagnostic::new(codes::UNKNOWN_NAME, path.span, message)
                    .here("a topic is known by the event or view it carries")
                    .help(format!("declare `event name in {} {{ … }}`, and start with its name", path.text())),
            );
            return None;
        }
        let (namespace, table) = self.place(system, rest, path)?;
        let entity = self.entity_at(system, namespace, table, path.span)?;
        let name = self.model.entity(entity).name.clone();
        Some(self.entity_rows(entity, &name, path))
    }

    fn entity_rows(&mut self, id: EntityId, name: &str, path: &Path) -> (InputId, Row) {
        let mut row = self.row_of(id, name);
        let system = self.model.entity(id).home.system;
        if !self.system_capturable(system, path.span) {
            row.gaps.push(Gap::Said);
        }
        self.one_log(system);
        (InputId::Entity(id), row)
    }

    /// Another view's rows.
    fn view_rows(&mut self, id: ViewId) -> Option<Row> {
        let above = self.model.view(id);
        let relation = above.relation.as_ref()?;
        let mut columns = relation.columns.clone();
        for column in &mut columns {
            column.row = vec![above.name.clone()];
        }
        let name = above.name.clone();
        let mut row = super::stages::row(
            relation.nature,
            columns,
            relation.key.clone(),
            above.partitioned.as_ref().map_or_else(|| relation.routing.clone(), |stated| stated.value.clone()),
            &name,
            None,
        );
        let seen = relation.columns.iter().chain(&relation.beside);
        row.seen = seen.map(|seen| Derived { row: Vec::new(), ..seen.clone() }).collect();
        match above.flows.as_slice() {
            [flow] if !above.incomplete => {
                row.record = Some(flow.record);
                row.filters.clone_from(&flow.filters);
            }
            // Only SQL beside it can follow: nothing captures what a store makes itself.
            _ if above.inside && !above.incomplete => {
                let span = above.store.as_ref().map_or(above.span, |store| store.span);
                let what = format!("what follows from `{}`, which its store makes, in another store is", above.name);
                row.gaps.push(Gap::Later(NotBuilt::new(span, what)));
            }
            _ => row.gaps.push(Gap::Said),
        }
        if relation.open {
            row.open = relation.columns.iter().find_map(|column| column.term.reads().first().map(|c| c.record));
            row.open = row.open.or_else(|| above.copies.first().map(|copy| RecordId::Entity(copy.entity)));
        }
        Some(row)
    }

    /// A pipeline's rows through its stages into its store.
    #[expect(clippy::too_many_arguments, reason = "the parts of one pipeline")]
    fn rows(
        &mut self,
        what: InputId,
        mut row: Row,
        source: &Path,
        stages: &[Stage],
        target: Option<&FoundStore>,
        view: &mut View,
        id: ViewId,
    ) {
        let start = row.record;
        let before = Started::of(&row);
        let started = super::query::columns(&row.columns);
        row.inputs.push(Input { what, span: source.span, role: Role::Start, on: None });
        let of_events = match what {
            InputId::Event(_) => true,
            InputId::View(above) => self.model.view(above).via == Via::Events,
            InputId::Entity(_) => false,
        };
        if of_events && view.via_span.is_none() {
            view.via = Via::Events;
        }
        for stage in stages {
            self.stage(stage, &mut row, id);
        }
        self.end_of_stages(&mut row);
        for input in &row.inputs {
            if let InputId::View(above) = input.what
                && !view.upstream.contains(&above)
            {
                view.upstream.push(above);
            }
        }
        if let Some(RecordId::Entity(entity)) = start
            && let Some(expr) = self.model.entity(entity).deleted_when.clone()
            && view.upstream.is_empty()
        {
            let span = self.model.entity(entity).span;
            row.filters
                .push(crate::model::Filter { expr: crate::model::expr::Expr::Not(Box::new(never_null(expr))), span });
        }
        let name = self.place_of(what, target, view);
        view.target = target.map(|_| name.clone());
        for entity in self.entities_of(&row.inputs) {
            view.copies.push(Copy { entity, target: name.clone() });
        }
        view.inputs.clone_from(&row.inputs);
        let told = !row.untold && row.open.is_none();
        view.query = told.then(|| Query { start: started, stages: std::mem::take(&mut row.query) });
        match self.inside(&row, &before, target, view, view.query.as_ref()) {
            Ok(inside) => view.inside = inside,
            Err(gap) => row.gaps = vec![Gap::Later(gap)],
        }
        if !view.inside {
            self.gaps(&row, target, view);
        }
        let flow = row.record.filter(|_| row.gaps.is_empty()).map(|record| Flow {
            record,
            columns: if row.open.is_some() { Vec::new() } else { row.columns.iter().filter_map(view_column).collect() },
            filters: row.filters.clone(),
            target: name.clone(),
        });
        let flow = match (&view.query, target) {
            (Some(query), Some(target)) if view.inside => self.landing(before, query, target, view, &name),
            _ => flow,
        };
        view.incomplete |= flow.is_none() && !view.inside;
        if let Some(target) = target {
            view.incomplete |= !self.fits_path(target, &name);
            if let Some(flow) = &flow {
                view.incomplete |= !self.fits(target, flow, row.open.is_some());
            }
        }
        view.flows.extend(flow);
        row.saw();
        row.seen.retain(|seen| !row.columns.contains(seen));
        view.relation = Some(Relation {
            nature: row.nature,
            columns: row.columns,
            open: row.open.is_some(),
            key: row.key,
            routing: row.routing,
            beside: row.seen,
            steps: row.steps,
        });
    }

    /// What stands behind the last stage.
    fn end_of_stages(&mut self, row: &mut Row) {
        self.loose_window(row);
        row.saw();
        self.end_group(row);
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let mut twin = None;
        for column in &row.columns {
            if let Some(first) = seen.insert(&column.name, column.span) {
                twin = twin.or(Some((column.clone(), first)));
            }
        }
        let join = row.steps.iter().rev().find(|step| matches!(step.kind, StepKind::Join(_)));
        if let (Some((column, first)), Some(join)) = (twin, join) {
            self.two_of_a_name(join.span, &column, first);
        }
    }

    /// The place of a view's rows below its store.
    fn place_of(&self, what: InputId, target: Option<&FoundStore>, view: &View) -> TargetName {
        let Some(target) = target else { return TargetName { namespace: None, name: String::new() } };
        match what {
            InputId::Entity(id) => {
                let home = self.model.entity(id).home.clone();
                self.target_name(target, home.namespace, home.table)
            }
            InputId::Event(id) => {
                let name = self.model.event(id).name.clone();
                self.target_name(target, default_namespace(self.model.system(target.system).kind), name)
            }
            InputId::View(above) => {
                let above = self.model.view(above);
                if let [flow] = above.flows.as_slice()
                    && let Some(entity) = flow.entity()
                {
                    let home = self.model.entity(entity).home.clone();
                    return self.target_name(target, home.namespace, home.table);
                }
                let name = if view.named { view.name.clone() } else { above.name.clone() };
                self.target_name(target, default_namespace(self.model.system(target.system).kind), name)
            }
        }
    }

    /// The entities that inputs follow from, at any distance; the start's first.
    fn entities_of(&self, inputs: &[Input]) -> Vec<EntityId> {
        let mut all: Vec<EntityId> = Vec::new();
        for input in inputs {
            let found: Vec<EntityId> = match input.what {
                InputId::Entity(id) => vec![id],
                InputId::Event(_) => Vec::new(),
                InputId::View(id) => self.model.view(id).copies.iter().map(|copy| copy.entity).collect(),
            };
            all.extend(found);
        }
        let mut seen = BTreeSet::new();
        all.retain(|entity| seen.insert(*entity));
        all
    }

    /// `<target system>_<table>`; for a whole system `<target system>_<source system>`.
    fn unnamed(&self, view: &View) -> String {
        let target = view.store.as_ref().map_or("view", |store| self.model.system(store.system).name.as_str());
        let table = match (&view.whole_system, view.flows.first()) {
            (Some(whole), _) => self.model.system(whole.system).name.clone(),
            (None, Some(flow)) => flow.target.name.clone(),
            (None, None) => "unresolved".to_owned(),
        };
        format!("{target}_{table}")
    }
}

/// A view's column of one entity's row, as targets take it.
pub(super) fn view_column(column: &Derived) -> Option<ViewColumn> {
    let source = match (&column.term, &column.mask) {
        (Term::Column(source), _) => source,
        (Term::Apply(_, terms), Some(_)) => terms.first()?.column()?,
        (Term::Literal(_) | Term::Apply(..), _) => return None,
    };
    Some(ViewColumn {
        name: column.name.clone(),
        source: source.column.clone(),
        span: column.span,
        ty: column.ty.clone(),
        nullable: column.nullable,
        mask: column.mask.clone(),
        pii: column.pii.is_some(),
    })
}

/// The schema of what has none of its own, in a store of that kind.
fn default_namespace(kind: Kind) -> String {
    match kind.facts().path {
        PathForm::SchemaTable(default) => default.to_owned(),
        PathForm::DatabaseTable | PathForm::Single => String::new(),
    }
}

/// `not` of a condition that may be null must be true where it is null: a row is deleted only where the condition is true.
pub(super) fn never_null(expr: crate::model::expr::Expr) -> crate::model::expr::Expr {
    use crate::model::expr::Expr;
    Expr::Coalesce(vec![expr, Expr::Bool(false)])
}
