//! Facts in PostgreSQL: the table that keeps them, and the function that takes them from the log.
//!
//! The function takes a batch in one transaction. A fact whose identity is there already is left alone; where it says something else than the one that is
//! there, it is refused. What cannot be stored is told apart from what can, line by line. So repeated delivery changes nothing, and nothing is swallowed.

use std::fmt::Write as _;

use crate::model::expr::Expr;
use crate::plan::{Arrival, Once, PlannedFlow, Sink, Table, TableColumn, sql_type};
use crate::systems::Kind;
use crate::targets::spelling::one_line;
use crate::targets::sql::expr::{Dialect, all_hold};
use crate::targets::sql::spell::{block, derived, name, names, path, text};

/// Ending of the function that takes facts.
const TAKE: &str = "__take";
/// The place of a fact that nothing identifies: its partition and offset, with their types.
pub(crate) const PLACE: [(&str, &str); 2] = [("__partition", "integer"), ("__offset", "bigint")];

/// A table of facts.
pub(super) struct FactTable<'a> {
    /// The view.
    pub(super) sink: &'a Sink,
    /// The flow that fills it.
    pub(super) flow: &'a PlannedFlow,
    /// The table.
    pub(super) table: &'a Table,
    /// The role that writes it.
    pub(super) role: &'a str,
    /// What people should know of it.
    pub(super) docs: Vec<&'a str>,
}

/// A column as it arrives and as it is kept.
struct Taken {
    name: String,
    sql_type: String,
    /// Its type in the line, where that is not the column's.
    arrives: String,
    value: String,
    compared: bool,
}

/// The quoted path of the function that takes facts of this table.
pub(crate) fn function(table: &Table) -> String {
    path(&table.namespace, &derived(&table.name, TAKE))
}

impl FactTable<'_> {
    fn path(&self) -> String {
        path(&self.table.namespace, &self.table.name)
    }

    /// Columns that identify a fact, by their names in the table.
    fn once(&self) -> Vec<String> {
        match self.flow.facts().map(|facts| &facts.once) {
            Some(Once::Columns(columns)) => {
                columns.iter().filter_map(|source| self.clear(source).map(|column| column.name.clone())).collect()
            }
            Some(Once::Place) | None => PLACE.map(|(column, _)| column.to_owned()).to_vec(),
        }
    }

    /// The column that keeps a column of the event as it is.
    fn clear(&self, source: &str) -> Option<&TableColumn> {
        let masked = |column: &TableColumn| {
            self.flow.columns.iter().any(|carried| carried.name == column.name && carried.mask.is_some())
        };
        self.table.columns.iter().find(|column| column.source == source && !masked(column))
    }

    fn constraint(&self) -> &str {
        self.flow.facts().map_or("", |facts| &facts.constraint)
    }

    fn taken(&self) -> Vec<Taken> {
        let once = self.once();
        let mut all: Vec<Taken> = self
            .table
            .columns
            .iter()
            .map(|column| {
                let carried = self.flow.columns.iter().find(|carried| carried.name == column.name);
                let bytes = column.sql_type == "bytea" && carried.is_none_or(|c| c.arrival == Arrival::Base64);
                // Events carry JSON as a text of it.
                let json = column.sql_type == "jsonb";
                let arriving = format!("r.{}", name(&column.name));
                Taken {
                    name: column.name.clone(),
                    arrives: if bytes || json { "text".to_owned() } else { column.sql_type.clone() },
                    value: if bytes {
                        format!("decode({arriving}, 'base64')")
                    } else if json {
                        format!("{arriving}::jsonb")
                    } else {
                        arriving
                    },
                    // The key of a repetition may be a new one; what it takes effect once by is the same.
                    compared: !once.contains(&column.name) && !self.table.key.contains(&column.name),
                    sql_type: column.sql_type.clone(),
                }
            })
            .collect();
        if self.flow.facts().is_some_and(|facts| facts.once == Once::Place) {
            all.extend(PLACE.map(|(column, ty)| Taken {
                name: column.to_owned(),
                sql_type: ty.to_owned(),
                arrives: ty.to_owned(),
                value: format!("r.{}", name(column)),
                compared: false,
            }));
        }
        all
    }
}

