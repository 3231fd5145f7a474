use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::relation::RecordId;
use crate::prove;

rule! {
    /// A view is written by a service: only derivation may write a view.
    ///
    /// What follows from a record is overwritten whenever the record changes. A value that somebody else puts there lives until then, and no
    /// comparison can tell which of the two is right.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service importer { writes product_search }
    /// view product_search { product | search.products }
    /// ```
    ///
    /// Write the record; or, if this store decides, declare an entity there.
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service importer { writes product }
    /// view product_search { product | search.products }
    /// ```
    {
        name: "view_written", severity: Error, waivable: true, title: "only derivation may write a view", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let within_reach = model.views_of_services();
    for (id, service) in model.all_services() {
        for view_id in within_reach.get(&id).into_iter().flatten().copied() {
            let view = model.view(view_id);
            for hand in model.writes_view(id, view_id) {
                let copies = || view.copies.iter().filter(|copy| hand.of.is_none_or(|of| of == copy.entity));
                let causes = if hand.of.is_none() { model.causes(view) } else { BTreeSet::new() };
                // A service that decides the record as well is `dual_write`.
                if copies().any(|copy| model.writes_entity(service, copy.entity).is_some())
                    || causes.iter().any(|record| model.decides(service, *record).is_some())
                {
                    continue;
                }
                let first = copies().next().map(|copy| (RecordId::Entity(copy.entity), Some(&copy.target)));
                let first = first.or_else(|| causes.first().map(|record| (*record, view.target.as_ref())));
                let Some((record, target)) = first else { continue };
                let what = model.record_name(record);
                let store = target.map_or_else(|| model.store_path(view), |target| model.copy_path(view, target));
                let mut finding = sink
                    .at(hand.span, format!("`{}` writes {store}, which follows from `{what}`", service.name))
                    .here(format!("a copy of {}", model.record_path(record)));
                if !hand.by_view {
                    finding = finding.also(view.span, format!("derived here from `{what}`"));
                }
                let instead = match record {
                    RecordId::Entity(_) => format!("write `{what}` instead"),
                    RecordId::Event(_) => format!("emit `{what}` instead"),
                };
                let trace = match record {
                    RecordId::Entity(entity) => {
                        let study = prove::view_written(model, cx.plan, id, view_id, entity);
                        prove::trace(&study, &cx.verdicts.of(&study.shape).explored)
                    }
                    RecordId::Event(_) => None,
                };
                sink.push(
                    finding
                        .trace(trace)
                        .help(format!("{instead}; or, if this store decides, declare `entity … in {store}`"))
                        .story([
                            format!("{} puts a value into {store}.", service.name),
                            format!("It stays until the row of `{what}` changes next; then the log overwrites it."),
                            "Somebody looks for a fault that shows once a week and never in a test.".to_owned(),
                        ]),
                );
            }
        }
    }
}
