//! Views whose rows SQL inside their store makes, since all they are made of lies there or can be landed there (language 2.10, 24).

use std::collections::BTreeSet;

use super::Context;
use super::expressions::NotBuilt;
use super::stages::{Gap, Row};
use super::stores::FoundStore;
use super::views::view_column;
use crate::model::query::{At, Query, Value, ValueKind, What};
use crate::model::relation::{InputId, Nature, RecordId, Role, StepKind};
use crate::model::types::Type;
use crate::model::walk::causal;
use crate::model::{Filter, Flow, Mask, TargetName, View, ViewColumn};
use crate::source::Span;
use crate::syntax::ast::Claim;
use crate::systems::Kind;

/// Where rows are landed that only the view's own SQL reads: its table's name with this behind it.
const LANDED: &str = "__landed";

/// What a pipeline starts with, before its stages.
pub(super) struct Started {
    /// The entity or event whose rows these are, one to one.
    pub(super) record: Option<RecordId>,
    /// The columns, as a flow carries them; none where one is computed.
    pub(super) columns: Option<Vec<ViewColumn>>,
    /// Conditions of the views before.
    pub(super) filters: Vec<Filter>,
}

impl Started {
    pub(super) fn of(row: &Row) -> Self {
        Self {
            record: row.record,
            columns: row.columns.iter().map(view_column).collect(),
            filters: row.filters.clone(),
        }
    }
}

impl Context<'_> {
    /// Whether SQL inside the store makes the view's rows: its stages look at many rows or at facts, and whatever they join is there. What keeps it from
    /// being written is the answer where that is all that is missing.
    pub(super) fn inside(
        &self,
        row: &Row,
        started: &Started,
        target: Option<&FoundStore>,
        view: &View,
        query: Option<&Query>,
    ) -> Result<bool, NotBuilt> {
        let many = row.gaps.iter().any(|gap| matches!(gap, Gap::Engine(..)));
        let said = row.gaps.iter().any(|gap| matches!(gap, Gap::Said));
        let Some(target) = target else { return Ok(false) };
        let postgres = target.built && self.model.system(target.system).kind == Kind::Postgres;
        if said || !postgres || !self.model.is_wired(view) || !self.model.side_by_side(view) {
            return Ok(false);
        }
        let of_made = view.upstream.iter().any(|above| self.model.view(*above).inside);
        if row.gaps.is_empty() || !(many || of_made || row.nature == Nature::Facts) {
            return Ok(false);
        }
        let Some(query) = query else { return Ok(false) };
        if !self.made_of_tables(started, target, view) {
            return Ok(false);
        }
        written(query)?;
        Ok(true)
    }

    /// Whether each input is a table in the store, or can be landed in one.
    fn made_of_tables(&self, started: &Started, target: &FoundStore, view: &View) -> bool {
        view.inputs.iter().all(|input| match (input.what, input.role) {
            (InputId::View(id), role) => {
                let above = self.model.view(id);
                let here = above.store.as_ref().is_some_and(|store| store.system == target.system);
                let lands = role == Role::Start && above.store.is_none() && lands(started);
                !above.incomplete && (here || lands)
            }
            (InputId::Event(_), Role::Start) => lands(started),
            // Its record is landed once more, beside what is made of it.
            (InputId::Entity(id), Role::Start) => {
                let entity = self.model.entity(id);
                entity.home.system != target.system && !entity.key.is_empty() && lands(started)
            }
            // A record of the store's own database is read where it is.
            (InputId::Entity(id), _) => !self.model.entity(id).open,
            (InputId::Event(_), _) => false,
        })
    }

    /// The flow that lands what such a view starts with; none where that is a table of its store already.
    pub(super) fn landing(
        &self,
        started: Started,
        query: &Query,
        target: &FoundStore,
        view: &View,
        place: &TargetName,
    ) -> Option<Flow> {
        let start = view.inputs.iter().find(|input| input.role == Role::Start)?;
        if let InputId::View(id) = start.what
            && self.model.view(id).store.as_ref().is_some_and(|store| store.system == target.system)
        {
            return None;
        }
        let read = read(query);
        let columns = started.columns?.into_iter();
        let columns = columns.filter(|column| read.as_ref().is_none_or(|read| read.contains(column.name.as_str())));
        let name = TargetName { namespace: place.namespace.clone(), name: format!("{}{LANDED}", place.name) };
        Some(Flow { record: started.record?, columns: columns.collect(), filters: started.filters, target: name })
    }

    /// Lands what a promise compares besides what the view shows, and says which promises this version cannot keep by SQL.
    pub(super) fn waits(&mut self, view: &mut View) {
        if !view.inside {
            return;
        }
        let after: Vec<(Span, Vec<InputId>)> = view
            .guarantees
            .iter()
            .filter(|promise| matches!(promise.claim, Claim::After { .. }))
            .map(|promise| (promise.span, promise.about.iter().map(|about| about.value).collect()))
            .collect();
        for (span, about) in after {
            let [effect, cause] = about.as_slice() else { continue };
            let pairs: Vec<(RecordId, RecordId)> = self
                .model
                .records_of(*effect)
                .into_iter()
                .flat_map(|effect| self.model.records_of(*cause).into_iter().map(move |cause| (effect, cause)))
                .collect();
            let waiting =
                pairs.into_iter().find(|(effect, cause)| !causal::sees(&self.model, *effect, *cause).is_empty());
            let Some((effect, cause)) = waiting else { continue };
            if let Some(what) = self.unable_to_wait(view, effect, cause) {
                self.not_built(span, &what);
                view.incomplete = true;
                continue;
            }
            let seen: Vec<String> =
                causal::sees(&self.model, effect, cause).into_iter().map(|(column, _)| column.name.clone()).collect();
            for name in seen {
                self.land_also(view, effect, &name);
            }
        }
    }

    /// Why the view cannot wait for a record by SQL; none where it can.
    fn unable_to_wait(&self, view: &View, effect: RecordId, cause: RecordId) -> Option<String> {
        if view.flows.first().is_none_or(|flow| flow.record != effect) {
            return Some("waiting for what was seen, where the view does not start with who saw it, is".to_owned());
        }
        let joined = view.inputs.iter().find(|input| {
            let keyed = matches!(input.role, Role::Join { keyed: true, left: false, many: false, .. });
            keyed && self.model.records_of(input.what).contains(&cause)
        });
        let Some(InputId::View(copy)) = joined.map(|input| input.what) else {
            return Some(
                "waiting for a record that is not joined by its whole key from a view in the store is".to_owned(),
            );
        };
        let copy = self.model.view(copy);
        let sees = causal::sees(&self.model, effect, cause);
        let flow = copy.flows.first().filter(|flow| flow.record == cause && copy.flows.len() == 1);
        let kept = flow.is_some_and(|flow| {
            sees.iter().all(|(_, sees)| {
                flow.columns.iter().any(|column| column.source == sees.column && column.mask.is_none())
            })
        });
        if !kept {
            let column = sees.first().map_or("", |(_, sees)| sees.column.as_str());
            return Some(format!("waiting by `{}`, which does not keep `{column}`, is", copy.name));
        }
        let grouped = view.relation.iter().flat_map(|relation| &relation.steps);
        if grouped.into_iter().any(|step| matches!(step.kind, StepKind::Group { .. })) {
            return Some("waiting before `group by` is".to_owned());
        }
        None
    }

    fn land_also(&self, view: &mut View, record: RecordId, name: &str) {
        let Some(column) = self.model.record_column(record, name) else { return };
        let Some(flow) = view.flows.first_mut().filter(|flow| flow.columns.iter().all(|kept| kept.source != name))
        else {
            return;
        };
        flow.columns.push(ViewColumn {
            name: name.to_owned(),
            source: name.to_owned(),
            span: column.span,
            ty: column.ty.clone(),
            nullable: column.nullable,
            mask: None,
            pii: column.pii.is_some(),
        });
    }
}

