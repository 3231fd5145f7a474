//! The output folder: which files in it are diac's, how it differs from what it should hold, and its replacement as a whole.
//!
//! INVARIANT: at every moment the folder holds the old tree or the new one. The new tree is built beside it, with unchanged and foreign
//! files as further links to the same files, and the two folders change names in one step.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::exchange::{self, Place};
use super::load::reason;
use super::manifest::{self, About, Entry, Manifest};
use crate::output::OutputTree;

/// Which part of the folder is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything; the folders of these environments are in the tree.
    All(Vec<String>),
    /// One environment's folder and what all share; other environments' folders stay.
    Only(String),
}

/// What a write did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or hold something else now.
    pub changed: usize,
    /// diac's files that somebody had edited, and that are as diac wants them again.
    pub edited: Vec<String>,
    /// diac's files that are no longer made and are gone.
    pub removed: Vec<String>,
}

/// How the folder differs from what it should hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Is there and holds something else, or is not to be run and should be, or the reverse.
    Differs(String),
    /// Is not there.
    Missing(String),
    /// Is diac's and no longer made.
    Extra(String),
}

/// A file that should be there.
struct Wanted<'a> {
    text: &'a str,
    executable: bool,
}

/// The folder as it is and as it should be.
struct Comparison {
    /// What the folder's manifest lists; empty without one.
    owned: BTreeSet<String>,
    /// Files of other environments, which stay.
    kept: BTreeSet<String>,
    /// Wanted files that are there and right.
    equal: BTreeSet<String>,
    differences: Vec<Difference>,
    /// Differing files whose bytes are not what diac had written.
    edited: Vec<String>,
}

/// Looks whether a folder can be written to at all, before work is put into what would be written.
///
/// # Errors
/// Where it is not diac's: one sentence without a full stop.
pub fn admit(dir: &str) -> Result<(), String> {
    owner(&Place::of(dir)?).map(|_| ())
}

/// Compares without writing.
///
/// # Errors
/// Where the folder is not diac's or cannot be read: one sentence without a full stop.
pub fn compare(dir: &str, tree: &OutputTree, about: &About, scope: &Scope) -> Result<Vec<Difference>, String> {
    let place = Place::of(dir)?;
    let old = owner(&place)?;
    let manifest = next_manifest(old.as_ref(), tree, about, scope).text();
    let wanted = wanted(tree, &manifest);
    Ok(comparison(&place, old.as_ref(), &wanted, scope)?.differences)
}

/// Makes the folder hold the tree. Files that are not diac's stay; a folder that already holds the tree is not touched.
///
/// # Errors
/// Where the folder is not diac's, or the system refuses: one sentence without a full stop. The folder is then as it was.
pub fn write(dir: &str, tree: &OutputTree, about: &About, scope: &Scope) -> Result<Written, String> {
    let place = Place::of(dir)?;
    let mut staging = exchange::Staging::prepare(&place)?;
    let old = owner(&place)?;
    let manifest = next_manifest(old.as_ref(), tree, about, scope).text();
    let wanted = wanted(tree, &manifest);
    let found = comparison(&place, old.as_ref(), &wanted, scope)?;
    if found.differences.is_empty() {
        return Ok(Written::default());
    }
    place.refuse_working_folder()?;
    let foreign = exchange::foreign(&place, &found.owned)?;
    refuse_overlap(&place, &foreign, &wanted)?;
    staging.open(&place)?;
    for (path, file) in &wanted {
        if found.equal.contains(*path) {
            staging.link(&place, path)?;
        } else {
            staging.add(path, file.text, file.executable)?;
        }
    }
    for path in found.kept.iter().chain(foreign.keys()) {
        staging.link(&place, path)?;
    }
    staging.exchange(&place, &exchange::Kept { owned: &found.owned, foreign: &foreign })?;
    let removed = found.differences.iter().filter_map(|difference| match difference {
        Difference::Extra(path) => Some(path.clone()),
        Difference::Differs(_) | Difference::Missing(_) => None,
    });
    let removed: Vec<String> = removed.collect();
    Ok(Written { changed: found.differences.len() - removed.len(), edited: found.edited, removed })
}

