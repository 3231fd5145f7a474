use super::swallowed_tombstone::sins;
use super::{Context, Sink, rule};
use crate::profiles::sins::Sin;

rule! {
    /// A raw property lets changes be passed over in silence.
    ///
    /// A connector that goes on behind a change it could not read, or whose position is thrown away when it stops, leaves a view that is wrong without an
    /// error. Better stopped than wrong: a stopped view is seen within minutes.
    ///
    /// Judged for every captured system and every view, also where this version does not write the connector yet. What diac decides itself is `owned_property`.
    /// A view that may leave out what it cannot apply says `bad records to`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "event.processing.failure.handling.mode" = "warn" }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "event.processing.failure.handling.mode" = "fail" }
    /// }
    /// ```
    {
        name: "dropped_changes", severity: Error, waivable: false, title: "changes are passed over in silence", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for (setting, sinful) in sins(cx, Sin::LostChanges) {
        sink.push(
            sink.at(setting.name_span, format!("`{}` lets changes be lost without a word", setting.name))
                .here(sinful.why)
                .help("delete the line: a capture or a view that cannot go on stops, and is seen")
                .story([
                    "A change of row 17 does not get through.".to_owned(),
                    "The connector goes on with the next one and reports that all is well.".to_owned(),
                    "Row 17 is wrong until it changes again, and nobody is told.".to_owned(),
                ]),
        );
    }
}
