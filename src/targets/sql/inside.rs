//! `06-views.sql`: views that the store's own SQL makes of tables that lie in it.
//!
//! Sums of facts are kept: a trigger adds what is new to its group in the transaction that keeps the fact. Everything else is a view. A row that waits for
//! what its writer had seen is shown while the joined row has come that far, and the conditions hold both of the state that was seen and of the one that is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::query::{At, Query, Value, What};
use crate::plan::inside::{Form, Inside, InsideInput, Kept, Wait};
use crate::plan::{Address, short_hash};
use crate::targets::spelling::one_line;
use crate::targets::sql::guard::COUNTS;
use crate::targets::sql::spell::{block, derived, header, name, names, path, right_database, text};
use crate::targets::sql::store::Store;
use crate::targets::sql::values::render;

/// New rows of a statement, as the trigger sees them.
const NEW: &str = "diac_new";

/// `06-views.sql`.
pub(super) fn views(store: &Store<'_>) -> String {
    let mut out = header(
        &format!("Views that {} makes itself, of tables that lie in it.", one_line(store.name)),
        "the owner of the tables that 04-view-tables.sql made",
        "After 05-idempotency.sql, before anything fills these tables.",
    );
    out.push_str(&right_database(store.database));
    for inside in &store.inside {
        let _ = write!(
            out,
            "\n-- View {} version {}: {}.\n",
            one_line(&inside.name),
            inside.version,
            one_line(&inside.form_why.note)
        );
        if inside.namespace != "public" {
            let _ = writeln!(out, "CREATE SCHEMA IF NOT EXISTS {};", name(&inside.namespace));
        }
        match &inside.form {
            Form::Kept { by, sums } => out.push_str(&sums_of(inside, by, sums)),
            Form::Read => out.push_str(&read(inside)),
        }
        if let Address::Postgres { role, .. } = &inside.address {
            let _ = writeln!(out, "GRANT USAGE ON SCHEMA {} TO {};", name(&inside.namespace), name(role));
            let may = if matches!(inside.form, Form::Kept { .. }) { "SELECT, INSERT, UPDATE" } else { "SELECT" };
            let _ = writeln!(out, "GRANT {may} ON {} TO {};", full(inside), name(role));
        }
    }
    out
}

fn full(inside: &Inside) -> String {
    path(&inside.namespace, &inside.table)
}

fn of_input(input: &InsideInput) -> String {
    path(&input.namespace, &input.table)
}

/// Where each column comes from in SQL.
type Places = BTreeMap<At, String>;

fn place(places: &Places, at: &At) -> String {
    let by_name = || places.iter().find(|(known, _)| known.name == at.name).map(|(_, place)| place);
    places.get(at).or_else(by_name).cloned().unwrap_or_else(|| name(&at.name))
}

fn spelled(value: &Value, places: &Places) -> String {
    render(value, &|at| place(places, at))
}

/// A `SELECT` in the making.
struct Select {
    from: String,
    conditions: Vec<String>,
    groups: Option<Vec<String>>,
    places: Places,
    /// The same, with the seen state of the rows that are waited for in place of the current one.
    seen: Places,
}

impl Select {
    fn new(from: &str, query: &Query) -> Self {
        let row = query.start.first().map_or("", |column| column.at.row.as_str());
        let columns = query.start.iter();
        let places: Places =
            columns.map(|column| (column.at.clone(), format!("{}.{}", name(row), name(&column.at.name)))).collect();
        Self {
            from: format!("{from} AS {}", name(row)),
            conditions: Vec::new(),
            groups: None,
            seen: places.clone(),
            places,
        }
    }

    fn behind(&self) -> String {
        let mut out = format!("FROM {}", self.from);
        if !self.conditions.is_empty() {
            let _ = write!(out, "\n WHERE {}", self.conditions.join("\n   AND "));
        }
        if let Some(groups) = &self.groups {
            let _ = write!(out, "\n GROUP BY {}", groups.join(", "));
        }
        out
    }

