//! Reads the schema files of MySQL, MariaDB, SQL Server, Oracle and Snowflake.
//!
//! One reader for five dialects, made for files as they are: dumps, what a database's tools script out, migrations. The
//! text is taken apart into words by each dialect's own quotes and remarks (`lex`), cut into statements as its client
//! would (`cut`), and of each statement that shapes a table the parts that matter are read (`create`, `alter`, `column`,
//! `constraint`) with a fixed set of words (`skip`) for what may stand between. A word that is none of them is a mistake:
//! passing over it could lose a column.

mod alter;
mod catalog;
mod column;
mod constraint;
mod create;
mod cursor;
mod cut;
mod lex;
mod procedure;
mod skip;
mod types;
mod written;

#[cfg(test)]
mod tests;

use super::report::{Reason, unreadable};
use crate::diag::Diagnostic;
use crate::model::schema::Schema;
use crate::source::FileId;
use crate::systems::Kind;
use catalog::Catalog;
use cursor::{Cursor, Read, Stop};
use cut::{Cutter, End, Statement, next_opening};
use lex::Token;

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Mysql,
    Mariadb,
    Sqlserver,
    Oracle,
    Snowflake,
}

impl Dialect {
    /// The dialect of a kind of system.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Mysql => Some(Self::Mysql),
            Kind::Mariadb => Some(Self::Mariadb),
            Kind::Sqlserver => Some(Self::Sqlserver),
            Kind::Oracle => Some(Self::Oracle),
            Kind::Snowflake => Some(Self::Snowflake),
            Kind::Postgres
            | Kind::Mongodb
            | Kind::Kafka
            | Kind::Flink
            | Kind::Elasticsearch
            | Kind::Opensearch
            | Kind::Redis
            | Kind::Bigquery
            | Kind::Clickhouse
            | Kind::Iceberg => None,
        }
    }

    /// MySQL or MariaDB.
    pub fn is_mysql(self) -> bool {
        matches!(self, Self::Mysql | Self::Mariadb)
    }

    /// A backslash escapes in texts.
    pub fn has_backslashes(self) -> bool {
        self.is_mysql() || self == Self::Snowflake
    }

    /// Names without quotes are in upper case.
    pub fn folds_up(self) -> bool {
        matches!(self, Self::Oracle | Self::Snowflake)
    }

    /// The name as its makers write it.
    fn title(self) -> &'static str {
        match self {
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
            Self::Sqlserver => "SQL Server",
            Self::Oracle => "Oracle",
            Self::Snowflake => "Snowflake",
        }
    }

    /// The schema of names without one. A dump of MySQL's or Oracle's that names none can be read into any.
    pub fn default_schema(self) -> &'static str {
        match self {
            Self::Mysql | Self::Mariadb | Self::Oracle => "",
            Self::Sqlserver => "dbo",
            Self::Snowflake => "PUBLIC",
        }
    }
}

/// Reads files in order, as one schema: what a later file alters or drops counts.
pub(super) fn read(dialect: Dialect, files: &[(FileId, &str)]) -> (Schema, Vec<Diagnostic>) {
    let mut reader = Reader { catalog: Catalog::new(dialect), dialect, diagnostics: Vec::new() };
    for &(file, text) in files {
        reader.read_file(file, text);
    }
    (reader.catalog.finish(), reader.diagnostics)
}

struct Reader {
    catalog: Catalog,
    dialect: Dialect,
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn read_file(&mut self, file: FileId, text: &str) {
        // Each file is a session of its own to most tools.
        self.dialect.default_schema().clone_into(&mut self.catalog.current);
        let mut cutter = Cutter::new(text, self.dialect);
        while let Some(statement) = cutter.next() {
            let Some(first) = statement.tokens.first() else { continue };
            if statement.end != End::Unclosed {
                self.read_statement(file, text, &statement);
                continue;
            }
            // What swallowed the rest of the file is read again up to the next line that begins a statement.
            let opening = next_opening(text, first.start);
            self.read_statement(file, text, &statement);
            if let Some(opening) = opening {
                cutter.jump(opening);
            }
        }
    }

    fn read_statement(&mut self, file: FileId, text: &str, statement: &Statement) {
        let Statement { tokens, end } = statement;
        let mut cursor = Cursor::new(text, tokens, file, self.dialect);
        let start = cursor.offset();
        let (needed, done) = self.carry_out(&mut cursor);
        if !needed {
            return;
        }
        let last = tokens.last().map_or(start, |token: &Token| token.end);
        let reason = match (done, end) {
            (_, End::Unclosed) => Reason::Unclosed,
            (Err(Stop(at)), _) => Reason::Syntax(at.saturating_sub(start)),
            // SQL Server needs no `;`.
            (Ok(()), End::Next) if self.dialect != Dialect::Sqlserver => Reason::NoSemicolon,
            (Ok(()), End::Next | End::Mark) => return,
        };
        let shown = text.get(start..last).unwrap_or("");
        self.diagnostics.push(unreadable((file, start), shown, self.dialect.title(), reason));
    }

