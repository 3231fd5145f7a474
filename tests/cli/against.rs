//! `--against`: what has changed since an earlier compilation.

use crate::process::{expect, refused};
use crate::scratch::Scratch;

const SOUND: &str = include_str!("sound.dia");

fn compiled() -> Scratch {
    let scratch = Scratch::with(&[("shop.dia", SOUND)]);
    expect(0, &scratch.0, &["compile", "shop.dia"]);
    scratch
}

#[test]
fn a_check_compares_with_a_folder_that_is_named_and_with_none_else() {
    let scratch = compiled();
    let args = ["check", "shop.dia", "--against", "out/"];
    expect(0, &scratch.0, &args);
    scratch.put("shop.dia", SOUND.replace("pipeline shop", "pipeline store"));
    expect(0, &scratch.0, &["check", "shop.dia"]);
    let (_, err) = expect(1, &scratch.0, &args);
    assert!(err.contains("renamed_capture") && err.trim_end().ends_with("1 error"), "{err}");
}

#[test]
fn a_compilation_compares_with_what_it_would_replace() {
    let scratch = compiled();
    scratch.put("shop.dia", SOUND.replace("name        text", "name        int"));
    let before = scratch.text("out/architecture.json");
    let (_, err) = expect(1, &scratch.0, &["compile", "shop.dia"]);
    assert!(err.contains("target_changed_in_place"), "{err}");
    assert_eq!(scratch.text("out/architecture.json"), before);
    expect(0, &scratch.0, &["compile", "shop.dia", "--out", "fresh"]);
    expect(1, &scratch.0, &["compile", "shop.dia", "--out", "fresh", "--against", "out"]);
    scratch.put("shop.dia", SOUND.replace("view product_search", "view product_search version 2 replaces 1"));
    expect(0, &scratch.0, &["compile", "shop.dia"]);
}

#[test]
fn a_waiver_that_nothing_was_compared_for_counts_as_used() {
    let waived = SOUND.replace("bigint  key\n", "bigint  key\n  allow repartition because \"nothing is in it yet\"\n");
    let scratch = Scratch::with(&[("shop.dia", &waived)]);
    expect(0, &scratch.0, &["check", "shop.dia", "--deny", "warnings"]);
    expect(0, &scratch.0, &["compile", "shop.dia", "--deny", "warnings"]);
    let (_, err) = expect(1, &scratch.0, &["check", "shop.dia", "--deny", "warnings", "--against", "out"]);
    assert!(err.contains("unused_allow"), "{err}");
}

#[test]
fn what_cannot_be_compared_with_is_refused_in_a_sentence() {
    let scratch = compiled();
    scratch.put("other/README.md", "mine");
    scratch.put("foreign/MANIFEST.json", "{}");
    let with = |dir: &'static str| ["check", "shop.dia", "--against", dir];
    refused(&scratch.0, &with("nowhere"), "holds no MANIFEST.json of diac's");
    refused(&scratch.0, &with("other"), "holds no MANIFEST.json of diac's");
    refused(&scratch.0, &with("shop.dia"), "holds no MANIFEST.json of diac's");
    refused(&scratch.0, &with("foreign"), "`foreign/MANIFEST.json` is not one that diac wrote");
    let old = scratch.text("out/architecture.json");
    scratch.put("out/architecture.json", old.replace("\"version\": 1", "\"version\": 2"));
    refused(&scratch.0, &with("out"), "was written by a later version of diac");
    scratch.put("out/architecture.json", "<<<<<<< ours");
    refused(&scratch.0, &with("out"), "`out/architecture.json` is not one that diac wrote");
    refused(&scratch.0, &["compile", "shop.dia"], "restore it, or delete it to compile without a comparison");
    std::fs::remove_file(scratch.at("out/architecture.json")).unwrap();
    refused(&scratch.0, &with("out"), "holds no architecture.json of diac's");
    expect(0, &scratch.0, &["compile", "shop.dia"]);
    assert_eq!(scratch.text("out/architecture.json"), old);
}
