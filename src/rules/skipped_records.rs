use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Sink, rule};
use crate::model::relation::{InputId, RecordId, Role, StepKind};
use crate::model::walk::identity;
use crate::model::{BadRecords, Claim, Model, Promise, View, ViewId};
use crate::source::Span;

rule! {
    /// Records that cannot be applied are skipped, where every one of them counts.
    ///
    /// A copy of rows heals: the next change of a row carries all of it. Facts do not: what was skipped is missing from the count, and what comes behind it is
    /// applied as if it had not been. So `bad records to` breaks `exactly once`, `every change`, and `ordered` for anything but whole rows.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// system bank: postgres
    /// event payment in log.payments { request_id uuid key operation from client, amount decimal(18,2) }
    /// view payments {
    ///   payment | bank.public.payments
    ///   guarantee exactly once by request_id
    ///   bad records to log.dead_payments for 30d
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// system bank: postgres
    /// event payment in log.payments { request_id uuid key operation from client, amount decimal(18,2) }
    /// view payments {
    ///   payment | bank.public.payments
    ///   guarantee exactly once by request_id
    ///   bad records stop
    /// }
    /// ```
    ///
    /// A gap that is known and watched is waived: `allow skipped_records because "…"`.
    {
        name: "skipped_records", severity: Error, waivable: true, title: "skipping breaks the promised order or count",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut followers: BTreeMap<ViewId, Vec<ViewId>> = BTreeMap::new();
    for (id, view) in model.all_views() {
        // What is joined brings values, and no rows.
        for input in view.inputs.iter().filter(|input| matches!(input.role, Role::Start | Role::Union)) {
            if let InputId::View(above) = input.what {
                followers.entry(above).or_default().push(id);
            }
        }
    }
    for (id, view) in model.all_views() {
        let BadRecords::Topic { topic, span, .. } = &view.bad_records else { continue };
        // Below it, views promise what they take from here.
        let broken: Vec<(&View, &Promise)> = below(model, id, &followers)
            .into_iter()
            .flat_map(|id| model.view(id).guarantees.iter().map(move |promise| (id, promise)))
            .filter(|(id, promise)| breaks(model, *id, promise))
            .map(|(id, promise)| (model.view(id), promise))
            .collect();
        let Some(((first, promise), rest)) = broken.split_first().map(|(first, rest)| (*first, rest)) else { continue };
        let message = format!("`{}` skips what it cannot apply, and promises {}", view.name, words(&promise.claim));
        let message = if first.name == view.name {
            message
        } else {
            format!(
                "`{}` skips what it cannot apply, and `{}`, which follows it, promises {}",
                view.name,
                first.name,
                words(&promise.claim)
            )
        };
        let mut finding = sink
            .at(*span, message)
            .here("a bad record is left out and the view goes on")
            .also(promise.span, "promised here");
        for (_, promise) in rest {
            finding = finding.also(promise.span, "and here");
        }
        let inside = |outer: Span| outer.file == span.file && outer.start <= span.start && span.end <= outer.end;
        let help = if inside(view.scope) {
            "write `bad records stop`".to_owned()
        } else {
            finding = finding.also(view.span, "the default for all views holds here");
            format!("write `bad records stop` in `{}`", view.name)
        };
        sink.push(
            finding.help(help).story([
                "A record cannot be read: it was the cancellation.".to_owned(),
                format!("It goes to `{topic}`, and `{}` goes on with the next.", view.name),
                "What comes behind it is applied as if it had not been; nobody is stopped, and the number stays wrong."
                    .to_owned(),
            ]),
        );
    }
}

/// A view and those that take its rows, at any distance; one that skips itself is told so itself.
fn below(model: &Model, id: ViewId, followers: &BTreeMap<ViewId, Vec<ViewId>>) -> Vec<ViewId> {
    let (mut all, mut seen, mut left) = (vec![id], BTreeSet::from([id]), vec![id]);
    while let Some(above) = left.pop() {
        for next in followers.get(&above).into_iter().flatten() {
            if model.view(*next).bad_records == BadRecords::Stop && seen.insert(*next) {
                all.push(*next);
                left.push(*next);
            }
        }
    }
    all
}

/// Whether a promise does not survive a skipped record.
fn breaks(model: &Model, id: ViewId, promise: &Promise) -> bool {
    match &promise.claim {
        Claim::ExactlyOnce { .. } | Claim::EveryChange => true,
        Claim::OrderedTotally | Claim::OrderedPer(_) => !whole_rows(model, id),
        Claim::ReadYourWrites(_)
        | Claim::AgreesWith(_)
        | Claim::ReplayableForever
        | Claim::ReplayableFor(_)
        | Claim::After { .. } => false,
    }
}

/// Whether the next change of a row repairs what a skipped one left: rows of entities, and nothing counted.
fn whole_rows(model: &Model, id: ViewId) -> bool {
    let (mut seen, mut left) = (BTreeSet::from([id]), vec![id]);
    while let Some(id) = left.pop() {
        let view = model.view(id);
        for input in view.inputs.iter().filter(|input| matches!(input.role, Role::Start | Role::Union)) {
            match input.what {
                InputId::Entity(id) if identity::is_state(model, RecordId::Entity(id)) => {}
                InputId::Entity(_) | InputId::Event(_) => return false,
                InputId::View(above) => {
                    if seen.insert(above) {
                        left.push(above);
                    }
                }
            }
        }
        let mut steps = view.relation.iter().flat_map(|relation| &relation.steps);
        if steps.any(|step| matches!(step.kind, StepKind::Group { .. })) {
            return false;
        }
    }
    true
}

fn words(claim: &Claim) -> &'static str {
    match claim {
        Claim::ExactlyOnce { .. } => "each of them exactly once",
        Claim::EveryChange => "every change",
        Claim::OrderedTotally | Claim::OrderedPer(_) => "an order",
        Claim::ReadYourWrites(_)
        | Claim::AgreesWith(_)
        | Claim::ReplayableForever
        | Claim::ReplayableFor(_)
        | Claim::After { .. } => "more than it keeps",
    }
}
