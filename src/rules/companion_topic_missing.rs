use super::swallowed_tombstone::sins;
use super::{Context, Sink, rule};
use crate::profiles::sins::Sin;

rule! {
    /// A raw property makes a capture write to a topic that nobody creates.
    ///
    /// diac creates each topic that a capture needs, and turns off the making of topics by the way: a topic that made itself would have the broker's number of
    /// partitions and forget by the broker's default. A property that has more topics written, or gives them other names, stops the whole capture at
    /// the first record for one of them: every table of the system waits with it.
    ///
    /// Who creates such a topic beside diac says so with `allow`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "provide.transaction.metadata" = true }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "provide.transaction.metadata" = false }
    /// }
    /// ```
    {
        name: "companion_topic_missing", severity: Error, waivable: true, title: "a capture needs a topic that nobody creates",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for (setting, sinful) in sins(cx, Sin::MissingTopic) {
        let mut finding = sink
            .at(setting.name_span, format!("`{}` needs a topic that is not created", setting.name))
            .here(sinful.why)
            .help(
                "delete the line; or create the topic yourself, and say so: `allow companion_topic_missing because \"…\"`",
            );
        let mut stated = cx.model.environments.iter().flat_map(|env| &env.systems);
        let system = stated.find(|(_, settings)| settings.values().any(|other| other.span == setting.span));
        if let Some(system) = system.map(|(id, _)| cx.model.system(*id)) {
            finding = finding.also(system.span, format!("`{}` is captured", system.name));
        }
        sink.push(finding.story([
            "The capture has its first record for that topic.",
            "There is no such topic, and none makes itself: the record cannot be written.",
            "The capture stops or waits, with all tables of the system behind it, and the server keeps its log.",
        ]));
    }
}