fn lands(started: &Started) -> bool {
    started.record.is_some() && started.columns.is_some()
}

/// The names of the first row's columns that its stages read; none where all of them stay.
fn read(query: &Query) -> Option<BTreeSet<&str>> {
    let row = query.start.first().map_or("", |column| column.at.row.as_str());
    let mut names = BTreeSet::new();
    let mut narrowed = false;
    for stage in &query.stages {
        narrowed |= matches!(stage.what, What::Select(_));
        let mut note = |value: &'_ Value| {
            let mut found: Vec<At> = Vec::new();
            value.visit(&mut |part| found.extend(part.column().cloned()));
            found
        };
        let found: Vec<At> = values(&stage.what).into_iter().flat_map(&mut note).collect();
        for at in found.into_iter().filter(|at| at.row == row || at.row.is_empty()) {
            names.extend(query.start.iter().map(|column| column.at.name.as_str()).filter(|name| *name == at.name));
        }
    }
    narrowed.then_some(names)
}

/// The values of a stage.
fn values(what: &What) -> Vec<&Value> {
    match what {
        What::Where(value)
        | What::Join { on: value, .. }
        | What::Nest { on: value, .. }
        | What::Window { on: value, .. } => {
            vec![value]
        }
        What::Select(all) | What::Group { by: all } => all.iter().map(|(_, value)| value).collect(),
        What::Distinct { by } | What::KeyBy { by } => by.iter().collect(),
        What::Union { .. } => Vec::new(),
    }
}

/// Whether this version writes the stages as SQL; else the first part that it does not.
fn written(query: &Query) -> Result<(), NotBuilt> {
    for stage in &query.stages {
        let not = |what: &str| Err(NotBuilt::new(stage.span, format!("{what} by SQL in the store is")));
        match &stage.what {
            What::Where(_) | What::Select(_) | What::Group { .. } => {}
            What::Join { within: None, .. } => {}
            What::Join { .. } => return not("`join … within`"),
            What::Nest { .. } => return not("`nest`"),
            What::Window { .. } => return not("a window"),
            What::Distinct { .. } => return not("`distinct`"),
            What::Union { .. } => return not("`union`"),
            What::KeyBy { .. } => return not("`key by`"),
        }
        for value in values(&stage.what) {
            let mut gap = None;
            value.visit(&mut |part| gap = gap.take().or_else(|| unwritten(part)));
            if let Some((span, what)) = gap {
                return Err(NotBuilt::new(span, format!("{what} by SQL in the store is")));
            }
        }
    }
    Ok(())
}

fn unwritten(value: &Value) -> Option<(Span, &'static str)> {
    let what = match &value.kind {
        ValueKind::Duration(_) => "a span of time",
        ValueKind::WindowStart | ValueKind::WindowEnd => "a window",
        ValueKind::Call { function, .. } if function == "pair" => "`pair`",
        ValueKind::Masked { mask: Mask::Hash, .. } => "a hash",
        ValueKind::Aggregate { function, arg } if matches!(function.as_str(), "min" | "max") => {
            let ty = arg.as_ref().map(|arg| &arg.ty);
            if matches!(ty, Some(Type::Bool | Type::Uuid | Type::Json | Type::Bytes)) {
                return Some((value.span, "the least or greatest of values without an order"));
            }
            return None;
        }
        _ => return None,
    };
    Some((value.span, what))
}
