use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::relation::{Derived, Nature, RecordId, Term};
use crate::model::walk::delivery::{self, Once};
use crate::model::walk::identity::{self, Cause, Makers};
use crate::model::{Claim, Model, Process, View};
use crate::source::Span;

rule! {
    /// The id of an operation is lost on its way.
    ///
    /// What removes repetitions looks at the id that the first caller gave. Every event that is made of another one has to carry it on: in its key, or in a
    /// column that is an operation's id. Masked, it identifies nothing any more. And a promise of `exactly once by` has to name it: an operation's id, or all
    /// columns of the event's key.
    ///
    /// Emits of foreign code (`run`) are not seen: what they leave to columns of equal names is taken to be the same value.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// event transfer_requested in log.transfers partitioned by request_id {
    ///   request_id  uuid           key operation from client
    ///   account     bigint
    ///   amount      decimal(18,2)
    /// }
    /// event instruction in log.instructions partitioned by account_id {
    ///   account_id  bigint         key
    ///   amount      decimal(18,2)
    /// }
    /// process split from transfer_requested {
    ///   emit instruction (account as account_id, amount)
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// event transfer_requested in log.transfers partitioned by request_id {
    ///   request_id  uuid           key operation from client
    ///   account     bigint
    ///   amount      decimal(18,2)
    /// }
    /// event instruction in log.instructions partitioned by account_id {
    ///   request_id  uuid           key
    ///   account_id  bigint
    ///   amount      decimal(18,2)
    /// }
    /// process split from transfer_requested {
    ///   emit instruction (request_id, account as account_id, amount)
    /// }
    /// ```
    {
        name: "lost_operation_id", severity: Error, waivable: false, title: "the id is lost on the way", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let makers = Makers::new(model);
    for process in &model.processes {
        for emit in &process.emits {
            emitted(&makers, sink, &Cause { process, emit });
        }
    }
    for process in &model.processes {
        promised_by_process(&makers, sink, process);
    }
    let promises = delivery::promises(model);
    masked(cx, sink, &promises);
    for once in promises.iter().filter(|once| delivery::on_state(model, once).is_none()) {
        promised(&makers, sink, once);
    }
}

/// An event that does not carry its cause's identity.
fn emitted(makers: &Makers, sink: &mut Sink, cause: &Cause) {
    let model = makers.model;
    let Cause { process, emit } = *cause;
    let event = model.event(emit.event);
    let known = process.inputs.iter().all(|input| {
        identity::roots_of(model, input.value).into_iter().all(|record| identity::has_identity(makers, record))
    });
    let misread = sink.misread(process.scope) || sink.misread(event.scope);
    if event.open || process.inputs.is_empty() || !known || misread {
        return;
    }
    let identifying: Vec<_> =
        event.columns.iter().filter(|column| event.key.contains(&column.name) || column.operation.is_some()).collect();
    let from = names(model, process);
    if process.run.is_some() && emit.columns.is_none() {
        foreign(makers, sink, cause, &from);
        return;
    }
    let missing = identifying
        .iter()
        .find(|column| identity::given_identity(model, cause, column).is_none() && column.default.is_none());
    if let Some(column) = missing {
        let message = format!("`{}` emits `{}` without `{}`", process.name, event.name, column.name);
        let finding = sink
            .at(emit.span, message)
            .here("its identity is not given")
            .also(column.span, format!("`{}` tells one `{}` from another", column.name, event.name));
        let add = match &emit.columns {
            Some(_) => format!("add `{}` to the list, with a value that {from} was identified by", column.name),
            None => format!("list the columns, and give `{}` a value that {from} was identified by", column.name),
        };
        sink.push(finding.help(add).story(story(process, &event.name, &from)));
        return;
    }
    let terms: Vec<Term> = match identifying.as_slice() {
        // Without a key of its own an event may still carry the id.
        [] => event.columns.iter().filter_map(|column| identity::given(model, cause, &column.name)).collect(),
        some => some.iter().filter_map(|column| identity::given_identity(model, cause, column)).flatten().collect(),
    };
    // What a view masks is told where it does.
    if identity::carries(makers, process, &terms) || terms.iter().any(|term| term.applies(&["mask"])) {
        return;
    }
    let message = format!("`{}` emits `{}` without the identity of {from}", process.name, event.name);
    let here = match identifying.first() {
        Some(first) => format!("`{}` tells nothing of which {from} it was", first.name),
        None => "it carries nothing that says of which".to_owned(),
    };
    let mut finding = sink.at(emit.span, message).here(here);
    for input in &process.inputs {
        for record in identity::roots_of(model, input.value) {
            let key = identity::key(model, record).first().and_then(|name| model.record_column(record, name));
            if let Some(column) = key {
                finding = finding.also(column.span, format!("`{}` identifies it", column.name));
            }
        }
    }
    sink.push(finding.help(carry(model, process, &event.name)).story(story(process, &event.name, &from)));
}

/// Foreign code fills the event: it is lost for certain only where no column can hold it.
fn foreign(makers: &Makers, sink: &mut Sink, cause: &Cause, from: &str) {
    let model = makers.model;
    let Cause { process, emit } = *cause;
    let event = model.event(emit.event);
    let passed: Vec<Term> =
        event.columns.iter().filter_map(|column| identity::given(model, cause, &column.name)).collect();
    let key_passed = event.key.iter().all(|name| identity::given(model, cause, name).is_some());
    let operation = event.columns.iter().any(|column| column.operation.is_some());
    if operation || !key_passed || identity::carries(makers, process, &passed) {
        return;
    }
    let message = format!("`{}` emits `{}` without the identity of {from}", process.name, event.name);
    let finding = sink
        .at(emit.span, message)
        .here("no column of it can hold what identified its cause")
        .also(event.span, format!("the columns of `{}`", event.name));
    sink.push(finding.help(carry(model, process, &event.name)).story(story(process, &event.name, from)));
}

fn carry(model: &Model, process: &Process, event: &str) -> String {
    let names: BTreeSet<String> = process
        .inputs
        .iter()
        .flat_map(|input| identity::roots_of(model, input.value))
        .flat_map(|record| identity::identity(model, record))
        .filter_map(|term| Some(term.column()?.column.clone()))
        .collect();
    let names = names.into_iter().collect::<Vec<_>>().join("`, `");
    format!("carry `{names}` in the key of `{event}`")
}

fn names(model: &Model, process: &Process) -> String {
    let names: Vec<String> =
        process.inputs.iter().map(|input| format!("`{}`", identity::input_name(model, input.value))).collect();
    names.join(" or ")
}

fn story(process: &Process, event: &str, from: &str) -> [String; 3] {
    [
        format!(
            "`{}` reads {from}, emits `{event}`, and is restarted before it notes how far it had come.",
            process.name
        ),
        format!("It reads the same one again and emits `{event}` again."),
        "Nothing tells the copy from something new: it takes effect a second time, or hides another one.".to_owned(),
    ]
}

/// Masks over what identifies.
fn masked(cx: &Context, sink: &mut Sink, promises: &[Once]) {
    let model = cx.model;
    let mut said: BTreeSet<Span> = BTreeSet::new();
    for once in promises {
        let terms = once.promise.terms.iter();
        for term in terms.filter(|term| term.value.applies(&["mask"])) {
            let hidden = model
                .views
                .iter()
                .flat_map(all_columns)
                .find(|column| column.term == term.value && column.mask.is_some());
            let Some(mask) = hidden.and_then(|column| column.mask.as_ref().map(|mask| (column, mask.span))) else {
                continue;
            };
            if said.insert(mask.1) {
                let finding = mask_finding(cx, sink, mask.0, mask.1);
                sink.push(finding.also(term.span, format!("`{}` promises to tell repetitions by it", once.view.name)));
            }
        }
    }
    for view in &model.views {
        let Some(relation) = view.relation.as_ref().filter(|relation| relation.nature == Nature::Facts) else {
            continue;
        };
        for column in &relation.columns {
            let (Term::Apply(_, of), Some(mask)) = (&column.term, &column.mask) else { continue };
            if of.first().is_some_and(|term| relation.key.contains(term)) && said.insert(mask.span) {
                let finding = mask_finding(cx, sink, column, mask.span);
                sink.push(finding);
            }
        }
    }
}

fn all_columns(view: &View) -> impl Iterator<Item = &Derived> {
    view.relation.iter().flat_map(|relation| relation.columns.iter().chain(&relation.beside))
}

fn mask_finding(cx: &Context, sink: &Sink, column: &Derived, mask: Span) -> crate::diag::Diagnostic {
    let message = format!("`{}` identifies what happened, and is hidden here", column.name);
    let mut finding = sink.at(mask, message).here("a masked id identifies nothing");
    let source = column.term.reads().into_iter().next();
    if let Some(found) = source.and_then(|source| cx.model.record_column(source.record, &source.column)) {
        finding = finding.also(found.span, "the id");
    }
    finding.help(format!("leave `{}` in clear, or key the event by an id that is not personal", column.name)).story([
        "The same event comes twice, as it may after every restart.".to_owned(),
        format!("What stands in `{}` cannot be compared with what its callers sent.", column.name),
        "No repetition can be told, and none be traced back.".to_owned(),
    ])
}

/// A promise by columns that identify nothing.
fn promised(makers: &Makers, sink: &mut Sink, once: &Once) {
    let model = makers.model;
    let masked = once.promise.terms.iter().any(|term| term.value.applies(&["mask"]));
    let lost: Option<RecordId> = once.roots.iter().copied().find(|record| !once.identifies(makers, *record));
    let (Some(record), false) = (lost, masked) else { return };
    if sink.misread(identity::scope(model, record)) {
        return;
    }
    let (name, span) = identity::named(model, record);
    let identity: Vec<String> =
        identity::identity(model, record).into_iter().filter_map(|term| Some(term.column()?.column.clone())).collect();
    let by = once.words();
    let at = once.promise.terms.first().zip(once.promise.terms.last());
    let at = at.map_or(once.promise.span, |(first, last)| first.span.to(last.span));
    if by.is_empty() || identity.is_empty() {
        let message = format!("nothing tells one `{name}` from a repetition of it");
        let finding =
            sink.of(once.view, at, message).here("promised here").also(span, "it has no key and no id of an operation");
        sink.push(
            finding
                .help(format!("give `{name}` a key, made before the first try: `… key operation from client`"))
                .story(lost_story(name)),
        );
        return;
    }
    let message = format!("`{by}` does not tell one `{name}` from another");
    let finding = sink
        .of(once.view, at, message)
        .here("two that are not the same may agree in this")
        .also(span, format!("identified by `{}`", identity.join("`, `")));
    sink.push(finding.help(format!("write `exactly once by {}`", identity.join(", "))).story(lost_story(name)));
}

fn lost_story(name: &str) -> [String; 3] {
    [
        format!("Two of `{name}` that have nothing to do with each other agree in what is compared."),
        "The second is taken for a repetition of the first.".to_owned(),
        "It is dropped, and nothing fails.".to_owned(),
    ]
}

/// A process that promises by what identifies none of its causes.
fn promised_by_process(makers: &Makers, sink: &mut Sink, process: &Process) {
    let model = makers.model;
    for promise in &process.guarantees {
        let Claim::ExactlyOnce { by, .. } = &promise.claim else { continue };
        let terms: Vec<Term> = promise.terms.iter().map(|term| term.value.clone()).collect();
        let all_state = process
            .inputs
            .iter()
            .flat_map(|input| identity::roots_of(model, input.value))
            .all(|record| identity::is_state(model, record));
        let known = terms.len() == by.len() && !terms.is_empty() && !process.inputs.is_empty();
        let masked = terms.iter().any(|term| term.applies(&["mask"]));
        if !known || all_state || masked || identity::carries(makers, process, &terms) {
            continue;
        }
        let from = names(model, process);
        let words = by.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", ");
        let mut finding = sink
            .at(promise.span, format!("`{words}` does not tell one {from} from another"))
            .here("two that are not the same may agree in this");
        for input in &process.inputs {
            finding = finding.also(input.span, "its causes");
        }
        let identity: BTreeSet<String> = process
            .inputs
            .iter()
            .flat_map(|input| identity::roots_of(model, input.value))
            .flat_map(|record| identity::identity(model, record))
            .filter_map(|term| Some(term.column()?.column.clone()))
            .collect();
        let identity = identity.into_iter().collect::<Vec<_>>().join(", ");
        let name = process.inputs.first().map_or("event", |input| identity::input_name(model, input.value));
        sink.push(finding.help(format!("write `exactly once by {identity}`")).story(lost_story(name)));
    }
}
