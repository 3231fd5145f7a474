//! `constructs.txt`: each construct parses into the tree, and `diac fmt` leaves it alone.

use diac::source::FileId;
use diac::syntax::{fmt, parse};

const TABLE: &str = include_str!("constructs.txt");

/// What the tree is to hold, and the text.
fn cases() -> Vec<(Vec<String>, String)> {
    let mut cases = Vec::new();
    for case in TABLE.split("\n=== ").skip(1) {
        let (head, text) = case.split_once('\n').unwrap();
        cases.push((head.split(", ").map(str::to_owned).collect(), format!("{}\n", text.trim_end())));
    }
    cases
}

#[test]
fn each_construct_parses_and_keeps_its_form() {
    let mut wrong = Vec::new();
    for (words, text) in cases() {
        let parsed = parse(FileId(0), &text);
        if !parsed.diagnostics.is_empty() || !parsed.holes.is_empty() {
            let said: Vec<&str> = parsed.diagnostics.iter().map(|finding| finding.message.as_str()).collect();
            wrong.push(format!("{text}   {said:?}"));
            continue;
        }
        let tree = format!("{:?}", parsed.ast);
        wrong.extend(
            words.iter().filter(|word| !tree.contains(*word)).map(|word| format!("{text}   no {word} in {tree}")),
        );
        match fmt::format(FileId(0), &text) {
            Ok(made) if made == text => {}
            Ok(made) => wrong.push(format!("{text}   is formatted as\n{made}")),
            Err(findings) => wrong.push(format!("{text}   {findings:?}")),
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
}

/// No word is in the grammar that the table does not show.
#[test]
fn each_word_of_the_grammar_is_in_the_table() {
    let grammar = std::fs::read_to_string("grammar/diac.pest").unwrap();
    let shown: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with("===")).collect();
    let shown = shown.join("\n");
    let shown: std::collections::BTreeSet<&str> = shown.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let words: Vec<&str> = grammar.lines().filter_map(|line| line.strip_prefix("kw_")?.split(" = ").next()).collect();
    assert!(words.len() > 150, "{} words", words.len());
    let missing: Vec<&&str> = words.iter().filter(|word| !shown.contains(**word)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}
