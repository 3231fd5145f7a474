//! Every example: a sound one is compared with its whole tree in `golden/<name>/`, a rejected one with its report there.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use super::run::{self, files_below, folders};
use super::{expect, schema};
use diac::output::OutputTree;

pub fn trials() -> Vec<Trial> {
    let examples = run::examples();
    let mut trials: Vec<Trial> = examples
        .iter()
        .map(|name| {
            let name = name.clone();
            Trial::test(format!("golden/{name}"), move || example(&name).map_err(Into::into))
        })
        .collect();
    trials.push(Trial::test("golden/nothing else is there", move || {
        let mut stale = folders("golden").into_iter().filter(|name| !examples.contains(name));
        stale.try_for_each(|name| expect::gone(&Path::new("golden").join(name))).map_err(Into::into)
    }));
    trials
}

fn example(name: &str) -> Result<(), String> {
    let outcome = run::compile_folder(&format!("examples/{name}"))?;
    let folder = Path::new("golden").join(name);
    let again = run::compile_folder(&format!("examples/{name}"))?;
    if outcome.tree != again.tree || outcome.human() != again.human() {
        return Err("the same input gave two outputs".to_owned());
    }
    schema::conforms(&outcome.json())?;
    judged(name)?;
    if outcome.tree.is_some() {
        return expect::tree(&folder, &written(name)?);
    }
    let mut report = OutputTree::default();
    report.add("report.txt", outcome.human(), "");
    report.add("report.json", outcome.json(), "");
    expect::tree(&folder, &report)
}

/// An example passes `diac check --deny warnings`, unless `tests/examples/<name>.findings` says what is found: by hand, as `rule line severity`, advice
/// apart.
fn judged(name: &str) -> Result<(), String> {
    let outcome = run::compile_folder(&format!("examples/{name}"))?.about("");
    let mut found: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| {
            let waived = if finding.waived.is_some() { " waived" } else { "" };
            let (_, line) = outcome.place(finding);
            format!("{} {line} {}{waived}", finding.rule, finding.severity.word())
        })
        .collect();
    if let Ok(text) = std::fs::read_to_string(format!("tests/examples/{name}.findings")) {
        let mut meant: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        meant.sort_unstable();
        found.sort();
        if meant != found {
            return Err(format!("meant:\n{}\nfound:\n{}", meant.join("\n"), found.join("\n")));
        }
        return Ok(());
    }
    found.retain(|line| !line.ends_with("waived"));
    if found.is_empty() { Ok(()) } else { Err(format!("not silent:\n{}\n{}", found.join("\n"), outcome.human())) }
}

/// What `diac compile` itself writes for an example, its manifest with it.
fn written(name: &str) -> Result<OutputTree, String> {
    let folder = std::env::temp_dir().join(format!("diac-golden-{}-{name}", std::process::id()));
    let out = folder.join("out");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let done = Command::new(env!("CARGO_BIN_EXE_diac"))
        .args(["compile", &format!("examples/{name}"), "--out"])
        .arg(&out)
        .output()
        .map_err(|error| error.to_string())?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    let mut tree = OutputTree::default();
    for (name, path) in files_below(&out) {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        if expect::executable(&path) { tree.add_script(name, text, "") } else { tree.add(name, text, "") }
    }
    std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    Ok(tree)
}
