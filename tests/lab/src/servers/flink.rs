//! Flink: all jobs of a tree in one JVM, as `RunSql.java` runs them, each going on from its newest checkpoint.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use crate::home::Run;
use crate::supervise::{Farewell, Process, Program};

/// From one checkpoint to the next: short, so that a crash falls between two.
const CHECKPOINT_INTERVAL: &str = "2 s";

/// A running Flink.
#[derive(Debug)]
pub struct Flink {
    /// Its process.
    pub process: Process,
    program: Program,
}

impl Flink {
    /// Starts a job for each file.
    pub fn start(run: &Run, files: &[PathBuf], environment: &[(String, String)]) -> Result<Flink> {
        let mut command: Vec<String> = vec!["java".into(), "-Xmx1500m".into(), "-cp".into(), run.home.jars("flink")];
        command.push(run.home.sources().join("java/RunSql.java").display().to_string());
        command.push("run".into());
        command.push(run.at("flink").display().to_string());
        command.extend(files.iter().map(|file| file.display().to_string()));
        let mut environment = environment.to_vec();
        environment.push(("CHECKPOINT_INTERVAL".into(), CHECKPOINT_INTERVAL.into()));
        let program = Program {
            name: "Flink".into(),
            command,
            environment,
            user: None,
            directory: run.folder.clone(),
            log: run.at("flink.log"),
            farewell: Farewell::Kill,
        };
        let process = started(&program)?;
        Ok(Flink { process, program })
    }

    /// Kills it, and starts all jobs again from their newest checkpoints.
    pub fn crash(&mut self) -> Result<()> {
        self.process.crash()?;
        self.process = started(&self.program)?;
        Ok(())
    }

    /// Jobs that have a complete checkpoint.
    pub fn checkpointed(run: &Run) -> usize {
        fn count(folder: &Path) -> usize {
            let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
            entries
                .map(|entry| {
                    let path = entry.path();
                    if path.is_dir() { count(&path) } else { usize::from(path.ends_with("_metadata")) }
                })
                .sum()
        }
        let jobs = std::fs::read_dir(run.at("flink")).into_iter().flatten().filter_map(Result::ok);
        jobs.filter(|job| count(&job.path()) > 0).count()
    }
}

/// Started when every job has been handed over.
fn started(program: &Program) -> Result<Process> {
    let mut process = Process::start(program)?;
    let log = program.log.clone();
    let before = count(&log);
    process.wait_until(Duration::from_secs(240), || count(&log) > before)?;
    Ok(process)
}

fn count(log: &Path) -> usize {
    std::fs::read_to_string(log).map_or(0, |text| text.lines().filter(|line| *line == "running").count())
}