    /// Makes a table of what is there so far, where a stage stands behind a group.
    fn wrap(&mut self) {
        if self.groups.is_none() {
            return;
        }
        let list: Vec<String> =
            self.places.iter().enumerate().map(|(at, (_, place))| format!("{place} AS c{at}")).collect();
        self.from = format!("(SELECT {} {}) AS grouped", list.join(", "), self.behind());
        self.places = self.places.keys().enumerate().map(|(at, key)| (key.clone(), format!("grouped.c{at}"))).collect();
        self.seen.clone_from(&self.places);
        self.conditions.clear();
        self.groups = None;
    }
}

/// The stages as one `SELECT`; `grouped` is asked after `group by` has been met.
fn select(inside: &Inside) -> Select {
    let start = inside.inputs.first().map(of_input).unwrap_or_default();
    let mut select = Select::new(&start, &inside.query);
    let mut grouping = false;
    for stage in &inside.query.stages {
        // Behind a group only its own columns follow at once.
        if !(grouping && matches!(stage.what, What::Select(_))) {
            select.wrap();
        }
        grouping = false;
        match &stage.what {
            What::Where(condition) => {
                let (now, seen) = (spelled(condition, &select.places), spelled(condition, &select.seen));
                if seen != now {
                    select.conditions.push(seen);
                }
                select.conditions.push(now);
            }
            What::Select(columns) => {
                let of = |places: &Places| -> Places {
                    columns.iter().map(|(at, value)| (at.clone(), spelled(value, places))).collect()
                };
                (select.places, select.seen) = (of(&select.places), of(&select.seen));
            }
            What::Group { by } => {
                select.groups = Some(by.iter().map(|(_, value)| spelled(value, &select.places)).collect());
                grouping = true;
            }
            What::Join { input, left, joined, on, .. } => join(inside, &mut select, *input, *left, joined, on),
            // Refused before: this version writes none of them for a store.
            What::Nest { .. }
            | What::Window { .. }
            | What::Distinct { .. }
            | What::Union { .. }
            | What::KeyBy { .. } => {}
        }
    }
    select
}

fn join(
    inside: &Inside,
    select: &mut Select,
    at: usize,
    left: bool,
    joined: &[crate::model::query::Column],
    on: &Value,
) {
    let Some(input) = inside.inputs.get(at) else { return };
    let row = name(&input.row);
    for column in joined {
        let place = format!("{row}.{}", name(&column.at.name));
        select.seen.entry(column.at.clone()).or_insert_with(|| place.clone());
        select.places.entry(column.at.clone()).or_insert(place);
    }
    let word = if left { "LEFT JOIN" } else { "JOIN" };
    let _ = write!(select.from, "\n  {word} {} AS {row} ON {}", of_input(input), spelled(on, &select.places));
    for (number, wait) in inside.waits.iter().enumerate().filter(|(_, wait)| wait.input == at) {
        let seen = name(&seen_row(input, number));
        let _ =
            write!(select.from, "\n  JOIN {} AS {seen} ON {}", history(inside, wait), met(inside, wait, &row, &seen));
        let asked = start_column(inside, &wait.seen);
        select.conditions.push(format!("{row}.{} >= {asked}", name(&wait.sequence)));
        for (column, _) in &wait.judged {
            let at = At::new(input.row.clone(), column.clone());
            select.seen.insert(at, format!("{seen}.{}", name(column)));
        }
    }
}

fn seen_row(input: &InsideInput, number: usize) -> String {
    let suffix = if number == 0 { String::new() } else { format!("_{}", number + 1) };
    derived(&input.row, &format!("__seen{suffix}"))
}

fn history(inside: &Inside, wait: &Wait) -> String {
    path(&inside.namespace, &wait.history)
}

/// A column of the rows the view starts with.
fn start_column(inside: &Inside, column: &str) -> String {
    let row = inside.inputs.first().map_or("", |input| input.row.as_str());
    format!("{}.{}", name(row), name(column))
}

