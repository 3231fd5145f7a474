//! How fast diac is: generated pipelines of 100, 1,000 and 10,000 tables, each pass by itself, beside a loop that only writes the same bytes and one
//! that only compares them. It prints figures and judges none.
//!
//! ```text
//! cargo bench --bench compile                       # everything
//! cargo bench --bench compile -- 1000               # one size
//! cargo bench --bench compile -- pages each 1000 /tmp/pages
//! ```
//!
//! The last form only writes the pages, for a profiler. `DIAC_BENCH_DIR` names another folder to work in, such as one that is in memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs
)]

mod pages;
mod runs;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use pages::Form;
use runs::Run;

// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const SEED: u64 = 2026;

/// A process's figures by name: times in nanoseconds, memory and lengths in bytes.
type Figures = BTreeMap<String, u64>;

fn main() {
    // cargo adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run", run, folder] => Run::of(run).unwrap().run(Path::new(folder)),
        ["pages", form, tables, folder] => {
            let folder = Path::new(folder);
            fs::create_dir_all(folder).unwrap();
            write(folder, &pages::pipeline(Form::of(form).unwrap(), tables.parse().unwrap(), SEED));
        }
        [] => report(&SIZES),
        sizes => report(&sizes.iter().map(|size| size.parse().expect("a number of tables")).collect::<Vec<_>>()),
    }
}

fn write(folder: &Path, files: &[pages::File]) {
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}

fn report(sizes: &[usize]) {
    let base =
        std::env::var_os("DIAC_BENCH_DIR").map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let folder = base.join(format!("diac-bench-{}", std::process::id()));
    start_up();
    for form in Form::ALL {
        let measured: Vec<(usize, table::Measured)> =
            sizes.iter().map(|tables| (*tables, measure(form, *tables, &folder))).collect();
        table::print(form, &measured);
    }
    let _ = fs::remove_dir_all(folder);
}

/// Runs everything for one pipeline. The figures are medians.
fn measure(form: Form, tables: usize, folder: &Path) -> table::Measured {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    write(folder, &pages::pipeline(form, tables, SEED));
    let times = if tables > 2_000 { 3 } else { 7 };
    let fresh = |run| {
        let once = || {
            let _ = fs::remove_dir_all(folder.join(if run == Run::Bare { "bare" } else { "out" }));
            child(run, folder)
        };
        median(std::iter::repeat_with(once).take(times).collect())
    };
    let again = |run| median(std::iter::repeat_with(|| child(run, folder)).take(times).collect());
    table::Measured {
        passes: fresh(Run::Passes),
        compile: fresh(Run::Compile),
        unchanged: again(Run::Compile),
        bare: fresh(Run::Bare),
        skip: again(Run::Skip),
    }
}

fn child(run: Run, folder: &Path) -> Figures {
    let own = std::env::current_exe().unwrap();
    let output = Command::new(own).args(["run", run.word()]).arg(folder).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{} failed", run.word());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

/// The median of each figure by itself.
fn median(all: Vec<Figures>) -> Figures {
    let mut values: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (name, value) in all.into_iter().flatten() {
        values.entry(name).or_default().push(value);
    }
    values
        .into_iter()
        .map(|(name, mut values)| {
            values.sort_unstable();
            (name, values[values.len() / 2])
        })
        .collect()
}

/// What it costs to start, and to read one line.
fn start_up() {
    const TIMES: u32 = 200;
    let hello = format!("{}/examples/hello/hello.dia", env!("CARGO_MANIFEST_DIR"));
    for (what, args) in [("diac --version", vec!["--version"]), ("diac check hello.dia", vec!["check", &hello])] {
        let before = children();
        let mut best = f64::MAX;
        for _ in 0..TIMES {
            let start = Instant::now();
            let mut command = Command::new(env!("CARGO_BIN_EXE_diac"));
            assert!(command.args(&args).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
            best = best.min(start.elapsed().as_secs_f64());
        }
        let each = (children() - before) / f64::from(TIMES);
        println!("{what:<22} {:.2} ms CPU, {:.2} ms by the clock at best", each * 1e3, best * 1e3);
    }
}

/// CPU time of processes that this one has started and that have ended, in seconds: `/proc/self/stat`, in hundredths, so it takes many of them.
fn children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let fields: Vec<&str> = behind.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) / 100.0
}
