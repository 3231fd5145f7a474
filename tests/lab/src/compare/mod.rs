//! Is a view equal to its source? Judged from outside: columns come from the source database's catalogue, rows from the stores themselves, and no part of
//! diac takes part.

pub mod exact;
pub mod views;

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result};
use postgres::{Client, SimpleQueryMessage};

use crate::load::catalogue::{Base, Column, Table, quoted};
use exact::Json;

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Rows of the source.
    pub rows: usize,
    /// Rows that differ.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Whether nothing differs.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} rows, {} differ", self.rows, self.differences.len())?;
        for difference in self.differences.iter().take(8) {
            write!(f, "\n  {difference}")?;
        }
        Ok(())
    }
}

/// One row that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The row's key.
    pub key: String,
    /// How it differs.
    pub what: What,
}

/// How a row differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The view has no such row.
    Missing,
    /// The source has no such row.
    LeftOver,
    /// A column has another value.
    Changed {
        /// The column.
        column: String,
        /// The source's value.
        source: Option<String>,
        /// The view's value.
        view: Option<String>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let short = |text: &Option<String>| {
            text.as_ref().map_or("NULL".to_owned(), |it| format!("{:?}", it.chars().take(80).collect::<String>()))
        };
        match &self.what {
            What::Missing => write!(f, "{}: missing", self.key),
            What::LeftOver => write!(f, "{}: left over", self.key),
            What::Changed { column, source, view } => {
                write!(f, "{}: {column} is {} in the source, {} in the view", self.key, short(source), short(view))
            }
        }
    }
}

/// A row: its values as texts.
type Row = Vec<Option<String>>;

/// The columns that a view should have: the database fills generated columns itself.
pub fn copied_columns(table: &Table) -> Vec<&Column> {
    table.columns.iter().filter(|it| !it.generated || table.key_columns().any(|key| key.name == it.name)).collect()
}

/// Compares a table with a table of the same columns in another database, value by value as text.
pub fn postgres(source: &mut Client, table: &Table, view: &mut Client, view_name: &str) -> Result<Comparison> {
    let columns = copied_columns(table);
    let texts: Vec<String> = columns.iter().map(|it| format!("{}::text", quoted(&it.name))).collect();
    let expected = rows(source, table, &table.sql(), &texts)?;
    let found = rows(view, table, view_name, &texts)?;
    let mut comparison = Comparison { rows: expected.len(), differences: Vec::new() };
    for (key, row) in &expected {
        let Some(other) = found.get(key) else {
            comparison.differences.push(Difference { key: key.clone(), what: What::Missing });
            continue;
        };
        for ((column, source), view) in columns.iter().zip(row).zip(other) {
            if source != view {
                let what = What::Changed { column: column.name.clone(), source: source.clone(), view: view.clone() };
                comparison.differences.push(Difference { key: key.clone(), what });
                break;
            }
        }
    }
    left_over(&mut comparison, found.keys(), |key| expected.contains_key(key));
    Ok(comparison)
}

/// JSON bodies of a store, and how to find a row's.
pub struct Bodies<'a> {
    /// The store's key → the body.
    pub bodies: BTreeMap<String, String>,
    /// The store's key of a row, from the texts of the row's key.
    pub key: &'a dyn Fn(&[&str]) -> String,
    /// Fields that are no columns.
    pub extra: &'a [&'a str],
}

/// Compares a table with the JSON bodies of a store, by each column's type: numbers exactly, times to the microsecond.
pub fn json(source: &mut Client, table: &Table, store: &Bodies) -> Result<Comparison> {
    let columns = copied_columns(table);
    let texts: Vec<String> = columns.iter().map(|it| exact_text(it)).collect();
    let places: Vec<usize> =
        table.key_columns().filter_map(|key| columns.iter().position(|it| it.name == key.name)).collect();
    let mut comparison = Comparison::default();
    let mut wanted = std::collections::BTreeSet::new();
    for row in rows(source, table, &table.sql(), &texts)?.into_values() {
        comparison.rows += 1;
        let parts: Vec<&str> = places.iter().filter_map(|it| row.get(*it)?.as_deref()).collect();
        let key = (store.key)(&parts);
        match store.bodies.get(&key) {
            None => comparison.differences.push(Difference { key: key.clone(), what: What::Missing }),
            Some(body) => {
                let what = different_field(&columns, &row, body, store.extra)?;
                comparison.differences.extend(what.map(|what| Difference { key: key.clone(), what }));
            }
        }
        wanted.insert(key);
    }
    left_over(&mut comparison, store.bodies.keys(), |key| wanted.contains(key));
    Ok(comparison)
}

fn different_field(columns: &[&Column], row: &Row, body: &str, extra: &[&str]) -> Result<Option<What>> {
    let Json::Object(fields) = Json::read(body)? else {
        return Ok(Some(What::Changed { column: "the body".to_owned(), source: None, view: Some(body.to_owned()) }));
    };
    for (column, source) in columns.iter().zip(row) {
        let view = fields.get(&column.name);
        if !exact::same(&column.base, source.as_deref(), view) {
            return Ok(Some(What::Changed {
                column: column.name.clone(),
                source: source.clone(),
                view: view.map(|it| format!("{it:?}")),
            }));
        }
    }
    let unknown =
        fields.keys().find(|name| !extra.contains(&name.as_str()) && columns.iter().all(|it| it.name != **name));
    Ok(unknown.map(|name| What::Changed {
        column: name.clone(),
        source: None,
        view: Some("a field that is no column".to_owned()),
    }))
}

fn left_over<'a>(
    comparison: &mut Comparison,
    found: impl Iterator<Item = &'a String>,
    is_wanted: impl Fn(&String) -> bool,
) {
    let rest = found.filter(|key| !is_wanted(key)).map(|key| Difference { key: key.clone(), what: What::LeftOver });
    comparison.differences.extend(rest);
}

/// The expression that gives a column in the text that [`exact::same`] reads.
fn exact_text(column: &Column) -> String {
    let name = quoted(&column.name);
    match column.base {
        Base::Timestamp | Base::TimestampTz => format!("(extract(epoch FROM {name}) * 1000000)::bigint::text"),
        Base::Array(_) => format!("to_json({name})::text"),
        _ => format!("{name}::text"),
    }
}

/// All rows: key → values. Sessions are set alike, so that equal values have equal texts.
fn rows(client: &mut Client, table: &Table, from: &str, columns: &[String]) -> Result<BTreeMap<String, Row>> {
    client.batch_execute("SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET extra_float_digits = 3; SET bytea_output = 'hex'")?;
    let key: Vec<String> = table.key_columns().map(|it| format!("{}::text", quoted(&it.name))).collect();
    let sql = format!("SELECT {}, {} FROM {from}", key.join(", "), columns.join(", "));
    let mut found = BTreeMap::new();
    for message in client.simple_query(&sql).with_context(|| format!("cannot read {from}"))? {
        if let SimpleQueryMessage::Row(row) = message {
            let text = |index: usize| row.get(index).map(str::to_owned);
            let parts: Vec<String> = (0..key.len()).map(|index| text(index).unwrap_or_default()).collect();
            found.insert(parts.join(" | "), (0..columns.len()).map(|index| text(key.len() + index)).collect());
        }
    }
    Ok(found)
}
