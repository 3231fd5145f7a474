use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::relation::{InputId, RecordId, Role, StepKind, Term};
use crate::model::walk::identity::{self, Cause, Makers};
use crate::model::{Constraint, ConstraintRule, EntityId, EventId, Leadership, Model, Process, View};
use crate::source::Span;

rule! {
    /// A rule that must never be broken is decided in more than one place.
    ///
    /// Who decides must see all that it decides on, alone and in one order. For rows that is one leader of their database. For what is counted out of
    /// events it is one process that reads requests in the partitions of the rule's own columns, and emits the event, or does not; what follows from an
    /// accepted one may be emitted freely. A service that emits the event itself, or a process that emits whatever it reads, decides nothing.
    ///
    /// A decision in foreign code (`run`) is assumed, never proved. Entities that every region may write are `many_leaders` alone.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// system compute: flink
    /// system bank: postgres
    /// event booking in log.bookings partitioned by account_id {
    ///   request_id  uuid           key operation from client
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    /// }
    /// service payments { emits booking }
    /// view balance {
    ///   booking
    ///   | distinct by request_id
    ///   | group by account_id
    ///   | select account_id, sum(amount) as balance
    ///   | bank.public.balances
    /// }
    /// hard constraint no_overdraft on balance: balance >= 0
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// system compute: flink
    /// system bank: postgres
    /// event attempt in log.attempts partitioned by account_id {
    ///   request_id  uuid           key operation from client
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    /// }
    /// event booking in log.bookings partitioned by account_id {
    ///   request_id  uuid           key
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    /// }
    /// service payments { emits attempt }
    /// process decide from attempt {
    ///   run "registry.example/account-keeper:4"
    ///   emit booking
    ///   assume deterministic because "the decision is stored under request_id; a replay reads it"
    /// }
    /// view balance {
    ///   booking
    ///   | distinct by request_id
    ///   | group by account_id
    ///   | select account_id, sum(amount) as balance
    ///   | bank.public.balances
    /// }
    /// hard constraint no_overdraft on balance: balance >= 0
    /// ```
    {
        name: "split_hard_rule", severity: Error, waivable: false, title: "a hard rule decided in two places", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let makers = Makers::new(model);
    for constraint in model.constraints.iter().filter(|constraint| constraint.hard) {
        let finding = match constraint.on.value {
            InputId::Entity(id) => on_entity(model, sink, constraint, id),
            InputId::Event(id) => on_event(&makers, sink, constraint, id),
            InputId::View(id) => {
                let view = model.view(id);
                if counted_events(model, view) { on_counted(&makers, sink, constraint, view) } else { None }
            }
        };
        finding.into_iter().for_each(|finding| sink.push(finding));
    }
}

/// Whether a view is counted out of events, and of nothing else.
pub(super) fn counted_events(model: &Model, view: &View) -> bool {
    let roots = identity::roots(model, view);
    !roots.is_empty()
        && roots.iter().all(|record| matches!(record, RecordId::Event(_)))
        && !groups(model, view).is_empty()
}

/// What a view's rows are counted by, in it and above it.
fn groups(model: &Model, view: &View) -> Vec<Vec<Term>> {
    let (mut all, mut seen, mut left) = (Vec::new(), BTreeSet::new(), vec![view]);
    while let Some(view) = left.pop() {
        for step in view.relation.iter().flat_map(|relation| &relation.steps) {
            if let StepKind::Group { by } = &step.kind {
                all.push(by.clone());
            }
        }
        for input in view.inputs.iter().filter(|input| matches!(input.role, Role::Start | Role::Union)) {
            if let InputId::View(id) = input.what
                && seen.insert(id)
            {
                left.push(model.view(id));
            }
        }
    }
    all
}

/// Rows of one table that live in several databases.
fn on_entity(model: &Model, sink: &Sink, constraint: &Constraint, id: EntityId) -> Option<Diagnostic> {
    let ConstraintRule::Unique(columns) = &constraint.rule else { return None };
    let entity = model.entity(id);
    let system = model.system(entity.home.system);
    let (column, span, what) = match (&system.leadership, &system.shards) {
        (Leadership::PerRow(column), _) => (&column.value, column.span, "each row's leader sees its own rows only"),
        (_, Some(shards)) => (&shards.column.value, shards.column.span, "each member sees its own rows only"),
        (Leadership::Single | Leadership::In(_) | Leadership::Several(_), None) => return None,
    };
    if columns.contains(column) {
        return None;
    }
    let message = format!("`{}` spans rows that are decided in different places", constraint.name);
    let finding = sink.at(constraint.rule_span, message).here("among all rows").also(span, what);
    Some(finding.help(format!("write `unique ({column}, {})`, or let one leader decide", columns.join(", "))).story([
        format!("The same `{}` is claimed in two places in one second.", columns.join(", ")),
        "Each looks at its own rows, sees none like it, and says yes.".to_owned(),
    ]))
}

/// Events that must be unique: who decides must see all claims of one value.
fn on_event(makers: &Makers, sink: &Sink, constraint: &Constraint, id: EventId) -> Option<Diagnostic> {
    let model = makers.model;
    let ConstraintRule::Unique(columns) = &constraint.rule else { return None };
    let event = model.event(id);
    // A repeated key is a repetition, and is dropped as one.
    let repeated = !event.key.is_empty() && event.key.iter().all(|part| columns.contains(part));
    if event.open || repeated {
        return None;
    }
    let by: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
    let undecided = undecided(makers, &BTreeSet::from([id]), &by)?;
    Some(finding(model, sink, constraint, &undecided, &columns.join(", ")))
}

fn on_counted(makers: &Makers, sink: &Sink, constraint: &Constraint, view: &View) -> Option<Diagnostic> {
    let model = makers.model;
    let events: BTreeSet<EventId> = identity::roots(model, view)
        .into_iter()
        .filter_map(|record| if let RecordId::Event(id) = record { Some(id) } else { None })
        .collect();
    if events.iter().any(|id| model.event(*id).open) {
        return None;
    }
    let terms: Vec<Term> = groups(model, view).concat();
    let by: BTreeSet<&str> = terms.iter().flat_map(Term::reads).map(|column| column.column.as_str()).collect();
    let undecided = undecided(makers, &events, &by)?;
    let words: Vec<&str> = by.into_iter().collect();
    Some(finding(model, sink, constraint, &undecided, &words.join(", ")))
}

/// Why nobody decides.
enum Undecided {
    /// A service emits it.
    Service(EventId, String, Span),
    /// A process emits whatever it reads.
    Split(EventId, String, Span),
    /// A process decides, without seeing all of it.
    Elsewhere(String, Span),
    /// Several processes decide.
    Several(Span, Span),
    /// Nobody emits it.
    Nobody(EventId),
}

/// Whether one process, which reads its requests by the rule's columns, stands before all of these events.
fn undecided(makers: &Makers, events: &BTreeSet<EventId>, by: &BTreeSet<&str>) -> Option<Undecided> {
    let mut deciders: Vec<&Process> = Vec::new();
    let mut seen = BTreeSet::new();
    for event in events {
        if let Some(found) = stands_before(makers, *event, by, &mut deciders, &mut seen) {
            return Some(found);
        }
    }
    match deciders.as_slice() {
        [one, other, ..] => Some(Undecided::Several(one.span, other.span)),
        [_] | [] => None,
    }
}

fn stands_before<'a>(
    makers: &Makers<'a>,
    event: EventId,
    by: &BTreeSet<&str>,
    deciders: &mut Vec<&'a Process>,
    seen: &mut BTreeSet<EventId>,
) -> Option<Undecided> {
    let model = makers.model;
    if !seen.insert(event) {
        return None;
    }
    if let Some((service, span)) = makers.emitter(event) {
        return Some(Undecided::Service(event, service.to_owned(), span));
    }
    let causes = makers.causes(event);
    if causes.is_empty() {
        return Some(Undecided::Nobody(event));
    }
    for cause in causes {
        if decides(cause) {
            if !sees_all(model, cause, by) {
                let span = cause.process.inputs.first().map_or(cause.process.span, |input| input.span);
                return Some(Undecided::Elsewhere(cause.process.name.clone(), span));
            }
            if deciders.iter().all(|known| known.span != cause.process.span) {
                deciders.push(cause.process);
            }
            continue;
        }
        // What follows from an accepted event was decided there.
        let events: Vec<EventId> = cause
            .process
            .inputs
            .iter()
            .flat_map(|input| identity::roots_of(model, input.value))
            .filter_map(|record| if let RecordId::Event(id) = record { Some(id) } else { None })
            .collect();
        let accepted = !events.is_empty()
            && events.iter().all(|above| stands_before(makers, *above, by, deciders, seen).is_none());
        if !accepted {
            return Some(Undecided::Split(event, cause.process.name.clone(), cause.emit.span));
        }
    }
    None
}

