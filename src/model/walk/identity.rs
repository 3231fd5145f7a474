//! Which columns identify what happened, which causes an event comes from, and when two of its kind would bear one id.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::relation::{AGGREGATES, ColumnRef, InputId, RecordId, Role, Term};
use crate::model::{Column, Emit, EntityId, EventId, Model, Operation, Process, Touched, View, ViewId};
use crate::source::Span;

/// How far causes are followed, and in how many ways at most: more is no page that people write.
const FAR: usize = 64;
const STEPS: usize = 4096;

/// A process's statement that makes an event.
#[derive(Clone, Copy, Debug)]
pub struct Cause<'a> {
    /// The process.
    pub process: &'a Process,
    /// Its statement.
    pub emit: &'a Emit,
}

/// One way in which a row comes about: from a row of `root`, through emits.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// The record it begins with.
    pub root: RecordId,
    /// What was asked for, over the root's row.
    pub terms: Vec<Term>,
    /// The emits on the way, the root's first.
    pub path: Vec<Cause<'a>>,
}

/// The key of a record; empty where it is not known.
#[must_use]
pub fn key(model: &Model, record: RecordId) -> &[String] {
    match record {
        RecordId::Entity(id) => &model.entity(id).key,
        RecordId::Event(id) => &model.event(id).key,
    }
}

/// The name of a record, and where it is declared.
#[must_use]
pub fn named(model: &Model, record: RecordId) -> (&str, Span) {
    match record {
        RecordId::Entity(id) => (&model.entity(id).name, model.entity(id).span),
        RecordId::Event(id) => (&model.event(id).name, model.event(id).span),
    }
}

/// The whole declaration of a record.
#[must_use]
pub fn scope(model: &Model, record: RecordId) -> Span {
    match record {
        RecordId::Entity(id) => model.entity(id).scope,
        RecordId::Event(id) => model.event(id).scope,
    }
}

/// The name of what rows are taken from.
#[must_use]
pub fn input_name(model: &Model, input: InputId) -> &str {
    match input {
        InputId::Entity(id) => &model.entity(id).name,
        InputId::Event(id) => &model.event(id).name,
        InputId::View(id) => &model.view(id).name,
    }
}

/// Whether nobody says what columns a record has.
#[must_use]
pub fn is_open(model: &Model, record: RecordId) -> bool {
    match record {
        RecordId::Entity(id) => model.entity(id).open,
        RecordId::Event(id) => model.event(id).open,
    }
}

/// A record's own column, as a pipeline starts with it.
#[must_use]
pub fn own(record: RecordId, column: &str) -> Term {
    Term::Column(ColumnRef { record, column: column.to_owned(), joined: None })
}

/// The records whose rows a view's rows are, one to one or grouped: what it starts with and is united with, through any number of views. What is only
/// joined is none of them.
#[must_use]
pub fn roots(model: &Model, view: &View) -> BTreeSet<RecordId> {
    behind(model, view, |role| matches!(role, Role::Start | Role::Union))
}

/// The records that a view's rows follow from in any way: also what is joined and nested, at any distance.
#[must_use]
pub fn sources(model: &Model, view: &View) -> BTreeSet<RecordId> {
    behind(model, view, |_| true)
}

