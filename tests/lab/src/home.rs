//! The lab's folders. Everything the lab downloads or writes is below one folder, `.lab` at the repository root unless `DIAC_LAB` names another.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The places the lab reads from and writes to.
#[derive(Debug, Clone)]
pub struct Home {
    /// The repository.
    pub repository: PathBuf,
    /// Downloads, and one folder for each run.
    pub lab: PathBuf,
}

impl Home {
    /// Finds the repository from where this package was built.
    pub fn find() -> Result<Home> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let repository = manifest
            .ancestors()
            .nth(2)
            .context("the lab's manifest is not two folders below the repository")?
            .to_path_buf();
        let lab = std::env::var_os("DIAC_LAB").map_or_else(|| repository.join(".lab"), PathBuf::from);
        std::fs::create_dir_all(&lab).with_context(|| format!("cannot create {}", lab.display()))?;
        Ok(Home { repository, lab })
    }

    /// The lab's own sources: poms, Java programs, hand-written configuration.
    pub fn sources(&self) -> PathBuf {
        self.repository.join("tests/lab")
    }

    /// A folder below `.lab`.
    pub fn at(&self, name: &str) -> PathBuf {
        self.lab.join(name)
    }

    /// The class path of a folder of jars.
    pub fn jars(&self, folder: &str) -> String {
        format!("{}/*", self.at(folder).display())
    }

    /// Where PostgreSQL's files go. Its servers do not run as root, so the folder must be reachable by another user; a clone below a private home
    /// directory is not, and then the system's temporary folder is taken.
    pub fn open_to_all(&self) -> PathBuf {
        let closed = |folder: &Path| std::fs::metadata(folder).map_or(true, |it| it.permissions().mode() & 0o001 == 0);
        if rustix::process::geteuid().is_root() && self.lab.ancestors().any(closed) {
            let name = self.lab.display().to_string().replace('/', "-");
            return std::env::temp_dir().join(format!("diac-lab{name}"));
        }
        self.lab.clone()
    }
}

/// The folder of one run, emptied when the run starts and left behind for its logs.
#[derive(Debug, Clone)]
pub struct Run {
    /// The lab it belongs to.
    pub home: Home,
    /// What it is called: usually the test's name.
    pub name: String,
    /// Logs, settings and the servers' data.
    pub folder: PathBuf,
}

impl Run {
    /// Starts with an empty folder.
    pub fn new(home: &Home, name: &str) -> Result<Run> {
        let folder = home.at("run").join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        std::fs::create_dir_all(&folder)?;
        Ok(Run { home: home.clone(), name: name.to_owned(), folder })
    }

    /// A file or folder of this run.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file of this run.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.at(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}
