use super::{Context, Sink, rule, shared_dedup_id};
use crate::model::walk::delivery::{self, Once, Repeats};
use crate::model::walk::identity::{self, Makers};
use crate::model::{Model, Store};

rule! {
    /// A store cannot keep the id unique that a promise rests on.
    ///
    /// `exactly once by` holds in one of three ways: the store keeps the id unique in the transaction that stores the effect, as relational databases do; or
    /// a repetition overwrites its own first copy, because the id decides the row's key; or repetitions are removed before, by `distinct by`. A topic
    /// appends, a search engine and a cache have no unique columns, and a warehouse enforces none.
    ///
    /// Where two rows of one request bear one id, that is `shared_dedup_id` alone; where an aggregate counts repetitions, `sum_before_dedup`.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// system search: elasticsearch
    /// event payment in log.payments partitioned by request_id {
    ///   payment_id  uuid           key
    ///   request_id  uuid           operation from client
    ///   amount      decimal(18,2)
    /// }
    /// view payments {
    ///   payment | search.payments
    ///   guarantee exactly once by request_id
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// system bank: postgres
    /// event payment in log.payments partitioned by request_id {
    ///   payment_id  uuid           key
    ///   request_id  uuid           operation from client
    ///   amount      decimal(18,2)
    /// }
    /// view payments {
    ///   payment | bank.public.payments
    ///   guarantee exactly once by request_id
    /// }
    /// ```
    {
        name: "unenforced_operation_id", severity: Error, waivable: false, title: "this store cannot enforce the id",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let makers = Makers::new(model);
    let shared = shared_dedup_id::promises(&makers);
    for once in delivery::promises(model) {
        let judged_elsewhere = delivery::on_state(model, &once).is_some()
            || shared.contains(&(once.view.span, once.promise.span))
            || once.roots.iter().any(|record| !once.identifies(&makers, *record));
        if judged_elsewhere || delivery::repeats(&makers, once.view, &once.by) != Repeats::Kept {
            continue;
        }
        let kind = once.view.store.as_ref().map(|store| model.system(store.system).kind);
        if kind.is_some_and(delivery::keeps_unique) || delivery::upserted(&makers, once.view, &once.by) {
            continue;
        }
        if once.roots.iter().any(|record| sink.misread(identity::scope(model, *record))) {
            continue;
        }
        sink.push(finding(model, sink, &once));
    }
}

fn finding(model: &Model, sink: &Sink, once: &Once) -> crate::diag::Diagnostic {
    let (view, by) = (once.view, once.words());
    let place = model.store_path(view);
    let message = match &view.store {
        Some(_) => format!("{place} cannot keep `{by}` unique"),
        None => format!("the topic of `{}` cannot keep `{by}` unique", view.name),
    };
    let finding = sink.of(view, once.promise.span, message).here("promised here");
    let finding = match &view.store {
        Some(Store { system, span }) => {
            let system = model.system(*system);
            finding.also(*span, format!("stored here, in {}", system.kind.facts().title))
        }
        None => finding.also(view.span, "it ends in a topic, which only appends"),
    };
    let help = format!(
        "let effects land in a store with unique columns and derive this view from there; or add `| distinct by {by}` before"
    );
    finding.help(help).story([
        "The same event arrives twice, as it may after every restart.".to_owned(),
        format!("Two workers look for `{by}` in {place}; both see nothing."),
        "Both apply it.".to_owned(),
    ])
}
