use super::{Context, Sink, rule};
use crate::model::relation::InputId;
use crate::model::{Model, ViewId};

rule! {
    /// Two consumers of one log promise to agree and are defined differently.
    ///
    /// `guarantee agrees with v` holds where both follow from one view, or from one record by equal steps. Columns that only one of them has do not count, and a mask hides
    /// a value and does not change it.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system cache: redis
    /// system warehouse: snowflake
    /// entity product in shop.public.products { product_id bigint key, stock int }
    /// view online { product | where stock > 0 | cache.product }
    /// view offline {
    ///   product
    ///   | where stock > 1
    ///   | warehouse.ml.product
    ///   guarantee agrees with online
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system cache: redis
    /// system warehouse: snowflake
    /// entity product in shop.public.products { product_id bigint key, stock int }
    /// view sellable { product | where stock > 0 }
    /// view online { sellable | cache.product }
    /// view offline {
    ///   sellable
    ///   | warehouse.ml.product
    ///   guarantee agrees with online
    /// }
    /// ```
    {
        name: "consumers_disagree", severity: Error, waivable: false, title: "consumers of one log would disagree",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for (id, view) in model.all_views() {
        for (span, other) in Model::agreements(view) {
            let Some((what, here, there)) = model.disagreement(id, other) else { continue };
            let name = &model.view(other).name;
            let mut finding = sink
                .at(span, format!("`{}` does not agree with `{name}`: they differ in {what}", view.name))
                .here(format!("{what} is not the same"));
            if let Some(here) = here {
                finding = finding.also(here, format!("`{}`", view.name));
            }
            if let Some(there) = there.filter(|there| Some(*there) != here) {
                finding = finding.also(there, format!("`{name}`"));
            }
            if here.is_none() || there.is_none() {
                finding =
                    finding.also(if here.is_none() { view.span } else { model.view(other).span }, "has no such step");
            }
            let shared = shared(model, id, other);
            let help = match shared {
                Some(above) => format!("write what both share as one view on top of `{above}`, and let both follow it"),
                None => "write what both share as one view without a store, and let both follow it".to_owned(),
            };
            sink.push(finding.help(help).story([
                format!("What is learned from `{}` is asked of `{name}`, or the other way round.", view.name),
                "The two mean different things by one name: results grow worse, and no test fails.".to_owned(),
            ]));
        }
    }
}

/// What both start with, where it is one thing.
fn shared(model: &Model, a: ViewId, b: ViewId) -> Option<&str> {
    let start = |id: ViewId| model.view(id).inputs.first().map(|input| input.what);
    let (a, b) = (start(a)?, start(b)?);
    if a != b {
        return None;
    }
    Some(match a {
        InputId::Entity(id) => &model.entity(id).name,
        InputId::Event(id) => &model.event(id).name,
        InputId::View(id) => &model.view(id).name,
    })
}
