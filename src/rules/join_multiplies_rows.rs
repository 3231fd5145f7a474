use super::{Context, Sink, rule};
use crate::model::relation::{Input, InputId, Role, StepKind};
use crate::model::walk::{causal, identity};
use crate::model::{Model, View};

rule! {
    /// A join can find several rows, and does not say so.
    ///
    /// A joined view keeps the key of the row it starts with, so there is one place for the result. Where the condition does not fix the whole key of the other
    /// side, or a unique column of it, several partners write that one place, and the one that came last stays. `join many` makes a row of each, and the
    /// partner's key a part of the row's; `nest` makes a list of them.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system compute: flink
    /// system search: elasticsearch
    /// entity order in shop.public.orders { order_id uuid key, total decimal(12,2) }
    /// entity order_line in shop.public.order_lines { line_id bigint key, order_id uuid, sku text }
    /// view lines {
    ///   order
    ///   | join order_line as l on l.order_id = order.order_id
    ///   | select order.order_id, order.total, l.sku
    ///   | search.lines
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system compute: flink
    /// system search: elasticsearch
    /// entity order in shop.public.orders { order_id uuid key, total decimal(12,2) }
    /// entity order_line in shop.public.order_lines { line_id bigint key, order_id uuid, sku text }
    /// view lines {
    ///   order
    ///   | join many order_line as l on l.order_id = order.order_id
    ///   | select order.order_id, l.line_id, order.total, l.sku
    ///   | search.lines
    /// }
    /// ```
    ///
    /// Nothing is said where the key of the other side is not known, and where the start has seen a row that it cannot find again (`unfindable_cause`).
    {
        name: "join_multiplies_rows", severity: Error, waivable: true, title: "a join finds several rows where one is kept",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in &model.views {
        for step in view.relation.iter().flat_map(|relation| &relation.steps) {
            let StepKind::Join(at) = step.kind else { continue };
            let Some(input) = view.inputs.get(at) else { continue };
            if !matches!(input.role, Role::Join { many: false, keyed: false, .. }) {
                continue;
            }
            // What was seen and cannot be found again cannot be joined either, and is told there.
            let effects = identity::roots(model, view);
            let lost = identity::roots_of(model, input.what).into_iter().any(|cause| {
                effects.iter().any(|effect| {
                    let seen = causal::sees(model, *effect, cause);
                    seen.iter().any(|(_, sees)| !causal::missing(model, *effect, sees).is_empty())
                })
            });
            if lost {
                continue;
            }
            let name = identity::input_name(model, input.what);
            let key = key(model, input).join(", ");
            let message = format!("several rows of `{name}` may be joined to one row in `{}`", view.name);
            let finding = sink.at(step.span, message).here(format!("the condition does not fix the key of `{name}`"));
            let finding = finding.also(declared(model, input), format!("a row of it is told by `{key}`"));
            sink.push(
                finding
                    .help(format!(
                        "write `join many {name}` for a row of each, `nest {name} as …` for a list, or compare `{key}`"
                    ))
                    .story([
                        format!("Two rows of `{name}` fit one row of `{}`.", start(model, view)),
                        "Both results have one key, and so one place.".to_owned(),
                        "Whichever is written last stays; after a rebuild it may be the other one.".to_owned(),
                    ]),
            );
        }
    }
}

fn key(model: &Model, input: &Input) -> Vec<String> {
    match input.what {
        InputId::Entity(id) => model.entity(id).key.clone(),
        InputId::Event(id) => model.event(id).key.clone(),
        InputId::View(id) => {
            let parts = model.view(id).relation.iter().flat_map(|relation| &relation.key);
            parts.filter_map(|term| Some(term.column()?.column.clone())).collect()
        }
    }
}

fn declared(model: &Model, input: &Input) -> crate::source::Span {
    match input.what {
        InputId::Entity(id) => model.entity(id).span,
        InputId::Event(id) => model.event(id).span,
        InputId::View(id) => model.view(id).span,
    }
}

fn start<'a>(model: &'a Model, view: &'a View) -> &'a str {
    view.inputs.first().map_or(&view.name, |input| identity::input_name(model, input.what))
}
