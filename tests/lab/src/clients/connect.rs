//! Kafka Connect's REST interface: create, watch, validate.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::http;

/// A connector's configuration: a flat map.
pub type Config = BTreeMap<String, String>;

/// Keys that a connector passes on to a library and therefore never lists among its own (tried on Connect 4.3.1).
const PASSED_ON: [&str; 7] = [
    "topic.creation.",
    "schema.history.internal.kafka.",
    "iceberg.catalog.",
    "iceberg.kafka.",
    "producer.override.",
    "consumer.override.",
    "reselect.",
];

/// Keys that work and that nothing lists (FACTS.md, 3 and 6): Debezium 3.6.0's ExtractNewRecordState obeys the one, the source connector 3.7.0 says in its
/// log that it uses the other.
const UNLISTED: [&str; 2] = [".replace.null.with.default", "offset.mismatch.strategy"];

/// Reads a connector file.
pub fn config_from(text: &str) -> Result<Config> {
    serde_json::from_str(text).context("a connector's configuration must be a flat map of texts")
}

/// Creates a connector or changes it.
pub fn put(url: &str, name: &str, config: &Config) -> Result<()> {
    http::put(&format!("{url}/connectors/{name}/config"), &serde_json::to_string(config)?)?
        .success()
        .with_context(|| format!("connector {name}"))?;
    Ok(())
}

/// Waits until a connector and all its tasks are RUNNING. A FAILED one is an error at once, with its trace.
pub fn wait_running(url: &str, name: &str, limit: Duration) -> Result<()> {
    let start = Instant::now();
    loop {
        let answer = http::get(&format!("{url}/connectors/{name}/status"))?;
        let status = answer.json().unwrap_or_default();
        let tasks = status["tasks"].as_array().cloned().unwrap_or_default();
        let states: Vec<&str> =
            tasks.iter().chain([&status["connector"]]).filter_map(|it| it["state"].as_str()).collect();
        if let Some(failed) = tasks.iter().chain([&status["connector"]]).find(|it| it["state"] == "FAILED") {
            bail!("connector {name} is FAILED: {}", failed["trace"].as_str().unwrap_or_default());
        }
        if !tasks.is_empty() && states.len() == tasks.len() + 1 && states.iter().all(|it| *it == "RUNNING") {
            return Ok(());
        }
        if start.elapsed() > limit {
            bail!("connector {name} is not running after {} s: {}", limit.as_secs(), answer.text);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Waits until a Debezium source's noted position is one behind its first copy.
pub fn wait_for_first_copy(url: &str, name: &str, limit: Duration) -> Result<()> {
    let start = Instant::now();
    loop {
        let answer = http::get(&format!("{url}/connectors/{name}/offsets"))?;
        let offsets = answer.json().unwrap_or_default();
        let offset = &offsets["offsets"][0]["offset"];
        if offset.is_object() && offset["snapshot_completed"] != false {
            return Ok(());
        }
        if start.elapsed() > limit {
            bail!("the first copy of {name} is not complete after {} s: {}", limit.as_secs(), answer.text);
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// What the worker's validate endpoint has against a configuration: its errors, and the keys that neither the connector nor its transforms define.
/// The worker itself is silent about unknown keys.
pub fn validate(url: &str, name: &str, config: &Config) -> Result<Vec<String>> {
    let class = config.get("connector.class").context("no connector.class")?;
    let mut sent = config.clone();
    sent.insert("name".to_owned(), name.to_owned());
    let answer =
        http::put(&format!("{url}/connector-plugins/{class}/config/validate"), &serde_json::to_string(&sent)?)?
            .success()?
            .json()?;
    let empty = Vec::new();
    let definitions = answer["configs"].as_array().unwrap_or(&empty);
    let mut complaints = Vec::new();
    for definition in definitions {
        for error in definition["value"]["errors"].as_array().unwrap_or(&empty) {
            complaints.push(format!(
                "{}: {}",
                definition["definition"]["name"].as_str().unwrap_or("?"),
                error.as_str().unwrap_or("?")
            ));
        }
    }
    let known: BTreeSet<&str> = definitions.iter().filter_map(|it: &Value| it["definition"]["name"].as_str()).collect();
    for key in sent.keys() {
        let passed_on = PASSED_ON.iter().any(|prefix| key.starts_with(prefix))
            || key.contains(".converter.")
            || UNLISTED.iter().any(|it| key.ends_with(it));
        if !known.contains(key.as_str()) && !passed_on {
            complaints.push(format!("{key}: no such property"));
        }
    }
    Ok(complaints)
}
