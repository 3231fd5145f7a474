//! `diac prove`.

use serde_json::Value;

use crate::process::expect;
use crate::scratch::Scratch;

const PAGE: &str = "system shop: postgres\nsystem search: opensearch\nentity product in shop.public.products {\n  product_id  bigint  key\n}\nview found {\n  product | search.products\n  guarantee ordered per product_id\n}\n";

#[test]
fn a_view_is_argued_and_checked_within_bounds() {
    let scratch = Scratch::new();
    scratch.put("shop.dia", PAGE);
    let (out, _) = expect(0, &scratch.0, &["prove", "shop.dia"]);
    assert!(out.contains("search.products follows shop.public.products: proved"), "{out}");
    assert!(out.contains("bounded check: no run breaks it;"), "{out}");
    assert!(out.contains("guarantee ordered per product_id (shop.dia:8): proved"), "{out}");
    let (json, _) = expect(0, &scratch.0, &["prove", "shop.dia", "--view", "found", "--format", "json"]);
    let read: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read["views"][0]["guarantees"][0]["evidence"], "proved");
    assert_eq!(read["views"][0]["ways"][0]["bounded_check"]["exhaustive"], true);
    expect(2, &scratch.0, &["prove", "shop.dia", "--view", "fund"]);
}
