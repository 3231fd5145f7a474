use super::{Context, Sink, rule};
use crate::model::{Touch, Touched};
use crate::systems::Kind;

rule! {
    /// A path is written or read that is neither a record nor a view.
    ///
    /// A copy that is not on the map drifts unseen, and nobody notices when its source changes. Say what it is: an entity of its own, or a view.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system cache: redis
    /// entity product in shop.public.products { product_id bigint key }
    /// service legacy_api {
    ///   writes product, cache.hot_products
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system cache: redis
    /// entity product in shop.public.products { product_id bigint key }
    /// service legacy_api {
    ///   writes product
    ///   reads hot_products for lookup
    /// }
    /// view hot_products { product | cache.hot_products }
    /// ```
    {
        name: "undeclared_store", severity: Error, waivable: true, title: "a path is written that is neither a record nor a view",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for service in &cx.model.services {
        let writes = service.writes.iter().map(|touch| (touch, "writes"));
        let emits = service.emits.iter().map(|touch| (touch, "emits to"));
        let reads = service.reads.iter().map(|(touch, _)| (touch, "reads"));
        for (touch, verb) in writes.chain(emits).chain(reads) {
            if let Touched::Undeclared(system) = touch.what {
                let log = cx.model.system(system).kind == Kind::Kafka;
                let word = if log { "event" } else { "entity" };
                report(sink, &format!("`{}` {verb}", service.name), touch, word);
            }
        }
    }
}

fn report(sink: &mut Sink, doing: &str, touch: &Touch, word: &str) {
    let path = &touch.text;
    sink.push(
        sink.at(touch.span, format!("{doing} `{path}`, which nothing declares"))
            .here("neither a record nor a view")
            .help(format!("declare what it holds: `{word} … in {path}`, or a view that ends in `| {path}`"))
            .story([
                format!("A row changes in its record; nothing tells {path}."),
                "The copy stays as it was, and no audit looks at it.".to_owned(),
            ]),
    );
}
