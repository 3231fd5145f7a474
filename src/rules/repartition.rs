use std::collections::BTreeMap;

use super::{Context, Sink, rule};
use crate::plan::{Origin, TopicRole};
use crate::source::Span;

rule! {
    /// The number of a log's partitions changes: keys move to other partitions, and away from their past.
    ///
    /// A key's partition is a function of the key and of how many partitions there are. With another number a row's next change goes to another
    /// partition while earlier ones still wait in the old one: they are no longer in order, and compaction keeps a version of the row in both for ever. Kafka cannot
    /// take partitions away at all.
    ///
    /// Compared with an earlier compilation (`--against`, or the folder that is compiled to); silent without one.
    ///
    /// ```dia,before
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view found { product | search.products }
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   partitions = 12
    ///   secret pw = env "PW"
    ///   system kafka { bootstrap = "kafka:9092" }
    ///   system shop { host = "shop-db", database = "shop", password = secret pw, slot_limit = 64GiB }
    ///   system search { url = "https://search:9200" }
    /// }
    /// ```
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view found { product | search.products }
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   partitions = 24
    ///   secret pw = env "PW"
    ///   system kafka { bootstrap = "kafka:9092" }
    ///   system shop { host = "shop-db", database = "shop", password = secret pw, slot_limit = 64GiB }
    ///   system search { url = "https://search:9200" }
    /// }
    /// ```
    ///
    /// Keep the number, or start a new log of another name and fill it anew. Where the log is empty or its readers can bear it, say so with `allow`.
    {
        name: "repartition", severity: Error, waivable: true, title: "more partitions move keys", check: Some(check),
    }
}

/// A log whose number of partitions changes.
struct Moved<'a> {
    topic: &'a str,
    /// What it carries, and where that is declared.
    carries: (&'a str, Span),
    was: u32,
    is: u32,
}

/// So many logs are labelled.
const SHOWN: usize = 4;

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    // One statement can be the reason for many logs, and is one mistake.
    let mut moved: BTreeMap<(Span, bool), Vec<Moved>> = BTreeMap::new();
    for (deployment, old) in cx.compared() {
        let env = deployment.env.and_then(|id| model.environments.get(id.0)).map(|env| env.span);
        for topic in deployment.topics.iter().filter(|topic| topic.managed) {
            let carries = match topic.role {
                TopicRole::Entity(id) => (model.entity(id).name.as_str(), model.entity(id).span),
                TopicRole::Event(id) => (model.event(id).name.as_str(), model.event(id).span),
                TopicRole::Rows(id) => (model.view(id).name.as_str(), model.view(id).span),
                TopicRole::SchemaHistory(_)
                | TopicRole::HeartbeatTable(_)
                | TopicRole::Heartbeat(_)
                | TopicRole::Signal(_)
                | TopicRole::DeadLetter(_) => continue,
            };
            let (is, was) = (topic.partitions.value, old.topic(&topic.name).map(|old| old.partitions));
            let Some(was) = was.filter(|was| *was != is) else { continue };
            let (span, stated) = match topic.partitions.why.origin {
                Origin::Stated(span) => (span, true),
                Origin::Default | Origin::Derived | Origin::Safety => (env.unwrap_or(carries.1), false),
            };
            moved.entry((span, stated)).or_default().push(Moved { topic: &topic.name, carries, was, is });
        }
    }
    for ((span, stated), moved) in moved {
        let Some((first, rest)) = moved.split_first() else { continue };
        let (was, is) = (first.was, first.is);
        let others = if rest.is_empty() { String::new() } else { format!(", and {} more logs change", rest.len()) };
        let mut finding = sink
            .at(span, format!("`{}` would have {is} instead of {was} partitions{others}", first.topic))
            .here(if stated {
                "this number is new"
            } else {
                "6 where nothing is stated: a number that was stated is gone"
            });
        for moved in moved.iter().take(SHOWN).filter(|moved| moved.carries.1 != span) {
            let (name, at) = moved.carries;
            finding = finding.also(at, format!("records of `{name}` lie in {} partitions", moved.was));
        }
        let keep = format!("keep `partitions = {was}`");
        let alike = rest.iter().all(|moved| moved.was == was);
        let finding = finding.help(if is < was {
            format!("{keep}: Kafka cannot take partitions away")
        } else {
            format!("{keep}, or start a log of another name and fill it anew")
        });
        let finding = if stated && alike { finding.fix(span, format!("partitions = {was}")) } else { finding };
        let name = first.carries.0;
        sink.push(finding.story([
            format!("Row 17 of `{name}` has changes in partition 3 that a view has not read yet."),
            "Its next change goes to another partition, since the number of partitions counts.".to_owned(),
            "The view reads the new change first, and then the old ones.".to_owned(),
        ]));
    }
}
