use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::plan::{Origin, Why};
use crate::source::Span;

rule! {
    /// A write must reach more copies of the log than there are.
    ///
    /// `min_insync` says how many copies must hold a record before it counts as written. With more of them than `replication` makes, no write ever counts:
    /// every capture stops at its first record.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// secret pw
    /// environment dev {
    ///   deploy files
    ///   replication = 1
    ///   min_insync = 2
    ///   secret pw = env "PW"
    ///   system shop { host = "localhost", database = "shop", password = secret pw }
    ///   system search { url = "http://localhost:9200" }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   replication = 3
    ///   min_insync = 2
    ///   secret pw = env "PW"
    ///   system shop { host = "shop-db", database = "shop", password = secret pw }
    ///   system search { url = "http://search:9200" }
    /// }
    /// ```
    {
        name: "in_sync_exceeds_replicas", severity: Error, waivable: false, title: "a write must reach more copies than there are",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let mut seen = BTreeSet::new();
    for deployment in &cx.plan.deployments {
        let (needed, copies) = (&deployment.log.min_insync, &deployment.log.replication);
        let Some(span) = stated(&needed.why) else { continue };
        if needed.value <= copies.value || !seen.insert((span, copies.value)) {
            continue;
        }
        let mut finding = sink
            .at(span, format!("a write must reach {} copies, and there {}", needed.value, there(copies.value)))
            .here("no write could ever count");
        if let Some(span) = stated(&copies.why) {
            finding = finding.also(span, "said here");
        }
        sink.push(finding.help("raise `replication`, or delete `min_insync`").story([
            "The capture sends its first record and waits for all acknowledgements.".to_owned(),
            format!("Kafka answers that {} copies are needed and refuses it, again and again.", needed.value),
            "Nothing is ever captured, and the replication slot keeps the database's log.".to_owned(),
        ]));
    }
}

fn there(copies: u16) -> String {
    if copies == 1 { "is 1".to_owned() } else { format!("are {copies}") }
}

fn stated(why: &Why) -> Option<Span> {
    match why.origin {
        Origin::Stated(span) => Some(span),
        Origin::Default | Origin::Derived | Origin::Safety => None,
    }
}
