//! Strimzi's resources for a deployment that states `deploy strimzi`: topics, connectors, the right to read secrets, and a Deployment for Bento.
//!
//! Topics whose loss cannot be made good carry what keeps GitOps tools from pruning them: Strimzi deletes the topic of a resource that goes.

mod bento;
mod names;
mod process;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Target, topics};
use crate::check::SoundPlan;
use crate::model::{Model, Provider};
use crate::output::{OutputTree, yaml};
use crate::plan::{Connector, Deployment, Sink, Strimzi as Installation, Topic, TopicRole};
use names::{label, object};

/// The target.
pub struct Strimzi;

impl Target for Strimzi {
    fn name(&self) -> &'static str {
        "Strimzi"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            if let Some(installation) = &deployment.strimzi {
                Writer { pipeline: &plan.plan.pipeline, model: plan.model, deployment, installation }.emit(out);
            }
        }
    }
}

const API: &str = "kafka.strimzi.io/v1";

struct Writer<'a> {
    pipeline: &'a str,
    model: &'a Model,
    deployment: &'a Deployment,
    installation: &'a Installation,
}

#[derive(Serialize)]
struct Resource<S> {
    #[serde(rename = "apiVersion")]
    api: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: S,
}

#[derive(Serialize)]
struct Metadata {
    name: String,
    namespace: String,
    labels: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TopicSpec<'a> {
    topic_name: &'a str,
    partitions: u32,
    replicas: u16,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    config: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectorSpec {
    class: &'static str,
    tasks_max: u32,
    auto_restart: AutoRestart,
    config: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct AutoRestart {
    enabled: bool,
}

impl Writer<'_> {
    fn emit(&self, out: &mut OutputTree) {
        let mut resources = Vec::new();
        for topic in self.deployment.topics.iter().filter(|topic| topic.managed) {
            let file = format!("KafkaTopic/{}.yaml", object(&topic.name));
            self.add(out, &file, self.topic(topic), "a topic of the plan");
            resources.push(file);
        }
        for connector in self.deployment.connectors() {
            let file = format!("KafkaConnector/{}.yaml", object(&connector.name));
            self.add(out, &file, self.connector(connector), "a connector of the plan");
            resources.push(file);
        }
        if let Some(text) = self.secrets_role() {
            let file = "Role/connect-secrets.yaml".to_owned();
            self.add(out, &file, text, "the secrets connectors refer to");
            resources.push(file);
        }
        if let Some(bento) = bento::resources(self, out) {
            let file = "Bento/deployment.yaml".to_owned();
            self.add(out, &file, bento.deployment, "what Bento runs");
            let path = format!("{}/bento/kustomization.yaml", self.deployment.name);
            out.add(path, bento.kustomization, "what Bento runs");
            resources.push(file);
            resources.push("../bento".into());
        }
        for process in &self.deployment.processes {
            if let Some((file, text)) = process::resource(self, process) {
                self.add(out, &file, text, &format!("process {}", process.name));
                resources.push(file);
            }
        }
        resources.sort();
        self.add(out, "kustomization.yaml", kustomization(&resources), "deploy strimzi");
    }

    fn add(&self, out: &mut OutputTree, file: &str, text: String, cause: &str) {
        out.add(format!("{}/strimzi/{file}", self.deployment.name), text, cause);
    }

    fn metadata(&self, name: &str, cluster: Option<&str>) -> Metadata {
        let mut labels = BTreeMap::from([("app.kubernetes.io/part-of", label(self.pipeline))]);
        if let Some(cluster) = cluster {
            labels.insert("strimzi.io/cluster", cluster.to_owned());
        }
        Metadata {
            name: object(name),
            namespace: self.installation.namespace.clone(),
            labels,
            annotations: BTreeMap::new(),
        }
    }

    fn topic(&self, topic: &Topic) -> String {
        let mut metadata = self.metadata(&topic.name, Some(&self.installation.cluster));
        let head = if is_of_record(topic.role) {
            metadata.annotations.insert("argocd.argoproj.io/sync-options", "Prune=false");
            metadata.annotations.insert("kustomize.toolkit.fluxcd.io/prune", "disabled");
            "# Deleting this resource deletes the topic and what is in it; the annotations keep pruning away.\n"
        } else {
            ""
        };
        let spec = TopicSpec {
            topic_name: &topic.name,
            partitions: topic.partitions.value,
            replicas: topic.replication.value,
            config: topic.config.iter().map(|(key, value)| (key.as_str(), value.value.as_str())).collect(),
        };
        let holds = topics::holds(self.model, topic.role).replace(char::is_control, " ");
        format!("# Holds {holds}.\n{head}{}", yaml(&Resource { api: API, kind: "KafkaTopic", metadata, spec }))
    }

    fn connector(&self, connector: &Connector) -> String {
        let config = connector
            .config
            .iter()
            // Strimzi has fields for these and refuses them here.
            .filter(|(key, _)| {
                !["name", "connector.class", "tasks.max", "connector.plugin.version"].contains(&key.as_str())
            })
            .map(|(key, property)| (key.clone(), property.value.connect(Some(&self.installation.namespace))))
            .collect();
        yaml(&Resource {
            api: API,
            kind: "KafkaConnector",
            metadata: self.metadata(&connector.name, Some(&self.installation.connect)),
            spec: ConnectorSpec {
                class: connector.plugin.class,
                tasks_max: connector.tasks.value,
                // A glitch of the network must not stop a capture for good while the database keeps its log.
                auto_restart: AutoRestart { enabled: true },
                config,
            },
        })
    }

    /// The right of the Connect workers to read the secrets their connectors name, and no others.
    fn secrets_role(&self) -> Option<String> {
        let mut secrets: Vec<&str> = super::worker::variables(self.deployment)
            .into_values()
            .filter_map(|variable| match &variable.provider {
                Some(Provider::Kubernetes { secret, .. }) => Some(secret.as_str()),
                Some(Provider::Env(_) | Provider::File { .. } | Provider::Vault { .. }) | None => None,
            })
            .collect();
        secrets.sort_unstable();
        secrets.dedup();
        if secrets.is_empty() {
            return None;
        }
        let name = format!("{}-connect-secrets", self.pipeline);
        let api = "rbac.authorization.k8s.io/v1";
        let role = Role {
            api,
            kind: "Role",
            metadata: self.metadata(&name, None),
            rules: [Rule { groups: [""], resources: ["secrets"], names: secrets, verbs: ["get"] }],
        };
        let binding = Binding {
            api,
            kind: "RoleBinding",
            metadata: self.metadata(&name, None),
            role: Reference {
                group: Some("rbac.authorization.k8s.io"),
                kind: "Role",
                name: object(&name),
                namespace: None,
            },
            subjects: [Reference {
                group: None,
                kind: "ServiceAccount",
                name: format!("{}-connect", self.installation.connect),
                namespace: Some(self.installation.namespace.clone()),
            }],
        };
        Some(format!(
            "# Lets the Connect workers read the secrets that connectors here refer to.\n{}---\n{}",
            yaml(&role),
            yaml(&binding)
        ))
    }
}

/// The name of a topic's resource.
#[must_use]
pub fn topic_name(topic: &Topic) -> String {
    object(&topic.name)
}

/// What a connector is called where it runs: a resource's name is its connector's name, and it must be legal for Kubernetes.
#[must_use]
pub fn running_name(deployment: &Deployment, connector: &Connector) -> String {
    if deployment.strimzi.is_some() { object(&connector.name) } else { connector.name.clone() }
}

/// The consumer groups that read for a view.
#[must_use]
pub fn groups(deployment: &Deployment, sink: &Sink) -> Vec<String> {
    let connect = sink.connectors().iter().map(|connector| format!("connect-{}", running_name(deployment, connector)));
    connect.chain(sink.streams().iter().map(|stream| stream.group.clone())).collect()
}

/// What Bento's Deployment is called.
#[must_use]
pub fn bento_name(pipeline: &str) -> String {
    object(&format!("{pipeline}-bento"))
}

/// Whether a topic holds what nothing else can bring back: changes, and records set aside.
fn is_of_record(role: TopicRole) -> bool {
    match role {
        TopicRole::Entity(_) | TopicRole::Event(_) | TopicRole::DeadLetter(_) => true,
        TopicRole::Heartbeat(_) | TopicRole::HeartbeatTable(_) | TopicRole::Signal(_) => false,
    }
}

#[derive(Serialize)]
struct Role<'a> {
    #[serde(rename = "apiVersion")]
    api: &'static str,
    kind: &'static str,
    metadata: Metadata,
    rules: [Rule<'a>; 1],
}

#[derive(Serialize)]
struct Rule<'a> {
    #[serde(rename = "apiGroups")]
    groups: [&'static str; 1],
    resources: [&'static str; 1],
    #[serde(rename = "resourceNames")]
    names: Vec<&'a str>,
    verbs: [&'static str; 1],
}

#[derive(Serialize)]
struct Binding {
    #[serde(rename = "apiVersion")]
    api: &'static str,
    kind: &'static str,
    metadata: Metadata,
    #[serde(rename = "roleRef")]
    role: Reference,
    subjects: [Reference; 1],
}

#[derive(Serialize)]
struct Reference {
    #[serde(rename = "apiGroup", skip_serializing_if = "Option::is_none")]
    group: Option<&'static str>,
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

#[derive(Serialize)]
struct Kustomization<'a> {
    #[serde(rename = "apiVersion")]
    api: &'static str,
    kind: &'static str,
    resources: &'a [String],
}

fn kustomization(resources: &[String]) -> String {
    let head = "# kubectl apply -k strimzi, after apply.sh.\n";
    format!(
        "{head}{}",
        yaml(&Kustomization { api: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources })
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::sample;

    fn read(text: &str) -> serde_json::Value {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn topics_have_legal_names_and_keep_their_own() {
        let out = sample::emit(&[&Strimzi]);
        let paths: Vec<&str> = out.files().map(|(path, _)| path).filter(|path| path.contains("KafkaTopic/")).collect();
        assert_eq!(paths.len(), 4);
        let heartbeat = paths.iter().find(|path| path.contains("debezium")).unwrap();
        let topic = read(&out.get(heartbeat).unwrap().text);
        assert_eq!(topic["spec"]["topicName"], "__debezium-heartbeat.shop.shop");
        assert_eq!(topic["apiVersion"], "kafka.strimzi.io/v1");
        assert_eq!(topic["metadata"]["labels"]["strimzi.io/cluster"], "events");
        assert!(topic["metadata"].get("annotations").is_none());
        let product = read(&out.get("prod/strimzi/KafkaTopic/shop.shop.public.products.yaml").unwrap().text);
        assert_eq!(product["metadata"]["annotations"]["argocd.argoproj.io/sync-options"], "Prune=false");
        assert_eq!(product["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/prune"], "disabled");
        assert_eq!(product["spec"]["partitions"], 6);
        assert_eq!(product["spec"]["config"]["delete.retention.ms"], "518400000");
    }

    #[test]
    fn foreign_topics_have_no_resource() {
        let mut plan = sample::plan();
        plan.deployments[1].topics[3].managed = false;
        let out = sample::emit_plan(&plan, &[&Strimzi]);
        assert!(out.get("prod/strimzi/KafkaTopic/shop.shop.public.orders.yaml").is_none());
    }

    #[test]
    fn connectors_leave_out_what_strimzi_has_fields_for() {
        let out = sample::emit(&[&Strimzi]);
        let connector = read(&out.get("prod/strimzi/KafkaConnector/shop-source-shop.yaml").unwrap().text);
        assert_eq!(connector["spec"]["class"], "io.debezium.connector.postgresql.PostgresConnector");
        assert_eq!(connector["spec"]["tasksMax"], 1);
        assert_eq!(connector["spec"]["autoRestart"]["enabled"], true);
        assert_eq!(connector["metadata"]["labels"]["strimzi.io/cluster"], "connect-main");
        let config = connector["spec"]["config"].as_object().unwrap();
        assert!(!config.contains_key("connector.class") && !config.contains_key("tasks.max"));
        assert_eq!(config["database.password"], "${secrets:data/shop-db:password}");
        // A number would be refused by a strict reader of strings.
        assert_eq!(config["heartbeat.interval.ms"], "10000");
    }

    #[test]
    fn workers_may_read_just_these_secrets() {
        let out = sample::emit(&[&Strimzi]);
        let text = &out.get("prod/strimzi/Role/connect-secrets.yaml").unwrap().text;
        let role = read(text.split("---\n").next().unwrap());
        assert_eq!(role["rules"][0]["resourceNames"], serde_json::json!(["report-db", "shop-db", "snowflake"]));
        assert!(text.contains("name: connect-main-connect"));
    }

    #[test]
    fn everything_is_listed_and_files_flavour_has_none() {
        let out = sample::emit(&[&Strimzi]);
        let list = read(&out.get("prod/strimzi/kustomization.yaml").unwrap().text);
        for resource in list["resources"].as_array().unwrap() {
            let path = resource.as_str().unwrap();
            let path = match path.strip_prefix("../") {
                Some(folder) => format!("prod/{folder}/kustomization.yaml"),
                None => format!("prod/strimzi/{path}"),
            };
            assert!(out.get(&path).is_some(), "{path}");
        }
        assert!(!out.files().any(|(path, _)| path.starts_with("dev/strimzi")));
    }
}
