//! Steps of a job, each a view with a name.

use crate::model::query::Value;
use crate::model::types::Type;
use crate::plan::flink::{From, Made, Step};
use crate::syntax::ast::WindowKind;

use super::value::{canonical, exact, instant, name, wire, wire_type};

/// The sign around what orders an element of an array: JSON never holds it bare.
const MARK: &str = "U&'\\0001'";

/// A step's statement.
pub(super) fn step(step: &Step) -> String {
    let columns: Vec<String> =
        step.columns.iter().map(|(column, made)| format!("  {} AS {}", self::made(made), name(column))).collect();
    let query = match &step.from {
        From::Union(branches) => union(step, branches),
        From::Newest { of, key, order } => newest(&columns, of, key, order),
        From::First { of, by } => first(&columns, of, by),
        From::One(of) => format!("SELECT\n{}\nFROM {}", columns.join(",\n"), name(of)),
        From::Hops { of, count } => hops(step, &columns, of, *count),
        From::Join { left, right, outer, on, within } => {
            let within = within.as_ref().map(near).unwrap_or_default();
            format!(
                "SELECT\n{}\nFROM {} AS `l`\n{}JOIN {} AS `r` ON {}{within}",
                columns.join(",\n"),
                name(left),
                if *outer { "LEFT " } else { "" },
                name(right),
                exact(on)
            )
        }
    };
    let filter = step.filter.as_ref().map(|filter| format!("\nWHERE {}", exact(filter))).unwrap_or_default();
    let group = if step.group.is_empty() {
        String::new()
    } else {
        format!("\nGROUP BY {}", step.group.iter().map(|column| name(column)).collect::<Vec<_>>().join(", "))
    };
    format!("-- {}\nCREATE TEMPORARY VIEW {} AS\n{query}{filter}{group};\n", step.about, name(&step.name))
}

fn made(made: &Made) -> String {
    match made {
        Made::Value(value) => wire(value),
        Made::Canonical(value) => canonical(value),
        Made::Array { members, order } => array(members, order),
        Made::WindowStart(on, kind) => moment(&start(on, *kind)),
        Made::WindowEnd(on, kind) => moment(&format!("{} + {}", start(on, *kind), seconds(size(*kind)))),
        Made::Null(ty) => format!("CAST(NULL AS {})", wire_type(ty)),
    }
}

/// JSON text of an array: each element carries before it what orders it, between two marks; then they are sorted as texts, joined, and the marks taken out.
fn array(members: &[(String, Value)], order: &[Value]) -> String {
    let pairs: Vec<String> =
        members.iter().map(|(key, value)| format!("{} VALUE {}", super::value::text(key), member(value))).collect();
    let order: Vec<String> = order.iter().map(sortable).collect();
    let element = format!("{MARK} || {} || {MARK} || JSON_OBJECT({})", order.join(" || ' ' || "), pairs.join(", "));
    format!(
        "'[' || REGEXP_REPLACE(ARRAY_JOIN(ARRAY_SORT(ARRAY_AGG({element})), ','), U&'\\0001[^\\0001]*\\0001', '') || ']'"
    )
}

/// A value in JSON as people write it there.
fn member(value: &Value) -> String {
    let column = wire(value);
    match &value.ty {
        Type::Date => format!("CAST(TIMESTAMPADD(DAY, {column}, DATE '1970-01-01') AS STRING)"),
        Type::Json => format!("JSON({column})"),
        _ => column,
    }
}

/// Text in the order of the value.
fn sortable(value: &Value) -> String {
    let column = wire(value);
    match &value.ty {
        Type::Smallint | Type::Int | Type::Bigint | Type::Date | Type::Datetime | Type::Time => format!(
            "LPAD(CAST(CAST({column} AS DECIMAL(20,0)) + CAST('9223372036854775808' AS DECIMAL(20,0)) AS STRING), 20, '0')"
        ),
        Type::Timestamp => canonical(value),
        Type::Bool => format!("CAST({column} AS STRING)"),
        _ => format!("HEX({column})"),
    }
}

fn newest(columns: &[String], of: &str, key: &[String], order: &[String]) -> String {
    let list = |all: &[String], behind: &str| {
        all.iter().map(|column| format!("{}{behind}", name(column))).collect::<Vec<_>>().join(", ")
    };
    format!(
        "SELECT\n{}\nFROM (\n  SELECT *, ROW_NUMBER() OVER (PARTITION BY {} ORDER BY {}) AS `newest`\n  FROM {}\n)\nWHERE `newest` = 1",
        columns.join(",\n"),
        list(key, ""),
        list(order, " DESC"),
        name(of)
    )
}

