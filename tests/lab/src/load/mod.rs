//! A load on any schema, from the database's own catalogue: inserts, updates, deletes, re-inserts of old keys, key changes, transactions of several
//! statements, transactions rolled back. A statement that the database refuses (a check, a reference, a trigger) goes back to a savepoint and is counted.
//! One writer with one seed on one database state does the same every time; several writers at once do not.

pub mod catalogue;
pub mod random;
mod report;
pub mod storm;
pub mod values;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use postgres::{Client, NoTls, SimpleQueryMessage};

use catalogue::{Catalogue, Column, Reference, Table, quoted};
pub use report::{Kind, Report};
use values::{Inventor, literal};

/// What one writer is to do.
#[derive(Debug, Clone)]
pub struct Orders {
    /// The libpq address of the database, with rights to write.
    pub url: String,
    /// The schemas written to.
    pub schemas: Vec<String>,
    /// Tables left alone.
    pub without: Vec<String>,
    /// The start of the random sequence.
    pub seed: u64,
    /// Changes a second at most; 0 for no limit.
    pub pace: u32,
}

/// A writer's seed: its number in the test, shifted by `DIAC_LAB_SEED` where that is set, so that one command tries other sequences.
#[must_use]
pub fn seed(number: u64) -> u64 {
    let shift = std::env::var("DIAC_LAB_SEED").ok().and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0);
    shift.wrapping_mul(1000).wrapping_add(number)
}

/// How far a load is; shared between its thread and who watches it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Statements tried.
    pub done: AtomicUsize,
    /// Keeps the writers writing beyond their number of changes: faults are to happen under load.
    pub go_on: AtomicBool,
    /// Ends the load early.
    pub stop: AtomicBool,
    /// A lost connection is made again: the database itself is to be killed.
    pub survives: AtomicBool,
}

/// The texts of a key's columns.
type Key = Vec<String>;

/// What the writer believes about a table's rows. Cascades and other writers may know better: a row that is not there any more is a miss, not an error.
#[derive(Debug, Default, Clone)]
struct Rows {
    live: Vec<Key>,
    dead: Vec<Key>,
}

/// One step to take back when a transaction is rolled back.
enum Undo {
    Added(usize, Key),
    Removed(usize, Key),
}

/// One writer.
pub struct Load {
    client: Client,
    tables: Vec<Table>,
    rows: Vec<Rows>,
    inventor: Inventor,
    undo: Vec<Undo>,
    report: Report,
    pace: u32,
    url: String,
}

/// How long a database may be away.
const AWAY: Duration = Duration::from_secs(90);

/// Rows of a table that get a third of its updates, so that some keys have many versions close together.
const HOT_ROWS: usize = 20;

/// Other writers' rows and cascades become known when the keys are read again, every so many statements.
const REFRESH_AFTER: usize = 1000;

impl Load {
    /// Connects and reads the catalogue.
    pub fn new(orders: &Orders) -> Result<Load> {
        let mut client = connect(&orders.url)?;
        let schemas: Vec<&str> = orders.schemas.iter().map(String::as_str).collect();
        let Catalogue { tables } = catalogue::read(&mut client, &schemas)?;
        let (tables, without_key): (Vec<Table>, Vec<Table>) =
            tables.into_iter().filter(|it| !orders.without.contains(&it.name)).partition(|it| !it.key.is_empty());
        let tables = in_order_of_references(tables);
        let mut report = Report { seed: orders.seed, ..Report::default() };
        report.skipped_tables = without_key.iter().map(Table::sql).collect();
        let rows = vec![Rows::default(); tables.len()];
        let mut load = Load {
            client,
            tables,
            rows,
            inventor: Inventor::new(orders.seed),
            undo: Vec::new(),
            report,
            pace: orders.pace,
            url: orders.url.clone(),
        };
        load.read_keys()?;
        Ok(load)
    }

    /// Inserts rows into every table, those referred to first.
    pub fn fill(&mut self, rows: usize) -> Result<()> {
        for table in 0..self.tables.len() {
            self.client.batch_execute("BEGIN")?;
            // Refusals must not leave a table empty that others need.
            for _ in 0..rows * 4 {
                if self.rows.get(table).is_some_and(|it| it.live.len() >= rows) {
                    break;
                }
                self.insert(table, Kind::Insert)?;
            }
            self.client.batch_execute("COMMIT")?;
            self.undo.clear();
        }
        Ok(())
    }

