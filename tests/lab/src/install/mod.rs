//! Brings everything the lab runs: Debian's packages, jars from Maven, a Bento built from its Go module, and what judges resources for Kubernetes. What is
//! there already is left alone, so a second run is instant; what cannot be had is named, all of it at once.

mod bento;
mod debian;
mod fakesnow;
mod kubernetes;
mod maven;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::home::Home;

/// Installs what is missing.
pub fn install(home: &Home) -> Result<()> {
    debian::install()?;
    let (others, bento) = std::thread::scope(|scope| {
        // Both build with Go, one after the other.
        let bento = scope.spawn(|| {
            step("bento", home, bento::fingerprint, bento::build)?;
            step("kubernetes", home, kubernetes::fingerprint, kubernetes::fetch)
        });
        let maven = step("maven", home, maven::fingerprint, maven::fetch);
        // After the other run of Maven: they share a repository, which Maven 3.8 does not lock.
        let elasticsearch = step("elasticsearch", home, maven::elasticsearch_fingerprint, maven::fetch_elasticsearch);
        let fakesnow = step("fakesnow", home, fakesnow::fingerprint, fakesnow::fetch);
        ([maven, elasticsearch, fakesnow], bento.join())
    });
    let bento = bento.unwrap_or_else(|_| bail!("the Bento build panicked"));
    let missing: Vec<String> =
        others.into_iter().chain([bento]).filter_map(|it| it.err().map(|error| format!("{error:#}"))).collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!("{}", missing.join("\n"))
}

/// Whether everything is there, without bringing anything.
pub fn is_installed(home: &Home) -> bool {
    debian::missing().is_empty()
        && is_done("maven", home, maven::fingerprint)
        && is_done("elasticsearch", home, maven::elasticsearch_fingerprint)
        && is_done("bento", home, bento::fingerprint)
        && is_done("kubernetes", home, kubernetes::fingerprint)
}

/// A step is done when its stamp holds the text it was made from.
fn is_done(name: &str, home: &Home, fingerprint: fn(&Home) -> Result<String>) -> bool {
    let stamp = std::fs::read_to_string(home.at("stamps").join(name));
    fingerprint(home).is_ok_and(|wanted| stamp.is_ok_and(|found| found == wanted))
}

fn step(
    name: &str,
    home: &Home,
    fingerprint: fn(&Home) -> Result<String>,
    work: fn(&Home) -> Result<()>,
) -> Result<()> {
    if is_done(name, home, fingerprint) {
        return Ok(());
    }
    eprintln!("lab: {name} …");
    let start = Instant::now();
    work(home)?;
    let stamps = home.at("stamps");
    std::fs::create_dir_all(&stamps)?;
    std::fs::write(stamps.join(name), fingerprint(home)?)?;
    eprintln!("lab: {name} installed in {} s", start.elapsed().as_secs());
    Ok(())
}

/// Runs a command to its end; its output is part of the error.
fn run(command: &mut Command, what: &str) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("{what}: cannot run {}", Path::new(command.get_program()).display()))?;
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("{what} failed:\n{}", crate::supervise::tail(&text, 30));
    }
    Ok(text)
}

/// Where a program is found on the search path.
fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}
