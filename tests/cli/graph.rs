//! `diac graph`: the document's pictures as text, for sound pages and others.

use std::process::{Command, Stdio};

use crate::process::expect;
use crate::scratch::Scratch;

const SOUND: &str = include_str!("sound.dia");
/// A service writes the record and its copy: the names resolve, and a rule refuses it.
const UNSAFE: &str = "system shop: postgres\nsystem search: elasticsearch\n\
    entity product in shop.public.products { product_id bigint key }\n\
    view product_search { product | search.products }\n\
    service catalog { writes product, product_search }\n";

#[test]
fn every_view_of_a_page_is_drawn_as_the_document_draws_it() {
    let scratch = Scratch::with(&[("shop.dia", SOUND)]);
    expect(0, &scratch.0, &["compile", "shop.dia"]);
    for (view, file) in
        [("dataflow", "dataflow"), ("write", "write-path"), ("read", "read-path"), ("order", "ordering")]
    {
        let (out, err) = expect(0, &scratch.0, &["graph", "shop.dia", "--view", view]);
        assert_eq!(out, scratch.text(&format!("out/diagrams/{file}.mmd")), "{view}");
        assert_eq!(err, "", "{view}");
        let (dot, _) = expect(0, &scratch.0, &["graph", ".", "--view", view, "--format", "dot"]);
        assert!(dot.starts_with("digraph {\n") && dot.ends_with("}\n"), "{dot}");
        assert_eq!(dot.matches(" -> ").count(), out.matches("--> ").count() + out.matches("|\"").count());
    }
}

#[test]
fn a_page_that_a_rule_refuses_is_drawn_and_refused() {
    let scratch = Scratch::with(&[("shop.dia", UNSAFE)]);
    let (out, err) = expect(1, &scratch.0, &["graph", "shop.dia"]);
    assert!(out.contains("writes past the log"), "{out}");
    assert!(err.contains("dual_write"), "{err}");
}

#[test]
fn a_page_that_does_not_resolve_is_not_drawn() {
    let scratch = Scratch::with(&[("shop.dia", "product | serch.products\n")]);
    let (out, err) = expect(1, &scratch.0, &["graph", "shop.dia"]);
    assert_eq!(out, "");
    assert!(err.contains("unknown_name"), "{err}");
}

/// Quotes that are not escaped come in pairs, and Graphviz draws it where there is one.
fn valid_dot(dot: &str) {
    for line in dot.lines() {
        let bare = line.replace("\\\\", "").replace("\\\"", "");
        assert!(bare.matches('"').count() % 2 == 0, "{line}");
    }
    let program = Command::new("dot").arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut program) = program else {
        println!("not run: there is no `dot` here");
        return;
    };
    std::io::Write::write_all(&mut program.stdin.take().unwrap(), dot.as_bytes()).unwrap();
    let done = program.wait_with_output().unwrap();
    assert!(done.status.success() && !done.stdout.is_empty(), "{dot}");
}

#[test]
fn hostile_names_are_valid_dot() {
    let page = "system shop: postgres\nsystem search: elasticsearch\n\
        entity `a\"]; x \\` in shop.`sch\\N`.`t\"&amp;<b>é` { id bigint key }\n\
        view `digraph {` { `a\"]; x \\` | search.rows }\nservice `\\\"` { writes `a\"]; x \\` }\n";
    let scratch = Scratch::with(&[("shop.dia", page)]);
    for view in ["dataflow", "write", "read", "order"] {
        let (dot, _) = expect(0, &scratch.0, &["graph", "shop.dia", "--view", view, "--format", "dot"]);
        valid_dot(&dot);
    }
}

