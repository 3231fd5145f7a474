use std::collections::BTreeMap;

use super::{Context, Sink, rule};
use crate::plan::{Captured, Origin, Source};
use crate::source::Span;

rule! {
    /// The changes of two tables go into one topic.
    ///
    /// A row's key is unique in its table only. Mixed in one topic, row 17 of one table overwrites row 17 of the other, in the log itself and in every store
    /// behind it.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system crm: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// entity good in crm.public.products { product_id bigint key }
    /// product | search.products
    /// good | search.goods
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   secret pw = env "PW"
    ///   system shop { host = "db-1", database = "shop", password = secret pw, slot_limit = 64GiB, topic_prefix = "prod" }
    ///   system crm { host = "db-2", database = "crm", password = secret pw, slot_limit = 64GiB, topic_prefix = "prod" }
    ///   system search { url = "http://search:9200" }
    /// }
    /// ```
    ///
    /// Give each system a prefix of its own, or leave it to diac.
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system crm: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// entity good in crm.public.products { product_id bigint key }
    /// product | search.products
    /// good | search.goods
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   secret pw = env "PW"
    ///   system shop { host = "db-1", database = "shop", password = secret pw, slot_limit = 64GiB, topic_prefix = "prod" }
    ///   system crm { host = "db-2", database = "crm", password = secret pw, slot_limit = 64GiB }
    ///   system search { url = "http://search:9200" }
    /// }
    /// ```
    {
        name: "topic_name_collision", severity: Error, waivable: false, title: "two tables share one topic", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for deployment in &cx.plan.deployments {
        let mut taken: BTreeMap<&str, (&Source, &Captured)> = BTreeMap::new();
        for source in &deployment.sources {
            for table in &source.tables {
                let topic = deployment.topic(table.topic).name.as_str();
                let Some((other, first)) = taken.get(topic) else {
                    taken.insert(topic, (source, table));
                    continue;
                };
                let (a, b) = (cx.model.home_path(first.entity), cx.model.home_path(table.entity));
                sink.push(
                    sink.at(place(cx, source), format!("{a} and {b} share one topic, `{topic}`"))
                        .here(format!("the prefix of `{}`", source.name))
                        .also(place(cx, other), format!("the prefix of `{}`", other.name))
                        .help("give each system a prefix of its own")
                        .story([
                            format!("Row 17 of {a} and row 17 of {b} have one key in `{topic}`."),
                            "The compacted log keeps the newer of the two, and every view follows it.".to_owned(),
                        ]),
                );
                // One prefix is one mistake, whatever the number of tables.
                break;
            }
        }
    }
}

fn place(cx: &Context, source: &Source) -> Span {
    match source.prefix.why.origin {
        Origin::Stated(span) => span,
        Origin::Default | Origin::Derived | Origin::Safety => cx.model.system(source.system).span,
    }
}