fn behind(model: &Model, view: &View, through: impl Fn(Role) -> bool) -> BTreeSet<RecordId> {
    let (mut all, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut left: Vec<&View> = vec![view];
    while let Some(view) = left.pop() {
        for input in view.inputs.iter().filter(|input| through(input.role)) {
            match record_of(input.what) {
                Ok(record) => {
                    all.insert(record);
                }
                Err(id) if seen.insert(id) => left.push(model.view(id)),
                Err(_) => {}
            }
        }
    }
    all
}

/// The records behind what rows are taken from.
#[must_use]
pub fn roots_of(model: &Model, input: InputId) -> BTreeSet<RecordId> {
    match record_of(input) {
        Ok(record) => BTreeSet::from([record]),
        Err(view) => roots(model, model.view(view)),
    }
}

fn record_of(input: InputId) -> Result<RecordId, ViewId> {
    match input {
        InputId::Entity(id) => Ok(RecordId::Entity(id)),
        InputId::Event(id) => Ok(RecordId::Event(id)),
        InputId::View(id) => Err(id),
    }
}

/// Whether rows of a record change and go, rather than come once and stay.
#[must_use]
pub fn is_state(model: &Model, record: RecordId) -> bool {
    match record {
        RecordId::Entity(id) => model.entity(id).append_only.is_none(),
        RecordId::Event(_) => false,
    }
}

/// What a term is for rows that come from one record: of a column of a union the sides that read it. Literals are one for every record.
#[must_use]
pub fn side(term: &Term, record: RecordId) -> Vec<Term> {
    match term {
        Term::Column(column) => {
            if column.record == record {
                vec![term.clone()]
            } else {
                Vec::new()
            }
        }
        Term::Literal(_) => vec![term.clone()],
        Term::Apply(word, terms) if word == "either" => terms.iter().flat_map(|term| side(term, record)).collect(),
        Term::Apply(word, terms) => {
            let sides: Option<Vec<Term>> = terms.iter().map(|term| side(term, record).into_iter().next()).collect();
            sides.map(|terms| Term::Apply(word.clone(), terms)).into_iter().collect()
        }
    }
}

/// The column a term holds the value of, be it under another type that tells as many values apart.
#[must_use]
pub fn copied(term: &Term) -> Option<&ColumnRef> {
    match term {
        Term::Column(column) => Some(column),
        Term::Apply(word, terms) if word == "cast text" || word == "cast uuid" => terms.first().and_then(copied),
        Term::Literal(_) | Term::Apply(..) => None,
    }
}

/// Whether a term has one value wherever all of `given` have: it is one of them, or a function of them.
#[must_use]
pub fn determined(term: &Term, given: &BTreeSet<Term>) -> bool {
    if given.contains(term) {
        return true;
    }
    match term {
        Term::Column(_) => false,
        Term::Literal(_) => true,
        Term::Apply(word, terms) => {
            !terms.is_empty()
                && !AGGREGATES.contains(&word.as_str())
                && word != "nest"
                && terms.iter().all(|term| determined(term, given))
        }
    }
}

/// Who makes which event: looked up once for all questions.
pub struct Makers<'a> {
    /// The model.
    pub model: &'a Model,
    causes: BTreeMap<EventId, Vec<Cause<'a>>>,
    emitters: BTreeMap<EventId, (&'a str, Span)>,
}

impl<'a> Makers<'a> {
    /// Looks at all processes and services.
    #[must_use]
    pub fn new(model: &'a Model) -> Self {
        let mut causes: BTreeMap<EventId, Vec<Cause<'a>>> = BTreeMap::new();
        for process in &model.processes {
            for emit in &process.emits {
                causes.entry(emit.event).or_default().push(Cause { process, emit });
            }
        }
        let mut emitters = BTreeMap::new();
        for service in &model.services {
            for touch in &service.emits {
                if let Touched::Event(id) = touch.what {
                    emitters.entry(id).or_insert((service.name.as_str(), touch.span));
                }
            }
        }
        Self { model, causes, emitters }
    }

    /// The statements that make an event.
    #[must_use]
    pub fn causes(&self, event: EventId) -> &[Cause<'a>] {
        self.causes.get(&event).map_or(&[], Vec::as_slice)
    }

    /// The service that makes an event itself, and where it says so.
    #[must_use]
    pub fn emitter(&self, event: EventId) -> Option<(&'a str, Span)> {
        self.emitters.get(&event).copied()
    }
}

/// What an emit gives a column, over the rows of the process. What it does not list has the value of the same name; none where it gives nothing.
#[must_use]
pub fn given(model: &Model, cause: &Cause, column: &str) -> Option<Term> {
    if let Some(listed) = &cause.emit.columns {
        return listed.iter().find(|made| made.name == column).map(|made| made.term.clone());
    }
    cause.process.inputs.iter().find_map(|input| match record_of(input.value) {
        Ok(record) => model.record_column(record, column).map(|_| own(record, column)),
        Err(view) => model.view(view).relation.as_ref()?.column(column).map(|column| column.term.clone()),
    })
}

/// What an emit gives a column that identifies: its value, or for a hash that it does not list, what the hash is of.
#[must_use]
pub fn given_identity(model: &Model, cause: &Cause, column: &Column) -> Option<Vec<Term>> {
    if let Some(term) = given(model, cause, &column.name) {
        return Some(vec![term]);
    }
    match column.operation.as_ref().map(|operation| &operation.value) {
        Some(Operation::Hash(of)) => of.iter().map(|name| given(model, cause, name)).collect(),
        Some(Operation::Client | Operation::Server) | None => None,
    }
}

/// Whether columns of a record tell its operations apart: an operation's id, the whole key, a unique column of a table, or copies of what told the
/// cause's apart. Of what nobody declares it is taken for granted.
#[must_use]
pub fn identifies(makers: &Makers, record: RecordId, names: &BTreeSet<&str>) -> bool {
    Back::new(makers).identifies(record, names)
}

/// Whether values over the rows of a process hold the identity of one of its causes.
#[must_use]
pub fn carries(makers: &Makers, process: &Process, terms: &[Term]) -> bool {
    Back::new(makers).carries(process, terms)
}

/// A walk back from an event to its causes.
struct Back<'a> {
    makers: &'a Makers<'a>,
    /// The records on the way here: events that cause each other in a circle tell nothing of where they began.
    path: Vec<RecordId>,
    /// How many steps may still be made.
    left: usize,
}

