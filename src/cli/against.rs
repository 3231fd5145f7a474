//! What an earlier compilation wrote, to be compared with.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::UsageError;
use super::load::reason;
use super::manifest::{self, Manifest};
use crate::plan::baseline::Baseline;

/// The checked model in an output folder.
const MODEL: &str = "architecture.json";

/// The folder that is named: it must be one of diac's.
pub(super) fn folder(dir: &str) -> Result<Baseline, UsageError> {
    let dir = shown(dir);
    read(dir, "name another folder for `--against`")?.ok_or_else(|| {
        let missing = if Path::new(dir).join(manifest::NAME).exists() { MODEL } else { manifest::NAME };
        UsageError(format!("`{dir}` holds no {missing} of diac's; name a folder for `--against` that diac compiled"))
    })
}

/// The folder that is written to: nothing where nothing was written yet.
pub(super) fn own(dir: &str) -> Result<Option<Baseline>, UsageError> {
    read(shown(dir), "restore it, or delete it to compile without a comparison")
}

fn shown(dir: &str) -> &str {
    let trimmed = dir.trim_end_matches('/');
    if trimmed.is_empty() { dir } else { trimmed }
}

/// None where one of the two files is missing.
fn read(dir: &str, cure: &str) -> Result<Option<Baseline>, UsageError> {
    let Some(text) = file(dir, manifest::NAME)? else { return Ok(None) };
    let foreign = |name: &str, why: String| UsageError(format!("`{dir}/{name}` {why}; {cure}"));
    Manifest::parse(&text).map_err(|why| foreign(manifest::NAME, why))?;
    let Some(text) = file(dir, MODEL)? else { return Ok(None) };
    Baseline::read(&text).map(Some).map_err(|why| foreign(MODEL, why))
}

fn file(dir: &str, name: &str) -> Result<Option<String>, UsageError> {
    match fs::read_to_string(Path::new(dir).join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(UsageError(format!("cannot read `{dir}/{name}`: {}", reason(&error)))),
    }
}
