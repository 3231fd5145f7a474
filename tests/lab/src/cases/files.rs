//! Files that no run of the lab applies are shown to their real readers, or as near as they can be had: connectors to a worker's validate endpoint, streams to
//! Bento's linter, YAML and JSON to a parser, Snowflake's connector to its definition.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::clients::connect::{self, Config};
use crate::generated::{Tree, diac};
use crate::home::{Home, Run};
use crate::servers::bento;
use crate::servers::connect::Connect;
use crate::servers::postgres::Release;
use crate::servers::stack::broker_and_database;

/// Examples that this version compiles.
const EXAMPLES: [&str; 3] = ["hello", "pagila", "shop"];
const SNOWFLAKE: &str = "com.snowflake.kafka.connector.SnowflakeStreamingSinkConnector";

/// Every example's files.
pub fn files(home: &Home) -> Result<()> {
    let run = Run::new(home, "files")?;
    let (kafka, postgres) = broker_and_database(&run, Release::Fifteen)?;
    let worker = home.sources().join("slice/connect-worker.properties");
    let connect = Connect::start(&run, &worker, &kafka.bootstrap, &[])?;
    let (mut validated, mut linted, mut parsed, mut snowflake) = (0, 0, 0, Vec::new());
    for example in EXAMPLES {
        let out = run.at(example);
        let page = home.repository.join("examples").join(example);
        let (code, text) = diac(&["compile", &page.display().to_string(), "--out", &out.display().to_string()])?;
        ensure!(code == 0, "diac compile {}: exit {code}\n{text}", page.display());
        let environments: Vec<PathBuf> =
            folders(&out)?.into_iter().filter(|it| it.join("apply.sh").is_file()).collect();
        ensure!(!environments.is_empty(), "{example} has no environment");
        for folder in environments {
            let tree = Tree { folder, variables: vec![("KAFKA_BOOTSTRAP".to_owned(), kafka.bootstrap.clone())] };
            for (name, config) in tree.connectors()? {
                if config.get("connector.class").is_some_and(|it| it == SNOWFLAKE) {
                    defined(home, &config).with_context(|| name.clone())?;
                    snowflake.push(name);
                    continue;
                }
                let complaints = connect::validate(&connect.url, &name, &reachable(config, postgres.port))?;
                ensure!(complaints.is_empty(), "{example}, {name}: {}", complaints.join("\n"));
                validated += 1;
            }
            let streams = tree.files("bento/streams", "yaml")?;
            if !streams.is_empty() {
                bento::lint(
                    home,
                    &[streams.as_slice(), &[tree.at("bento/bento.yaml")]].concat(),
                    &unset(&streams, &tree)?,
                )?;
                linted += streams.len();
            }
            same_in_kubernetes(&tree)?;
        }
        for file in all_files(&out)? {
            parsed += usize::from(parses(&file)?);
        }
    }
    eprintln!("lab: {validated} connectors validated, {linted} streams linted, {parsed} YAML and JSON files parsed");
    eprintln!(
        "lab: not run against their plugin, which cannot be had; keys are all in its definition: {}",
        snowflake.join(", ")
    );
    ensure!(validated > 0 && linted > 0 && !snowflake.is_empty(), "something was not judged");
    Ok(())
}

/// The source connector's validation connects: to the lab's server instead of one that is not there.
fn reachable(mut config: Config, port: u16) -> Config {
    if config.contains_key("database.hostname") {
        for (key, value) in [
            ("database.hostname", "127.0.0.1".to_owned()),
            ("database.port", port.to_string()),
            ("database.user", "postgres".to_owned()),
            ("database.password", "lab".to_owned()),
            ("database.dbname", "postgres".to_owned()),
        ] {
            config.insert(key.to_owned(), value);
        }
    }
    config
}

