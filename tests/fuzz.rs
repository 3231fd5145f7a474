//! Mutated texts by the million: nothing panics, nothing hangs, findings lie in the text and help, `diac fmt` keeps its laws, a sound plan emits.
//!
//! Every input is made from the seed and its number alone, so that one is found again: `--from N --count 1`. A short run is part of the tests;
//! `cargo test --release --test fuzz -- --count 10000000 --threads 2` is the long one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs
)]

mod corpus;

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use corpus::{Page, inputs, mutate, small};
use diac::diag::Diagnostic;
use diac::render::{human, json};
use diac::source::{FileId, Span};
use diac::syntax::{Parsed, fmt, parse};

/// No text of a page's size may take longer; the machine may be busy.
const SLOW: Duration = Duration::from_secs(5);
/// Then the run is given up, since a thread cannot be ended.
const HANGS: Duration = Duration::from_secs(60);
/// What the command line's own thread has.
const STACK: usize = 8 << 20;

/// How a run was asked for.
struct Run {
    seed: u64,
    from: u64,
    count: u64,
    threads: u64,
}

/// What was done.
#[derive(Default)]
struct Tally {
    inputs: AtomicU64,
    without_finding: AtomicU64,
    findings: AtomicU64,
    formatted: AtomicU64,
    edits: AtomicU64,
    compiled: AtomicU64,
    emitted: AtomicU64,
}

fn main() {
    let Some(run) = arguments() else {
        println!("\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.00s");
        return;
    };
    let start = Instant::now();
    let (pages, words) = (pages(), words());
    let tally = Tally::default();
    let faults: Mutex<Vec<String>> = Mutex::new(Vec::new());
    // The number of the input a thread is at, and when it started on it, in milliseconds.
    let at: Vec<(AtomicU64, AtomicU64)> = (0..run.threads).map(|_| Default::default()).collect();
    let (next, left) = (AtomicU64::new(run.from), AtomicU64::new(run.threads));
    let done = AtomicBool::new(false);
    println!("{} inputs from number {}, seed {}, {} texts to start from", run.count, run.from, run.seed, pages.len());
    std::panic::set_hook(Box::new(|_| {}));
    std::thread::scope(|scope| {
        for (number, started) in &at {
            let work = || {
                loop {
                    let input = next.fetch_add(1, Ordering::Relaxed);
                    let full = faults.lock().unwrap().len() >= 20;
                    if input >= run.from + run.count || full {
                        break;
                    }
                    number.store(input, Ordering::Relaxed);
                    started.store(u64::try_from(start.elapsed().as_millis()).unwrap(), Ordering::Relaxed);
                    if let Some(fault) = one(&run, input, &pages, &words, &tally) {
                        println!("input {input}: {fault}");
                        faults.lock().unwrap().push(fault);
                    }
                }
                if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    done.store(true, Ordering::Relaxed);
                }
            };
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).unwrap();
        }
        let mut said = Instant::now();
        while !done.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
            let now = start.elapsed();
            for (number, started) in &at {
                let since = now.saturating_sub(Duration::from_millis(started.load(Ordering::Relaxed)));
                if since > HANGS && number.load(Ordering::Relaxed) > 0 {
                    println!("input {} hangs", number.load(Ordering::Relaxed));
                    std::process::exit(1);
                }
            }
            if said.elapsed() > Duration::from_secs(60) {
                said = Instant::now();
                println!("{} inputs in {} s", tally.inputs.load(Ordering::Relaxed), now.as_secs());
            }
        }
    });
    let faults = faults.into_inner().unwrap();
    let (seconds, of) = (start.elapsed().as_secs_f64(), |count: &AtomicU64| count.load(Ordering::Relaxed));
    #[allow(clippy::cast_precision_loss)]
    let rate = of(&tally.inputs) as f64 / seconds;
    println!(
        "{} inputs in {seconds:.0} s, {rate:.0} a second, seed {}: {} without a finding, {} findings in the others, {} held by the laws of fmt, {} edits \
         applied, {} compiled, {} emitted; {} faults",
        of(&tally.inputs),
        run.seed,
        of(&tally.without_finding),
        of(&tally.findings),
        of(&tally.formatted),
        of(&tally.edits),
        of(&tally.compiled),
        of(&tally.emitted),
        faults.len()
    );
    let (result, passed) = if faults.is_empty() { ("ok", 1) } else { ("FAILED", 0) };
    println!(
        "\ntest result: {result}. {passed} passed; {} failed; 0 ignored; 0 measured; 0 filtered out; finished in {seconds:.2}s",
        1 - passed
    );
    std::process::exit(i32::from(!faults.is_empty()));
}

