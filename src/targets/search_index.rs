//! Bodies for search engines: the template of each index, and the alias readers use.

use serde_json::{Map, Value, json};

use crate::check::SoundPlan;
use crate::output::{OutputTree, json as pretty};
use crate::plan::{Index, Sink, Target as Kept};

use super::Target;

/// Writes `targets/<store>/<index>.template.json` and `<index>.aliases.json`.
pub struct SearchIndex;

impl Target for SearchIndex {
    fn name(&self) -> &'static str {
        "search index"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            for sink in &deployment.sinks {
                for index in sink.flows.iter().filter_map(|flow| match &flow.target {
                    Kept::Index(index) => Some(index),
                    Kept::Keyspace(_) | Kept::Table(_) | Kept::Snowflake(_) => None,
                }) {
                    let folder = format!("{}/targets/{}", deployment.name, sink.store_name);
                    let cause = format!("view {} version {}", sink.name, sink.version);
                    out.add(format!("{folder}/{}.template.json", index.index), pretty(&template(sink, index)), &cause);
                    out.add(format!("{folder}/{}.aliases.json", index.index), pretty(&aliases(index)), &cause);
                }
            }
        }
    }
}

/// Body of `PUT _index_template/<index>`.
#[must_use]
pub fn template(sink: &Sink, index: &Index) -> Value {
    let mut settings = Map::new();
    settings.insert("number_of_shards".into(), json!(index.shards));
    settings.insert("number_of_replicas".into(), json!(index.replicas));
    // The engine forgets the version of a deleted document after this; a delivery later than that would bring the document back.
    settings.insert("index.gc_deletes".into(), json!(time(sink.late.value)));
    let fields = fields(&index.properties);
    if fields > FIELD_LIMIT {
        settings.insert("index.mapping.total_fields.limit".into(), json!(fields));
    }
    if let Some(analysis) = &index.analysis {
        settings.insert("analysis".into(), analysis.clone());
    }
    // Without properties nobody knows the columns, and everything passes.
    let dynamic = if index.properties.is_empty() { json!(true) } else { json!("strict") };
    json!({
        "index_patterns": [index.index],
        "priority": PRIORITY,
        "template": {
            "settings": settings,
            "mappings": { "dynamic": dynamic, "properties": index.properties },
        },
    })
}

/// Above the templates the engines bring along.
const PRIORITY: u32 = 500;

/// What an index takes without being told otherwise.
const FIELD_LIMIT: usize = 1000;

/// Fields as the engines count them: properties and multi-fields at every depth.
fn fields(properties: &Map<String, Value>) -> usize {
    properties
        .values()
        .map(|field| {
            let below: usize =
                ["properties", "fields"].iter().filter_map(|key| field.get(key)?.as_object()).map(fields).sum();
            1 + below
        })
        .sum()
}

/// Body of `POST _aliases`: readers of the alias go to this index, and from a second version on to no other.
#[must_use]
pub fn aliases(index: &Index) -> Value {
    let add = json!({ "add": { "index": index.index, "alias": index.alias } });
    match index.index.rsplit_once("_v") {
        // The engines refuse a list that names an index which is gone, but not a pattern that this index matches.
        Some((stem, version)) if version != "1" => {
            let others = json!({ "index": format!("{stem}_v*"), "alias": index.alias, "must_exist": false });
            json!({ "actions": [{ "remove": others }, add] })
        }
        _ => json!({ "actions": [add] }),
    }
}

/// A time value of the engines in its largest whole unit.
fn time(ms: u64) -> String {
    for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")] {
        if ms > 0 && ms.is_multiple_of(unit) {
            return format!("{}{name}", ms / unit);
        }
    }
    format!("{ms}ms")
}
