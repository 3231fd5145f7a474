use super::{Context, Sink, rule};

rule! {
    /// Nobody reads a view: no service, no other view and no process.
    ///
    /// What nobody reads is kept fresh, paid for and audited for no one; or somebody reads it and the page does not say so, and then nobody is asked before
    /// it changes. Reading a view's store by its path counts. A pipeline without a name is exempt, and so is a page that names no service at all.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service catalog { writes product }
    /// view product_search { product | search.products }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service catalog {
    ///   writes product
    ///   reads product_search for full_text
    /// }
    /// view product_search { product | search.products }
    /// ```
    {
        name: "unread_view", severity: Warning, waivable: true, title: "nobody reads this view", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    if model.services.is_empty() {
        return;
    }
    let readings = model.readings();
    // One finding for a view, however many versions stand side by side.
    for (id, view) in model.all_views().filter(|(id, view)| view.named && readings.first(*id) == *id) {
        if readings.followed(id) || !readings.of(id).is_empty() || model.meant.contains(&view.name) {
            continue;
        }
        let finding = sink.at(view.span, format!("nobody reads `{}`", view.name)).here(match &view.store {
            Some(_) => format!("kept in {}, and no service, view or process reads it", model.store_path(view)),
            None => "no service, view or process reads it".to_owned(),
        });
        sink.push(
            finding
                .help(format!("add `reads {}` to the service that reads it, or delete the view", view.name))
                .story(["It is kept fresh, paid for and audited for no one.".to_owned()]),
        );
    }
}
