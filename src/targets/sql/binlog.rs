//! A captured MySQL or MariaDB server's side: checks, user and grants, heartbeat and signal tables, teardown. For the `mysql` or `mariadb` client.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::plan::{Binlog, PLACE_BITS, Source};
use crate::systems::Kind;
use crate::targets::spelling::one_line;
use crate::targets::sql::expr::{Dialect, literal};
use crate::targets::sql::spell::comment;

/// The session variable with the password of the connector's user.
pub(crate) const PASSWORD: &str = "@diac_password";

/// A name in backticks.
pub(crate) fn name(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// `` `database`.`table` ``.
pub(crate) fn path(database: &str, table: &str) -> String {
    format!("{}.{}", name(database), name(table))
}

fn text(value: &str) -> String {
    literal(Dialect::Mysql, value)
}

fn user(source: &Source) -> String {
    format!("{}@'%'", text(&source.role.value))
}

/// What every file starts with. The session's mode is set, so that texts are read as they are written here.
fn header(title: &str, who: &str, order: &str) -> String {
    let mut out = comment(&format!("{title}\n\nRun as {who}.\n{order}\nMay be run any number of times."));
    out.push_str("\nSET NAMES utf8mb4;\nSET SESSION sql_mode = 'STRICT_ALL_TABLES';\n");
    out
}

/// `00-preflight.sql`: each row it answers is a reason against the capture.
pub(super) fn preflight(source: &Source, binlog: &Binlog) -> String {
    let mut out = header(
        &format!(
            "Can {} be captured? Reads only. Every row it answers is a reason against it; no row means yes.",
            one_line(&source.name)
        ),
        "a user that may read the tables' definitions",
        "First of this folder; run it again whenever the server or its tables change.",
    );
    let seconds = binlog.keep.value.div_ceil(1000);
    let mut checks: Vec<String> = vec![
        reason("'log_bin is OFF: start the server with --log-bin'", "@@global.log_bin = 0"),
        reason(
            "CONCAT('binlog_format is ', @@global.binlog_format, ': set it to ROW')",
            "@@global.binlog_format <> 'ROW'",
        ),
        reason(
            "CONCAT('binlog_row_image is ', @@global.binlog_row_image, ': set it to FULL')",
            "@@global.binlog_row_image <> 'FULL'",
        ),
        reason("'server_id is 0: give the server an id'", "@@global.server_id = 0"),
    ];
    if let Some(id) = binlog.server_id.literal().and_then(|id| id.parse::<u64>().ok()) {
        checks.push(reason(
            &format!("'the server itself has the id {id} that is planned for the connector'"),
            &format!("@@global.server_id = {id}"),
        ));
    }
    // What one of the two servers does not have is asked of the tables of variables, where a missing one is no error.
    let variable = |name: &str| {
        let table = if source.kind == Kind::Mariadb {
            "information_schema.GLOBAL_VARIABLES"
        } else {
            "performance_schema.global_variables"
        };
        format!("(SELECT VARIABLE_VALUE FROM {table} WHERE VARIABLE_NAME = '{name}')")
    };
    checks.push(reason(
        &format!(
            "CONCAT('the binlog is kept for ', {0}, ' s, the pipeline is planned for {seconds} s ({1}): raise binlog_expire_logs_seconds')",
            variable("binlog_expire_logs_seconds"),
            one_line(&binlog.keep.why.note).replace('\'', "''"),
        ),
        &format!("{0} > 0 AND {0} < {seconds}", variable("binlog_expire_logs_seconds")),
    ));
    checks.push(reason(
        "'the binlog is compressed: rows of a compressed event have no place of their own. Turn log_bin_compress or binlog_transaction_compression off'",
        &format!("'ON' IN ({}, {})", variable("log_bin_compress"), variable("binlog_transaction_compression")),
    ));
    checks.push(reason(
        "'binlog_row_value_options is PARTIAL_JSON: an update would bring a part of its values'",
        &format!("{} LIKE '%PARTIAL_JSON%'", variable("binlog_row_value_options")),
    ));
    for table in &source.tables {
        let label = text(&one_line(&format!("{}.{}", table.namespace, table.table)));
        let here = format!("table_schema = {} AND table_name = {}", text(&table.namespace), text(&table.table));
        checks.push(reason(
            &format!("CONCAT({label}, ' is not there')"),
            &format!("NOT EXISTS (SELECT 1 FROM information_schema.tables WHERE {here})"),
        ));
        if !table.columns.is_empty() {
            let columns: Vec<String> = table.columns.iter().map(|column| text(column)).collect();
            checks.push(format!(
                "SELECT CONCAT({label}, ' has ', COUNT(*), ' of the {} columns that are planned') AS reason\n  FROM information_schema.columns WHERE {here} AND \
                 column_name IN ({})\n  HAVING COUNT(*) BETWEEN 1 AND {}",
                columns.len(),
                columns.join(", "),
                columns.len() - 1,
            ));
        }
    }
    if !source.tables.is_empty() {
        let all: Vec<String> =
            source.tables.iter().map(|table| format!("({}, {})", text(&table.namespace), text(&table.table))).collect();
        let all = all.join(",\n    ");
        checks.push(format!(
            "SELECT CONCAT(t.table_schema, '.', t.table_name, ' has no primary key: its rows have no place in a log') AS reason\n  \
             FROM information_schema.tables t\n WHERE (t.table_schema, t.table_name) IN (\n    {all})\n   AND NOT EXISTS (SELECT 1 FROM \
             information_schema.table_constraints c\n     WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND \
             c.constraint_type = 'PRIMARY KEY')"
        ));
        checks.push(format!(
            "SELECT CONCAT(table_schema, '.', table_name, '.', column_name, ' is of type ', data_type, ', at which the connector''s parser stops') AS \
             reason\n  FROM information_schema.columns\n WHERE data_type IN ({}) AND (table_schema, table_name) IN (\n    {all})",
            UNREAD.map(text).join(", "),
        ));
    }
    out.push('\n');
    out.push_str(&checks.join(";\n"));
    out.push_str(";\n");
    let _ = write!(
        out,
        "
-- No reason against it, and yet to be known:
--   A transaction must fit into one file of the binlog below 2^{PLACE_BITS} bytes: keep max_binlog_size + max_binlog_cache_size below that.
--   Dates of zeros ('0000-00-00') arrive as null: a sql_mode with NO_ZERO_DATE and NO_ZERO_IN_DATE refuses them.
--   TRUNCATE reaches no view.
"
    );
    out
}

/// Types at which the parser of the MariaDB connector 3.5 stops (tried).
const UNREAD: [&str; 2] = ["inet4", "inet6"];

fn reason(what: &str, when: &str) -> String {
    format!("SELECT {what} AS reason FROM DUAL WHERE {when}")
}

/// `01-user-and-grants.sql`.
pub(super) fn user_and_grants(source: &Source) -> String {
    let user = user(source);
    let mut out = header(
        &format!("User of the connector {} in {}.", one_line(&source.connector.name), one_line(&source.name)),
        "a user that may create users and grant",
        &format!(
            "Second of this folder, after 00-preflight.sql. apply.sh sets {PASSWORD} before; by hand: SET {PASSWORD} = '…'; in the same session."
        ),
    );
    let made = format!("CREATE USER IF NOT EXISTS {user} IDENTIFIED BY ");
    let kept = format!("ALTER USER {user} IDENTIFIED BY ");
    out.push_str("\n-- The password stands in no file; without it these fail.\n");
    for statement in [made, kept] {
        let _ = write!(
            out,
            "SET @diac_statement = CONCAT({}, QUOTE({PASSWORD}));\nPREPARE diac_statement FROM @diac_statement;\nEXECUTE diac_statement;\n\
             DEALLOCATE PREPARE diac_statement;\n",
            text(&statement)
        );
    }
    let _ = write!(
        out,
        "SET @diac_statement = NULL;

-- RELOAD for the moment of the lock in which a snapshot finds its place; the two REPLICATION rights to read the binlog and to ask where it ends.
GRANT RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO {user};

-- Reading exactly what is captured: for the first copy and for copies asked for by signals.
"
    );
    for table in &source.tables {
        let _ = writeln!(out, "GRANT SELECT ON {} TO {user};", path(&table.namespace, &table.table));
    }
    out.push_str("\n-- Where the global lock is not granted, as on managed servers, tables are locked one by one:\n");
    for database in databases(source) {
        let _ = writeln!(out, "--   GRANT LOCK TABLES ON {}.* TO {};", one_line(&name(&database)), one_line(&user));
    }
    out
}

fn databases(source: &Source) -> BTreeSet<String> {
    source.tables.iter().map(|table| table.namespace.clone()).collect()
}

/// `02-signal-heartbeat.sql`.
pub(super) fn service_tables(source: &Source) -> String {
    let (user, database) = (user(source), name(source.service_schema));
    let mut out = header(
        &format!("Heartbeat and signal tables of {}.", one_line(&source.name)),
        "a user that may create databases and grant",
        "After 01-user-and-grants.sql, which makes the user.",
    );
    let _ = write!(
        out,
        "
CREATE DATABASE IF NOT EXISTS {database};

-- The connector writes this row at an interval: so its position moves on while the captured tables are quiet, and never falls out of the binlog.
CREATE TABLE IF NOT EXISTS {database}.`heartbeat` (
  id smallint NOT NULL PRIMARY KEY,
  ts timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE=InnoDB;
GRANT SELECT, INSERT, UPDATE ON {database}.`heartbeat` TO {user};

-- Rows in here are commands to the connector, such as a new copy of one table; it also writes its own watermarks.
CREATE TABLE IF NOT EXISTS {database}.`signal` (
  id varchar(64) NOT NULL PRIMARY KEY,
  type varchar(32) NOT NULL,
  data text
) ENGINE=InnoDB;
GRANT SELECT, INSERT, DELETE ON {database}.`signal` TO {user};
"
    );
    out
}

/// `99-teardown.sql`.
pub(super) fn teardown(source: &Source) -> String {
    let mut out = header(
        &format!("Takes away what the other files of this folder made in {}.", one_line(&source.name)),
        "a user that may drop users and databases",
        "By hand only, after the connector is deleted: nothing runs this file for you.",
    );
    let schema = text(source.service_schema);
    let _ = write!(
        out,
        "
DROP USER IF EXISTS {user};

-- Heartbeat and signal tables may serve another pipeline of this server: they stay while another user may write them.
SET @diac_statement = IF(
  EXISTS (SELECT 1 FROM information_schema.table_privileges WHERE table_schema = {schema} AND privilege_type = 'INSERT'),
  'DO 0', {drop});
PREPARE diac_statement FROM @diac_statement;
EXECUTE diac_statement;
DEALLOCATE PREPARE diac_statement;
",
        user = user(source),
        drop = text(&format!("DROP DATABASE IF EXISTS {}", name(source.service_schema))),
    );
    out
}
