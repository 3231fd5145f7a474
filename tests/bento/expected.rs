//! Texts that people have read: `UPDATE_EXPECT=1` writes them anew.

use crate::sample::{changes, decimal, masked, product_card, product_search, secret, stream};
use diac::model::Mask;
use diac::model::expr::Expr;
use diac::model::types::Type;
use diac::plan::{Address, Arrival, Target, TopicId};
use diac::syntax::ast::CompareOp;
use diac::targets::search_index;

fn check(name: &str, text: &str) {
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bento/texts").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&kept, text).unwrap_or_else(|error| panic!("{}: {error}", kept.display()));
        return;
    }
    let before = std::fs::read_to_string(&kept).unwrap_or_default();
    assert!(
        before == *text,
        "{name} differs:\n{}",
        similar::TextDiff::from_lines(before.as_str(), text).unified_diff()
    );
}

pub fn process() {
    check("bento.yaml", &diac::targets::bento::process());
}

pub fn search_that_stops() {
    check("search.yaml", &stream(&product_search()));
}

/// Everything a flow can ask for: an epoch, filters, dead letters.
pub fn search_with_filters_and_dead_letters() {
    let mut sink = product_search();
    sink.dead_letters = Some(TopicId(1));
    sink.flows[0].feed = changes(("public", "products"), 2);
    sink.flows[0].filters = vec![
        compare(number("stock", Type::Int), CompareOp::Ge, Expr::Integer(0)),
        Expr::Or(vec![
            Expr::IsNull { expr: Box::new(number("price", decimal(12, 2))), negated: false },
            compare(number("price", decimal(12, 2)), CompareOp::Lt, Expr::Integer(1000)),
        ]),
    ];
    sink.flows[0].filter_arrivals = [("stock".into(), Arrival::Integer), ("price".into(), Arrival::DecimalText)].into();
    check("search_filtered.yaml", &stream(&sink));
}

fn number(name: &str, ty: Type) -> Expr {
    Expr::Column { name: name.into(), ty, nullable: true }
}

fn compare(left: Expr, op: CompareOp, right: Expr) -> Expr {
    Expr::Compare { op, left: Box::new(left), right: Box::new(right) }
}

pub fn redis() {
    check("redis.yaml", &stream(&product_card()));
    check("apply.lua", diac::targets::redis_script::APPLY);
}

/// Bodies that expire, masks, an address that is only known at run time.
pub fn redis_that_expires() {
    let mut sink = product_card();
    sink.dead_letters = Some(TopicId(1));
    sink.address = Address::Redis { url: secret("CACHE_URL") };
    sink.flows[0].columns.push(masked("owner", Type::Text, Mask::Hash));
    sink.flows[0].columns.push(masked("note", Type::Text, Mask::Truncate(20)));
    if let Target::Keyspace(keyspace) = &mut sink.flows[0].target {
        keyspace.expire = Some(3_600_000);
        keyspace.prefix = "product.v2".into();
    }
    check("redis_expiring.yaml", &stream(&sink));
}

pub fn index_template() {
    let sink = product_search();
    let Target::Index(index) = &sink.flows[0].target else { panic!("no index") };
    check("products_v1.template.json", &diac::output::json(&search_index::template(&sink, index)));
    check("products_v1.aliases.json", &diac::output::json(&search_index::aliases(index)));
    let mut second = index.clone();
    second.index = "products_v2".into();
    check("products_v2.aliases.json", &diac::output::json(&search_index::aliases(&second)));
}
