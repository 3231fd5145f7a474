//! Events, processes, constraints, and what a view's rows are: the part of the model that is of no single table.

use serde_json::{Map, Value, json};

use super::{Writer, all};
use crate::model::relation::{Derived, InputId, Nature, RecordId, Relation, Role, Step, StepKind, Term};
use crate::model::{
    Assume, Column, Constraint, ConstraintRule, Emit, Encoding, Event, Leadership, Mask, Operation, Process, Promise,
    Retain, Sequence, System, View,
};
use crate::prove::Evidence;
use crate::syntax::ast::{Claim, Deletes, RebuildFrom, WindowKind};

impl Writer<'_> {
    /// What a system says beside its name and kind.
    pub(super) fn system_more(&self, system: &System) -> Map<String, Value> {
        let leaders = match &system.leadership {
            Leadership::Single => json!({"leaders": "one"}),
            Leadership::In(region) => json!({"leaders": "one", "regions": [region.value]}),
            Leadership::Several(regions) => {
                json!({"leaders": "several", "regions": all(regions, |region| json!(region.value))})
            }
            Leadership::PerRow(column) => json!({"leaders": "per_row", "column": column.value}),
        };
        let encoding = |encoding: &Encoding| {
            json!({
                "format": encoding.format.value,
                "evolves": encoding.evolves.as_ref().map(|evolves| &evolves.value),
            })
        };
        object(json!({
            "leadership": leaders,
            "replicas": all(&system.replicas, |region| json!(region.value)),
            "encoding": system.encoding.as_ref().map(encoding),
            "epoch": system.epoch.as_ref().map(|epoch| epoch.value),
            "managed": system.managed.as_ref().map(|managed| &managed.value),
            "shards": system.shards.as_ref().map(|shards| json!({
                "column": shards.column.value,
                "members": all(&shards.members, |member| json!(member.value)),
            })),
            "log": system.log.map(|log| &self.model.system(log).name),
            "assumes": all(&system.assumes, |assume| self.assume(assume)),
        }))
    }

    /// What a view is, beside how it is kept and what its rows are.
    pub(super) fn view_more(&self, view: &View) -> Map<String, Value> {
        object(json!({
            "team": view.team,
            "inputs": all(&view.inputs, |input| {
                let mut written = self.input(input.what);
                written.extend(role(input.role));
                written.insert("at".into(), json!(self.at(input.span)));
                Value::Object(written)
            }),
            "compiled": !view.incomplete,
            "partitioned_by": view.partitioned.as_ref().map(|by| self.terms(&by.value)),
            "retain_ms": view.retain.as_ref().map(|retain| retained(retain.value)),
            "deletes": view.deletes.as_ref().map(|deletes| match &deletes.value {
                Deletes::Remove => json!({"do": "remove"}),
                Deletes::Keep => json!({"do": "keep"}),
                Deletes::Mark(column) => json!({"do": "mark", "column": column.text}),
            }),
            "rebuild": view.rebuild.as_ref().map(|rebuild| json!({
                "from": match rebuild.value.0 { RebuildFrom::Log => "log", RebuildFrom::Snapshot => "snapshot" },
                "within_ms": rebuild.value.1.map(|within| within.ms),
            })),
            "survives_outage_ms": view.survives.as_ref().map(|outage| outage.value.ms),
            "bootstrap_within_ms": view.bootstrap.as_ref().map(|within| within.value.ms),
            "assumes": all(&view.assumes, |assume| self.assume(assume)),
        }))
    }

    pub(super) fn relation<'w>(&'w self, relation: &'w Relation) -> Rows<'w> {
        Rows {
            columns: relation.columns.iter().map(|column| self.derived(column)).collect(),
            columns_known: !relation.open,
            key: self.terms(&relation.key),
            nature: nature(relation.nature),
            routing: self.terms(&relation.routing),
            steps: all(&relation.steps, |step| self.step(step)),
        }
    }

    fn derived<'w>(&'w self, column: &'w Derived) -> DerivedColumn<'w> {
        let mut sources: Vec<ColumnRead<'w>> = Vec::new();
        for read in column.term.reads() {
            let source = ColumnRead { column: &read.column, record: self.record(read.record) };
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        DerivedColumn {
            at: self.at(column.span),
            copied: column.term.copies().is_some(),
            mask: column.mask.as_ref().map(|mask| match mask.value {
                Mask::Hash => json!({"with": "hash"}),
                Mask::Redact => json!({"with": "redact"}),
                Mask::Null => json!({"with": "null"}),
                Mask::Truncate(length) => json!({"with": "truncate", "characters": length}),
            }),
            name: &column.name,
            nullable: column.nullable,
            pii: column.pii.is_some(),
            sources,
            r#type: column.ty.word(),
            value: self.term(&column.term),
        }
    }

    fn step(&self, step: &Step) -> Value {
        let more = match &step.kind {
            StepKind::Where { term, key_only, .. } => {
                json!({"do": "where", "condition": self.term(term), "key_only": key_only})
            }
            StepKind::Select { computes } => json!({"do": "select", "computes": computes}),
            StepKind::Drop => json!({"do": "drop"}),
            StepKind::Mask => json!({"do": "mask"}),
            StepKind::Join(input) => json!({"do": "join", "input": input}),
            StepKind::Group { by } => json!({"do": "group", "by": self.terms(by)}),
            StepKind::Window { kind, on, event_time, late } => {
                let window = match kind {
                    WindowKind::Tumbling(size) => json!({"kind": "tumbling", "size_ms": size.ms}),
                    WindowKind::Hopping { size, every } => {
                        json!({"kind": "hopping", "size_ms": size.ms, "every_ms": every.ms})
                    }
                    WindowKind::Session(gap) => json!({"kind": "session", "gap_ms": gap.ms}),
                };
                json!({
                    "do": "window",
                    "window": window,
                    "on": on.name,
                    "event_time": event_time,
                    "late_ms": late.map(|late| late.ms),
                })
            }
            StepKind::Nest(input) => json!({"do": "nest", "input": input}),
            StepKind::Distinct { by } => json!({"do": "distinct", "by": self.terms(by)}),
            StepKind::Union(first) => json!({"do": "union", "first_input": first}),
            StepKind::KeyBy { by } => json!({"do": "key_by", "by": self.terms(by)}),
        };
        let mut written = object(more);
        written.insert("at".into(), json!(self.at(step.span)));
        Value::Object(written)
    }

    pub(super) fn event(&self, event: &Event) -> Value {
        json!({
            "name": event.name,
            "docs": event.docs,
            "log": self.model.system(event.log).name,
            "topic": event.topic,
            "key": event.key,
            "routing": self.terms(&event.routing),
            "routing_stated": event.partitioned.is_some(),
            "columns_known": !event.open,
            "columns": event.columns.iter().map(|column| self.column(column)).collect::<Vec<_>>(),
            "outbox": event.outbox.as_ref().map(|outbox| json!({
                "system": self.model.system(outbox.system).name,
                "namespace": outbox.namespace,
                "table": outbox.table,
            })),
            "retain_ms": event.retain.as_ref().map(|retain| retained(retain.value)),
            "assumes": all(&event.assumes, |assume| self.assume(assume)),
            "at": self.at(event.span),
        })
    }

    pub(super) fn process(&self, process: &Process) -> Value {
        json!({
            "name": process.name,
            "docs": process.docs,
            "inputs": all(&process.inputs, |input| Value::Object(self.input(input.value))),
            "emits": all(&process.emits, |emit| self.emit(emit)),
            "run": process.run.as_ref().map(|image| &image.value),
            "guarantees": all(&process.guarantees, |promise| self.promise(promise, &Evidence::NotAnalysed)),
            "assumes": all(&process.assumes, |assume| self.assume(assume)),
            "at": self.at(process.span),
        })
    }

    fn emit(&self, emit: &Emit) -> Value {
        json!({
            "event": self.model.event(emit.event).name,
            "when": emit.when.as_ref().map(|when| self.term(when)),
            "columns": emit.columns.as_ref().map(|columns| all(columns, |column| json!(self.derived(column)))),
            "at": self.at(emit.span),
        })
    }

    pub(super) fn constraint(&self, constraint: &Constraint) -> Value {
        json!({
            "name": constraint.name,
            "docs": constraint.docs,
            "hard": constraint.hard,
            "on": self.input(constraint.on.value),
            "rule": match &constraint.rule {
                ConstraintRule::Unique(columns) => json!({"unique": columns}),
                ConstraintRule::Condition(term) => json!({"condition": self.term(term)}),
            },
            "check_every_ms": constraint.check_every.as_ref().map(|every| every.value.ms),
            "compensate_with": constraint.compensate.as_ref().map(|event| &self.model.event(event.value).name),
            "because": constraint.because,
            "at": self.at(constraint.span),
        })
    }

    /// A guarantee, with what its names stand for.
    pub(super) fn promise(&self, promise: &Promise, evidence: &Evidence) -> Value {
        let text = self.places.text(promise.span);
        json!({
            "text": text.strip_prefix("guarantee ").unwrap_or(&text),
            "claim": claim(&promise.claim),
            "terms": all(&promise.terms, |term| json!(self.term(&term.value))),
            "about": all(&promise.about, |about| Value::Object(self.input(about.value))),
            "evidence": evidence.word(),
            "at": self.at(promise.span),
        })
    }

    fn assume(&self, assume: &Assume) -> Value {
        json!({"what": assume.what, "because": assume.because, "at": self.at(assume.span)})
    }

    /// A record's column.
    pub(super) fn column<'c>(&self, column: &'c Column) -> RecordColumn<'c> {
        RecordColumn {
            default: column.default.as_ref().map(|default| default.value.as_str()),
            deprecated: column.deprecated.is_some(),
            docs: &column.docs,
            event_time: column.event_time,
            name: &column.name,
            native_type: column.native.as_deref(),
            nullable: column.nullable,
            operation_from: column.operation.as_ref().map(|operation| match &operation.value {
                Operation::Client => json!("client"),
                Operation::Server => json!("server"),
                Operation::Hash(columns) => json!({"hash": columns}),
            }),
            pii: column.pii.is_some(),
            references: column.references.as_ref().and_then(|to| to.value).map(|record| json!(self.record(record))),
            sees: column
                .sees
                .as_ref()
                .and_then(|sees| sees.value.as_ref())
                .map(|sees| json!({"record": self.record(sees.record), "column": sees.column})),
            sequence_per: column.sequence.as_ref().map(|sequence| match &sequence.value {
                Sequence::Key => json!("key"),
                Sequence::Column(name) => json!({"column": name}),
            }),
            r#type: column.ty.word(),
            unique: column.unique,
            was: column.was.as_ref().map(|was| was.value.as_str()),
        }
    }

    fn record(&self, record: RecordId) -> RecordName<'_> {
        match record {
            RecordId::Entity(id) => RecordName::Entity(&self.model.entity(id).name),
            RecordId::Event(id) => RecordName::Event(&self.model.event(id).name),
        }
    }

    fn input(&self, input: InputId) -> Map<String, Value> {
        object(match input {
            InputId::Entity(id) => json!({"entity": self.model.entity(id).name}),
            InputId::Event(id) => json!({"event": self.model.event(id).name}),
            InputId::View(id) => {
                let view = self.model.view(id);
                json!({"view": view.name, "view_version": view.version})
            }
        })
    }

    fn terms<'w>(&'w self, terms: &'w [Term]) -> Vec<Formed<'w>> {
        terms.iter().map(|term| self.term(term)).collect()
    }

    /// A value in its normal form.
    fn term<'w>(&'w self, term: &'w Term) -> Formed<'w> {
        match term {
            Term::Column(column) => Formed::Column {
                column: &column.column,
                joined_at: column.joined.map(|span| self.at(span)),
                record: self.record(column.record),
            },
            Term::Literal(literal) => Formed::Literal { literal },
            Term::Apply(word, terms) => Formed::Function { function: word, of: self.terms(terms) },
        }
    }
}

