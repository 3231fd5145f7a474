use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::relation::{RecordId, StepKind, Term};
use crate::model::walk::identity::{self, Cause, Makers, Origin};
use crate::model::walk::{delivery, order};
use crate::model::{EventId, Model};
use crate::source::Span;

rule! {
    /// Two events that one request causes bear one id.
    ///
    /// A request is split into parts that carry its id. Where the parts meet, in one table, under one unique id, the second looks like a repetition of the first
    /// and is dropped. The parts of one request need what tells them apart: a column with another literal in each, which is part of the key.
    ///
    /// Emits that are never made of one request, because their conditions exclude each other, are sound.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// event transfer_requested in log.transfers partitioned by request_id {
    ///   request_id    uuid           key operation from client
    ///   from_account  bigint
    ///   to_account    bigint
    ///   amount        decimal(18,2)
    /// }
    /// event instruction in log.instructions partitioned by account_id {
    ///   request_id  uuid           key
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    /// }
    /// process split from transfer_requested {
    ///   emit instruction (request_id, from_account as account_id, -amount as amount)
    ///   emit instruction (request_id, to_account as account_id, amount)
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// event transfer_requested in log.transfers partitioned by request_id {
    ///   request_id    uuid           key operation from client
    ///   from_account  bigint
    ///   to_account    bigint
    ///   amount        decimal(18,2)
    /// }
    /// event instruction in log.instructions partitioned by account_id {
    ///   request_id  uuid
    ///   leg         enum("debit", "credit")
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    ///
    ///   key (request_id, leg)
    /// }
    /// process split from transfer_requested {
    ///   emit instruction (request_id, 'debit' as leg, from_account as account_id, -amount as amount)
    ///   emit instruction (request_id, 'credit' as leg, to_account as account_id, amount)
    /// }
    /// ```
    {
        name: "shared_dedup_id", severity: Error, waivable: false, title: "two emits share one dedup id", check: Some(check),
    }
}

/// What tells rows apart at some place, and the place.
struct Told {
    span: Span,
    why: String,
    /// Columns, in the user's words.
    by: String,
    /// The view whose promise this is: what tells its rows apart is a matter of the promise, not of a key. None where it is a key.
    promise: Option<Span>,
    rows: Vec<(RecordId, Vec<Term>)>,
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut said: BTreeSet<Span> = BTreeSet::new();
    let makers = Makers::new(model);
    for told in all(model) {
        let origins = origins(&makers, &told);
        for (at, later) in origins.iter().enumerate() {
            let first = origins.iter().take(at).find(|first| identity::collide(first, later));
            let Some((one, other)) = first.and_then(|first| identity::parting(first, later)) else { continue };
            let (one, other) = if one.emit.span <= other.emit.span { (one, other) } else { (other, one) };
            if said.insert(other.emit.span) {
                sink.push(finding(model, sink, &told, one, other));
            }
        }
    }
}

/// The promises that two emits of one request break: the view and the statement, which may be said for all views.
pub(super) fn promises(makers: &Makers) -> BTreeSet<(Span, Span)> {
    let shared = all(makers.model).into_iter().filter(|told| told.promise.is_some()).filter(|told| {
        let origins = origins(makers, told);
        let mut pairs = origins.iter().enumerate();
        pairs.any(|(at, later)| origins.iter().take(at).any(|first| identity::collide(first, later)))
    });
    shared.filter_map(|told| Some((told.promise?, told.span))).collect()
}

fn origins<'a>(makers: &Makers<'a>, told: &Told) -> Vec<Origin<'a>> {
    told.rows.iter().flat_map(|(record, terms)| identity::origins(makers, *record, terms)).collect()
}

/// Every place that tells rows apart by their columns: promises first, since they say it themselves.
fn all(model: &Model) -> Vec<Told> {
    let mut all = Vec::new();
    for once in delivery::promises(model).iter().filter(|once| delivery::on_state(model, once).is_none()) {
        let rows = once.roots.iter().map(|record| (*record, once.of(model, *record).into_iter().collect())).collect();
        let by = once.words();
        let why = format!("`{}` takes the second for a repetition of the first", once.view.name);
        all.push(Told { span: once.promise.span, why, by, promise: Some(once.view.span), rows });
    }
    for view in &model.views {
        let Some(relation) = &view.relation else { continue };
        let looks = |kind: &StepKind| matches!(kind, StepKind::Distinct { .. } | StepKind::Union(_));
        if !relation.steps.iter().any(|step| looks(&step.kind)) {
            continue;
        }
        let roots = identity::roots(model, view);
        for step in &relation.steps {
            let StepKind::Distinct { by } = &step.kind else { continue };
            let why = format!("`{}` drops the second as a repetition of the first", view.name);
            all.push(Told { span: step.span, why, by: words(by), promise: None, rows: rows(&roots, by) });
        }
        // Legs that are events of their own meet where they are united.
        let united = relation.steps.iter().find(|step| matches!(step.kind, StepKind::Union(_)));
        let Some(step) = united.filter(|_| !order::is_topic(model, view) && !relation.key.is_empty()) else { continue };
        let why = format!("`{}` keeps one row for both", view.name);
        all.push(Told {
            span: step.span,
            why,
            by: words(&relation.key),
            promise: None,
            rows: rows(&roots, &relation.key),
        });
    }
    for (at, event) in model.events.iter().enumerate() {
        let record = RecordId::Event(EventId(at));
        let key: Vec<Term> = event.key.iter().map(|name| identity::own(record, name)).collect();
        let first = event.key.first().and_then(|name| event.column(name));
        let Some(first) = first else { continue };
        let why = format!("the key of `{}` does not tell them apart", event.name);
        all.push(Told { span: first.span, why, by: event.key.join(", "), promise: None, rows: vec![(record, key)] });
    }
    all
}

fn rows(roots: &BTreeSet<RecordId>, terms: &[Term]) -> Vec<(RecordId, Vec<Term>)> {
    let of = |record: &RecordId| terms.iter().flat_map(|term| identity::side(term, *record)).collect();
    roots.iter().map(|record| (*record, of(record))).collect()
}

fn words(terms: &[Term]) -> String {
    let names: BTreeSet<&str> = terms.iter().flat_map(Term::reads).map(|column| column.column.as_str()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn finding(model: &Model, sink: &Sink, told: &Told, one: Cause, other: Cause) -> Diagnostic {
    let (first, second) = (&model.event(one.emit.event).name, &model.event(other.emit.event).name);
    let message = if first == second {
        format!("two of `{first}` for one request share `{}`", told.by)
    } else {
        format!("`{first}` and `{second}` for one request share `{}`", told.by)
    };
    let root = other.process.inputs.first().map_or("request", |input| identity::input_name(model, input.value));
    let pair = if first == second { format!("each of them `{first}`") } else { format!("`{first}` and `{second}`") };
    let help = if told.promise.is_some() {
        format!(
            "add a column with another literal in each, such as `'debit' as leg`, and write `exactly once by {}, leg`",
            told.by
        )
    } else {
        format!(
            "add a column with another literal in each, such as `'debit' as leg`, and tell them apart by `{}, leg`",
            told.by
        )
    };
    sink.at(other.emit.span, message)
        .here(format!("the same `{}` as the one above", told.by))
        .also(one.emit.span, "the first one")
        .also(told.span, told.why.clone())
        .help(help)
        .story([
            format!("One `{root}` makes two events, {pair}, both with its `{}`.", told.by),
            "The first is stored under that id.".to_owned(),
            "The second has the same id and is taken for a repetition: it is gone, with nothing failing.".to_owned(),
        ])
}
