//! The output folder: ownership, what stays, what goes, and that nothing is ever half written.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diac::cli::manifest::{About, Manifest, NAME, sha256};
use diac::cli::write::{Difference, Scope, compare, write};
use diac::output::OutputTree;

use crate::scratch::Scratch;

fn about() -> About {
    About { pipeline: "shop".into(), edition: 2026, rules: vec!["dual_write".into()] }
}

fn all() -> Scope {
    Scope::All(vec!["prod".into(), "staging".into()])
}

fn tree(files: &[(&str, &str)]) -> OutputTree {
    let mut tree = OutputTree::default();
    for (path, text) in files {
        if path.ends_with(".sh") {
            tree.add_script(*path, *text, "the environment");
        } else {
            tree.add(*path, *text, "line 3");
        }
    }
    tree
}

fn small() -> OutputTree {
    tree(&[
        ("doc.md", "doc"),
        ("prod/apply.sh", "#!/bin/sh"),
        ("prod/connectors/a.json", "{}"),
        ("staging/apply.sh", "#!/bin/sh"),
    ])
}

fn lists(scratch: &Scratch, expected: &[&str]) {
    assert_eq!(scratch.files(), expected);
}

#[test]
fn a_new_folder_is_made_with_its_manifest() {
    let scratch = Scratch::new();
    let written = write(&scratch.at("a/out/"), &small(), &about(), &all()).unwrap();
    assert_eq!((written.changed, written.edited.len(), written.removed.len()), (5, 0, 0));
    lists(
        &scratch,
        &[
            "a/out/MANIFEST.json",
            "a/out/doc.md",
            "a/out/prod/apply.sh",
            "a/out/prod/connectors/a.json",
            "a/out/staging/apply.sh",
        ],
    );
    let manifest = Manifest::parse(&scratch.text("a/out/MANIFEST.json")).unwrap();
    assert_eq!(manifest.files.len(), 4);
    assert_eq!(manifest.files["doc.md"].sha256, sha256(b"doc\n"));
    assert_eq!(manifest.files["doc.md"].cause, "line 3");
    assert_eq!((manifest.pipeline.as_str(), manifest.edition), ("shop", 2026));
    let mode = fs::metadata(scratch.at("a/out/prod/apply.sh")).unwrap().permissions().mode();
    assert_ne!(mode & 0o100, 0);
}

#[test]
fn equal_content_touches_nothing() {
    let scratch = Scratch::new();
    let out = scratch.at("out");
    write(&out, &small(), &about(), &all()).unwrap();
    let before = fs::metadata(&out).unwrap();
    assert_eq!(write(&out, &small(), &about(), &all()).unwrap(), Default::default());
    let after = fs::metadata(&out).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn unchanged_files_keep_their_time_and_identity() {
    let scratch = Scratch::new();
    let out = scratch.at("out");
    write(&out, &small(), &about(), &all()).unwrap();
    let before = fs::metadata(scratch.at("out/doc.md")).unwrap();
    let next = tree(&[("doc.md", "doc"), ("prod/apply.sh", "#!/bin/sh\necho")]);
    let written = write(&out, &next, &about(), &all()).unwrap();
    assert_eq!(written.changed, 2, "the script and the manifest");
    assert_eq!(written.removed, ["prod/connectors/a.json", "staging/apply.sh"]);
    let after = fs::metadata(scratch.at("out/doc.md")).unwrap();
    assert_eq!((before.ino(), before.mtime(), before.mtime_nsec()), (after.ino(), after.mtime(), after.mtime_nsec()));
    lists(&scratch, &["out/MANIFEST.json", "out/doc.md", "out/prod/apply.sh"]);
}

#[test]
fn a_folder_of_others_is_refused() {
    let scratch = Scratch::with(&[("out/mine.txt", "mine")]);
    let error = write(&scratch.at("out"), &small(), &about(), &all()).unwrap_err();
    assert!(error.contains("holds other files"), "{error}");
    lists(&scratch, &["out/mine.txt"]);
    scratch.put("out/MANIFEST.json", "{\"name\": \"a web app\"}");
    let error = write(&scratch.at("out"), &small(), &about(), &all()).unwrap_err();
    assert!(error.contains("is not one that diac wrote"), "{error}");
    scratch.put("out/MANIFEST.json", "{\"form\": 7}");
    let error = write(&scratch.at("out"), &small(), &about(), &all()).unwrap_err();
    assert!(error.contains("later version"), "{error}");
    lists(&scratch, &["out/MANIFEST.json", "out/mine.txt"]);
}

#[test]
fn an_empty_folder_is_taken() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.at("out")).unwrap();
    fs::set_permissions(scratch.at("out"), fs::Permissions::from_mode(0o750)).unwrap();
    write(&scratch.at("out"), &small(), &about(), &all()).unwrap();
    assert_eq!(fs::metadata(scratch.at("out")).unwrap().permissions().mode() & 0o777, 0o750);
    assert_eq!(scratch.files().len(), 5);
}

