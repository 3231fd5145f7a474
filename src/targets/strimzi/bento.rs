//! Bento on Kubernetes: a Deployment, and the generator of the ConfigMap that holds its streams.

use std::collections::BTreeMap;

use serde::Serialize;

use super::names::object;
use super::{Metadata, Writer};
use crate::model::Provider;
use crate::output::{OutputTree, yaml};
use crate::plan::Variable;
use crate::plan::programs::BENTO;
use crate::targets::apply::mentions;

/// The two files.
pub struct Bento {
    /// Below `strimzi/Bento`.
    pub deployment: String,
    /// Beside the streams: kustomize reads no file outside the folder of its own.
    pub kustomization: String,
}

/// Where Bento serves `/ready` and `/metrics` unless its file says otherwise.
const PORT: u16 = 4195;
/// The variable of Bento's file that says where it listens; its default is for this machine alone, where no probe reaches it.
const LISTEN: &str = "BENTO_HTTP";
const CONFIG: &str = "/etc/bento";

/// Bento's resources, where a deployment has streams.
pub(super) fn resources(writer: &Writer, out: &OutputTree) -> Option<Bento> {
    let streams: Vec<String> = writer.deployment.stream_ids().map(|id| format!("{id}.yaml")).collect();
    if streams.is_empty() {
        return None;
    }
    let name = format!("{}-bento", writer.pipeline);
    let environment = environment(writer, out, &streams);
    let own = |env: &Env| env.value_from.as_ref().is_some_and(|from| from.secret.name == loose_secret(writer));
    let loose = environment.iter().any(own);
    let deployment = deployment(writer, &name, &streams, environment);
    let head = format!(
        "# One process for all streams. More replicas are safe: {}.\n\
         # The image is yours to name: set `images` in a kustomization on top of this one, with Bento {}.\n{}",
        safe(writer),
        BENTO.version,
        if loose {
            format!(
                "# The secret `{}` is yours to make: it holds the values that no `secret … = kubernetes …` is bound to, a key for each name.\n",
                loose_secret(writer)
            )
        } else {
            String::new()
        }
    );
    Some(Bento {
        deployment: format!("{head}{}", yaml(&deployment)),
        kustomization: kustomization(writer, &name, &streams),
    })
}

/// Why several processes do not disturb each other.
fn safe(writer: &Writer) -> &'static str {
    let views = writer.deployment.streams().next().is_some();
    let processes = writer.deployment.processes.iter().any(|process| process.stream().is_some());
    match (views, processes) {
        (true, true) => {
            "every write of a view is checked against the version that is there, and a process's partition is read by one of them at a time"
        }
        (false, true) => "a partition is read by one of them at a time",
        (_, false) => "every write is checked against the version that is there",
    }
}

pub(super) fn loose_secret(writer: &Writer) -> String {
    object(&format!("{}-env", writer.pipeline))
}

/// The variables that Bento's files name.
fn environment(writer: &Writer, out: &OutputTree, streams: &[String]) -> Vec<Env> {
    let folder = format!("{}/bento", writer.deployment.name);
    let root = std::iter::once(format!("{folder}/bento.yaml"));
    let texts: Vec<&str> = root
        .chain(streams.iter().map(|stream| format!("{folder}/streams/{stream}")))
        .filter_map(|path| out.get(&path))
        .map(|file| file.text.as_str())
        .collect();
    writer
        .deployment
        .variables
        .values()
        .filter(|variable| texts.iter().any(|text| mentions(text, &variable.name)))
        .map(|variable| env(writer, variable))
        .chain(std::iter::once(listen()))
        .collect()
}

/// What the Deployment itself sets.
fn listen() -> Env {
    Env { name: LISTEN.into(), value: Some(format!("0.0.0.0:{PORT}")), value_from: None }
}

pub(super) fn env(writer: &Writer, variable: &Variable) -> Env {
    let secret = match &variable.provider {
        Some(Provider::Kubernetes { secret, key }) => KeyOf { name: secret.clone(), key: key.clone() },
        Some(Provider::Env(_) | Provider::File { .. } | Provider::Vault { .. }) | None => {
            KeyOf { name: loose_secret(writer), key: variable.name.clone() }
        }
    };
    Env { name: variable.name.clone(), value: None, value_from: Some(ValueFrom { secret }) }
}

fn deployment(writer: &Writer, name: &str, streams: &[String], env: Vec<Env>) -> Deployment {
    let label = BTreeMap::from([("app.kubernetes.io/name", object(name))]);
    let mut metadata = writer.metadata(name, None);
    metadata.labels.extend(label.clone());
    let mut args: Vec<String> =
        ["-c", &format!("{CONFIG}/config/bento.yaml"), "streams", "--no-api"].map(str::to_owned).into();
    args.extend(streams.iter().map(|stream| format!("{CONFIG}/streams/{stream}")));
    let probe = |path| Probe { http: HttpGet { path, port: PORT } };
    Deployment {
        api: "apps/v1",
        kind: "Deployment",
        metadata,
        spec: DeploymentSpec {
            replicas: 1,
            selector: Selector { labels: label.clone() },
            template: Pod {
                metadata: PodMetadata { labels: label },
                spec: PodSpec {
                    containers: [Container {
                        name: "bento",
                        image: format!("bento:{}", BENTO.version),
                        args,
                        env,
                        ports: [Port { name: "http", port: PORT }],
                        liveness: probe("/ping"),
                        readiness: probe("/ready"),
                        mounts: [
                            Mount { name: "config", path: format!("{CONFIG}/config") },
                            Mount { name: "streams", path: format!("{CONFIG}/streams") },
                        ],
                    }],
                    volumes: [
                        Volume { name: "config", map: MapRef { name: object(name) } },
                        Volume { name: "streams", map: MapRef { name: object(&format!("{name}-streams")) } },
                    ],
                },
            },
        },
    }
}

