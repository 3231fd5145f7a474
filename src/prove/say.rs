//! Both engines' answers in the user's own names.

use crate::diag::{Trace as Told, TraceStep};
use crate::explore::Explored;
use crate::explore::promise::{Broken, Effect};
use crate::explore::topology::{Keeps, Kind, Mode, Promise, Route, Topology};
use crate::explore::trace::{Deed, Part, Said, Step, Trace};
use crate::flow::Judgement;
use crate::flow::fact::{Axis, Node};
use crate::source::Span;

use super::shape::{Name, Names, Study};

/// One hop of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The part, by name.
    pub name: String,
    /// Where it is decided.
    pub span: Option<Span>,
    /// What it does, in words.
    pub note: &'static str,
    /// Which property that is about.
    pub about: &'static str,
    /// Whether something is weaker behind it than before.
    pub weaker: bool,
}

fn part(node: Node) -> Part {
    match node {
        Node::Writer(id) => Part::Writer(id),
        Node::Table(id) => Part::Table(id),
        Node::Capture(id) => Part::Capture(id),
        Node::Topic(id) => Part::Topic(id),
        Node::Job(id) => Part::Job(id),
        Node::Sink(id) => Part::Sink(id),
        Node::Store(id) => Part::Store(id),
    }
}

fn about(axis: Axis) -> &'static str {
    match axis {
        Axis::Order => "order",
        Axis::Repeats => "repetition",
        Axis::Ids => "operation ids",
        Axis::Loss => "loss",
        Axis::Version => "version",
        Axis::Deletes => "deletes",
        Axis::Replay => "replay",
        Axis::Owner => "ownership",
    }
}

/// The analysis' argument, hop by hop on the way.
#[must_use]
pub fn argument(study: &Study, judgement: &Judgement) -> Vec<Hop> {
    let reasons = judgement.facts.iter().flat_map(|(_, fact)| &fact.reasons);
    let hop = |reason: &crate::flow::fact::Reason| {
        let Name { text, span } = study.names.of(part(reason.node));
        Hop { name: text, span, note: reason.note, about: about(reason.axis), weaker: reason.lowered }
    };
    reasons.map(hop).collect()
}

/// What the analysis refuses, by the part that it happens at.
#[must_use]
pub fn refusals(study: &Study, judgement: &Judgement) -> Vec<Hop> {
    let hop = |refusal: &crate::flow::Refusal| {
        let Name { text, span } = study.names.of(part(refusal.node));
        Hop { name: text, span, note: refusal.note, about: about(refusal.axis), weaker: true }
    };
    judgement.refusals.iter().map(hop).collect()
}

/// How far the bounded check went: never called a proof.
#[must_use]
pub fn bounds(explored: &Explored) -> String {
    let crashes = explored.bounds.crashes;
    let within = format!(
        "every interleaving of up to {} to one row, up to {}, up to {} of dead tasks under way",
        count(explored.writes, "write"),
        count(usize::from(crashes), "crash"),
        count(usize::from(explored.bounds.zombies), "late write"),
    );
    let states = count(explored.states, "state");
    if explored.exhaustive {
        format!("{states} explored, up to {}: {within}", count(explored.depth, "step"))
    } else {
        format!("{states} explored to depth {}, **not exhaustive**: {within}", explored.depth)
    }
}

fn count(number: usize, word: &str) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let many = if word.ends_with("sh") { "es" } else { "s" };
    if number == 1 { format!("{grouped} {word}") } else { format!("{grouped} {word}{many}") }
}

/// A run in words; none where nothing was found.
#[must_use]
pub fn trace(study: &Study, explored: &Explored) -> Option<Told> {
    let trace = explored.trace.as_ref()?;
    let teller = Teller { names: &study.names, shape: &study.shape, trace };
    let steps = trace.steps.iter().map(|step| teller.step(step)).collect();
    let Broken { effect, .. } = trace.broken;
    Some(Told {
        title: format!("{} ({}) by {}", effect.name(), effect.code(), teller.mechanism()),
        extent: format!(
            "{}, {}, {}; {} looked at",
            count(trace.faults, "fault"),
            count(trace.writes, "write"),
            count(trace.length, "step"),
            count(explored.states, "state"),
        ),
        places: trace.watched.iter().map(|part| study.names.of(*part).text).collect(),
        steps,
        end: teller.end(),
    })
}

