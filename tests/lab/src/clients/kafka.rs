//! Kafka through its own Java classes: topics by `TopicCommand`, records by `tests/lab/java/Records.java`.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::home::{Home, Run};
use crate::servers::java;

/// Runs a class or a single-file program with the Kafka jars; gives its output.
fn tool(home: &Home, arguments: &[String]) -> Result<String> {
    let command = java(512, &[flags(home), arguments.to_vec()].concat());
    let (program, rest) = command.split_first().context("no command")?;
    let output = Command::new(program).args(rest).output()?;
    if !output.status.success() {
        bail!(
            "{}: {}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn flags(home: &Home) -> Vec<String> {
    let log4j = format!("-Dlog4j2.configurationFile={}", home.sources().join("java/log4j2-tools.xml").display());
    vec![log4j, "-cp".to_owned(), home.jars("kafka")]
}

/// Writes an executable that is what `kafka-topics.sh` would be, for scripts that take its path from `KAFKA_TOPICS`.
pub fn write_topics_command(run: &Run) -> Result<PathBuf> {
    write_command(run, "kafka-topics", "org.apache.kafka.tools.TopicCommand")
}

/// Writes the commands that runbooks name into a folder, as Kafka's own distribution has them; gives the folder.
pub fn write_commands(run: &Run) -> Result<PathBuf> {
    write_command(run, "kafka-topics.sh", "org.apache.kafka.tools.TopicCommand")?;
    write_command(run, "kafka-consumer-groups.sh", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand")?;
    Ok(run.at("bin"))
}

fn write_command(run: &Run, name: &str, class: &str) -> Result<PathBuf> {
    let mut line = java(256, &flags(&run.home)).iter().map(|it| format!("'{it}'")).collect::<Vec<_>>().join(" ");
    line.push_str(&format!(" {class} \"$@\""));
    let path = run.write(&format!("bin/{name}"), &format!("#!/bin/sh\nexec {line}\n"))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// A topic to create.
#[derive(Debug, Clone)]
pub struct Topic<'a> {
    /// Its name.
    pub name: &'a str,
    /// How many partitions.
    pub partitions: u32,
    /// `compact` or `delete`.
    pub cleanup: &'a str,
}

/// Creates topics.
pub fn create_topics(run: &Run, bootstrap: &str, topics: &[Topic]) -> Result<()> {
    let command = write_topics_command(run)?;
    for topic in topics {
        let mut create = Command::new(&command);
        create.args([
            "--bootstrap-server",
            bootstrap,
            "--create",
            "--if-not-exists",
            "--topic",
            topic.name,
            "--replication-factor",
            "1",
        ]);
        create.args([
            "--partitions",
            &topic.partitions.to_string(),
            "--config",
            &format!("cleanup.policy={}", topic.cleanup),
        ]);
        let output = create.output()?;
        if !output.status.success() {
            bail!(
                "topic {}: {}{}",
                topic.name,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    Ok(())
}

/// What one topic of Debezium envelopes holds.
#[derive(Debug, Clone)]
pub struct Records {
    /// The topic.
    pub topic: String,
    /// All records.
    pub records: u64,
    /// Records without a value.
    pub tombstones: u64,
    /// Records that are no JSON.
    pub unreadable: u64,
    /// Records whose key, source position and operation were there before: the source delivered them twice.
    pub duplicates: u64,
    /// How many records of each operation, as JSON.
    pub ops: String,
}

/// Reads topics from their beginning and counts.
pub fn count_records(home: &Home, bootstrap: &str, topics: &[&str]) -> Result<Vec<Records>> {
    let mut arguments = vec![home.sources().join("java/Records.java").display().to_string(), bootstrap.to_owned()];
    arguments.extend(topics.iter().map(|it| (*it).to_owned()));
    let text = tool(home, &arguments)?;
    text.lines().map(read_records).collect()
}

impl Records {
    /// Records that say that a row was deleted.
    pub fn deletes(&self) -> u64 {
        serde_json::from_str::<Value>(&self.ops).ok().and_then(|it| it["d"].as_u64()).unwrap_or(0)
    }
}

impl fmt::Display for Records {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{}: {} records, {} tombstones, {} unreadable, {} duplicates, {}",
            self.topic, self.records, self.tombstones, self.unreadable, self.duplicates, self.ops
        )
    }
}

fn read_records(line: &str) -> Result<Records> {
    let value: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
    let number = |name: &str| value[name].as_u64().unwrap_or(0);
    Ok(Records {
        topic: value["topic"].as_str().unwrap_or_default().to_owned(),
        records: number("records"),
        tombstones: number("tombstones"),
        unreadable: number("unreadable"),
        duplicates: number("duplicates"),
        ops: value["ops"].to_string(),
    })
}

/// Writes records in their order; each line: topic, partition, key, value with tabs between, where all but the topic may be empty.
pub fn produce(run: &Run, bootstrap: &str, lines: &[String]) -> Result<()> {
    let file = run.write("records.tsv", &lines.iter().map(|it| format!("{it}\n")).collect::<String>())?;
    let program = run.home.sources().join("java/Produce.java").display().to_string();
    let said = tool(&run.home, &[program, bootstrap.to_owned(), file.display().to_string()])?;
    anyhow::ensure!(said.trim() == lines.len().to_string(), "{} lines, sent {said}", lines.len());
    Ok(())
}

/// Writes the first change of every key that has changed since once more at the end of the topic; gives how many.
pub fn deliver_again(home: &Home, bootstrap: &str, topic: &str) -> Result<u64> {
    let program = home.sources().join("java/Late.java").display().to_string();
    let text = tool(home, &[program, bootstrap.to_owned(), topic.to_owned()])?;
    text.trim().parse().with_context(|| text.clone())
}