    /// Tries so many statements and more while it is told to go on, in transactions of one to four, and of up to twenty now and then.
    pub fn run(mut self, changes: usize, progress: &Progress) -> Result<Report> {
        let start = Instant::now();
        let (mut tried, mut refreshed) = (0, 0);
        while (tried < changes || progress.go_on.load(Ordering::Relaxed)) && !progress.stop.load(Ordering::Relaxed) {
            let statements = if self.inventor.random.percent(4) {
                5 + self.inventor.random.below(16)
            } else {
                1 + self.inventor.random.below(4)
            };
            match self.transaction(statements) {
                Ok(()) => {}
                Err(error) if progress.survives.load(Ordering::Relaxed) && self.is_lost(&error) => self.reconnect()?,
                Err(error) => return Err(error),
            }
            tried += statements;
            progress.done.fetch_add(statements, Ordering::Relaxed);
            if tried - refreshed > REFRESH_AFTER {
                refreshed = tried;
                self.read_keys()?;
            }
            if self.pace > 0 {
                let due = Duration::from_secs_f64(tried as f64 / f64::from(self.pace));
                std::thread::sleep(due.saturating_sub(start.elapsed()));
            }
        }
        self.report.seconds = start.elapsed().as_secs_f64();
        Ok(self.report)
    }

    fn transaction(&mut self, statements: usize) -> Result<()> {
        self.client.batch_execute("BEGIN")?;
        for _ in 0..statements {
            self.change()?;
        }
        self.finish_transaction()
    }

    /// The connection is gone; a server that ends says so before it closes.
    fn is_lost(&self, error: &anyhow::Error) -> bool {
        let says_so = |it: &postgres::Error| it.as_db_error().is_some_and(|it| it.severity() == "FATAL");
        self.client.is_closed() || error.chain().filter_map(|it| it.downcast_ref()).any(says_so)
    }

    /// Connects again. Whether the last transaction was committed is unknown to the writer, so it reads what is there.
    fn reconnect(&mut self) -> Result<()> {
        let start = Instant::now();
        self.undo.clear();
        self.report.lost_connections += 1;
        loop {
            match connect(&self.url) {
                Ok(client) => self.client = client,
                Err(error) if start.elapsed() > AWAY => return Err(error),
                Err(_) => {
                    std::thread::sleep(Duration::from_millis(100));
                    continue;
                }
            }
            match self.read_keys() {
                Err(error) if start.elapsed() > AWAY => return Err(error),
                Err(_) => {}
                Ok(()) => return Ok(()),
            }
        }
    }

    fn finish_transaction(&mut self) -> Result<()> {
        self.report.transactions += 1;
        if !self.inventor.random.percent(4) {
            self.undo.clear();
            self.client.batch_execute("COMMIT")?;
            return Ok(());
        }
        self.client.batch_execute("ROLLBACK")?;
        self.report.rolled_back += 1;
        self.report.changes_rolled_back += self.undo.len();
        while let Some(step) = self.undo.pop() {
            match step {
                Undo::Added(table, key) => {
                    let rows = self.rows.get_mut(table).context("no such table")?;
                    rows.live.retain(|it| *it != key);
                }
                Undo::Removed(table, key) => self.rows.get_mut(table).context("no such table")?.live.push(key),
            }
        }
        Ok(())
    }

    fn change(&mut self) -> Result<()> {
        let table = self.inventor.random.below(self.tables.len());
        let empty = self.rows.get(table).is_none_or(|it| it.live.is_empty());
        match self.inventor.random.below(100) {
            _ if empty => self.insert(table, Kind::Insert),
            0..=51 => self.update(table),
            52..=64 => self.insert(table, Kind::Insert),
            65..=79 => self.insert(table, Kind::Reinsert),
            80..=94 => self.delete(table),
            _ => self.change_key(table),
        }
    }

