//! What holds of the repository's files as texts.

use std::path::{Path, PathBuf};

use crate::run::files_below;

/// No file of Rust is longer.
const LONGEST: usize = 600;
/// Folders of the working copy that are not of the repository.
const FOREIGN: &[&str] = &[".git", "target", "out", ".lab"];

/// The repository's files.
fn tracked() -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(".").unwrap().flatten() {
        let name = entry.file_name().to_str().unwrap().to_owned();
        if FOREIGN.contains(&name.as_str()) {
            continue;
        }
        if entry.path().is_dir() {
            files.extend(files_below(&entry.path()).into_iter().map(|(below, path)| (format!("{name}/{below}"), path)));
        } else {
            files.push((name, entry.path()));
        }
    }
    files.retain(|(name, _)| !name.ends_with(".swp"));
    files.sort();
    files
}

fn rust() -> impl Iterator<Item = (String, String)> {
    let files = tracked().into_iter().filter(|(name, _)| name.ends_with(".rs"));
    files.map(|(name, path)| (name, std::fs::read_to_string(path).unwrap()))
}

pub fn short() -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, text) in rust() {
        let lines = text.lines().count();
        if lines > LONGEST {
            wrong.push(format!("{name} has {lines} lines, and {LONGEST} are the most"));
        }
    }
    wrong
}

pub fn no_machine() -> Vec<String> {
    let folder = env!("CARGO_MANIFEST_DIR");
    let mut needles: Vec<String> =
        vec![folder.to_owned(), "/home/".to_owned(), "/root/".to_owned(), "/Users/".to_owned()];
    needles.extend(
        Path::new(folder).parent().filter(|parent| parent.parent().is_some()).map(|p| format!("{}/", p.display())),
    );
    // Words that would be put together elsewhere stand here in two parts.
    needles.push(["replace", "-with"].concat());
    needles.extend(std::env::var("HOME").ok().filter(|home| home.len() > 2));
    needles.extend(mirrors());
    let mut wrong = Vec::new();
    for (name, path) in tracked() {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        if name == "tests/suite/tidy/files.rs" {
            continue;
        }
        for needle in &needles {
            for (line, _) in text.lines().enumerate().filter(|(_, line)| line.contains(needle.as_str())) {
                wrong.push(format!("{name}:{}: tells of a machine", line + 1));
            }
        }
        let foreign = |line: &&str| line.starts_with("source = ") && !line.contains("github.com/rust-lang/");
        if name == "Cargo.lock" && text.lines().any(|line| foreign(&line)) {
            wrong.push("Cargo.lock names another registry than Rust's own".to_owned());
        }
    }
    wrong
}

/// Hosts that this machine's cargo is sent to.
fn mirrors() -> Vec<String> {
    let home = std::env::var("CARGO_HOME").ok().or_else(|| Some(format!("{}/.cargo", std::env::var("HOME").ok()?)));
    let text = home.and_then(|home| std::fs::read_to_string(format!("{home}/config.toml")).ok()).unwrap_or_default();
    let hosts = text.split("://").skip(1).filter_map(|rest| rest.split(['/', '"', ':', '\'']).next());
    hosts.filter(|host| !host.is_empty() && !host.contains("crates")).map(str::to_owned).collect()
}

pub fn dependencies() -> Vec<String> {
    let text = std::fs::read_to_string("Cargo.toml").unwrap();
    let mut wrong = Vec::new();
    let mut inside = false;
    let mut before = "";
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && line.contains('=') {
            let name = |line: &str| line.split([' ', '=']).next().unwrap_or("").to_owned();
            // A crate's own derive or format stands below it.
            let family = !before.starts_with('#') && !before.is_empty() && name(line).starts_with(&name(before));
            if !before.starts_with('#') && !family {
                wrong.push(format!("Cargo.toml does not say why `{}` is there", name(line)));
            }
        }
        before = line;
    }
    wrong
}

pub fn changelog() -> Vec<String> {
    let text = std::fs::read_to_string("CHANGELOG.md").unwrap_or_default();
    if text.lines().any(|line| line.starts_with("## [Unreleased]")) {
        return Vec::new();
    }
    vec!["CHANGELOG.md has no section [Unreleased]".to_owned()]
}

pub fn done() -> Vec<String> {
    let words = [["todo", "!("].concat(), ["unimplemented", "!("].concat(), ["#[ig", "nore"].concat()];
    let mut wrong = Vec::new();
    for (name, text) in rust() {
        for (at, line) in text.lines().enumerate() {
            // A test that another test starts as a process of its own is run.
            if words.iter().any(|word| line.contains(word.as_str())) && !line.contains("started by the test") {
                wrong.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    wrong
}
