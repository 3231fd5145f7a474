//! Four ways round a rule: its name in the registry, its file with its page, its folder of fixtures, and the place that reports it.

use std::collections::BTreeSet;
use std::path::Path;

use super::sources;
use crate::markers;
use crate::run::{files_below, folders};
use diac::rules::ALL;

pub fn agree() -> Vec<String> {
    let sources = sources::all();
    let names: BTreeSet<String> = ALL.iter().map(|rule| rule.name.to_owned()).collect();
    let files: BTreeSet<String> = files_below(Path::new("src/rules"))
        .iter()
        .filter_map(|(name, _)| name.strip_suffix(".rs"))
        .map(|name| name.rsplit('/').next().unwrap_or(name).to_owned())
        .filter(|name| name != "mod")
        .collect();
    let fixtures: BTreeSet<String> = folders("tests/ui").into_iter().collect();
    let mut wrong = Vec::new();
    let mut differ = |a: &BTreeSet<String>, b: &BTreeSet<String>, what: &str| {
        wrong.extend(a.difference(b).map(|name| format!("`{name}` {what}")));
    };
    differ(&names, &files, "is a rule and has no file in src/rules");
    differ(&files, &names, "is a file in src/rules and no rule of `ALL`");
    differ(&names, &fixtures, "is a rule and has no folder in tests/ui");
    differ(&fixtures, &names, "is a folder in tests/ui and no rule");
    for rule in ALL {
        if rule.page.lines().count() < 3 || rule.title.is_empty() {
            wrong.push(format!("`{}` has no page", rule.name));
        }
        let constant = format!("codes::{}", rule.name.to_uppercase());
        let own = sources.iter().find(|source| source.name.ends_with(&format!("/{}.rs", rule.name)));
        let reports = own.is_some_and(|source| source.text.contains("fn finding("));
        let elsewhere = sources.iter().any(|source| source.text.contains(&constant));
        if rule.check.is_none() && !reports && !elsewhere {
            wrong.push(format!("`{}` is reported nowhere", rule.name));
        }
    }
    wrong
}

/// `docs/rules-table.md`: each rule with its page, a case that fires, one that does not, and the pass that reports it. A rule that lacks one of the four is
/// wrong, and so is a table that is out of date.
pub fn table() -> Vec<String> {
    let sources = sources::all();
    let mut wrong = Vec::new();
    let mut text = String::from(
        "# Rules, four ways round\n\nMade from the registry and from `tests/ui` (`UPDATE_EXPECT=1 cargo test --test suite tidy`): where each rule's page is, a case in which it \
         fires, the nearest case in which it does not, and the passes that report it.\n\n| rule | page | fires | near miss | reported by |\n|---|---|---|---|---|\n",
    );
    for rule in ALL {
        let name = rule.name;
        let page = sources
            .iter()
            .find(|source| source.name.ends_with(&format!("/{name}.rs")))
            .map(|source| format!("src/{}", source.name));
        let cases: Vec<(String, String)> = files_below(Path::new(&format!("tests/ui/{name}")))
            .into_iter()
            .map(|(file, path)| (file, String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()))
            .collect();
        let marked = |file: &str, text: &str| markers::read(file, text).iter().any(|mark| mark.rule == name);
        let fires = cases
            .iter()
            .find(|(file, text)| file.ends_with(".dia") && !file.starts_with("near_") && marked(file, text));
        let fires =
            fires.or_else(|| cases.iter().find(|(file, text)| marked(file, text))).map(|(file, _)| file.clone());
        let near = cases
            .iter()
            .find(|(file, _)| file.starts_with("near_") && file.ends_with(".dia"))
            .map(|(file, _)| file.clone());
        let by = emitters(rule, &sources);
        match (page, fires, near, by.is_empty()) {
            (Some(page), Some(fires), Some(near), false) => {
                text.push_str(&format!("| `{name}` | {page} | {fires} | {near} | {} |\n", by.join(", ")));
            }
            (page, fires, near, by) => wrong.push(format!(
                "`{name}` lacks one of four: page {page:?}, fires {fires:?}, near miss {near:?}, reported {}",
                !by
            )),
        }
    }
    if let Err(difference) = crate::expect::file(Path::new("docs/rules-table.md"), &text) {
        wrong.push(difference);
    }
    wrong
}

/// The passes that report a rule's findings: its own check, the waivers, or modules that name its constant.
fn emitters(rule: &diac::rules::Rule, sources: &[sources::Source]) -> Vec<String> {
    let mut by: BTreeSet<String> = BTreeSet::new();
    if rule.check.is_some() {
        by.insert("its own check".to_owned());
    }
    let own = sources.iter().find(|source| source.name.ends_with(&format!("/{}.rs", rule.name)));
    if own.is_some_and(|source| source.name.starts_with("rules/waivers/") && source.text.contains("fn finding(")) {
        by.insert("rules::waivers".to_owned());
    }
    let constant = format!("codes::{}", rule.name.to_uppercase());
    for source in sources.iter().filter(|source| named(&source.text, &constant) && !source.name.starts_with("diag")) {
        let module: Vec<&str> = source.name.trim_end_matches(".rs").split('/').take(2).collect();
        by.insert(module.join("::"));
    }
    by.into_iter().collect()
}

/// Whether a text names a constant: the whole of its name.
fn named(text: &str, constant: &str) -> bool {
    text.match_indices(constant)
        .any(|(at, _)| !text[at + constant.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

pub fn fixtures() -> Vec<String> {
    let mut wrong = Vec::new();
    for rule in ALL {
        let folder = format!("tests/ui/{}", rule.name);
        let files = files_below(Path::new(&folder));
        let fires = files.iter().any(|(name, path)| {
            let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
            markers::read(name, &text).iter().any(|mark| mark.rule == rule.name)
        });
        let near = files.iter().any(|(name, _)| name.starts_with("near_") && name.ends_with(".dia"));
        if !fires {
            wrong.push(format!("{folder} has no case in which the rule fires"));
        }
        if !near {
            wrong.push(format!("{folder} has no near miss (near_….dia)"));
        }
    }
    wrong
}