#[test]
fn foreign_files_stay() {
    let scratch = Scratch::new();
    let out = scratch.at("out");
    write(&out, &small(), &about(), &all()).unwrap();
    scratch.put("out/README.md", "mine");
    scratch.put("out/prod/notes/deep/a.txt", "mine too");
    fs::create_dir_all(scratch.at("out/empty")).unwrap();
    std::os::unix::fs::symlink("README.md", scratch.at("out/link")).unwrap();
    std::os::unix::fs::symlink("nowhere", scratch.at("out/dangling")).unwrap();
    let before = fs::metadata(scratch.at("out/README.md")).unwrap();
    write(&out, &tree(&[("doc.md", "other")]), &about(), &all()).unwrap();
    lists(
        &scratch,
        &["out/MANIFEST.json", "out/README.md", "out/dangling", "out/doc.md", "out/link", "out/prod/notes/deep/a.txt"],
    );
    assert_eq!(fs::metadata(scratch.at("out/README.md")).unwrap().ino(), before.ino());
    assert_eq!(fs::read_link(scratch.at("out/dangling")).unwrap().to_str(), Some("nowhere"));
    assert!(fs::metadata(scratch.at("out/empty")).unwrap().is_dir());
}

#[test]
fn a_foreign_file_is_never_overwritten() {
    for (mine, wanted) in [("out/new.md", "new.md"), ("out/new", "new/a.md"), ("out/new/mine", "new")] {
        let scratch = Scratch::new();
        let out = scratch.at("out");
        write(&out, &small(), &about(), &all()).unwrap();
        scratch.put(mine, "mine");
        let before = scratch.files();
        let error = write(&out, &tree(&[(wanted, "diac's")]), &about(), &all()).unwrap_err();
        assert!(error.contains("is not diac's and is in the way"), "{error}");
        assert_eq!(scratch.files(), before);
        assert_eq!(scratch.text(mine), "mine");
    }
}

#[test]
fn an_owned_file_may_become_a_folder_and_back() {
    let scratch = Scratch::new();
    let out = scratch.at("out");
    for files in [&[("x", "a")][..], &[("x/y", "a")], &[("x", "a")]] {
        write(&out, &tree(files), &about(), &all()).unwrap();
        lists(&scratch, &["out/MANIFEST.json", &format!("out/{}", files[0].0)]);
    }
}

#[test]
fn edited_owned_files_are_overwritten_and_told() {
    let scratch = Scratch::new();
    let out = scratch.at("out");
    write(&out, &small(), &about(), &all()).unwrap();
    scratch.put("out/prod/connectors/a.json", "{\"by\": \"hand\"}");
    fs::remove_file(scratch.at("out/doc.md")).unwrap();
    let found = compare(&out, &small(), &about(), &all()).unwrap();
    assert_eq!(found, [Difference::Missing("doc.md".into()), Difference::Differs("prod/connectors/a.json".into())]);
    let written = write(&out, &small(), &about(), &all()).unwrap();
    assert_eq!(written.edited, ["prod/connectors/a.json"]);
    assert_eq!(scratch.text("out/prod/connectors/a.json"), "{}\n");
    assert_eq!(scratch.text("out/doc.md"), "doc\n");
}