fn kustomization(writer: &Writer, name: &str, streams: &[String]) -> String {
    let generators = [
        Generator { name: object(name), namespace: &writer.installation.namespace, files: vec!["bento.yaml".into()] },
        Generator {
            name: object(&format!("{name}-streams")),
            namespace: &writer.installation.namespace,
            files: streams.iter().map(|stream| format!("streams/{stream}")).collect(),
        },
    ];
    let head = "# ConfigMaps of the streams; a changed stream gets a new name, so Bento starts anew with it.\n";
    format!(
        "{head}{}",
        yaml(&Kustomization { api: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", generators })
    )
}

#[derive(Serialize)]
struct Kustomization<'a> {
    #[serde(rename = "apiVersion")]
    api: &'static str,
    kind: &'static str,
    #[serde(rename = "configMapGenerator")]
    generators: [Generator<'a>; 2],
}

#[derive(Serialize)]
struct Generator<'a> {
    name: String,
    namespace: &'a str,
    files: Vec<String>,
}

#[derive(Serialize)]
struct Deployment {
    #[serde(rename = "apiVersion")]
    api: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: DeploymentSpec,
}

#[derive(Serialize)]
struct DeploymentSpec {
    replicas: u32,
    selector: Selector,
    template: Pod,
}

#[derive(Serialize)]
struct Selector {
    #[serde(rename = "matchLabels")]
    labels: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Pod {
    metadata: PodMetadata,
    spec: PodSpec,
}

#[derive(Serialize)]
struct PodMetadata {
    labels: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct PodSpec {
    containers: [Container; 1],
    volumes: [Volume; 2],
}

#[derive(Serialize)]
struct Container {
    name: &'static str,
    image: String,
    args: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    env: Vec<Env>,
    ports: [Port; 1],
    #[serde(rename = "livenessProbe")]
    liveness: Probe,
    #[serde(rename = "readinessProbe")]
    readiness: Probe,
    #[serde(rename = "volumeMounts")]
    mounts: [Mount; 2],
}

#[derive(Serialize)]
pub(super) struct Env {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(rename = "valueFrom", skip_serializing_if = "Option::is_none")]
    value_from: Option<ValueFrom>,
}

#[derive(Serialize)]
struct ValueFrom {
    #[serde(rename = "secretKeyRef")]
    secret: KeyOf,
}

#[derive(Serialize)]
struct KeyOf {
    name: String,
    key: String,
}

#[derive(Serialize)]
struct Port {
    name: &'static str,
    #[serde(rename = "containerPort")]
    port: u16,
}

#[derive(Serialize)]
struct Probe {
    #[serde(rename = "httpGet")]
    http: HttpGet,
}

#[derive(Serialize)]
struct HttpGet {
    path: &'static str,
    port: u16,
}

#[derive(Serialize)]
struct Mount {
    name: &'static str,
    #[serde(rename = "mountPath")]
    path: String,
}

#[derive(Serialize)]
struct Volume {
    name: &'static str,
    #[serde(rename = "configMap")]
    map: MapRef,
}

#[derive(Serialize)]
struct MapRef {
    name: String,
}

#[cfg(test)]
mod tests {
    use super::LISTEN;
    use crate::output::OutputTree;
    use crate::targets::strimzi::Strimzi;
    use crate::targets::{Target, sample};

    #[test]
    fn bento_listens_where_its_file_says() {
        sample::with_sound(|plan, _| {
            let mut out = OutputTree::default();
            crate::targets::bento::Bento.emit(plan, &mut out);
            assert!(out.get("prod/bento/bento.yaml").unwrap().text.contains(&format!("${{{LISTEN}:")));
        });
    }

    #[test]
    fn streams_and_their_variables() {
        let out = sample::emit(&[&Strimzi]);
        let text = &out.get("prod/strimzi/Bento/deployment.yaml").unwrap().text;
        let read: serde_json::Value = serde_yaml::from_str(text).unwrap();
        let container = &read["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["args"][4], "/etc/bento/streams/product_search-v1.yaml");
        let env = container["env"].as_array().unwrap();
        assert_eq!(env.len(), 3, "{text}");
        assert_eq!(env[2]["value"], "0.0.0.0:4195");
        assert_eq!(env[0]["name"], "CACHE_URL");
        assert_eq!(env[0]["valueFrom"]["secretKeyRef"]["name"], "shop-env");
        assert_eq!(env[1]["valueFrom"]["secretKeyRef"]["name"], "search");
        assert!(text.contains("`shop-env` is yours to make"));
        let map: serde_json::Value =
            serde_yaml::from_str(&out.get("prod/bento/kustomization.yaml").unwrap().text).unwrap();
        assert_eq!(map["configMapGenerator"][1]["files"][0], "streams/product_search-v1.yaml");
        let volume = &read["spec"]["template"]["spec"]["volumes"][1];
        assert_eq!(volume["configMap"]["name"], map["configMapGenerator"][1]["name"]);
    }
}
