//! One Kafka node in KRaft mode, with topics made only on demand (`auto.create.topics.enable=false`).

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{free_port, java};
use crate::home::Run;
use crate::supervise::{Farewell, Process, Program};

/// A running broker.
#[derive(Debug)]
pub struct Kafka {
    /// Its process.
    pub process: Process,
    /// `host:port` for clients.
    pub bootstrap: String,
    program: Program,
}

impl Kafka {
    /// Formats an empty log folder and starts the broker on it.
    pub fn start(run: &Run) -> Result<Kafka> {
        let (port, controller) = (free_port()?, free_port()?);
        let data = run.at("kafka");
        let settings = run.write("kafka.properties", &settings(port, controller, &data.display().to_string()))?;
        let log4j = format!("-Dlog4j2.configurationFile={}", run.home.sources().join("java/log4j2.xml").display());
        let class_path = ["-cp".to_owned(), run.home.jars("kafka")];
        let flags = [std::slice::from_ref(&log4j), &class_path].concat();

        let format = [java(256, &flags), words("kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c")].concat();
        let (program, arguments) = format.split_first().context("no command")?;
        let output = Command::new(program).args(arguments).arg(&settings).output()?;
        if !output.status.success() {
            bail!(
                "kafka.tools.StorageTool format: {}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }

        let mut command = [java(512, &flags), words("kafka.Kafka")].concat();
        command.push(settings.display().to_string());
        let program = Program {
            name: "Kafka".to_owned(),
            command,
            environment: Vec::new(),
            user: None,
            directory: run.folder.clone(),
            log: run.at("kafka.log"),
            farewell: Farewell::Kill,
        };
        let process = started(&program)?;
        Ok(Kafka { process, bootstrap: format!("127.0.0.1:{port}"), program })
    }

    /// Starts the same broker again on its logs.
    pub fn restart(&mut self) -> Result<()> {
        self.process = started(&self.program)?;
        Ok(())
    }
}

/// The log of an earlier start may be there already.
fn started(program: &Program) -> Result<Process> {
    let starts = || std::fs::read_to_string(&program.log).unwrap_or_default().matches("Kafka Server started").count();
    let before = starts();
    let mut process = Process::start(program)?;
    process.wait_until(Duration::from_secs(120), || starts() > before)?;
    Ok(process)
}

/// The words of a command line.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn settings(port: u16, controller: u16, data: &str) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"
    )
}