impl<'a> Back<'a> {
    fn new(makers: &'a Makers<'a>) -> Self {
        Self { makers, path: Vec::new(), left: STEPS }
    }

    fn identifies(&mut self, record: RecordId, names: &BTreeSet<&str>) -> bool {
        let model = self.makers.model;
        if is_open(model, record) {
            return true;
        }
        let state = matches!(record, RecordId::Entity(_));
        let mut single = model.record_columns(record).iter().filter(|column| names.contains(column.name.as_str()));
        if single.any(|column| column.operation.is_some() || (state && column.unique)) {
            return true;
        }
        let key = key(model, record);
        if !key.is_empty() && key.iter().all(|part| names.contains(part.as_str())) {
            return true;
        }
        let RecordId::Event(event) = record else { return false };
        if names.is_empty() || self.path.contains(&record) {
            return false;
        }
        // What is too tangled to be followed is not blamed.
        if self.left == 0 {
            return true;
        }
        self.left -= 1;
        let causes = self.makers.causes(event);
        if causes.is_empty() || self.makers.emitter(event).is_some() {
            return false;
        }
        self.path.push(record);
        let found = causes.iter().all(|cause| {
            let terms: Vec<Term> = names.iter().filter_map(|name| given(model, cause, name)).collect();
            self.carries(cause.process, &terms)
        });
        self.path.pop();
        found
    }

    fn carries(&mut self, process: &Process, terms: &[Term]) -> bool {
        let model = self.makers.model;
        process.inputs.iter().any(|input| {
            if let InputId::View(id) = input.value {
                // A view has rows of its own: groups, partners, another key.
                let Some(relation) = &model.view(id).relation else { return true };
                if !relation.key.is_empty() && relation.key.iter().all(|part| terms.contains(part)) {
                    return true;
                }
            }
            roots_of(model, input.value).into_iter().any(|record| {
                let sides: Vec<Term> = terms.iter().flat_map(|term| side(term, record)).collect();
                let names: BTreeSet<&str> = sides
                    .iter()
                    .filter_map(copied)
                    .filter(|column| column.joined.is_none())
                    .map(|column| column.column.as_str())
                    .collect();
                self.identifies(record, &names)
            })
        })
    }
}

/// Whether a record says how its operations are told apart, itself or through what causes it.
#[must_use]
pub fn has_identity(makers: &Makers, record: RecordId) -> bool {
    let all = makers.model.record_columns(record).iter().map(|column| column.name.as_str()).collect();
    identifies(makers, record, &all)
}

/// How a record's operations are told apart where nothing else is said: by the ids of operations, else by the key. Empty where nothing does.
#[must_use]
pub fn identity(model: &Model, record: RecordId) -> Vec<Term> {
    let operations: Vec<Term> = model
        .record_columns(record)
        .iter()
        .filter(|column| column.operation.is_some())
        .map(|column| own(record, &column.name))
        .collect();
    if !operations.is_empty() {
        return operations;
    }
    key(model, record).iter().map(|name| own(record, name)).collect()
}

/// Where values over a record's row come from: through declared emits, back to what no declared emit makes.
#[must_use]
pub fn origins<'a>(makers: &Makers<'a>, record: RecordId, terms: &[Term]) -> Vec<Origin<'a>> {
    let mut all = Vec::new();
    trace(makers, record, terms.to_vec(), &[], &mut all);
    all
}

fn trace<'a>(makers: &Makers<'a>, record: RecordId, terms: Vec<Term>, path: &[Cause<'a>], all: &mut Vec<Origin<'a>>) {
    // Foreign code decides what it emits: two of its emits need not be of one cause.
    let model = makers.model;
    if all.len() >= STEPS {
        return;
    }
    let circle = |event: EventId| path.iter().any(|cause| cause.emit.event == event);
    let made: Vec<Cause> = match record {
        RecordId::Event(event) if path.len() < FAR && !circle(event) && makers.emitter(event).is_none() => {
            makers.causes(event).iter().filter(|cause| cause.process.run.is_none()).copied().collect()
        }
        RecordId::Event(_) | RecordId::Entity(_) => Vec::new(),
    };
    if made.is_empty() {
        let path = path.iter().rev().copied().collect();
        all.push(Origin { root: record, terms, path });
        return;
    }
    for cause in made {
        // Rows of several records have no one cause to speak of.
        let [input] = cause.process.inputs.as_slice() else { continue };
        let roots = roots_of(model, input.value);
        let Some(&root) = roots.first().filter(|_| roots.len() == 1) else { continue };
        let Some(over) = terms.iter().map(|term| through(model, &cause, record, term)).collect::<Option<Vec<_>>>()
        else {
            continue;
        };
        let mut longer = path.to_vec();
        longer.push(cause);
        trace(makers, root, over, &longer, all);
    }
}

