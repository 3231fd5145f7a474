use super::{Context, Sink, rule};
use crate::model::relation::{InputId, Nature, Role, Step, StepKind};
use crate::model::{Model, View};
use crate::systems::Kind;

rule! {
    /// A view needs a stream processor, and the page has none.
    ///
    /// A sink moves records one by one. It cannot hold the other side of a join, count a group or remember what it has seen. That takes an engine, or a
    /// relational store in which all that is needed lies side by side.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, brand_id bigint }
    /// entity brand in shop.public.brands { brand_id bigint key, title text }
    /// view found {
    ///   product
    ///   | join brand on brand.brand_id = product.brand_id
    ///   | search.products
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system compute: flink
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, brand_id bigint }
    /// entity brand in shop.public.brands { brand_id bigint key, title text }
    /// view found {
    ///   product
    ///   | join brand on brand.brand_id = product.brand_id
    ///   | search.products
    /// }
    /// ```
    {
        name: "needs_engine", severity: Error, waivable: false, title: "this view needs a stream processor", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    if model.systems.iter().any(|system| system.kind == Kind::Flink) {
        return;
    }
    for view in model.views.iter().filter(|view| model.is_wired(view) && !model.side_by_side(view)) {
        let steps = view.relation.iter().flat_map(|relation| &relation.steps);
        let Some((step, (what, why))) = steps.into_iter().find_map(|step| Some((step, held(step)?))) else { continue };
        let message = format!("{what} in `{}` needs a stream processor", view.name);
        let finding = sink.at(step.span, message).here(why);
        sink.push(finding.help(help(model, view)).story([
            "Connect and Bento move records one by one, and forget each when it is stored.".to_owned(),
            format!("{what} has to remember others: without an engine `{}` cannot be made.", view.name),
        ]));
    }
}

/// The stage's word where it looks at more than one row, and what has to be held for it.
fn held(step: &Step) -> Option<(&'static str, &'static str)> {
    match &step.kind {
        StepKind::Join(_) => Some(("`join`", "the other side has to be held")),
        StepKind::Nest(_) => Some(("`nest`", "the other side has to be held")),
        StepKind::Group { .. } => Some(("`group by`", "what was counted has to be held")),
        StepKind::Window { .. } => Some(("`window`", "what was counted has to be held")),
        StepKind::Distinct { .. } => Some(("`distinct`", "what was seen has to be held")),
        StepKind::KeyBy { .. } if step.before == Nature::State => {
            Some(("`key by`", "the row under its old key has to be found when it moves"))
        }
        StepKind::KeyBy { .. }
        | StepKind::Where { .. }
        | StepKind::Select { .. }
        | StepKind::Drop
        | StepKind::Mask
        | StepKind::Union(_) => None,
    }
}

fn help(model: &Model, view: &View) -> String {
    let sql = view.store.as_ref().filter(|store| model.system(store.system).kind.is_sql());
    let joined = view.inputs.iter().find(|input| matches!(input.role, Role::Join { .. } | Role::Nest));
    match (sql, joined) {
        (Some(store), Some(input)) => {
            let name = match input.what {
                InputId::Entity(id) => model.entity(id).name.clone(),
                InputId::Event(id) => model.event(id).name.clone(),
                InputId::View(id) => model.view(id).name.clone(),
            };
            let system = &model.system(store.system).name;
            format!("declare `system compute: flink`, or keep a copy of `{name}` in `{system}` and join that view")
        }
        _ => "declare `system compute: flink`".to_owned(),
    }
}
