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
