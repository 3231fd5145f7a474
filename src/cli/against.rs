//! What an earlier compilation wrote, to be compared with.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::{Value, json};

use super::UsageError;
use super::load::reason;
use super::manifest::{self, Manifest};
use crate::output::{self, OutputTree};
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

/// What a record is compared by later.
const COMPARED: &[&str] = &["columns", "key", "name", "routing"];

/// Keeps what an earlier compilation says of environments that this one did not look at, beside what this one says; each with the records as they were then.
/// `order` is that of the page.
pub(super) fn keep_others(tree: &mut OutputTree, dir: &str, order: &[&str]) -> Result<(), UsageError> {
    let Some(old) = file(shown(dir), MODEL)?.and_then(|text| serde_json::from_str::<Value>(&text).ok()) else {
        return Ok(());
    };
    let Some(mut new) = tree.get(MODEL).and_then(|file| serde_json::from_str::<Value>(&file.text).ok()) else {
        return Ok(());
    };
    let name = |environment: &Value| environment.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(environments) = new.get_mut("environments").and_then(Value::as_array_mut) else { return Ok(()) };
    let looked_at: Vec<String> = environments.iter().map(name).collect();
    let others = old.get("environments").and_then(Value::as_array).into_iter().flatten();
    for other in others.filter(|other| !looked_at.contains(&name(other))) {
        let mut other = other.clone();
        if let Some(members) = other.as_object_mut() {
            members
                .entry("records")
                .or_insert_with(|| json!({"entities": compared(&old, "entities"), "events": compared(&old, "events")}));
        }
        environments.push(other);
    }
    let place = |environment: &Value| {
        let name = name(environment);
        (order.iter().position(|known| *known == name).unwrap_or(order.len()), name)
    };
    environments.sort_by_key(place);
    tree.replace(MODEL, output::json(&new));
    Ok(())
}

/// The records of a tree, as far as they are compared.
fn compared(old: &Value, list: &str) -> Vec<Value> {
    let records = old.get(list).and_then(Value::as_array).into_iter().flatten();
    records
        .map(|record| {
            let members = COMPARED.iter().filter_map(|key| Some(((*key).to_owned(), record.get(key)?.clone())));
            Value::Object(members.collect())
        })
        .collect()
}
