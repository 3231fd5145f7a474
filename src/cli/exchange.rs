//! Two folders that change names in one step, and the making of the second one.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::load::reason;
use super::paths;

/// An output folder's place.
#[derive(Debug)]
pub struct Place {
    /// The folder.
    pub dir: PathBuf,
    /// The folder as the user named it.
    pub shown: String,
    parent: PathBuf,
    name: OsString,
}

impl Place {
    /// Looks where the folder is or would be.
    ///
    /// # Errors
    /// Where something else is there.
    pub fn of(dir: &str) -> Result<Self, String> {
        let shown = match dir.trim_end_matches('/') {
            "" => dir.to_owned(),
            trimmed => paths::shown(Path::new(trimmed)),
        };
        // Without a slash at the end, behind which a link would be followed.
        let clean: PathBuf = Path::new(dir).components().collect();
        match fs::symlink_metadata(&clean) {
            Ok(found) if found.file_type().is_symlink() => {
                return Err(format!("`{shown}` is a symbolic link; name the folder it leads to"));
            }
            Ok(found) if !found.is_dir() => return Err(format!("`{shown}` is a file, not a folder")),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("cannot use `{shown}`: {}", reason(&error))),
        }
        let dir = match clean.file_name() {
            Some(_) => clean,
            None => clean.canonicalize().map_err(|error| format!("cannot use `{shown}`: {}", reason(&error)))?,
        };
        let (Some(parent), Some(name)) = (dir.parent(), dir.file_name()) else {
            return Err(format!("`{shown}` cannot be an output folder"));
        };
        let parent = if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.to_path_buf() };
        Ok(Self { name: name.to_owned(), parent, dir, shown })
    }

    /// Whether the folder is there.
    pub(super) fn exists(&self) -> Result<bool, String> {
        self.dir.try_exists().map_err(|error| format!("cannot use `{}`: {}", self.shown, reason(&error)))
    }

    pub(super) fn is_empty(&self) -> Result<bool, String> {
        let mut entries =
            fs::read_dir(&self.dir).map_err(|error| format!("cannot read `{}`: {}", self.shown, reason(&error)))?;
        Ok(entries.next().is_none())
    }

    /// A folder somebody works in cannot change names under him.
    pub(super) fn refuse_working_folder(&self) -> Result<(), String> {
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        match (here, self.dir.canonicalize()) {
            (Ok(here), Ok(dir)) if here.starts_with(&dir) => {
                Err(format!("`{}` is or holds the working folder; run diac from outside it", self.shown))
            }
            _ => Ok(()),
        }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(ending);
        self.parent.join(name)
    }
}

/// What tells one file from another on one disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    number: u64,
    folder: bool,
}

impl Identity {
    fn of(found: &fs::Metadata) -> Self {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(found);
        #[cfg(not(unix))]
        let number = found.len();
        Self { number, folder: found.is_dir() }
    }

    /// Whether it is a folder.
    pub fn is_folder(self) -> bool {
        self.folder
    }
}

/// The text of a plain file; none where there is none, or where something else stands there.
pub(super) fn read_plain(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => fs::read(path).map(Some),
        Ok(_) => Ok(None),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a file is to be run.
pub(super) fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    return fs::metadata(path)
        .is_ok_and(|found| std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o100 != 0);
    #[cfg(not(unix))]
    return path.extension().is_some_and(|ending| ending == "sh");
}

/// What is in the folder and not diac's: files, links, and folders without a file of diac's.
pub(super) fn foreign(place: &Place, owned: &BTreeSet<String>) -> Result<BTreeMap<String, Identity>, String> {
    let mut found = BTreeMap::new();
    if place.exists()? {
        walk(&place.dir, "", owned, &mut found)
            .map_err(|error| format!("cannot read `{}`: {}", place.shown, reason(&error)))?;
    }
    Ok(found)
}

fn walk(root: &Path, below: &str, owned: &BTreeSet<String>, found: &mut BTreeMap<String, Identity>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|name| io::Error::other(format!("the name `{}` is not UTF-8", name.to_string_lossy())))?;
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let about = entry.metadata()?;
        if about.is_dir() {
            let inside = format!("{path}/");
            let ours = owned.range(inside.clone()..).next().is_some_and(|next| next.starts_with(&inside));
            if !ours {
                found.insert(path.clone(), Identity::of(&about));
            }
            walk(root, &path, owned, found)?;
        } else if !owned.contains(&path) {
            found.insert(path, Identity::of(&about));
        }
    }
    Ok(())
}

