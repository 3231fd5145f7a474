//! A Redis server that keeps nothing on disk.

use std::time::Duration;

use anyhow::Result;

use super::free_port;
use super::kafka::words;
use crate::clients::redis::Client;
use crate::home::Run;
use crate::supervise::{Farewell, Process, Program};

/// A running Redis.
#[derive(Debug)]
pub struct Redis {
    /// Its process.
    pub process: Process,
    /// Its port on the loopback.
    pub port: u16,
}

impl Redis {
    /// Starts an empty server.
    pub fn start(run: &Run) -> Result<Redis> {
        let port = free_port()?;
        let mut command = words(&format!("redis-server --port {port} --bind 127.0.0.1 --appendonly no --save"));
        command.push(String::new());
        let mut process = Process::start(&Program {
            name: "Redis".to_owned(),
            command,
            environment: Vec::new(),
            user: None,
            directory: run.folder.clone(),
            log: run.at("redis.log"),
            farewell: Farewell::Kill,
        })?;
        process.wait_until(Duration::from_secs(30), || Client::connect(port).is_ok())?;
        Ok(Redis { process, port })
    }

    /// A connection to database 0.
    pub fn client(&self) -> Result<Client> {
        Client::connect(self.port)
    }

    /// The address as clients write it.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }
}
