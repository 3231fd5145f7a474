//! Unsafe streams in Bento: no key, two topics, a splitter without deduplication, offsets as versions.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::{KEYLESS, OFFSETS, SPLITTER, Stage, TWO_TOPICS};
use crate::clients::http;
use crate::clients::kafka::{Topic, create_topics, produce};
use crate::report::Variant;
use crate::servers::bento::{self, Bento, Streams};

/// An odd number: round robin over two partitions scatters each key.
const KEYS: usize = 51;
const VERSIONS: usize = 40;
const PAIRS: usize = 40;
const REQUESTS: usize = 4000;
const ACCOUNTS: usize = 20;
const OFFSET_KEYS: usize = 20;

/// All four, in one process.
pub fn streams(stage: &mut Stage) -> Result<()> {
    stage.stack.postgres.create_database("bank")?;
    stage.stack.postgres.client("bank")?.batch_execute(&format!(
        "CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL DEFAULT 0, legs bigint NOT NULL DEFAULT 0);
         INSERT INTO account (id) SELECT generate_series(0, {})",
        ACCOUNTS - 1
    ))?;
    let bootstrap = stage.stack.kafka.bootstrap.clone();
    let topic = |name, partitions| Topic { name, partitions, cleanup: "delete" };
    let topics =
        [topic("keyless", 2), topic("unfriended", 1), topic("message", 1), topic("requests", 1), topic("offsets", 1)];
    create_topics(&stage.run, &bootstrap, &topics)?;
    produce(&stage.run, &bootstrap, &records())?;

    let environment = |offsets: &str| {
        [
            ("KAFKA", bootstrap.clone()),
            ("REDIS", stage.stack.redis.url()),
            ("SEARCH", stage.stack.opensearch.url.clone()),
            ("BANK", format!("{}?sslmode=disable", stage.stack.postgres.url("bank"))),
            ("OFFSETS_GROUP", offsets.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    };
    let folder = stage.run.home.sources().join("theory");
    let streams: Vec<_> = ["keyless_0", "keyless_1", "unfriended", "message", "requests", "offsets"]
        .iter()
        .map(|it| folder.join(format!("{it}.yaml")))
        .collect();
    bento::lint(&stage.run.home, &streams, &environment("x"))?;
    let root = stage.run.home.sources().join("slice/bento.yaml");
    let start = |environment| Bento::start(&stage.run, &Streams { root: &root, streams: streams.clone(), environment });
    let mut bento = start(environment("offsets-1"))?;
    let kills = kill_the_splitter(stage, &mut bento)?;
    let splitter = settled(|| legs(stage))?;
    let documents = settled(|| old_documents(stage))?;
    ensure!(documents.0 == OFFSET_KEYS, "only {} documents came", documents.0);
    let keyless = settled(|| wrong_keys(stage))?;
    let causal = settled(|| too_early(stage))?;

    // The topic is made again, and its offsets begin anew.
    drop(bento);
    let command =
        |what: &str| format!("kafka-topics.sh --bootstrap-server \"$KAFKA_BOOTSTRAP\" --{what} --topic offsets");
    stage.tree.shell(&command("delete"))?;
    std::thread::sleep(Duration::from_secs(2));
    create_topics(&stage.run, &bootstrap, &[topic("offsets", 1)])?;
    let newest: Vec<String> = (0..OFFSET_KEYS).map(|key| format!("offsets\t\t{key}\t{{\"v\": \"newest\"}}")).collect();
    produce(&stage.run, &bootstrap, &newest)?;
    let bento = start(environment("offsets-2"))?;
    wait_for(|| Ok(bento.counter("versioned", "")? >= OFFSET_KEYS as u64))?;
    let (all, old) = settled(|| old_documents(stage))?;
    drop(bento);

    let numbers = format!("{} of {KEYS} keys end with an older value, {VERSIONS} versions each", keyless);
    stage.note(
        KEYLESS,
        Variant::Unsafe,
        "Kafka, Bento, Redis: records round robin over 2 partitions, one read 3 s late",
        Some(keyless > 0),
        numbers,
    )?;
    let numbers = format!("{causal} of {PAIRS} messages delivered to somebody who had been unfriended before");
    stage.note(TWO_TOPICS, Variant::Unsafe, "Kafka, two Bento streams, one 3 s late", Some(causal > 0), numbers)?;
    let (applied, money) = splitter;
    let wanted = 2 * REQUESTS;
    let numbers = format!("{applied} legs applied of {wanted}, {money} of money made, after {kills} kills");
    stage.note(
        SPLITTER,
        Variant::Unsafe,
        "Kafka, Bento killed, PostgreSQL: plain addition",
        Some(applied > wanted),
        numbers,
    )?;
    let numbers = format!("{old} of {all} documents keep a value older than the newest");
    stage.note(OFFSETS, Variant::Unsafe, "Kafka, Bento, Elasticsearch: version = offset + 1", Some(old > 0), numbers)
}

fn records() -> Vec<String> {
    let mut lines = Vec::new();
    for (number, (version, key)) in
        (1..=VERSIONS).flat_map(|version| (0..KEYS).map(move |key| (version, key))).enumerate()
    {
        lines.push(format!("keyless\t{}\t\t{{\"k\": {key}, \"v\": {version}}}", number % 2));
    }
    for pair in 0..PAIRS {
        // First the cause, then the effect.
        lines.push(format!("unfriended\t\t{pair}\t{{\"pair\": {pair}}}"));
        lines.push(format!("message\t\t{pair}\t{{\"pair\": {pair}}}"));
    }
    for request in 0..REQUESTS {
        let (from, to) = (request % ACCOUNTS, (request + 7) % ACCOUNTS);
        lines.push(format!("requests\t\t\t{{\"from\": {from}, \"to\": {to}, \"amount\": {}}}", 1 + request % 9));
    }
    for version in 1..=5 {
        lines.extend((0..OFFSET_KEYS).map(|key| format!("offsets\t\t{key}\t{{\"v\": \"{version}\"}}")));
    }
    lines
}

/// SIGKILL in mid-stream, three times, and then to the end.
fn kill_the_splitter(stage: &Stage, bento: &mut Bento) -> Result<usize> {
    let kills = 3;
    for _ in 0..kills {
        let before = legs(stage)?.0;
        wait_for(|| Ok(legs(stage)?.0 > before + 150))?;
        bento.process.crash()?;
        bento.restart()?;
    }
    wait_for(|| Ok(legs(stage)?.0 >= 2 * REQUESTS))?;
    Ok(kills)
}

/// Legs applied, and the sum of all balances, which every transfer leaves alone.
fn legs(stage: &Stage) -> Result<(usize, i64)> {
    let row = stage
        .stack
        .postgres
        .client("bank")?
        .query_one("SELECT sum(legs)::bigint, sum(balance)::bigint FROM account", &[])?;
    Ok((usize::try_from(row.get::<_, i64>(0))?, row.get(1)))
}

fn wrong_keys(stage: &Stage) -> Result<usize> {
    let mut redis = stage.stack.redis.client()?;
    let mut wrong = 0;
    for key in 0..KEYS {
        let value = redis.call(&["GET", &format!("keyless:{key}")])?.text().unwrap_or_default();
        wrong += usize::from(value != VERSIONS.to_string());
    }
    Ok(wrong)
}

fn too_early(stage: &Stage) -> Result<usize> {
    Ok(stage.stack.redis.client()?.keys("delivered:*")?.len())
}

/// All documents, and those that do not hold the newest value.
fn old_documents(stage: &Stage) -> Result<(usize, usize)> {
    let url = &stage.stack.opensearch.url;
    let (mut all, mut old) = (0, 0);
    for key in 0..OFFSET_KEYS {
        let document = http::get(&format!("{url}/offsets/_doc/{key}"))?;
        all += usize::from(document.status == 200);
        old += usize::from(document.status == 200 && !document.text.contains("newest"));
    }
    Ok((all, old))
}

fn wait_for(mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !done()? {
        ensure!(start.elapsed() < Duration::from_secs(90), "nothing moves for a minute and a half");
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// What is looked at when it has stood still for five seconds.
fn settled<T: PartialEq>(mut look: impl FnMut() -> Result<T>) -> Result<T> {
    let mut since = Instant::now();
    let start = Instant::now();
    let mut before = look()?;
    while since.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(500));
        let now = look()?;
        if now != before {
            since = Instant::now();
            before = now;
        }
        ensure!(start.elapsed() < Duration::from_secs(120), "nothing comes to rest");
    }
    Some(before).context("nothing")
}