/// Foreign code may refuse, and so may a condition.
fn decides(cause: &Cause) -> bool {
    cause.process.run.is_some() || cause.emit.when.is_some()
}

/// Whether requests that the rule weighs against each other reach one instance of the process. The columns of the request need not bear the names that those
/// of the event bear: what is emitted tells which is which, and foreign code is taken at its columns' names.
fn sees_all(model: &Model, cause: &Cause, by: &BTreeSet<&str>) -> bool {
    let event = model.event(cause.emit.event);
    cause.process.inputs.iter().flat_map(|input| identity::roots_of(model, input.value)).all(|record| {
        let RecordId::Event(id) = record else { return true };
        let routing = &model.event(id).routing;
        let given: BTreeSet<Term> = match &cause.emit.columns {
            Some(listed) => {
                let weighed = listed.iter().filter(|made| by.contains(made.name.as_str()));
                weighed.map(|made| made.term.clone()).collect()
            }
            None => by.iter().map(|name| identity::own(record, name)).collect(),
        };
        // An account that pays goes by another name than an account: foreign code says which.
        let renamed = cause.process.run.is_some()
            && cause.emit.columns.is_none()
            && by.iter().all(|name| event.column(name).is_none() || model.record_column(record, name).is_none());
        !routing.is_empty() && (renamed || routing.iter().all(|term| identity::determined(term, &given)))
    })
}

