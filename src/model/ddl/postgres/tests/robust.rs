//! Texts that are no SQL, or too much of it: the reader answers, in time, and never panics.

use proptest::prelude::*;

use super::super::tree::{CHAIN_LIMIT, DEPTH_LIMIT, PREFIX_LIMIT};
use super::{schema, show};

/// Whole statements and pieces of them, to be thrown together.
const PIECES: &[&str] = &[
    "CREATE TABLE a (x int PRIMARY KEY, y text[] NOT NULL DEFAULT '{}');",
    "CREATE TABLE b (LIKE a INCLUDING ALL) PARTITION BY RANGE (x);",
    "CREATE TABLE c PARTITION OF b DEFAULT;",
    "ALTER TABLE b ATTACH PARTITION a DEFAULT;",
    "ALTER TABLE a INHERIT c, DROP COLUMN x, RENAME y TO x;",
    "ALTER TABLE ONLY a ADD CONSTRAINT k UNIQUE USING INDEX i;",
    "CREATE UNIQUE INDEX i ON a (lower(y), (x + 1)) WHERE x > 1;",
    "CREATE DOMAIN d AS d NOT NULL;",
    "CREATE TYPE e AS ENUM ('a', E'\\'b');",
    "ALTER TYPE e ADD VALUE 'c' BEFORE 'zz';",
    "CREATE TYPE f AS (x e, y d[]);",
    "CREATE TABLE g OF f;",
    "COMMENT ON COLUMN a.x IS U&'\\0441\\+01F600' UESCAPE '!';",
    "DROP TABLE a CASCADE;",
    "DROP SCHEMA public CASCADE;",
    "SET search_path = '', \"$user\";",
    "DO $$ BEGIN CREATE TABLE h (x int); END $$;",
    "COPY a FROM stdin;\n1\\tx\n\\.\n",
    "CREATE TABLE i AS SELECT x::e AS y FROM a;",
    "CREATE TABLE \"é\"\"\" (\"\" numeric(1,-99999999999999999999), z varchar(4294967295));",
    "$$",
    "$a$",
    "'",
    "\"",
    "/*",
    "*/",
    "--",
    "\\",
    "(",
    ")",
    "[",
    ";",
    "E'",
    "U&\"",
    "\u{0}",
    "é",
    "\u{feff}",
    "\n",
    "::",
    "BEGIN ATOMIC",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn pieces_in_any_order(order in prop::collection::vec(0..PIECES.len(), 0..14)) {
        let sql: String = order.iter().filter_map(|at| PIECES.get(*at)).copied().collect::<Vec<_>>().join(" ");
        schema(&sql);
    }

    #[test]
    fn texts_with_bytes_changed(seed in 0..PIECES.len(), cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..PIECES.len()), 1..4)) {
        let mut sql = PIECES.iter().cycle().skip(seed).take(6).copied().collect::<Vec<_>>().join("\n");
        for (at, piece) in cuts {
            let at = at.index(sql.len() + 1);
            let at = (0..=at).rev().find(|at| sql.is_char_boundary(*at)).unwrap_or(0);
            let piece: String = PIECES.get(piece).copied().unwrap_or("").chars().take(3).collect();
            let end = (at..=sql.len()).find(|end| *end > at && sql.is_char_boundary(*end)).unwrap_or(sql.len());
            sql.replace_range(at..end, &piece);
        }
        schema(&sql);
    }

    #[test]
    fn any_text(sql in "\\PC*") {
        schema(&sql);
        schema(&format!("CREATE TABLE {sql}"));
        schema(&format!("CREATE TABLE t (x {sql});"));
    }
}

#[test]
fn depth_is_a_finding_not_a_crash() {
    for deep in [
        format!("x int DEFAULT {}1{}", "(".repeat(50_000), ")".repeat(50_000)),
        format!("x bool DEFAULT {} true", "NOT ".repeat(50_000)),
        format!("x int DEFAULT {} 1", "- ".repeat(50_000)),
        format!("x int DEFAULT 1{}", " + 1".repeat(50_000)),
        format!("x int DEFAULT 1{}", "::int".repeat(50_000)),
        format!("x int DEFAULT {}", "CASE WHEN ".repeat(50_000)),
        format!("x {}int", "a.".repeat(50_000)),
        format!("x int{}", "[]".repeat(50_000)),
    ] {
        let (read, findings) = schema(&format!("CREATE TABLE a ({deep});\nCREATE TABLE b (x int);"));
        assert_eq!(findings.len(), 1, "{}", deep.get(..40).unwrap_or(""));
        assert!(read.table("public", "b").is_some());
    }
}

#[test]
fn what_is_just_not_too_deep_is_read() {
    let near = CHAIN_LIMIT - 100;
    for deep in [
        format!("x bool DEFAULT {} true", "NOT ".repeat(PREFIX_LIMIT)),
        format!("x int DEFAULT {} 1", "- ".repeat(PREFIX_LIMIT)),
        format!("x int DEFAULT 1{}", " + 1".repeat(near / 2)),
        format!("x int DEFAULT 1{}", "::int".repeat(near / 3)),
        format!("x int DEFAULT a{}", ".a".repeat(near / 2)),
        format!("x {}int", "a.".repeat(near / 2)),
        format!("x int DEFAULT a{}", "[1]".repeat(near / 3)),
        format!("x int{}", "[]".repeat(near / 2)),
        format!("x int DEFAULT {}", "CASE WHEN 1 THEN ".repeat(DEPTH_LIMIT)),
        format!("x int DEFAULT {}1{}", "(".repeat(DEPTH_LIMIT - 1), ")".repeat(DEPTH_LIMIT - 1)),
        format!("x int DEFAULT {}1{}", "f(- NOT ".repeat(DEPTH_LIMIT - 1), ")".repeat(DEPTH_LIMIT - 1)),
    ] {
        let (read, _) = schema(&format!("CREATE TABLE a ({deep});\nCREATE TABLE b (x int);"));
        assert!(read.table("public", "b").is_some());
    }
}

#[test]
fn what_is_deep_but_sane_is_read() {
    let names: Vec<String> = (0..800).map(|n| format!("x = 'value number {n}'")).collect();
    let sql = format!(
        "CREATE TABLE a (x text CHECK ({}), y int DEFAULT {}1{});",
        names.join(" OR "),
        "(".repeat(60),
        ")".repeat(60)
    );
    let (read, findings) = schema(&sql);
    assert_eq!(findings, []);
    assert_eq!(show(&read), "public.a { x text?; y integer? default }");
}

#[test]
fn megabytes_of_data_are_passed_over() {
    let row =
        "INSERT INTO public.a VALUES (1, 'it''s a text of some length; with a semicolon', '{\"a\": [1, 2, 3]}');\n";
    let copied = "17\ta line of data\t\\N\t2024-01-01 00:00:00+00\n";
    let mut sql = String::from("CREATE TABLE public.a (x int);\n");
    sql.push_str(&row.repeat(60_000));
    sql.push_str(&format!("INSERT INTO a VALUES {}(1);\n", "(1, 'x'),\n".repeat(300_000)));
    sql.push_str(&format!("COPY public.a FROM stdin;\n{}\\.\n", copied.repeat(60_000)));
    sql.push_str("CREATE TABLE public.b (x int);\n");
    // 12 MB: what grows with the square of it would not come back.
    let (read, findings) = schema(&sql);
    assert_eq!(findings, []);
    assert_eq!(read.tables.len(), 2);
}
