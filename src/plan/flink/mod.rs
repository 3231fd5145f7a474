//! Jobs of Flink: which views an engine keeps, from which topics, in which steps, into which topic of their own.
//!
//! Every view that needs more than one row has a job and a topic `<pipeline>.<view>.v<n>`, one record a row by its key. Stores are filled from that topic by
//! the same runners as from any other; so a row's version is its place in a topic with one writer.

mod build;
mod stages;
mod union;

use std::collections::BTreeMap;

use super::names::{cut, machine_name, topic_part};
use super::settings::Settings;
use super::topics::{Draft, late_delivery, time};
use super::{Decided, Topic, TopicId, TopicRole};
use crate::model::query::Value;
use crate::model::relation::{InputId, Nature, Role};
use crate::model::types::Type;
use crate::model::{Model, SystemId, View, ViewId};
use crate::syntax::ast::WindowKind;
use crate::systems::Kind;

/// From one checkpoint to the next, where nothing is stated: what a restart does again.
const CHECKPOINT_MS: u64 = 10_000;
/// A job that is down longer loses what it had written and not committed: the longest a broker allows unless its operator says otherwise
/// (`transaction.max.timeout.ms`).
pub const TRANSACTION_MS: u64 = 900_000;

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name, and the stem of its file: `<view>-v<n>`.
    pub name: String,
    /// The view.
    pub view: ViewId,
    /// The view's name.
    pub view_name: String,
    /// The view's version.
    pub version: u64,
    /// The engine, where one is declared.
    pub engine: Option<SystemId>,
    /// Consumer group, which only shows how far a job has read: where it goes on is in its checkpoints.
    pub group: String,
    /// Parallel copies of each operator.
    pub parallelism: Decided<u32>,
    /// From one checkpoint to the next, in ms.
    pub checkpoints: Decided<u64>,
    /// What it reads, each once.
    pub inputs: Vec<Input>,
    /// What it does, in order; each reads inputs and steps before it.
    pub steps: Vec<Step>,
    /// Name of the step or input whose rows are the result.
    pub rows: String,
    /// What it writes.
    pub result: Rows,
    /// Where rows are committed together with the job's checkpoints before they are copied into the result. After a restart a job may read its inputs in
    /// another order: a row that it wrote before, and that is gone now, would never be taken back. Only jobs that hold several rows against each other have it.
    pub committed: Option<Committed>,
}

/// A topic of transactions.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The topic.
    pub topic: TopicId,
    /// Its name.
    pub topic_name: String,
    /// What the job's transactions are called.
    pub prefix: String,
}

/// A topic that a job reads.
#[derive(Clone, Debug)]
pub struct Input {
    /// The name its rows go by.
    pub name: String,
    /// The topic.
    pub topic: TopicId,
    /// The topic's name.
    pub topic_name: String,
    /// What its records are.
    pub form: InputForm,
    /// The columns, in order.
    pub columns: Vec<InputColumn>,
    /// The column with the row's version: of two rows of one key the larger is the newer.
    pub version: String,
}

/// What records of a topic are.
#[derive(Clone, Debug)]
pub enum InputForm {
    /// A change log of envelopes; a row's version is its position in the record's log.
    Changes {
        /// Columns of the key.
        key: Vec<String>,
        /// A row for which it is true counts as deleted.
        deleted: Option<Value>,
    },
    /// Plain objects, each a fact; the version is the record's offset.
    Facts {
        /// The event's name, where others stand in the topic: its header says so.
        event: Option<String>,
    },
    /// Plain objects, the newest of each key is the row; the version is the record's offset.
    Rows {
        /// Columns of the key.
        key: Vec<String>,
    },
}

/// A column of a topic's records.
#[derive(Clone, Debug, PartialEq)]
pub struct InputColumn {
    /// Its name.
    pub name: String,
    /// Its portable type.
    pub ty: Type,
    /// May be null.
    pub nullable: bool,
    /// An update may arrive with a placeholder instead of its value.
    pub wide: bool,
}

/// A step: a named query over what stands before it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name of its rows.
    pub name: String,
    /// What it is for, for people.
    pub about: String,
    /// Its columns, in order.
    pub columns: Vec<(String, Made)>,
    /// What it reads.
    pub from: From,
    /// Rows for which it is not true are left out.
    pub filter: Option<Value>,
    /// Columns of what it reads that rows are grouped by.
    pub group: Vec<String>,
}