/// A term over an event's row, over the row it is made of; none where the emit gives no value for a part of it.
#[must_use]
pub fn through(model: &Model, cause: &Cause, record: RecordId, term: &Term) -> Option<Term> {
    match term {
        Term::Column(column) if column.record == record && column.joined.is_none() => {
            given(model, cause, &column.column)
        }
        Term::Column(_) => None,
        Term::Literal(_) => Some(term.clone()),
        Term::Apply(word, terms) => {
            let terms: Option<Vec<Term>> = terms.iter().map(|term| through(model, cause, record, term)).collect();
            Some(Term::Apply(word.clone(), terms?))
        }
    }
}

/// Whether two rows are of one cause and bear the same values: the later one would be taken for a repetition of the earlier.
#[must_use]
pub fn collide(a: &Origin, b: &Origin) -> bool {
    if a.root != b.root || a.terms != b.terms {
        return false;
    }
    let apart = a.path.iter().zip(&b.path).find(|(a, b)| a.emit.span != b.emit.span);
    let Some((a, b)) = apart else { return false };
    // What different processes do with a row they do both; what conditions hold apart is never both.
    !a.emit.when.as_ref().zip(b.emit.when.as_ref()).is_some_and(|(a, b)| exclusive(a, b))
}

/// Where two ways part.
#[must_use]
pub fn parting<'a>(a: &Origin<'a>, b: &Origin<'a>) -> Option<(Cause<'a>, Cause<'a>)> {
    let mut both = a.path.iter().zip(&b.path);
    both.find(|(a, b)| a.emit.span != b.emit.span).map(|(a, b)| (*a, *b))
}

/// Whether two conditions are never both true.
#[must_use]
pub fn exclusive(a: &Term, b: &Term) -> bool {
    let (a, b) = (parts(a), parts(b));
    a.iter().any(|a| b.iter().any(|b| against(a, b) || against(b, a)))
}

fn parts(term: &Term) -> Vec<&Term> {
    match term {
        Term::Apply(word, terms) if word == "and" => terms.iter().flat_map(parts).collect(),
        Term::Apply(..) | Term::Column(_) | Term::Literal(_) => vec![term],
    }
}

fn against(a: &Term, b: &Term) -> bool {
    let Term::Apply(op, of) = a else { return false };
    if op == "not" && of.first() == Some(b) {
        return true;
    }
    let Term::Apply(other, at) = b else { return false };
    if of.is_empty() || of.first() != at.first() {
        return false;
    }
    if op == "is null" {
        return matches!(other.as_str(), "is not null" | "=" | "<>" | "<" | "<=" | ">" | ">=" | "in" | "like");
    }
    if op == "or" || other == "or" {
        return false;
    }
    let (a, b) = (of.get(1..).unwrap_or_default(), at.get(1..).unwrap_or_default());
    let literals = |terms: &[Term]| terms.iter().all(|term| matches!(term, Term::Literal(_)));
    match (op.as_str(), other.as_str()) {
        ("in" | "=", "in" | "=") => literals(a) && literals(b) && a.iter().all(|value| !b.contains(value)),
        ("in" | "=", "not in" | "<>") => a.iter().all(|value| b.contains(value)),
        ("like", "not like") => a == b,
        _ => match (a, b) {
            ([x], [y]) if x == y => {
                matches!((op.as_str(), other.as_str()), ("<", ">=" | ">" | "=") | ("<=", ">") | (">", "="))
            }
            ([Term::Literal(x), ..], [Term::Literal(y), ..]) => match (x.parse::<f64>(), y.parse::<f64>()) {
                (Ok(x), Ok(y)) => match (op.as_str(), other.as_str()) {
                    ("<" | "<=" | "=", ">" | ">=") => x < y,
                    ("<" | "<=", "=") => x < y,
                    _ => false,
                },
                _ => false,
            },
            _ => false,
        },
    }
}

/// The entity of a record.
#[must_use]
pub fn entity(record: RecordId) -> Option<EntityId> {
    match record {
        RecordId::Entity(id) => Some(id),
        RecordId::Event(_) => None,
    }
}
