//! A service that appends events: `tests/lab/java/Append.java` as a child, fed line by line.

use std::io::{BufWriter, Write as _};
use std::process::{Child, ChildStdin, Stdio};

use anyhow::{Context, Result, ensure};

use super::kafka::java_command;
use crate::home::Home;

/// A running producer. It retries by itself while the broker is away.
#[derive(Debug)]
pub struct Producer {
    child: Child,
    lines: BufWriter<ChildStdin>,
    sent: u64,
}

impl Producer {
    /// Starts one.
    pub fn start(home: &Home, bootstrap: &str) -> Result<Producer> {
        let program = home.sources().join("java/Append.java").display().to_string();
        let mut command = java_command(home, &[program, bootstrap.to_owned()])?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("no producer")?;
        let lines = BufWriter::new(child.stdin.take().context("a producer without input")?);
        Ok(Producer { child, lines, sent: 0 })
    }

    /// Hands a record over.
    pub fn send(&mut self, topic: &str, key: &str, value: &str) -> Result<()> {
        writeln!(self.lines, "{topic}\t{key}\t{value}")?;
        self.lines.flush()?;
        self.sent += 1;
        Ok(())
    }

    /// Waits until the broker has acknowledged everything; gives how many records that were.
    pub fn finish(self) -> Result<u64> {
        drop(self.lines);
        let output = self.child.wait_with_output()?;
        let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        ensure!(
            output.status.success() && told == self.sent.to_string(),
            "{} records handed over, acknowledged: {told} {}",
            self.sent,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(self.sent)
    }
}