fn first(columns: &[String], of: &str, by: &[Value]) -> String {
    let by: Vec<String> = by.iter().map(canonical).collect();
    format!(
        "SELECT\n{}\nFROM (\n  SELECT *, ROW_NUMBER() OVER (PARTITION BY {} ORDER BY PROCTIME() ASC) AS `first`\n  FROM {}\n)\nWHERE `first` = 1",
        columns.join(",\n"),
        by.join(", "),
        name(of)
    )
}

fn union(step: &Step, branches: &[(String, Vec<Made>)]) -> String {
    let branch = |(of, columns): &(String, Vec<Made>)| {
        let columns: Vec<String> = columns
            .iter()
            .zip(&step.columns)
            .map(|(one, (column, _))| format!("  {} AS {}", made(one), name(column)))
            .collect();
        format!("SELECT\n{}\nFROM {}", columns.join(",\n"), name(of))
    };
    branches.iter().map(branch).collect::<Vec<_>>().join("\nUNION ALL\n")
}

/// A window of which a moment is in: `hop` says which of them.
fn hops(step: &Step, columns: &[String], of: &str, count: u64) -> String {
    let numbers: Vec<String> = (0..count).map(|n| n.to_string()).collect();
    let inside = step.columns.iter().find_map(|(_, made)| match made {
        Made::WindowStart(on, kind @ WindowKind::Hopping { size, every })
            if !size.ms.is_multiple_of(every.ms.max(1)) =>
        {
            Some(format!("\nWHERE {} + {} > {}", start(on, *kind), seconds(size.ms), epoch(on)))
        }
        _ => None,
    });
    let on = step
        .columns
        .iter()
        .find_map(|(_, made)| if let Made::WindowStart(on, _) = made { Some(wire(on)) } else { None });
    // The array must depend on the row: Flink makes a join with a constant one, and reads that again at every restart, so that all is counted twice.
    format!(
        "SELECT\n{}\nFROM {} CROSS JOIN UNNEST(CASE WHEN {} IS NOT NULL THEN ARRAY[{}] END) AS `hops`(`hop`){}",
        columns.join(",\n"),
        name(of),
        on.unwrap_or_default(),
        numbers.join(", "),
        inside.unwrap_or_default()
    )
}

fn size(kind: WindowKind) -> u64 {
    match kind {
        WindowKind::Tumbling(size) | WindowKind::Hopping { size, .. } | WindowKind::Session(size) => size.ms,
    }
}

fn seconds(ms: u64) -> u64 {
    ms.div_euclid(1000).max(1)
}

/// Seconds since 1970 of a moment.
fn epoch(on: &Value) -> String {
    let column = wire(on);
    match on.ty {
        Type::Date => format!("(CAST({column} AS BIGINT) * 86400)"),
        // Rounded down, before 1970 as well.
        Type::Datetime => format!("(({column} - MOD(MOD({column}, 1000000) + 1000000, 1000000)) / 1000000)"),
        _ => format!("UNIX_TIMESTAMP(SUBSTRING({column}, 1, 19), 'yyyy-MM-dd''T''HH:mm:ss')"),
    }
}

/// The start of the window, in seconds since 1970. Windows are counted from there.
fn start(on: &Value, kind: WindowKind) -> String {
    let epoch = epoch(on);
    let floor = |size: u64| format!("({epoch} - MOD(MOD({epoch}, {size}) + {size}, {size}))");
    match kind {
        WindowKind::Hopping { every, .. } => {
            let every = seconds(every.ms);
            format!("({} - `hop` * {every})", floor(every))
        }
        WindowKind::Tumbling(size) | WindowKind::Session(size) => floor(seconds(size.ms)),
    }
}

fn moment(seconds: &str) -> String {
    format!("FROM_UNIXTIME({seconds}, 'yyyy-MM-dd''T''HH:mm:ss''Z''')")
}

/// Both moments are at most that far apart.
fn near((left, right, ms): &(Value, Value, u64)) -> String {
    let (left, right) = (instant(&wire(left)), instant(&wire(right)));
    // Intervals as literals are refused above 99 days; this keeps microseconds as well.
    let span = ms / 1000;
    format!("\n  AND {left} BETWEEN TIMESTAMPADD(SECOND, -{span}, {right}) AND TIMESTAMPADD(SECOND, {span}, {right})")
}
