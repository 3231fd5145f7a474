//! The generated runbook, obeyed: its commands are run as they stand, what it asks of people is done by the lab, and a step that the lab does not know fails.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::Shop;
use crate::clients::http;

/// The commands of a block: those of the section that stand behind a line with that text.
pub fn block(runbook: &str, section: &str, label: &str) -> Result<String> {
    let missing = || format!("the runbook has no {label:?} in {section:?}");
    let (_, rest) = runbook.split_once(&format!("\n## {section}\n")).with_context(missing)?;
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let (_, rest) = section.split_once(label).with_context(missing)?;
    let (_, rest) = rest.split_once("```bash\n").with_context(missing)?;
    Ok(rest.split("```").next().unwrap_or(rest).to_owned())
}

impl Shop {
    /// Does what a block says.
    pub fn obey(&mut self, commands: &str) -> Result<()> {
        let mut stopped = String::new();
        for line in commands.lines().map(str::trim).filter(|it| !it.is_empty()) {
            if let Some(words) = line.strip_prefix("# ") {
                self.human(words, &stopped)?;
                continue;
            }
            self.pipeline.tree.shell(line)?;
            if let Some((before, _)) = line.split_once("/stop\"") {
                before.rsplit('/').next().unwrap_or_default().clone_into(&mut stopped);
            }
            if line.contains("# and ./apply.sh, which makes it again") {
                self.pipeline.tree.apply()?;
            }
        }
        Ok(())
    }

    fn human(&mut self, words: &str, stopped: &str) -> Result<()> {
        match words {
            "stop Bento, and wait a minute for its groups to be empty" => self.stop_bento(),
            "start Bento" => self.pipeline.bento.as_mut().context("no Bento")?.restart(),
            "wait until kafka-topics.sh --list shows none of them" => {
                std::thread::sleep(Duration::from_secs(2));
                Ok(())
            }
            "wait until its status says STOPPED" => self.wait_stopped(stopped),
            // What the next command does.
            _ if words.starts_with(|it: char| it.is_ascii_digit()) => Ok(()),
            _ => bail!("the runbook asks for something the lab does not know: {words:?}"),
        }
    }

    /// Ends Bento as an operator does, and waits until its groups are empty: its sessions end after 6 s.
    pub fn stop_bento(&mut self) -> Result<()> {
        self.remember_refused()?;
        self.pipeline.bento.as_mut().context("no Bento")?.process.stop();
        std::thread::sleep(Duration::from_secs(9));
        Ok(())
    }

    pub fn wait_stopped(&self, connector: &str) -> Result<()> {
        ensure!(!connector.is_empty(), "nothing was stopped");
        let start = Instant::now();
        let url = format!("{}/connectors/{connector}/status", self.pipeline.connect.url);
        loop {
            let status = http::get(&url)?.json()?;
            if status["connector"]["state"] == "STOPPED" && status["tasks"].as_array().is_none_or(Vec::is_empty) {
                return Ok(());
            }
            ensure!(start.elapsed() < Duration::from_secs(60), "{connector} does not stop: {status}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_block_is_found_by_its_section_and_label() {
        let runbook = "# R\n## One\n`a`\n```bash\nno\n```\n## Two\n`a`\n\n```bash\nx\ny\n```\n`b`\n```bash\nz\n```\n";
        assert_eq!(super::block(runbook, "Two", "`a`").unwrap(), "x\ny\n");
        assert_eq!(super::block(runbook, "Two", "`b`").unwrap(), "z\n");
        assert!(super::block(runbook, "One", "`b`").is_err());
    }
}
