//! What stores do with writes that come late, twice, or from two writers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::{DUAL_WRITE, FORGOTTEN, LATE_WRITE, Stage, UNDEAD};
use crate::clients::redis::Client as Redis;
use crate::clients::{http, opensearch};
use crate::report::Variant;
use crate::servers::postgres::Postgres;

const KEYS: usize = 50;
const WRITERS: usize = 4;
const DRIFT_KEYS: usize = 400;

/// Writers upsert the record and then SET the view, without any fault: all go through the keys in one order, so that they meet at each. Rounds until
/// something differs at rest.
pub fn dual_write(stage: &mut Stage) -> Result<()> {
    stage.stack.postgres.create_database("drift")?;
    stage
        .stack
        .postgres
        .client("drift")?
        .batch_execute("CREATE TABLE drift (k text PRIMARY KEY, v bigint NOT NULL)")?;
    let (mut differ, mut writes) = (0, 0);
    for round in 0..20 {
        std::thread::scope(|scope| {
            let (postgres, redis) = (&stage.stack.postgres, stage.stack.redis.port);
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| scope.spawn(move || write_both(postgres, redis, round * WRITERS + writer)))
                .collect();
            writers.into_iter().try_for_each(|it| it.join().unwrap_or_else(|_| bail!("a writer panicked")))
        })?;
        writes += WRITERS * DRIFT_KEYS;
        let mut redis = stage.stack.redis.client()?;
        for row in stage.stack.postgres.client("drift")?.query("SELECT k, v::text FROM drift", &[])? {
            let (key, value): (String, String) = (row.get(0), row.get(1));
            differ += usize::from(redis.call(&["GET", &key])?.text() != Some(value));
        }
        if differ > 0 {
            break;
        }
    }
    let numbers = format!("{differ} of {DRIFT_KEYS} keys differ at rest after {writes} writes");
    let staged = "PostgreSQL and Redis, four writers, no fault";
    stage.note(DUAL_WRITE, Variant::Unsafe, staged, Some(differ > 0), numbers)
}

fn write_both(postgres: &Postgres, redis: u16, value: usize) -> Result<()> {
    let (mut record, mut view) = (postgres.client("drift")?, Redis::connect(redis)?);
    let upsert = record.prepare("INSERT INTO drift VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v")?;
    for key in 0..DRIFT_KEYS {
        let key = format!("drift:{key}");
        record.execute(&upsert, &[&key, &i64::try_from(value)?])?;
        view.call(&["SET", &key, &value.to_string()])?;
    }
    Ok(())
}

/// Version 1, version 2, and version 1 once more, late: into tables, keys and documents.
pub fn late_write(stage: &mut Stage) -> Result<()> {
    let url = stage.stack.opensearch.url.clone();
    let mut redis = stage.stack.redis.client()?;
    let mut drift = stage.stack.postgres.client("drift")?;
    drift.batch_execute("CREATE TABLE blind (k bigint PRIMARY KEY, v bigint)")?;
    for version in ["1", "2", "1"] {
        for key in 0..KEYS {
            drift.batch_execute(&format!(
                "INSERT INTO blind VALUES ({key}, {version}) ON CONFLICT (k) DO UPDATE SET v = excluded.v"
            ))?;
            redis.call(&["SET", &format!("blind:{key}"), version])?;
            opensearch::put(&url, &format!("blind/_doc/{key}"), &format!("{{\"v\": {version}}}"))?;
        }
    }
    let tables: i64 = drift.query_one("SELECT count(*) FROM blind WHERE v = 1", &[])?.get(0);
    let (mut keys, mut documents) = (0, 0);
    for key in 0..KEYS {
        keys += usize::from(redis.call(&["GET", &format!("blind:{key}")])?.text().as_deref() == Some("1"));
        documents += usize::from(http::get(&format!("{url}/blind/_doc/{key}"))?.text.contains("\"v\": 1"));
    }
    let seen = tables > 0 && keys > 0 && documents > 0;
    let numbers = format!("older value at rest in {tables} rows, {keys} keys, {documents} documents of {KEYS} each");
    stage.note(
        LATE_WRITE,
        Variant::Unsafe,
        "PostgreSQL, Redis, Elasticsearch: the writes by hand",
        Some(seen),
        numbers,
    )?;
    late_write_generated(stage)
}