/// A record by its name.
#[derive(PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum RecordName<'a> {
    Entity(&'a str),
    Event(&'a str),
}

/// A column of a record.
#[derive(PartialEq, Eq, serde::Serialize)]
struct ColumnRead<'a> {
    column: &'a str,
    record: RecordName<'a>,
}

/// A value in its normal form: a column of a record, a literal, or a function over such.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Formed<'a> {
    Column {
        column: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        joined_at: Option<String>,
        record: RecordName<'a>,
    },
    Literal {
        literal: &'a str,
    },
    Function {
        function: &'a str,
        of: Vec<Formed<'a>>,
    },
}

/// What a view's rows are; keys stand in their order.
#[derive(serde::Serialize)]
pub(super) struct Rows<'a> {
    columns: Vec<DerivedColumn<'a>>,
    columns_known: bool,
    key: Vec<Formed<'a>>,
    nature: &'static str,
    routing: Vec<Formed<'a>>,
    steps: Value,
}

/// A column of a view; keys stand in their order.
#[derive(serde::Serialize)]
struct DerivedColumn<'a> {
    at: String,
    copied: bool,
    mask: Option<Value>,
    name: &'a str,
    nullable: bool,
    pii: bool,
    sources: Vec<ColumnRead<'a>>,
    r#type: String,
    value: Formed<'a>,
}

