//! Texts that people have read: `UPDATE_EXPECT=1` writes them anew.

use super::sample::{files, product_card, product_search};
use crate::plan::TopicId;

fn check(path: &str, name: &str, sinks: Vec<crate::plan::Sink>) {
    let tree = files(sinks);
    let text = &tree.get(path).unwrap_or_else(|| panic!("no {path}")).text;
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/targets/bento/tests/texts").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&kept, text).unwrap_or_else(|error| panic!("{}: {error}", kept.display()));
        return;
    }
    let before = std::fs::read_to_string(&kept).unwrap_or_default();
    assert!(before == *text, "{name} differs:\n{}", similar::TextDiff::from_lines(&before, text).unified_diff());
}

#[test]
fn process() {
    check("default/bento/bento.yaml", "bento.yaml", vec![product_card()]);
}

#[test]
fn search_that_stops() {
    check("default/bento/streams/product_search-v1.yaml", "search.yaml", vec![product_search()]);
}

#[test]
fn search_with_dead_letters() {
    let mut sink = product_search();
    sink.dead_letters = Some(TopicId(1));
    check("default/bento/streams/product_search-v1.yaml", "search_dead_letters.yaml", vec![sink]);
}

#[test]
fn redis() {
    check("default/bento/streams/product_card-v1.yaml", "redis.yaml", vec![product_card()]);
}

#[test]
fn index_template() {
    check("default/targets/search/products_v1.template.json", "products_v1.template.json", vec![product_search()]);
    check("default/targets/search/products_v1.aliases.json", "products_v1.aliases.json", vec![product_search()]);
}

#[test]
fn no_process_without_streams() {
    assert_eq!(files(Vec::new()).files().count(), 0);
}
