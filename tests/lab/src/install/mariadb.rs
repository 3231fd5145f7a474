//! Debezium's MariaDB and MySQL sources: one Maven run over a pom of their own, beside the other plug-ins.

use std::process::Command;

use anyhow::{Context, Result};

use super::run;
use crate::home::Home;

const POM: &str = "maven/mariadb/pom.xml";

/// The pom's text: another version is another text.
pub fn fingerprint(home: &Home) -> Result<String> {
    std::fs::read_to_string(home.sources().join(POM)).context(POM)
}

/// Fetches and unpacks both.
pub fn fetch(home: &Home) -> Result<()> {
    // Also Maven's own build folder: it notes there what it has unpacked, and would not do it again.
    for folder in ["plugins-mariadb", "maven-mariadb"] {
        let _ = std::fs::remove_dir_all(home.at(folder));
    }
    let mut maven = Command::new("mvn");
    maven.args(["-B", "-q", "generate-resources", "-f"]).arg(home.sources().join(POM));
    maven.arg(format!("-Dmaven.repo.local={}", home.at("m2").display())).arg(format!("-Dlab={}", home.lab.display()));
    run(&mut maven, "Maven (the MariaDB or the MySQL source could not be had)")?;
    Ok(())
}