/// The table, for `04-view-tables.sql`.
pub(super) fn table(view: &FactTable<'_>) -> String {
    let (full, table) = (view.path(), view.table);
    let mut out = format!(
        "\n-- View {} version {}: facts of {}. They are added and never changed.\n",
        one_line(&view.sink.name),
        view.sink.version,
        one_line(&view.flow.origin())
    );
    if table.namespace != "public" {
        let _ = writeln!(out, "CREATE SCHEMA IF NOT EXISTS {};", name(&table.namespace));
    }
    let taken = view.taken();
    let once = view.once();
    let nullable = |column: &str| {
        !once.iter().any(|once| once == column)
            && table.columns.iter().find(|known| known.name == column).is_some_and(|known| known.nullable)
    };
    let lines: Vec<String> = taken
        .iter()
        .map(|column| {
            let not_null = if nullable(&column.name) { "" } else { " NOT NULL" };
            format!("  {} {}{not_null}", name(&column.name), column.sql_type)
        })
        .collect();
    let _ = writeln!(out, "CREATE TABLE IF NOT EXISTS {full} (\n{}\n);", lines.join(",\n"));
    out.push_str(
        "-- An older table gets the columns that are new; they may be null, since facts from before have no value.\n",
    );
    for column in &taken {
        let _ =
            writeln!(out, "ALTER TABLE {full} ADD COLUMN IF NOT EXISTS {} {};", name(&column.name), column.sql_type);
    }
    out.push_str("-- Each fact takes effect once: a repeated one meets its own first copy here.\n");
    let same = table.key.len() == once.len() && table.key.iter().all(|key| once.contains(key));
    let primary = same || table.key.is_empty();
    out.push_str(&constraint(&full, view.constraint(), if primary { "PRIMARY KEY" } else { "UNIQUE" }, &once));
    if !primary {
        out.push_str(&constraint(&full, &derived(&table.name, "_pkey"), "PRIMARY KEY", &table.key));
    }
    let mut about = view.docs.join("\n");
    if about.is_empty() {
        about = format!("View {} of {}.", view.sink.name, view.flow.origin());
    }
    let _ = writeln!(out, "COMMENT ON TABLE {full} IS {};", text(&about));
    for carried in view.flow.columns.iter().filter(|carried| !carried.docs.is_empty()) {
        let docs = text(&carried.docs.join("\n"));
        let _ = writeln!(out, "COMMENT ON COLUMN {full}.{} IS {docs};", name(&carried.name));
    }
    let _ = writeln!(out, "GRANT USAGE ON SCHEMA {} TO {};", name(&table.namespace), name(view.role));
    let _ = writeln!(out, "GRANT SELECT, INSERT ON {full} TO {};", name(view.role));
    out
}

fn constraint(full: &str, called: &str, kind: &str, columns: &[String]) -> String {
    let add = format!("ALTER TABLE {full} ADD CONSTRAINT {} {kind} ({})", name(called), names(columns));
    format!(
        "SELECT {} WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = {}::regclass AND conname = {}) \\gexec\n",
        text(&add),
        text(full),
        text(called)
    )
}

/// The function, for `05-idempotency.sql`.
pub(super) fn take(view: &FactTable<'_>) -> String {
    let function = function(view.table);
    format!(
        "
-- View {view_name}: takes facts of {shown}, one line of JSON each, and answers for each line, in order: applied, duplicate, left_out by the view's
-- condition, or poison with the reason. With diac_stop nothing behind a poisoned line is taken: it says retry.
CREATE OR REPLACE FUNCTION {function}(diac_lines text, diac_stop boolean) RETURNS jsonb LANGUAGE plpgsql SET TimeZone = 'UTC' AS {body};
GRANT EXECUTE ON FUNCTION {function}(text, boolean) TO {role};
",
        view_name = one_line(&view.sink.name),
        shown = one_line(&view.path()),
        body = block(&body(view)),
        role = name(view.role),
    )
}

