//! The program as outside tests call it: exit codes and streams.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::json::conforms;
use crate::output::assert_whole;
use crate::scratch::Scratch;

const SOUND: &str = include_str!("sound.dia");

pub fn diac(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_diac")).current_dir(folder).args(args).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs and expects an exit code; returns stdout and stderr.
pub fn expect(code: i32, folder: &Path, args: &[&str]) -> (String, String) {
    let output = diac(folder, args);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "diac {args:?}\n--- stdout\n{out}\n--- stderr\n{err}");
    (out, err)
}

/// Exit code 2 with one sentence that says something.
pub fn refused(folder: &Path, args: &[&str], says: &str) {
    let (out, err) = expect(2, folder, args);
    assert_eq!(out, "", "diac {args:?}");
    assert!(err.starts_with("diac: ") && err.lines().count() == 1 && err.contains(says), "diac {args:?}: {err}");
}

fn sound() -> Scratch {
    Scratch::with(&[("shop.dia", SOUND)])
}

/// A file that `out/MANIFEST.json` lists.
fn owned_file(scratch: &Scratch) -> Option<String> {
    let manifest: Value = serde_json::from_str(&scratch.text("out/MANIFEST.json")).unwrap();
    // Not the first one: what is compared with must be as diac wrote it.
    let path = manifest["files"].as_object().unwrap().keys().next_back()?.clone();
    Some(format!("out/{path}"))
}

#[test]
fn a_sound_file_compiles_and_stays_as_it_is() {
    let scratch = sound();
    let (out, _) = expect(0, &scratch.0, &["compile", "shop.dia"]);
    assert_eq!(out.lines().count(), 3, "{out}");
    assert!(out.starts_with("1. review out"), "{out}");
    assert!(scratch.files().contains(&"out/MANIFEST.json".to_owned()));
    expect(0, &scratch.0, &["compile", "shop.dia", "--check"]);
    expect(0, &scratch.0, &["check", "shop.dia"]);
    expect(0, &scratch.0, &["check", "."]);
    let before = scratch.files();
    expect(0, &scratch.0, &["compile", "shop.dia", "--out", "out/"]);
    assert_eq!(scratch.files(), before);
}

#[test]
fn stale_output_exits_with_3_and_writes_nothing() {
    let scratch = sound();
    let (_, err) = expect(3, &scratch.0, &["compile", "shop.dia", "--check"]);
    assert!(err.contains("missing  out/MANIFEST.json"), "{err}");
    assert_eq!(scratch.files(), ["shop.dia"]);
    expect(0, &scratch.0, &["compile", "shop.dia"]);
    let Some(path) = owned_file(&scratch) else { return };
    scratch.put(&path, "edited");
    let (out, err) = expect(3, &scratch.0, &["compile", "shop.dia", "--check"]);
    assert_eq!(out, "");
    assert!(err.contains(&format!("differs  {path}")), "{err}");
    let (_, err) = expect(0, &scratch.0, &["compile", "shop.dia"]);
    assert!(err.contains(&format!("overwritten, though edited by hand: {path}")), "{err}");
}

#[test]
fn findings_exit_with_1_and_nothing_is_written() {
    let scratch = Scratch::with(&[("shop.dia", "import \"systms.dia\"\n"), ("systems.dia", "")]);
    let (out, err) = expect(1, &scratch.0, &["compile", "shop.dia"]);
    assert_eq!(out, "");
    assert!(err.contains("import_not_found") && err.trim_end().ends_with("1 error"), "{err}");
    assert_eq!(scratch.files(), ["shop.dia", "systems.dia"]);
    let (out, err) = expect(1, &scratch.0, &["check", "shop.dia", "--format", "json"]);
    assert_eq!(err, "");
    let report: Value = serde_json::from_str(&out).unwrap();
    conforms(&report);
    assert_eq!(report["diagnostics"][0]["file"], "shop.dia");
    assert_eq!(report["summary"]["errors"], 1);
    expect(1, &scratch.0, &["compile", "shop.dia", "--check"]);
}

