//! `diac fmt`: brings pages into their one form, each whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::Fmt;
use super::load::reason;
use super::{Exit, UsageError, console, load};
use crate::render::human;

/// Rewrites what is not in its form, or lists it; prints what was piped in. While one file cannot be read as diac, none is written.
pub(super) fn fmt(args: &Fmt) -> Result<Exit, UsageError> {
    let inputs = load::roots(&args.files)?;
    let mut findings = Vec::new();
    let mut changed = Vec::new();
    let mut piped = None;
    for (id, source) in inputs.sources.files() {
        // A file without a tree is too large or no text, which is said already.
        if !inputs.files.iter().any(|(file, _)| *file == id) {
            findings.extend(inputs.diagnostics.iter().filter(|finding| finding.primary.span.file == id).cloned());
            continue;
        }
        match crate::syntax::fmt::format(id, &source.text) {
            // A filter gives back everything, changed or not.
            Ok(text) if source.name == load::STDIN && !args.check => piped = Some(text),
            Ok(text) if text == source.text => {}
            Ok(text) => changed.push((source.name.as_str(), text)),
            Err(why) => findings.extend(why),
        }
    }
    if !findings.is_empty() {
        console::err(&human::report(&findings, &inputs.sources, console::look()));
        return Ok(Exit::Findings);
    }
    if let Some(text) = piped {
        console::out(&text)?;
    }
    for (name, text) in &changed {
        if !args.check {
            replace(Path::new(name), text)
                .map_err(|error| UsageError(format!("cannot write `{name}`: {}", reason(&error))))?;
        }
        console::out(&format!("{name}\n"))?;
    }
    Ok(if args.check && !changed.is_empty() { Exit::Stale } else { Exit::Clean })
}

/// Puts a text in a file's place in one step; the file keeps its permissions. A link stays one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let about = fs::metadata(&path)?;
    if about.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let beside = beside(&path);
    let done = write(&beside, text, &about).and_then(|()| fs::rename(&beside, &path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

fn write(path: &Path, text: &str, about: &Metadata) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    keep_owner(&file, about);
    file.set_permissions(about.permissions())?;
    file.sync_all()
}

/// Where the system allows it; else the file is its writer's.
#[cfg(unix)]
fn keep_owner(file: &File, about: &Metadata) {
    use std::os::unix::fs::MetadataExt as _;
    let _ = std::os::unix::fs::fchown(file, Some(about.uid()), Some(about.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}
