//! OpenSearch's HTTP interface: indices, single documents, and a walk over all documents of an index.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::http;

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(rename = "_scroll_id")]
    scroll: Option<String>,
    #[serde(borrow)]
    hits: Hits<'a>,
}

#[derive(Deserialize)]
struct Hits<'a> {
    #[serde(borrow)]
    hits: Vec<Hit<'a>>,
}

#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_source", borrow)]
    source: &'a RawValue,
}

/// Creates or replaces something that is described by a JSON body: an index, a template, a document.
pub fn put(url: &str, path: &str, body: &str) -> Result<()> {
    http::put(&format!("{url}/{path}"), body)?.success().with_context(|| format!("PUT {path}"))?;
    Ok(())
}

/// All documents of an index: id → source, its bytes as stored.
pub fn documents(url: &str, index: &str) -> Result<BTreeMap<String, String>> {
    http::post(&format!("{url}/{index}/_refresh"), "")?.success()?;
    let mut found = BTreeMap::new();
    let mut answer = http::post(
        &format!("{url}/{index}/_search?scroll=2m&size=1000"),
        r#"{"sort": ["_doc"], "query": {"match_all": {}}}"#,
    )?
    .success()?;
    loop {
        let page: Page =
            serde_json::from_str(&answer.text).with_context(|| format!("no page of documents: {}", answer.text))?;
        if page.hits.hits.is_empty() {
            return Ok(found);
        }
        for hit in page.hits.hits {
            found.insert(hit.id, hit.source.get().to_owned());
        }
        let scroll = page.scroll.context("a page without a scroll id")?;
        answer = http::post(
            &format!("{url}/_search/scroll"),
            &serde_json::json!({"scroll": "2m", "scroll_id": scroll}).to_string(),
        )?
        .success()?;
    }
}
