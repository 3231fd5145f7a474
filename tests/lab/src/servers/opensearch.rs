//! OpenSearch or Elasticsearch in one JVM (`tests/lab/java/Search.java`, `Elastic.java`).

use std::time::Duration;

use anyhow::Result;

use super::{free_port, java};
use crate::clients::http;
use crate::home::Run;
use crate::supervise::{Farewell, Process, Program};

/// Which search engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// OpenSearch 2.19.1.
    OpenSearch,
    /// Elasticsearch 7.10.2.
    Elasticsearch,
}

/// A running node of either.
#[derive(Debug)]
pub struct OpenSearch {
    /// Its process.
    pub process: Process,
    /// Its HTTP address.
    pub url: String,
}

impl OpenSearch {
    /// Starts an empty node.
    pub fn start(run: &Run, engine: Engine) -> Result<OpenSearch> {
        let (port, transport) = (free_port()?, free_port()?);
        let (name, jars, source) = match engine {
            Engine::OpenSearch => ("OpenSearch", "opensearch", "java/Search.java"),
            Engine::Elasticsearch => ("Elasticsearch", "elasticsearch", "java/Elastic.java"),
        };
        let mut command = java(768, &["-cp".to_owned(), run.home.jars(jars)]);
        command.push(run.home.sources().join(source).display().to_string());
        command.extend([run.at(jars).display().to_string(), port.to_string(), transport.to_string()]);
        let mut process = Process::start(&Program {
            name: name.to_owned(),
            command,
            environment: Vec::new(),
            user: None,
            directory: run.folder.clone(),
            log: run.at(&format!("{jars}.log")),
            farewell: Farewell::Kill,
        })?;
        let url = format!("http://127.0.0.1:{port}");
        let health = format!("{url}/_cluster/health");
        process.wait_until(Duration::from_secs(180), || http::get(&health).is_ok_and(|it| it.status == 200))?;
        Ok(OpenSearch { process, url })
    }
}
