//! A load on MariaDB: batches of statements over a small range of keys, so that rows are changed, deleted, brought back and given other keys all the time.
//! What the server refuses (a key that is taken, a deadlock) is part of the load: the client goes on behind it. While the server is down a writer waits.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::random::Random;
use crate::servers::mariadb::ask;

/// Keys of each table.
const KEYS: i64 = 400;
/// Statements a client runs before it ends.
const BATCH: usize = 60;

/// How far the writers are; shared with who watches them.
#[derive(Debug, Default)]
pub struct Progress {
    /// Statements sent.
    pub done: AtomicUsize,
    /// Batches the server did not answer.
    pub unanswered: AtomicUsize,
    stop: AtomicBool,
}

impl Progress {
    /// Waits until so many statements have been sent.
    pub fn wait_for(&self, statements: usize) -> Result<()> {
        let start = Instant::now();
        while self.done.load(Ordering::Relaxed) < statements {
            ensure!(!self.stop.load(Ordering::Relaxed), "a writer failed");
            ensure!(start.elapsed() < Duration::from_secs(300), "the load stands still");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

/// Writers, one for each seed, while `faults` does its work; at least so many statements each.
pub fn under_load(
    port: u16,
    seeds: &[u64],
    statements: usize,
    faults: impl FnOnce(&Progress) -> Result<()>,
) -> Result<(usize, usize)> {
    let progress = Progress::default();
    let go_on = AtomicBool::new(true);
    std::thread::scope(|scope| {
        let writers: Vec<_> = seeds
            .iter()
            .map(|seed| {
                let (progress, go_on) = (&progress, &go_on);
                scope.spawn(move || {
                    let result = write(port, *seed, statements, progress, go_on);
                    if result.is_err() {
                        progress.stop.store(true, Ordering::Relaxed);
                    }
                    result
                })
            })
            .collect();
        let done = faults(&progress);
        go_on.store(false, Ordering::Relaxed);
        progress.stop.store(done.is_err(), Ordering::Relaxed);
        for writer in writers {
            writer.join().unwrap_or_else(|_| bail!("a writer panicked"))?;
        }
        done
    })?;
    Ok((progress.done.load(Ordering::Relaxed), progress.unanswered.load(Ordering::Relaxed)))
}

fn write(port: u16, seed: u64, statements: usize, progress: &Progress, go_on: &AtomicBool) -> Result<()> {
    let mut random = Random::new(seed);
    let mut sent = 0;
    let start = Instant::now();
    while (sent < statements || go_on.load(Ordering::Relaxed)) && !progress.stop.load(Ordering::Relaxed) {
        let batch: Vec<String> = (0..BATCH).map(|_| statement(&mut random)).collect();
        if ask(port, "shop", &format!("{};\n", batch.join(";\n")), true).is_err() {
            progress.unanswered.fetch_add(1, Ordering::Relaxed);
            ensure!(start.elapsed() < Duration::from_secs(600), "the server does not come back");
            std::thread::sleep(Duration::from_millis(200));
        }
        sent += BATCH;
        progress.done.fetch_add(BATCH, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Fills every table with the first so many keys.
pub fn fill(port: u16, rows: i64) -> Result<()> {
    let mut random = Random::new(1);
    let mut all = String::new();
    for key in 1..=rows {
        all.push_str(&format!(
            "INSERT INTO products ({COLUMNS}) VALUES {};\n",
            product(&mut random, &product_key(key))
        ));
        all.push_str(&format!("INSERT INTO order_lines VALUES {};\n", line(&mut random)));
    }
    all.push_str("INSERT INTO places SELECT seq, seq FROM seq_1_to_40;\n");
    ask(port, "shop", &all, true)?;
    Ok(())
}

const COLUMNS: &str = "id, sku, name, price, weight, ratio, active, state, tags, stock, views, small, tiny, big, added, seen, planned, updated_at, made_at, \
                       opens, season, photo, flag, extra, notes, `rank`";

/// Some keys lie beyond 63 bits.
fn product_key(key: i64) -> String {
    if key % 7 == 0 { format!("{}", 18_446_744_073_709_551_615_u64 - key.unsigned_abs()) } else { key.to_string() }
}

fn statement(random: &mut Random) -> String {
    let key = product_key(random.between(1, KEYS));
    let other = product_key(random.between(1, KEYS));
    match random.below(20) {
        0..=4 => format!(
            "INSERT INTO products ({COLUMNS}) VALUES {} ON DUPLICATE KEY UPDATE name = VALUES(name), stock = VALUES(stock), active = VALUES(active)",
            product(random, &key)
        ),
        5..=7 => format!("UPDATE products SET {} WHERE id = {key}", assignment(random)),
        8 => format!(
            "UPDATE products SET {} WHERE id IN ({key}, {other}, {})",
            assignment(random),
            product_key(random.between(1, KEYS))
        ),
        9 => format!("DELETE FROM products WHERE id = {key}"),
        // The key moves; where it is taken the server refuses.
        10 => format!("UPDATE products SET id = {other} WHERE id = {key}"),
        11 => format!("REPLACE INTO products ({COLUMNS}) VALUES {}", product(random, &key)),
        12 => format!(
            "INSERT INTO order_lines VALUES {}, {} ON DUPLICATE KEY UPDATE quantity = quantity + 1",
            line(random),
            line(random)
        ),
        13 => format!(
            "UPDATE order_lines SET line = line + {} WHERE region = '{}' ORDER BY line DESC LIMIT 3",
            random.below(3),
            region(random)
        ),
        14 => format!("DELETE FROM order_lines WHERE region = '{}' ORDER BY line LIMIT 2", region(random)),
        // Every key of the table becomes its neighbour's, in one statement and one event: one key leaves and another row takes it.
        // Rarely: it is three records a row.
        15 if random.percent(20) => {
            "UPDATE places SET id = id + 1, n = n + 1 WHERE id < 80 ORDER BY id DESC".to_owned()
        }
        16 if random.percent(20) => "UPDATE places SET id = id - 1 WHERE id > 1 ORDER BY id".to_owned(),
        15 | 16 => format!("UPDATE places SET n = n + 1 WHERE id = {}", random.between(1, 40)),
        // One row several times in one event.
        17 => {
            let id = random.between(1, 40);
            format!(
                "INSERT INTO places VALUES ({id}, 1), ({id}, 2), ({id}, 3) ON DUPLICATE KEY UPDATE n = n + VALUES(n)"
            )
        }
        18 => format!(
            "START TRANSACTION; UPDATE products SET stock = stock + 1 WHERE id = {key}; SAVEPOINT s; DELETE FROM products WHERE id = {other}; \
             ROLLBACK TO s; UPDATE products SET stock = stock - 1, notes = 'kept' WHERE id = {key}; COMMIT"
        ),
        _ => format!(
            "START TRANSACTION; DELETE FROM products WHERE id = {key}; UPDATE places SET n = -1; INSERT INTO order_lines VALUES {}; ROLLBACK",
            line(random)
        ),
    }
}

fn assignment(random: &mut Random) -> String {
    match random.below(8) {
        0 => format!("stock = {}", random.between(-3, 20)),
        1 => format!("price = {}.{:02}, updated_at = now(6)", random.between(0, 99_999), random.between(0, 99)),
        2 => format!("state = '{}'", ["new", "sold out", "gone"][random.below(3)]),
        3 => format!("active = {}", random.below(2)),
        4 => format!("notes = {}", text(random)),
        5 => format!("`rank` = {}, seen = now(6), small = {}", nullable(random, "3"), random.between(0, 65_535)),
        6 => format!("photo = x'{:016x}', big = {}", random.bits(), random.bits()),
        _ => format!(
            "tags = '{}', views = {}, ratio = {}",
            ["", "a", "b,c"][random.below(3)],
            random.between(0, 4_294_967_295),
            random.between(-9999, 9999)
        ),
    }
}

fn product(random: &mut Random, key: &str) -> String {
    let name = text(random);
    let fraction = |random: &mut Random| format!("{}", random.between(-1_000_000_000, 1_000_000_000) as f64 / 7.0);
    // Of a FLOAT a snapshot brings six digits (FACTS 10).
    let ratio = format!("{}.5", random.between(-9999, 9999));
    let (weight, notes) = (fraction(random), text(random));
    format!(
        "({key}, 'Größe {}', {name}, {}.{:02}, {weight}, {ratio}, {}, '{}', {}, {}, {}, {}, {}, {}, {}, {}, {}, now(6), {}, {}, {}, x'{:08x}', {}, {}, {notes}, {})",
        random.below(1000),
        random.between(-99_999_999, 9_999_999_999),
        random.between(0, 99),
        random.below(2),
        ["new", "sold out", "gone"][random.below(3)],
        nullable(random, "'a,c'"),
        random.between(-5, 50),
        random.between(0, 4_294_967_295),
        nullable(random, "65535"),
        random.between(-128, 127),
        random.bits(),
        nullable(random, "'2024-02-29'"),
        nullable(random, "'1999-12-31 23:59:59.999999'"),
        nullable(random, "'2038-01-19 03:14:07'"),
        nullable(random, "'2024-10-27 01:30:00'"),
        nullable(random, "'23:59:59.125'"),
        nullable(random, "2155"),
        random.bits() & 0xffff_ffff,
        random.below(2),
        nullable(random, "'{\"b\": [1, 2.50, null], \"a\": \"ü\"}'"),
        nullable(random, "1"),
    )
}

fn line(random: &mut Random) -> String {
    format!(
        "('{}', {}, {}, '2024-0{}-01 00:00:00.{:03}', {})",
        region(random),
        random.between(1, 60),
        random.between(0, 60_000),
        random.between(1, 9),
        random.between(0, 999),
        nullable(random, "'x:y'")
    )
}

fn region(random: &mut Random) -> &'static str {
    ["eu", "EU", "a:b", "50% {x}", "grün"][random.below(5)]
}

fn nullable(random: &mut Random, value: &str) -> String {
    if random.percent(20) { "NULL".to_owned() } else { value.to_owned() }
}

/// A text of letters that something on the way could trip over.
fn text(random: &mut Random) -> String {
    const PARTS: [&str; 10] = ["a", "ß", "日本", "😀", "\\\\", "''", "\"", "\\n", "{{", " "];
    let parts: String = (0..random.below(12)).map(|_| PARTS[random.below(PARTS.len())]).collect();
    format!("'{parts}'")
}
