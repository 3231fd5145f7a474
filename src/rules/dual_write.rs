use super::{Context, Sink, rule};
use crate::model::Touched;

rule! {
    /// Two places are written for one fact: a service writes a record, and also a copy that follows from it.
    ///
    /// A copy has one safe writer: derivation from the record's change log. A service that writes both makes two writes that nothing holds together.
    /// One of them can fail alone, and two callers can arrive in one order here and in the other there. Neither is an error anybody sees.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   price       decimal(12,2)
    /// }
    /// service catalog {
    ///   writes product, product_search
    /// }
    /// view product_search { product | search.products }
    /// ```
    ///
    /// Let the service write the record only; the view follows by itself.
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   price       decimal(12,2)
    /// }
    /// service catalog {
    ///   writes product
    /// }
    /// view product_search { product | search.products }
    /// ```
    ///
    /// `allow dual_write because "…" until 2027-06-30` keeps it as a known risk while you migrate.
    {
        name: "dual_write", severity: Error, waivable: true, title: "two places are written for one fact", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for (id, service) in model.all_services() {
        for (view_id, view) in model.all_views() {
            let Some(hand) = model.writes_view(id, view_id) else { continue };
            let recorded = model
                .origins(view)
                .into_iter()
                .find_map(|entity| Some((entity, model.writes_entity(service, entity)?)));
            let Some((entity, record)) = recorded else { continue };
            let (what, copy) = (&model.entity(entity).name, model.store_path(view));
            let message = format!("`{}` writes `{what}` and its copy in {copy}", service.name);
            let mut finding = sink
                .at(hand.span, message)
                .here(format!("and also its copy in {copy}"))
                .also(record, format!("decided here: {}", model.home_path(entity)));
            if !hand.by_view {
                finding = finding.also(view.span, format!("`{}` follows from `{what}`", view.name));
            }
            let others = model.services.iter().filter(|other| other.name != service.name);
            let rival =
                others.into_iter().find(|other| other.writes.iter().any(|touch| touch.what == Touched::View(view_id)));
            let (a, b) = (service.name.as_str(), rival.map_or("another caller", |rival| rival.name.as_str()));
            let remove = if hand.by_view {
                format!("delete `via application by {}`", service.name)
            } else {
                format!("remove `{}` from `writes`", cx.sources.slice(hand.span))
            };
            sink.push(
                finding.help(format!("{remove}; diac feeds `{}` from the change log of `{what}`", view.name)).story([
                    format!("{a} and {b} change the same row of `{what}` at the same moment."),
                    format!(
                        "{} commits {a}'s change, then {b}'s: the record ends with {b}'s.",
                        model.home_path(entity)
                    ),
                    format!("{copy} receives {b}'s write first and {a}'s second: the copy ends with {a}'s."),
                    "Both calls succeeded. No retry, no error and no later event will bring the two together."
                        .to_owned(),
                ]),
            );
        }
    }
}
