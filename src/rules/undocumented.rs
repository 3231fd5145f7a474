use super::{Context, Sink, rule};
use crate::source::Span;

rule! {
    /// Entities, events and views that nothing explains.
    ///
    /// The document is made from the page: what stands behind `##` above a declaration is what people who were not there read of it. A comment in the schema counts
    /// as well.
    ///
    /// Said once for the whole page, with the first names that lack a sentence: one remark for each would drown the others.
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
        .map(|entity| (entity.span, entity.name.as_str(), "entity"))
        .chain(events.map(|event| (event.span, event.name.as_str(), "event")))
        .chain(views.map(|view| (view.span, view.name.as_str(), "view")));
    let mut found: Vec<(Span, &str, &str)> = all.collect();
    found.sort_unstable();
    let Some(((span, name, word), rest)) = found.split_first() else { return };
    let message = match rest.len() {
        0 => format!("{word} `{name}` has no `##`"),
        1 => format!("{word} `{name}` and one more have no `##`"),
        more => format!("{word} `{name}` and {more} more have no `##`"),
    };
    let mut finding = sink.at(*span, message).here("what does it mean, who decides it");
    for (span, name, word) in rest.iter().take(SHOWN) {
        finding = finding.also(*span, format!("{word} `{name}`"));
    }
    sink.push(finding.help("write one sentence behind `##` above each: what it means, who decides"));
}