/// What a step's column is made of. Columns of what is read stand in rows `""`, or `l` and `r` of a join.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    /// An expression.
    Value(Value),
    /// An expression in the one spelling of its type, so that equal values are equal texts.
    Canonical(Value),
    /// JSON text: an array of objects, ordered by their keys.
    Array {
        /// Names and values of an object.
        members: Vec<(String, Value)>,
        /// What orders them.
        order: Vec<Value>,
    },
    /// The start of the window a moment falls into, as an instant.
    WindowStart(Value, WindowKind),
    /// Its end.
    WindowEnd(Value, WindowKind),
    /// Null of a type.
    Null(Type),
}

/// What a step reads.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a job has a handful of them")]
pub enum From {
    /// One input or step.
    One(String),
    /// Two, side by side.
    Join {
        /// `l`.
        left: String,
        /// `r`.
        right: String,
        /// Rows of `l` without a partner stay.
        outer: bool,
        /// The condition.
        on: Value,
        /// Both moments are at most that many ms apart.
        within: Option<(Value, Value, u64)>,
    },
    /// One of each key: the first in the order of these columns, descending.
    Newest {
        /// What is read.
        of: String,
        /// The key.
        key: Vec<String>,
        /// What orders.
        order: Vec<String>,
    },
    /// Facts: of each key the one that came first.
    First {
        /// What is read.
        of: String,
        /// What facts are told apart by.
        by: Vec<Value>,
    },
    /// Each row once for every hopping window it falls into.
    Hops {
        /// What is read.
        of: String,
        /// Windows a moment falls into.
        count: u64,
    },
    /// Several, one below the other: each with the columns it gives, in the order of the step's.
    Union(Vec<(String, Vec<Made>)>),
}

/// A topic of rows, one record a row.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The view.
    pub view: ViewId,
    /// The topic.
    pub topic: TopicId,
    /// The topic's name.
    pub topic_name: String,
    /// Columns: the view's, then those of the key that it does not show.
    pub columns: Vec<Column>,
    /// Names of the key's columns.
    pub key: Vec<String>,
}

/// A column of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its portable type.
    pub ty: Type,
    /// May be null.
    pub nullable: bool,
    /// Of an array of rows the columns of such a row.
    pub nested: Option<Vec<(String, Type)>>,
    /// Only part of the key; the view does not show it.
    pub hidden: bool,
}

/// Plans the jobs, and the topics they write, those of a view before those of views that follow from it.
pub(super) fn plan(settings: &Settings, draft: &mut Draft) {
    let model = settings.model;
    let mut engines: Vec<ViewId> = model.all_views().filter(|(_, view)| kept(view)).map(|(id, _)| id).collect();
    engines.sort_by_key(|id| (&model.view(*id).name, model.view(*id).version));
    let mut open: Vec<ViewId> = engines.into_iter().rev().collect();
    let mut rows: BTreeMap<ViewId, Rows> = BTreeMap::new();
    while let Some(id) = open.pop() {
        if rows.contains_key(&id) {
            continue;
        }
        let missing: Vec<ViewId> = above(model, id).into_iter().filter(|above| !rows.contains_key(above)).collect();
        if missing.is_empty() {
            let made = one(settings, draft, id, &rows);
            rows.insert(id, made);
        } else {
            open.push(id);
            open.extend(missing);
        }
    }
    draft.deployment.jobs.sort_by(|a, b| (&a.view_name, a.version).cmp(&(&b.view_name, b.version)));
    draft.rows = rows;
}

fn kept(view: &View) -> bool {
    view.engine && !view.incomplete && view.query.is_some()
}

/// The engine's views that a view takes rows from, through views that are worked in.
fn above(model: &Model, id: ViewId) -> Vec<ViewId> {
    let mut found = Vec::new();
    let mut open = vec![id];
    while let Some(at) = open.pop() {
        for input in &model.view(at).inputs {
            if let InputId::View(above) = input.what {
                if kept(model.view(above)) {
                    found.push(above);
                } else {
                    open.push(above);
                }
            }
        }
    }
    found
}

/// A view that shows another one as it is: it needs no job, and reads that one's topic.
fn passes(model: &Model, view: &View) -> Option<ViewId> {
    let bare = view.query.as_ref().is_some_and(|query| query.stages.is_empty());
    match view.inputs.as_slice() {
        [input] if bare && input.role == Role::Start => match input.what {
            InputId::View(above) => Some(above).filter(|above| kept(model.view(*above))),
            InputId::Entity(_) | InputId::Event(_) => None,
        },
        _ => None,
    }
}

