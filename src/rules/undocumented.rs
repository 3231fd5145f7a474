use super::{Context, Sink, rule};
use crate::source::Span;

rule! {
    /// Entities, events and views that nothing explains.
    ///
    /// The document is made from the page: what stands behind `##` above a declaration is what people who were not there read of it. A comment in the schema counts
    /// as well.
    ///
    /// Said once for all of them, at the first by name: a remark for each would drown the others, and pages grow into files.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// ## What the shop sells. The catalogue team decides name and price.
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// ```
    {
        name: "undocumented", severity: Advice, waivable: true, title: "nothing says what it means", check: Some(check),
    }
}

/// So many are labelled; of the others the number is told.
const SHOWN: usize = 5;

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let entities = model.entities.iter().filter(|entity| entity.declared && entity.docs.is_empty());
    let events = model.events.iter().filter(|event| event.docs.is_empty());
    let views = model.views.iter().filter(|view| view.named && view.docs.is_empty());
    let all = entities
        .map(|entity| (entity.name.as_str(), "entity", entity.span))
        .chain(events.map(|event| (event.name.as_str(), "event", event.span)))
        .chain(views.map(|view| (view.name.as_str(), "view", view.span)));
    // By name: into which files a page is split, and in which order, says nothing.
    let mut found: Vec<(&str, &str, Span)> = all.collect();
    found.sort_unstable();
    let Some(((name, word, span), rest)) = found.split_first() else { return };
    let message = match rest.len() {
        0 => format!("{word} `{name}` has no `##`"),
        1 => format!("{word} `{name}` and one more have no `##`"),
        more => format!("{word} `{name}` and {more} more have no `##`"),
    };
    let mut finding = sink.at(*span, message).here("what does it mean, who decides it");
    for (name, word, span) in rest.iter().take(SHOWN) {
        finding = finding.also(*span, format!("{word} `{name}`"));
    }
    sink.push(finding.help("write one sentence behind `##` above each: what it means, who decides"));
}