#[test]
fn a_lost_executable_bit_is_a_difference() {
    let scratch = Scratch::new();
    let out = scratch.at("out");
    write(&out, &small(), &about(), &all()).unwrap();
    fs::set_permissions(scratch.at("out/prod/apply.sh"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(compare(&out, &small(), &about(), &all()).unwrap(), [Difference::Differs("prod/apply.sh".into())]);
    write(&out, &small(), &about(), &all()).unwrap();
    assert!(compare(&out, &small(), &about(), &all()).unwrap().is_empty());
}

#[test]
fn one_environment_replaces_its_folder_and_what_all_share() {
    let scratch = Scratch::new();
    let out = scratch.at("out");
    write(&out, &small(), &about(), &all()).unwrap();
    let prod = tree(&[("doc.md", "prod only"), ("prod/apply.sh", "#!/bin/sh\nnew")]);
    let scope = Scope::Only("prod".into());
    let found = compare(&out, &prod, &about(), &scope).unwrap();
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.contains(&Difference::Extra("prod/connectors/a.json".into())));
    let written = write(&out, &prod, &about(), &scope).unwrap();
    assert_eq!(written.removed, ["prod/connectors/a.json"]);
    lists(&scratch, &["out/MANIFEST.json", "out/doc.md", "out/prod/apply.sh", "out/staging/apply.sh"]);
    assert!(compare(&out, &prod, &about(), &scope).unwrap().is_empty());
    let manifest = Manifest::parse(&scratch.text("out/MANIFEST.json")).unwrap();
    assert!(manifest.files.contains_key("staging/apply.sh"));
    // What stayed is still diac's and goes with the next whole write.
    write(&out, &tree(&[("doc.md", "doc")]), &about(), &Scope::All(vec![])).unwrap();
    lists(&scratch, &["out/MANIFEST.json", "out/doc.md"]);
}

#[test]
fn what_is_no_folder_is_refused_in_a_sentence() {
    let scratch = Scratch::with(&[("file", "x"), ("real/a", "x")]);
    std::os::unix::fs::symlink("real", scratch.at("link")).unwrap();
    for (dir, says) in [
        ("file", "is a file"),
        ("link", "is a symbolic link"),
        ("link/", "is a symbolic link"),
        ("file/out", "not a directory"),
    ] {
        for result in [
            write(&scratch.at(dir), &small(), &about(), &all()).map(|_| ()),
            compare(&scratch.at(dir), &small(), &about(), &all()).map(|_| ()),
        ] {
            let error = result.unwrap_err();
            assert!(error.contains(says) && !error.contains('\n'), "{dir}: {error}");
        }
    }
    lists(&scratch, &["file", "link", "real/a"]);
    assert!(write("/", &small(), &about(), &all()).is_err());
}

#[test]
fn a_read_only_parent_is_told() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.at("parent")).unwrap();
    fs::set_permissions(scratch.at("parent"), fs::Permissions::from_mode(0o555)).unwrap();
    // The administrator may write everywhere.
    if fs::create_dir(scratch.at("parent/probe")).is_err() {
        let error = write(&scratch.at("parent/out"), &small(), &about(), &all()).unwrap_err();
        assert!(error.contains("permission denied"), "{error}");
    }
    fs::set_permissions(scratch.at("parent"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn leftovers_of_a_killed_run_go_with_the_next() {
    let scratch = Scratch::new();
    let out = scratch.at("out");
    write(&out, &small(), &about(), &all()).unwrap();
    scratch.put(".out.diac-new/half", "x");
    scratch.put(".out.diac-old/half", "x");
    write(&out, &small(), &about(), &all()).unwrap();
    assert_eq!(scratch.files().len(), 5);
    // Killed between the two renames of a system without exchange.
    fs::rename(&out, scratch.at(".out.diac-old")).unwrap();
    scratch.put(".out.diac-new/half", "x");
    assert_eq!(write(&out, &small(), &about(), &all()).unwrap(), Default::default());
    assert_eq!(scratch.files().len(), 5);
}

#[test]
fn a_manifest_cannot_reach_outside() {
    let scratch = Scratch::with(&[("precious", "x")]);
    let out = scratch.at("out");
    write(&out, &small(), &about(), &all()).unwrap();
    let manifest = scratch.text("out/MANIFEST.json").replace("\"doc.md\"", "\"../precious\"");
    scratch.put("out/MANIFEST.json", manifest);
    let error = write(&out, &small(), &about(), &all()).unwrap_err();
    assert!(error.contains("doc.md"), "{error}");
    fs::remove_file(scratch.at("out/doc.md")).unwrap();
    write(&out, &small(), &about(), &all()).unwrap();
    assert_eq!(scratch.text("precious"), "x");
    assert_eq!(scratch.files().len(), 6);
}

fn big(seed: usize) -> OutputTree {
    let mut tree = OutputTree::default();
    for n in 0..150 {
        let text = if n % 3 == 0 { "the same".to_owned() } else { format!("{seed} {n}").repeat(50) };
        tree.add(format!("prod/{}/{n}.json", n % 20), text, "a view");
    }
    for n in 0..seed % 7 {
        tree.add(format!("extra/{n}"), "x", "a view");
    }
    tree
}

/// Every file of `out` is as its manifest says, and no other is there but `mine/notes.txt`.
pub fn assert_whole(scratch: &Scratch) {
    let manifest = Manifest::parse(&scratch.text("out/MANIFEST.json")).unwrap();
    let mut listed: BTreeSet<String> = manifest.files.keys().map(|path| format!("out/{path}")).collect();
    for (path, entry) in &manifest.files {
        assert_eq!(sha256(&fs::read(scratch.at(&format!("out/{path}"))).unwrap()), entry.sha256, "{path}");
    }
    listed.extend([format!("out/{NAME}"), "out/mine/notes.txt".to_owned()]);
    let there: BTreeSet<String> = scratch.files().into_iter().filter(|path| path.starts_with("out/")).collect();
    assert_eq!(there, listed);
    assert_eq!(scratch.text("out/mine/notes.txt"), "mine");
}

/// Where the process that is to be killed writes.
const KILLED_WRITER: &str = "DIAC_TEST_OUT";

/// This test is both processes: started by itself, it writes one tree after another until it is killed.
#[test]
fn a_killed_run_leaves_one_tree_whole() {
    if let Ok(out) = std::env::var(KILLED_WRITER) {
        for seed in std::process::id() as usize.. {
            write(&out, &big(seed), &about(), &all()).unwrap();
        }
    }
    let scratch = Scratch::new();
    write(&scratch.at("out"), &big(3), &about(), &all()).unwrap();
    scratch.put("out/mine/notes.txt", "mine");
    let mut trees = BTreeSet::new();
    for round in 0..20u64 {
        let before = scratch.text("out/MANIFEST.json");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "output::a_killed_run_leaves_one_tree_whole"])
            .env(KILLED_WRITER, scratch.at("out"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Once it is at work, it is killed anywhere in it.
        let started = Instant::now();
        while scratch.text("out/MANIFEST.json") == before && started.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(round * 37 % 113));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&scratch);
        trees.insert(scratch.text("out/MANIFEST.json"));
    }
    assert!(trees.len() > 5, "the writers were killed before they wrote");
    write(&scratch.at("out"), &small(), &about(), &all()).unwrap();
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1, "nothing is left beside");
}

#[test]
fn readers_see_one_tree_whole() {
    let scratch = Scratch::new();
    let out = scratch.at("out");
    write(&out, &big(0), &about(), &all()).unwrap();
    let writer = std::thread::spawn({
        let out = out.clone();
        move || {
            for seed in 0..30 {
                write(&out, &big(seed), &about(), &all()).unwrap();
            }
        }
    });
    let started = Instant::now();
    let mut seen = 0;
    while !writer.is_finished() && started.elapsed() < Duration::from_secs(30) {
        // A folder that is held open stays the tree it was; through the name there is always one.
        assert!(fs::metadata(scratch.at("out/MANIFEST.json")).is_ok());
        seen += 1;
    }
    writer.join().unwrap();
    assert!(seen > 0);
}
