//! Generated resources held against Strimzi's CRDs and Kubernetes' own description of its kinds, strictly: a field that no schema names is an error. What a
//! resource of Strimzi's hands on to Kafka Connect is free there, and judged by the worker's validate endpoint (`files`).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::files::{all_files, folders};
use crate::generated::diac;
use crate::home::{Home, Run};

/// What a careless hand would do to a resource, each of which must be found: a file below `strimzi`, a text in it, another text.
const BROKEN: [(&str, &str, &str); 5] = [
    ("KafkaTopic", "  partitions: 12", "  partitions: twelve"),
    ("KafkaTopic", "  partitions: 12", "  partitions: 0"),
    ("KafkaTopic", "  replicas: 3", "  replica: 3"),
    ("KafkaConnector", "  tasksMax: 1", "  tasksMax: \"1\""),
    ("KafkaConnector", "apiVersion: kafka.strimzi.io/v1", "apiVersion: kafka.strimzi.io/v1beta2"),
];

/// Every example that is deployed by Strimzi.
pub fn kubernetes(home: &Home) -> Result<()> {
    let run = Run::new(home, "kubernetes")?;
    let mut judged = 0;
    let mut shop = None;
    for page in folders(&home.repository.join("examples"))? {
        let name = page.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let out = run.at(&name);
        // Pages that this version refuses have no files; their findings are another test's.
        if diac(&["compile", &page.display().to_string(), "--out", &out.display().to_string()])?.0 != 0 {
            continue;
        }
        for environment in folders(&out)? {
            let strimzi = environment.join("strimzi");
            if !strimzi.is_dir() {
                continue;
            }
            let resources = resources(&strimzi)?;
            let found = complaints(home, &resources)?;
            ensure!(found.is_empty(), "{name}: {}", found.join("\n"));
            judged += resources.len();
            if name == "shop" {
                shop = Some(strimzi);
            }
        }
    }
    let shop = shop.context("the shop is not deployed by Strimzi")?;
    for (kind, find, replace) in BROKEN {
        let texts = resources(&shop.join(kind))?.into_iter().map(std::fs::read_to_string);
        let texts = texts.collect::<std::io::Result<Vec<String>>>()?;
        let text = texts.iter().find(|it| it.contains(find)).with_context(|| format!("no {kind} holds {find:?}"))?;
        let broken = run.write(&format!("broken/{kind}.yaml"), &text.replacen(find, replace, 1))?;
        ensure!(!complaints(home, &[broken])?.is_empty(), "{kind}: nobody minds {replace:?}");
    }
    eprintln!("lab: {judged} resources valid, {} broken ones found out", BROKEN.len());
    ensure!(judged > 0, "no resource was judged");
    Ok(())
}

/// What is applied; a kustomization is read by kubectl and never by the API server.
fn resources(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = all_files(folder)?;
    Ok(files.into_iter().filter(|it| !it.ends_with("kustomization.yaml")).collect())
}

/// What is wrong with files, and files that nothing could judge.
fn complaints(home: &Home, files: &[PathBuf]) -> Result<Vec<String>> {
    let folder = home.at("kubernetes");
    let schemas =
        format!("{}/schemas/{{{{.ResourceKind}}}}-{{{{.Group}}}}-{{{{.ResourceAPIVersion}}}}.json", folder.display());
    let mut kubeconform = Command::new(folder.join("kubeconform"));
    kubeconform.args(["-strict", "-output", "json", "-schema-location", &schemas]).args(files);
    let output = kubeconform.output().context("kubeconform")?;
    let said: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("kubeconform said: {}", String::from_utf8_lossy(&output.stderr)))?;
    let text = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
    let resources = said["resources"].as_array().into_iter().flatten();
    let mut found: Vec<String> =
        resources.map(|it| format!("{} {} {}", text(it, "filename"), text(it, "status"), text(it, "msg"))).collect();
    found.sort();
    if found.is_empty() && !output.status.success() {
        found.push(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(found)
}
