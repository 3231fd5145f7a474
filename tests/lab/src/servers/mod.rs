//! The real systems as child processes: each bound to the loopback on a free port, with its data and logs in the run's folder.

pub mod bento;
pub mod connect;
pub mod kafka;
pub mod opensearch;
pub mod postgres;
pub mod proxy;
pub mod redis;
pub mod stack;

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Result, bail};

/// Ports are taken below the range from which the kernel gives ports to outgoing connections (32768 and up), so that none is taken between the look
/// and the server's start.
const FIRST_PORT: u16 = 20_000;
const LAST_PORT: u16 = 32_000;
static NEXT_PORT: AtomicU16 = AtomicU16::new(0);

/// A port nobody listens on.
pub fn free_port() -> Result<u16> {
    let span = LAST_PORT - FIRST_PORT;
    let start = u16::try_from(std::process::id() % u32::from(span)).unwrap_or(0);
    for _ in 0..span {
        let step = NEXT_PORT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST_PORT + (start.wrapping_add(step)) % span;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port between {FIRST_PORT} and {LAST_PORT}")
}

/// A Java program with flags for a short life on a busy machine: no parallel collector, no second compiler.
pub fn java(heap_megabytes: u32, more: &[String]) -> Vec<String> {
    let mut command = vec![
        "java".to_owned(),
        format!("-Xmx{heap_megabytes}m"),
        "-XX:+UseSerialGC".to_owned(),
        "-XX:TieredStopAtLevel=1".to_owned(),
    ];
    command.push("-Xshare:auto".to_owned());
    command.extend(more.iter().cloned());
    command
}