/// What of the old tree is whose.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    /// diac's files, by the old manifest.
    pub(super) owned: &'a BTreeSet<String>,
    /// The others, when they were linked.
    pub(super) foreign: &'a BTreeMap<String, Identity>,
}

/// The tree that will take the folder's place.
#[derive(Debug)]
pub(super) struct Staging {
    new: PathBuf,
    old: PathBuf,
    /// The folder that was made or found last: files come in order, so most stand in it.
    folder: PathBuf,
    /// Nothing of this run is to be cleared away.
    done: bool,
    /// Held while this run lives: two runs never build at one place.
    _lock: Option<File>,
}

impl Staging {
    /// Waits for other runs beside this folder and clears what a killed one has left.
    pub(super) fn prepare(place: &Place) -> Result<Self, String> {
        let failed = |error: io::Error| format!("cannot write beside `{}`: {}", place.shown, reason(&error));
        fs::create_dir_all(&place.parent).map_err(failed)?;
        let (new, old) = (place.beside(".diac-new"), place.beside(".diac-old"));
        let staging = Self { new, old, folder: PathBuf::new(), done: false, _lock: lock(&place.parent) };
        // Killed between the two renames of a system without exchange: the old tree takes its name back.
        if staging.old.exists() && !place.exists()? {
            fs::rename(&staging.old, &place.dir).map_err(failed)?;
        }
        for left in [&staging.new, &staging.old] {
            remove(left).map_err(failed)?;
        }
        Ok(staging)
    }

    /// Makes the tree's root.
    pub(super) fn open(&self, place: &Place) -> Result<(), String> {
        let failed = |error: io::Error| format!("cannot write beside `{}`: {}", place.shown, reason(&error));
        fs::create_dir(&self.new).map_err(failed)?;
        if let Ok(found) = fs::metadata(&place.dir) {
            fs::set_permissions(&self.new, found.permissions()).map_err(failed)?;
        }
        Ok(())
    }

    /// Writes a file into the tree.
    pub(super) fn add(&mut self, path: &str, text: &str, executable: bool) -> Result<(), String> {
        let mut write = || -> io::Result<()> {
            let full = self.new.join(path);
            self.make_folder_of(&full)?;
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, if executable { 0o777 } else { 0o666 });
            #[cfg(not(unix))]
            let _ = executable;
            options.open(full)?.write_all(text.as_bytes())
        };
        write().map_err(|error| format!("cannot write `{path}`: {}", reason(&error)))
    }

    fn make_folder_of(&mut self, path: &Path) -> io::Result<()> {
        let Some(folder) = path.parent().filter(|folder| *folder != self.folder) else { return Ok(()) };
        fs::create_dir_all(folder)?;
        self.folder = folder.to_path_buf();
        Ok(())
    }

    /// Brings what stands at a path of the folder into the tree: the same file under a second name, or a folder's likeness.
    pub(super) fn link(&mut self, place: &Place, path: &str) -> Result<(), String> {
        let from = place.dir.join(path);
        let to = self.new.join(path);
        let mut link = || -> io::Result<()> {
            let found = match fs::symlink_metadata(&from) {
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    return Ok(());
                }
                found => found?,
            };
            if found.is_dir() {
                fs::create_dir_all(&to)?;
                return fs::set_permissions(&to, found.permissions());
            }
            self.make_folder_of(&to)?;
            fs::hard_link(&from, &to).or_else(|_| copy(&from, &to, &found))
        };
        link().map_err(|error| format!("cannot keep `{}/{path}`: {}", place.shown, reason(&error)))
    }

    /// The two change names; what others wrote meanwhile comes along; the old tree goes.
    pub(super) fn exchange(&mut self, place: &Place, kept: &Kept) -> Result<(), String> {
        self.exchange_by(place, kept, swap)
    }

    fn exchange_by(
        &mut self,
        place: &Place,
        kept: &Kept,
        swap: fn(&Path, &Path) -> io::Result<()>,
    ) -> Result<(), String> {
        let failed = |error: io::Error| format!("cannot replace `{}`: {}", place.shown, reason(&error));
        if !place.exists()? {
            return fs::rename(&self.new, &place.dir).map_err(failed);
        }
        let old = match swap(&self.new, &place.dir) {
            Ok(()) => &self.new,
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                fs::rename(&place.dir, &self.old).map_err(failed)?;
                if let Err(error) = fs::rename(&self.new, &place.dir) {
                    // Back to the old tree; if that fails too, the next run brings it back.
                    let _ = fs::rename(&self.old, &place.dir);
                    return Err(failed(error));
                }
                &self.old
            }
            Err(error) => return Err(failed(error)),
        };
        if let Err(error) = rescue(old, &place.dir, kept) {
            // Rather a folder too many than somebody's file lost.
            self.done = true;
            return Err(failed(error));
        }
        // The new tree stands; what cannot be removed now is removed by the next run.
        let _ = remove(old);
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After a failure nothing stays behind; after a success there is nothing.
        if !self.done {
            let _ = remove(&self.new);
        }
    }
}

