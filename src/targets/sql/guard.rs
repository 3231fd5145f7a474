//! `05-idempotency.sql`: what makes a repeated or late delivery harmless in a PostgreSQL view.
//!
//! The sink writes deletes as rows with `__deleted = 'true'`; a trigger compares versions by key and refuses what is not newer, without an error,
//! so that at-least-once delivery in any order ends in the newest state.

use std::fmt::Write as _;

use crate::model::Mask;
use crate::plan::{Arrival, TableColumn};
use crate::targets::masks::{REDACTED, kept};
use crate::targets::spelling::one_line;
use crate::targets::sql::expr::{Dialect, all_hold};
use crate::targets::sql::facts;
use crate::targets::sql::spell::{block, derived, header, name, names, path, right_database, text};
use crate::targets::sql::store::{Store, ViewTable};

/// Debezium's word for a wide value that an update left alone.
const PLACEHOLDER: &str = "__debezium_unavailable_value";

/// The version of a row that never was: below all positions of a log.
const NEVER: i64 = -1;

/// Ending of the view that counts refusals.
pub(crate) const COUNTS: &str = "__diac";

/// The shift of the epoch in a version.
const EPOCH_BITS: u32 = 56;

/// Names of what stands beside a view's table, quoted with their schema.
struct Beside {
    gone: String,
    guard: String,
    duplicates: String,
    stale: String,
    counts: String,
}

impl Beside {
    fn of(view: &ViewTable<'_>) -> Self {
        let table = view.table;
        let with = |ending| path(&table.namespace, &derived(&table.name, ending));
        Self {
            gone: with("__gone"),
            guard: with("__guard"),
            duplicates: with("__duplicate"),
            stale: with("__stale"),
            counts: with(COUNTS),
        }
    }
}

/// `05-idempotency.sql`.
pub(super) fn idempotency(store: &Store<'_>) -> String {
    let mut out = header(
        &format!("Guards of the views in {}.", one_line(store.name)),
        "the owner of the tables that 04-view-tables.sql made",
        "After 04-view-tables.sql, before any sink connector is made: a row that came before its guard has no defence.",
    );
    out.push_str(&right_database(store.database));
    for view in &store.tables {
        out.push_str(&guarded(view));
    }
    for facts in &store.facts {
        out.push_str(&facts::take(facts));
    }
    out
}

fn guarded(view: &ViewTable<'_>) -> String {
    let (table, role) = (view.table, name(view.role));
    let beside = Beside::of(view);
    let Beside { gone, guard, duplicates, stale, counts } = &beside;
    let full = view.path();
    let keys: Vec<String> = key_columns(view)
        .iter()
        .map(|column| format!("  {} {} NOT NULL", name(&column.name), column.sql_type))
        .collect();
    format!(
        "
-- View {view_name}: {shown}.
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS {gone} (
{keys},
  \"__lsn\" bigint NOT NULL,
  \"__at\" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ({key})
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS {duplicates};
CREATE SEQUENCE IF NOT EXISTS {stale};
CREATE OR REPLACE VIEW {counts} AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {duplicates}) AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {stale}) AS stale,
       (SELECT count(*) FROM {gone}) AS gone;
CREATE OR REPLACE FUNCTION {guard}() RETURNS trigger LANGUAGE plpgsql AS {body};
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON {full} FOR EACH ROW EXECUTE FUNCTION {guard}();
GRANT SELECT, INSERT, UPDATE, DELETE ON {gone} TO {role};
GRANT USAGE ON SEQUENCE {duplicates}, {stale} TO {role};
GRANT SELECT ON {counts} TO {role};
",
        view_name = one_line(&view.sink.name),
        shown = one_line(&full),
        keys = keys.join(",\n"),
        key = names(&table.key),
        body = block(&body(view, &beside)),
    )
}

fn key_columns<'a>(view: &'a ViewTable<'_>) -> Vec<&'a TableColumn> {
    let key = view.table.key.iter();
    key.filter_map(|wanted| view.table.columns.iter().find(|column| column.name == *wanted)).collect()
}

