//! Statements that cannot be read are one finding each, at their line; what stands around them is read.

use super::{schema, show};

/// The findings as `line rule`, and the names of the tables.
fn read_names(sql: &str) -> (Vec<String>, Vec<String>) {
    let (schema, findings) = schema(sql);
    let line = |at: u32| sql.get(..at as usize).map_or(0, |before| before.matches('\n').count() + 1);
    let findings = findings.iter().map(|finding| format!("{} {}", line(finding.primary.span.start), finding.rule));
    (findings.collect(), schema.tables.iter().map(|table| table.name.clone()).collect())
}

struct Case(&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

#[test]
fn one_mistake_is_one_finding() {
    for Case(name, sql, findings, tables) in CASES {
        let (found, known) = read_names(sql);
        assert_eq!(found, *findings, "{name}");
        assert_eq!(known, *tables, "{name}");
    }
}

static CASES: &[Case] = &[
    Case(
        "two commas",
        "CREATE TABLE a (x int);\nCREATE TABLE b (x int,, y int);\nCREATE TABLE c (x int);",
        &["2 unreadable_schema"],
        &["a", "b", "c"],
    ),
    Case(
        "a bracket never closed",
        "CREATE TABLE a (x int;\nCREATE TABLE b (x int);",
        &["1 unreadable_schema"],
        &["a", "b"],
    ),
    Case(
        "a bracket and a semicolon missing",
        "CREATE TABLE a (\n  x int\nCREATE TABLE b (x int);\nCREATE TABLE c (x int);",
        &["1 unreadable_schema"],
        &["a", "b", "c"],
    ),
    Case(
        "a semicolon missing",
        "CREATE TABLE a (x int)\n\nCREATE TABLE b (x int);\nCREATE TABLE c (x int);",
        &["1 unreadable_schema"],
        &["a", "b", "c"],
    ),
    Case("the last semicolon may be missing", "CREATE TABLE a (x int)", &[], &["a"]),
    Case(
        "marks of migration tools end statements too",
        "CREATE TABLE a (x int)\n--;;\nCREATE TABLE b (x int)",
        &[],
        &["a", "b"],
    ),
    Case(
        "a quote never closed",
        "CREATE TABLE a (x text DEFAULT 'oops);\nCREATE TABLE b (x int);\nCREATE TABLE c (x int);",
        &["1 unreadable_schema"],
        &["a", "b", "c"],
    ),
    Case(
        "a quote never closed, and others behind it",
        "CREATE TABLE a (x text DEFAULT 'oops);\nCREATE TABLE b (x text DEFAULT 'fine');\nCREATE TABLE c (x text DEFAULT 'fine');",
        &["1 unreadable_schema"],
        &["a", "b", "c"],
    ),
    Case("a comment never closed", "CREATE TABLE a (x int); /* so\nCREATE TABLE b (x int);", &[], &["a"]),
    Case(
        "an ALTER that is none",
        "CREATE TABLE a (x int);\nALTER TABLE a ADD CONSTRAINT;\nALTER TABLE a ADD y int;",
        &["2 unreadable_schema"],
        &["a"],
    ),
    Case("a name taken", "CREATE TABLE a (x int);\nCREATE TABLE a (y int);", &["2 name_taken"], &["a"]),
    Case("a name free again", "CREATE TABLE a (x int);\nDROP TABLE a;\nCREATE TABLE a (y int);", &[], &["a"]),
    Case(
        "what shapes no table may be anything",
        "GRANT nonsense ON ON a;\nCREATE FUNCTION f( RETURNS;\nINSERT INTO INTO x;\nCREATE TABLE a (x int);",
        &[],
        &["a"],
    ),
    Case("what is skipped may lack its semicolon", "GRANT ALL ON b TO c\nCREATE TABLE a (x int);", &[], &["a"]),
];

#[test]
fn skipped_statements_do_no_harm() {
    let sql = r#"
\restrict abc'def
SET statement_timeout = 0;
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
CREATE FUNCTION f(a int) RETURNS text LANGUAGE sql AS $_$ SELECT 'CREATE TABLE no (x int);' $_$;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC; SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
CREATE OR REPLACE PROCEDURE h() LANGUAGE plpgsql AS 'BEGIN
CREATE TABLE no2 (x int);
END';
CREATE RULE r AS ON INSERT TO a DO INSTEAD (SELECT 1; SELECT 2);
INSERT INTO a VALUES ('it''s; CREATE TABLE no3 (x int);', E'\'; ', $$;$$);
COPY public.a (x, y) FROM stdin;
1	it's \N
CREATE TABLE no4 (x int);
\.
CREATE TABLE yes (x int); -- CREATE TABLE no5 (x int);
/* /* nested */ CREATE TABLE no6 (x int); */
SELECT 1 \gexec
CREATE POLICY p ON yes USING (true);
CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();
-- +goose Down
DROP TABLE yes;
-- +goose Up
CREATE TABLE also (x int);
\unrestrict abc
"#;
    assert_eq!(read_names(sql), (vec![], vec!["yes".to_owned(), "also".to_owned()]));
}

#[test]
fn what_stands_behind_a_broken_statement_is_whole() {
    let (schema, _) =
        schema("CREATE TABLE a (x int,\nCREATE TABLE b (id int PRIMARY KEY, t text);\nALTER TABLE b ADD u uuid;");
    let shown = show(&schema);
    assert!(shown.ends_with("public.b key(id) { id integer; t text?; u uuid? }"), "{shown}");
}
