use super::swallowed_tombstone::sins;
use super::{Context, Sink, rule};
use crate::profiles::sins::Sin;

rule! {
    /// A raw property lets changes of one row overtake each other.
    ///
    /// Changes of a row stay in order because they carry one key, the key names one partition, and one writer writes them one by one. A property that
    /// gives records another key, another partition, or lets a retried write fall behind the next one, ends that for every view of the log.
    ///
    /// Judged for every captured system and every view, also where this version does not write the connector yet. What diac decides itself is
    /// `owned_property`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, shelf int }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "message.key.columns" = "public.products:shelf" }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, shelf int }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "producer.override.linger.ms" = 20 }
    /// }
    /// ```
    {
        name: "broken_order", severity: Error, waivable: false, title: "changes of one row can overtake each other", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for (setting, sinful) in sins(cx, Sin::BrokenOrder) {
        sink.push(
            sink.at(setting.name_span, format!("`{}` breaks the order of a row's changes", setting.name))
                .here(sinful.why)
                .help("delete the line")
                .story([
                    "Row 17 changes twice within a second.".to_owned(),
                    "The second change reaches the store first, then the first one.".to_owned(),
                    "Row 17 ends with the old value.".to_owned(),
                ]),
        );
    }
}
