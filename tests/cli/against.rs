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

/// Two environments, of which one is compiled at a time.
const TWO: &str = "system shop: postgres
system search: elasticsearch
entity product in shop.public.products { product_id bigint key, name text }
view products { product | search.products }
environment test { deploy files, partitions = 3 }
environment prod { deploy files, partitions = 6 }
";

#[test]
fn compiling_one_environment_leaves_the_others_what_they_are_compared_with() {
    let scratch = Scratch::with(&[("shop.dia", TWO)]);
    expect(0, &scratch.0, &["compile", "shop.dia"]);
    let whole = scratch.text("out/architecture.json");
    // Records take another form, which is let through for one environment: the other still holds the old one.
    let changed = TWO
        .replace("name text", "name text, brand text")
        .replace("view products", "view products version 2 replaces 1");
    scratch.put("shop.dia", &changed);
    let (_, err) = expect(1, &scratch.0, &["compile", "shop.dia", "--env", "test"]);
    assert!(err.contains("old records of `product` have no `brand`"), "{err}");
    std::fs::remove_dir_all(scratch.0.join("out")).unwrap();
    scratch.put("shop.dia", TWO);
    expect(0, &scratch.0, &["compile", "shop.dia", "--env", "prod"]);
    scratch.put("shop.dia", &changed);
    expect(0, &scratch.0, &["compile", "shop.dia", "--env", "test", "--out", "fresh"]);
    std::fs::copy(scratch.0.join("out/architecture.json"), scratch.0.join("prod.json")).unwrap();
    scratch.put("shop.dia", changed.replace("brand text", "brand text?"));
    expect(0, &scratch.0, &["compile", "shop.dia", "--env", "test"]);
    scratch.put("shop.dia", &changed);
    // For `test` the column may not become mandatory, for `prod` it is new.
    let (_, err) = expect(1, &scratch.0, &["compile", "shop.dia", "--env", "test"]);
    assert!(err.contains("old records of `product` may have no `brand`"), "{err}");
    let (_, err) = expect(1, &scratch.0, &["compile", "shop.dia", "--env", "prod"]);
    assert!(err.contains("old records of `product` have no `brand`"), "{err}");
    // More partitions for the one that was not looked at are still noticed.
    scratch.put("shop.dia", TWO.replace("partitions = 6", "partitions = 12"));
    let (_, err) = expect(1, &scratch.0, &["compile", "shop.dia", "--env", "prod"]);
    assert!(err.contains("repartition"), "{err}");
    assert!(whole.contains("\"prod\"") && scratch.text("out/architecture.json").contains("\"prod\""));
}
