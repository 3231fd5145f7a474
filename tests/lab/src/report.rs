//! What runs have shown, kept as lines of JSON in `.lab/results.jsonl`, and the page that is made of them (`docs/lab.md`).
//!
//! A later line about the same thing replaces an earlier one: the page says what the last run of each seed gave. A test that failed in its last run
//! stands there by name, for its earlier lines are then no evidence.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::home::Home;

thread_local! {
    /// The test that is running: tests run one after another, each in a thread of its own.
    static TEST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A line of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line {
    Fault(Fault),
    Prediction(Prediction),
    Ended { test: String, passed: bool, why: String },
}

/// A pipeline under a fault, compared with its source at the end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    /// The pipeline, such as `shop`.
    pub case: String,
    /// What was done to it.
    pub fault: String,
    /// The seed of the load.
    pub seed: u64,
    /// How often the fault was felt: 0 would mean that nothing was tried.
    pub bit: u64,
    /// What `bit` counts, such as `repeats refused`.
    pub counted: String,
    /// Rows compared with the source, over all views.
    pub rows: usize,
    /// Rows that differ.
    pub differences: usize,
    /// Wall time in seconds, from the fault's start to the end of the comparison.
    pub seconds: f64,
}

/// An anomaly that the design predicts, staged on a real system.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prediction {
    /// What is predicted, such as `a late write overwrites a newer one`.
    pub prediction: String,
    /// Who was staged.
    pub variant: Variant,
    /// The systems, and how it was staged.
    pub staged_on: String,
    /// Whether it was seen; nothing when it could not be run.
    pub seen: Option<bool>,
    /// Counts, or why it was not run.
    pub numbers: String,
}

/// Who is staged: the configuration the prediction speaks of, which must show it, or what diac generates, which must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// The unsafe configuration.
    Unsafe,
    /// What diac generates.
    Generated,
}

/// Notes a fault whose `bit` counts deliveries that were refused as repeated or stale.
pub fn fault(
    case: &str,
    fault: &str,
    seed: u64,
    bit: u64,
    rows: usize,
    differences: usize,
    seconds: f64,
) -> Result<()> {
    Fault {
        case: case.to_owned(),
        fault: fault.to_owned(),
        seed,
        bit,
        counted: "repeats refused".to_owned(),
        rows,
        differences,
        seconds,
    }
    .note()
}

impl Fault {
    /// Notes it.
    pub fn note(self) -> Result<()> {
        eprintln!(
            "lab: {} under {:?}: {} {}, {} rows compared, {} differ, {:.0} s",
            self.case, self.fault, self.bit, self.counted, self.rows, self.differences, self.seconds
        );
        append(&Line::Fault(self))
    }
}

impl Prediction {
    /// Notes it; gives whether it is as the design says: the unsafe variant shows the anomaly, the generated one does not. What was not run is not judged.
    pub fn note(self) -> Result<bool> {
        let as_predicted = self.is_as_predicted();
        eprintln!(
            "lab: {} ({:?}, {}): {}; {}",
            self.prediction,
            self.variant,
            self.staged_on,
            seen_word(self.seen),
            self.numbers
        );
        append(&Line::Prediction(self))?;
        Ok(as_predicted)
    }

    fn is_as_predicted(&self) -> bool {
        self.seen.is_none_or(|seen| seen == (self.variant == Variant::Unsafe))
    }
}

fn seen_word(seen: Option<bool>) -> &'static str {
    match seen {
        Some(true) => "seen",
        Some(false) => "not seen",
        None => "not run",
    }
}

/// Says which test runs in this thread.
pub fn begin(test: &str) {
    TEST.with(|it| test.clone_into(&mut it.borrow_mut()));
}

/// Notes how the running test ended. A test of which only a part was run is not said to have passed.
pub fn end(outcome: &Result<()>) -> Result<()> {
    if std::env::var_os("DIAC_LAB_FAULT").is_some() && outcome.is_ok() {
        return Ok(());
    }
    let test = TEST.with(|it| it.borrow().clone());
    let why = match outcome {
        Ok(()) => String::new(),
        Err(error) => format!("{error:#}").lines().next().unwrap_or_default().to_owned(),
    };
    append(&Line::Ended { test, passed: outcome.is_ok(), why })
}

fn file(home: &Home) -> PathBuf {
    home.at("results.jsonl")
}

/// Appends in one write, so that labs that share the folder do not tear each other's lines.
fn append(line: &Line) -> Result<()> {
    let path = file(&Home::find()?);
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    file.as_mut().map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?.write_all(text.as_bytes())?;
    Ok(())
}

/// The page of all results so far.
pub fn page(home: &Home) -> Result<String> {
    let path = file(home);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let lines: Vec<Line> = text
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("{}: {line}", path.display())))
        .collect::<Result<_>>()?;
    let known = crate::cases::names();
    // Results are kept longer than tests: one that is gone has not failed.
    let of_known = |line: &Line| !matches!(line, Line::Ended { test, .. } if !known.contains(&test.as_str()));
    Ok(page_of(&lines.into_iter().filter(of_known).collect::<Vec<_>>()))
}

/// Writes the page into the repository.
pub fn write_page(home: &Home) -> Result<PathBuf> {
    let path = home.repository.join("docs/lab.md");
    std::fs::write(&path, page(home)?).with_context(|| path.display().to_string())?;
    Ok(path)
}

const HEAD: &str = "# What the lab has shown