    fn insert(&mut self, table: usize, kind: Kind) -> Result<()> {
        let Some(it) = self.tables.get(table).cloned() else { bail!("no such table") };
        let Some(mut values) = self.references(&it, |_| true)? else { return self.count(Kind::Unplaced, 1) };
        let old = match kind {
            Kind::Reinsert => self.rows.get(table).and_then(|rows| self.inventor.random.pick(&rows.dead)).cloned(),
            _ => None,
        };
        for (place, index) in it.key.iter().enumerate() {
            let Some(column) = it.columns.get(*index) else { continue };
            if let Some(text) = old.as_ref().and_then(|key| key.get(place)) {
                set(&mut values, *index, literal(text));
                continue;
            }
            let settled = column.generated || values.iter().any(|(taken, _)| taken == index);
            let left_out = column.has_default && self.inventor.random.percent(50);
            if !settled && !left_out {
                set(&mut values, *index, self.inventor.key(column));
            }
        }
        for (index, column) in it.columns.iter().enumerate() {
            let settled =
                column.generated || it.key.contains(&index) || values.iter().any(|(taken, _)| *taken == index);
            let left_out = column.has_default && self.inventor.random.percent(10);
            if !settled && !left_out {
                set(&mut values, index, self.inventor.value(column));
            }
        }
        let columns: Vec<String> =
            values.iter().filter_map(|(index, _)| it.columns.get(*index)).map(|it| quoted(&it.name)).collect();
        let texts: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
        let sql = match columns.as_slice() {
            [] => format!("INSERT INTO {} DEFAULT VALUES RETURNING {}", it.sql(), returning(&it)),
            _ => format!(
                "INSERT INTO {} ({}) VALUES ({}) RETURNING {}",
                it.sql(),
                columns.join(", "),
                texts.join(", "),
                returning(&it)
            ),
        };
        let Some(keys) = self.execute(&it, &sql)? else { return Ok(()) };
        let kind = if old.is_some() { kind } else { Kind::Insert };
        for key in keys {
            self.add(table, key);
        }
        self.count(kind, 1)
    }

    fn update(&mut self, table: usize) -> Result<()> {
        let Some(it) = self.tables.get(table).cloned() else { bail!("no such table") };
        let free: Vec<usize> = (0..it.columns.len())
            .filter(|index| !it.key.contains(index) && it.columns.get(*index).is_some_and(|column| !column.generated))
            .collect();
        if free.is_empty() {
            return self.change_key(table);
        }
        let mut values = Vec::new();
        for _ in 0..=self.inventor.random.below(3) {
            let Some(index) = self.inventor.random.pick(&free).copied() else { continue };
            if values.iter().any(|(taken, _)| *taken == index) {
                continue;
            }
            if it.references.iter().any(|reference| reference.columns.contains(&index)) {
                let chosen = self.references(&it, |reference| reference.columns.contains(&index))?.unwrap_or_default();
                values.extend(chosen.into_iter().filter(|(index, _)| !it.key.contains(index)));
            } else if let Some(column) = it.columns.get(index) {
                values.push((index, self.inventor.value(column)));
            }
        }
        if values.is_empty() {
            return Ok(());
        }
        let many = if self.inventor.random.percent(3) { 10 } else { 1 };
        let keys: Vec<Key> = (0..many).filter_map(|_| self.live_key(table)).collect();
        let sql = format!(
            "UPDATE {} SET {} WHERE {} RETURNING {}",
            it.sql(),
            assignments(&it, &values),
            are(&it, &keys),
            returning(&it)
        );
        let Some(changed) = self.execute(&it, &sql)? else { return Ok(()) };
        if changed.is_empty() {
            return self.miss(table, &keys);
        }
        self.count(Kind::Update, changed.len())
    }

    fn delete(&mut self, table: usize) -> Result<()> {
        let Some(it) = self.tables.get(table).cloned() else { bail!("no such table") };
        let keys: Vec<Key> = self.live_key(table).into_iter().collect();
        let sql = format!("DELETE FROM {} WHERE {} RETURNING {}", it.sql(), are(&it, &keys), returning(&it));
        let Some(gone) = self.execute(&it, &sql)? else { return Ok(()) };
        if gone.is_empty() {
            return self.miss(table, &keys);
        }
        for key in gone {
            self.remove(table, key);
        }
        self.count(Kind::Delete, 1)
    }

