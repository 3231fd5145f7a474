use std::collections::BTreeSet;

use super::{Context, Sink, rule, shared_dedup_id};
use crate::diag::Diagnostic;
use crate::model::relation::{AGGREGATES, StepKind, Term};
use crate::model::walk::delivery::{self, Repeats};
use crate::model::walk::identity::{self, Makers};
use crate::model::{Model, View};
use crate::source::Span;

rule! {
    /// Repetitions are counted before they are removed.
    ///
    /// A number does not show what it is made of. Once a repeated event is in a sum, no step behind it can take it out again. Remove repetitions first:
    /// `distinct by` before `group by`, or a view that holds each event once, in a store that keeps its id unique.
    ///
    /// Where the id itself is shared by two events of one request, that is `shared_dedup_id` alone.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// system compute: flink
    /// system bank: postgres
    /// event payment in log.payments partitioned by account_id {
    ///   request_id  uuid           key operation from client
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    /// }
    /// view balance {
    ///   payment
    ///   | group by account_id
    ///   | select account_id, sum(amount) as balance
    ///   | bank.public.balances
    ///   guarantee exactly once by request_id
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// system compute: flink
    /// system bank: postgres
    /// event payment in log.payments partitioned by account_id {
    ///   request_id  uuid           key operation from client
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    /// }
    /// view balance {
    ///   payment
    ///   | distinct by request_id
    ///   | group by account_id
    ///   | select account_id, sum(amount) as balance
    ///   | bank.public.balances
    ///   guarantee exactly once by request_id
    /// }
    /// ```
    {
        name: "sum_before_dedup", severity: Error, waivable: false, title: "sum before dedup", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut found: Vec<(Span, Diagnostic)> = Vec::new();
    let makers = Makers::new(model);
    let shared = shared_dedup_id::promises(&makers);
    for once in delivery::promises(model) {
        let elsewhere = delivery::on_state(model, &once).is_some()
            || shared.contains(&(once.view.span, once.promise.span))
            || once.roots.iter().any(|record| !once.identifies(&makers, *record));
        let Repeats::Counted(group) = delivery::repeats(&makers, once.view, &once.by) else { continue };
        if elsewhere {
            continue;
        }
        let note = format!("`{}` promises each `{}` once", once.view.name, once.words());
        if let Some((_, finding)) = found.iter_mut().find(|(span, _)| *span == group) {
            finding.labels.push(crate::diag::Label { span: once.promise.span, message: note });
            continue;
        }
        let finding = finding(sink, group, &once.words()).also(once.promise.span, note);
        found.push((group, finding));
    }
    for view in &model.views {
        late(model, sink, view, &mut found);
    }
    found.into_iter().for_each(|(_, finding)| sink.push(finding));
}

/// A `distinct by` over what an aggregate made of ids.
fn late(model: &Model, sink: &Sink, view: &View, found: &mut Vec<(Span, Diagnostic)>) {
    for step in view.relation.iter().flat_map(|relation| &relation.steps) {
        let StepKind::Distinct { by } = &step.kind else { continue };
        let ids: BTreeSet<String> =
            by.iter().filter(|term| term.applies(AGGREGATES)).flat_map(|term| ids(model, term)).collect();
        let Some(id) = ids.first() else { continue };
        let Some(group) = group_before(model, view, step.span) else { continue };
        if found.iter().all(|(span, _)| *span != group) {
            found.push((group, finding(sink, group, id).also(step.span, "repetitions are looked for only here")));
        }
    }
}

fn ids(model: &Model, term: &Term) -> Vec<String> {
    let of = term.reads().into_iter().filter(|column| {
        let key = identity::key(model, column.record).contains(&column.column);
        key || model.record_column(column.record, &column.column).is_some_and(|found| found.operation.is_some())
    });
    of.map(|column| column.column.clone()).collect()
}

/// The last `group by` before a stage, in this view or above it.
fn group_before(model: &Model, view: &View, stage: Span) -> Option<Span> {
    let groups = |view: &View, until: Option<Span>| {
        let steps = view.relation.iter().flat_map(|relation| &relation.steps);
        let before = steps.take_while(|step| Some(step.span) != until);
        before.filter(|step| matches!(step.kind, StepKind::Group { .. })).map(|step| step.span).last()
    };
    groups(view, Some(stage)).or_else(|| view.upstream.iter().find_map(|id| groups(model.view(*id), None)))
}

fn finding(sink: &Sink, group: Span, by: &str) -> Diagnostic {
    sink.at(group, "this counts events that may come twice")
        .here("a repetition is inside the number from here on")
        .help(format!("add `| distinct by {by}` above this stage"))
        .story([
            "A payment of 10 arrives; the job adds it, and is restarted before it notes how far it had come."
                .to_owned(),
            "The payment is read again and added again: the sum says 20.".to_owned(),
            format!("`{by}` is the same in both; nobody looks at it any more."),
        ])
}
