//! Laws of `diac fmt`: done twice it is done once; what a page says, its remarks and its findings stay. Held over the examples, every page of `tests/ui`
//! that can be read, and mutations of both that still can. `tests/fmt/<case>.dia` and `.expected` show the form; `UPDATE_EXPECT=1` blesses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    missing_docs
)]

mod corpus;

use std::cell::Cell;

use corpus::{Page, corpus, inputs, mutate, number, small, tokens};
use diac::source::FileId;
use diac::syntax::ast::{Item, ViewStatement};
use diac::syntax::{Parsed, fmt, parse};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

const FILE: FileId = FileId(0);

// ---------- what must stay ----------

/// A debug text without the places in it.
fn unplaced(node: &impl std::fmt::Debug) -> String {
    let text = format!("{node:?}");
    let mut parts = text.split("Span { file: FileId(");
    let mut bare = parts.next().unwrap().to_owned();
    for part in parts {
        bare.push_str(part.split_once('}').unwrap().1);
    }
    bare
}

/// What a view's statements say. Statements of different kinds may change places, those of one kind may not.
fn statements(all: &[ViewStatement]) -> Vec<(String, String)> {
    let kind = |text: &str| text.split(['(', ' ', '{']).next().unwrap().to_owned();
    let mut all: Vec<_> = all.iter().map(|one| unplaced(&one.kind)).map(|text| (kind(&text), text)).collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

/// What a text says, without the order of imports and of a view's statements.
fn meaning(parsed: &Parsed) -> Vec<String> {
    let mut imports = Vec::new();
    let mut all = Vec::new();
    for item in &parsed.ast.items {
        let mut item = item.clone();
        let mut body = Vec::new();
        match &mut item {
            Item::Import(name) => {
                imports.push(name.value.clone());
                name.value.clear();
            }
            Item::View(view) => body = statements(&std::mem::take(&mut view.statements)),
            Item::Defaults(defaults) => body = statements(&std::mem::take(&mut defaults.statements)),
            _ => {}
        }
        all.push(format!("{} {body:?}", unplaced(&item)));
    }
    imports.sort();
    all.extend(imports);
    all
}

/// Whether the formatter may have moved something: then remarks moved with it.
fn order(parsed: &Parsed) -> Vec<String> {
    let mut all = Vec::new();
    for item in &parsed.ast.items {
        match item {
            Item::Import(name) => all.push(name.value.clone()),
            Item::View(view) => all.extend(view.statements.iter().map(|one| unplaced(&one.kind))),
            Item::Defaults(defaults) => all.extend(defaults.statements.iter().map(|one| unplaced(&one.kind))),
            _ => {}
        }
    }
    all
}

fn remarks(text: &str, parsed: &Parsed) -> Vec<String> {
    parsed.comments.iter().map(|comment| text[comment.span.range()].trim_end().to_owned()).collect()
}

/// The laws for one text; `None` where it is refused.
fn hold(text: &str) -> Option<Result<String, String>> {
    let before = parse(FILE, text);
    let made = match fmt::format(FILE, text) {
        Ok(made) => made,
        Err(findings) if findings.iter().any(|finding| finding.message.contains("internal")) => {
            return Some(Err(format!("it gave up: {}", findings[0].message)));
        }
        Err(_) => return None,
    };
    Some(faults(text, &before, &made).map_or(Ok(made), Err))
}

fn faults(text: &str, before: &Parsed, made: &str) -> Option<String> {
    let after = parse(FILE, made);
    let wrong = |what: &str| Some(format!("{what}:\n{made}"));
    match fmt::format(FILE, made) {
        Ok(again) if again != made => {
            let diff = similar::TextDiff::from_lines(made, &again).unified_diff().to_string();
            return Some(format!("the second time changes it:\n{diff}"));
        }
        Ok(_) => {}
        Err(_) => return wrong("it cannot be read"),
    }
    if meaning(before) != meaning(&after) {
        return wrong("it says something else");
    }
    let (mut one, mut other) = (remarks(text, before), remarks(made, &after));
    if order(before) != order(&after) {
        one.sort();
        other.sort();
    }
    if one != other {
        return wrong("other remarks");
    }
    if made.lines().any(|line| line.ends_with([' ', '\t', '\r'])) || made.contains("\n\n\n") {
        return wrong("blanks that nobody sees");
    }
    let ends = made.ends_with('\n') && !made.ends_with("\n\n");
    if !made.is_empty() && (made.starts_with('\n') || !ends) {
        return wrong("a file starts with its first line and ends with its last");
    }
    None
}

/// Rule and message of each finding, sorted.
fn findings(page: &[(String, String)]) -> Vec<(&'static str, String)> {
    let inputs = inputs(page);
    let resolved = diac::model::resolve::resolve(&inputs);
    let plan = diac::plan::plan(&resolved.model, None);
    let before = inputs.diagnostics.iter().cloned().chain(resolved.diagnostics).collect();
    let checked = diac::check::check(&resolved.model, &plan, &inputs.sources, before, "2026-07-01");
    let mut findings: Vec<_> = checked.findings.iter().map(|f| (f.rule, f.message.clone())).collect();
    findings.sort();
    findings
}

// ---------- on what ----------

#[test]
fn every_page_keeps_what_it_says() {
    let (mut formatted, mut refused) = (0, 0);
    for page in corpus() {
        let mut after = page.clone();
        for (name, text) in after.iter_mut().filter(|(name, _)| name.ends_with(".dia")) {
            match hold(text) {
                Some(Ok(made)) => {
                    *text = made;
                    formatted += 1;
                }
                Some(Err(fault)) => panic!("{name}: {fault}"),
                None => refused += 1,
            }
        }
        assert_eq!(findings(&page), findings(&after), "{}: other findings", page[0].0);
    }
    println!("{formatted} files formatted, {refused} refused");
    assert!(formatted > 150, "{formatted} files");
}

#[test]
fn the_examples_have_their_form() {
    for page in corpus().iter().filter(|page| page[0].0.starts_with("examples")) {
        for (name, text) in page.iter().filter(|(name, _)| name.ends_with(".dia")) {
            assert!(fmt::format(FILE, text).as_ref() == Ok(text), "{name} is not as `diac fmt` writes it");
        }
    }
}

/// Other blanks, breaks, remarks, commas and quotes, most of which say the same.
fn respace(text: &str, changes: &[(u16, u8)]) -> String {
    const BLANKS: &[&str] = &["  ", "\t", "\n", "\n  ", " # between\n", "\n# between\n", ", ", ",", ""];
    const BREAKS: &[&str] = &[
        "\n\n\n",
        "\r\n",
        "  # behind\n",
        "\n  # above\n",
        "\n\n# apart\n\n",
        "\n## said\n",
        ",\n",
        ", # behind a comma\n",
        " ",
        ", ",
        " \t\n\t",
        "\n # one\n\n\n # two\n",
    ];
    const SIGNS: &[&str] = &["\n|", "\n{", " }", "\n  or", "( ", ",\n", ",# c\n", "`a b`", " and 'x' = \"y'\"", "\r"];
    let mut parts: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
    for (at, what) in changes {
        let (at, what) = (*at as usize % parts.len().max(1), *what as usize);
        let gaps = |wanted: fn(&str) -> bool| {
            let found = parts.iter().enumerate().cycle().skip(at).take(parts.len());
            found.into_iter().find(|(_, part)| wanted(part)).map(|(at, _)| at)
        };
        let (place, choice) = match what % 8 {
            0..=3 => (gaps(|part| part == "\n"), BREAKS[what / 8 % BREAKS.len()]),
            4 | 5 => (gaps(|part| part == " "), BLANKS[what / 8 % BLANKS.len()]),
            6 => (gaps(|part| part == "\"" || part == "'"), if what / 8 % 2 == 0 { "'" } else { "\"" }),
            _ => (gaps(|part| matches!(part, "|" | "{" | "}" | "(" | ",")), SIGNS[what / 8 % SIGNS.len()]),
        };
        if let Some(place) = place {
            choice.clone_into(&mut parts[place]);
        }
    }
    parts.concat()
}

#[test]
fn mutated_texts_keep_what_they_say() {
    let (cases, seed) = (u32::try_from(number("DIAC_CASES", 3000)).unwrap(), number("DIAC_SEED", 2026));
    let pages: Vec<Page> = corpus().into_iter().filter(small).collect();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let any = proptest::num::u16::ANY;
    let strategy = (
        (0..pages.len(), 0..pages.len(), 0usize..8),
        proptest::collection::vec((any, proptest::num::u8::ANY), 0..8),
        proptest::collection::vec((0u8..10, any, any, any), 0..2),
    );
    let (held, compared) = (Cell::new(0), Cell::new(0));
    let outcome = runner.run(&strategy, |((page, other, file), spaces, changes)| {
        let page = &pages[page];
        let sources = page.iter().take_while(|(name, _)| name.ends_with(".dia")).count().max(1);
        let at = file % sources;
        let text = mutate(&respace(&page[at].1, &spaces), &changes, &pages[other][0].1);
        let made = match hold(&text) {
            Some(Ok(made)) => made,
            Some(Err(fault)) => return Err(TestCaseError::fail(format!("{fault}\n--- from\n{text}"))),
            None => return Ok(()),
        };
        held.set(held.get() + 1);
        if held.get() % 4 == 0 {
            compared.set(compared.get() + 1);
            let with = |text: &str| {
                let mut page = page.clone();
                text.clone_into(&mut page[at].1);
                findings(&page)
            };
            let (before, after) = (with(&text), with(&made));
            if before != after {
                return Err(TestCaseError::fail(format!("other findings: {before:?}\n{after:?}\n--- from\n{text}")));
            }
        }
        Ok(())
    });
    println!("{} of {cases} mutated texts held, {} compared by findings, seed {seed}", held.get(), compared.get());
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(held.get() > cases / 10, "only {} of {cases} texts could be read", held.get());
}

// ---------- the form ----------

#[test]
fn cases_have_their_form() {
    let bless = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir("tests/fmt").unwrap().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "dia") {
            continue;
        }
        count += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let made = hold(&text).expect("a case can be read").unwrap();
        let expected = path.with_extension("expected");
        let there = std::fs::read_to_string(&expected).unwrap_or_default();
        if there == made {
            continue;
        }
        if bless {
            std::fs::write(&expected, &made).unwrap();
        } else {
            let diff = similar::TextDiff::from_lines(&there, &made).unified_diff().to_string();
            wrong.push(format!("{}:\n{diff}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 8, "{count} cases");
}

#[test]
fn a_page_with_a_hole_is_refused_with_its_findings() {
    for text in [
        "entity a in b.c {\n  id bigint\n",
        "vieww x { }\n",
        "system shop: postgres {\n  schema \"x\n}\n",
        "## nothing\n",
        "view v {\n  a\n  | where b = \"c\"\n}\n",
    ] {
        let findings = fmt::format(FILE, text).unwrap_err();
        assert_eq!(findings, parse(FILE, text).diagnostics, "{text}");
        assert!(!findings.is_empty());
    }
    // A wrong value is no hole.
    assert!(fmt::format(FILE, "view v {\n  a\n  allow x because \"y\" until 2026-02-31\n}\n").is_ok());
}
