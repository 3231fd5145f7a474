use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::walk::Hand;
use crate::model::{Copy, Service, View, ViewId};
use crate::source::Span;

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
    let within_reach = model.views_of_services();
    for (id, service) in model.all_services() {
        for view_id in within_reach.get(&id).into_iter().flatten().copied() {
            let view = model.view(view_id);
            for hand in model.writes_view(id, view_id) {
                let copies = view.copies.iter().filter(|copy| hand.of.is_none_or(|of| of == copy.entity));
                let recorded =
                    copies.into_iter().find_map(|copy| Some((copy, model.writes_entity(service, copy.entity)?)));
                let Some((copy, record)) = recorded else { continue };
                let both = Both { service, hand, view, view_id, copy, record };
                sink.push(finding(cx, sink, &both));
            }
        }
    }
}

/// A service with a hand on a record and on its copy.
struct Both<'a> {
    service: &'a Service,
    hand: Hand,
    view: &'a View,
    view_id: ViewId,
    copy: &'a Copy,
    /// Where it says that it writes the record.
    record: Span,
}

fn finding(cx: &Context, sink: &Sink, both: &Both) -> Diagnostic {
    let model = cx.model;
    let Both { service, hand, view, .. } = both;
    let entity = both.copy.entity;
    let (what, copy) = (&model.entity(entity).name, model.copy_path(view, &both.copy.target));
    let message = format!("`{}` writes `{what}` and its copy in {copy}", service.name);
    let mut finding = sink
        .at(hand.span, message)
        .here(format!("and also its copy in {copy}"))
        .also(both.record, format!("decided here: {}", model.home_path(entity)));
    if !hand.by_view {
        finding = finding.also(view.span, format!("`{}` follows from `{what}`", view.name));
    }
    let mut others = model.all_services().filter(|(_, other)| other.name != service.name);
    let rival = others.find(|(id, _)| !model.writes_view(*id, both.view_id).is_empty());
    let (a, b) = (service.name.as_str(), rival.map_or("another caller", |(_, rival)| rival.name.as_str()));
    let remove = if hand.by_view {
        format!("delete `via application by {}`", service.name)
    } else {
        format!("remove `{}` from `writes`", cx.sources.slice(hand.span))
    };
    finding.help(format!("{remove}; diac feeds {copy} from the change log of `{what}`")).story([
        format!("{a} and {b} change the same row of `{what}` at the same moment."),
        format!("{} commits {a}'s change, then {b}'s: the record ends with {b}'s.", model.home_path(entity)),
        format!("{copy} receives {b}'s write first and {a}'s second: the copy ends with {a}'s."),
        "Both calls succeeded. No retry, no error and no later event will bring the two together.".to_owned(),
    ])
}
