use super::{Context, Sink, rule, split_hard_rule};
use crate::model::relation::InputId;
use crate::model::walk::identity;

rule! {
    /// A rule that must never be broken is put on a copy.
    ///
    /// A view learns of a row after the row was stored, and after its writer was told yes. It cannot refuse anything. Put the rule where the fact is decided:
    /// on the entity, whose database refuses the row, or on what is counted out of events, if one process decides before they are emitted
    /// (`split_hard_rule` says when).
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, name text }
    /// view product_search { product | search.products }
    /// hard constraint one_name on product_search: unique (name)
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, name text }
    /// view product_search { product | search.products }
    /// hard constraint one_name on product: unique (name)
    /// ```
    {
        name: "hard_rule_on_copy", severity: Error, waivable: false, title: "a hard rule on a copy", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for constraint in model.constraints.iter().filter(|constraint| constraint.hard) {
        let InputId::View(id) = constraint.on.value else { continue };
        let view = model.view(id);
        if view.relation.is_none() || split_hard_rule::counted_events(model, view) {
            continue;
        }
        let roots = identity::roots(model, view);
        let record = roots.iter().find(|record| identity::entity(**record).is_some()).or_else(|| roots.first());
        let Some(record) = record else { continue };
        let (name, span) = identity::named(model, *record);
        let message = format!("`{}` must never be broken, and `{}` is a copy", constraint.name, view.name);
        let finding = sink
            .at(constraint.on.span, message)
            .here(format!("it follows from `{name}`, and can refuse nothing"))
            .also(span, "decided here");
        let mut finding = finding.help(format!("write `on {name}`")).story([
            format!("Two callers write a `{name}` that break `{}` together.", constraint.name),
            "Both are told yes.".to_owned(),
            format!("`{}` learns of the second one afterwards: there is nobody left to refuse.", view.name),
        ]);
        if fits(cx, constraint, *record) {
            finding = finding.fix(constraint.on.span, name);
        }
        sink.push(finding);
    }
}

/// Whether the rule reads the same on the record: it names columns that are there under the same names.
fn fits(cx: &Context, constraint: &crate::model::Constraint, record: crate::model::relation::RecordId) -> bool {
    let names: Vec<&str> = match &constraint.rule {
        crate::model::ConstraintRule::Unique(columns) => columns.iter().map(String::as_str).collect(),
        // Names in a condition are gone; only the values they stand for are known.
        crate::model::ConstraintRule::Condition(_) => return false,
    };
    identity::entity(record).is_some() && names.iter().all(|name| cx.model.record_column(record, name).is_some())
}