/// The state of the joined row that was seen.
fn met(inside: &Inside, wait: &Wait, row: &str, seen: &str) -> String {
    let mut all: Vec<String> =
        wait.key.iter().map(|(column, _)| format!("{seen}.{0} = {row}.{0}", name(column))).collect();
    all.push(format!("{seen}.{} = {}", name(&wait.sequence), start_column(inside, &wait.seen)));
    all.join(" AND ")
}

/// A view: worked out when it is read.
fn read(inside: &Inside) -> String {
    let mut out = String::new();
    for wait in &inside.waits {
        out.push_str(&noted(inside, wait));
    }
    let mut select = select(inside);
    let last = inside.query.stages.last().map_or(&inside.query.start, |stage| &stage.columns);
    let positions = last.len() == inside.columns.len();
    if positions && select.places.is_empty() {
        select.wrap();
    }
    let list: Vec<String> = inside
        .columns
        .iter()
        .enumerate()
        .map(|(number, column)| {
            let at = last.get(number).filter(|_| positions).map(|column| column.at.clone());
            let at = at.unwrap_or_else(|| At::new("", column.name.clone()));
            format!("CAST({} AS {}) AS {}", place(&select.places, &at), column.sql_type, name(&column.name))
        })
        .collect();
    let _ = writeln!(
        out,
        "CREATE OR REPLACE VIEW {} AS\nSELECT {}\n {};",
        full(inside),
        list.join(",\n       "),
        select.behind()
    );
    for (number, wait) in inside.waits.iter().enumerate() {
        out.push_str(&counted(inside, wait, number));
    }
    let _ = writeln!(
        out,
        "COMMENT ON VIEW {} IS {};",
        full(inside),
        text(&format!("View {}: made when it is read, of {}.", inside.name, made_of(inside)))
    );
    out
}

fn made_of(inside: &Inside) -> String {
    let all: Vec<String> = inside.inputs.iter().map(|input| format!("{}.{}", input.namespace, input.table)).collect();
    all.join(", ")
}

/// What a wait needs: every state of the joined rows, so that the one that was seen can be found again.
fn noted(inside: &Inside, wait: &Wait) -> String {
    let Some(input) = inside.inputs.get(wait.input) else { return String::new() };
    let (copy, history) = (of_input(input), history(inside, wait));
    let function = path(&inside.namespace, &derived(&wait.history, "_note"));
    let trigger = name(&format!("diac_note_{}", short_hash(&wait.history)));
    let mut columns: Vec<String> = wait.key.iter().map(|(column, _)| column.clone()).collect();
    columns.push(wait.sequence.clone());
    let key = names(&columns);
    let judged: Vec<&(String, String)> = wait.judged.iter().filter(|(column, _)| !columns.contains(column)).collect();
    let mut lines: Vec<String> =
        wait.key.iter().map(|(column, ty)| format!("  {} {ty} NOT NULL", name(column))).collect();
    lines.push(format!("  {} bigint NOT NULL", name(&wait.sequence)));
    lines.extend(judged.iter().map(|(column, ty)| format!("  {} {ty}", name(column))));
    columns.extend(judged.iter().map(|(column, _)| column.clone()));
    let all = names(&columns);
    let new: Vec<String> = columns.iter().map(|column| format!("NEW.{}", name(column))).collect();
    let sets: Vec<String> = judged.iter().map(|(column, _)| format!("{0} = excluded.{0}", name(column))).collect();
    let conflict = if sets.is_empty() { "DO NOTHING".to_owned() } else { format!("DO UPDATE SET {}", sets.join(", ")) };
    let body = format!(
        "
#variable_conflict use_column
BEGIN
  INSERT INTO {history} ({all}) VALUES ({new}) ON CONFLICT ({key}) {conflict};
  RETURN NULL;
END ",
        new = new.join(", "),
    );
    let grants = match &inside.address {
        Address::Postgres { role, .. } => {
            format!("GRANT SELECT, INSERT, UPDATE ON {history} TO {};\n", name(role))
        }
        Address::Search { .. } | Address::Redis { .. } | Address::Snowflake { .. } => String::new(),
    };
    format!(
        "\
-- {why}: a row waits until {copy_shown} has come as far, and what was seen then must have been right. So every state is kept, by its number.
CREATE TABLE IF NOT EXISTS {history} (
{lines},
  PRIMARY KEY ({key})
);
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {body};
CREATE OR REPLACE TRIGGER {trigger} AFTER INSERT OR UPDATE ON {copy} FOR EACH ROW EXECUTE FUNCTION {function}();
INSERT INTO {history} ({all}) SELECT {all} FROM {copy} ON CONFLICT DO NOTHING;
{grants}",
        why = one_line(&wait.why.note),
        copy_shown = one_line(&copy),
        lines = lines.join(",\n"),
        body = block(&body),
    )
}

