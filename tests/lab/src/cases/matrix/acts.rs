//! What is done to the shop.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::runbook::block;
use super::{Counted, Shop};
use crate::cases::faults::crash_until_it_bites;
use crate::cases::theory;
use crate::clients::{http, kafka};
use crate::load::storm::Storm;
use crate::pipeline::{sum, wait_until_still};
use crate::report::{Prediction, Variant};
use crate::servers::bento::{Bento, Streams};
use crate::servers::connect::Connect;

const CHANGE_LOGS: [&str; 2] = ["shop.shop.public.orders", "shop.shop.public.products"];

/// SIGKILL of the worker, until it makes deliveries repeat.
pub fn kill_connect(shop: &mut Shop, _: &Storm) -> Counted {
    let before = shop.refused()?.all();
    let shop = RefCell::new(shop);
    let crash = || shop.borrow_mut().pipeline.crash_connect();
    crash_until_it_bites("Connect", crash, || Ok(shop.borrow().refused()?.all().saturating_sub(before)))?;
    let absent = &mut shop.into_inner().absent;
    absent.push((theory::DUAL_WRITE, "two writers, only to the record".to_owned()));
    absent.push((theory::KEYLESS, "6 partitions, keyed by the row".to_owned()));
    Ok(None)
}

/// SIGKILL of Bento, until it makes deliveries repeat.
pub fn kill_bento(shop: &mut Shop, _: &Storm) -> Counted {
    let shop = RefCell::new(shop);
    let crash = || {
        let mut shop = shop.borrow_mut();
        shop.remember_refused()?;
        shop.pipeline.crash_bento()
    };
    crash_until_it_bites("Bento", crash, || Ok(sum(&shop.borrow().pipeline.refused_by_bento()?).all()))?;
    Ok(None)
}

/// SIGKILL of the broker, and some seconds without it.
pub fn kill_broker(shop: &mut Shop, _: &Storm) -> Counted {
    let complaints = |shop: &Shop| -> u64 {
        let bento = shop.pipeline.bento.as_ref().map(|it| it.process.log()).unwrap_or_default();
        let texts = [shop.pipeline.connect.process.log(), bento];
        let is_one = |line: &&str| {
            ["could not be established", "connection refused", "disconnected"]
                .iter()
                .any(|it| line.to_lowercase().contains(it))
        };
        texts.iter().map(|it| it.lines().filter(is_one).count() as u64).sum()
    };
    let before = complaints(shop);
    shop.stack.kafka.process.crash()?;
    std::thread::sleep(Duration::from_secs(3));
    shop.stack.kafka.restart()?;
    let start = Instant::now();
    while complaints(shop) == before && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(300));
    }
    Ok(Some((complaints(shop).saturating_sub(before), "lost connections in the logs of Connect and Bento")))
}

/// SIGKILL of the backend that sends the log to the capture. PostgreSQL ends all sessions and recovers.
pub fn kill_backend(shop: &mut Shop, _: &Storm) -> Counted {
    let mut client = shop.stack.postgres.client("shop")?;
    let sessions: i64 = client
        .query_one("SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('client backend', 'walsender')", &[])?
        .get(0);
    let backend: i32 = client.query_one("SELECT min(pid) FROM pg_stat_replication", &[])?.get(0);
    kill_process(Pid::from_raw(backend).context("the capture has no backend")?, Signal::KILL)?;
    wait_for_database(shop)?;
    Ok(Some((u64::try_from(sessions)?, "sessions ended by it")))
}

/// SIGKILL of PostgreSQL whole: the record and the views' tables are gone for a while.
pub fn kill_server(shop: &mut Shop, _: &Storm) -> Counted {
    let sessions: i64 = shop
        .stack
        .postgres
        .client("shop")?
        .query_one("SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('client backend', 'walsender')", &[])?
        .get(0);
    shop.stack.postgres.process.crash()?;
    std::thread::sleep(Duration::from_secs(2));
    shop.stack.postgres.restart()?;
    wait_for_database(shop)?;
    Ok(Some((u64::try_from(sessions)?, "sessions ended by it")))
}

