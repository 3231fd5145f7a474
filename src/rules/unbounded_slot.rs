use std::collections::BTreeSet;

use super::swallowed_tombstone::sins;
use super::{Context, Sink, rule};
use crate::model::{EnvId, Value};
use crate::profiles::sins::Sin;
use crate::systems::Kind;

rule! {
    /// A replication slot may fill the disk of the database it reads.
    ///
    /// A slot keeps the server's log until its reader has confirmed it. When the connector stands still, the log grows; without `max_slot_wal_keep_size` it
    /// grows until the disk is full and the database stops. `slot_limit` says what the server runs with; the preflight checks it, and the alerts watch it.
    ///
    /// Said for a PostgreSQL that is captured in a deployed environment. An environment with `replication = 1` keeps one copy of its logs: it is there to try
    /// things out, and is left alone. A raw property that keeps the slot from ever being confirmed is the same mistake.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   secret pw = env "PW"
    ///   system kafka { bootstrap = "kafka:9092" }
    ///   system shop { host = "shop-db", database = "shop", password = secret pw }
    ///   system search { url = "https://search:9200" }
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
    ///   secret pw = env "PW"
    ///   system kafka { bootstrap = "kafka:9092" }
    ///   system shop { host = "shop-db", database = "shop", password = secret pw, slot_limit = 64GiB }
    ///   system search { url = "https://search:9200" }
    /// }
    /// ```
    {
        name: "unbounded_slot", severity: Warning, waivable: true, title: "a slot may fill the source's disk", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let captured = model.captured_systems();
    let planned: BTreeSet<EnvId> = cx.plan.deployments.iter().filter_map(|deployment| deployment.env).collect();
    for env in planned.iter().filter_map(|id| model.environments.get(id.0)) {
        let single = env.settings.get("replication").is_some_and(|setting| setting.value == Value::Integer(1));
        if env.deploy.is_none() || single {
            continue;
        }
        for id in captured.iter().filter(|id| model.system(**id).kind == Kind::Postgres) {
            let system = model.system(*id);
            if env.systems.get(id).is_some_and(|settings| settings.contains_key("slot_limit")) {
                continue;
            }
            let name = &system.name;
            sink.push(
                sink.at(env.span, format!("`{}` does not say how much log a slot of `{name}` may keep", env.name))
                    .here("deployed, and without a bound")
                    .also(system.span, format!("`{name}` is captured through a replication slot"))
                    .help(format!(
                        "add `slot_limit = 64GiB` to `system {name}` in `{}`, with what its server runs with as max_slot_wal_keep_size",
                        env.name
                    ))
                    .story([
                        "The connector stops on Friday evening, and nobody looks.".to_owned(),
                        format!("The server of `{name}` keeps every change for it, since the slot has not confirmed them."),
                        "On Sunday its disk is full: the database stops, and all that writes to it.".to_owned(),
                    ]),
            );
        }
    }
    for (setting, sinful) in sins(cx, Sin::StuckSlot) {
        sink.push(
            sink.at(setting.name_span, format!("`{}` keeps the slot from ever being confirmed", setting.name))
                .here(sinful.why)
                .help("delete the line")
                .story([
                    "The connector reads every change and confirms none.".to_owned(),
                    "The server keeps its whole log, until the disk is full.".to_owned(),
                ]),
        );
    }
}