/// What is not shown yet, and what never will be: the state that was seen did not pass here.
fn counted(inside: &Inside, wait: &Wait, number: usize) -> String {
    let (Some(input), Some(start)) = (inside.inputs.get(wait.input), inside.inputs.first()) else {
        return String::new();
    };
    let on = inside.query.stages.iter().find_map(|stage| {
        let What::Join { input, on, joined, .. } = &stage.what else { return None };
        (*input == wait.input).then_some((on, joined))
    });
    let Some((on, joined)) = on else { return String::new() };
    let mut select = Select::new(&of_input(start), &inside.query);
    let row = name(&input.row);
    for column in joined {
        select.places.entry(column.at.clone()).or_insert(format!("{row}.{}", name(&column.at.name)));
    }
    let suffix = if number == 0 { String::new() } else { format!("_{}", number + 1) };
    let counts = path(&inside.namespace, &derived(&inside.table, &format!("{COUNTS}{suffix}")));
    let (sequence, asked) = (format!("{row}.{}", name(&wait.sequence)), start_column(inside, &wait.seen));
    let seen = name(&seen_row(input, number));
    format!(
        "\
-- What waits, and what waits in vain: the state that was seen never passed here, as after a rebuild from a compacted log.
CREATE OR REPLACE VIEW {counts} AS
SELECT count(*) FILTER (WHERE {sequence} IS NULL OR {sequence} < {asked}) AS waiting,
       count(*) FILTER (WHERE {sequence} >= {asked} AND {seen}.{number_column} IS NULL) AS unknown
  FROM {from}
  LEFT JOIN {copy} AS {row} ON {on}
  LEFT JOIN {history} AS {seen} ON {met};
",
        number_column = name(&wait.sequence),
        from = select.from,
        copy = of_input(input),
        on = spelled(on, &select.places),
        history = history(inside, wait),
        met = met(inside, wait, &row, &seen),
    )
}

/// How the parts of a kept column are added up: its name, type, value over many rows, and the sum of two such.
struct Part {
    column: String,
    ty: String,
    value: String,
    merged: String,
}

fn parts(inside: &Inside, kept: &Kept, places: &Places) -> Vec<Part> {
    let shown = inside.columns.iter().find(|column| column.name == kept.column);
    let ty = shown.map_or_else(|| "numeric".to_owned(), |column| column.sql_type.clone());
    let arg = kept.arg.as_ref().map_or_else(|| "*".to_owned(), |arg| spelled(arg, places));
    let part = |column: String, ty: &str, value: String, merged: &dyn Fn(&str, &str) -> String| {
        let (old, new) = (format!("diac_old.{}", name(&column)), format!("excluded.{}", name(&column)));
        Part { merged: merged(&old, &new), value: format!("CAST({value} AS {ty})"), ty: ty.to_owned(), column }
    };
    // A null says that no value was there yet.
    let plus = |old: &str, new: &str| format!("coalesce({old} + {new}, {old}, {new})");
    match kept.function.as_str() {
        "min" | "max" => {
            let word = if kept.function == "min" { "least" } else { "greatest" };
            let both = |old: &str, new: &str| format!("{word}({old}, {new})");
            vec![part(kept.column.clone(), &ty, format!("{}({arg})", kept.function), &both)]
        }
        "avg" => {
            let exact = if ty.starts_with("double") { "double precision" } else { "numeric" };
            let [sum, count] = ["sum", "count"].map(|word| derived(&kept.column, &format!("__{word}")));
            vec![part(sum, exact, format!("sum({arg})"), &plus), part(count, "bigint", format!("count({arg})"), &plus)]
        }
        function => vec![part(kept.column.clone(), &ty, format!("{function}({arg})"), &plus)],
    }
}

