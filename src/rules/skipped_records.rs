use super::{Context, Sink, rule};
use crate::model::relation::{InputId, StepKind};
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
    for (id, view) in model.all_views() {
        let BadRecords::Topic { topic, span, .. } = &view.bad_records else { continue };
        // Below it, views promise what they take from here.
        let broken: Vec<(&View, &Promise)> = model
            .all_views()
            .filter(|(other, below)| *other == id || (skips_none(below) && follows(model, below, id, 0)))
            .flat_map(|(_, view)| view.guarantees.iter().map(move |promise| (view, promise)))
            .filter(|(view, promise)| breaks(model, view, promise))
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

fn skips_none(view: &View) -> bool {
    view.bad_records == BadRecords::Stop
}

/// Whether a view takes its rows from another one, at any distance, and no one between skips itself.
fn follows(model: &Model, view: &View, from: ViewId, depth: usize) -> bool {
    depth < model.views.len()
        && view.inputs.iter().any(|input| match input.what {
            InputId::View(id) => {
                id == from || (skips_none(model.view(id)) && follows(model, model.view(id), from, depth + 1))
            }
            InputId::Entity(_) | InputId::Event(_) => false,
        })
}

/// Whether a promise does not survive a skipped record.
fn breaks(model: &Model, view: &View, promise: &Promise) -> bool {
    match &promise.claim {
        Claim::ExactlyOnce { .. } | Claim::EveryChange => true,
        Claim::OrderedTotally | Claim::OrderedPer(_) => !whole_rows(model, view, 0),
        Claim::ReadYourWrites(_)
        | Claim::AgreesWith(_)
        | Claim::ReplayableForever
        | Claim::ReplayableFor(_)
        | Claim::After { .. } => false,
    }
}

/// Whether the next change of a row repairs what a skipped one left: rows of entities, and nothing counted.
fn whole_rows(model: &Model, view: &View, depth: usize) -> bool {
    let Some(relation) = &view.relation else { return view.whole_system.is_some() };
    let counted = relation.steps.iter().any(|step| matches!(step.kind, StepKind::Group { .. }));
    let state = identity::roots(model, view).into_iter().all(|record| identity::is_state(model, record));
    !counted
        && state
        && depth <= model.views.len()
        && view.upstream.iter().all(|id| {
            let started = view.inputs.iter().any(|input| {
                input.what == InputId::View(*id)
                    && !matches!(
                        input.role,
                        crate::model::relation::Role::Join { .. } | crate::model::relation::Role::Nest
                    )
            });
            !started || whole_rows(model, model.view(*id), depth + 1)
        })
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
