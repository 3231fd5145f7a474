//! `connectors/<name>.json`: the body of `PUT /connectors/<name>/config`, a flat map without the name.

use std::collections::BTreeMap;

use super::spelling::path_part;
use super::{Target, namespace};
use crate::check::SoundPlan;
use crate::output::{OutputTree, json};
use crate::plan::{Connector, Deployment};

/// The target.
pub struct ConnectJson;

impl Target for ConnectJson {
    fn name(&self) -> &'static str {
        "Connect JSON"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            for source in &deployment.sources {
                let cause = format!("capture of `{}`", source.name);
                out.add(path(deployment, &source.connector), text(deployment, &source.connector), cause);
                if let Some(outboxes) = &source.outboxes {
                    let connector = &outboxes.connector;
                    let cause = format!("outboxes of `{}`", source.name);
                    out.add(path(deployment, connector), text(deployment, connector), cause);
                }
            }
            for sink in &deployment.sinks {
                for connector in sink.connectors() {
                    let cause = format!("view `{}`", sink.name);
                    out.add(path(deployment, connector), text(deployment, connector), cause);
                }
            }
        }
    }
}

/// Where a connector's file is.
#[must_use]
pub fn path(deployment: &Deployment, connector: &Connector) -> String {
    format!("{}/connectors/{}.json", deployment.name, path_part(&connector.name))
}

fn text(deployment: &Deployment, connector: &Connector) -> String {
    let config: BTreeMap<&str, String> = connector
        .config
        .iter()
        .map(|(key, property)| (key.as_str(), property.value.connect(namespace(deployment))))
        .collect();
    json(&config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::sample;

    #[test]
    fn flat_sorted_map_with_references() {
        let out = sample::emit(&[&ConnectJson]);
        let text = &out.get("dev/connectors/shop-source-shop.json").unwrap().text;
        assert_eq!(
            text,
            "{\n  \"connector.class\": \"io.debezium.connector.postgresql.PostgresConnector\",\n  \
             \"database.password\": \"${env:SHOP_PASSWORD}\",\n  \"heartbeat.interval.ms\": \"10000\",\n  \
             \"slot.name\": \"diac_shop_shop\",\n  \"tasks.max\": \"1\",\n  \"topic.prefix\": \"shop.shop\"\n}\n"
        );
        assert!(!text.contains("\"name\""));
    }

    #[test]
    fn kubernetes_secrets_go_through_strimzi() {
        let out = sample::emit(&[&ConnectJson]);
        let text = &out.get("prod/connectors/shop-source-shop.json").unwrap().text;
        assert!(text.contains("\"database.password\": \"${secrets:data/shop-db:password}\""), "{text}");
    }
}