/// A table of groups that a trigger keeps.
fn sums_of(inside: &Inside, by: &[String], sums: &[Kept]) -> String {
    let full = full(inside);
    let Some(start) = inside.inputs.first() else { return String::new() };
    let landed = of_input(start);
    let (made, groups) = grouped(inside, by, sums, NEW);
    let (all_made, _) = grouped(inside, by, sums, &landed);
    let mut lines: Vec<String> = Vec::new();
    for column in &inside.columns {
        if by.contains(&column.name) {
            lines.push(format!("  {} {} NOT NULL", name(&column.name), column.sql_type));
        }
    }
    for part in &groups {
        lines.push(format!("  {} {}", name(&part.column), part.ty));
    }
    for kept in sums.iter().filter(|kept| kept.function == "avg") {
        let [sum, count] = ["sum", "count"].map(|word| name(&derived(&kept.column, &format!("__{word}"))));
        let ty = inside.columns.iter().find(|column| column.name == kept.column).map(|column| column.sql_type.as_str());
        lines.push(format!(
            "  {} {} GENERATED ALWAYS AS ({sum} / nullif({count}, 0)) STORED",
            name(&kept.column),
            ty.unwrap_or("numeric")
        ));
    }
    lines.push(format!("  PRIMARY KEY ({})", names(by)));
    let columns: Vec<String> =
        by.iter().map(|column| name(column)).chain(groups.iter().map(|part| name(&part.column))).collect();
    let columns = columns.join(", ");
    let sets: Vec<String> = groups.iter().map(|part| format!("{} = {}", name(&part.column), part.merged)).collect();
    let conflict =
        if sets.is_empty() { "DO NOTHING".to_owned() } else { format!("DO UPDATE SET {}", sets.join(",\n      ")) };
    let body = format!(
        "
#variable_conflict use_column
BEGIN
  -- Groups in order, so that two writers never wait for each other in a circle.
  INSERT INTO {full} AS diac_old ({columns})
  {made}
   ORDER BY {order}
  ON CONFLICT ({key}) {conflict};
  RETURN NULL;
END ",
        order = (1..=by.len()).map(|at| at.to_string()).collect::<Vec<_>>().join(", "),
        key = names(by),
    );
    let function = path(&inside.namespace, &derived(&inside.table, "__add"));
    let prefix = format!("diac_add_{}_", short_hash(&full));
    let trigger = name(&format!("{prefix}{}", short_hash(&body)));
    format!(
        "\
CREATE TABLE IF NOT EXISTS {full} (
{lines}
);
COMMENT ON TABLE {full} IS {about};
BEGIN;
-- No fact may come between the sum of what is there and the trigger that adds what comes.
LOCK TABLE {landed} IN SHARE ROW EXCLUSIVE MODE;
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {body};
-- Its name holds the definition: another one is summed up anew.
SELECT NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {quoted}::regclass AND tgname = {trigger_text}) AS diac_anew \\gset
\\if :diac_anew
SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE tgrelid = {quoted}::regclass AND starts_with(tgname, {prefix_text}) \\gexec
CREATE TRIGGER {trigger} AFTER INSERT ON {landed} REFERENCING NEW TABLE AS {NEW} FOR EACH STATEMENT EXECUTE FUNCTION {function}();
DELETE FROM {full};
INSERT INTO {full} ({columns})
{all_made};
\\endif
COMMIT;
",
        lines = lines.join(",\n"),
        about = text(&format!("View {}: kept up to date with {}.", inside.name, made_of(inside))),
        quoted = text(&landed),
        trigger_text = text(trigger.trim_matches('"')),
        prefix_text = text(&prefix),
        body = block(&body),
    )
}