fn one(settings: &Settings, draft: &mut Draft, id: ViewId, known: &BTreeMap<ViewId, Rows>) -> Rows {
    let model = settings.model;
    let view = model.view(id);
    if let Some(rows) = passes(model, view).and_then(|above| known.get(&above)) {
        return rows.clone();
    }
    let built = build::view(settings, draft, id, known);
    let topic_name = cut(&format!("{}.{}.v{}", topic_part(&model.pipeline), topic_part(&view.name), view.version), 249);
    let topic = topic(draft, id, view, &topic_name);
    let committed = holds_several(&built.steps).then(|| {
        let name = cut(&format!("{topic_name}.committed"), 249);
        let prefix = machine_name(&format!("{}-{}-v{}", model.pipeline, view.name, view.version));
        Committed { topic: self::topic(draft, id, view, &name), topic_name: name, prefix }
    });
    let partitions = draft.deployment.topic(topic).partitions.value;
    let rows = Rows { view: id, topic, topic_name, columns: built.columns, key: built.key };
    let engine = engine(model);
    let stated = settings.integer(settings.view(id, "tasks"));
    let stated = stated.or_else(|| settings.integer(settings.system(engine?, "parallelism")));
    let parallelism = match stated {
        Some(stated) => Decided { value: u32::try_from(stated.value).unwrap_or(1).max(1), why: stated.why },
        None => Decided::default(1, format!("1; up to {partitions} would find partitions to read")),
    };
    let stated = engine.and_then(|engine| settings.duration(settings.system(engine, "checkpoint_interval")));
    let checkpoints = stated.unwrap_or_else(|| {
        Decided::default(
            CHECKPOINT_MS,
            format!(
                "every {}: joined rows are seen that much later, and a restart does that much again",
                time(CHECKPOINT_MS)
            ),
        )
    });
    draft.deployment.jobs.push(Job {
        name: machine_name(&format!("{}-v{}", view.name, view.version)),
        view: id,
        view_name: view.name.clone(),
        version: view.version,
        engine,
        group: machine_name(&format!("{}-{}-v{}-flink", model.pipeline, view.name, view.version)),
        parallelism,
        checkpoints,
        inputs: built.inputs,
        steps: built.steps,
        rows: built.rows,
        result: rows.clone(),
        committed,
    });
    rows
}

/// Whether rows of several keys are held against each other, so that the order in which they come decides what is written on the way.
fn holds_several(steps: &[Step]) -> bool {
    steps.iter().any(|step| matches!(step.from, From::Join { .. } | From::Newest { .. } | From::First { .. }))
}

/// The engine: the first by its name.
fn engine(model: &Model) -> Option<SystemId> {
    let engines = (0..model.systems.len()).map(SystemId).filter(|id| model.system(*id).kind == Kind::Flink);
    engines.min_by_key(|id| &model.system(*id).name)
}

fn topic(draft: &mut Draft, id: ViewId, view: &View, name: &str) -> TopicId {
    let keep = late_delivery(view);
    let facts = view.relation.as_ref().is_some_and(|relation| relation.nature == Nature::Facts);
    let retain = view.retain.as_ref().filter(|_| facts);
    let entries = match retain {
        Some(retain) => {
            let ms = retain.value.ms();
            let value = if ms == u64::MAX { "-1".to_owned() } else { ms.to_string() };
            vec![
                ("cleanup.policy", Decided::stated("delete".to_owned(), retain.span, "`retain`")),
                ("retention.ms", Decided::stated(value, retain.span, "`retain`")),
            ]
        }
        None => vec![
            (
                "cleanup.policy",
                Decided::safety(
                    "compact".to_owned(),
                    "the newest of every row stays for ever, for whoever reads it from its start",
                ),
            ),
            ("delete.retention.ms", Decided { value: keep.value.to_string(), why: keep.why }),
        ],
    };
    draft.add_topic(name, |this| Topic {
        name: name.to_owned(),
        role: TopicRole::Rows(id),
        partitions: this.deployment.log.partitions.clone(),
        replication: this.deployment.log.replication.clone(),
        config: this.config(entries),
        managed: true,
        docs: view.docs.clone(),
    })
}
