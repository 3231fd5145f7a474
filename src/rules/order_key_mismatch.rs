use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::relation::{RecordId, Term};
use crate::model::walk::identity;
use crate::model::walk::order::{self, Apart, Place};
use crate::model::{Claim, Promise};

rule! {
    /// An order is promised by a key that the log does not have.
    ///
    /// A log keeps the order of what is in one partition, and of nothing else. `ordered per X` holds when equal X means one partition all the way: each column or
    /// expression that routes the log is in X or is made of X, or X holds the whole key of the record. A table's log is routed by its key. A unique column that
    /// can change, and one that references, do not count. Two topics have no order between them, whatever they are routed by.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// system bank: postgres
    /// event instruction in log.instructions partitioned by request_id {
    ///   request_id  uuid           key operation from client
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    /// }
    /// view ledger {
    ///   instruction | bank.public.entries
    ///   guarantee ordered per account_id
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// system bank: postgres
    /// event instruction in log.instructions partitioned by account_id {
    ///   request_id  uuid           key operation from client
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    /// }
    /// view ledger {
    ///   instruction | bank.public.entries
    ///   guarantee ordered per account_id
    /// }
    /// ```
    {
        name: "order_key_mismatch", severity: Error, waivable: false,
        title: "order is promised by a key the log does not have", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for (id, view) in model.all_views().filter(|(_, view)| view.relation.is_some()) {
        for promise in &view.guarantees {
            let Some(per) = per(promise) else { continue };
            if let Some(apart) = order::apart(model, id, &per).filter(|apart| !misread(cx, sink, apart)) {
                let at = sink.of(view, promise.span, message(cx, promise));
                sink.push(finding(cx, at, promise, &apart));
            }
        }
    }
    for process in &model.processes {
        for promise in &process.guarantees {
            let Some(per) = per(promise) else { continue };
            if let Some(apart) = order::apart_in(model, process, &per).filter(|apart| !misread(cx, sink, apart)) {
                let at = sink.at(promise.span, message(cx, promise));
                sink.push(finding(cx, at, promise, &apart));
            }
        }
    }
}

/// Whether what routes the log could not be read.
fn misread(cx: &Context, sink: &Sink, apart: &Apart) -> bool {
    let scope = |record| identity::scope(cx.model, record);
    match apart {
        Apart::At(Place::Log(record)) => sink.misread(scope(*record)),
        Apart::At(Place::Topic(id, _)) => sink.misread(cx.model.view(*id).scope),
        Apart::At(Place::Emitted(event)) => sink.misread(cx.model.event(*event).scope),
        Apart::At(Place::Step(_)) => false,
        Apart::Topics(one, other) => sink.misread(scope(*one)) || sink.misread(scope(*other)),
    }
}

/// What an order is promised per, where all of it is known.
fn per(promise: &Promise) -> Option<Vec<Term>> {
    let Claim::OrderedPer(written) = &promise.claim else { return None };
    let terms: Vec<Term> = promise.terms.iter().map(|term| term.value.clone()).collect();
    (terms.len() == written.len()).then_some(terms)
}

/// What the order is promised per, as written.
fn words(cx: &Context, promise: &Promise) -> String {
    let Claim::OrderedPer(written) = &promise.claim else { return String::new() };
    written.iter().map(|expr| cx.sources.slice(expr.span)).collect::<Vec<_>>().join(", ")
}

fn message(cx: &Context, promise: &Promise) -> String {
    format!("`ordered per {}` is more than the log keeps", words(cx, promise))
}

fn finding(cx: &Context, at: Diagnostic, promise: &Promise, apart: &Apart) -> Diagnostic {
    let model = cx.model;
    let per = words(cx, promise);
    let (finding, help) = match apart {
        Apart::At(Place::Log(record)) => at_log(cx, at, *record, &per),
        Apart::At(Place::Step(span)) => {
            let finding = at.here("promised here").also(*span, "rows are put into other partitions here");
            (finding, "promise `ordered per` what this stage goes by, or take the rows before it".to_owned())
        }
        Apart::At(Place::Topic(id, span)) => {
            let name = model.view(*id).name.clone();
            let finding =
                at.here("promised here").also(*span, format!("the topic of `{name}` is partitioned otherwise"));
            (finding, format!("write `partitioned by {per}`"))
        }
        Apart::At(Place::Emitted(event)) => {
            let event = model.event(*event);
            let at = at.here("promised here");
            let finding =
                at.also(event.partitioned.unwrap_or(event.span), format!("`{}` is partitioned otherwise", event.name));
            (finding, format!("partition `{}` by what `{per}` is in it", event.name))
        }
        Apart::Topics(one, other) => {
            let ((first, a), (second, b)) = (identity::named(model, *one), identity::named(model, *other));
            let finding = at
                .here("promised over two topics")
                .also(a, format!("`{first}` comes in one topic"))
                .also(b, format!("`{second}` comes in another"));
            let help = format!("record `{first}` and `{second}` in one topic, partitioned by `{per}`");
            (finding, help)
        }
    };
    finding.help(help).story([
        format!("Two changes with one `{per}` are made, one after the other."),
        "They travel in different partitions; the second overtakes the first.".to_owned(),
        "What was decided first is applied last, and stays.".to_owned(),
    ])
}

fn at_log(cx: &Context, at: Diagnostic, record: RecordId, per: &str) -> (Diagnostic, String) {
    let model = cx.model;
    let (name, span) = identity::named(model, record);
    let at = at.here("promised here");
    match record {
        RecordId::Event(id) => {
            let event = model.event(id);
            let finding = match event.partitioned {
                Some(stated) => at.also(stated, format!("`{name}` is partitioned by {}", cx.sources.slice(stated))),
                None if event.key.is_empty() => at.also(span, "it has neither key nor `partitioned by`: it scatters"),
                None => at.also(span, format!("`{name}` is partitioned by its key, {}", event.key.join(", "))),
            };
            (finding, format!("write `partitioned by {per}` in `{name}`"))
        }
        RecordId::Entity(id) => {
            let key = model.entity(id).key.join(", ");
            let finding = at.also(span, format!("the changes of `{name}` are partitioned by its key, {key}"));
            (finding, format!("write `ordered per {key}`"))
        }
    }
}