/// The groups of the facts in a table, and the parts of what is kept of each.
fn grouped(inside: &Inside, by: &[String], sums: &[Kept], from: &str) -> (String, Vec<Part>) {
    let mut select = Select::new(from, &inside.query);
    let mut values: Vec<(At, Value)> = Vec::new();
    for stage in &inside.query.stages {
        match &stage.what {
            What::Where(condition) => select.conditions.push(spelled(condition, &select.places)),
            What::Select(columns) if values.is_empty() => {
                select.places =
                    columns.iter().map(|(at, value)| (at.clone(), spelled(value, &select.places))).collect();
            }
            What::Group { by } => values.clone_from(by),
            // The columns behind the group are the plan's.
            What::Select(_)
            | What::Join { .. }
            | What::Nest { .. }
            | What::Window { .. }
            | What::Distinct { .. }
            | What::Union { .. }
            | What::KeyBy { .. } => {}
        }
    }
    // The plan's columns stand in the order in which the last stage selects them.
    let shown: Vec<String> = match inside.query.stages.last().map(|stage| &stage.what) {
        Some(What::Select(columns)) => columns
            .iter()
            .filter(|(_, value)| !value.is_aggregate())
            .map(|(_, value)| spelled(value, &select.places))
            .collect(),
        _ => values.iter().map(|(_, value)| spelled(value, &select.places)).collect(),
    };
    let parts: Vec<Part> = sums.iter().flat_map(|kept| parts(inside, kept, &select.places)).collect();
    let ty = |column: &String| {
        inside.columns.iter().find(|known| known.name == *column).map_or("text", |known| known.sql_type.as_str())
    };
    let mut list: Vec<String> =
        by.iter().zip(&shown).map(|(column, value)| format!("CAST({value} AS {})", ty(column))).collect();
    list.extend(parts.iter().map(|part| part.value.clone()));
    select.groups = Some((1..=by.len()).map(|at| at.to_string()).collect());
    (format!("SELECT {}\n   {}", list.join(", "), select.behind()), parts)
}

/// The groups worked out anew, for an audit: the columns of the result over the facts that are there.
pub(crate) fn anew(inside: &Inside) -> String {
    let select = select(inside);
    let last = inside.query.stages.last().map_or(&inside.query.start, |stage| &stage.columns);
    let list: Vec<String> = inside
        .columns
        .iter()
        .zip(last)
        .map(|(column, at)| {
            format!("CAST({} AS {}) AS {}", place(&select.places, &at.at), column.sql_type, name(&column.name))
        })
        .collect();
    format!("(SELECT {} {}) AS diac_anew", list.join(", "), select.behind())
}

/// Removes what the view is made by; a kept table stays.
pub(super) fn teardown(inside: &Inside) -> String {
    let mut out = String::from("\n");
    match &inside.form {
        Form::Read => {
            for number in 0..inside.waits.len() {
                let suffix = if number == 0 { String::new() } else { format!("_{}", number + 1) };
                let counts = path(&inside.namespace, &derived(&inside.table, &format!("{COUNTS}{suffix}")));
                let _ = writeln!(out, "DROP VIEW IF EXISTS {counts};");
            }
            let _ = writeln!(out, "DROP VIEW IF EXISTS {};", full(inside));
            for wait in &inside.waits {
                let function = path(&inside.namespace, &derived(&wait.history, "_note"));
                let _ = writeln!(out, "DROP FUNCTION IF EXISTS {function}() CASCADE;");
                let _ = writeln!(out, "DROP TABLE IF EXISTS {};", history(inside, wait));
            }
        }
        Form::Kept { .. } => {
            // With its triggers, whatever their names are.
            let function = path(&inside.namespace, &derived(&inside.table, "__add"));
            let _ = writeln!(out, "DROP FUNCTION IF EXISTS {function}() CASCADE;");
        }
    }
    out
}
