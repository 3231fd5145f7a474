use super::{Context, Sink, rule};
use crate::model::{Flow, SystemId, TargetName, View};
use crate::source::Span;

rule! {
    /// A view's target is a record's home, or two views share one target.
    ///
    /// Every place has one writer. Two flows into one place overwrite each other, and a view that ends in a record would decide what it should follow.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// entity brand in shop.public.brands { brand_id bigint key }
    /// view products { product | search.catalog }
    /// view brands { brand | search.catalog }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// entity brand in shop.public.brands { brand_id bigint key }
    /// view products { product | search.products }
    /// view brands { brand | search.brands }
    /// ```
    {
        name: "store_taken", severity: Error, waivable: false, title: "two flows share one place", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut targets: Vec<(SystemId, &Flow, &View, Span)> = Vec::new();
    for view in &model.views {
        let Some(store) = &view.store else { continue };
        for flow in &view.flows {
            let path = model.store_path(view);
            let home = model.entities.iter().find(|entity| {
                // An entity made from a bare path is a source as well: its declaration is the pipeline that names it.
                model.same_place(entity.home.system, store.system)
                    && same(&flow.target, Some(&entity.home.namespace), &entity.home.table)
            });
            if let Some(home) = home {
                let mut finding = sink
                    .at(store.span, format!("`{}` would write into the record of `{}`", view.name, home.name))
                    .here("a view ends here");
                if home.span != store.span {
                    finding = finding.also(home.span, "recorded here");
                }
                sink.push(finding.help("end the view in a place of its own").story([
                    format!("The view writes {path}; so do the services that own `{}`.", home.name),
                    "A row changed by a service is overwritten by an older version from the log.".to_owned(),
                ]));
                continue;
            }
            let rival = targets.iter().find(|(system, other, _, _)| {
                model.same_place(*system, store.system)
                    && same(&flow.target, other.target.namespace.as_deref(), &other.target.name)
            });
            if let Some((_, _, other, span)) = rival {
                // Versions of one view share the name readers use, not the place.
                if other.name == view.name && other.version != view.version {
                    continue;
                }
                let name = &flow.target.name;
                sink.push(
                    sink.at(store.span, format!("`{}` and `{}` share one target, `{name}`", other.name, view.name))
                        .here("written here as well")
                        .also(*span, format!("taken by `{}`", other.name))
                        .help("give each view a place of its own")
                        .story([
                            format!("Row 17 of one view and row 17 of the other have one place in `{name}`."),
                            "Each overwrites the other; a delete in one removes what the other still holds.".to_owned(),
                        ]),
                );
                continue;
            }
            targets.push((store.system, flow, view, store.span));
        }
    }
}

fn same(target: &TargetName, namespace: Option<&str>, name: &str) -> bool {
    let namespaces = match (target.namespace.as_deref(), namespace) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => true,
    };
    namespaces && target.name.eq_ignore_ascii_case(name)
}
