//! Processes: which stream makes which events of which, and what foreign code is handed.

use std::collections::BTreeMap;

use super::encoding::{Field, FormId};
use super::names::machine_name;
use super::settings::Settings;
use super::topics::Draft;
use super::values::written;
use super::{Arrival, Stream, Why};
use crate::model::expr::Expr;
use crate::model::relation::InputId;
use crate::model::{Emit, Process, ProcessId};

/// A process of one deployment.
#[derive(Clone, Debug)]
pub struct PlannedProcess {
    /// The process.
    pub process: ProcessId,
    /// Its name.
    pub name: String,
    /// The events it reads, each once, in the order of the page.
    pub inputs: Vec<FormId>,
    /// What runs it.
    pub runner: ProcessRunner,
    /// Why this runner.
    pub runner_why: Why,
}

/// What runs a process.
#[derive(Clone, Debug)]
pub enum ProcessRunner {
    /// A stream of the Bento process, and what it makes of each record.
    Bento(Stream, Vec<PlannedEmit>),
    /// The owner's own program.
    Image {
        /// The image, as stated.
        image: String,
        /// The consumer group it is to use.
        group: String,
        /// The events it emits, each once.
        emits: Vec<FormId>,
    },
}

/// What is made of a record.
#[derive(Clone, Debug)]
pub struct PlannedEmit {
    /// The event whose records it is made of.
    pub from: FormId,
    /// The event that is made.
    pub into: FormId,
    /// The members of its value, in order, each with its expression over the input's columns.
    pub values: Vec<(Field, Expr)>,
    /// Only when this holds.
    pub when: Option<Expr>,
    /// How each column of the input arrives that an expression reads, by its name.
    pub arrivals: BTreeMap<String, Arrival>,
}

impl PlannedProcess {
    /// Its stream; none where foreign code runs it.
    #[must_use]
    pub fn stream(&self) -> Option<&Stream> {
        match &self.runner {
            ProcessRunner::Bento(stream, _) => Some(stream),
            ProcessRunner::Image { .. } => None,
        }
    }

    /// Its consumer group.
    #[must_use]
    pub fn group(&self) -> &str {
        match &self.runner {
            ProcessRunner::Bento(stream, _) => &stream.group,
            ProcessRunner::Image { group, .. } => group,
        }
    }

    /// The events it emits, each once, in the order of the page.
    #[must_use]
    pub fn emits(&self) -> Vec<FormId> {
        let all: Vec<FormId> = match &self.runner {
            ProcessRunner::Bento(_, emits) => emits.iter().map(|emit| emit.into).collect(),
            ProcessRunner::Image { emits, .. } => emits.clone(),
        };
        let mut each = Vec::new();
        for id in all {
            if !each.contains(&id) {
                each.push(id);
            }
        }
        each
    }
}

/// Plans every process whose events are in the deployment's log, in the order of their names.
pub(super) fn plan(settings: &Settings, draft: &mut Draft) {
    let model = settings.model;
    let mut all: Vec<(ProcessId, &Process)> =
        model.processes.iter().enumerate().map(|(at, process)| (ProcessId(at), process)).collect();
    all.sort_by_key(|(_, process)| &process.name);
    let planned: Vec<PlannedProcess> =
        all.into_iter().filter_map(|(id, process)| planned(settings, draft, id, process)).collect();
    draft.deployment.processes = planned;
}

fn planned(settings: &Settings, draft: &Draft, id: ProcessId, process: &Process) -> Option<PlannedProcess> {
    let mut inputs = Vec::new();
    for input in &process.inputs {
        let InputId::Event(event) = input.value else { continue };
        let form = draft.deployment.form_of(event)?;
        if !inputs.contains(&form) {
            inputs.push(form);
        }
    }
    if inputs.is_empty() {
        return None;
    }
    // With a dot behind the word, no view's stream is called so.
    let name = machine_name(&format!("process.{}", process.name));
    let group = machine_name(&format!("{}-{name}", settings.model.pipeline));
    let (runner, runner_why) = match &process.run {
        Some(image) => {
            let emits = process.emits.iter().filter_map(|emit| draft.deployment.form_of(emit.event)).collect();
            let note = "the owner's own program, as stated".to_owned();
            (
                ProcessRunner::Image { image: image.value.clone(), group, emits },
                Why { origin: super::Origin::Stated(image.span), note },
            )
        }
        None => {
            let emits: Option<Vec<PlannedEmit>> = process.emits.iter().map(|emit| made(draft, emit)).collect();
            // One thread, so that what is made of one partition is written in that partition's order.
            let stream = Stream { id: name, group, threads: 1, raw: BTreeMap::new() };
            let note = "Bento: each record is turned into others from its own values alone, in its partition's order"
                .to_owned();
            (ProcessRunner::Bento(stream, emits?), Why { origin: super::Origin::Default, note })
        }
    };
    Some(PlannedProcess { process: id, name: process.name.clone(), inputs, runner, runner_why })
}

fn made(draft: &Draft, emit: &Emit) -> Option<PlannedEmit> {
    let made = emit.made.as_ref()?;
    let (from, into) = (draft.deployment.form_of(made.input)?, draft.deployment.form_of(emit.event)?);
    let (source, target) = (draft.deployment.form(from), draft.deployment.form(into));
    let mut arrivals = BTreeMap::new();
    for expr in made.values.iter().map(|(_, expr)| expr).chain(&made.when) {
        for column in expr.columns() {
            let arrival = source.field(column).map_or(Arrival::Unknown, |field| field.arrival.clone());
            arrivals.insert(column.to_owned(), arrival);
        }
    }
    let values = made.values.iter().map(|(name, expr)| {
        let field = target.field(name).cloned().unwrap_or_else(|| of_value(name, expr, source.fields.as_slice()));
        (field, expr.clone())
    });
    Some(PlannedEmit { from, into, values: values.collect(), when: made.when.clone(), arrivals })
}

/// A member of an event whose columns nobody declares: as its value is.
fn of_value(name: &str, expr: &Expr, source: &[Field]) -> Field {
    let known = if let Expr::Column { name: column, .. } = expr {
        source.iter().find(|field| field.name == *column)
    } else {
        None
    };
    let ty = known.map_or_else(|| crate::model::types::Type::Other("unknown".into()), |field| field.ty.clone());
    Field {
        name: name.to_owned(),
        arrival: written(&ty),
        ty,
        nullable: true,
        default: None,
        docs: known.map(|field| field.docs.clone()).unwrap_or_default(),
    }
}
