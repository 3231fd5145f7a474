//! Rules' pages keep their word: a `dia,bad` block yields its rule and no other (but what it waives), a `dia,good` block none of it and no error. The pages are in RULES.md.
//!
//! A `sql` block is the file `dump.sql` beside the block that follows it.

use std::path::Path;

use libtest_mimic::Trial;

use super::expect;
use super::run::{self, Scratch};
use diac::diag::Diagnostic;
use diac::output::OutputTree;
use diac::rules::{ALL, Rule};

/// A fenced block: what stands behind the fence, and the text.
struct Block {
    kind: String,
    text: String,
}

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = ALL
        .iter()
        .map(|rule| Trial::test(format!("docs/{}", rule.name), move || page(rule).map_err(Into::into)))
        .collect();
    trials.push(Trial::test("docs/RULES.md", || expect::file(Path::new("RULES.md"), &rules_md()).map_err(Into::into)));
    trials.push(Trial::test("docs/README.md", || readme().map_err(Into::into)));
    trials.push(Trial::test("docs/lab.md", || lab().map_err(Into::into)));
    trials
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        // A page's lines keep the blank behind `///`.
        let line = line.strip_prefix(' ').unwrap_or(line);
        match (line.strip_prefix("```"), open.take()) {
            (Some(kind), None) => open = Some(Block { kind: kind.to_owned(), text: String::new() }),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks
}

fn page(rule: &Rule) -> Result<(), String> {
    let mut dump = None;
    let mut earlier = None;
    for block in blocks(rule.page) {
        let bad = match block.kind.as_str() {
            "sql" => {
                dump = Some(block.text);
                continue;
            }
            // What was compiled before, for all blocks behind it.
            "dia,before" => {
                let scratch = Scratch::new();
                scratch.put("page.dia", &block.text);
                let outcome = run::compile(scratch.name(), &["page.dia"])?;
                let said = outcome.human();
                earlier = Some(outcome.tree.ok_or_else(|| format!("what was before does not compile:\n{said}"))?);
                continue;
            }
            "dia,bad" => true,
            "dia,good" => false,
            other => return Err(format!("a block is `dia,bad`, `dia,good`, `dia,before` or `sql`, not `{other}`")),
        };
        let findings = findings(&block.text, dump.take().as_deref(), earlier.as_ref(), rule.name)?;
        let said = || findings.iter().map(|f| format!("{}: {}", f.rule, f.message)).collect::<Vec<_>>().join("\n");
        if bad {
            if findings.is_empty() || findings.iter().any(|f| f.rule != rule.name && f.waived.is_none()) {
                return Err(format!("the bad example yields\n{}\n{}", said(), block.text));
            }
        } else if findings.iter().any(|finding| finding.rule == rule.name || finding.blocks()) {
            return Err(format!("the good example yields\n{}\n{}", said(), block.text));
        }
    }
    Ok(())
}

fn findings(
    page: &str,
    dump: Option<&str>,
    earlier: Option<&OutputTree>,
    about: &str,
) -> Result<Vec<Diagnostic>, String> {
    let scratch = Scratch::new();
    scratch.put("page.dia", page);
    if let Some(dump) = dump {
        scratch.put("dump.sql", dump);
    }
    let outcome = match earlier {
        Some(tree) => run::compile_after(scratch.name(), &["page.dia"], tree)?,
        None => run::compile(scratch.name(), &["page.dia"])?,
    };
    Ok(outcome.about(about).findings)
}

/// RULES.md as the registry has it.
fn rules_md() -> String {
    let mut text = String::from(
        "# Rules\n\nEverything diac can say has a name, and each name has a page. This file is made from the rules themselves \
         (`UPDATE_EXPECT=1 cargo test --test suite docs`); `diac explain NAME` prints the same.\n\n| rule | weight | waivable | what is wrong |\n|---|---|---|---|\n",
    );
    for rule in ALL {
        let waivable = if rule.waivable { "yes" } else { "never" };
        let name = rule.name;
        text.push_str(&format!("| [`{name}`](#{name}) | {} | {waivable} | {} |\n", rule.severity.word(), rule.title));
    }
    for rule in ALL {
        let waivable = if rule.waivable { "can be waived with `allow`" } else { "never waived" };
        text.push_str(&format!("\n## {}\n\n{}, {waivable}, since {}\n\n", rule.name, rule.severity.word(), rule.since));
        for line in rule.page.trim_end().lines() {
            let line = line.strip_prefix(' ').unwrap_or(line);
            // Markdown knows the language by its first word only.
            text.push_str(match line {
                "```dia,bad" => "```dia\n# refused",
                "```dia,good" => "```dia\n# sound",
                "```dia,before" => "```dia\n# compiled before",
                line => line,
            });
            text.push('\n');
        }
    }
    text
}

/// The README's pages compile; one that is shown to be refused says so behind its fence.
fn readme() -> Result<(), String> {
    let Ok(text) = std::fs::read_to_string("README.md") else { return Ok(()) };
    for block in blocks(&text).into_iter().filter(|block| block.kind == "dia" || block.kind == "dia,bad") {
        let findings = findings(&block.text, None, None, "")?;
        let refused = findings.iter().any(Diagnostic::blocks);
        if refused != (block.kind == "dia,bad") {
            let said: Vec<String> = findings.iter().map(|f| format!("{}: {}", f.rule, f.message)).collect();
            return Err(format!("a block of README.md yields\n{}\n{}", said.join("\n"), block.text));
        }
    }
    Ok(())
}

/// What the lab has shown is what it should show: every fault was felt, no row differs, every anomaly occurred where it was predicted and nowhere else.
fn lab() -> Result<(), String> {
    let text = std::fs::read_to_string("docs/lab.md").map_err(|error| format!("docs/lab.md: {error}"))?;
    let mut rows = 0;
    for line in text
        .lines()
        .filter(|it| it.starts_with("| ") && !it.starts_with("| case |") && !it.starts_with("| prediction |"))
    {
        rows += 1;
        let cells: Vec<&str> = line.split(" | ").collect();
        let [_, _, _, felt, _, differences, last] = cells.as_slice() else {
            return Err(format!("not a row of seven cells: {line}"));
        };
        let is_fault = last.trim_end_matches(" |").parse::<u64>().is_ok();
        if is_fault && (felt.starts_with("0 ") || *differences != "0") {
            return Err(format!("a fault that was not felt, or rows that differ: {line}"));
        }
    }
    match ["FAILED in its last run", "not as predicted"].iter().find(|it| text.contains(*it)) {
        Some(what) => Err(format!("docs/lab.md says {what:?}")),
        None if rows == 0 => Err("docs/lab.md has no rows".to_owned()),
        None => Ok(()),
    }
}
