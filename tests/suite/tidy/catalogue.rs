//! `docs/catalogue.md`: every entry of the catalogues is answered, the rules it names are there, and what it says of generated files is in them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::run::files_below;
use diac::rules::ALL;

/// The catalogues, with how many entries each has.
const CATALOGUES: &[(&str, u32)] = &[
    ("KEY-", 10),
    ("PG-", 25),
    ("SNAP-", 15),
    ("ENV-", 25),
    ("CON-", 14),
    ("TOP-", 20),
    ("S", 96),
    ("MY-", 15),
    ("MS-", 10),
    ("MG-", 10),
    ("OR-", 11),
];

/// A row's cells.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| entry "));
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

pub fn answered() -> Vec<String> {
    let text = std::fs::read_to_string("docs/catalogue.md").unwrap_or_default();
    let rows = rows(&text);
    let mut wrong = Vec::new();
    let wanted = CATALOGUES.iter().flat_map(|(prefix, last)| (1..=*last).map(move |n| format!("{prefix}{n:02}")));
    let wanted: Vec<String> = wanted.collect();
    let found: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    if wanted != found {
        let all: BTreeSet<&str> = found.iter().copied().collect();
        let lacking: Vec<&String> = wanted.iter().filter(|id| !all.contains(id.as_str())).collect();
        wrong.push(format!("docs/catalogue.md lacks {lacking:?}, has one twice or in another order"));
    }
    let made: Vec<String> = ["golden", "src/targets", "src/plan"]
        .iter()
        .flat_map(|folder| files_below(Path::new(folder)))
        .map(|(_, path)| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned())
        .collect();
    let names = |name: &str| ALL.iter().any(|rule| rule.name == name);
    for row in rows {
        let [id, what, answer, by] = row[..] else {
            wrong.push(format!("{row:?} has not four cells"));
            continue;
        };
        let quotes = quoted(by);
        let right = match answer {
            "rule" => !quotes.is_empty() && quotes.iter().all(|name| names(name)),
            "made so" => quotes.first().is_some_and(|text| made.iter().any(|file| file.contains(*text))),
            "out of reach" => by.len() > 20,
            _ => false,
        };
        if !right || what.is_empty() {
            wrong.push(format!("{id}: {answer}: {by}"));
        }
    }
    wrong
}
