//! Views: where a pipeline starts, what its stages leave of a row, where it ends.

use std::collections::{BTreeMap, BTreeSet};

use super::stages::Row;
use super::stores::FoundStore;
use super::{Context, Named};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{Persistence, Shape};
use crate::model::{Copy, EntityId, Flow, Store, SystemId, TargetName, Via, View, ViewId, WholeSystem};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Item, Path, Stage, StageKind, ViewStatementKind};
use crate::systems::{Kind, PathForm, Support};

/// A view's syntax, named or not.
#[derive(Clone, Copy)]
enum Tree<'a> {
    Named(&'a ast::View),
    Bare(&'a ast::BarePipeline),
}

/// Where a pipeline starts.
enum Start {
    Row(Row),
    Upstream(ViewId),
    WholeSystem(SystemId),
}

impl<'a> Context<'a> {
    pub(super) fn views(&mut self) {
        let mut trees: BTreeMap<ViewId, (FileId, Tree<'a>)> = BTreeMap::new();
        for (file, item) in self.items() {
            let tree = match item {
                Item::View(view) => Tree::Named(view),
                Item::Bare(pipeline) => Tree::Bare(pipeline),
                _ => continue,
            };
            if let Some(id) = self.declare_view(tree) {
                trees.insert(id, (file, tree));
            }
        }
        let stop = |tree: &Tree| match tree {
            Tree::Named(view) => view.statements.iter().any(|s| matches!(s.kind, ViewStatementKind::BadRecordsStop)),
            Tree::Bare(_) => false,
        };
        let stopping: BTreeSet<ViewId> = trees.iter().filter(|(_, (_, tree))| stop(tree)).map(|(id, _)| *id).collect();
        let ids: Vec<ViewId> = trees.keys().copied().collect();
        for id in &ids {
            self.view(*id, &trees);
        }
        self.defaults(&ids, &stopping);
        self.names_of_unnamed(&ids);
        self.loose_ends(&ids);
    }

    /// A view without a store is a topic of its own where no other view follows it.
    fn loose_ends(&mut self, ids: &[ViewId]) {
        let followed: BTreeSet<ViewId> = self.model.views.iter().flat_map(|view| &view.upstream).copied().collect();
        for id in ids {
            let view = self.model.view(*id);
            if view.store.is_none() && !view.incomplete && !followed.contains(id) {
                let diagnostic = Diagnostic::new(
                    codes::STATEMENT_NOT_BUILT,
                    view.span,
                    "topics of views are not compiled by this version",
                )
                .here("it ends in no store, and no other view follows it")
                .help("end it in a store, or let another view follow it");
                self.report(diagnostic);
            }
        }
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

    /// Works a view out, its upstream views first.
    fn view(&mut self, id: ViewId, trees: &BTreeMap<ViewId, (FileId, Tree<'a>)>) {
        if self.done.contains_key(&id) {
            return;
        }
        let Some(&(file, tree)) = trees.get(&id) else { return };
        self.done.insert(id, false);
        let (source, except, stages): (&Path, &[Path], &[Stage]) = match tree {
            Tree::Named(view) => (&view.source, &[], &view.stages),
            Tree::Bare(pipeline) => (&pipeline.source, &pipeline.except, &pipeline.stages),
        };
        let mut view = self.model.view(id).clone();
        if let Tree::Named(named) = tree {
            view.docs.clone_from(&named.docs);
            view.replaces = named.replaces.as_ref().map(|version| version.value);
            self.statements(file, &named.statements, &mut view);
            let allows = named.statements.iter().filter_map(|statement| {
                if let ViewStatementKind::Allow(allow) = &statement.kind { Some(allow) } else { None }
            });
            self.allows_of(named.span, allows);
        }
        // A view that somebody else keeps needs neither a capture nor a filler of ours.
        self.wired = view.via == Via::Cdc;
        let start = self.start(source, trees, id);
        // Upstream views have been worked out meanwhile.
        self.wired = view.via == Via::Cdc;
        let (stages, store) = match stages.split_last() {
            Some((Stage { kind: StageKind::Sink(path), .. }, before)) => (before, Some(path)),
            _ => (stages, None),
        };
        let target = store.and_then(|path| self.store(path, stages));
        view.incomplete |= start.is_none() || (store.is_some() && target.is_none());
        match start {
            Some(Start::WholeSystem(system)) => {
                self.whole_system(system, source, except, stages, target.as_ref(), &mut view)
            }
            Some(Start::Row(row)) => {
                self.no_except(except);
                self.flow(row, stages, target.as_ref(), &mut view);
            }
            Some(Start::Upstream(upstream)) => {
                self.no_except(except);
                view.upstream.push(upstream);
                let above = self.model.view(upstream).clone();
                view.incomplete |= above.incomplete;
                if let [flow] = above.flows.as_slice() {
                    let row = Row {
                        entity: flow.entity,
                        columns: flow.columns.clone(),
                        filters: flow.filters.clone(),
                        open: flow.columns.is_empty(),
                        names: vec![above.name.clone()],
                        // A column that a view above has left out is simply not there.
                        computed: Vec::new(),
                    };
                    self.flow(row, stages, target.as_ref(), &mut view);
                } else {
                    if !above.incomplete {
                        self.not_built(source.span, "views of a view of a whole system are");
                    }
                    for copy in &above.copies {
                        let place = |target: &FoundStore| self.target_name(target, String::new(), view.name.clone());
                        let target = target.as_ref().map_or_else(|| copy.target.clone(), place);
                        view.copies.push(Copy { entity: copy.entity, target });
                    }
                    view.incomplete = true;
                }
            }
            None => {}
        }
        if let Some(target) = target {
            view.store = Some(Store { system: target.system, span: target.span });
        }
        if !view.named {
            view.name = self.unnamed(&view);
        }
        self.check_claims(&view);
        if let Some(place) = self.model.views.get_mut(id.0) {
            *place = view;
        }
        self.done.insert(id, true);
    }

    fn no_except(&mut self, except: &[Path]) {
        if let Some(path) = except.first() {
            self.report(
                Diagnostic::new(codes::MISPLACED_STATEMENT, path.span, "`except` leaves tables out of a whole system")
                    .help("delete it, or start the pipeline with the system's name alone"),
            );
        }
    }

    fn start(&mut self, source: &Path, trees: &BTreeMap<ViewId, (FileId, Tree<'a>)>, me: ViewId) -> Option<Start> {
        let first = source.parts.first()?;
        if source.parts.len() == 1 {
            match self.names.get(&first.text).copied() {
                Some((Named::Entity(id), _)) => {
                    return self.capturable(id, source).then(|| Start::Row(self.row_of(id, &first.text)));
                }
                Some((Named::View(id), _)) => return self.upstream(id, source, trees, me),
                Some((Named::Event(_), _)) => {
                    // The event's own declaration says that it is not compiled.
                    return None;
                }
                Some((Named::System(id), _)) => return Some(Start::WholeSystem(id)),
                Some((named @ (Named::Service(_) | Named::Environment(_) | Named::Secret(_)), span)) => {
                    let finding = named.instead(first, source.span, span, "nothing a view can follow from");
                    self.report(finding.help("start with an entity, a view, or a path into a system"));
                    return None;
                }
                // Its own declaration is reported.
                Some((Named::Other | Named::Unread, _)) => return None,
                None if Kind::of_word(&first.text).is_none() => {
                    let mut candidates = self.system_candidates();
                    candidates.extend(
                        self.names
                            .iter()
                            .filter(|(_, (named, _))| matches!(named, Named::Entity(_) | Named::View(_)))
                            .map(|(name, _)| name.clone()),
                    );
                    self.unknown(first, codes::UNKNOWN_NAME, "entity, view or system", candidates);
                    return None;
                }
                None => {}
            }
        }
        let (system, rest) = self.system_of(source)?;
        if rest.is_empty() {
            return Some(Start::WholeSystem(system));
        }
        let (namespace, table) = self.place(system, rest, source)?;
        let entity = self.entity_at(system, namespace, table, source.span)?;
        self.capturable(entity, source).then(|| {
            let name = self.model.entity(entity).name.clone();
            Start::Row(self.row_of(entity, &name))
        })
    }

    fn upstream(
        &mut self,
        id: ViewId,
        source: &Path,
        trees: &BTreeMap<ViewId, (FileId, Tree<'a>)>,
        me: ViewId,
    ) -> Option<Start> {
        if self.done.get(&id) == Some(&false) {
            let name = self.model.view(id).name.clone();
            let mut diagnostic = Diagnostic::new(codes::VIEW_CYCLE, source.span, "a view cannot follow from itself")
                .here(format!("`{name}` follows from this view"))
                .help("cut the cycle at the store that does not decide");
            if id != me {
                diagnostic = diagnostic.also(self.model.view(id).span, "declared here");
            }
            self.report(diagnostic);
            return None;
        }
        self.view(id, trees);
        Some(Start::Upstream(id))
    }

    /// Whether this version can capture the entity's system; says so where it cannot.
    fn capturable(&mut self, entity: EntityId, source: &Path) -> bool {
        let home = self.model.entity(entity).home.clone();
        self.system_capturable(home.system, source.span)
    }

    fn system_capturable(&mut self, id: SystemId, span: Span) -> bool {
        let system = self.model.system(id);
        let facts = system.kind.facts();
        let name = system.name.clone();
        let place = if system.declared { system.span } else { span };
        match facts.record {
            _ if !self.wired => true,
            Support::Built => true,
            Support::Later => {
                // Once for each system, at its declaration.
                let message = format!("capturing {} is not compiled by this version", facts.title);
                if !self.diagnostics.iter().any(|d| d.rule == codes::TARGET_NOT_BUILT.name && d.primary.span == place) {
                    self.report(
                        Diagnostic::new(codes::TARGET_NOT_BUILT, place, message)
                            .here(format!("`{name}` is a record here"))
                            .help("this version captures postgres"),
                    );
                }
                false
            }
            Support::Never => {
                self.report(
                    Diagnostic::new(
                        codes::NO_CHANGE_LOG,
                        span,
                        format!("{} has no change log diac can read", facts.title),
                    )
                    .here(format!("`{name}` would have to be captured"))
                    .help("make another system the record"),
                );
                false
            }
        }
    }

    fn flow(&mut self, mut row: Row, stages: &[Stage], target: Option<&FoundStore>, view: &mut View) {
        let log = self.model.entity(row.entity).home.system;
        self.one_log(log);
        let home = self.model.entity(row.entity).home.clone();
        let name = match target {
            Some(target) => self.target_name(target, home.namespace, home.table),
            None => TargetName { namespace: None, name: String::new() },
        };
        view.copies.push(Copy { entity: row.entity, target: name.clone() });
        for stage in stages {
            if !self.stage(stage, &mut row) {
                view.incomplete = true;
                return;
            }
        }
        if let Some(expr) = self.model.entity(row.entity).deleted_when.clone()
            && view.upstream.is_empty()
        {
            let span = self.model.entity(row.entity).span;
            row.filters
                .push(crate::model::Filter { expr: crate::model::expr::Expr::Not(Box::new(never_null(expr))), span });
        }
        if let Some(target) = target {
            view.incomplete |= !self.fits(target, &row, &name);
        }
        view.flows.push(Flow { entity: row.entity, columns: row.columns, filters: row.filters, target: name });
    }

    /// A record's changes need one log; several `kafka` systems and none named is a question.
    fn one_log(&mut self, system: SystemId) {
        let found = self.model.system(system);
        if let Some(log) = found.log.filter(|_| self.wired) {
            let (carrying, first) = *self.log.get_or_insert((log, system));
            if carrying != log && first != system {
                let (span, name) = (found.span, found.name.clone());
                let message =
                    format!("`{name}` and `{}` on two logs in one pipeline are", self.model.system(first).name);
                if !self.diagnostics.iter().any(|d| d.primary.span == span && d.rule == codes::STATEMENT_NOT_BUILT.name)
                {
                    self.not_built(span, &message);
                }
            }
        }
        let kafkas = self.kafkas();
        if !self.wired || kafkas.len() < 2 || self.model.system(system).log.is_some() {
            return;
        }
        let names: Vec<String> = kafkas.iter().map(|&id| self.model.system(id).name.clone()).collect();
        let system = self.model.system(system);
        let diagnostic = Diagnostic::new(
            codes::AMBIGUOUS_LOG,
            system.span,
            format!("which log carries the changes of `{}`?", system.name),
        )
        .here(format!("{} are declared", super::list(&names)))
        .help(format!("write `log {}` in the system", names.first().map_or("bus", String::as_str)));
        if !self.diagnostics.contains(&diagnostic) {
            self.report(diagnostic);
        }
    }

    fn whole_system(
        &mut self,
        system: SystemId,
        source: &Path,
        except: &[Path],
        stages: &[Stage],
        target: Option<&FoundStore>,
        view: &mut View,
    ) {
        if !self.system_capturable(system, source.span) {
            view.incomplete = true;
            return;
        }
        if let Some(stage) = stages.first() {
            self.report(
                Diagnostic::new(codes::MISPLACED_STATEMENT, stage.span, "a whole system goes into a store as it is")
                    .here("this stage would apply to every table")
                    .help("write a view for the table it is meant for, and leave that table out with `except`"),
            );
            view.incomplete = true;
            return;
        }
        let name = self.model.system(system).name.clone();
        let Some(schema) = self.model.system(system).schema.clone() else {
            view.incomplete = true;
            if self.model.system(system).schema_span.is_none() {
                self.report(
                    Diagnostic::new(codes::UNKNOWN_TABLE, source.span, format!("the tables of `{name}` are not known"))
                        .here("a bare system means every table of its schema")
                        .help(format!("write `system {name} {{ schema \"dump.sql\" }}`, or name a table")),
                );
            }
            return;
        };
        let mut left_out = Vec::new();
        for path in except {
            left_out.extend(self.except(system, path, &schema));
        }
        for table in &schema.tables {
            let stored = matches!(table.shape, Shape::Ordinary | Shape::Partitioned);
            if !stored || matches!(table.persistence, Persistence::Temporary(_)) {
                continue;
            }
            if left_out.iter().any(|(schema, name, _)| *schema == table.schema && *name == table.name) {
                continue;
            }
            let Some(entity) = self.entity_at(system, table.schema.clone(), table.name.clone(), source.span) else {
                continue;
            };
            let row = self.row_of(entity, &table.name);
            self.flow(row, &[], target, view);
        }
        if view.flows.is_empty() && !view.incomplete {
            let message = format!("`{name}` has no table to follow");
            let here =
                if left_out.is_empty() { "its schema declares none" } else { "all of its schema's are left out" };
            self.report(
                Diagnostic::new(codes::UNKNOWN_TABLE, source.span, message)
                    .here(here)
                    .help("name the file that declares them, or delete the pipeline"),
            );
        }
        view.whole_system = Some(WholeSystem { system, except: left_out });
    }

    /// The tables an `except` path leaves out.
    fn except(
        &mut self,
        system: SystemId,
        path: &Path,
        schema: &crate::model::schema::Schema,
    ) -> Vec<(String, String, Span)> {
        let parts: Vec<&str> = path.parts.iter().map(|part| part.text.as_str()).collect();
        let name = self.model.system(system).name.clone();
        let default = match self.model.system(system).kind.facts().path {
            PathForm::SchemaTable(default) => default,
            PathForm::DatabaseTable | PathForm::Single => "",
        };
        let (namespace, table) = match parts.as_slice() {
            [first, namespace, table] if *first == name => (*namespace, *table),
            [first, table] if *first == name => (default, *table),
            [namespace, table] => (*namespace, *table),
            [table] => (default, *table),
            _ => ("", ""),
        };
        let found: Vec<_> = schema
            .tables
            .iter()
            .filter(|known| (namespace == "*" || known.schema == namespace) && (table == "*" || known.name == table))
            .map(|known| (known.schema.clone(), known.name.clone(), path.span))
            .collect();
        if found.is_empty() {
            let candidates: Vec<String> =
                schema.tables.iter().map(|table| format!("{name}.{}.{}", table.schema, table.name)).collect();
            let written = format!("{name}.{namespace}.{table}");
            let mut diagnostic = Diagnostic::new(
                codes::UNKNOWN_TABLE,
                path.span,
                format!("`{name}` has no table `{namespace}.{table}`"),
            )
            .here("there is nothing to leave out");
            diagnostic = match crate::syntax::suggest::nearest(&written, candidates.iter().map(String::as_str)) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(path.span, near),
                None => diagnostic.help("correct the path, or delete it"),
            };
            self.report(diagnostic);
        }
        found
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

/// `not` of a condition that may be null must be true where it is null: a row is deleted only where the condition is true.
fn never_null(expr: crate::model::expr::Expr) -> crate::model::expr::Expr {
    use crate::model::expr::Expr;
    Expr::Coalesce(vec![expr, Expr::Bool(false)])
}