/// The folder's manifest; none where it is empty or not there.
fn owner(place: &Place) -> Result<Option<Manifest>, String> {
    if !place.exists()? {
        return Ok(None);
    }
    let path = place.dir.join(manifest::NAME);
    match fs::read_to_string(&path) {
        Ok(text) => Manifest::parse(&text).map(Some).map_err(|why| {
            format!("`{}/{}` {why}; name another folder, or restore that file", place.shown, manifest::NAME)
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if place.is_empty()? {
                return Ok(None);
            }
            Err(format!(
                "`{}` holds other files and no {} of diac's; name a new or an empty folder",
                place.shown,
                manifest::NAME
            ))
        }
        Err(error) => Err(format!("cannot read `{}/{}`: {}", place.shown, manifest::NAME, reason(&error))),
    }
}

/// The manifest the folder is to have.
fn next_manifest(old: Option<&Manifest>, tree: &OutputTree, about: &About, scope: &Scope) -> Manifest {
    let mut next = Manifest::new(about);
    for (path, file) in tree.files() {
        let entry = Entry { cause: file.cause.clone(), sha256: manifest::sha256(file.text.as_bytes()) };
        next.files.insert(path.to_owned(), entry);
    }
    match scope {
        Scope::All(names) => next.environments.extend(names.iter().cloned()),
        Scope::Only(name) => {
            next.environments.insert(name.clone());
            if let Some(old) = old {
                next.environments.extend(old.environments.iter().cloned());
                for (path, entry) in kept(old, scope) {
                    next.files.entry(path.clone()).or_insert_with(|| entry.clone());
                }
            }
        }
    }
    next
}

/// Files of environments that are not written now.
fn kept<'a>(old: &'a Manifest, scope: &'a Scope) -> impl Iterator<Item = (&'a String, &'a Entry)> {
    old.files.iter().filter(move |(path, _)| match scope {
        Scope::All(_) => false,
        Scope::Only(name) => old.environment(path).is_some_and(|environment| environment != name),
    })
}

fn wanted<'a>(tree: &'a OutputTree, manifest: &'a str) -> BTreeMap<&'a str, Wanted<'a>> {
    let files = tree.files().map(|(path, file)| (path, Wanted { text: &file.text, executable: file.executable }));
    let own = (manifest::NAME, Wanted { text: manifest, executable: false });
    files.chain([own]).collect()
}

fn comparison(
    place: &Place,
    old: Option<&Manifest>,
    wanted: &BTreeMap<&str, Wanted>,
    scope: &Scope,
) -> Result<Comparison, String> {
    let mut owned: BTreeSet<String> = old.into_iter().flat_map(|old| old.files.keys().cloned()).collect();
    if old.is_some() {
        owned.insert(manifest::NAME.to_owned());
    }
    let mut found = Comparison {
        kept: old.into_iter().flat_map(|old| kept(old, scope)).map(|(path, _)| path.clone()).collect(),
        owned,
        equal: BTreeSet::new(),
        differences: Vec::new(),
        edited: Vec::new(),
    };
    if !place.exists()? {
        found.differences.extend(wanted.keys().map(|path| Difference::Missing((*path).to_owned())));
        return Ok(found);
    }
    for (path, file) in wanted {
        let full = place.dir.join(path);
        let failed = |error: io::Error| format!("cannot read `{}/{path}`: {}", place.shown, reason(&error));
        let Some(bytes) = exchange::read_plain(&full).map_err(failed)? else {
            found.differences.push(Difference::Missing((*path).to_owned()));
            continue;
        };
        if bytes == file.text.as_bytes() && exchange::is_executable(&full) == file.executable {
            found.equal.insert((*path).to_owned());
            continue;
        }
        found.differences.push(Difference::Differs((*path).to_owned()));
        let written = old.and_then(|old| old.files.get(*path)).map(|entry| entry.sha256.as_str());
        if written.is_some_and(|written| written != manifest::sha256(&bytes)) {
            found.edited.push((*path).to_owned());
        }
    }
    for path in &found.owned {
        // A path that could leave the folder was not written by diac and is nobody's business here.
        let inside = Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        let gone = inside && !wanted.contains_key(path.as_str()) && !found.kept.contains(path);
        if gone && fs::symlink_metadata(place.dir.join(path)).is_ok() {
            found.differences.push(Difference::Extra(path.clone()));
        }
    }
    Ok(found)
}

/// A file that is not diac's is never overwritten, nor taken for a folder.
fn refuse_overlap(
    place: &Place,
    foreign: &BTreeMap<String, exchange::Identity>,
    wanted: &BTreeMap<&str, Wanted>,
) -> Result<(), String> {
    for (path, identity) in foreign {
        let below = format!("{path}/");
        let under = wanted.range(below.as_str()..).next().is_some_and(|(next, _)| next.starts_with(&below));
        let above =
            path.match_indices('/').filter_map(|(at, _)| path.get(..at)).any(|folder| wanted.contains_key(folder));
        let in_the_way = wanted.contains_key(path.as_str()) || above || (under && !identity.is_folder());
        if in_the_way {
            return Err(format!("`{}/{path}` is not diac's and is in the way of its own files; move it", place.shown));
        }
    }
    Ok(())
}