Written by `cargo run -p diac-lab -- table` from the results of runs; not edited by hand. The lab installs the real systems, applies what diac wrote and nothing else, drives a seeded
load, does something to the systems, and compares every view with its source twice: by the generated audits, and by a comparison of its own in which diac has no part.

";

fn page_of(lines: &[Line]) -> String {
    let mut faults: BTreeMap<(&str, &str), BTreeMap<u64, &Fault>> = BTreeMap::new();
    let mut predictions: BTreeMap<&str, BTreeMap<Variant, &Prediction>> = BTreeMap::new();
    let mut failed: BTreeMap<&str, &str> = BTreeMap::new();
    for line in lines {
        match line {
            Line::Fault(it) => {
                faults.entry((&it.case, &it.fault)).or_default().insert(it.seed, it);
            }
            Line::Prediction(it) => {
                predictions.entry(&it.prediction).or_default().insert(it.variant, it);
            }
            Line::Ended { test, passed, why } => {
                failed.remove(test.as_str());
                if !passed {
                    failed.insert(test, why);
                }
            }
        }
    }
    let mut text = HEAD.to_owned();
    for (test, why) in &failed {
        let _ = writeln!(text, "**FAILED in its last run**: `{test}`: {}\n", cell(why));
    }
    text.push_str("## Faults\n\n*Felt* says that the fault was one: it counts, over all seeds, what came twice, late or not at all.\n\n");
    text.push_str(
        "| case | fault | seeds | felt | rows compared | differences | longest, s |\n|---|---|---|---|---|---|---|\n",
    );
    for ((case, fault), seeds) in &faults {
        fault_row(&mut text, case, fault, seeds);
    }
    text.push_str("\n## Predictions\n\nAn anomaly that the design predicts must occur with the configuration it speaks of, and must not with what diac generates.\n\n");
    text.push_str("| prediction | unsafe variant, on | seen | numbers | generated, on | seen | numbers |\n|---|---|---|---|---|---|---|\n");
    for (prediction, variants) in &predictions {
        let _ = write!(text, "| {} |", cell(prediction));
        for variant in [Variant::Unsafe, Variant::Generated] {
            match variants.get(&variant) {
                Some(it) => {
                    let word = match it.seen {
                        Some(true) => "yes",
                        Some(false) => "no",
                        None => "not run",
                    };
                    let mark = if it.is_as_predicted() { "" } else { " **(not as predicted)**" };
                    let _ = write!(text, " {} | {word}{mark} | {} |", cell(&it.staged_on), cell(&it.numbers));
                }
                None => text.push_str(" – | – | – |"),
            }
        }
        text.push('\n');
    }
    text
}

fn fault_row(text: &mut String, case: &str, fault: &str, seeds: &BTreeMap<u64, &Fault>) {
    let sum = |of: fn(&Fault) -> u64| seeds.values().map(|it| of(it)).sum::<u64>();
    let counted: BTreeSet<&str> = seeds.values().map(|it| it.counted.as_str()).collect();
    let names: Vec<String> = seeds.keys().map(u64::to_string).collect();
    let longest = seeds.values().map(|it| it.seconds).fold(0.0, f64::max);
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} {} | {} | {} | {longest:.0} |",
        cell(case),
        cell(fault),
        names.join(", "),
        sum(|it| it.bit),
        cell(&counted.into_iter().collect::<Vec<_>>().join(", ")),
        sum(|it| it.rows as u64),
        sum(|it| it.differences as u64),
    );
}

/// A text as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(seed: u64, bit: u64, differences: usize) -> Line {
        Line::Fault(Fault {
            case: "shop".to_owned(),
            fault: "kill | kill".to_owned(),
            seed,
            bit,
            counted: "repeats refused".to_owned(),
            rows: 10,
            differences,
            seconds: 1.5 * f64::from(u32::try_from(seed).unwrap_or(0)),
        })
    }

    fn prediction(variant: Variant, seen: Option<bool>) -> Line {
        Line::Prediction(Prediction {
            prediction: "undead".to_owned(),
            variant,
            staged_on: "by hand".to_owned(),
            seen,
            numbers: "3".to_owned(),
        })
    }

    #[test]
    fn seeds_are_added_and_a_later_run_of_one_replaces_it() {
        let page = page_of(&[fault(1, 5, 2), fault(2, 7, 0), fault(1, 6, 0)]);
        assert!(page.contains("| shop | kill \\| kill | 1, 2 | 13 repeats refused | 20 | 0 | 3 |"), "{page}");
    }

    #[test]
    fn a_failed_test_is_named_until_it_passes() {
        let ended = |passed| Line::Ended { test: "t".to_owned(), passed, why: "why".to_owned() };
        assert!(page_of(&[ended(false)]).contains("**FAILED in its last run**: `t`: why"));
        assert!(!page_of(&[ended(false), ended(true)]).contains("FAILED"));
    }

    #[test]
    fn what_is_not_as_predicted_is_marked_and_what_was_not_run_is_not() {
        let page = page_of(&[prediction(Variant::Unsafe, Some(false)), prediction(Variant::Generated, Some(true))]);
        assert_eq!(page.matches("not as predicted").count(), 2, "{page}");
        let page = page_of(&[prediction(Variant::Unsafe, Some(true)), prediction(Variant::Generated, None)]);
        assert!(page.contains("| undead | by hand | yes | 3 | by hand | not run | 3 |"), "{page}");
        assert!(!page.contains("not as predicted"), "{page}");
    }
}
