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

#[test]
fn hostile_names_are_valid_dot() {
    let page = "system shop: postgres\nsystem search: elasticsearch\n\
        entity `a\"]; x \\` in shop.`sch\\N`.`t\"&amp;<b>é` { id bigint key }\n\
        view `digraph {` { `a\"]; x \\` | search.rows }\nservice `\\\"` { writes `a\"]; x \\` }\n";
    let scratch = Scratch::with(&[("shop.dia", page)]);
    for view in ["dataflow", "write", "read", "order"] {
        let (dot, _) = expect(0, &scratch.0, &["graph", "shop.dia", "--view", view, "--format", "dot"]);
        for line in dot.lines() {
            // Quotes that are not escaped come in pairs, whatever stands between them.
            let bare = line.replace("\\\\", "").replace("\\\"", "");
            assert!(bare.matches('"').count() % 2 == 0, "{line}");
        }
        let program = Command::new("dot").arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut program) = program else {
            println!("not run: there is no `dot` here");
            continue;
        };
        std::io::Write::write_all(&mut program.stdin.take().unwrap(), dot.as_bytes()).unwrap();
        let done = program.wait_with_output().unwrap();
        assert!(done.status.success() && !done.stdout.is_empty(), "{dot}");
    }
}
