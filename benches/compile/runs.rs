//! What the processes do that are measured. Each is one of its own, so that memory and CPU time are its alone; it prints its figures.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diac::cli::{load, manifest, write};
use diac::{check, model, plan, targets};
use rustix::time::{ClockId, clock_gettime};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// A whole compilation into a folder.
    Compile,
    /// The same, with the schema read once more before, so that its part is known.
    Passes,
    /// The files of a folder, which are in memory, written into another.
    Bare,
    /// The files of a folder, which are in memory, compared with it.
    Skip,
}

impl Run {
    const ALL: [(Self, &str); 4] =
        [(Self::Compile, "compile"), (Self::Passes, "passes"), (Self::Bare, "bare"), (Self::Skip, "skip")];

    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(run, _)| *run == self).map_or("", |(_, word)| word)
    }

    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(run, _)| run)
    }

    /// Does it in a folder that holds the pages; `out` is the folder they are compiled into.
    pub fn run(self, folder: &Path) {
        let out = folder.join("out");
        match self {
            Self::Compile => compile(folder, &out, false),
            Self::Passes => compile(folder, &out, true),
            Self::Bare => bare(&out, &folder.join("bare")),
            Self::Skip => skip(&out),
        }
    }
}

/// The CPU time of this process, all threads, user and system.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap(), u32::try_from(now.tv_nsec).unwrap())
}

/// The most memory this process has held, in bytes; 0 where the system does not say.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

fn say(what: &str, value: impl std::fmt::Display) {
    println!("{what} {value}");
}

/// Runs a pass and says what it cost, in nanoseconds.
fn pass<T>(name: &str, run: impl FnOnce() -> T) -> T {
    let before = cpu();
    let value = run();
    say(name, (cpu() - before).as_nanos());
    value
}

/// What `diac compile` does, pass by pass.
fn compile(folder: &Path, out: &Path, schema_apart: bool) {
    let start = Instant::now();
    let page = folder.join("main.dia").to_str().unwrap().to_owned();
    let mut inputs = pass("parse", || load::load(&[page]).unwrap_or_else(|error| panic!("{}", error.0)));
    if schema_apart {
        pass("schema", || {
            for files in inputs.references.values() {
                let files: Vec<_> =
                    files.iter().map(|id| (*id, inputs.sources.get(*id).unwrap().text.as_str())).collect();
                let _ = model::ddl::read(diac::systems::Kind::Postgres, &files);
            }
        });
    }
    let resolved = pass("resolve", || model::resolve::resolve(&inputs));
    inputs.files = Vec::new();
    let plan = pass("plan", || plan::plan(&resolved.model, None));
    let before = inputs.diagnostics.iter().cloned().chain(resolved.diagnostics).collect();
    let checked = pass("check", || check::check(&resolved.model, &plan, &inputs.sources, before, "2026-01-01"));
    let Some(sound) = checked.sound() else {
        let shown = checked.findings.iter().filter(|finding| finding.blocks()).take(3);
        panic!("the pages do not compile: {:#?}", shown.collect::<Vec<_>>());
    };
    let tree = pass("emit", || targets::emit(&sound));
    let about = manifest::About { pipeline: "bench".into(), edition: 2026, rules: Vec::new() };
    let scope = write::Scope::All(plan.deployments.iter().map(|deployment| deployment.name.clone()).collect());
    pass("write", || write::write(out.to_str().unwrap(), &tree, &about, &scope).unwrap());
    say("wall", start.elapsed().as_nanos());
    say("total", cpu().as_nanos());
    say("peak", peak());
    say("source", inputs.sources.files().map(|(_, file)| file.text.len()).sum::<usize>());
    // What is in memory goes with the process, as it does in diac.
    std::mem::forget((tree, inputs));
    let _ = std::io::stdout().flush();
    std::process::exit(0);
}

/// All files below a folder, by their paths below it.
fn read(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path();
                files.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn bare(from: &Path, to: &Path) {
    let files = read(from);
    let start = Instant::now();
    pass("total", || {
        for (path, bytes) in &files {
            let full = to.join(path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::File::create_new(full).unwrap().write_all(bytes).unwrap();
        }
    });
    say("wall", start.elapsed().as_nanos());
    say("files", files.len());
    say("bytes", files.values().map(Vec::len).sum::<usize>());
}

fn skip(folder: &Path) {
    let files = read(folder);
    let start = Instant::now();
    pass("total", || {
        for (path, bytes) in &files {
            assert!(fs::read(folder.join(path)).unwrap() == *bytes, "{} has changed", path.display());
        }
    });
    say("wall", start.elapsed().as_nanos());
}