    /// Gives a row another key: half of the time one that was deleted before.
    fn change_key(&mut self, table: usize) -> Result<()> {
        let Some(it) = self.tables.get(table).cloned() else { bail!("no such table") };
        let Some(old) = self.live_key(table) else { return Ok(()) };
        let dead = self.rows.get(table).and_then(|rows| self.inventor.random.pick(&rows.dead)).cloned();
        let mut values = match dead.filter(|_| self.inventor.random.percent(50)) {
            Some(key) => it.key.iter().copied().zip(key.iter().map(|text| literal(text))).collect(),
            None => self
                .references(&it, |reference| reference.columns.iter().any(|index| it.key.contains(index)))?
                .unwrap_or_default(),
        };
        values.retain(|(index, _)| it.key.contains(index));
        for index in &it.key {
            let Some(column) = it.columns.get(*index) else { continue };
            if column.generated {
                return Ok(());
            }
            if !values.iter().any(|(taken, _)| taken == index) {
                values.push((*index, self.inventor.key(column)));
            }
        }
        let sql = format!(
            "UPDATE {} SET {} WHERE {} RETURNING {}",
            it.sql(),
            assignments(&it, &values),
            are(&it, std::slice::from_ref(&old)),
            returning(&it)
        );
        let Some(changed) = self.execute(&it, &sql)? else { return Ok(()) };
        if changed.is_empty() {
            return self.miss(table, &[old]);
        }
        self.remove(table, old);
        for key in changed {
            self.add(table, key);
        }
        self.count(Kind::KeyChange, 1)
    }

    /// Values for the columns of foreign keys, taken from rows that are there; none when a row is needed and there is none.
    fn references(
        &mut self,
        table: &Table,
        wanted: impl Fn(&Reference) -> bool,
    ) -> Result<Option<Vec<(usize, String)>>> {
        let mut values: Vec<(usize, String)> = Vec::new();
        for reference in table.references.iter().filter(|it| wanted(it)) {
            let columns: Vec<&Column> = reference.columns.iter().filter_map(|it| table.columns.get(*it)).collect();
            let nullable = columns.iter().any(|it| !it.not_null);
            let found =
                if nullable && self.inventor.random.percent(15) { None } else { self.row_referred_to(reference)? };
            match found {
                Some(key) => {
                    for (index, text) in reference.columns.iter().zip(key) {
                        set(&mut values, *index, literal(&text));
                    }
                }
                None if nullable => {
                    reference.columns.iter().for_each(|index| set(&mut values, *index, "NULL".to_owned()))
                }
                None => return Ok(None),
            }
        }
        Ok(Some(values))
    }

    fn row_referred_to(&mut self, reference: &Reference) -> Result<Option<Key>> {
        let target =
            self.tables.iter().position(|it| (&it.schema, &it.name) == (&reference.target.0, &reference.target.1));
        let Some(table) = target.and_then(|it| self.tables.get(it)) else { return Ok(None) };
        if table.key_columns().map(|it| &it.name).eq(&reference.target_columns) {
            return Ok(target
                .and_then(|it| self.rows.get(it))
                .and_then(|rows| self.inventor.random.pick(&rows.live))
                .cloned());
        }
        let columns: Vec<String> = reference.target_columns.iter().map(|it| quoted(it)).collect();
        let texts: Vec<String> = columns.iter().map(|it| format!("{it}::text")).collect();
        let sql = format!(
            "SELECT {} FROM {} WHERE ({}) IS NOT NULL ORDER BY {}",
            texts.join(", "),
            table.sql(),
            columns.join(", "),
            columns.join(", ")
        );
        let rows = keys_of(&self.client.simple_query(&sql)?, columns.len());
        Ok(self.inventor.random.pick(&rows).cloned())
    }

    /// Runs one statement of the open transaction. Gives the keys of the rows it touched; none when it was refused, which is counted.
    fn execute(&mut self, table: &Table, sql: &str) -> Result<Option<Vec<Key>>> {
        match self.client.simple_query(&format!("SAVEPOINT lab; {sql}; RELEASE SAVEPOINT lab")) {
            Ok(messages) => Ok(Some(keys_of(&messages, table.key.len()))),
            Err(error) => {
                let Some(refusal) = error.as_db_error() else {
                    return Err(error).context("the load lost its database");
                };
                self.report.refuse(refusal.code().code(), refusal.message(), sql);
                self.client.batch_execute("ROLLBACK TO SAVEPOINT lab; RELEASE SAVEPOINT lab")?;
                Ok(None)
            }
        }
    }

    fn live_key(&mut self, table: usize) -> Option<Key> {
        let live = &self.rows.get(table)?.live;
        let hot = self.inventor.random.percent(33);
        let index = self.inventor.random.below(if hot { live.len().min(HOT_ROWS) } else { live.len() });
        live.get(index).cloned()
    }

