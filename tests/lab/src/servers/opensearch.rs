//! OpenSearch in one JVM (`tests/lab/java/Search.java`).

use std::time::Duration;

use anyhow::Result;

use super::{free_port, java};
use crate::clients::http;
use crate::home::Run;
use crate::supervise::{Farewell, Process, Program};

/// A running OpenSearch node.
#[derive(Debug)]
pub struct OpenSearch {
    /// Its process.
    pub process: Process,
    /// Its HTTP address.
    pub url: String,
}

impl OpenSearch {
    /// Starts an empty node.
    pub fn start(run: &Run) -> Result<OpenSearch> {
        let (port, transport) = (free_port()?, free_port()?);
        let mut command = java(768, &["-cp".to_owned(), run.home.jars("opensearch")]);
        command.push(run.home.sources().join("java/Search.java").display().to_string());
        command.extend([run.at("opensearch").display().to_string(), port.to_string(), transport.to_string()]);
        let mut process = Process::start(&Program {
            name: "OpenSearch".to_owned(),
            command,
            environment: Vec::new(),
            user: None,
            directory: run.folder.clone(),
            log: run.at("opensearch.log"),
            farewell: Farewell::Kill,
        })?;
        let url = format!("http://127.0.0.1:{port}");
        let health = format!("{url}/_cluster/health");
        process.wait_until(Duration::from_secs(180), || http::get(&health).is_ok_and(|it| it.status == 200))?;
        Ok(OpenSearch { process, url })
    }
}