fn finding(model: &Model, sink: &Sink, constraint: &Constraint, why: &Undecided, by: &str) -> Diagnostic {
    let message = format!("nobody decides `{}` before it is too late", constraint.name);
    let finding = sink.at(constraint.rule_span, message).here("must never be broken");
    let (finding, name) = match why {
        Undecided::Service(event, service, span) => {
            let name = &model.event(*event).name;
            (
                finding.also(*span, format!("`{service}` emits `{name}` itself, seeing only what it knows")),
                name.as_str(),
            )
        }
        Undecided::Split(event, process, span) => {
            let name = &model.event(*event).name;
            (finding.also(*span, format!("`{process}` emits `{name}` for whatever it reads")), name.as_str())
        }
        Undecided::Elsewhere(process, span) => {
            (finding.also(*span, format!("`{process}` does not read this by `{by}`: it sees a part")), "the event")
        }
        Undecided::Several(one, other) => {
            (finding.also(*one, "decided here").also(*other, "and here, at the same time"), "the event")
        }
        Undecided::Nobody(event) => {
            let event = model.event(*event);
            (finding.also(event.span, format!("nothing says who emits `{}`", event.name)), event.name.as_str())
        }
    };
    let help =
        format!("let one process read requests partitioned by `{by}`, and emit {} only when it accepts", quoted(name));
    finding.help(help).story([
        "Two requests arrive at once; each alone would be fine.".to_owned(),
        "Neither place that says yes sees the other one.".to_owned(),
        format!("Both are on their way: `{}` is broken, and nobody can take either back.", constraint.name),
    ])
}

fn quoted(name: &str) -> String {
    if name == "the event" { name.to_owned() } else { format!("`{name}`") }
}
