//! Flink's jars: a Maven run of their own, into a repository of their own, so that they disturb no other step.

use std::process::Command;

use anyhow::{Context, Result};

use super::run;
use crate::home::Home;

/// The pom's text.
pub fn fingerprint(home: &Home) -> Result<String> {
    std::fs::read_to_string(home.sources().join("flink/pom.xml")).context("flink/pom.xml")
}

/// Fetches them.
pub fn fetch(home: &Home) -> Result<()> {
    for folder in ["flink", "maven-flink"] {
        let _ = std::fs::remove_dir_all(home.at(folder));
    }
    let mut maven = Command::new("mvn");
    maven.args(["-B", "-q", "generate-resources", "-f"]).arg(home.sources().join("flink/pom.xml"));
    let repository = home.at("m2-flink");
    maven.arg(format!("-Dmaven.repo.local={}", repository.display())).arg(format!("-Dlab={}", home.lab.display()));
    run(&mut maven, "Maven (Flink)")?;
    Ok(())
}