    /// Does to the catalog what the statement would do to the database. Says whether it must be readable, and whether it
    /// was.
    fn carry_out(&mut self, cursor: &mut Cursor) -> (bool, Read<()>) {
        let catalog = &mut self.catalog;
        match cursor.word().as_str() {
            "CREATE" if create::is_table(*cursor) => (true, create::table(cursor, catalog)),
            "CREATE" if create::is_unique_index(*cursor) => (true, create::unique_index(cursor, catalog)),
            "CREATE" => (false, create_other(cursor, catalog)),
            "ALTER" if is_alter_table(cursor) => (true, alter::table(cursor, catalog)),
            "ALTER" => (false, alter_other(cursor, catalog)),
            "DROP" => (false, drop(cursor, catalog)),
            "RENAME" => (false, rename(cursor, catalog)),
            "USE" => (false, use_schema(cursor, catalog)),
            "COMMENT" => (false, comment(cursor, catalog)),
            "EXEC" | "EXECUTE" | "SP_RENAME" if self.dialect == Dialect::Sqlserver => {
                (false, procedure::call(cursor, catalog))
            }
            _ => (false, Ok(())),
        }
    }
}

fn is_alter_table(cursor: &Cursor) -> bool {
    // MySQL: ALTER ONLINE TABLE, ALTER IGNORE TABLE. Snowflake: ALTER ICEBERG TABLE.
    cursor.is_nth(1, "TABLE")
        || cursor.is_nth(2, "TABLE") && ["ONLINE", "OFFLINE", "IGNORE", "ICEBERG"].iter().any(|w| cursor.is_nth(1, w))
}

/// `CREATE DATABASE`, `CREATE SCHEMA`, and SQL Server's `CREATE TYPE … FROM`.
fn create_other(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    cursor.advance();
    cursor.eat_seq(&["OR", "REPLACE"]);
    cursor.eat("TRANSIENT");
    if catalog.dialect == Dialect::Snowflake && cursor.is_any(&["SCHEMA", "DATABASE"]) {
        // Either becomes the current one, a database with its PUBLIC (Snowflake's page on CREATE SCHEMA).
        let is_schema = cursor.is("SCHEMA");
        cursor.advance();
        cursor.eat_seq(&["IF", "NOT", "EXISTS"]);
        let name = cursor.path()?.pop().filter(|_| is_schema);
        catalog.current = name.map_or_else(|| "PUBLIC".to_owned(), |schema| schema.text);
        return Ok(());
    }
    if catalog.dialect == Dialect::Sqlserver && cursor.eat("TYPE") {
        let path = cursor.path()?;
        if !cursor.eat("FROM") {
            return Ok(());
        }
        let mut known = column::column_type(cursor, catalog)?;
        known.is_not_null |= cursor.is_seq(&["NOT", "NULL"]);
        let (schema, name) = catalog.place(&path);
        catalog.types.insert((schema.to_lowercase(), name.to_lowercase()), known);
    }
    Ok(())
}

/// `ALTER SCHEMA a TRANSFER b.t`, `ALTER SESSION SET CURRENT_SCHEMA = a`.
fn alter_other(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    cursor.advance();
    if catalog.dialect == Dialect::Sqlserver && cursor.eat("SCHEMA") {
        let schema = cursor.name()?;
        if cursor.eat("TRANSFER") {
            if cursor.eat("OBJECT") {
                while cursor.eat_sign(b':') {}
            }
            let path = cursor.path()?;
            if let (Some(at), Some(name)) = (catalog.find(&path), path.last()) {
                catalog.rename_table(at, (schema.text, name.text.clone()));
            }
        }
    } else if catalog.dialect == Dialect::Oracle && cursor.eat_seq(&["SESSION", "SET", "CURRENT_SCHEMA"]) {
        cursor.eat_sign(b'=');
        catalog.current = cursor.name()?.text;
    }
    Ok(())
}

