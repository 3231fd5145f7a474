//! Tables over topics, and the rows that stand in them.

use crate::model::types::Type;
use crate::plan::flink::{Column, Committed, Input, InputColumn, InputForm, Rows, TRANSACTION_MS};

use super::value::{exact, name, text, wire_type};

/// What Debezium writes where it does not know an unchanged wide value; the second is its Base64.
const UNAVAILABLE: [&str; 2] = ["__debezium_unavailable_value", "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="];

/// The table over a topic and the view of its rows.
pub(super) fn input(input: &Input, brokers: &str, group: &str) -> String {
    match &input.form {
        InputForm::Changes { key, .. } => changes(input, key, brokers, group),
        InputForm::Facts { event } => facts(input, event.as_deref(), brokers, group),
        InputForm::Rows { key } => rows(input, key, brokers, group),
    }
}

fn log_of(input: &Input) -> String {
    name(&format!("{} log", input.name))
}

fn options(pairs: &[(&str, String)]) -> String {
    let lines: Vec<String> = pairs.iter().map(|(key, value)| format!("  '{key}' = {}", text(value))).collect();
    format!("WITH (\n{}\n);\n", lines.join(",\n"))
}

fn reading(connector: &str, input: &Input, brokers: &str, group: &str) -> Vec<(&'static str, String)> {
    vec![
        ("connector", connector.to_owned()),
        ("topic", input.topic_name.clone()),
        ("properties.bootstrap.servers", brokers.to_owned()),
        ("properties.group.id", group.to_owned()),
    ]
}

/// An entity's change log: of each key the row with the highest position in the record's log, and nothing where that is a delete. So it does not matter
/// how often or in which order a change arrives, nor what the envelope says of the row before it. A bare tombstone is no change.
fn changes(input: &Input, key: &[String], brokers: &str, group: &str) -> String {
    let fields = |all: &[&InputColumn]| {
        let all: Vec<String> = all.iter().map(|c| format!("{} {}", name(&c.name), wire_type(&c.ty))).collect();
        all.join(", ")
    };
    let keys: Vec<&InputColumn> = key.iter().filter_map(|key| input.columns.iter().find(|c| c.name == *key)).collect();
    let mut with = reading("kafka", input, brokers, group);
    with.extend([
        ("scan.startup.mode", "earliest-offset".to_owned()),
        ("format", "json".to_owned()),
        // A column that is gone is not null: the view must be compiled anew.
        ("json.fail-on-missing-field", "true".to_owned()),
    ]);
    let mut out = format!(
        "-- Change log of {}.\nCREATE TEMPORARY TABLE {} (\n  `payload` ROW<\n    `before` ROW<{}>,\n    `after` ROW<{}>,\n    `source` ROW<`lsn` BIGINT>,\n    `op` STRING\n  >\n) {}\n",
        input.name,
        log_of(input),
        fields(&keys),
        fields(&input.columns.iter().collect::<Vec<_>>()),
        options(&with)
    );
    let version = name(&input.version);
    let key_name = |key: &str| name(&format!("key {key}"));
    let mut columns: Vec<String> = Vec::new();
    for column in &input.columns {
        let is_key = key.contains(&column.name);
        let from = if is_key { key_name(&column.name) } else { format!("`after`.{}", name(&column.name)) };
        columns.push(format!("  {} AS {}", if is_key { from } else { known(&from, column) }, name(&column.name)));
    }
    columns.push(format!("  {version}"));
    let found: Vec<String> = keys
        .iter()
        .map(|key| {
            let column = name(&key.name);
            format!("COALESCE(`payload`.`after`.{column}, `payload`.`before`.{column}) AS {}", key_name(&key.name))
        })
        .collect();
    let by: Vec<String> = keys.iter().map(|key| key_name(&key.name)).collect();
    out.push_str(&format!(
        "-- Rows of {}: of each key what stands last in the record's log.\nCREATE TEMPORARY VIEW {} AS\nSELECT\n{}\nFROM (\n  SELECT *, ROW_NUMBER() OVER (PARTITION BY {} ORDER BY {version} DESC) AS `newest`\n  FROM (\n    SELECT\n      `payload`.`after` AS `after`,\n      `payload`.`op` AS `op`,\n      `payload`.`source`.`lsn` AS {version},\n      {}\n    FROM {}\n    WHERE `payload`.`op` IN ('c', 'r', 'u', 'd')\n  )\n)\nWHERE `newest` = 1 AND `op` <> 'd';\n",
        input.name,
        name(&plain_name(input)),
        columns.join(",\n"),
        by.join(", "),
        found.join(",\n      "),
        log_of(input)
    ));
    if let InputForm::Changes { deleted: Some(deleted), .. } = &input.form {
        out.push_str(&format!(
            "\n-- Rows that count as deleted are left out.\nCREATE TEMPORARY VIEW {} AS\nSELECT * FROM {}\nWHERE NOT COALESCE({}, FALSE);\n",
            name(&input.name),
            name(&plain_name(input)),
            exact(deleted)
        ));
    }
    out
}