/// What is asked for; nothing where another test is.
fn arguments() -> Option<Run> {
    let (seed, count) = (corpus::number("DIAC_SEED", 2026), corpus::number("DIAC_CASES", 10_000));
    let mut run = Run { seed, from: 0, count, threads: 1 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{word} NUMBER"));
        match word.as_str() {
            "--seed" => run.seed = number(),
            "--from" => run.from = number(),
            "--count" => run.count = number(),
            "--threads" => run.threads = number(),
            "--list" => return None,
            other if !other.starts_with('-') && !"fuzz".contains(other) => return None,
            _ => {}
        }
    }
    Some(run)
}

// ---------- inputs ----------

/// Every page there is: examples, cases, constructs, mistakes.
fn pages() -> Vec<Page> {
    let mut pages: Vec<Page> = corpus::corpus().into_iter().filter(small).collect();
    let mut add = |name: &str, text: String| pages.push(vec![(name.to_owned(), text)]);
    for file in std::fs::read_dir("tests/surface/mistakes").unwrap().flatten() {
        let text = std::fs::read_to_string(file.path()).unwrap().replace(['⟨', '⟩'], "");
        for case in text.split("\n=== ").skip(1).filter_map(|case| case.split_once('\n')) {
            add("mistake.dia", case.1.to_owned());
        }
    }
    let text = std::fs::read_to_string("tests/surface/constructs.txt").unwrap();
    let constructs: Vec<&str> =
        text.split("\n=== ").skip(1).filter_map(|case| Some(case.split_once('\n')?.1)).collect();
    // Alone, and a few together, so that a mistake in one meets the next.
    for (at, construct) in constructs.iter().enumerate() {
        add("construct.dia", (*construct).to_owned());
        add("constructs.dia", constructs[at..(at + 4).min(constructs.len())].concat());
    }
    pages.sort();
    pages
}

/// All words of the grammar.
fn words() -> Vec<String> {
    let grammar = std::fs::read_to_string("grammar/diac.pest").unwrap();
    let words = grammar.lines().filter_map(|line| line.strip_prefix("kw_")?.split(" = ").next());
    words.map(str::to_owned).collect()
}

/// A sequence of numbers that a start decides (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most.max(1)).unwrap()).unwrap()
    }

    fn short(&mut self) -> u16 {
        u16::try_from(self.next() & 0xffff).unwrap()
    }
}

/// The page of a number, and which of its files is mutated.
fn input(run: &Run, number: u64, pages: &[Page], words: &[String]) -> (Page, usize) {
    let mut numbers = Numbers(run.seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let mut page = pages[numbers.below(pages.len())].clone();
    let other = &pages[numbers.below(pages.len())][0].1;
    let at = numbers.below(page.len());
    let at = if page[at].0.ends_with(".dia") { at } else { 0 };
    let count = 1 + numbers.below(5);
    for _ in 0..count {
        let text = &mut page[at].1;
        if numbers.below(4) == 0 {
            let tokens = corpus::tokens(text);
            let place = numbers.below(tokens.len());
            let word = words[numbers.below(words.len())].as_str();
            let put = numbers.below(3);
            let mut made = String::with_capacity(text.len() + 20);
            for (index, token) in tokens.into_iter().enumerate() {
                match (index == place, put) {
                    (true, 0) => made.push_str(word),
                    (true, 1) => made.extend([word, " ", token]),
                    (true, _) => made.extend([token, " ", word, " "]),
                    (false, _) => made.push_str(token),
                }
            }
            *text = made;
            continue;
        }
        let change = (u8::try_from(numbers.below(10)).unwrap(), numbers.short(), numbers.short(), numbers.short());
        *text = mutate(text, &[change], other);
    }
    (page, at)
}

// ---------- what must hold ----------

fn one(run: &Run, number: u64, pages: &[Page], words: &[String], tally: &Tally) -> Option<String> {
    let (page, at) = input(run, number, pages, words);
    let text = page[at].1.as_str();
    let started = Instant::now();
    let held = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let parsed = parse(FileId(0), text);
        let fault = places(text, &parsed);
        if parsed.diagnostics.is_empty() {
            tally.without_finding.fetch_add(1, Ordering::Relaxed);
        }
        tally.findings.fetch_add(u64::try_from(parsed.diagnostics.len()).unwrap(), Ordering::Relaxed);
        let fault = fault.or_else(|| if number.is_multiple_of(8) { form(text, tally) } else { None });
        let fault = fault.or_else(|| if number % 8 == 4 { edits(text, &parsed, tally) } else { None });
        fault.or_else(|| if number.is_multiple_of(32) { whole(&page, tally) } else { None })
    }));
    tally.inputs.fetch_add(1, Ordering::Relaxed);
    let took = started.elapsed();
    let fault = match held {
        Ok(fault) => fault,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!("a panic: {}", said.unwrap_or_default()))
        }
    };
    let fault = fault.or_else(|| (took > SLOW).then(|| format!("it took {} ms", took.as_millis())));
    fault.map(|fault| format!("{fault}\n---\n{text}\n---"))
}