/// Holds a picture against the grammar of the flowcharts that diac writes: a node a line, then edges between nodes that are there, and nothing in a text
/// that ends it.
fn valid_mermaid(text: &str) {
    let mut nodes = std::collections::BTreeSet::new();
    let inside = |text: &str| {
        let parts: Vec<&str> = text.split("<br/>").collect();
        assert!(parts.iter().all(|part| !part.contains(['"', '<', '>', '|', '`', '[', ']', '{', '}'])), "{text}");
    };
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("flowchart LR"));
    for line in lines {
        let line = line.strip_prefix("  ").unwrap_or_else(|| panic!("{line}"));
        if let Some((from, rest)) = line.split_once(" --> ").or_else(|| line.split_once(" -.-> ")) {
            assert!(nodes.contains(from) && nodes.contains(rest), "{line}");
        } else if let Some((from, rest)) = line.split_once(" -->|\"").or_else(|| line.split_once(" -.->|\"")) {
            let (words, to) = rest.split_once("\"| ").unwrap_or_else(|| panic!("{line}"));
            assert!(nodes.contains(from) && nodes.contains(to), "{line}");
            inside(words);
        } else {
            let at = line.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or_else(|| panic!("{line}"));
            let (id, label) = line.split_at(at);
            let shapes = [("([\"", "\"])"), ("[(\"", "\")]"), ("{{\"", "\"}}"), ("[\"", "\"]")];
            let label = shapes.iter().find_map(|(open, close)| label.strip_prefix(open)?.strip_suffix(close));
            inside(label.unwrap_or_else(|| panic!("{line}")));
            assert!(nodes.insert(id.to_owned()), "{line}");
        }
    }
}

/// Names that end quotes, brackets, lines and entities of HTML, in every place a picture shows one.
const HOSTILE: &str = "edition 2026\nsystem shop: postgres\nsystem `l\"|g`: kafka\nsystem search: elasticsearch\n\
    entity `a\"]; x` in shop.`sch`.`t|&amp;<b>é` { id bigint key }\n\
    event `e}} --> z` in `l\"|g`.`to]pic` partitioned by `k\"y` { `i(d` uuid key, `k\"y` bigint }\n\
    event `second #1;` in `l\"|g`.`%% no remark` { `i(d` uuid key }\n\
    process `p{\"` from `e}} --> z` { emit `second #1;` (`i(d`) when `k\"y` > 3 }\n\
    view `end` { `e}} --> z` | where `k\"y` > 1 | group by `k\"y` | select `k\"y`, count(*) as `n]` | search.index }\n\
    view `subgraph` { `a\"]; x` | search.rows }\n\
    hard constraint `c\"` on `a\"]; x`: unique (id)\n\
    service `\"s\\` {\n  writes `a\"]; x`\n  emits `e}} --> z`\n}\n";

#[test]
fn hostile_names_are_valid_pictures() {
    let scratch = Scratch::with(&[("page.dia", HOSTILE)]);
    for view in ["dataflow", "write", "read", "order"] {
        let (mermaid, err) = expect(1, &scratch.0, &["graph", "page.dia", "--view", view]);
        assert!(!mermaid.is_empty(), "{err}");
        valid_mermaid(&mermaid);
        let (dot, _) = expect(1, &scratch.0, &["graph", "page.dia", "--view", view, "--format", "dot"]);
        valid_dot(&dot);
    }
}

#[test]
fn what_is_not_compiled_is_drawn_wholly() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, view, pieces) in [
        ("company", "dataflow", &["order_placed into outbox public.outbox", "|\"left join\"|", "batch every 1d"][..]),
        ("company", "write", &["repaired by", "must always hold"]),
        ("company", "order", &["grouped by currency"]),
        ("transfers", "dataflow", &["split_transfer", "grouped by account_id"]),
        ("transfers_guarded", "write", &["balance #62;= 0", "emits debit_rejected"]),
        ("social", "dataflow", &["|\"join\"|", "per conversation_id"]),
        ("social_one_log", "order", &["per pair#40;recipient_id, sender_id#41;, as appended"]),
        ("legacy", "dataflow", &["nobody knows how", "writes past the log"]),
        ("legacy", "order", &["in no order that diac sees"]),
    ] {
        let page = format!("examples/{page}");
        let (mermaid, err) = expect(1, root, &["graph", &page, "--view", view]);
        valid_mermaid(&mermaid);
        for piece in pieces {
            assert!(mermaid.contains(piece), "{page} {view}: {piece}\n{mermaid}\n{err}");
        }
        let (dot, _) = expect(1, root, &["graph", &page, "--view", view, "--format", "dot"]);
        valid_dot(&dot);
    }
}

#[test]
fn a_whole_system_whose_tables_are_not_known_is_not_drawn() {
    let page = "system crm: mysql { schema \"dump.sql\" }\ncrm | elasticsearch\n";
    let scratch = Scratch::with(&[("page.dia", page)]);
    let (out, _) = expect(1, &scratch.0, &["graph", "page.dia"]);
    assert_eq!(out, "", "an empty picture would look like a page without anything");
}