/// The name of the rows before those that count as deleted are left out.
fn plain_name(input: &Input) -> String {
    match &input.form {
        InputForm::Changes { deleted: Some(_), .. } => format!("{} with deleted", input.name),
        InputForm::Changes { deleted: None, .. } | InputForm::Facts { .. } | InputForm::Rows { .. } => {
            input.name.clone()
        }
    }
}

/// A wide value; the placeholder of one that the log left out stops the job, and is never shown.
fn known(from: &str, column: &InputColumn) -> String {
    if !column.wide || wire_type(&column.ty) != "STRING" {
        return from.to_owned();
    }
    let unavailable: Vec<String> = UNAVAILABLE.iter().map(|value| text(value)).collect();
    format!("CASE WHEN {from} IN ({}) THEN CAST(CAST({from} AS INT) AS STRING) ELSE {from} END", unavailable.join(", "))
}

fn facts(input: &Input, event: Option<&str>, brokers: &str, group: &str) -> String {
    // An event's moments are texts, its other values stand as everywhere.
    let arriving = |ty: &Type| match ty {
        Type::Date | Type::Datetime | Type::Time => "STRING".to_owned(),
        ty => wire_type(ty),
    };
    let mut lines: Vec<String> =
        input.columns.iter().map(|c| format!("  {} {}", name(&c.name), arriving(&c.ty))).collect();
    lines.push(format!("  {} BIGINT METADATA FROM 'offset' VIRTUAL", name(&input.version)));
    let headers = "`__headers`";
    if event.is_some() {
        lines.push(format!("  {headers} MAP<STRING, BYTES> METADATA FROM 'headers' VIRTUAL"));
    }
    let mut with = reading("kafka", input, brokers, group);
    let all = input.columns.iter().all(|column| !column.nullable);
    with.extend([
        ("scan.startup.mode", "earliest-offset".to_owned()),
        ("format", "json".to_owned()),
        ("json.fail-on-missing-field", all.to_string()),
    ]);
    let mut columns: Vec<String> = input
        .columns
        .iter()
        .map(|column| {
            let column_name = name(&column.name);
            match column.ty {
                Type::Date => {
                    format!("  TIMESTAMPDIFF(DAY, DATE '1970-01-01', CAST({column_name} AS DATE)) AS {column_name}")
                }
                Type::Datetime => format!(
                    "  UNIX_TIMESTAMP(SUBSTRING({column_name}, 1, 19), 'yyyy-MM-dd''T''HH:mm:ss') * 1000000 + {} AS {column_name}",
                    micros(&column_name, 20)
                ),
                Type::Time => format!(
                    "  (CAST(SUBSTRING({column_name}, 1, 2) AS BIGINT) * 3600 + CAST(SUBSTRING({column_name}, 4, 2) AS BIGINT) * 60 + CAST(SUBSTRING({column_name}, 7, 2) AS BIGINT)) * 1000000 + {} AS {column_name}",
                    micros(&column_name, 9)
                ),
                _ => format!("  {column_name}"),
            }
        })
        .collect();
    columns.push(format!("  {}", name(&input.version)));
    let filter =
        event.map(|event| format!("\nWHERE DECODE({headers}['event'], 'UTF-8') = {}", text(event))).unwrap_or_default();
    format!(
        "-- Events {}.\nCREATE TEMPORARY TABLE {} (\n{}\n) {}\nCREATE TEMPORARY VIEW {} AS\nSELECT\n{}\nFROM {}{filter};\n",
        input.name,
        log_of(input),
        lines.join(",\n"),
        options(&with),
        name(&input.name),
        columns.join(",\n"),
        log_of(input)
    )
}

/// Microseconds behind the point at that place of a text; 0 where there is none.
fn micros(column: &str, point: usize) -> String {
    format!(
        "CASE WHEN CHAR_LENGTH({column}) > {point} THEN CAST(RPAD(SUBSTRING({column}, {}), 6, '0') AS BIGINT) ELSE 0 END",
        point + 1
    )
}