struct Teller<'a> {
    names: &'a Names,
    shape: &'a Topology,
    trace: &'a Trace,
}

impl Teller<'_> {
    fn name(&self, part: Part) -> String {
        self.names.of(part).text
    }

    fn step(&self, step: &Step) -> TraceStep {
        let Name { text: who, span } = self.names.of(step.who);
        let (does, to) = self.deed(step.deed);
        let holds = step.holds.iter().map(|value| self.value(*value)).collect();
        TraceStep { who, does, to, fault: step.fault, holds, span }
    }

    /// A value in a cell, or how often an effect was counted.
    fn value(&self, value: u8) -> String {
        match self.shape.promises.get(self.trace.broken.promise) {
            Some(Promise::Once { .. } | Promise::Causal { .. }) => format!("{value} ×"),
            Some(Promise::Converges { .. }) | None if value == 0 => "–".to_owned(),
            Some(Promise::Converges { .. }) | None => format!("v{value}"),
        }
    }

    fn said(said: Said) -> String {
        match said.kind {
            Kind::Put if said.op == 0 => format!("v{} as it was copied", said.value),
            Kind::Put => format!("v{}", said.value),
            Kind::Delete => "the delete".to_owned(),
            Kind::Fact if said.part > 0 => format!("operation {}, part {}", said.op, said.part + 1),
            Kind::Fact => format!("operation {}", said.op),
        }
    }

    fn deed(&self, deed: Deed) -> (String, Option<String>) {
        let store = |id| Some(self.name(Part::Store(id)));
        match deed {
            Deed::Writes { op, again } => {
                let to = self.name(op.to.part());
                let again = if again { " again, since it got no answer" } else { "" };
                let what = match op.kind {
                    Kind::Put => format!("writes v{}", op.value),
                    Kind::Delete => "deletes the row".to_owned(),
                    Kind::Fact => format!("writes operation {}", op.id),
                };
                (format!("{what}{again}"), Some(to))
            }
            Deed::Dies => ("dies before its next write".to_owned(), None),
            Deed::Rewinds => ("dies, and goes on from its last committed position".to_owned(), None),
            Deed::RewindsLate => {
                ("dies with a write under way, and goes on from its last committed position".to_owned(), None)
            }
            Deed::Appends { topic, partition, record } => {
                let of = self.shape.topics.get(usize::from(topic));
                let scattered =
                    of.is_some_and(|topic| topic.partitions > 1 && (topic.route != Route::Key || topic.grows));
                let place = if scattered { format!(" to partition {partition}") } else { String::new() };
                (format!("appends {}{place}", Self::said(record)), Some(self.name(Part::Topic(topic))))
            }
            Deed::BeginsCopy => ("begins to copy the rows as they are now".to_owned(), None),
            Deed::EndsCopy => ("has copied all rows and follows the log from then on".to_owned(), None),
            Deed::Works { record, .. } => (format!("works on {}", Self::said(record)), None),
            Deed::Sends { record, .. } => (format!("has read {} and begins to write it", Self::said(record)), None),
            Deed::Lands { store: id, record, late, refused } => {
                let late = if late { ", sent by the task that died," } else { "" };
                let does = if refused { "is refused" } else { "arrives" };
                (format!("{}{late} {does}", Self::said(record)), store(id))
            }
            Deed::ForgetsVersion => ("forgets the version of the deleted row".to_owned(), None),
            Deed::ForgetsId => ("forgets the operation id".to_owned(), None),
            Deed::LosesOldest => ("has dropped its oldest records".to_owned(), None),
            Deed::Compacts => ("has dropped a record by compaction".to_owned(), None),
            Deed::Grows => ("is given another partition".to_owned(), None),
            Deed::IsEmptied => ("is emptied, to be filled again".to_owned(), None),
        }
    }

    /// By what it happens: the fault it takes, else what lets records overtake each other.
    fn mechanism(&self) -> &'static str {
        let has = |wanted: fn(&Deed) -> bool| self.trace.steps.iter().any(|step| wanted(&step.deed));
        let direct = |deed: &Deed| matches!(deed, Deed::Writes { op, .. } if matches!(op.to.part(), Part::Store(_)));
        if has(|deed| matches!(deed, Deed::Lands { late: true, .. })) {
            return "zombie-write";
        }
        if has(|deed| matches!(deed, Deed::ForgetsVersion | Deed::ForgetsId)) {
            return "forgotten-tombstone";
        }
        if has(|deed| matches!(deed, Deed::LosesOldest | Deed::Compacts)) {
            return "truncation";
        }
        if has(|deed| matches!(deed, Deed::Grows)) {
            return "key-move";
        }
        if has(|deed| matches!(deed, Deed::Dies)) {
            return "writer-crash";
        }
        if has(|deed| matches!(deed, Deed::Writes { again: true, .. })) {
            return "lost-ack";
        }
        if self.trace.steps.iter().any(|step| direct(&step.deed)) {
            return if self.trace.steps.iter().filter(|step| direct(&step.deed)).count() > 1 {
                "race"
            } else {
                "foreign write"
            };
        }
        let snapshot = has(|deed| matches!(deed, Deed::BeginsCopy));
        if has(|deed| matches!(deed, Deed::Rewinds | Deed::RewindsLate)) {
            return if snapshot && self.trace.broken.effect == Effect::UndeadRow { "snapshot-gap" } else { "rewind" };
        }
        if self.shape.sinks.iter().any(|sink| sink.mode == Mode::Counter) {
            return "version-collision";
        }
        if self.shape.topics.iter().any(|topic| topic.keeps == Keeps::CompactedTooSoon) {
            return "truncation";
        }
        if self.shape.sinks.iter().any(|sink| sink.in_flight > 1) { "in-flight-reorder" } else { "partition-scatter" }
    }

    /// What the record says, what the view says, and whether anything will ever mend it.
    fn end(&self) -> Vec<String> {
        let Broken { effect, expected, found, promise, .. } = self.trace.broken;
        let mut end = Vec::new();
        let holds = |value: u8| if value == 0 { "no row".to_owned() } else { format!("v{value}") };
        match self.shape.promises.get(promise) {
            Some(Promise::Converges { store, .. }) => {
                let records: Vec<String> =
                    (0..).zip(&self.shape.tables).map(|(id, _)| self.name(Part::Table(id))).collect();
                let record = if records.is_empty() { "the log".to_owned() } else { records.join(" with ") };
                end.push(format!(
                    "`{record}` says {}, `{}` says {}",
                    holds(expected),
                    self.name(Part::Store(*store)),
                    holds(found)
                ));
            }
            Some(Promise::Once { store, .. } | Promise::Causal { store }) => {
                end.push(format!("`{}` shows a {}", self.name(Part::Store(*store)), effect.name()));
            }
            None => {}
        }
        if self.trace.at_rest {
            end.push(match effect {
                Effect::StaleOverwrite | Effect::UndeadRow | Effect::MissingRow => {
                    "nothing is pending, no call has failed: nothing mends it until the row is written again".to_owned()
                }
                Effect::DuplicatedEffect | Effect::LostEffect | Effect::TornRequest | Effect::CausalInversion => {
                    "nothing is pending, no call has failed: nothing will ever mend it".to_owned()
                }
            });
        } else {
            end.push(
                "it is visible to every reader until the cause arrives, and what they did by then stays done"
                    .to_owned(),
            );
        }
        end
    }
}
