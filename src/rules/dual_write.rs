use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::relation::RecordId;
use crate::model::walk::Hand;
use crate::model::{Model, Service, ServiceId, TargetName, View, ViewId};
use crate::prove;
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
                let Some(found) = recorded(model, service, view, &hand) else { continue };
                let both = Both { id, service, hand, view, view_id, found };
                sink.push(finding(cx, sink, &both));
            }
        }
    }
}

/// A service with a hand on a record and on its copy.
struct Both<'a> {
    id: ServiceId,
    service: &'a Service,
    hand: Hand,
    view: &'a View,
    view_id: ViewId,
    found: Recorded,
}

/// A record that is decided by who writes its copy.
struct Recorded {
    record: RecordId,
    /// The place of the copy.
    target: Option<TargetName>,
    /// Where the service says that it writes or emits the record.
    span: Span,
}

/// What the view follows from, at any distance, and the service decides: entities first, then events, also those that processes make others of.
fn recorded(model: &Model, service: &Service, view: &View, hand: &Hand) -> Option<Recorded> {
    let copies = view.copies.iter().filter(|copy| hand.of.is_none_or(|of| of == copy.entity));
    let entity = copies.into_iter().find_map(|copy| {
        let record = RecordId::Entity(copy.entity);
        let span = model.writes_entity(service, copy.entity)?;
        Some(Recorded { record, target: Some(copy.target.clone()), span })
    });
    let further = || {
        let all = model.causes(view).into_iter().filter(|_| hand.of.is_none());
        all.into_iter().find_map(|record| {
            Some(Recorded { record, target: view.target.clone(), span: model.decides(service, record)? })
        })
    };
    entity.or_else(further)
}

fn finding(cx: &Context, sink: &Sink, both: &Both) -> Diagnostic {
    let model = cx.model;
    let Both { service, hand, view, .. } = both;
    let Recorded { record, target, span } = &both.found;
    let copy = target.as_ref().map_or_else(|| model.store_path(view), |target| model.copy_path(view, target));
    let (what, home) = (model.record_name(*record), model.record_path(*record));
    let message = match record {
        RecordId::Entity(_) => format!("`{}` writes `{what}` and its copy in {copy}", service.name),
        RecordId::Event(_) => format!("`{}` emits `{what}` and writes what follows from it in {copy}", service.name),
    };
    let said = if hand.by_view { sink.of(*view, hand.span, message) } else { sink.at(hand.span, message) };
    let mut finding = said.here(format!("and also its copy in {copy}")).also(*span, format!("decided here: {home}"));
    if !hand.by_view {
        finding = finding.also(view.span, format!("`{}` follows from `{what}`", view.name));
    }
    let mut others = model.all_services().filter(|(_, other)| other.name != service.name);
    let rival = others.find(|(id, _)| !model.writes_view(*id, both.view_id).is_empty());
    let (a, b) = (service.name.as_str(), rival.map_or("another caller", |(_, rival)| rival.name.as_str()));
    let rival = rival.map(|(id, _)| id);
    let remove = if hand.by_view {
        format!("delete `via application by {}`", service.name)
    } else {
        format!("remove `{}` from `writes`", cx.sources.slice(hand.span))
    };
    let RecordId::Entity(entity) = record else {
        return finding.help(format!("{remove}; diac feeds {copy} from the log of `{what}`")).story([
            format!("{a} emits `{what}` and dies before it writes {copy}, or the other way round."),
            format!("{copy} lacks what `{home}` holds, or holds what nothing in `{home}` tells of."),
            "No retry, no error and no later event will bring the two together.".to_owned(),
        ]);
    };
    let study = prove::dual_write(model, cx.plan, both.id, rival, both.view_id, *entity);
    let trace = prove::trace(&study, &cx.verdicts.of(&study.shape).explored);
    finding.help(format!("{remove}; diac feeds {copy} from the change log of `{what}`")).trace(trace).story([
        format!("{a} and {b} change the same row of `{what}` at the same moment."),
        format!("{home} commits {a}'s change, then {b}'s: the record ends with {b}'s."),
        format!("{copy} receives {b}'s write first and {a}'s second: the copy ends with {a}'s."),
        "Both calls succeeded. No retry, no error and no later event will bring the two together.".to_owned(),
    ])
}