    fn add(&mut self, table: usize, key: Key) {
        if let Some(rows) = self.rows.get_mut(table) {
            rows.live.push(key.clone());
            self.undo.push(Undo::Added(table, key));
        }
    }

    fn remove(&mut self, table: usize, key: Key) {
        if let Some(rows) = self.rows.get_mut(table) {
            rows.live.retain(|it| *it != key);
            rows.dead.push(key.clone());
            self.undo.push(Undo::Removed(table, key));
        }
    }

    fn miss(&mut self, table: usize, keys: &[Key]) -> Result<()> {
        if let Some(rows) = self.rows.get_mut(table) {
            rows.live.retain(|it| !keys.contains(it));
        }
        self.count(Kind::Missed, 1)
    }

    fn count(&mut self, kind: Kind, rows: usize) -> Result<()> {
        *self.report.counts.entry(kind).or_default() += rows;
        Ok(())
    }

    fn read_keys(&mut self) -> Result<()> {
        for (table, rows) in self.tables.iter().zip(&mut self.rows) {
            let columns: Vec<String> = table.key_columns().map(|it| quoted(&it.name)).collect();
            let texts: Vec<String> = columns.iter().map(|it| format!("{it}::text")).collect();
            let sql = format!("SELECT {} FROM {} ORDER BY {}", texts.join(", "), table.sql(), columns.join(", "));
            rows.live = keys_of(&self.client.simple_query(&sql)?, columns.len());
        }
        Ok(())
    }
}

fn connect(url: &str) -> Result<Client> {
    let mut client = Client::connect(url, NoTls).context("the load cannot connect")?;
    client.batch_execute("SET timezone = 'UTC'; SET datestyle = 'ISO'; SET extra_float_digits = 3; SET client_min_messages = error; SET lock_timeout = '10s'")?;
    Ok(client)
}

/// The first columns of the rows among a query's messages.
fn keys_of(messages: &[SimpleQueryMessage], columns: usize) -> Vec<Key> {
    let mut keys = Vec::new();
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            keys.push((0..columns).map(|index| row.get(index).unwrap_or_default().to_owned()).collect());
        }
    }
    keys
}

fn set(values: &mut Vec<(usize, String)>, index: usize, value: String) {
    match values.iter_mut().find(|(taken, _)| *taken == index) {
        Some((_, old)) => *old = value,
        None => values.push((index, value)),
    }
}

fn assignments(table: &Table, values: &[(usize, String)]) -> String {
    let texts = values.iter().filter_map(|(index, value)| {
        table.columns.get(*index).map(|column| format!("{} = {value}", quoted(&column.name)))
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// The condition that a row has one of the keys.
fn are(table: &Table, keys: &[Key]) -> String {
    let one = |key: &Key| {
        let parts =
            table.key_columns().zip(key).map(|(column, text)| format!("{} = {}", quoted(&column.name), literal(text)));
        parts.collect::<Vec<_>>().join(" AND ")
    };
    let all: Vec<String> = keys.iter().map(|key| format!("({})", one(key))).collect();
    if all.is_empty() { "false".to_owned() } else { all.join(" OR ") }
}

/// The key as text, then every generated column: a VIRTUAL one is computed when it is read, and a row that makes it fail must be refused at once
/// instead of breaking whoever reads the table later.
fn returning(table: &Table) -> String {
    let keys = table.key_columns().map(|it| format!("{}::text", quoted(&it.name)));
    let generated = table.columns.iter().filter(|it| it.generated).map(|it| quoted(&it.name));
    keys.chain(generated).collect::<Vec<_>>().join(", ")
}

/// Tables referred to before those that refer to them; what is left in a circle comes last, in the given order.
fn in_order_of_references(mut rest: Vec<Table>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::new();
    while !rest.is_empty() {
        let is_waiting = |table: &Table| {
            let waits_for = |reference: &Reference| {
                let target = &reference.target;
                let itself = (&table.schema, &table.name) == (&target.0, &target.1);
                !itself && rest.iter().any(|it| (&it.schema, &it.name) == (&target.0, &target.1))
            };
            table.references.iter().any(waits_for)
        };
        let next = rest.iter().position(|it| !is_waiting(it)).unwrap_or(0);
        ordered.push(rest.remove(next));
    }
    ordered
}