/// Findings lie in the text and help; a hole is a finding.
fn places(text: &str, parsed: &Parsed) -> Option<String> {
    let inside = |span: Span| span.start <= span.end && text.get(span.range()).is_some();
    for finding in &parsed.diagnostics {
        let labels = finding.labels.iter().all(|label| inside(label.span));
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).all(|edit| inside(edit.span));
        if !inside(finding.primary.span) || !labels || !edits {
            return Some(format!("a place outside of the text: {finding:?}"));
        }
        if finding.help.is_none() || finding.message.contains("internal error") {
            return Some(format!("no help: {finding:?}"));
        }
    }
    let unsaid = !parsed.holes.is_empty() && parsed.diagnostics.is_empty();
    unsaid.then(|| "a hole without a finding".to_owned())
}

/// Formatted twice is formatted once, and what is formatted can be read.
fn form(text: &str, tally: &Tally) -> Option<String> {
    let made = match fmt::format(FileId(0), text) {
        Ok(made) => made,
        Err(findings) if findings.iter().any(|finding| finding.message.contains("internal error")) => {
            return Some("fmt gave up".to_owned());
        }
        Err(_) => return None,
    };
    tally.formatted.fetch_add(1, Ordering::Relaxed);
    match fmt::format(FileId(0), &made) {
        Ok(again) if again == made => None,
        Ok(again) => Some(format!("fmt changes what it made:\n{made}\n---\n{again}")),
        Err(_) => Some(format!("fmt cannot read what it made:\n{made}")),
    }
}

/// An edit that is offered leaves a page with fewer findings.
fn edits(text: &str, parsed: &Parsed, tally: &Tally) -> Option<String> {
    let finding = parsed.diagnostics.iter().find(|finding| finding.fix.is_some())?;
    let cured = apply(text, finding);
    tally.edits.fetch_add(1, Ordering::Relaxed);
    let left = parse(FileId(0), &cured);
    if let Some(fault) = places(&cured, &left) {
        return Some(format!("after an edit: {fault}"));
    }
    let same = left.diagnostics.iter().any(|other| {
        other.message == finding.message && other.primary.span == finding.primary.span && other.fix == finding.fix
    });
    same.then(|| format!("an edit that changes nothing: {finding:?}"))
}

fn apply(text: &str, finding: &Diagnostic) -> String {
    let mut edits = finding.fix.clone().unwrap().edits;
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.range(), &edit.text);
    }
    text
}

/// The whole compiler, up to the files.
fn whole(page: &Page, tally: &Tally) -> Option<String> {
    let inputs = inputs(page);
    let resolved = diac::model::resolve::resolve(&inputs);
    let plan = diac::plan::plan(&resolved.model, None);
    let before = inputs.diagnostics.iter().cloned().chain(resolved.diagnostics).collect();
    let checked = diac::check::check(&resolved.model, &plan, &inputs.sources, before, "2026-07-01");
    let _ = human::report(&checked.findings, &inputs.sources, human::Look::PLAIN);
    let _ = json::report(&checked.findings, &inputs.sources);
    tally.compiled.fetch_add(1, Ordering::Relaxed);
    if let Some(finding) = checked.findings.iter().find(|finding| finding.help.is_none()) {
        return Some(format!("no help: {finding:?}"));
    }
    if let Some(sound) = checked.sound() {
        if diac::targets::emit(&sound).files().next().is_none() {
            return Some("a sound plan without a file".to_owned());
        }
        tally.emitted.fetch_add(1, Ordering::Relaxed);
    }
    None
}