/// The same through the generated guard, the generated script, and the generated index with versions as the streams send them.
fn late_write_generated(stage: &mut Stage) -> Result<()> {
    let database = stage.stack.postgres.url("report");
    stage.tree.set("REPORT_PASSWORD", "two");
    for file in stage.tree.files("sql/report", "sql")? {
        let name = file.file_name().context("no name")?.to_string_lossy().into_owned();
        if name.as_str() < "95" {
            stage.tree.sql(&database, &format!("sql/report/{name}"))?;
        }
    }
    let script = std::fs::read_to_string(stage.tree.at("targets/cache/apply.lua"))?;
    let url = stage.stack.opensearch.url.clone();
    generated_index(stage)?;
    let mut redis = stage.stack.redis.client()?;
    let mut report = stage.stack.postgres.client("report")?;
    for (version, name) in [("1", "old"), ("2", "new"), ("1", "old")] {
        for key in 0..KEYS {
            report.batch_execute(&format!(
                "INSERT INTO public.products (product_id, name, description, price, stock, updated_at, __lsn, __deleted) VALUES ({key}, '{name}', NULL, 1, 1, now(), {version}, 'false')
                 ON CONFLICT (product_id) DO UPDATE SET name = excluded.name, __lsn = excluded.__lsn"
            ))?;
            let (body, at) = (format!("late:{{{key}}}"), format!("late:{{{key}}}:v"));
            redis.call(&["EVAL", &script, "2", &body, &at, "put", &format!("{version:0>20}"), name, "60000", "0"])?;
            let document = format!(
                "{{\"product_id\": {key}, \"name\": \"{name}\", \"description\": null, \"price\": 1, \"stock\": 1, \"updated_at\": null}}"
            );
            http::put(&format!("{url}/products_v1/_doc/{key}?version={version}&version_type=external"), &document)?;
        }
    }
    let tables: i64 = report.query_one("SELECT count(*) FROM public.products WHERE name = 'old'", &[])?.get(0);
    let rows: i64 = report.query_one("SELECT count(*) FROM public.products", &[])?.get(0);
    ensure!(rows == i64::try_from(KEYS)?, "{rows} rows went through the generated guard");
    let (mut keys, mut documents) = (0, 0);
    for key in 0..KEYS {
        let value = redis.call(&["GET", &format!("late:{{{key}}}")])?.text().context("no body")?;
        keys += usize::from(value == "old");
        let document = http::get(&format!("{url}/products_v1/_doc/{key}"))?.success()?;
        documents += usize::from(document.text.contains("\"old\""));
    }
    let numbers = format!("older value at rest in {tables} rows, {keys} keys, {documents} documents of {KEYS} each");
    let seen = tables > 0 || keys > 0 || documents > 0;
    let staged = "the generated guard, script and index, and `faults` with a zombie";
    stage.note(LATE_WRITE, Variant::Generated, staged, Some(seen), numbers)
}

fn generated_index(stage: &Stage) -> Result<()> {
    let url = &stage.stack.opensearch.url;
    let template = std::fs::read_to_string(stage.tree.at("targets/search/products_v1.template.json"))?;
    opensearch::put(url, "_index_template/products_v1", &template)?;
    opensearch::put(url, "products_v1", "{}")
}

/// What Confluent's Elasticsearch sink sends in upsert mode (sinks.md, 1): updates without a version, then a delete whose version is its offset. Each
/// document is alone in its partition, so its offsets are 0 to 3.
pub fn undead(stage: &mut Stage) -> Result<()> {
    let url = stage.stack.opensearch.url.clone();
    let (mut left, mut refused) = (0, 0);
    for key in 0..KEYS {
        for offset in 0..3 {
            let body = format!("{{\"doc\": {{\"v\": {offset}}}, \"doc_as_upsert\": true}}");
            http::post(&format!("{url}/upsert/_update/{key}"), &body)?.success()?;
        }
        refused += usize::from(
            http::delete(&format!("{url}/upsert/_doc/{key}?version=3&version_type=external"))?.status == 409,
        );
        left += usize::from(http::get(&format!("{url}/upsert/_doc/{key}"))?.status == 200);
    }
    let numbers = format!("{left} of {KEYS} deleted documents stay, {refused} deletes refused");
    let staged = "Elasticsearch 7.10.2, the connector's requests sent by hand";
    stage.note(UNDEAD, Variant::Unsafe, staged, Some(left > 0), numbers)?;

    let mut left = 0;
    for key in 1000..1000 + KEYS {
        for version in [100, 200, 300] {
            let document = format!(
                "{{\"product_id\": {key}, \"name\": \"n\", \"description\": null, \"price\": {version}, \"stock\": 1, \"updated_at\": null}}"
            );
            http::put(&format!("{url}/products_v1/_doc/{key}?version={version}&version_type=external"), &document)?
                .success()?;
        }
        http::delete(&format!("{url}/products_v1/_doc/{key}?version=301&version_type=external"))?.success()?;
        left += usize::from(http::get(&format!("{url}/products_v1/_doc/{key}"))?.status == 200);
    }
    let numbers = format!("{left} of {KEYS} deleted documents stay");
    stage.note(
        UNDEAD,
        Variant::Generated,
        "the generated index, puts and deletes with versions",
        Some(left > 0),
        numbers,
    )
}

