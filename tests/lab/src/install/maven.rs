//! What comes from Maven: one run over `tests/lab/maven/pom.xml`, into a local repository of the lab's own (Maven 3.8 does not lock the shared one).

use std::process::Command;

use anyhow::{Context, Result};

use super::run;
use crate::home::Home;

const POMS: [&str; 4] = ["pom.xml", "kafka/pom.xml", "opensearch/pom.xml", "archives/pom.xml"];

/// The poms' texts: another version is another text.
pub fn fingerprint(home: &Home) -> Result<String> {
    POMS.iter().map(|pom| std::fs::read_to_string(home.sources().join("maven").join(pom)).context(*pom)).collect()
}

/// Elasticsearch is a step of its own: `tests/lab/elasticsearch/pom.xml`.
pub fn elasticsearch_fingerprint(home: &Home) -> Result<String> {
    std::fs::read_to_string(home.sources().join("elasticsearch/pom.xml")).context("elasticsearch/pom.xml")
}

/// Fetches Elasticsearch's jars.
pub fn fetch_elasticsearch(home: &Home) -> Result<()> {
    let _ = std::fs::remove_dir_all(home.at("elasticsearch"));
    let mut maven = Command::new("mvn");
    maven.args(["-B", "-q", "generate-resources"]).arg("-f").arg(home.sources().join("elasticsearch/pom.xml"));
    maven.arg(format!("-Dmaven.repo.local={}", home.at("m2").display())).arg(format!("-Dlab={}", home.lab.display()));
    run(&mut maven, "Maven (Elasticsearch, or an artifact named below, could not be had)")?;
    Ok(())
}

/// Fetches and unpacks everything.
pub fn fetch(home: &Home) -> Result<()> {
    // Also Maven's own build folder: it notes there what it has unpacked, and would not do it again.
    for folder in ["kafka", "opensearch", "plugins", "pg18-packed", "maven"] {
        let _ = std::fs::remove_dir_all(home.at(folder));
    }
    let mut maven = Command::new("mvn");
    maven.args(["-B", "-q", "-T", "3", "--fail-at-end", "generate-resources"]);
    maven.arg("-f").arg(home.sources().join("maven/pom.xml"));
    maven.arg(format!("-Dmaven.repo.local={}", home.at("m2").display())).arg(format!("-Dlab={}", home.lab.display()));
    run(&mut maven, "Maven (an artifact named below could not be had)")?;
    unpack_postgres(home)
}

fn unpack_postgres(home: &Home) -> Result<()> {
    let folder = home.open_to_all().join("pg18");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let packed = home.at("pg18-packed").join("postgres-linux-x86_64.txz");
    run(
        Command::new("tar").arg("-xJf").arg(packed).arg("-C").arg(&folder).arg("--no-same-owner"),
        "unpacking PostgreSQL 18",
    )?;
    Ok(())
}