/// Moves what somebody wrote into the old tree while the new one was built.
fn rescue(old: &Path, new: &Path, kept: &Kept) -> io::Result<()> {
    let mut now = BTreeMap::new();
    walk(old, "", kept.owned, &mut now)?;
    for (path, identity) in now {
        let before = kept.foreign.get(&path);
        let to = new.join(&path);
        // Linked before, or a place that is diac's now.
        if before == Some(&identity) || (before.is_none() && fs::symlink_metadata(&to).is_ok()) {
            continue;
        }
        if identity.is_folder() {
            fs::create_dir_all(&to)?;
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::rename(old.join(&path), to)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, found: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    if found.file_type().is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    fs::copy(from, to)?;
    let times = found.modified().map(|modified| fs::FileTimes::new().set_modified(modified))?;
    File::options().write(true).open(to)?.set_times(times)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn lock(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).ok()?;
    Some(file)
}

#[cfg(not(unix))]
fn lock(_: &Path) -> Option<File> {
    None
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn swap(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(|error| match error {
        Errno::NOSYS | Errno::INVAL | Errno::NOTSUP => io::ErrorKind::Unsupported.into(),
        error => error.into(),
    })
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn swap(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a file of diac's and two of others, and the tree that is to follow it.
    fn begin(name: &str) -> (PathBuf, Place, Staging, BTreeSet<String>, BTreeMap<String, Identity>) {
        let root = std::env::temp_dir().join(format!("diac-exchange-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let out = root.join("out");
        fs::create_dir_all(&out).unwrap();
        for file in ["owned", "mine", "saved"] {
            fs::write(out.join(file), file).unwrap();
        }
        let place = Place::of(out.to_str().unwrap()).unwrap();
        let mut staging = Staging::prepare(&place).unwrap();
        let owned = BTreeSet::from(["owned".to_owned()]);
        let others = foreign(&place, &owned).unwrap();
        staging.open(&place).unwrap();
        staging.add("new", "new", false).unwrap();
        for path in others.keys() {
            staging.link(&place, path).unwrap();
        }
        (root, place, staging, owned, others)
    }

    fn finish(root: &Path, expected: &[(&str, &str)]) {
        let mut names: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.pop().unwrap(), "out");
        assert!(names.is_empty(), "left beside: {names:?}");
        assert_eq!(fs::read_dir(root.join("out")).unwrap().count(), expected.len());
        for (name, text) in expected {
            assert_eq!(fs::read_to_string(root.join("out").join(name)).unwrap(), *text);
        }
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn what_others_write_meanwhile_comes_along() {
        let (root, place, mut staging, owned, foreign) = begin("meanwhile");
        // An editor saves by putting another file in a file's place.
        fs::write(root.join("out/saved~"), "later").unwrap();
        fs::rename(root.join("out/saved~"), root.join("out/saved")).unwrap();
        fs::write(root.join("out/fresh"), "fresh").unwrap();
        staging.exchange(&place, &Kept { owned: &owned, foreign: &foreign }).unwrap();
        drop(staging);
        finish(&root, &[("new", "new"), ("mine", "mine"), ("saved", "later"), ("fresh", "fresh")]);
    }

    #[test]
    fn without_exchange_two_renames_do() {
        let (root, place, mut staging, owned, foreign) = begin("renames");
        let unsupported = |_: &Path, _: &Path| Err(io::ErrorKind::Unsupported.into());
        staging.exchange_by(&place, &Kept { owned: &owned, foreign: &foreign }, unsupported).unwrap();
        drop(staging);
        finish(&root, &[("new", "new"), ("mine", "mine"), ("saved", "saved")]);
    }

    #[test]
    fn a_refused_exchange_leaves_the_old_tree() {
        let (root, place, mut staging, owned, foreign) = begin("refused");
        let refused = |_: &Path, _: &Path| Err(io::ErrorKind::ResourceBusy.into());
        let error = staging.exchange_by(&place, &Kept { owned: &owned, foreign: &foreign }, refused).unwrap_err();
        assert!(error.starts_with("cannot replace"), "{error}");
        drop(staging);
        finish(&root, &[("owned", "owned"), ("mine", "mine"), ("saved", "saved")]);
    }
}
