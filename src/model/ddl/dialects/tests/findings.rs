//! What cannot be read: one finding a statement, at its line, and the others are read all the same.

use super::schema;
use crate::systems::Kind;

/// A kind, a name, the text, the lines of the findings, the tables that are read.
struct Case(Kind, &'static str, &'static str, &'static [usize], &'static [&'static str]);

#[test]
fn one_mistake_is_one_finding() {
    for Case(kind, name, sql, lines, tables) in CASES {
        let (schema, findings) = schema(*kind, sql);
        let found: Vec<usize> = findings
            .iter()
            .map(|f| sql.get(..f.primary.span.start as usize).unwrap_or("").lines().count().max(1))
            .collect();
        let found: Vec<usize> = findings
            .iter()
            .zip(found)
            .map(
                |(f, n)| if sql.get(..f.primary.span.start as usize).unwrap_or("").ends_with('\n') { n + 1 } else { n },
            )
            .collect();
        assert_eq!(found, *lines, "{name}: {findings:?}");
        assert!(findings.iter().all(|finding| finding.rule == "unreadable_schema"), "{name}");
        let names: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, *tables, "{name}");
    }
}

#[test]
fn the_message_says_where_reading_stopped() {
    let (_, findings) = schema(Kind::Mysql, "CREATE TABLE `a` (x int,, y int);");
    let finding = findings.first().expect("one");
    assert_eq!(finding.message, "`CREATE TABLE a` cannot be read");
    let at = finding.labels.first().expect("a label").span;
    assert_eq!((at.start, at.end), (24, 25));
    assert_eq!(finding.help.as_deref(), Some("correct the statement so that MySQL accepts it"));
}

static CASES: &[Case] = &[
    Case(
        Kind::Mysql,
        "a comma too many, a comma too few, a type missing",
        "CREATE TABLE a (x int,, y int);\nCREATE TABLE b (x int y int);\nCREATE TABLE c (x int, y);\nCREATE TABLE d (x int);",
        &[1, 2, 3],
        &["d"],
    ),
    Case(
        Kind::Mysql,
        "a bracket never closed",
        "CREATE TABLE a (x int;\nCREATE TABLE b (x int);\nCREATE TABLE c (x int\nCREATE TABLE d (x int);",
        &[1, 3],
        &["b", "d"],
    ),
    Case(
        Kind::Mysql,
        "a semicolon missing",
        "CREATE TABLE a (x int)\n\nCREATE TABLE b (x int);\nINSERT INTO a VALUES (1)\nCREATE TABLE c (x int)",
        &[1],
        &["a", "b", "c"],
    ),
    Case(
        Kind::Mysql,
        "a quote never closed",
        "CREATE TABLE a (x int DEFAULT 'oops);\nCREATE TABLE b (x int DEFAULT '1');\nALTER TABLE b ADD y int;\nCREATE TABLE c (x int);",
        &[1],
        &["b", "c"],
    ),
    Case(
        Kind::Mysql,
        "a quote never closed in what shapes no table",
        "INSERT INTO a VALUES ('oops);\nCREATE TABLE b (x int DEFAULT '1');\nCREATE TABLE c (x int);",
        &[],
        &["b", "c"],
    ),
    Case(
        Kind::Mysql,
        "words that are misspelt",
        "CREATE TABLE a (id int PRIMARY KEYY (id));\nCREATE TABLE b (id int NOT NUL);\nCREATE TABLE c (id int PRIMARY KEY name text);\nALTER TABLE c ADD;\nCREATE TABLE e (x int);\nALTER TABLE e ADD y int ADD z int;",
        &[1, 2, 3, 6],
        &["e"],
    ),
    Case(
        Kind::Mysql,
        "what shapes no table may be anything",
        "GRANT nonsense ON ON a;\nCREATE FUNCTION f( RETURNS;\nINSERT INTO INTO x;\nDROP TABLE;\nUSE;\nRENAME TABLE x;\nCREATE VIEW;\nCREATE TABLE a (x int);",
        &[],
        &["a"],
    ),
    Case(
        Kind::Sqlserver,
        "one batch does not spoil the next",
        "CREATE TABLE a (x int\nGO\nCREATE TABLE b (x int)\nGO\nALTER TABLE b ADD CONSTRAINT\nGO\nCREATE TABLE c (x int CONSTRAINT k PRIMRY KEY)\nCREATE TABLE d (x int)",
        &[1, 5, 7],
        &["b", "d"],
    ),
    Case(
        Kind::Oracle,
        "a slash or a semicolon ends a statement",
        "CREATE TABLE a (x NUMBER y NUMBER)\n/\nCREATE TABLE b (x NUMBER)\n/\nCREATE TABLE c (x NUMBER)\nCREATE TABLE d (x NUMBER);\nALTER TABLE d ADD (y NUMBER;\nALTER TABLE d ADD (z DATE);",
        &[1, 5, 7],
        &["B", "C", "D"],
    ),
    Case(
        Kind::Snowflake,
        "a type missing",
        "CREATE TABLE a (x, y int);\nCREATE OR REPLACE TABLE b (x int NOT NULL UNIQ);\nCREATE TABLE c (x int) COMMENT = 'it is';",
        &[1, 2],
        &["C"],
    ),
];
