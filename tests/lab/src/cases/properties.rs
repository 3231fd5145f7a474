//! Properties that matter: `tests/lab/properties/properties.json` breaks generated files, each edit in the files of a view that is there for it. As diac
//! writes them every view is equal at the end, the slot moves on and deletes are followed by tombstones; with the edits each of those checks fails, and the views without an edit are still
//! equal. The edits touch different tables and views, so that one run shows them all.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::shop;
use crate::clients::{http, kafka};
use crate::generated::{Tree, compile};
use crate::home::{Home, Run};
use crate::pipeline::{Pipeline, refused_by_tables, wait_until_still};
use crate::servers::postgres::{Postgres, Release};
use crate::servers::stack::Stack;

/// A property: the edit that breaks it, in the files of the view of that name.
#[derive(Debug, Clone, Deserialize)]
struct Property {
    name: String,
    breaks: String,
    file: String,
    find: String,
    replace: String,
}

/// Views without an edit.
const CONTROLS: [&str; 3] = ["control_search", "control_cache", "control_copy"];
/// The check that is no view: the replication slot moves on while captured tables are quiet.
const HEARTBEAT: &str = "heartbeat";
/// Another one: each delete is followed by a record without a value.
const TOMBSTONES: &str = "tombstones";
const REBUILT: &str = "from_the_beginning";
const ITEMS: &str = "prove.shop.public.items";

/// Each check's outcome: nothing, or why it fails.
type Outcomes = BTreeMap<String, Option<String>>;

