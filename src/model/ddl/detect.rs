//! Which database a schema file is for, told by what only one of them writes.

use crate::systems::Kind;

/// Signs of a kind, in lower case, and what each is worth. A sign that a person may write for another database too is
/// worth little.
const SIGNS: &[(&str, Kind, u32)] = &[
    ("postgresql database dump", Kind::Postgres, 20),
    ("set search_path", Kind::Postgres, 10),
    ("pg_catalog.", Kind::Postgres, 10),
    (" serial", Kind::Postgres, 3),
    ("bigserial", Kind::Postgres, 6),
    ("timestamptz", Kind::Postgres, 3),
    ("jsonb", Kind::Postgres, 6),
    ("bytea", Kind::Postgres, 6),
    ("::text", Kind::Postgres, 4),
    ("::regclass", Kind::Postgres, 8),
    ("character varying", Kind::Postgres, 3),
    ("without time zone", Kind::Postgres, 3),
    ("create extension", Kind::Postgres, 10),
    ("language plpgsql", Kind::Postgres, 10),
    ("alter table only", Kind::Postgres, 10),
    ("owner to", Kind::Postgres, 4),
    ("text[]", Kind::Postgres, 4),
    ("mysql dump", Kind::Mysql, 20),
    ("engine=", Kind::Mysql, 10),
    ("engine =", Kind::Mysql, 10),
    ("auto_increment", Kind::Mysql, 8),
    ("/*!40", Kind::Mysql, 10),
    ("unsigned", Kind::Mysql, 4),
    ("delimiter ", Kind::Mysql, 4),
    ("default charset", Kind::Mysql, 6),
    ("tinyint(1)", Kind::Mysql, 5),
    ("mediumtext", Kind::Mysql, 5),
    ("longtext", Kind::Mysql, 4),
    ("longblob", Kind::Mysql, 5),
    ("mediumblob", Kind::Mysql, 5),
    ("collate utf8", Kind::Mysql, 6),
    ("utf8mb4", Kind::Mysql, 6),
    ("datetime(", Kind::Mysql, 4),
    (" modify ", Kind::Mysql, 1),
    ("on update current_timestamp", Kind::Mysql, 8),
    ("unique key", Kind::Mysql, 3),
    ("mariadb", Kind::Mariadb, 20),
    ("/*m!", Kind::Mariadb, 20),
    ("current_timestamp()", Kind::Mariadb, 2),
    ("with system versioning", Kind::Mariadb, 10),
    ("inet6", Kind::Mariadb, 4),
    ("set ansi_nulls", Kind::Sqlserver, 20),
    ("identity(1", Kind::Sqlserver, 8),
    ("identity (1", Kind::Sqlserver, 8),
    ("[dbo]", Kind::Sqlserver, 15),
    (" dbo.", Kind::Sqlserver, 8),
    ("nvarchar(", Kind::Sqlserver, 5),
    ("[nvarchar]", Kind::Sqlserver, 10),
    ("datetime2", Kind::Sqlserver, 8),
    ("datetimeoffset", Kind::Sqlserver, 8),
    ("uniqueidentifier", Kind::Sqlserver, 10),
    ("getdate()", Kind::Sqlserver, 6),
    ("clustered", Kind::Sqlserver, 5),
    ("(max)", Kind::Sqlserver, 6),
    ("on [primary]", Kind::Sqlserver, 15),
    ("\ngo\n", Kind::Sqlserver, 10),
    ("\ngo\r\n", Kind::Sqlserver, 10),
    ("object_id(", Kind::Sqlserver, 8),
    ("varchar2", Kind::Oracle, 15),
    ("nvarchar2", Kind::Oracle, 10),
    (" number(", Kind::Oracle, 4),
    (" number,", Kind::Oracle, 3),
    (" number ", Kind::Oracle, 3),
    ("sysdate", Kind::Oracle, 6),
    ("systimestamp", Kind::Oracle, 6),
    ("tablespace ", Kind::Oracle, 2),
    ("pctfree", Kind::Oracle, 8),
    (" byte)", Kind::Oracle, 6),
    (" char)", Kind::Oracle, 6),
    ("\nprompt ", Kind::Oracle, 6),
    ("\nrem ", Kind::Oracle, 6),
    ("\n/\n", Kind::Oracle, 6),
    ("\n/\r\n", Kind::Oracle, 6),
    ("using index", Kind::Oracle, 4),
    ("cascade constraints", Kind::Oracle, 8),
    ("nclob", Kind::Oracle, 5),
    (" clob", Kind::Oracle, 3),
    ("create or replace table", Kind::Snowflake, 8),
    ("transient table", Kind::Snowflake, 15),
    ("timestamp_ntz", Kind::Snowflake, 15),
    ("timestamp_ltz", Kind::Snowflake, 15),
    ("timestamp_tz", Kind::Snowflake, 15),
    (" variant", Kind::Snowflake, 8),
    ("number(38,0)", Kind::Snowflake, 10),
    ("autoincrement", Kind::Snowflake, 6),
    ("cluster by", Kind::Snowflake, 6),
    ("use warehouse", Kind::Snowflake, 15),
    ("varchar(16777216)", Kind::Snowflake, 15),
    ("data_retention_time_in_days", Kind::Snowflake, 15),
];

/// As much of each file is looked at: definitions stand in front of data.
const LOOKED_AT: usize = 2 << 20;

/// The kind of system the files are for. PostgreSQL where nothing tells, since plain SQL is read as it is.
#[must_use]
pub fn detect(texts: &[&str]) -> Kind {
    let mut scores: Vec<(Kind, u32)> = super::KINDS.iter().map(|kind| (*kind, 0)).collect();
    let mut backticks = false;
    for text in texts {
        let end = (0..=text.len().min(LOOKED_AT)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        // Data may hold any word.
        let lines = text.get(..end).unwrap_or("").lines().filter(|line| !is_data(line));
        let lower = lines.collect::<Vec<_>>().join("\n").to_ascii_lowercase();
        backticks |= lower.contains("create table `") || lower.contains("create table if not exists `");
        for (sign, kind, worth) in SIGNS {
            let found = u32::try_from(lower.matches(sign).take(3).count()).unwrap_or(3);
            if let Some((_, score)) = scores.iter_mut().find(|(known, _)| known == kind) {
                *score += worth * found;
            }
        }
    }
    let score = |kind: Kind| scores.iter().find(|(known, _)| *known == kind).map_or(0, |(_, score)| *score);
    // MariaDB writes what MySQL writes, and some of its own.
    let mysql = score(Kind::Mysql) + if backticks { 15 } else { 0 };
    let own = score(Kind::Mariadb);
    for (kind, score) in &mut scores {
        if *kind == Kind::Mysql {
            *score = mysql;
        } else if *kind == Kind::Mariadb {
            *score = if own >= 4 { mysql + own } else { 0 };
        }
    }
    let most = scores.iter().map(|(_, score)| *score).max().unwrap_or(0);
    scores.iter().find(|(_, score)| *score == most).map_or(Kind::Postgres, |(kind, _)| *kind)
}

/// Whether a line begins as the rows of an `INSERT` do.
fn is_data(line: &str) -> bool {
    let line = line.trim_start();
    let inserts = |word: &str| line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    line.starts_with(['(', '\'']) || line.starts_with("N'") || inserts("insert ") || inserts("values")
}
