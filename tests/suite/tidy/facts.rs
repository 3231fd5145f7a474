//! `docs/facts.md`: what is relied on in the programs around diac. Every test that a fact names is there.

use std::path::Path;

use super::sources;
use crate::run::files_below;
use diac::profiles::facts;

#[expect(clippy::print_stderr, reason = "the share is to be seen in every run")]
pub fn held() -> Vec<String> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let (cases, properties) = (read("tests/lab/src/cases/mod.rs"), read("tests/lab/properties/properties.json"));
    let tests: Vec<String> = files_below(Path::new("tests"))
        .into_iter()
        .filter(|(name, _)| name.ends_with(".rs"))
        .map(|(_, path)| read(&path.display().to_string()))
        .chain(sources::all().into_iter().map(|source| source.text))
        .collect();
    let is_there = |test: &str| match test.split_once(' ') {
        Some(("lab", name)) => match name.strip_prefix("properties/") {
            Some(property) => properties.contains(&format!("\"name\": \"{property}\"")),
            None => cases.contains(&format!("(\"{name}\", ")),
        },
        Some(("test", name)) => tests.iter().any(|text| text.contains(&format!("fn {name}("))),
        _ => false,
    };
    let mut wrong = Vec::new();
    let verified = facts::ALL.iter().filter(|fact| fact.is_verified()).count();
    let mut text = format!(
        "# What diac relies on\n\nMade from `src/profiles/facts.rs` (`UPDATE_EXPECT=1 cargo test --test suite tidy`): each behaviour of the programs around diac that plans and files \
         rest on, and the tests that fail if the program behaved otherwise. {verified} of {} facts ({} %) are verified by a run of the real program.\n\n\
         | program | does | held by | first seen in |\n|---|---|---|---|\n",
        facts::ALL.len(),
        verified * 100 / facts::ALL.len()
    );
    for fact in facts::ALL {
        wrong.extend(
            fact.held_by
                .iter()
                .filter(|test| !is_there(test))
                .map(|test| format!("there is no `{test}`, which holds that of {} {}", fact.of.name(), fact.says)),
        );
        let held: Vec<String> = fact.held_by.iter().map(|test| format!("`{test}`")).collect();
        let held = if held.is_empty() { "**unverified**".to_owned() } else { held.join(", ") };
        text.push_str(&format!("| {} | {} | {held} | {} |\n", fact.of.name(), fact.says, fact.source));
    }
    if let Err(difference) = crate::expect::file(Path::new("docs/facts.md"), &text) {
        wrong.push(difference);
    }
    eprintln!("facts: {verified} of {} verified by a run", facts::ALL.len());
    wrong
}