/// Every key is one of the connector's own, one of every sink's, one of a transform declared in it, or one for its clients.
fn defined(home: &Home, config: &Config) -> Result<()> {
    let mut known = BTreeSet::new();
    for file in ["snowflake-sink-v4.json", "connect-sink-connector.json"] {
        let text = std::fs::read_to_string(home.repository.join("src/profiles/data").join(file))?;
        let definition: Value = serde_json::from_str(&text)?;
        let keys = definition["keys"].as_object().with_context(|| format!("{file} has no keys"))?;
        known.extend(keys.keys().cloned());
    }
    let passed_on = ["transforms.", "consumer.override.", "key.converter.", "value.converter."];
    let unknown: Vec<&String> =
        config.keys().filter(|key| !known.contains(*key) && !passed_on.iter().any(|it| key.starts_with(it))).collect();
    ensure!(unknown.is_empty(), "no such property: {unknown:?}");
    Ok(())
}

/// A value for each variable without a default in the streams: the linter reads files as Bento would.
fn unset(streams: &[PathBuf], tree: &Tree) -> Result<Vec<(String, String)>> {
    let mut variables = tree.variables.clone();
    for file in streams {
        let text = std::fs::read_to_string(file)?;
        for part in text.split("${").skip(1) {
            let name: String =
                part.chars().take_while(|it| it.is_ascii_uppercase() || *it == '_' || it.is_ascii_digit()).collect();
            if part[name.len()..].starts_with('}') && !name.is_empty() && !variables.iter().any(|(it, _)| *it == name) {
                variables.push((name, "x".to_owned()));
            }
        }
    }
    Ok(variables)
}

/// A connector in Kubernetes has the configuration of the connector as a file, where references are written in Strimzi's own way.
fn same_in_kubernetes(tree: &Tree) -> Result<()> {
    let resources = tree.files("strimzi/KafkaConnector", "yaml")?;
    let connectors = tree.connectors()?;
    ensure!(
        resources.is_empty() || resources.len() == connectors.len(),
        "{} resources, {} connectors",
        resources.len(),
        connectors.len()
    );
    for file in resources {
        let text = std::fs::read_to_string(&file)?;
        let resource: Value =
            serde_yaml::from_str(&text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
        for field in [
            "/apiVersion",
            "/kind",
            "/metadata/name",
            "/metadata/labels/strimzi.io~1cluster",
            "/spec/class",
            "/spec/config",
        ] {
            ensure!(resource.pointer(field).is_some(), "{} has no {field}", file.display());
        }
        let class = resource["spec"]["class"].as_str().unwrap_or_default();
        let config = resource["spec"]["config"].as_object().context("config is no map")?;
        let is_same = |it: &Config| {
            it.get("connector.class").is_some_and(|it| it == class)
                && config.keys().all(|key| it.contains_key(key))
                && it.keys().all(|key| config.contains_key(key) || key == "connector.class" || key == "tasks.max")
        };
        ensure!(connectors.iter().any(|(_, it)| is_same(it)), "{} has the keys of no connector", file.display());
    }
    Ok(())
}

/// Whether a file is YAML or JSON; fails when it does not parse.
fn parses(file: &Path) -> Result<bool> {
    let extension = file.extension().and_then(|it| it.to_str()).unwrap_or_default();
    let text = std::fs::read_to_string(file)?;
    match extension {
        "json" => serde_json::from_str::<Value>(&text).map(|_| true).with_context(|| file.display().to_string()),
        "yaml" => serde_yaml::from_multiple::<Value>(&text)
            .map(|_| true)
            .map_err(|error| anyhow::anyhow!("{}: {error}", file.display())),
        _ => Ok(false),
    }
}

/// Folders in a folder, by name.
pub fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?.path();
        if entry.is_dir() {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

/// Files in a folder and below.
pub fn all_files(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?.path();
        if entry.is_dir() {
            found.extend(all_files(&entry)?);
        } else {
            found.push(entry);
        }
    }
    Ok(found)
}
