use super::{Context, Sink, rule};
use crate::diag::{Diagnostic, Edit, Fix};
use crate::model::relation::{RecordId, Role};
use crate::model::walk::delivery::{self, Once};
use crate::model::walk::identity;
use crate::model::{Claim, Model, Process};

rule! {
    /// `exactly once` is promised for rows that change.
    ///
    /// A fact happens once, and can be counted once. A row is in a state, and the same state may be told any number of times without harm: what matters is
    /// that the last one told is the last one that held. That promise is `ordered per`. What is counted out of facts is a matter of the facts, and may be
    /// promised `exactly once`. So may an entity that says `append only`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, price decimal(12,2) }
    /// view products {
    ///   product | search.products
    ///   guarantee exactly once by product_id
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, price decimal(12,2) }
    /// view products {
    ///   product | search.products
    ///   guarantee ordered per product_id
    /// }
    /// ```
    {
        name: "exactly_once_on_state", severity: Error, waivable: false, title: "exactly once is promised for rows that change",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for once in delivery::promises(model) {
        let Some(record) = delivery::on_state(model, &once) else { continue };
        let message = message(&once.view.name);
        let at = sink.of(once.view, once.promise.span, message);
        let mut finding = finding(model, at, record);
        if once.view.says(once.promise.span) {
            finding.fix = fix(model, &once, record);
        } else {
            finding.help = Some("say `exactly once` in the views of events, and not for all views".to_owned());
        }
        sink.push(finding);
    }
    for process in &model.processes {
        for promise in process.guarantees.iter().filter(|promise| matches!(promise.claim, Claim::ExactlyOnce { .. })) {
            if let Some(record) = only_state(model, process) {
                let at = sink.at(promise.span, message(&process.name));
                sink.push(finding(model, at, record));
            }
        }
    }
}

/// A process that reads nothing but rows that change.
fn only_state(model: &Model, process: &Process) -> Option<RecordId> {
    let mut roots = process.inputs.iter().flat_map(|input| identity::roots_of(model, input.value));
    let first = roots.next()?;
    let all = |record| identity::is_state(model, record);
    (all(first) && roots.all(all)).then_some(first)
}

fn message(of: &str) -> String {
    format!("`{of}` holds rows that change, and promises them exactly once")
}

fn finding(model: &Model, at: Diagnostic, record: RecordId) -> Diagnostic {
    let (name, span) = identity::named(model, record);
    let key = identity::key(model, record).join(", ");
    let help = if key.is_empty() {
        format!("write `guarantee ordered per …`, with the key of `{name}`")
    } else {
        format!("write `guarantee ordered per {key}`")
    };
    at.here("a state is not counted").also(span, format!("rows of `{name}` change")).help(help).story([
        format!("A row of `{name}` changes to 5, to 7, and back to 5."),
        "Told once each, the last 5 would be taken for a repetition of the first: the copy stays at 7.".to_owned(),
    ])
}

/// The promise that is meant, where nothing else promises it and its names are clear.
fn fix(model: &Model, once: &Once, record: RecordId) -> Option<Fix> {
    let ordered = once.view.guarantees.iter().any(|promise| matches!(promise.claim, Claim::OrderedPer(_)));
    let plain = once.view.inputs.iter().all(|input| input.role == Role::Start) && once.view.upstream.is_empty();
    let relation = once.view.relation.as_ref()?;
    let key = identity::key(model, record);
    let same = relation.key.len() == key.len()
        && key
            .iter()
            .all(|name| relation.column(name).is_some_and(|column| column.term == identity::own(record, name)));
    if ordered || !plain || !same || key.is_empty() {
        return None;
    }
    let text = format!("guarantee ordered per {}", key.join(", "));
    Some(Fix { edits: vec![Edit { span: once.promise.span, text }] })
}
