//! Flink's SQL: every generated file is planned by the real Flink, offline, and none needs to guess which of two rows is the newer.
//!
//! Files come from `golden/` and from the pages in `tests/flink/pages/`. Flink is looked for in `DIAC_FLINK` and in the lab's folder; where it is not, the
//! cases are reported as ignored.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that misses its files must fail"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Trial};

/// Of each file its plan, or why there is none.
type Plans = BTreeMap<PathBuf, Result<String, String>>;

fn main() {
    let arguments = Arguments::from_args();
    let files = files();
    assert!(files.len() > 5, "generated SQL is looked for at another place: {files:?}");
    let absent = flink().is_none();
    let plans: Arc<Mutex<Option<Plans>>> = Arc::default();
    let mut trials = vec![Trial::test("a wrong key is seen", wrong_key).with_ignored_flag(absent)];
    for file in files.clone() {
        let (plans, files) = (Arc::clone(&plans), files.clone());
        let shown = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        let case = move || {
            let mut known = plans.lock().unwrap();
            // All files in one JVM: its start takes longer than planning all of them.
            let known = known.get_or_insert_with(|| explain(&files));
            sound(&known[&file]).map_err(Into::into)
        };
        trials.push(Trial::test(shown, case).with_ignored_flag(absent));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of jars.
fn flink() -> Option<PathBuf> {
    let found = std::env::var_os("DIAC_FLINK").map_or_else(|| root().join(".lab/flink"), PathBuf::from);
    found.is_dir().then_some(found)
}

/// Generated files: those of golden trees, and those of the pages here.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    below(&root().join("golden"), &mut files);
    let made = root().join("target/flink-pages");
    let _ = std::fs::remove_dir_all(&made);
    let mut pages: Vec<PathBuf> =
        std::fs::read_dir(root().join("tests/flink/pages")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    for page in pages {
        let out = made.join(page.file_stem().unwrap());
        let compiled =
            Command::new(env!("CARGO_BIN_EXE_diac")).args(["compile", "--out"]).args([&out, &page]).output().unwrap();
        assert!(compiled.status.success(), "{}: {}", page.display(), String::from_utf8_lossy(&compiled.stderr));
        below(&out, &mut files);
    }
    files
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            below(&path, files);
        } else if path.extension().is_some_and(|it| it == "sql")
            && path.parent().is_some_and(|it| it.ends_with("flink"))
        {
            files.push(path);
        }
    }
}

/// What Flink makes of each file: its plan, or why there is none.
fn explain(files: &[PathBuf]) -> Plans {
    let jars = format!("{}/*", flink().expect("Flink").display());
    let output = Command::new("java")
        .args(["-Xmx1g", "-cp", &jars])
        .arg(root().join("tests/lab/java/RunSql.java"))
        .arg("explain")
        .args(files)
        .output()
        .expect("java");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut plans = Plans::new();
    let mut at: Option<PathBuf> = None;
    for line in text.lines() {
        let path = |rest: &str| files.iter().find(|file| rest.starts_with(&*file.to_string_lossy())).cloned();
        if let Some(file) = line.strip_prefix("== ").and_then(path) {
            plans.insert(file.clone(), Ok(String::new()));
            at = Some(file);
        } else if let Some(file) = line.strip_prefix("!! ").and_then(path) {
            plans.insert(file, Err(line.to_owned()));
        } else if let Some(Ok(plan)) = at.as_ref().and_then(|file| plans.get_mut(file)) {
            plan.push_str(line);
            plan.push('\n');
        }
    }
    let silent = String::from_utf8_lossy(&output.stderr).into_owned();
    for file in files {
        plans.entry(file.clone()).or_insert_with(|| Err(format!("no answer: {silent}")));
    }
    plans
}

/// A plan that keeps the changes of a key together. Where the sink's key is not the rows' own, Flink would put them in the order they happen to come in.
fn sound(plan: &Result<String, String>) -> Result<(), String> {
    let plan = plan.as_ref().map_err(Clone::clone)?;
    if !plan.contains("Sink(table=") {
        return Err(format!("nothing is written:\n{plan}"));
    }
    // What is no topic is read again at every restart, whatever the checkpoint says.
    if let Some(line) = plan.lines().find(|line| line.contains("Values(") && !line.contains("LogicalValues(")) {
        return Err(format!("constant rows are joined: {line}"));
    }
    match plan.lines().find(|line| line.contains("upsertMaterialize=[true]")) {
        Some(line) => Err(format!("the key of the rows is not that of the topic: {line}")),
        None => Ok(()),
    }
}

/// The check can fail: a view that is keyed by something else than its rows are.
fn wrong_key() -> Result<(), libtest_mimic::Failed> {
    let of = files().into_iter().find(|file| file.ends_with("orders_by_customer-v1.sql")).expect("the example");
    let text = std::fs::read_to_string(&of)?;
    let broken = text.replace("PRIMARY KEY (`customer_id`, `currency`)", "PRIMARY KEY (`customer_id`)");
    assert_ne!(text, broken);
    let file = root().join("target/flink-pages/broken.sql");
    std::fs::write(&file, broken)?;
    let plans = explain(std::slice::from_ref(&file));
    match sound(&plans[&file]) {
        Err(reason) if reason.contains("upsertMaterialize") => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}