/// Indices whose documents were deleted, and since when.
pub struct Forgetful {
    since: Instant,
    indices: BTreeMap<&'static str, String>,
}

/// Documents put with version 10 and deleted with 20, in indices that forget at once, after the engine's 60 s, and as diac generates.
pub fn index_and_delete(stage: &Stage) -> Result<Forgetful> {
    let url = &stage.stack.opensearch.url;
    let template = std::fs::read_to_string(stage.tree.at("targets/search/products_v1.template.json"))?;
    let template: serde_json::Value = serde_json::from_str(&template)?;
    let settings = &template["template"]["settings"];
    let generated = settings
        .get("index.gc_deletes")
        .or_else(|| settings["index"].get("gc_deletes"))
        .or_else(|| settings.get("gc_deletes"))
        .and_then(|it| it.as_str())
        .with_context(|| format!("no gc_deletes in the generated settings {settings}"))?;
    let indices = BTreeMap::from([
        ("forgets-at-once", "0s".to_owned()),
        ("forgets-by-default", "60s".to_owned()),
        ("forgets-as-generated", generated.to_owned()),
    ]);
    for (index, keep) in &indices {
        // The default is left as it is.
        let settings = if *index == "forgets-by-default" {
            "{}".to_owned()
        } else {
            format!("{{\"settings\": {{\"index.gc_deletes\": \"{keep}\"}}}}")
        };
        opensearch::put(url, index, &settings)?;
        for key in 0..KEYS {
            let at = format!("{url}/{index}/_doc/{key}");
            http::put(&format!("{at}?version=10&version_type=external"), "{}")?.success()?;
            http::delete(&format!("{at}?version=20&version_type=external"))?.success()?;
        }
    }
    Ok(Forgetful { since: Instant::now(), indices })
}

/// The late write, version 15, more than a minute after the deletes.
pub fn forgotten(stage: &mut Stage, forgetful: &Forgetful) -> Result<()> {
    std::thread::sleep(Duration::from_secs(66).saturating_sub(forgetful.since.elapsed()));
    let url = stage.stack.opensearch.url.clone();
    let mut back = BTreeMap::new();
    let waited = forgetful.since.elapsed().as_secs();
    for index in forgetful.indices.keys() {
        // What was deleted is forgotten at a refresh that has something to do.
        http::put(&format!("{url}/{index}/_doc/other"), "{}")?.success()?;
        http::post(&format!("{url}/{index}/_refresh"), "")?.success()?;
        let mut count = 0;
        for key in 0..KEYS {
            let late = http::put(&format!("{url}/{index}/_doc/{key}?version=15&version_type=external"), "{}")?;
            count += usize::from(late.status == 201);
        }
        back.insert(*index, count);
    }
    let of = |index: &str| back.get(index).copied().unwrap_or(0);
    let kept = |index: &str| forgetful.indices.get(index).cloned().unwrap_or_default();
    let (at_once, default) = (of("forgets-at-once"), of("forgets-by-default"));
    let numbers = format!(
        "{waited} s after the deletes {at_once} of {KEYS} come back with 0s, {default} with the default of 60s"
    );
    stage.note(
        FORGOTTEN,
        Variant::Unsafe,
        "Elasticsearch 7.10.2, writes by hand",
        Some(at_once > 0 && default > 0),
        numbers,
    )?;
    let generated = of("forgets-as-generated");
    let numbers = format!("{generated} of {KEYS} come back with {}", kept("forgets-as-generated"));
    stage.note(FORGOTTEN, Variant::Generated, "the generated setting", Some(generated > 0), numbers)
}
