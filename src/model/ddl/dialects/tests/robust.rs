//! Texts that are no SQL, or too much of it, or cut short: the reader answers, in time, and never panics.

use proptest::prelude::*;

use super::schema;
use crate::model::ddl::{KINDS, detect};
use crate::systems::Kind;

/// Whole statements and pieces of them, to be thrown together.
const PIECES: &[&str] = &[
    "CREATE TABLE `a` (`x` int(11) unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s', PRIMARY KEY (`x`)) ENGINE=InnoDB;",
    "CREATE TABLE [dbo].[b] ([x] [int] IDENTITY(1,1), [y] AS ([x]*(2)) PERSISTED) ON [PRIMARY]\nGO\n",
    "CREATE TABLE c (x NUMBER(10) DEFAULT q'[a]' CONSTRAINT k PRIMARY KEY USING INDEX TABLESPACE t)\n/\n",
    "CREATE OR REPLACE TRANSIENT TABLE d (x VARIANT, y ARRAY(NUMBER)) CLUSTER BY (x);",
    "CREATE TABLE e LIKE a; CREATE TABLE f CLONE e; CREATE TABLE g AS SELECT * FROM a;",
    "ALTER TABLE a ADD (p int, q text), DROP COLUMN x, CHANGE p r bigint AFTER q, RENAME TO z;",
    "ALTER TABLE b WITH CHECK ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES b (x) ON DELETE SET NULL",
    "ALTER TABLE c MODIFY (x NULL) ADD y DATE DROP (x);",
    "RENAME TABLE a TO b, b TO a;",
    "EXEC sp_rename 'dbo.b.x', 'y', 'COLUMN'",
    "EXEC sp_addextendedproperty N'MS_Description', N'v', 'SCHEMA', N'dbo', 'TABLE', N'b'",
    "COMMENT ON COLUMN a.x IS 'v';",
    "DROP TABLE IF EXISTS a, b CASCADE CONSTRAINTS;",
    "USE db;",
    "CREATE UNIQUE INDEX i ON a (x, (lower(y))) WHERE x > 1;",
    "DELIMITER ;;\nCREATE TRIGGER t BEGIN CASE x END; END;;\nDELIMITER ;\n",
    "/*!50001 CREATE TABLE v (x int) */;",
    "\nGO\n",
    "\n/\n",
    "\nREM it's\n",
    "DELIMITER",
    "'",
    "\"",
    "`",
    "[",
    "]",
    "(",
    ")",
    ",",
    ";",
    "/*",
    "*/",
    "/*!",
    "--",
    "$$",
    "q'[",
    "N'",
    "\\",
    "\u{0}",
    "é",
    "\u{feff}",
    "\n",
    "NOT",
    "DEFAULT",
    "CONSTRAINT",
    "AS",
    "CASE",
    "ADD",
    "@",
    "#x",
];

/// Reads with every dialect, and tells the kind.
fn read_all(sql: &str) {
    let _ = detect(&[sql]);
    for kind in KINDS.iter().filter(|kind| **kind != Kind::Postgres) {
        schema(*kind, sql);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn pieces_in_any_order(order in prop::collection::vec(0..PIECES.len(), 0..14)) {
        let sql: String = order.iter().filter_map(|at| PIECES.get(*at)).copied().collect::<Vec<_>>().join(" ");
        read_all(&sql);
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
        read_all(&sql);
    }

    #[test]
    fn any_text(sql in "\\PC*") {
        read_all(&sql);
        read_all(&format!("CREATE TABLE {sql}"));
        read_all(&format!("CREATE TABLE t (x {sql});"));
        read_all(&format!("ALTER TABLE t ADD {sql};"));
    }
}

#[test]
fn a_dump_cut_at_any_byte_is_answered() {
    let dump: String = PIECES.iter().take(17).copied().collect::<Vec<_>>().join("\n");
    for end in (0..=dump.len()).filter(|end| dump.is_char_boundary(*end)) {
        read_all(dump.get(..end).unwrap_or(""));
    }
}

#[test]
fn depth_is_no_danger() {
    for deep in [
        format!("x int DEFAULT {}1{}", "(".repeat(50_000), ")".repeat(50_000)),
        format!("x int DEFAULT {} 1", "- ".repeat(50_000)),
        format!("x int DEFAULT 1{}", " + 1".repeat(50_000)),
        format!("x int DEFAULT {}", "CASE WHEN ".repeat(50_000)),
        format!("x {}int", "a.".repeat(50_000)),
    ] {
        for kind in [Kind::Mysql, Kind::Sqlserver, Kind::Oracle, Kind::Snowflake] {
            let (read, _) = schema(kind, &format!("CREATE TABLE a ({deep});\nCREATE TABLE b (x int);"));
            assert!(read.table("", "b").is_some(), "{kind:?}");
        }
    }
}

#[test]
fn megabytes_of_data_are_passed_over() {
    let row = "INSERT INTO `a` VALUES (1,'it\\'s a text of some length; with a semicolon','{\"a\": [1, 2, 3]}');\n";
    let sql = format!(
        "CREATE TABLE `a` (`x` int);\n{}INSERT INTO a VALUES {}(1);\nCREATE TABLE `b` (`x` int);\n",
        row.repeat(60_000),
        "(1,'x'),\n".repeat(300_000)
    );
    let (read, findings) = schema(Kind::Mysql, &sql);
    assert_eq!((read.tables.len(), findings.len()), (2, 0));
}

#[test]
fn the_kind_is_told_by_what_only_it_writes() {
    for (kind, sql) in [
        (Kind::Postgres, "CREATE TABLE a (x int);"),
        (Kind::Postgres, "CREATE TABLE a (id bigserial PRIMARY KEY, x text[], at timestamptz);"),
        (Kind::Mysql, "CREATE TABLE `a` (`x` int) ENGINE=InnoDB;"),
        (Kind::Mysql, "CREATE TABLE a (x INT AUTO_INCREMENT PRIMARY KEY);"),
        (Kind::Mariadb, "-- MariaDB dump 10.19\nCREATE TABLE `a` (`x` int(11)) ENGINE=InnoDB;"),
        (Kind::Sqlserver, "CREATE TABLE [dbo].[a] ([x] [int] NULL)\nGO\n"),
        (Kind::Sqlserver, "create table a (x int identity(1,1), y nvarchar(max), z datetime2);"),
        (Kind::Oracle, "CREATE TABLE a (x NUMBER(10), y VARCHAR2(20));"),
        (Kind::Snowflake, "create or replace table a (x number(38,0), y variant, z timestamp_ntz(9));"),
        // Data may hold any word.
        (
            Kind::Postgres,
            "CREATE TABLE a (x text, y jsonb);\nINSERT INTO a VALUES ('varchar2 varchar2 varchar2 ENGINE=');",
        ),
    ] {
        assert_eq!(detect(&[sql]), kind, "{sql}");
    }
}
