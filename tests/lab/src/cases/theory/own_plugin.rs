//! Connectors whose plug-ins no public registry of the lab serves. Who has one puts its folder into `.lab/own-plugins/`, and it is run; else it is reported as
//! not run.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Stage, UNDEAD};
use crate::clients::connect::{self, Config};
use crate::clients::http;
use crate::clients::kafka::{Topic, create_topics, produce};
use crate::report::Variant;
use crate::servers::connect::Connect;

const CLASS: &str = "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector";
const TOPIC: &str = "confluent";

/// Confluent's Elasticsearch sink in upsert mode on a real topic.
pub fn confluent(stage: &mut Stage) -> Result<()> {
    let prediction = format!("{UNDEAD} (Confluent's connector itself)");
    let staged = "Confluent's Elasticsearch sink";
    let folder = stage.run.home.at("own-plugins");
    let is_there = folder.is_dir() && std::fs::read_dir(&folder)?.next().is_some();
    if !is_there {
        let why =
            "its plug-in cannot be had from a registry of the lab; put its folder into .lab/own-plugins".to_owned();
        return stage.note(&prediction, Variant::Unsafe, staged, None, why);
    }
    let worker = stage.run.home.sources().join("slice/connect-worker.properties");
    let connect = Connect::start_as(&stage.run, &worker, &stage.stack.kafka.bootstrap, &[], "connect-own")?;
    if !http::get(&format!("{}/connector-plugins", connect.url))?.text.contains(CLASS) {
        return stage.note(&prediction, Variant::Unsafe, staged, None, format!(".lab/own-plugins holds no {CLASS}"));
    }
    let bootstrap = stage.stack.kafka.bootstrap.clone();
    create_topics(&stage.run, &bootstrap, &[Topic { name: TOPIC, partitions: 1, cleanup: "compact" }])?;
    let lines: Vec<String> = (0..3).map(|offset| format!("{TOPIC}\t\tone\t{{\"v\": {offset}}}")).collect();
    produce(&stage.run, &bootstrap, &[lines, vec![format!("{TOPIC}\t\tone\t")]].concat())?;
    let config: Config = [
        ("connector.class", CLASS),
        ("tasks.max", "1"),
        ("topics", TOPIC),
        ("connection.url", stage.stack.opensearch.url.as_str()),
        ("write.method", "UPSERT"),
        ("key.ignore", "false"),
        ("schema.ignore", "true"),
        ("behavior.on.null.values", "DELETE"),
        ("key.converter", "org.apache.kafka.connect.storage.StringConverter"),
        ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
        ("value.converter.schemas.enable", "false"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    connect::put(&connect.url, "confluent", &config)?;
    connect::wait_running(&connect.url, "confluent", Duration::from_secs(60))?;
    let start = Instant::now();
    let document = format!("{}/{TOPIC}/_doc/one", stage.stack.opensearch.url);
    while !http::get(&document)?.text.contains("\"v\":2") {
        ensure!(start.elapsed() < Duration::from_secs(60), "the document never came");
        std::thread::sleep(Duration::from_millis(200));
    }
    std::thread::sleep(Duration::from_secs(5));
    let stays = http::get(&document)?.status == 200;
    stage.note(&prediction, Variant::Unsafe, staged, Some(stays), "three upserts and a tombstone of one key".to_owned())
}
