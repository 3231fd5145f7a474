//! Differences planted by hand in each kind of store: a row missing, one changed, one resurrected. The generated audits must find all nine, each with its
//! key and its kind, and nothing else.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use crate::clients::{http, opensearch};
use crate::generated::Tree;
use crate::servers::stack::Stack;

/// A version above all others: a planted document must not be refused as stale.
const LATEST: &str = "version=9000000000000000000&version_type=external";

/// Plants and finds them. Pipelines may run on: nothing in the source changes, so nothing repairs them.
pub fn plant_and_find(stack: &Stack, tree: &Tree) -> Result<()> {
    let mut wanted = BTreeSet::new();
    let mut want = |view: &str, start: &str| wanted.insert((view.to_owned(), start.to_owned()));

    // The table: `offers_copy` has a filter, and its resurrected row is one that is there in the source and does not match it.
    let mut shop = stack.postgres.client("shop")?;
    let offers = keys(
        &mut shop,
        "SELECT product_id::text FROM public.products WHERE active AND stock > 0 ORDER BY product_id LIMIT 2",
    )?;
    let [gone, changed] = offers.as_slice() else { anyhow::bail!("fewer than two offers") };
    let back =
        keys(&mut shop, "SELECT product_id::text FROM public.products WHERE NOT active ORDER BY product_id LIMIT 1")?
            .pop()
            .context("no row")?;
    stack.postgres.client("report")?.batch_execute(&format!(
        "SET session_replication_role = replica;
         DELETE FROM public.offers WHERE product_id = {gone};
         UPDATE public.offers SET stock = stock # 1 WHERE product_id = {changed};
         INSERT INTO public.offers (product_id, name, active, stock, __lsn) VALUES ({back}, 'x', true, 1, 1)"
    ))?;
    want("offers_copy", &format!("missing {gone}"));
    want("offers_copy", &format!("changed {changed}: stock "));
    want("offers_copy", &format!("left over {back}"));

    // The cache: keys of three columns.
    let lines = keys(
        &mut shop,
        "SELECT region || ':' || order_id || ':' || line FROM public.order_lines WHERE region ~ '^[a-z]+$' AND note IS NOT NULL ORDER BY 1 LIMIT 2",
    )?;
    let [gone, changed] = lines.as_slice() else { anyhow::bail!("fewer than two lines with plain keys") };
    let mut redis = stack.redis.client()?;
    redis.call(&["DEL", &format!("line:{{{gone}}}")])?;
    let body = redis.call(&["GET", &format!("line:{{{changed}}}")])?.text().context("no body")?;
    redis.call(&["SET", &format!("line:{{{changed}}}"), &body.replacen("\"note\":\"", "\"note\":\"x", 1)])?;
    redis.call(&["SET", "line:{nowhere:1:2}", &body])?;
    want("lines_cache", &format!("missing {gone}"));
    want("lines_cache", &format!("changed {changed}: note "));
    want("lines_cache", "left over nowhere:1:2");

    // The index.
    let rows = keys(&mut shop, "SELECT product_id::text FROM public.products ORDER BY product_id DESC LIMIT 2")?;
    let [gone, changed] = rows.as_slice() else { anyhow::bail!("fewer than two products") };
    let url = &stack.opensearch.url;
    let documents = opensearch::documents(url, "products")?;
    let body = documents.get(changed).context("no document")?;
    http::delete(&format!("{url}/products/_doc/{gone}?{LATEST}"))?.success()?;
    let altered = body.replacen("\"name\":\"", "\"name\":\"x", 1);
    opensearch::put(url, &format!("products/_doc/{changed}?{LATEST}"), &altered)?;
    // A product that was deleted long ago, if the numbers are as the load gives them.
    opensearch::put(url, &format!("products/_doc/-7?{LATEST}"), &altered)?;
    want("products_search", &format!("missing {gone}"));
    want("products_search", &format!("changed {changed}: name "));
    want("products_search", "left over -7");

    let audit = tree.audit(&[])?;
    ensure!(audit.code == 1, "audit.py: exit {} where rows differ\n{}", audit.code, audit.text);
    let found = audit.findings();
    let is_wanted = |(view, line): &(String, String)| {
        wanted.iter().any(|(of, start)| {
            of == view && (line == start || (start.ends_with(' ') && line.starts_with(start.as_str())))
        })
    };
    let matches = found.iter().filter(|it| is_wanted(it)).count();
    ensure!(
        matches == wanted.len() && found.len() == wanted.len(),
        "planted {wanted:#?}\nfound {found:#?}\n{}",
        audit.text
    );
    Ok(())
}

fn keys(client: &mut postgres::Client, sql: &str) -> Result<Vec<String>> {
    Ok(client.query(sql, &[])?.iter().map(|row| row.get(0)).collect())
}
