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

use std::collections::BTreeMap;
use std::path::Path;

use diac::inputs::Inputs;
use diac::output::OutputTree;
use diac::render::{human, json};
use diac::source::{FileId, SourceMap};
use diac::syntax::ast::{File, Item, SystemStatement};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Names and texts of one compilation; the first file is the root.
type Page = Vec<(String, String)>;

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

/// What loading would make of the files; schemas are found by the ends of their names.
fn inputs(page: &[(String, String)]) -> Inputs {
    let mut inputs = Inputs { sources: SourceMap::default(), ..Inputs::default() };
    for (name, text) in page {
        inputs.sources.add(name.clone(), text.clone());
    }
    for (name, text) in page.iter().filter(|(name, _)| name.ends_with(".dia")) {
        let id = inputs.sources.find(name).unwrap();
        let parsed = diac::syntax::parse(id, text);
        for (key, files) in references(id, &parsed.ast, page, &inputs.sources) {
            inputs.references.insert(key, files);
        }
        inputs.diagnostics.extend(parsed.diagnostics);
        inputs.unread.extend(parsed.unread);
        inputs.files.push((id, parsed.ast));
    }
    inputs
}

fn references(
    id: FileId,
    tree: &File,
    page: &[(String, String)],
    sources: &SourceMap,
) -> BTreeMap<(FileId, String), Vec<FileId>> {
    let mut found = BTreeMap::new();
    for item in &tree.items {
        let Item::System(system) = item else { continue };
        for statement in &system.statements {
            let SystemStatement::Schema(text) = statement else { continue };
            let last = text.value.rsplit('/').next().unwrap_or("");
            let file = page.iter().find(|(name, _)| name.ends_with(last) && name.ends_with(".sql"));
            if let Some(file) = file.and_then(|(name, _)| sources.find(name)) {
                found.insert((id, text.value.clone()), vec![file]);
            }
        }
    }
    found
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(read(&path));
        } else if path.extension().is_some_and(|ending| ending == "dia" || ending == "sql") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            files.insert(path.to_str().unwrap().to_owned(), text);
        }
    }
    files
}

/// Every page there is: each example as a whole, each case of `tests/ui` with the schemas beside it.
fn corpus() -> Vec<Page> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir("examples").unwrap().flatten() {
        let mut files: Page = read(&entry.path()).into_iter().collect();
        // Pages first, so that a mutation meets them more often than a large schema.
        files.sort_by_key(|(name, _)| !name.ends_with(".dia"));
        pages.push(files);
    }
    for entry in std::fs::read_dir("tests/ui").unwrap().flatten() {
        let files = read(&entry.path());
        let schemas: Page = files.iter().filter(|(name, _)| name.ends_with(".sql")).map(pair).collect();
        for (name, text) in files.iter().filter(|(name, text)| name.ends_with(".dia") && !text.contains("#! grow")) {
            let mut page = vec![(name.clone(), text.clone())];
            page.extend(schemas.iter().filter(|(schema, _)| text.contains(last(schema))).cloned());
            pages.push(page);
        }
    }
    pages.sort();
    pages
}

fn pair((name, text): (&String, &String)) -> (String, String) {
    (name.clone(), text.clone())
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The large schema is met by its example alone; hundreds of mutations of it would take minutes and say nothing new.
fn small(page: &Page) -> bool {
    page.iter().map(|(_, text)| text.len()).sum::<usize>() < 40_000
}

// ---------- mutations ----------

/// One change of a text; the numbers choose places and pieces, whatever the text's length.
type Change = (u8, u16, u16, u16);

const SIGNS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "|",
    ",",
    ".",
    ":",
    "=",
    "\"",
    "'",
    "`",
    "#",
    "##",
    "*",
    "\n",
    "\t",
    " ",
    "é",
    "\u{feff}",
    "0",
    "99999999999999999999",
    "5s",
    "64GiB",
    "null",
    "`a b`",
    "--",
    "/*",
    "$$",
    ";",
    "\\",
];

/// Words and single signs, blanks included: joined they are the text.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if word(first) { rest.find(|c: char| !word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    tokens
}

fn mutate(text: &str, changes: &[Change], other: &str) -> String {
    let foreign = tokens(other);
    let mut text = text.to_owned();
    for (kind, a, b, c) in changes {
        let (a, b, c) = (*a as usize, *b as usize, *c as usize);
        if *kind < 4 {
            text = mutate_bytes(&text, *kind, a, b);
            continue;
        }
        let mut all: Vec<String> = tokens(&text).into_iter().map(str::to_owned).collect();
        if all.is_empty() {
            continue;
        }
        let at = a % all.len();
        let until = (at + 1 + b % 12).min(all.len());
        let piece = |n: usize| foreign.get(n % foreign.len().max(1)).copied().unwrap_or(" ");
        match kind {
            4 => drop(all.drain(at..until)),
            5 => {
                let copy = all[at..until].to_vec();
                let place = c % (all.len() + 1);
                all.splice(place..place, copy);
            }
            6 => {
                let place = c % all.len();
                all.swap(at, place);
            }
            7 => all[at] = piece(c).to_owned(),
            8 => all.insert(at, SIGNS[c % SIGNS.len()].to_owned()),
            _ => all.insert(at, format!("{} {} ", piece(c), piece(c + 2))),
        }
        text = all.concat();
    }
    text
}

fn mutate_bytes(text: &str, kind: u8, a: usize, b: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = a % (bytes.len() + 1);
    let until = (at + b % 40).min(bytes.len());
    match kind {
        0 => drop(bytes.drain(at..until)),
        1 => bytes.insert(at, u8::try_from(b % 256).unwrap_or(0)),
        2 => bytes.truncate(at),
        _ => bytes.splice(at..at, text.as_bytes()[at..until].to_vec()).for_each(drop),
    }
    // A file that is no UTF-8 is not parsed at all.
    String::from_utf8_lossy(&bytes).into_owned()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
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