#[test]
fn mistakes_of_the_caller_exit_with_2() {
    let scratch = sound();
    for (args, says) in [
        (&["check", "shp.dia"][..], "did you mean `shop.dia`?"),
        (&["chekc", "shop.dia"], "did you mean `diac check`?"),
        (&["shop.dia"], "did you mean `diac compile shop.dia`?"),
        (&["compile", "shop.dia", "--out", "."], "holds other files"),
        (&["compile", "shop.dia", "--out", "shop.dia"], "is a file"),
        (&["compile", "shop.dia", "--check", "--out", "."], "holds other files"),
        (&["check", "shop.dia", "--env", "prd"], "there is no environment `prd`"),
        (&["explain", "import_notfound"], "did you mean `import_not_found`?"),
        (&["explain", "x"], "`diac rules` lists them"),
    ] {
        refused(&scratch.0, args, says);
    }
    assert_eq!(scratch.files(), ["shop.dia"]);
    for args in [
        &[][..],
        &["compile"],
        &["check", "shop.dia", "--deny", "x"],
        &["check", "shop.dia", "--today", "soon"],
        &["check", "--nonsense", "shop.dia"],
    ] {
        expect(2, &scratch.0, args);
    }
}

#[test]
fn what_a_later_version_brings_is_answered_in_a_sentence() {
    let scratch = sound();
    let commands = ["lint", "import", "diff", "migrate", "verify", "pull", "lsp", "completions"];
    let help = text(&diac(&scratch.0, &["--help"]).stdout);
    for command in commands {
        refused(&scratch.0, &[command], "is not in this version of diac");
        refused(&scratch.0, &[command, "--check", "shop.dia", "--help"], "is not in this version of diac");
        assert!(!help.contains(&format!("  {command} ")), "{command} is in the help");
    }
    let compile = text(&diac(&scratch.0, &["compile", "--help"]).stdout);
    let check = text(&diac(&scratch.0, &["check", "--help"]).stdout);
    for args in [
        &["compile", "shop.dia", "--deploy", "terraform"][..],
        &["explain", "--path", "out/x.json"],
        &["graph", "shop.dia", "--format", "svg"],
    ] {
        refused(&scratch.0, args, "is not in this version of diac");
        for word in args.iter().filter(|word| word.starts_with("--d") || word.starts_with("--no")) {
            assert!(!compile.contains(word) && !check.contains(word), "{word} is in the help");
        }
    }
}

#[test]
fn rules_and_their_pages_are_printed() {
    let scratch = Scratch::new();
    let (out, _) = expect(0, &scratch.0, &["rules"]);
    assert!(out.lines().any(|line| line.starts_with("import_not_found ")), "{out}");
    let (json, _) = expect(0, &scratch.0, &["rules", "--format", "json"]);
    let rules: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rules.as_array().unwrap().len(), out.lines().count());
    assert!(rules[0]["name"].is_string() && rules[0]["severity"].is_string() && rules[0]["waivable"].is_boolean());
    let (page, _) = expect(0, &scratch.0, &["explain", "import_not_found"]);
    assert!(page.starts_with("import_not_found · error"), "{page}");
}