/// A record's column; keys stand in their order.
#[derive(serde::Serialize)]
pub(super) struct RecordColumn<'a> {
    default: Option<&'a str>,
    deprecated: bool,
    docs: &'a [String],
    event_time: bool,
    name: &'a str,
    native_type: Option<&'a str>,
    nullable: bool,
    operation_from: Option<Value>,
    pii: bool,
    references: Option<Value>,
    sees: Option<Value>,
    sequence_per: Option<Value>,
    r#type: String,
    unique: bool,
    was: Option<&'a str>,
}

/// Milliseconds; for ever is -1, as Kafka writes it.
fn retained(retain: Retain) -> Value {
    match retain {
        Retain::Forever => json!(-1),
        Retain::For(time) => json!(time.ms),
    }
}

fn nature(nature: Nature) -> &'static str {
    match nature {
        Nature::State => "state",
        Nature::Facts => "facts",
    }
}

fn role(role: Role) -> Map<String, Value> {
    object(match role {
        Role::Start => json!({"role": "start"}),
        Role::Join { left, many, within, keyed } => json!({
            "role": "join",
            "left": left,
            "many": many,
            "within_ms": within.map(|within| within.ms),
            "fixes_key": keyed,
        }),
        Role::Nest => json!({"role": "nest"}),
        Role::Union => json!({"role": "union"}),
    })
}

fn claim(claim: &Claim) -> Value {
    match claim {
        Claim::OrderedTotally => json!({"is": "ordered_totally"}),
        Claim::OrderedPer(_) => json!({"is": "ordered_per"}),
        Claim::EveryChange => json!({"is": "every_change"}),
        Claim::ExactlyOnce { horizon, .. } => {
            json!({"is": "exactly_once", "within_ms": horizon.map(|horizon| horizon.ms)})
        }
        Claim::ReadYourWrites(within) => json!({"is": "read_your_writes", "within_ms": within.ms}),
        Claim::AgreesWith(_) => json!({"is": "agrees_with"}),
        Claim::ReplayableForever => json!({"is": "replayable", "for_ms": -1}),
        Claim::ReplayableFor(time) => json!({"is": "replayable", "for_ms": time.ms}),
        Claim::After { .. } => json!({"is": "after"}),
    }
}

/// The members of an object.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// The members of an object, and more.
pub(super) fn merged(value: Value, more: Map<String, Value>) -> Map<String, Value> {
    let mut members = object(value);
    members.extend(more);
    members
}