/// Runs without the edits, then with them.
pub fn properties(home: &Home) -> Result<()> {
    let text = std::fs::read_to_string(home.sources().join("properties/properties.json"))?;
    let properties: Vec<Property> = serde_json::from_str(&text)?;
    let start = Instant::now();
    let sound = trial(home, "properties-sound", &[], None)?;
    let sound_time = start.elapsed();
    let broken = trial(home, "properties-broken", &properties, Some(sound.rebuilt))?;
    eprintln!(
        "lab: {:.0} s without the edits, {:.0} s with them",
        sound_time.as_secs_f64(),
        (start.elapsed() - sound_time).as_secs_f64()
    );

    let mut wrong = Vec::new();
    eprintln!("lab: {:<24} {:<10} {:<10} what the edit does", "property", "as written", "edited");
    for property in &properties {
        let of = |outcomes: &Outcomes| {
            outcomes.get(&property.name).cloned().with_context(|| format!("no check {}", property.name))
        };
        let (before, after) = (of(&sound.outcomes)?, of(&broken.outcomes)?);
        let word = |it: &Option<String>| if it.is_none() { "holds" } else { "fails" };
        eprintln!(
            "lab: {:<24} {:<10} {:<10} {}: {}",
            property.name,
            word(&before),
            word(&after),
            property.breaks,
            after.clone().unwrap_or_default()
        );
        if let Some(why) = before {
            wrong.push(format!("{} fails in files as written: {why}", property.name));
        }
        if after.is_none() {
            wrong.push(format!("{} holds although its files were edited", property.name));
        }
    }
    for (run, outcomes) in [("sound", &sound.outcomes), ("edited", &broken.outcomes)] {
        for control in CONTROLS {
            if let Some(Some(why)) = outcomes.get(control) {
                wrong.push(format!("{control} fails in the {run} run: {why}"));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// One run's outcomes, and how long the rebuild of a view took.
struct Trial {
    outcomes: Outcomes,
    rebuilt: Duration,
}

fn trial(home: &Home, name: &str, edits: &[Property], rebuild: Option<Duration>) -> Result<Trial> {
    let run = Run::new(home, name)?;
    let stack = Stack::start(&run, Release::Fifteen)?;
    let tree = prepare(&run, &stack)?;
    for edit in edits {
        tree.edit(&edit.file, &edit.find, &edit.replace).with_context(|| edit.name.clone())?;
    }
    let mut pipeline = Pipeline::start_worker(&run, &stack.kafka.bootstrap, tree)?;
    pipeline.tree.apply()?;
    pipeline.start_bento(&run)?;
    wait_for_controls(&pipeline.tree)?;
    wait_for_streaming(&stack.postgres)?;
    stack.postgres.client("shop")?.batch_execute(&file(&run, "changes.sql")?)?;
    wait_for_controls(&pipeline.tree)?;

    // What was deleted is forgotten at a refresh, where an index forgets it at all.
    http::post(&format!("{}/remembers_deletes/_refresh", stack.opensearch.url), "")?.success()?;
    let late = kafka::deliver_again(home, &stack.kafka.bootstrap, ITEMS)?;
    ensure!(late > 50, "only {late} changes were delivered late");
    wait_until_refused(&pipeline, &stack.postgres, late)?;
    let start = Instant::now();
    rebuild_from_log(&pipeline, &stack.postgres)?;
    let wanted = count(&stack.postgres, "shop", "items")?;
    let limit = rebuild.map_or(Duration::from_secs(40), |it| it + Duration::from_secs(5));
    while start.elapsed() < limit && (rebuild.is_some() || count(&stack.postgres, "report", REBUILT)? < wanted) {
        std::thread::sleep(Duration::from_millis(200));
    }
    let rebuilt = start.elapsed();
    wait_until_still(|| pipeline.refused_by_bento())?;

    let settle = if edits.is_empty() { "20" } else { "0" };
    let audit = pipeline.tree.audit(&["--settle", settle])?;
    let mut outcomes = Outcomes::new();
    for (view, rows) in audit.rows() {
        let findings: Vec<String> =
            audit.findings().into_iter().filter(|(of, _)| *of == view).map(|(_, line)| line).collect();
        let first = findings.first().map(|it| it.chars().take(70).collect::<String>());
        let why = first.map(|first| format!("{} of {rows} rows differ, {first}", findings.len()));
        outcomes.insert(view, why.or_else(|| (rows == 0).then(|| "no rows".to_owned())));
    }
    ensure!(edits.is_empty() == (audit.code == 0), "audit.py: exit {}\n{}", audit.code, audit.digest());
    outcomes.insert(HEARTBEAT.to_owned(), slot_moves_on(&stack.postgres)?);
    outcomes.insert(TOMBSTONES.to_owned(), tombstones_follow(home, &stack)?);
    Ok(Trial { outcomes, rebuilt })
}

fn file(run: &Run, name: &str) -> Result<String> {
    std::fs::read_to_string(run.home.sources().join("properties").join(name)).with_context(|| name.to_owned())
}

fn prepare(run: &Run, stack: &Stack) -> Result<Tree> {
    for database in ["shop", "report"] {
        stack.postgres.create_database(database)?;
    }
    for name in ["schema.sql", "rows.sql"] {
        stack.postgres.client("shop")?.batch_execute(&file(run, name)?)?;
    }
    let text = shop::page_for(&run.home.sources().join("properties/properties.dia"), stack, ", heartbeat = 1s");
    let page = run.write("lab.dia", &text)?;
    compile(run, &page, "lab", shop::variables(stack, "one", "two"))
}

fn wait_for_controls(tree: &Tree) -> Result<()> {
    let audit = tree.audit(&[CONTROLS.as_slice(), &["--settle", "60"]].concat())?;
    ensure!(audit.code == 0, "the views without an edit: exit {}\n{}", audit.code, audit.digest());
    Ok(())
}

/// The first copy is over when the connector reads the slot and writes heartbeats.
fn wait_for_streaming(postgres: &Postgres) -> Result<()> {
    let start = Instant::now();
    let mut shop = postgres.client("shop")?;
    loop {
        let row = shop.query_one(
            "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE active) AND EXISTS (SELECT FROM diac.heartbeat)",
            &[],
        )?;
        if row.get(0) {
            return Ok(());
        }
        ensure!(start.elapsed() < Duration::from_secs(30), "no streaming after 30 s");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The sound views have refused every late change.
fn wait_until_refused(pipeline: &Pipeline, postgres: &Postgres, late: u64) -> Result<()> {
    let start = Instant::now();
    loop {
        let bento = pipeline.refused_by_bento()?;
        let tables = refused_by_tables(postgres, "report")?;
        let refused = |name: &str| bento.get(name).or_else(|| tables.get(name)).map_or(0, |it| it.all());
        if ["control_search", "control_cache", "control"].iter().all(|it| refused(it) >= late) {
            return Ok(());
        }
        ensure!(start.elapsed() < Duration::from_secs(40), "{late} late changes, refused {bento:?} {tables:?}");
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// Empties a table and lets its sink read the log anew.
fn rebuild_from_log(pipeline: &Pipeline, postgres: &Postgres) -> Result<()> {
    let connector = format!("{}/connectors/prove-sink-{REBUILT}-v1", pipeline.connect.url);
    http::put(&format!("{connector}/stop"), "")?.success()?;
    let start = Instant::now();
    // Offsets can be deleted when the tasks are gone.
    while http::delete(&format!("{connector}/offsets"))?.success().is_err() {
        ensure!(start.elapsed() < Duration::from_secs(20), "the offsets of {REBUILT} cannot be deleted");
        std::thread::sleep(Duration::from_millis(300));
    }
    postgres.client("report")?.batch_execute(&format!("TRUNCATE public.{REBUILT}, public.{REBUILT}__gone"))?;
    http::put(&format!("{connector}/resume"), "")?.success()?;
    Ok(())
}

fn count(postgres: &Postgres, database: &str, table: &str) -> Result<i64> {
    Ok(postgres.client(database)?.query_one(&format!("SELECT count(*) FROM public.{table}"), &[])?.get(0))
}

/// Compaction forgets a key only where a record without a value follows its delete.
fn tombstones_follow(home: &Home, stack: &Stack) -> Result<Option<String>> {
    let counted = kafka::count_records(home, &stack.kafka.bootstrap, &[ITEMS])?;
    let topic = counted.first().context("no count")?;
    let ops: serde_json::Value = serde_json::from_str(&topic.ops)?;
    let deletes = ops["d"].as_u64().unwrap_or(0);
    ensure!(deletes > 0, "no deletes: {topic}");
    Ok((topic.tombstones < deletes).then(|| format!("{deletes} deletes, {} tombstones", topic.tombstones)))
}

/// Other tables are busy, the captured ones are quiet: the slot must follow all the same.
fn slot_moves_on(postgres: &Postgres) -> Result<Option<String>> {
    let mut client = postgres.client("report")?;
    client.batch_execute("CREATE TABLE public.busy AS SELECT n, repeat('x', 100) FROM generate_series(1, 10000) n")?;
    let goal: String = client.query_one("SELECT pg_current_wal_lsn()::text", &[])?.get(0);
    let start = Instant::now();
    loop {
        let row = client.query_one(
            "SELECT bool_and(confirmed_flush_lsn >= $1::text::pg_lsn), min($1::text::pg_lsn - confirmed_flush_lsn)::bigint FROM pg_replication_slots",
            &[&goal],
        )?;
        if row.get(0) {
            return Ok(None);
        }
        if start.elapsed() > Duration::from_secs(15) {
            return Ok(Some(format!("the slot holds {} bytes after 15 s", row.get::<_, i64>(1))));
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}
