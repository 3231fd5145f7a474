//! What a load did.

use std::collections::BTreeMap;
use std::fmt;

/// Kinds of changes, and of attempts that changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A new row.
    Insert,
    /// Other values in a row.
    Update,
    /// A row removed.
    Delete,
    /// A row under a key that was deleted before.
    Reinsert,
    /// Another key for a row.
    KeyChange,
    /// The row was not there any more.
    Missed,
    /// A row that needs another row, and there is none.
    Unplaced,
}

/// Counts of one writer, or of several together.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Rows changed, by kind, those of rolled-back transactions included.
    pub counts: BTreeMap<Kind, usize>,
    /// Transactions tried.
    pub transactions: usize,
    /// Transactions rolled back.
    pub rolled_back: usize,
    /// Row changes taken back with them (updates that change no key are not counted here).
    pub changes_rolled_back: usize,
    /// Statements the database refused: SQLSTATE → how many, and the first one's message and text.
    pub refused: BTreeMap<String, (usize, String)>,
    /// How often the database was gone.
    pub lost_connections: usize,
    /// Tables without a primary key.
    pub skipped_tables: Vec<String>,
    /// The duration.
    pub seconds: f64,
}

impl Report {
    /// How many rows of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    /// All row changes.
    pub fn changes(&self) -> usize {
        [Kind::Insert, Kind::Update, Kind::Delete, Kind::Reinsert, Kind::KeyChange]
            .iter()
            .map(|it| self.count(*it))
            .sum()
    }

    /// Counts a refused statement.
    pub(super) fn refuse(&mut self, code: &str, message: &str, sql: &str) {
        let short: String = sql.chars().take(160).collect();
        self.refused.entry(code.to_owned()).or_insert_with(|| (0, format!("{message}: {short}"))).0 += 1;
    }

    /// Adds another writer's counts.
    pub fn add(&mut self, other: &Report) {
        for (kind, n) in &other.counts {
            *self.counts.entry(*kind).or_default() += n;
        }
        for (code, (n, first)) in &other.refused {
            self.refused.entry(code.clone()).or_insert_with(|| (0, first.clone())).0 += n;
        }
        self.transactions += other.transactions;
        self.rolled_back += other.rolled_back;
        self.lost_connections += other.lost_connections;
        self.changes_rolled_back += other.changes_rolled_back;
        self.seconds = self.seconds.max(other.seconds);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "seed {}: {} row changes in {:.1} s", self.seed, self.changes(), self.seconds)?;
        for (kind, n) in &self.counts {
            write!(f, ", {kind:?} {n}")?;
        }
        write!(
            f,
            "; {} transactions, {} rolled back ({} rows)",
            self.transactions, self.rolled_back, self.changes_rolled_back
        )?;
        for (code, (n, first)) in &self.refused {
            write!(f, "\n  refused {n} × {code}, first: {first}")?;
        }
        for table in &self.skipped_tables {
            write!(f, "\n  no primary key, left alone: {table}")?;
        }
        Ok(())
    }
}
