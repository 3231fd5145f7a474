//! Laws of the whole pipeline: nothing panics on any text, what is judged sound is emitted, and neither the order of declarations nor the files they
//! stand in change what is made. The texts are the examples and every page and schema of `tests/ui`.
//!
//! `DIAC_CASES` and `DIAC_SEED` set how many mutated texts are tried and from which seed; both are printed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs
)]

mod corpus;
/// The benchmark's own pipelines, so that what is measured stays what compiles.
#[path = "../benches/compile/pages.rs"]
#[allow(dead_code, reason = "the benchmark names its forms in reports")]
mod pages;

use std::collections::BTreeMap;

use corpus::{Page, corpus, inputs, mutate, number, small};
use diac::output::OutputTree;
use diac::render::{human, json};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// What a compilation said and made.
#[derive(PartialEq)]
struct Verdict {
    /// Rule and message of each finding, sorted.
    findings: Vec<(&'static str, String)>,
    tree: Option<OutputTree>,
}

fn compile(page: &[(String, String)]) -> Verdict {
    let inputs = inputs(page);
    let resolved = diac::model::resolve::resolve(&inputs);
    let plan = diac::plan::plan(&resolved.model, None);
    let before = inputs.diagnostics.iter().cloned().chain(resolved.diagnostics).collect();
    let checked = diac::check::check(&resolved.model, &plan, &inputs.sources, before, "2026-07-01");
    let _ = human::report(&checked.findings, &inputs.sources, human::Look::PLAIN);
    let _ = json::report(&checked.findings, &inputs.sources);
    let tree = checked.sound().map(|sound| diac::targets::emit(&sound));
    let mut findings: Vec<_> = checked.findings.iter().map(|f| (f.rule, f.message.clone())).collect();
    findings.sort();
    Verdict { findings, tree }
}

#[test]
fn no_text_makes_it_panic_and_a_sound_plan_is_emitted() {
    let (cases, seed) = (u32::try_from(number("DIAC_CASES", 1500)).unwrap(), number("DIAC_SEED", 2026));
    println!("{cases} mutated texts from seed {seed}");
    let pages: Vec<Page> = corpus().into_iter().filter(small).collect();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let changes = proptest::collection::vec(
        (0u8..10, proptest::num::u16::ANY, proptest::num::u16::ANY, proptest::num::u16::ANY),
        1..5,
    );
    let strategy = (0..pages.len(), 0..pages.len(), 0usize..8, changes);
    let outcome = runner.run(&strategy, |(page, other, file, changes)| {
        let mut page = pages[page].clone();
        // Schemas are one choice in eight.
        let schemas = page.iter().position(|(name, _)| name.ends_with(".sql")).unwrap_or(page.len());
        let at = if file == 7 && schemas < page.len() { schemas } else { file % schemas };
        page[at].1 = mutate(&page[at].1, &changes, &pages[other][0].1);
        let text = page[at].1.clone();
        let made = std::panic::catch_unwind(|| {
            let first = compile(&page);
            first == compile(&page)
        });
        match made {
            Ok(true) => Ok(()),
            Ok(false) => Err(TestCaseError::fail(format!("one input, two outputs:\n{text}"))),
            Err(_) => Err(TestCaseError::fail(format!("a panic from {}:\n{text}", page[at].0))),
        }
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn a_generated_pipeline_carries_every_table() {
    for (form, streams) in [(pages::Form::Whole, 120), (pages::Form::Each, 240)] {
        let verdict = compile(&pages::pipeline(form, 120, 7));
        let tree = verdict.tree.unwrap_or_else(|| panic!("{form:?}: {:?}", verdict.findings.first()));
        assert_eq!(tree.files().filter(|(path, _)| path.contains("/bento/streams/")).count(), streams, "{form:?}");
        let advice = ["impassable_value", "lexical_number", "undocumented"];
        assert!(verdict.findings.iter().all(|(rule, _)| advice.contains(rule)), "{:?}", verdict.findings);
    }
}

// ---------- order and files ----------

/// The declarations of a text with the remarks above each; a body's lines are indented.
fn declarations(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let inside = line.starts_with([' ', '\t', '}', '|']) || line.trim().is_empty();
        if !(inside || open) || all.is_empty() {
            all.push(String::new());
        }
        // Remarks and documentation belong to what follows.
        open = line.starts_with('#') || (open && line.trim().is_empty());
        let last = all.last_mut().unwrap();
        last.push_str(line);
        last.push('\n');
    }
    all
}

/// Sound pages, each as one text without imports, with its schemas.
fn sound() -> Vec<(String, Vec<String>, Page)> {
    let mut sound = Vec::new();
    for page in corpus() {
        let (sources, schemas): (Page, Page) = page.into_iter().partition(|(name, _)| name.ends_with(".dia"));
        let Some((name, _)) = sources.first() else { continue };
        let text: String = sources
            .iter()
            .flat_map(|(_, text)| text.lines())
            .filter(|line| !line.starts_with("import "))
            .flat_map(|line| [line, "\n"])
            .collect();
        let parts = declarations(&text);
        let mut whole = vec![(name.clone(), parts.concat())];
        whole.extend(schemas.iter().cloned());
        if parts.len() > 2 && compile(&whole).tree.is_some() {
            sound.push((name.clone(), parts, schemas));
        }
    }
    sound
}

/// The files of a tree without the documents, which quote lines of the page and show its parts in the order they stand there.
fn plain(tree: &OutputTree) -> BTreeMap<String, String> {
    let quotes = |path: &str| path.ends_with(".md") || path == "architecture.json" || path.starts_with("diagrams/");
    tree.files().filter(|(path, _)| !quotes(path)).map(|(path, file)| (path.to_owned(), file.text.clone())).collect()
}

fn same(what: &str, before: &Verdict, after: &Verdict) {
    // Which of two things comes second is a matter of their places; that one does is not.
    let rules = |verdict: &Verdict| verdict.findings.iter().map(|(rule, _)| *rule).collect::<Vec<_>>();
    assert_eq!(rules(before), rules(after), "{what}: other findings");
    let (Some(before), Some(after)) = (&before.tree, &after.tree) else { panic!("{what}: no longer sound") };
    let (before, after) = (plain(before), plain(after));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{what}: other files");
    for (path, text) in &before {
        assert!(after[path] == *text, "{what}: {path} differs:\n{}", diff(text, &after[path]));
    }
}

fn diff(before: &str, after: &str) -> String {
    similar::TextDiff::from_lines(before, after).unified_diff().to_string()
}

#[test]
fn the_order_of_declarations_changes_nothing() {
    let pages = sound();
    assert!(pages.len() > 20, "{} sound pages", pages.len());
    println!("{} sound pages in three orders each", pages.len());
    for (name, parts, schemas) in &pages {
        let page = |parts: &[String]| {
            let mut page = vec![(name.clone(), parts.concat())];
            page.extend(schemas.iter().cloned());
            compile(&page)
        };
        let before = page(parts);
        let mut backwards = parts.clone();
        backwards.reverse();
        same(name, &before, &page(&backwards));
        let mut turned = parts.clone();
        turned.rotate_left(parts.len() / 2);
        same(name, &before, &page(&turned));
        let (even, odd): (Vec<_>, Vec<_>) = parts.iter().cloned().enumerate().partition(|(at, _)| at % 2 == 0);
        let shuffled: Vec<String> = odd.into_iter().chain(even).map(|(_, part)| part).collect();
        same(name, &before, &page(&shuffled));
    }
}

#[test]
fn the_files_that_declarations_stand_in_change_nothing() {
    let pages = sound();
    println!("{} sound pages, each in three files", pages.len());
    for (name, parts, schemas) in &pages {
        let mut whole = vec![(name.clone(), parts.concat())];
        whole.extend(schemas.iter().cloned());
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut split: Page = vec![(name.clone(), String::new())];
        split.extend((1..3).map(|n| (format!("{folder}/part_{n}.dia"), String::new())));
        for (at, part) in parts.iter().enumerate() {
            split[at % 3].1.push_str(part);
        }
        split[0].1.push_str("import \"part_1.dia\"\nimport \"part_2.dia\"\n");
        split.extend(schemas.iter().cloned());
        same(name, &compile(&whole), &compile(&split));
    }
}