fn body(view: &ViewTable<'_>, beside: &Beside) -> String {
    let table = view.table;
    let full = view.path();
    let key = &table.key;
    let is_row = |alias: &str| {
        let mut out = String::new();
        for column in key.iter().map(|column| name(column)) {
            let and = if out.is_empty() { "" } else { " AND " };
            let _ = write!(out, "{and}{alias}.{column} = NEW.{column}");
        }
        out
    };
    let new_key: Vec<String> = key.iter().map(|column| format!("NEW.{}", name(column))).collect();
    let new_key = new_key.join(", ");
    let mut out = format!(
        "
#variable_conflict use_column
DECLARE
  diac_old {full}%ROWTYPE;
  diac_seen bigint;
BEGIN
"
    );
    out.push_str(&decode(view));
    if view.flow.epoch() > 0 {
        let _ = writeln!(
            out,
            "  -- Epoch {}: positions of the record's log started anew, versions go on.\n  NEW.\"__lsn\" := NEW.\"__lsn\" + {};",
            view.flow.epoch(),
            u128::from(view.flow.epoch()) << EPOCH_BITS
        );
    }
    let _ = write!(
        out,
        "  SELECT diac_t.* INTO diac_old FROM {full} AS diac_t WHERE {is_row};
  diac_seen := greatest(diac_old.\"__lsn\", (SELECT diac_g.\"__lsn\" FROM {gone} AS diac_g WHERE {is_gone}));
  IF diac_seen IS NULL OR NEW.\"__lsn\" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of {shown} is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM {full} AS diac_t WHERE {is_row} FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO {gone} AS diac_g ({columns}, \"__lsn\") VALUES ({new_key}, {NEVER})
        ON CONFLICT ({columns}) DO UPDATE SET \"__at\" = diac_g.\"__at\";
      SELECT diac_t.* INTO diac_old FROM {full} AS diac_t WHERE {is_row} FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old.\"__lsn\", (SELECT diac_g.\"__lsn\" FROM {gone} AS diac_g WHERE {is_gone}));
    IF NEW.\"__lsn\" <= diac_seen THEN
      DELETE FROM {gone} AS diac_g WHERE {is_gone} AND diac_g.\"__lsn\" = {NEVER};
    END IF;
  END IF;
  IF NEW.\"__lsn\" = diac_seen THEN
    PERFORM nextval({duplicates});
    RETURN NULL;
  ELSIF NEW.\"__lsn\" < diac_seen THEN
    PERFORM nextval({stale});
    RETURN NULL;
  END IF;
",
        shown = one_line(&beside.gone),
        columns = names(key),
        is_row = is_row("diac_t"),
        is_gone = is_row("diac_g"),
        gone = beside.gone,
        duplicates = text(&beside.duplicates),
        stale = text(&beside.stale),
    );
    out.push_str(&placeholders(view));
    let mut leaves = "NEW.\"__deleted\" = 'true'".to_owned();
    if !view.flow.filters.is_empty() {
        let column = |source: &str| format!("NEW.{}", name(&view.column_of(source)));
        let _ = write!(leaves, " OR NOT ({})", all_hold(Dialect::Postgres, &view.flow.filters, &column));
        out.push_str("  -- A row the view's condition does not hold for leaves the view like a deleted one, and may come back.\n");
    }
    let _ = write!(
        out,
        "  IF {leaves} THEN
    DELETE FROM {full} AS diac_t WHERE {is_row};
    INSERT INTO {gone} AS diac_g ({columns}, \"__lsn\") VALUES ({new_key}, NEW.\"__lsn\")
      ON CONFLICT ({columns}) DO UPDATE SET \"__lsn\" = excluded.\"__lsn\", \"__at\" = now();
    RETURN NULL;
  END IF;
  DELETE FROM {gone} AS diac_g WHERE {is_gone};
",
        is_row = is_row("diac_t"),
        is_gone = is_row("diac_g"),
        gone = beside.gone,
        columns = names(key),
    );
    out.push_str(&hide(view));
    out.push_str("  NEW.\"__deleted\" := NULL;\n  RETURN NEW;\nEND ");
    out
}

/// A type's name without bounds, and whether it is an array of such.
fn base_of(sql_type: &str) -> (String, bool) {
    let array = sql_type.ends_with("[]");
    let base = sql_type.trim_end_matches("[]").split('(').next().unwrap_or_default();
    (base.trim().to_ascii_lowercase(), array)
}

/// Binary values arrive as base64 text, which PostgreSQL takes for the bytes themselves.
fn decode(view: &ViewTable<'_>) -> String {
    let mut out = String::new();
    for column in &view.table.columns {
        let carried =
            view.flow.columns.iter().find(|carried| carried.name == column.name).map(|carried| &carried.arrival);
        let key = view.flow.key.iter().find(|key| key.name == column.name).map(|key| &key.arrival);
        if column.sql_type == "bytea" && carried.or(key) == Some(&Arrival::Base64) {
            let column = name(&column.name);
            let _ = writeln!(
                out,
                "  -- It arrives as base64 text, whose letters PostgreSQL would take for the bytes.\n  \
                 IF NEW.{column} <> convert_to('{PLACEHOLDER}', 'UTF8') THEN NEW.{column} := decode(convert_from(NEW.{column}, 'UTF8'), 'base64'); END IF;"
            );
        }
    }
    out
}

/// An update that left a wide value alone brings a placeholder: the value the row has is kept.
fn placeholders(view: &ViewTable<'_>) -> String {
    let mut out = String::new();
    for column in view.table.columns.iter().filter(|column| column.toastable) {
        let quoted = name(&column.name);
        let (base, array) = base_of(&column.sql_type);
        let placeholder = match base.as_str() {
            "text" | "varchar" | "character varying" | "citext" if array => {
                format!("ARRAY[{}]::{}", text(PLACEHOLDER), column.sql_type)
            }
            "text" | "varchar" | "character varying" | "citext" => text(PLACEHOLDER),
            // The word is a valid lexeme: it would be stored.
            "tsvector" if !array => format!("'{PLACEHOLDER}'::tsvector"),
            // Decoded above: the placeholder's own bytes.
            "bytea" if !array => format!("convert_to({}, 'UTF8')", text(PLACEHOLDER)),
            // Numbers get the word's bytes.
            "smallint" | "integer" | "bigint" if array => {
                let bytes: Vec<String> = PLACEHOLDER.bytes().map(|byte| byte.to_string()).collect();
                format!("ARRAY[{}]::{}", bytes.join(", "), column.sql_type)
            }
            // Other types cannot hold the word; their tables have REPLICA IDENTITY FULL, which never sends it.
            _ => continue,
        };
        let _ = writeln!(out, "  IF NEW.{quoted} = {placeholder} THEN NEW.{quoted} := diac_old.{quoted}; END IF;");
    }
    if out.is_empty() {
        return out;
    }
    format!("  -- An update that left a wide value alone brings a word in its place.\n{out}")
}

/// Masks, and columns only filters read: after the filters, before anything is stored.
fn hide(view: &ViewTable<'_>) -> String {
    let mut out = String::new();
    for carried in &view.flow.columns {
        let column = format!("NEW.{}", name(&carried.name));
        let _ = match carried.mask {
            // A hash needs a secret salt, which no table definition can hold: the plan has another runner for it.
            None | Some(Mask::Hash) => continue,
            // Nothing stays nothing, as Connect's MaskField leaves it.
            Some(Mask::Redact) => {
                writeln!(out, "  IF {column} IS NOT NULL THEN {column} := {}; END IF;", text(REDACTED))
            }
            Some(Mask::Truncate(letters)) => writeln!(out, "  {column} := left({column}, {});", kept(letters)),
            Some(Mask::Null) => writeln!(out, "  {column} := NULL;"),
        };
    }
    for column in &view.unstored {
        let _ = writeln!(out, "  NEW.{} := NULL;", name(&column.name));
    }
    out
}

/// `95-sweep.sql`: forgets versions of deleted rows that no delivery can be late for any more.
pub(super) fn sweep(store: &Store<'_>) -> String {
    let mut out = header(
        &format!("Forgets versions of rows that are long gone from the views in {}.", one_line(store.name)),
        "the owner of the tables, or as the role of the sink connector",
        "Once a day, by any scheduler; never before the first load is complete.",
    );
    out.push_str(&right_database(store.database));
    for view in &store.tables {
        let _ = write!(
            out,
            "
-- {shown}: {why}.
DELETE FROM {gone} WHERE \"__at\" < now() - interval '{ms} milliseconds';
",
            shown = one_line(&view.path()),
            why = one_line(&view.sink.late.why.note),
            gone = Beside::of(view).gone,
            ms = view.sink.late.value,
        );
    }
    out
}

/// Removes a table's guard.
pub(super) fn teardown(view: &ViewTable<'_>) -> String {
    let Beside { gone, guard, duplicates, stale, counts } = Beside::of(view);
    let full = view.path();
    let quoted = text(&full);
    format!(
        "
SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass({quoted}) WHERE to_regclass({quoted}) IS NOT NULL \\gexec
DROP FUNCTION IF EXISTS {guard}();
DROP VIEW IF EXISTS {counts};
DROP SEQUENCE IF EXISTS {duplicates}, {stale};
DROP TABLE IF EXISTS {gone};
"
    )
}
