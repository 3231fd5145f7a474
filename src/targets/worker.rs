//! `connect-worker.properties` and `plugins.md`: what a Kafka Connect worker must have before it can run these connectors.

use std::collections::{BTreeMap, BTreeSet};

use super::markdown::{Table, code, codes};
use super::spelling::one_line;
use super::{Target, namespace};
use crate::check::SoundPlan;
use crate::model::Provider;
use crate::output::OutputTree;
use crate::plan::programs::BENTO;
use crate::plan::{Connector, Deployment, Plan, Plugin, Variable};
use crate::profiles::facts;

/// The target.
pub struct Worker;

impl Target for Worker {
    fn name(&self) -> &'static str {
        "Connect worker"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            let cause = "what the connectors need of their worker";
            if deployment.connectors().next().is_some() {
                out.add(
                    format!("{}/connect-worker.properties", deployment.name),
                    properties(plan.plan, deployment),
                    cause,
                );
            }
            if deployment.connectors().next().is_some() || deployment.stream_ids().next().is_some() {
                out.add(format!("{}/plugins.md", deployment.name), plugins(deployment), cause);
            }
        }
    }
}

/// A config provider that a deployment's connectors refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigProvider {
    /// Environment variables of the worker.
    Env,
    /// Properties files on the worker's disk.
    File,
    /// Kubernetes secrets, through Strimzi's provider.
    Secrets,
    /// A vault.
    Vault,
}

impl ConfigProvider {
    /// The provider [`crate::plan::Template::connect`] spells for a variable.
    #[must_use]
    pub fn of(variable: &Variable, namespace: Option<&str>) -> Self {
        match (&variable.provider, namespace) {
            (Some(Provider::File { .. }), _) => Self::File,
            (Some(Provider::Vault { .. }), _) => Self::Vault,
            (Some(Provider::Kubernetes { .. }), Some(_)) => Self::Secrets,
            (Some(Provider::Kubernetes { .. } | Provider::Env(_)) | None, _) => Self::Env,
        }
    }

    /// Its name in references.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::File => "file",
            Self::Secrets => "secrets",
            Self::Vault => "vault",
        }
    }

    fn class(self) -> Option<&'static str> {
        match self {
            Self::Env => Some("org.apache.kafka.common.config.provider.EnvVarConfigProvider"),
            Self::File => Some("org.apache.kafka.common.config.provider.FileConfigProvider"),
            Self::Secrets => Some("io.strimzi.kafka.KubernetesSecretConfigProvider"),
            Self::Vault => None,
        }
    }
}

/// The variables that connectors' files refer to, by name.
#[must_use]
pub fn variables(deployment: &Deployment) -> BTreeMap<&str, &Variable> {
    let mut all = BTreeMap::new();
    for connector in deployment.connectors() {
        for variable in connector.config.values().flat_map(|property| property.value.variables()) {
            all.insert(variable.name.as_str(), variable);
        }
    }
    all
}

/// The config providers a deployment's worker needs.
#[must_use]
pub fn providers(deployment: &Deployment) -> BTreeSet<ConfigProvider> {
    variables(deployment)
        .into_values()
        .chain(deployment.log.bootstrap.iter().flat_map(crate::plan::Template::variables))
        .map(|variable| ConfigProvider::of(variable, namespace(deployment)))
        .collect()
}

fn properties(plan: &Plan, deployment: &Deployment) -> String {
    let names = plan.worker();
    let replication = deployment.log.replication.value;
    let bootstrap: Vec<String> =
        deployment.log.bootstrap.iter().map(|broker| broker.connect(namespace(deployment))).collect();
    let mut text = head(deployment);
    text.push_str(&format!(
        "# The brokers.{}\nbootstrap.servers={}\n\n\
         # One group and three topics a Connect cluster: two clusters that share any of them destroy each other's state.\n\
         group.id={}\nconfig.storage.topic={}\noffset.storage.topic={}\nstatus.storage.topic={}\n\
         # Offsets are what a restart goes on from; they are as precious as the topics themselves.\n\
         config.storage.replication.factor={replication}\noffset.storage.replication.factor={replication}\n\
         status.storage.replication.factor={replication}\n\n",
        if bootstrap.iter().any(|broker| broker.contains("${")) {
            " The reference is resolved by the provider below, also in this file."
        } else {
            ""
        },
        bootstrap.join(","),
        names.group,
        names.configs,
        names.offsets,
        names.status,
    ));
    text.push_str(&provider_lines(deployment));
    text.push_str(
        "# Topics are made by apply.sh or Strimzi, with the numbers of topics.yaml. Made by Connect they would get others.\n\
         # The brokers should have auto.create.topics.enable=false for the same reason.\n\
         topic.creation.enable=false\n\n",
    );
    text.push_str(&override_lines(deployment));
    text.push_str(
        "# For connectors that name no converter of their own; a worker does not start without them.\n\
         key.converter=org.apache.kafka.connect.json.JsonConverter\n\
         value.converter=org.apache.kafka.connect.json.JsonConverter\n\n",
    );
    text.push_str(&plugin_lines(deployment));
    text
}