fn body(view: &FactTable<'_>) -> String {
    let full = view.path();
    let taken = view.taken();
    let once = view.once();
    let place = |column: &str| {
        taken.iter().position(|taken| taken.name == column).map_or_else(|| "NULL".to_owned(), |at| format!("c{at}"))
    };
    let ids: Vec<String> = once.iter().map(|column| place(column)).collect();
    let all: Vec<String> = taken.iter().map(|column| name(&column.name)).collect();
    let values: Vec<String> = (0..taken.len()).map(|at| format!("c{at}")).collect();
    let incoming = incoming(view, &taken);
    let met: Vec<String> = once.iter().zip(&ids).map(|(column, id)| format!("t.{} = i.{id}", name(column))).collect();
    let of_in: Vec<String> = ids.iter().map(|id| format!("i.{id}")).collect();
    let differs: Vec<String> = taken
        .iter()
        .enumerate()
        .filter(|(_, column)| column.compared)
        .map(|(at, column)| {
            let quoted = name(&column.name);
            format!("CASE WHEN t.{quoted} IS DISTINCT FROM i.c{at} THEN {} END", text(&column.name))
        })
        .collect();
    let differs = if differs.is_empty() { "''".to_owned() } else { format!("concat_ws(', ', {})", differs.join(", ")) };
    let named = text(&format!("{} is there already, with another ", once.join(", ")));
    format!(
        "
#variable_conflict use_column
DECLARE
  diac_fresh jsonb;
  diac_answer jsonb;
  diac_line text;
  diac_bad boolean := false;
  diac_one boolean := strpos(diac_lines, E'\\n') = 0;
BEGIN
  BEGIN
    WITH incoming AS MATERIALIZED (
{incoming}
    ), fresh AS (
      -- In the order of their identities, so that two writers never wait for each other in a circle.
      INSERT INTO {full} ({all}) SELECT {values} FROM incoming i WHERE i.passes ORDER BY {sorted}
        ON CONFLICT ON CONSTRAINT {constraint} DO NOTHING RETURNING {once}
    )
    SELECT coalesce(jsonb_agg(jsonb_build_array({once})), '[]') INTO diac_fresh FROM fresh;
    -- A statement of its own: it sees what others have committed while this one waited for them.
    WITH incoming AS (
{incoming}
    ), told AS (
      SELECT i.at, CASE
        WHEN NOT i.passes THEN '{{\"result\": \"left_out\"}}'
        WHEN t.{first} IS NULL THEN '{{\"retry\": \"what it met is not there yet\"}}'
        WHEN {differs} <> '' THEN jsonb_build_object('poison', {named} || {differs})
        WHEN f.id IS NOT NULL AND row_number() OVER (PARTITION BY i.passes, {of_in} ORDER BY i.at) = 1 THEN '{{\"result\": \"applied\"}}'
        ELSE '{{\"result\": \"duplicate\"}}'::jsonb END AS answer
      FROM incoming i LEFT JOIN {full} t ON {met}
      LEFT JOIN jsonb_array_elements(diac_fresh) AS f(id) ON f.id = jsonb_build_array({of_in})
    )
    SELECT jsonb_agg(answer ORDER BY at), coalesce(bool_or(answer ? 'poison'), false) INTO diac_answer, diac_bad FROM told;
    IF diac_one OR NOT diac_bad THEN
      RETURN diac_answer;
    END IF;
    RAISE data_exception;
  EXCEPTION WHEN data_exception OR integrity_constraint_violation OR raise_exception THEN
    IF diac_one THEN
      RETURN jsonb_build_array(jsonb_build_object('poison', SQLERRM));
    END IF;
  END;
  -- One of them cannot be taken: line by line, so that it holds up no other.
  diac_answer := '[]';
  diac_bad := false;
  FOREACH diac_line IN ARRAY string_to_array(diac_lines, E'\\n') LOOP
    IF diac_bad AND diac_stop THEN
      diac_answer := diac_answer || '[{{\"retry\": \"behind a record that cannot be applied\"}}]';
    ELSE
      diac_answer := diac_answer || {function}(diac_line, diac_stop);
      diac_bad := diac_bad OR (diac_answer -> -1) ? 'poison';
    END IF;
  END LOOP;
  RETURN diac_answer;
END ",
        all = all.join(", "),
        values = values.join(", "),
        sorted = ids.join(", "),
        constraint = name(view.constraint()),
        once = names(&once),
        first = name(once.first().map_or("", String::as_str)),
        of_in = of_in.join(", "),
        met = met.join(" AND "),
        function = function(view.table),
    )
}

/// The lines as rows: `at`, whether the view's condition holds, and the columns as `c0` and so on.
fn incoming(view: &FactTable<'_>, taken: &[Taken]) -> String {
    let columns: Vec<String> =
        taken.iter().enumerate().map(|(at, column)| format!("{} AS c{at}", column.value)).collect();
    let typed: Vec<String> = taken.iter().map(|column| format!("{} {}", name(&column.name), column.arrives)).collect();
    let mut passes = "true".to_owned();
    let mut seen = String::new();
    if !view.flow.filters.is_empty() {
        passes = all_hold(Dialect::Postgres, &view.flow.filters, &|source| format!("s.{}", name(source)));
        let looked_at: Vec<String> =
            looked_at(view.flow).into_iter().map(|(source, ty)| format!("{} {ty}", name(&source))).collect();
        seen = format!(",\n           jsonb_to_record(l.line::jsonb -> 'seen') AS s({})", looked_at.join(", "));
    }
    format!(
        "      SELECT l.at, {passes} AS passes, {}\n      FROM unnest(string_to_array(diac_lines, E'\\n')) WITH ORDINALITY AS l(line, at),\n           \
         jsonb_to_record(l.line::jsonb -> 'row') AS r({}){seen}",
        columns.join(", "),
        typed.join(", ")
    )
}

/// The columns of the event that a view's conditions look at, with their types.
fn looked_at(flow: &PlannedFlow) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for filter in &flow.filters {
        filter.visit(&mut |expr| {
            if let Expr::Column { name, ty, .. } = expr
                && all.iter().all(|(known, _)| known != name)
            {
                all.push((name.clone(), sql_type(Kind::Postgres, ty, None)));
            }
        });
    }
    all
}

/// Removes what stands beside the table.
pub(super) fn teardown(view: &FactTable<'_>) -> String {
    format!("\nDROP FUNCTION IF EXISTS {}(text, boolean);\n", function(view.table))
}