/// The database answers, and the capture reads its slot again.
fn wait_for_database(shop: &mut Shop) -> Result<()> {
    let start = Instant::now();
    loop {
        let read = shop.stack.postgres.client("shop").and_then(|mut client| {
            Ok(client.query_one("SELECT count(*) FROM pg_stat_replication", &[])?.get::<_, i64>(0))
        });
        if read.is_ok_and(|it| it > 0) {
            shop.say(&format!("the capture reads again after {:.1} s", start.elapsed().as_secs_f64()));
            return Ok(());
        }
        ensure!(start.elapsed() < Duration::from_secs(150), "the capture does not read");
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// All sinks read their logs from the beginning.
pub fn from_the_beginning(shop: &mut Shop, _: &Storm) -> Counted {
    move_offsets(shop, "--to-earliest", |_| 0)?;
    shop.absent.push((theory::INSERTS, "the JDBC sink from offset 0".to_owned()));
    let records = kafka::count_records(&shop.run.home, &shop.stack.kafka.bootstrap, &CHANGE_LOGS)?;
    let tombstones: u64 = records.iter().map(|it| it.tombstones).sum();
    let deletes: u64 = records.iter().map(|it| it.deletes()).sum();
    // Read under load: the last delete's own tombstone may be still to come.
    ensure!(deletes > 0 && tombstones + 20 >= deletes, "{tombstones} tombstones for {deletes} deletes");
    shop.absent.push((theory::TOMBSTONES, format!("{tombstones} tombstones for {deletes} deletes in the logs")));
    Ok(None)
}

/// All sinks read the last records once more.
pub fn turned_back(shop: &mut Shop, _: &Storm) -> Counted {
    move_offsets(shop, "--shift-by -150", |offset| offset.saturating_sub(150))
}

/// Bento's groups by Kafka's own command, the JDBC sinks by the worker's interface.
fn move_offsets(shop: &mut Shop, how: &str, to: fn(u64) -> u64) -> Counted {
    for name in shop.connectors("JdbcSink")? {
        let url = format!("{}/connectors/{name}", shop.pipeline.connect.url);
        http::put(&format!("{url}/stop"), "")?.success()?;
        shop.wait_stopped(&name)?;
        let mut offsets = http::get(&format!("{url}/offsets"))?.success()?.json()?;
        for entry in offsets["offsets"].as_array_mut().into_iter().flatten() {
            let offset = entry["offset"]["kafka_offset"].as_u64().unwrap_or(0);
            entry["offset"]["kafka_offset"] = to(offset).into();
        }
        let start = Instant::now();
        // Offsets can be changed when the tasks are gone from the group.
        while let Err(error) = http::patch(&format!("{url}/offsets"), &offsets.to_string())?.success() {
            ensure!(start.elapsed() < Duration::from_secs(30), "the offsets of {name}: {error:#}");
            std::thread::sleep(Duration::from_millis(500));
        }
        http::put(&format!("{url}/resume"), "")?.success()?;
    }
    shop.stop_bento()?;
    for view in ["product_card", "product_search"] {
        shop.pipeline.tree.shell(&format!(
            "kafka-consumer-groups.sh --bootstrap-server \"$KAFKA_BOOTSTRAP\" --group shop-{view}-v1 --all-topics --reset-offsets {how} --execute"
        ))?;
    }
    shop.pipeline.bento.as_mut().context("no Bento")?.restart()?;
    wait_until_refusing(shop)?;
    Ok(None)
}

/// Bento's views and the tables refuse something.
fn wait_until_refusing(shop: &Shop) -> Result<()> {
    let start = Instant::now();
    while sum(&shop.pipeline.refused_by_bento()?).all() == 0 {
        ensure!(start.elapsed() < Duration::from_secs(60), "nothing was delivered again");
        std::thread::sleep(Duration::from_millis(300));
    }
    Ok(())
}

/// Bento is stopped while requests of it are under way, and a second one takes over. When that one has applied newer changes, the old requests arrive,
/// and the first one goes on as if nothing had happened.
pub fn zombie_bento(shop: &mut Shop, _: &Storm) -> Counted {
    shop.remember_refused()?;
    let first = shop.pipeline.bento.take().context("no Bento")?;
    shop.search.hold();
    shop.cache.hold();
    let start = Instant::now();
    let before = shop.search.held() + shop.cache.held();
    while shop.search.held() + shop.cache.held() < before + 2 {
        ensure!(start.elapsed() < Duration::from_secs(30), "no request of Bento could be held");
        std::thread::sleep(Duration::from_millis(10));
    }
    first.process.pause()?;
    shop.say("Bento stopped with requests under way");

    let tree = &shop.pipeline.tree;
    let root = tree.at("bento/bento.yaml");
    let streams =
        Streams { root: &root, streams: tree.files("bento/streams", "yaml")?, environment: tree.variables.clone() };
    let second = Bento::start_as(&shop.run, &streams, "bento-second")?;
    let start = Instant::now();
    while second.counter("view_applied", "product_search")? < 100
        || second.counter("view_applied", "product_card")? < 100
    {
        ensure!(start.elapsed() < Duration::from_secs(90), "the second Bento does not take over");
        std::thread::sleep(Duration::from_millis(300));
    }
    shop.say("a second Bento has taken over and applied newer changes");
    shop.search.let_go();
    shop.cache.let_go();
    first.process.go_on()?;
    // Its session is gone; what it had in hand it writes all the same.
    let late = |it: &Bento| it.counter("view_stale", "");
    let refused = wait_until_still(|| late(&first))?;
    shop.say(&format!("the zombie wrote {refused} changes late, all refused"));
    ensure!(refused > 0, "the zombie wrote nothing late");
    drop(first);
    shop.pipeline.bento = Some(second);
    Ok(Some((refused, "late writes of the zombie refused")))
}

/// The same with the worker: its JDBC sink's statements are held on their way.
pub fn zombie_connect(shop: &mut Shop, _: &Storm) -> Counted {
    let before = shop.refused()?.all();
    shop.report.hold();
    let start = Instant::now();
    let held = shop.report.held();
    while shop.report.held() <= held {
        ensure!(start.elapsed() < Duration::from_secs(30), "no statement of the sink could be held");
        std::thread::sleep(Duration::from_millis(10));
    }
    shop.pipeline.connect.process.pause()?;
    shop.say("Connect stopped with statements under way");
    let tree = &shop.pipeline.tree;
    let worker = tree.at("connect-worker.properties");
    let second = Connect::start_as(&shop.run, &worker, &shop.stack.kafka.bootstrap, &tree.variables, "connect-second")?;
    let start = Instant::now();
    let sinks = shop.connectors("JdbcSink")?;
    let own = second.url.trim_start_matches("http://").to_owned();
    for name in &sinks {
        loop {
            let status = http::get(&format!("{}/connectors/{name}/status", second.url))?.json()?;
            let task = &status["tasks"][0];
            if task["worker_id"] == own.as_str() && task["state"] == "RUNNING" {
                break;
            }
            ensure!(start.elapsed() < Duration::from_secs(90), "the second worker does not take over: {status}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    // Long enough for the second worker's sinks to read and to write what the first one had not committed.
    std::thread::sleep(Duration::from_secs(6));
    shop.say("a second worker has taken over");
    shop.report.let_go();
    shop.pipeline.connect.process.go_on()?;
    std::thread::sleep(Duration::from_secs(8));
    let mut first = std::mem::replace(&mut shop.pipeline.connect, second);
    first.process.crash()?;
    let url = shop.pipeline.connect.url.clone();
    shop.pipeline.tree.set("CONNECT_URL", url);
    wait_for_database(shop)?;
    ensure!(shop.refused()?.all() > before, "nothing came late");
    Ok(None)
}

/// For some seconds each write waits at random, and comes once more three seconds later.
pub fn late_and_double(shop: &mut Shop, _: &Storm) -> Counted {
    let proxies = [&shop.search, &shop.cache];
    for proxy in proxies {
        proxy.delay(Duration::from_millis(250));
        proxy.echo(Duration::from_secs(3));
    }
    std::thread::sleep(Duration::from_secs(8));
    for proxy in proxies {
        proxy.echo(Duration::ZERO);
        proxy.delay(Duration::ZERO);
    }
    let mut refused = 0;
    for (name, proxy) in [("search engine", &shop.search), ("Redis", &shop.cache)] {
        let echoes = proxy.echoes()?;
        shop.say(&format!("{name}: {} requests delayed; {echoes:?}", proxy.delayed()));
        ensure!(echoes.refused > 0, "{name}: no copy was refused");
        refused += echoes.refused;
    }
    Ok(Some((refused, "late copies refused")))
}

/// Connectors are deleted; what is written meanwhile must arrive when they are there again.
pub fn recreate_connectors(shop: &mut Shop, storm: &Storm) -> Counted {
    for (name, _) in shop.pipeline.tree.connectors()? {
        http::delete(&format!("{}/connectors/{name}", shop.pipeline.connect.url))?.success()?;
    }
    let before = storm.done();
    std::thread::sleep(Duration::from_secs(3));
    let missed = storm.done() - before;
    shop.pipeline.tree.apply()?;
    shop.pipeline.wait_running()?;
    Ok(Some((missed as u64, "statements while they were gone")))
}

/// The runbook's "Empty and refill a view in place", for every view.
pub fn refill(shop: &mut Shop, _: &Storm) -> Counted {
    let emptied = rows_of_views(shop)?;
    refill_all(shop)?;
    Ok(Some((emptied, "rows emptied")))
}

fn refill_all(shop: &mut Shop) -> Result<()> {
    let runbook = std::fs::read_to_string(shop.pipeline.tree.at("runbook.md"))?;
    for view in super::VIEWS {
        let commands = block(&runbook, "Empty and refill a view in place", &format!("`{}`", view.name))?;
        shop.obey(&commands).with_context(|| format!("refilling {}:\n{commands}", view.name))?;
        shop.say(&format!("{} emptied", view.name));
    }
    Ok(())
}

fn rows_of_views(shop: &Shop) -> Result<u64> {
    let mut client = shop.stack.postgres.client("report")?;
    let rows: i64 = client
        .query_one("SELECT (SELECT count(*) FROM public.orders_fact) + (SELECT count(*) FROM public.products)", &[])?
        .get(0);
    let keys = shop.stack.redis.client()?.keys("product:{*}")?.len();
    Ok(u64::try_from(rows)? + keys as u64)
}

/// The slot is gone, and rows are deleted before the capture has another one. The runbook's way back.
pub fn lose_slot(shop: &mut Shop, storm: &Storm) -> Counted {
    for name in shop.connectors("PostgresConnector")? {
        http::put(&format!("{}/connectors/{name}/stop", shop.pipeline.connect.url), "")?.success()?;
        shop.wait_stopped(&name)?;
    }
    let before = storm.done();
    shop.stack
        .postgres
        .client("shop")?
        .batch_execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")?;
    let deleted = delete_products(shop)?.len();
    std::thread::sleep(Duration::from_secs(2));
    let missed = storm.done() - before + deleted;
    copy_anew(shop)?;
    shop.pipeline.wait_for_first_copy()?;
    refill_all(shop)?;
    Ok(Some((missed as u64, "changes that no slot held")))
}

/// The change logs are deleted while everything runs. The runbook's way back.
pub fn recreate_topics(shop: &mut Shop, _: &Storm) -> Counted {
    let records = kafka::count_records(&shop.run.home, &shop.stack.kafka.bootstrap, &CHANGE_LOGS)?;
    let lost: u64 = records.iter().map(|it| it.records).sum();
    for topic in CHANGE_LOGS {
        shop.pipeline
            .tree
            .shell(&format!("kafka-topics.sh --bootstrap-server \"$KAFKA_BOOTSTRAP\" --delete --topic {topic}"))?;
    }
    std::thread::sleep(Duration::from_secs(3));
    copy_anew(shop)?;
    shop.pipeline.wait_for_first_copy()?;
    refill_all(shop)?;
    shop.absent.push((theory::OFFSETS, format!("{lost} records thrown away, offsets begin at 0")));
    Ok(Some((lost, "records thrown away")))
}

/// The worker is killed when the capture has copied the rows and has not noted it; rows are deleted before it is back. The capture copies again, and the rows
/// stay in the views, until the runbook is obeyed.
pub fn interrupt_first_copy(shop: &mut Shop, _: &Storm) -> Counted {
    let completed = |shop: &Shop| {
        shop.pipeline.connect.process.log().matches("INFO AbstractSnapshotChangeEventSource Snapshot completed").count()
    };
    for attempt in 0..4 {
        let copies = completed(shop);
        copy_anew(shop)?;
        let start = Instant::now();
        while completed(shop) == copies {
            ensure!(start.elapsed() < Duration::from_secs(60), "the capture does not copy");
            std::thread::sleep(Duration::from_millis(20));
        }
        // What was copied must be in the log; the worker notes positions every 5 s.
        std::thread::sleep(Duration::from_millis(700));
        shop.pipeline.connect.process.crash()?;
        let deleted = delete_products(shop)?;
        shop.pipeline.connect.restart()?;
        shop.pipeline.wait_for_first_copy()?;
        if completed(shop) > copies + 1 {
            std::thread::sleep(Duration::from_secs(8));
            let undead = undead(shop, &deleted)?;
            let numbers = format!("{undead} of {} rows deleted in between stay in a table", deleted.len());
            shop.say(&numbers);
            let prediction = Prediction {
                prediction: theory::FIRST_COPY.to_owned(),
                variant: Variant::Unsafe,
                staged_on: "Debezium 3.7.0 killed in its first copy and left alone".to_owned(),
                seen: Some(undead > 0),
                numbers,
            };
            ensure!(prediction.note()?, "no row stayed");
            copy_anew(shop)?;
            shop.pipeline.wait_for_first_copy()?;
            refill_all(shop)?;
            shop.absent.push((theory::FIRST_COPY, "the runbook obeyed".to_owned()));
            return Ok(Some((undead, "deleted rows in a view before the cure")));
        }
        shop.say(&format!("attempt {attempt}: the first copy had been noted before the kill"));
    }
    bail!("the first copy could not be interrupted")
}

/// The runbook's block for a lost slot.
fn copy_anew(shop: &mut Shop) -> Result<()> {
    let runbook = std::fs::read_to_string(shop.pipeline.tree.at("runbook.md"))?;
    let commands = block(&runbook, "After an outage longer than planned", "**The slot was lost")?;
    shop.obey(&commands).with_context(|| commands.clone())
}

/// Deletes some products; gives their keys.
fn delete_products(shop: &Shop) -> Result<Vec<i64>> {
    let rows = shop.stack.postgres.client("shop")?.query(
        "DELETE FROM public.products WHERE product_id IN (SELECT product_id FROM public.products ORDER BY product_id LIMIT 25) RETURNING product_id",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// How many of the keys the record does not have, and the view's table has.
fn undead(shop: &Shop, keys: &[i64]) -> Result<u64> {
    let count = |database: &str| -> Result<i64> {
        let mut client = shop.stack.postgres.client(database)?;
        Ok(client.query_one("SELECT count(*) FROM public.products WHERE product_id = ANY($1)", &[&keys])?.get(0))
    };
    Ok(u64::try_from(count("report")? - count("shop")?).unwrap_or(0))
}

impl Shop {
    /// Keeps what Bento counted, before it is gone.
    pub fn remember_refused(&mut self) -> Result<()> {
        let refused = sum(&self.pipeline.refused_by_bento()?);
        self.refused_before = self.refused_before.plus(refused);
        Ok(())
    }
}