#[test]
fn the_output_folder_keeps_what_is_not_diacs() {
    let scratch = sound();
    expect(0, &scratch.0, &["compile", "shop.dia", "--out", "build/out"]);
    scratch.put("build/out/README.md", "mine");
    scratch.put("shop.dia", SOUND.replace("search.products", "search.goods").replace("product_search", "good_search"));
    expect(0, &scratch.0, &["compile", "shop.dia", "--out", "build/out"]);
    assert_eq!(scratch.text("build/out/README.md"), "mine");
    assert!(scratch.text("build/out/architecture.json").contains("\"goods\""));
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let scratch = sound();
    for args in [&["rules", "--format", "json"][..], &["check", "shop.dia", "--format", "json"], &["--help"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_diac"))
            .current_dir(&scratch.0)
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_log_gets_no_colour() {
    let scratch = Scratch::with(&[("shop.dia", "import \"x.dia\"\n")]);
    let (_, err) = expect(1, &scratch.0, &["check", "shop.dia"]);
    assert!(!err.contains('\u{1b}'));
}

#[test]
fn an_environment_that_is_not_deployed_is_refused_with_the_nearest() {
    let scratch = sound();
    let text = format!(
        "{SOUND}environment base {{ }}\nenvironment prod extends base {{ deploy files }}\nenvironment staging extends base {{ deploy files }}\n"
    );
    scratch.put("shop.dia", text);
    refused(&scratch.0, &["check", "shop.dia", "--env", "prd"], "did you mean `prod`?");
    refused(&scratch.0, &["compile", "shop.dia", "--env", "base"], "has no `deploy` and is only a base of others");
    refused(&scratch.0, &["compile", "shop.dia", "--env", "x"], "deployed: `prod`, `staging`");
    // Where a file is missing the environment may be in it, so the finding comes first.
    scratch.put("shop.dia", "import \"env.dia\"\n");
    expect(1, &scratch.0, &["check", "shop.dia", "--env", "prod"]);
}

#[test]
fn files_are_named_as_given_and_seen_from_where_the_user_stands() {
    let scratch = Scratch::with(&[
        ("sub/a.dia", "import \"../b.dia\"\nimport \"./none.dia\"\n"),
        ("b.dia", "pipeline shop\r\nsystem shop: postgres # größe\r\n\tsystm x: kafka\r\n"),
    ]);
    let (out, _) = expect(1, &scratch.0, &["check", "sub/a.dia", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    conforms(&report);
    let places: Vec<String> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            format!("{} {}:{}:{}", d["rule"].as_str().unwrap(), d["file"].as_str().unwrap(), d["line"], d["column"])
        })
        .collect();
    assert_eq!(places, ["import_not_found sub/a.dia:2:8", "syntax b.dia:3:2"], "{out}");
    assert!(report["diagnostics"][0]["message"].as_str().unwrap().contains("`sub/none.dia`"));
    let (out, _) = expect(1, &scratch.0, &["check", "./b.dia", "--format", "json"]);
    assert!(out.contains("\"./b.dia\""));
    let (out, _) = expect(1, &scratch.0, &["check", &scratch.at("b.dia"), "--format", "json"]);
    assert!(out.contains(&format!("\"{}\"", scratch.at("b.dia"))));
}

/// Many tables, each with a column of this name.
fn many_tables(column: &str) -> String {
    let mut text = "pipeline shop\nsystem shop: postgres\nsystem warehouse: snowflake\n".to_owned();
    for n in 0..60 {
        text.push_str(&format!(
            "entity e{n} in shop.public.t{n} {{\n  id  bigint  key\n  {column}  text?\n}}\nview v{n} {{ e{n} | warehouse.analytics.t{n} }}\n"
        ));
    }
    text
}

#[test]
fn a_killed_compilation_leaves_the_old_tree_or_the_new_one() {
    let scratch = Scratch::with(&[("a.dia", &many_tables("a")), ("b.dia", &many_tables("b"))]);
    let started = Instant::now();
    expect(0, &scratch.0, &["compile", "a.dia"]);
    let whole = started.elapsed();
    scratch.put("out/mine/notes.txt", "mine");
    let mut next = "b.dia";
    // Kills come later and later, however busy the machine is, until some fell before the end of a run and some behind it.
    let (mut cut, mut finished) = (0, 0);
    for round in 0..200u32 {
        if round >= 24 && cut > 0 && finished > 0 {
            break;
        }
        let before = scratch.text("out/MANIFEST.json");
        let mut child = Command::new(env!("CARGO_BIN_EXE_diac"))
            .current_dir(&scratch.0)
            .args(["compile", next])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From before its first write to behind its last.
        std::thread::sleep(whole * round / 20);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&scratch);
        if scratch.text("out/MANIFEST.json") != before {
            finished += 1;
            next = if next == "b.dia" { "a.dia" } else { "b.dia" };
        } else {
            cut += 1;
        }
    }
    assert!(cut > 0 && finished > 0, "{cut} runs were cut short and {finished} were done when they were killed");
    expect(0, &scratch.0, &["compile", next]);
    let beside: Vec<String> = scratch.files().into_iter().filter(|path| !path.starts_with("out/")).collect();
    assert_eq!(beside, ["a.dia", "b.dia"]);
}

#[test]
fn pages_are_formatted_whole_and_keep_their_permissions() {
    let scratch = Scratch::with(&[("a.dia", "system  shop:postgres\r\n"), ("b.dia", "system log: kafka\n")]);
    let (out, err) = expect(3, &scratch.0, &["fmt", "--check", "a.dia", "b.dia"]);
    assert_eq!((out.as_str(), err.as_str()), ("a.dia\n", ""));
    assert_eq!(scratch.text("a.dia"), "system  shop:postgres\r\n");
    let written = |name: &str| std::fs::metadata(scratch.0.join(name)).unwrap().modified().unwrap();
    let before = written("b.dia");
    private(&scratch.0.join("a.dia"));
    let (out, _) = expect(0, &scratch.0, &["fmt", "."]);
    assert_eq!(out, "a.dia\n");
    assert_eq!(scratch.text("a.dia"), "system shop: postgres\n");
    assert_eq!(written("b.dia"), before);
    is_private(&scratch.0.join("a.dia"));
    assert_eq!(scratch.files(), ["a.dia", "b.dia"]);
    let (out, _) = expect(0, &scratch.0, &["fmt", "--check", "."]);
    assert_eq!(out, "");
}

#[test]
fn while_one_page_cannot_be_read_none_is_formatted() {
    let good = "system  shop: postgres\n";
    let scratch = Scratch::with(&[("a.dia", good), ("b.dia", "system log: kafka {\n")]);
    scratch.put("c.dia", b"system \xff\n");
    let (out, err) = expect(1, &scratch.0, &["fmt", "."]);
    assert_eq!(out, "");
    assert!(err.contains("b.dia:1") && err.contains("not_utf8") && err.trim_end().ends_with("2 errors"), "{err}");
    assert_eq!(scratch.text("a.dia"), good);
    expect(1, &scratch.0, &["fmt", "--check", "."]);
    refused(&scratch.0, &["fmt", "d.dia"], "cannot read `d.dia`");
    expect(2, &scratch.0, &["fmt"]);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_what_is_read_only_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let text = "system  shop: postgres\n";
    let scratch = Scratch::with(&[("real/a.dia", text), ("b.dia", text)]);
    std::os::unix::fs::symlink("real/a.dia", scratch.0.join("a.dia")).unwrap();
    expect(0, &scratch.0, &["fmt", "a.dia"]);
    assert!(scratch.0.join("a.dia").is_symlink());
    assert_eq!(scratch.text("real/a.dia"), "system shop: postgres\n");
    std::fs::set_permissions(scratch.0.join("b.dia"), std::fs::Permissions::from_mode(0o444)).unwrap();
    refused(&scratch.0, &["fmt", "b.dia"], "cannot write `b.dia`: it is read-only");
    assert_eq!(scratch.text("b.dia"), text);
}

#[cfg(unix)]
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o640)).unwrap();
}

#[cfg(unix)]
fn is_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[cfg(not(unix))]
fn private(_: &Path) {}

#[cfg(not(unix))]
fn is_private(_: &Path) {}
