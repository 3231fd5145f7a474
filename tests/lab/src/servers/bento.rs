//! Bento in streams mode, as diac's files are run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::free_port;
use crate::clients::http;
use crate::home::{Home, Run};
use crate::supervise::{Farewell, Process, Program};

/// A Bento process with all its streams.
#[derive(Debug)]
pub struct Bento {
    /// Its process.
    pub process: Process,
    /// Metrics and readiness.
    pub url: String,
    program: Program,
}

/// The files and variables of one Bento process.
#[derive(Debug)]
pub struct Streams<'a> {
    /// The settings common to all streams.
    pub root: &'a Path,
    /// One file a stream.
    pub streams: Vec<PathBuf>,
    /// What the files read from the environment; `BENTO_HTTP` is added.
    pub environment: Vec<(String, String)>,
}

impl Bento {
    /// Starts all streams.
    pub fn start(run: &Run, streams: &Streams) -> Result<Bento> {
        Bento::start_as(run, streams, "bento")
    }

    /// Starts all streams in a process whose log has that name: there may be several.
    pub fn start_as(run: &Run, streams: &Streams, name: &str) -> Result<Bento> {
        let port = free_port()?;
        let mut command = vec![
            program(&run.home),
            "-c".to_owned(),
            streams.root.display().to_string(),
            "streams".to_owned(),
            "--no-api".to_owned(),
        ];
        command.extend(streams.streams.iter().map(|it| it.display().to_string()));
        let mut environment = streams.environment.clone();
        environment.push(("BENTO_HTTP".to_owned(), format!("127.0.0.1:{port}")));
        let program = Program {
            name: "Bento".to_owned(),
            command,
            environment,
            user: None,
            directory: run.folder.clone(),
            log: run.at(&format!("{name}.log")),
            farewell: Farewell::Kill,
        };
        let url = format!("http://127.0.0.1:{port}");
        let process = started(&program, &url)?;
        Ok(Bento { process, url, program })
    }

    /// Starts the same streams again.
    pub fn restart(&mut self) -> Result<()> {
        self.process = started(&self.program, &self.url)?;
        Ok(())
    }

    /// The sum of a counter over all its label sets that contain a text.
    pub fn counter(&self, name: &str, label: &str) -> Result<u64> {
        let text = http::get(&format!("{}/metrics", self.url))?.text;
        let lines = text.lines().filter(|it| it.starts_with(name) && it.contains(label));
        let sum: f64 = lines.filter_map(|it| it.rsplit(' ').next()).filter_map(|it| it.parse::<f64>().ok()).sum();
        Ok(sum as u64)
    }
}

/// The built program.
pub fn program(home: &Home) -> String {
    home.at("bento").join("bento").display().to_string()
}

/// Fails with the linter's words when a file is not clean.
pub fn lint(home: &Home, files: &[PathBuf], environment: &[(String, String)]) -> Result<()> {
    let output = Command::new(program(home))
        .arg("lint")
        .args(files)
        .envs(environment.iter().cloned())
        .output()
        .context("cannot run bento lint")?;
    if !output.status.success() {
        bail!("bento lint:\n{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Only the HTTP server is awaited: a stream is ready when its consumer group has let it in, which after a crash takes the group's session timeout.
fn started(program: &Program, url: &str) -> Result<Process> {
    let mut process = Process::start(program)?;
    let ping = format!("{url}/ping");
    process.wait_until(Duration::from_secs(60), || http::get(&ping).is_ok_and(|it| it.status == 200))?;
    Ok(process)
}