fn head(deployment: &Deployment) -> String {
    let strimzi = deployment.strimzi.as_ref().map_or(String::new(), |strimzi| {
        format!(
            "# Here the worker is the KafkaConnect resource `{}`: the first four names and bootstrap.servers are fields of its spec, the rest\n\
             # belongs into spec.config. It needs the annotation strimzi.io/use-connector-resources: \"true\".\n",
            strimzi.connect
        )
    });
    format!(
        "# What a Kafka Connect worker (distributed mode) must have to run the connectors of `{}`.\n\
         # A worker that exists already keeps its own group and topics; compare the rest line by line.\n{strimzi}\n",
        deployment.name
    )
}

fn provider_lines(deployment: &Deployment) -> String {
    let providers = providers(deployment);
    if providers.is_empty() {
        return String::new();
    }
    let words: Vec<&str> = providers.iter().map(|provider| provider.word()).collect();
    let mut text = String::from("# Connectors refer to values that stand in no file of theirs:\n");
    for (name, variable) in variables(deployment) {
        let provider = ConfigProvider::of(variable, namespace(deployment));
        text.push_str(&format!("#   {name} ({}): {}\n", provider.word(), one_line(&variable.about)));
    }
    text.push_str(&format!("config.providers={}\n", words.join(",")));
    for provider in providers {
        match provider.class() {
            Some(class) => text.push_str(&format!("config.providers.{}.class={class}\n", provider.word())),
            None => text.push_str(&format!(
                "# Kafka has no provider for a vault: name the class of the one you have.\n# config.providers.{}.class=\n",
                provider.word()
            )),
        }
    }
    text.push('\n');
    text
}

fn override_lines(deployment: &Deployment) -> String {
    let keys: BTreeSet<&str> = deployment
        .connectors()
        .flat_map(|connector| connector.config.keys())
        .map(String::as_str)
        .filter(|key| {
            ["producer.override.", "consumer.override.", "admin.override."].iter().any(|prefix| key.starts_with(prefix))
        })
        .collect();
    if keys.is_empty() {
        return String::new();
    }
    let keys: Vec<&str> = keys.into_iter().collect();
    format!(
        "# Connectors here set client properties of their own: {}.\n\
         # A stricter policy makes the worker refuse them.\nconnector.client.config.override.policy=All\n\n",
        keys.join(", ")
    )
}

fn plugin_lines(deployment: &Deployment) -> String {
    let mut text = String::from(
        "# A folder with one folder for each plug-in of plugins.md. It is read before the providers above exist: a reference does not work here.\n\
         # plugin.path=/opt/connect/plugins\n\
         # plugin.discovery=service_load starts a worker many times faster, where every plug-in brings its service file.\n",
    );
    for (plugin, _) in by_plugin(deployment) {
        text.push_str(&format!("#   {} {}: {}\n", plugin.name, plugin.version, plugin.class));
    }
    text
}

/// The plug-ins of a deployment by name, with the connectors that use each.
#[must_use]
pub fn by_plugin(deployment: &Deployment) -> Vec<(&'static Plugin, Vec<&Connector>)> {
    let mut all: BTreeMap<&str, (&'static Plugin, Vec<&Connector>)> = BTreeMap::new();
    for connector in deployment.connectors() {
        all.entry(connector.plugin.name).or_insert_with(|| (connector.plugin, Vec::new())).1.push(connector);
    }
    all.into_values().collect()
}

/// What `verified` means, in words.
#[must_use]
pub fn evidence(verified: bool) -> &'static str {
    if verified {
        "run by diac's lab"
    } else {
        "not run by diac's lab: its properties are checked against its own definition only"
    }
}

