use super::{Context, Sink, rule};

rule! {
    /// Rows expire from a copy, and nobody who reads it looks at the record.
    ///
    /// `expire after` also removes rows that nobody changed: they are missing from then on, and an application that only reads the copy takes them for deleted. One
    /// reader that also `reads` the record knows what to do.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system cache: redis
    /// entity product in shop.public.products { product_id bigint key }
    /// service web { reads product_card for lookup }
    /// view product_card {
    ///   product | cache.product
    ///   expire after 7d
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system cache: redis
    /// entity product in shop.public.products { product_id bigint key }
    /// service web { reads product_card, product for lookup }
    /// view product_card {
    ///   product | cache.product
    ///   expire after 7d
    /// }
    /// ```
    {
        name: "expiring_copy", severity: Warning, waivable: true, title: "rows expire, and no reader falls back to the record",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let readings = model.readings();
    for (id, view) in model.all_views() {
        let Some(expire) = &view.expire else { continue };
        // Of events nothing else is kept that could be looked at: the view says how far back it goes.
        let Some(entity) = model.origins(view).first().map(|id| model.entity(*id)) else { continue };
        if readings.has_fallback(model, id) || model.meant.contains(&view.name) || model.meant.contains(&entity.name) {
            continue;
        }
        let time = crate::units::duration(expire.value.ms);
        let mut finding = sink
            .at(
                view.at(expire.span),
                format!("rows of `{}` vanish after {time}, and no reader looks at `{}`", view.name, entity.name),
            )
            .here("also removes rows that nobody changed");
        if !view.says(expire.span) {
            finding = finding.also(expire.span, "said for all views that say nothing else");
        }
        let mut readers: Vec<&str> = Vec::new();
        for reading in readings.of(id) {
            let service = reading.service.name.as_str();
            if !readers.contains(&service) {
                finding = finding.also(reading.touch.span, format!("`{service}` reads the copy only"));
                readers.push(service);
            }
        }
        let help = match readers.first() {
            Some(service) => format!(
                "add `{}` to what `{service}` reads, and let it look there for what is missing; or delete the line",
                entity.name
            ),
            None => format!("let a service read `{}` and `{}`; or delete the line", view.name, entity.name),
        };
        sink.push(finding.help(help).story([
            format!("A row of `{}` does not change for {time}, and leaves {}.", entity.name, model.store_path(view)),
            "Who asks for it is told that there is none.".to_owned(),
        ]));
    }
}
