//! A Kafka Connect worker in distributed mode, started from a given worker file with the lab's own lines appended: of two lines with one key the later
//! counts.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{free_port, java};
use crate::clients::http;
use crate::home::Run;
use crate::supervise::{Farewell, Process, Program};

/// A Connect worker, running or crashed.
#[derive(Debug)]
pub struct Connect {
    /// Its process.
    pub process: Process,
    /// The REST interface.
    pub url: String,
    program: Program,
}

impl Connect {
    /// Starts a worker from the text of a worker file.
    pub fn start(run: &Run, worker: &Path, bootstrap: &str, environment: &[(String, String)]) -> Result<Connect> {
        Connect::start_as(run, worker, bootstrap, environment, "connect")
    }

    /// Starts a worker whose files have that name: there may be several in one group.
    pub fn start_as(
        run: &Run,
        worker: &Path,
        bootstrap: &str,
        environment: &[(String, String)],
        name: &str,
    ) -> Result<Connect> {
        let port = free_port()?;
        let given = std::fs::read_to_string(worker).with_context(|| format!("cannot read {}", worker.display()))?;
        let own = run.home.at("own-plugins");
        let plugins = run.home.at("plugins").display().to_string();
        // What a user has put there need not have service files: then all of it is looked through, which takes a minute.
        let (plugins, discovery) = if own.is_dir() {
            (format!("{plugins},{}", own.display()), "hybrid_warn")
        } else {
            (plugins, "service_load")
        };
        let settings = run.write(
            &format!("{name}.properties"),
            &format!("{given}\n{}", overrides(&given_brokers(&given, bootstrap), port, &plugins, discovery)),
        )?;
        let log4j = format!("-Dlog4j2.configurationFile={}", run.home.sources().join("java/log4j2.xml").display());
        let flags = [
            log4j,
            "-cp".to_owned(),
            run.home.jars("kafka"),
            "org.apache.kafka.connect.cli.ConnectDistributed".to_owned(),
        ];
        let mut command = java(1024, &flags);
        command.push(settings.display().to_string());
        let program = Program {
            name: "Kafka Connect".to_owned(),
            command,
            environment: environment.to_vec(),
            user: None,
            directory: run.folder.clone(),
            log: run.at(&format!("{name}.log")),
            farewell: Farewell::Kill,
        };
        let url = format!("http://127.0.0.1:{port}");
        let process = started(&program, &url)?;
        Ok(Connect { process, url, program })
    }

    /// Starts the same worker again, on the same port.
    pub fn restart(&mut self) -> Result<()> {
        self.process = started(&self.program, &self.url)?;
        Ok(())
    }
}

fn started(program: &Program, url: &str) -> Result<Process> {
    let mut process = Process::start(program)?;
    let connectors = format!("{url}/connectors");
    process.wait_until(Duration::from_secs(180), || http::get(&connectors).is_ok_and(|it| it.status == 200))?;
    Ok(process)
}

/// The line with the brokers, unless the file has one: a generated file finds them itself, in the environment.
fn given_brokers(given: &str, bootstrap: &str) -> String {
    if given.lines().any(|it| it.starts_with("bootstrap.servers=")) {
        return String::new();
    }
    format!("bootstrap.servers={bootstrap}\n")
}

/// What the lab must have otherwise than a real cluster: addresses, one replica, and timeouts short enough that a killed worker's tasks return within
/// seconds. (The defaults are minutes: `scheduled.rebalance.max.delay.ms` is 300 000 ms.)
fn overrides(bootstrap: &str, port: u16, plugins: &str, discovery: &str) -> String {
    format!(
        "# the lab's own lines
{bootstrap}listeners=http://127.0.0.1:{port}
rest.advertised.host.name=127.0.0.1
plugin.path={plugins}
plugin.discovery={discovery}
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
offset.storage.partitions=1
status.storage.partitions=1
scheduled.rebalance.max.delay.ms=0
session.timeout.ms=6000
heartbeat.interval.ms=2000
consumer.session.timeout.ms=6000
consumer.heartbeat.interval.ms=2000
offset.flush.interval.ms=5000
"
    )
}