fn plugins(deployment: &Deployment) -> String {
    let mut table = Table::new(&["what", "version", "licence", "where it comes from", "verified", "used by"]);
    for (plugin, connectors) in by_plugin(deployment) {
        let users = codes(connectors.iter().map(|connector| connector.name.as_str()));
        table.row([
            format!("{} · {}", code(plugin.name), code(plugin.class)),
            plugin.version.into(),
            plugin.licence.into(),
            plugin.coordinates.into(),
            evidence(plugin.verified).into(),
            users,
        ]);
    }
    let streams: Vec<&str> = deployment.stream_ids().collect();
    if !streams.is_empty() {
        table.row([
            format!("{}, a program of its own", BENTO.name),
            BENTO.version.into(),
            BENTO.licence.into(),
            BENTO.coordinates.into(),
            evidence(BENTO.verified).into(),
            codes(streams),
        ]);
    }
    format!(
        "# Plug-ins of {}\n\n\
         Each plug-in goes into a folder of its own below `plugin.path`, in exactly the version named here: what diac knows of a connector, it \
         knows of that version.\n\n{}## What is relied on\n\nThe behaviour that these files rest on, and what holds each: `lab` is a run of the real program under load and \
         faults, `test` a smaller one. What says *unverified* was read and not run.\n\n{}",
        code(&deployment.name),
        table.or("None."),
        relied_on(deployment),
    )
    .trim_end()
    .to_owned()
}

fn relied_on(deployment: &Deployment) -> String {
    let mut table = Table::new(&["program", "does", "held by"]);
    for fact in facts::of(deployment) {
        let held = if fact.is_verified() { codes(fact.held_by) } else { "*unverified*".into() };
        table.row([fact.of.name().into(), fact.says.into(), held]);
    }
    table.or("Nothing.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Template;
    use crate::targets::sample;

    #[test]
    fn worker_file_names_what_is_used_and_only_that() {
        let out = sample::emit(&[&Worker]);
        let dev = &out.get("dev/connect-worker.properties").unwrap().text;
        for line in [
            "bootstrap.servers=localhost:9092",
            "group.id=connect-shop",
            "offset.storage.replication.factor=1",
            "config.providers=env",
            "config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider",
            "connector.client.config.override.policy=All",
            "topic.creation.enable=false",
        ] {
            assert!(dev.lines().any(|found| found == line), "{line} in\n{dev}");
        }
        assert!(!dev.contains("FileConfigProvider"));
        let prod = &out.get("prod/connect-worker.properties").unwrap().text;
        assert!(prod.contains("config.providers=secrets\n"), "{prod}");
    }

    #[test]
    fn every_line_is_a_property_or_a_comment() {
        let mut plan = sample::plan();
        plan.deployments[0].log.bootstrap = vec![Template::variable(Variable {
            name: "KAFKA".into(),
            provider: None,
            secret: false,
            about: "brokers\nof kafka".into(),
        })];
        let out = sample::emit_plan(&plan, &[&Worker]);
        let text = &out.get("dev/connect-worker.properties").unwrap().text;
        assert!(text.contains("bootstrap.servers=${env:KAFKA}\n"));
        for line in text.lines() {
            assert!(line.is_empty() || line.starts_with('#') || line.contains('='), "{line}");
        }
    }

    #[test]
    fn provider_is_the_one_that_templates_spell() {
        let provider = |provider| Variable { name: "N".into(), provider, secret: true, about: String::new() };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let (path, key) = pair("p", "k");
        for variable in [
            provider(None),
            provider(Some(Provider::Env("N".into()))),
            provider(Some(Provider::File { path: path.clone(), key: key.clone() })),
            provider(Some(Provider::Kubernetes { secret: path.clone(), key: key.clone() })),
            provider(Some(Provider::Vault { path, key })),
        ] {
            for namespace in [None, Some("data")] {
                let spelled = Template::variable(variable.clone()).connect(namespace);
                let word = ConfigProvider::of(&variable, namespace).word();
                assert!(spelled.starts_with(&format!("${{{word}:")), "{spelled}");
            }
        }
    }

    #[test]
    fn plugins_say_whether_they_were_tried() {
        let out = sample::emit(&[&Worker]);
        let text = &out.get("dev/plugins.md").unwrap().text;
        assert!(text.contains("debezium-postgres"));
        assert!(text.contains("Bento"));
        let snowflake = text.lines().find(|line| line.contains("snowflake")).unwrap();
        assert!(snowflake.contains("not run"), "{snowflake}");
        let fact = |of: &str| text.lines().find(|line| line.starts_with(&format!("| {of} |"))).unwrap();
        assert!(fact("Bento").contains("`lab slice`"));
        assert!(fact("Elasticsearch").contains("`lab ") && text.contains("*unverified*"));
        assert!(!text.contains("OpenSearch |"), "nothing here uses it");
    }
}
