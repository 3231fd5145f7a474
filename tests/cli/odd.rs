//! Pages that are piped in, and files that are hardly pages: each has a clear outcome.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::process::{expect, text};
use crate::scratch::Scratch;

/// Runs with a page piped in; exit code, stdout, stderr.
fn piped(folder: &Path, args: &[&str], page: &[u8]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diac"));
    command.current_dir(folder).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // What is too large is not read to its end.
    let _ = stdin.write_all(page);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Rule and line of each finding of `diac check --format json`.
fn found(folder: &Path, page: &[u8]) -> Vec<(String, u64)> {
    let (code, out, err) = piped(folder, &["check", "-", "--format", "json"], page);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{code:?} {err}"));
    // Advice is no mistake of the page.
    let all = report["diagnostics"].as_array().unwrap().iter().filter(|one| one["severity"] != "advice");
    let all = all.map(|one| (one["rule"].as_str().unwrap().to_owned(), one["line"].as_u64().unwrap()));
    all.collect()
}

fn one(rule: &str, line: u64) -> Vec<(String, u64)> {
    vec![(rule.to_owned(), line)]
}

#[test]
fn a_page_is_checked_from_a_pipe() {
    let scratch =
        Scratch::with(&[("systems.dia", "system shop: postgres\n"), ("schema.sql", "CREATE TABLE a (id int);")]);
    let page = b"import \"systems.dia\"\nentity a in shop.public.a { id bigint key }\nimprot \"x\"\n";
    assert_eq!(found(&scratch.0, page), one("syntax", 3));
    // Its names are its own: `-` stands in the findings, and a file of that name is `./-`.
    let (code, _, err) = piped(&scratch.0, &["check", "-"], page);
    assert_eq!(code, Some(1));
    assert!(err.contains("[-:3:1]"), "{err}");
    scratch.put("-", "sytem a: postgres\n");
    let (_, err) = expect(1, &scratch.0, &["check", "./-"]);
    assert!(err.contains("did you mean `system`?"), "{err}");
}

#[test]
fn what_is_compiled_from_a_pipe_has_a_plain_name() {
    let scratch = Scratch::new();
    let (code, _, err) = piped(&scratch.0, &["compile", "-"], b"postgres.public.products | elasticsearch\n");
    assert_eq!(code, Some(0), "{err}");
    assert!(scratch.files().contains(&"out/default/connectors/pipeline-source-postgres.json".to_owned()));
}

#[test]
fn a_page_is_formatted_through_a_pipe() {
    let scratch = Scratch::new();
    let fmt = |args: &[&str], page: &str| piped(&scratch.0, args, page.as_bytes());
    let good = "product | search.products\n";
    assert_eq!(fmt(&["fmt", "-"], "product   |   search.products"), (Some(0), good.to_owned(), String::new()));
    assert_eq!(fmt(&["fmt", "-"], good), (Some(0), good.to_owned(), String::new()));
    assert_eq!(fmt(&["fmt", "--check", "-"], good).0, Some(0));
    assert_eq!(fmt(&["fmt", "--check", "-"], "product|search.products").0, Some(3));
    let (code, out, err) = fmt(&["fmt", "-"], "improt \"x\"\n");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("did you mean `import`?"), "{err}");
    assert!(scratch.files().is_empty());
}

#[test]
fn bytes_that_are_no_page() {
    let scratch = Scratch::new();
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(found(&scratch.0, &bytes), one("not_utf8", 3));
    assert_eq!(found(&scratch.0, b"edition 2026\nsystem a\xff: postgres\n"), one("not_utf8", 2));
    assert_eq!(found(&scratch.0, &vec![b'\n'; (4 << 20) + 1]), one("file_too_large", 1));
    assert_eq!(found(&scratch.0, &vec![b'\n'; 4 << 20]), []);
    assert_eq!(found(&scratch.0, b""), []);
    assert_eq!(found(&scratch.0, b"\0\0\0"), one("syntax", 1));
    assert_eq!(found(&scratch.0, b"edition 2026\nservice s {\n  team \"a\"\0\n}\n"), one("syntax", 3));
    // Signs that nobody sees are shown by their number.
    let (_, _, err) = piped(&scratch.0, &["check", "-"], "edition 2026\u{200b}\n".as_bytes());
    assert!(err.contains("U+200B"), "{err}");
    let (_, _, err) = piped(&scratch.0, &["check", "-"], "edition\u{a0}2026\n".as_bytes());
    assert!(err.contains("U+00A0"), "{err}");
}

#[test]
fn line_ends_marks_and_tabs_are_no_mistake() {
    let scratch = Scratch::new();
    let page = "edition 2026\n\nsystem shop: postgres\n\tentity a in shop.public.a {\n\t\tid\tbigint\tkey\n\t}\n";
    for page in [
        page.to_owned(),
        page.replace('\n', "\r\n"),
        page.replace('\n', "\r"),
        format!("\u{feff}{page}"),
        page.trim_end().to_owned(),
        format!("{page}\u{c}").replace('\u{c}', ""),
    ] {
        assert_eq!(found(&scratch.0, page.as_bytes()), [], "{page:?}");
    }
    let wrong = page.replace("bigint", "bigin");
    assert_eq!(found(&scratch.0, wrong.replace('\n', "\r\n").as_bytes()), one("unknown_column", 5));
    assert_eq!(found(&scratch.0, wrong.replace('\n', "\r").as_bytes()), one("unknown_column", 5));
}

#[test]
fn much_of_one_thing() {
    let scratch = Scratch::new();
    let lines = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let secrets = lines(100_000, &|at| format!("secret s{at}\n"));
    assert_eq!(found(&scratch.0, secrets.as_bytes()), []);
    let wrong = lines(20_000, &|_| "improt \"x\"\n".to_owned());
    assert_eq!(found(&scratch.0, wrong.as_bytes()).len(), 1001);
    let columns = lines(2_000, &|at| format!(", c{at} text"));
    let long = format!("system shop: postgres\nentity a in shop.public.a {{ id bigint key{columns} }}\n");
    assert_eq!(found(&scratch.0, long.as_bytes()), []);
    let text = format!("service s {{ team \"{}\" }}\n", "x".repeat(1_000_000));
    assert_eq!(found(&scratch.0, text.as_bytes()), []);
    let deep = format!(
        "system shop: postgres\nshop.public.a | where {}a{} | search.b\n",
        "(".repeat(9_999),
        ")".repeat(9_999)
    );
    assert_eq!(found(&scratch.0, deep.as_bytes()), one("nesting_too_deep", 2));
    assert_eq!(found(&scratch.0, "{".repeat(10_000).as_bytes()), one("syntax", 1));
    assert_eq!(found(&scratch.0, "}".repeat(10_000).as_bytes()), one("syntax", 1));
    assert_eq!(found(&scratch.0, "## x\n".repeat(10_000).as_bytes()), one("syntax", 1));
    assert_eq!(found(&scratch.0, "/*\n".repeat(2_000).as_bytes()).len(), 1001);
}