fn rows(input: &Input, key: &[String], brokers: &str, group: &str) -> String {
    let mut lines: Vec<String> = input
        .columns
        .iter()
        .map(|c| {
            let required = if key.contains(&c.name) { " NOT NULL" } else { "" };
            format!("  {} {}{required}", name(&c.name), wire_type(&c.ty))
        })
        .collect();
    lines.push(format!("  {} BIGINT METADATA FROM 'offset' VIRTUAL", name(&input.version)));
    lines.push(format!("  PRIMARY KEY ({}) NOT ENFORCED", names(key)));
    let mut with = reading("upsert-kafka", input, brokers, group);
    with.extend([("key.format", "json".to_owned()), ("value.format", "json".to_owned())]);
    let mut columns: Vec<String> = input.columns.iter().map(|column| format!("  {}", name(&column.name))).collect();
    columns.push(format!("  {}", name(&input.version)));
    format!(
        "-- Rows of view {}.\nCREATE TEMPORARY TABLE {} (\n{}\n) {}\nCREATE TEMPORARY VIEW {} AS\nSELECT\n{}\nFROM {};\n",
        input.name,
        log_of(input),
        lines.join(",\n"),
        options(&with),
        name(&input.name),
        columns.join(",\n"),
        log_of(input)
    )
}

fn names(all: &[String]) -> String {
    all.iter().map(|one| name(one)).collect::<Vec<_>>().join(", ")
}

fn result_type(column: &Column) -> String {
    // An array of rows is JSON text.
    if column.nested.is_some() { "STRING".into() } else { wire_type(&column.ty) }
}

fn result_name(view: &str) -> String {
    name(&format!("{view} rows"))
}

/// The table over the topic that a job writes: a record for each row that changes, a bare key for one that goes.
pub(super) fn result(result: &Rows, brokers: &str, view: &str) -> String {
    let mut lines: Vec<String> =
        result.columns.iter().map(|column| format!("  {} {}", name(&column.name), result_type(column))).collect();
    lines.push(format!("  PRIMARY KEY ({}) NOT ENFORCED", names(&result.key)));
    let with = [
        ("connector", "upsert-kafka".to_owned()),
        ("topic", result.topic_name.clone()),
        ("properties.bootstrap.servers", brokers.to_owned()),
        ("properties.acks", "all".to_owned()),
        ("key.format", "json".to_owned()),
        ("value.format", "json".to_owned()),
    ];
    format!(
        "-- The view's topic.\nCREATE TEMPORARY TABLE {} (\n{}\n) {}",
        result_name(view),
        lines.join(",\n"),
        options(&with)
    )
}

/// The table over the topic of a job's transactions, which the job writes and, once they are committed, reads.
pub(super) fn committed(result: &Rows, committed: &Committed, brokers: &str, view: &str) -> String {
    let mut lines: Vec<String> =
        result.columns.iter().map(|column| format!("  {} {}", name(&column.name), result_type(column))).collect();
    lines.push(format!("  PRIMARY KEY ({}) NOT ENFORCED", names(&result.key)));
    let with = [
        ("connector", "upsert-kafka".to_owned()),
        ("topic", committed.topic_name.clone()),
        ("properties.bootstrap.servers", brokers.to_owned()),
        ("properties.group.id", format!("{}-committed", committed.prefix)),
        ("properties.isolation.level", "read_committed".to_owned()),
        ("properties.acks", "all".to_owned()),
        ("properties.transaction.timeout.ms", TRANSACTION_MS.to_string()),
        ("sink.delivery-guarantee", "exactly-once".to_owned()),
        ("sink.transactional-id-prefix", committed.prefix.clone()),
        ("key.format", "json".to_owned()),
        ("value.format", "json".to_owned()),
    ];
    format!(
        "-- Rows are committed with the job's checkpoints before anybody reads them: what a crash undoes is never seen.\nCREATE TEMPORARY TABLE {} (\n{}\n) {}",
        committed_name(view),
        lines.join(",\n"),
        options(&with)
    )
}

fn committed_name(view: &str) -> String {
    name(&format!("{view} committed"))
}

/// What starts the job.
pub(super) fn insertion(result: &Rows, rows: &str, view: &str, committed: bool) -> String {
    let columns: Vec<String> = result.columns.iter().map(|column| name(&column.name)).collect();
    let insert = |into: &str, from: &str| format!("INSERT INTO {into} SELECT {} FROM {from};\n", columns.join(", "));
    let inserts = if committed {
        insert(&committed_name(view), &name(rows)) + &insert(&result_name(view), &committed_name(view))
    } else {
        insert(&result_name(view), &name(rows))
    };
    format!("EXECUTE STATEMENT SET BEGIN\n{inserts}END;\n")
}
