//! Texts that people have read: `UPDATE_EXPECT=1` writes them anew.

use super::sample::{decimal, files, masked, product_card, product_search, secret};
use crate::model::Mask;
use crate::model::expr::Expr;
use crate::model::types::Type;
use crate::plan::{Address, Arrival, Target, TopicId};
use crate::syntax::ast::CompareOp;

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

/// Everything a flow can ask for: an epoch, filters, dead letters.
#[test]
fn search_with_filters_and_dead_letters() {
    let mut sink = product_search();
    sink.dead_letters = Some(TopicId(1));
    sink.flows[0].epoch = 2;
    sink.flows[0].filters = vec![
        compare(number("stock", Type::Int), CompareOp::Ge, Expr::Integer(0)),
        Expr::Or(vec![
            Expr::IsNull { expr: Box::new(number("price", decimal(12, 2))), negated: false },
            compare(number("price", decimal(12, 2)), CompareOp::Lt, Expr::Integer(1000)),
        ]),
    ];
    sink.flows[0].filter_arrivals = [("stock".into(), Arrival::Integer), ("price".into(), Arrival::DecimalText)].into();
    check("default/bento/streams/product_search-v1.yaml", "search_filtered.yaml", vec![sink]);
}

fn number(name: &str, ty: Type) -> Expr {
    Expr::Column { name: name.into(), ty, nullable: true }
}

fn compare(left: Expr, op: CompareOp, right: Expr) -> Expr {
    Expr::Compare { op, left: Box::new(left), right: Box::new(right) }
}

#[test]
fn redis() {
    check("default/bento/streams/product_card-v1.yaml", "redis.yaml", vec![product_card()]);
    check("default/targets/cache/apply.lua", "apply.lua", vec![product_card()]);
}

/// Bodies that expire, masks, an address that is only known at run time.
#[test]
fn redis_that_expires() {
    let mut sink = product_card();
    sink.dead_letters = Some(TopicId(1));
    sink.address = Address::Redis { url: secret("CACHE_URL") };
    sink.flows[0].columns.push(masked("owner", Type::Text, Mask::Hash));
    sink.flows[0].columns.push(masked("note", Type::Text, Mask::Truncate(20)));
    if let Target::Keyspace(keyspace) = &mut sink.flows[0].target {
        keyspace.expire = Some(3_600_000);
        keyspace.prefix = "product.v2".into();
    }
    check("default/bento/streams/product_card-v1.yaml", "redis_expiring.yaml", vec![sink]);
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