/// `DROP TABLE`, `DROP INDEX`, `DROP DATABASE`, `DROP SCHEMA`.
fn drop(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    cursor.advance();
    cursor.eat_any(&["TEMPORARY", "EXTERNAL"]);
    let dialect = catalog.dialect;
    if cursor.eat_any(&["TABLE", "TABLES"]) {
        cursor.eat_seq(&["IF", "EXISTS"]);
        loop {
            let path = cursor.path()?;
            if let Some(at) = catalog.find(&path) {
                catalog.drop_table(at);
            }
            if !cursor.eat_sign(b',') {
                return Ok(());
            }
        }
    }
    if cursor.eat("INDEX") {
        cursor.eat_seq(&["IF", "EXISTS"]);
        loop {
            let mut path = cursor.path()?;
            let table = if cursor.eat("ON") { Some(cursor.path()?) } else { None };
            let Some(name) = path.pop() else { return Ok(()) };
            let at = match table {
                Some(table) => catalog.find(&table),
                // SQL Server's old form: table.index.
                None if dialect == Dialect::Sqlserver && !path.is_empty() => catalog.find(&path),
                None => catalog.entries.iter().position(|entry| {
                    entry.table.uniques.iter().any(|unique| catalog::same(dialect, &unique.name, &name.text))
                }),
            };
            if let Some(entry) = at.and_then(|at| catalog.entry(at)) {
                entry.table.uniques.retain(|unique| !catalog::same(dialect, &unique.name, &name.text));
            }
            if !cursor.eat_sign(b',') {
                return Ok(());
            }
        }
    }
    if cursor.eat_any(&["DATABASE", "SCHEMA"]) && dialect != Dialect::Sqlserver {
        cursor.eat_seq(&["IF", "EXISTS"]);
        let Some(schema) = cursor.path()?.pop() else { return Ok(()) };
        catalog.entries.retain(|entry| !catalog::same(dialect, &entry.table.schema, &schema.text));
    }
    Ok(())
}

/// MySQL's `RENAME TABLE a TO b, c TO d`, Oracle's `RENAME a TO b`.
fn rename(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    cursor.advance();
    cursor.eat_any(&["TABLE", "TABLES"]);
    cursor.eat_seq(&["IF", "EXISTS"]);
    loop {
        let from = cursor.path()?;
        if !cursor.eat("TO") {
            return cursor.stop();
        }
        let to = cursor.path()?;
        if let Some(at) = catalog.find(&from) {
            let own = catalog.entries.get(at).map(|entry| entry.table.schema.clone()).unwrap_or_default();
            let (schema, name) = catalog.place(&to);
            catalog.rename_table(at, (if to.len() > 1 { schema } else { own }, name));
        }
        if !cursor.eat_sign(b',') {
            return Ok(());
        }
    }
}

/// `USE database`, `USE SCHEMA schema`.
fn use_schema(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    cursor.advance();
    match catalog.dialect {
        Dialect::Mysql | Dialect::Mariadb => catalog.current = cursor.name()?.text,
        Dialect::Snowflake if cursor.eat("SCHEMA") => {
            if let Some(schema) = cursor.path()?.pop() {
                catalog.current = schema.text;
            }
        }
        // `USE db` and `USE DATABASE db` go to its PUBLIC, `USE db.schema` to that; roles and warehouses change nothing.
        Dialect::Snowflake if !cursor.is_any(&["ROLE", "WAREHOUSE", "SECONDARY"]) => {
            cursor.eat("DATABASE");
            let mut path = cursor.path()?;
            let schema = path.pop().filter(|_| !path.is_empty());
            catalog.current = schema.map_or_else(|| "PUBLIC".to_owned(), |schema| schema.text);
        }
        // A script of SQL Server's is of one database, whose name is a setting.
        Dialect::Snowflake | Dialect::Sqlserver | Dialect::Oracle => {}
    }
    Ok(())
}

/// `COMMENT ON TABLE t IS '…'`, `COMMENT ON COLUMN t.c IS '…'`.
fn comment(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    cursor.advance();
    cursor.eat_seq(&["IF", "EXISTS"]);
    if !cursor.eat("ON") {
        return Ok(());
    }
    let of_column = cursor.is("COLUMN");
    if !cursor.eat_any(&["TABLE", "COLUMN"]) {
        return Ok(());
    }
    let mut path = cursor.path()?;
    let column = if of_column { path.pop() } else { None };
    if !cursor.eat("IS") {
        return cursor.stop();
    }
    let text = cursor.text().filter(|text| !text.is_empty());
    let dialect = catalog.dialect;
    let at = catalog.find(&path);
    let Some(entry) = at.and_then(|at| catalog.entry(at)) else { return Ok(()) };
    match column {
        Some(column) => {
            if let Some(column) = entry.column(dialect, &column.text) {
                column.comment = text;
            }
        }
        None => entry.table.comment = text,
    }
    Ok(())
}
