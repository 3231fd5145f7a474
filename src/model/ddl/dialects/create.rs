//! `CREATE TABLE` and `CREATE UNIQUE INDEX`.

use super::catalog::{Catalog, Entry};
use super::column;
use super::constraint;
use super::cursor::{Cursor, Read};
use super::{Dialect, skip};
use crate::model::schema::{Persistence, Shape};

/// Words between `CREATE` and `TABLE`.
const MODIFIERS: &[&str] = &[
    "OR",
    "REPLACE",
    "GLOBAL",
    "LOCAL",
    "PRIVATE",
    "TEMPORARY",
    "TEMP",
    "TRANSIENT",
    "VOLATILE",
    "HYBRID",
    "EXTERNAL",
    "ICEBERG",
    "IMMUTABLE",
    "BLOCKCHAIN",
    "SHARDED",
    "DUPLICATED",
    "COLUMN",
];

/// Whether `CREATE` here makes a table.
pub(super) fn is_table(mut cursor: Cursor) -> bool {
    cursor.advance();
    while cursor.eat_any(MODIFIERS) {}
    cursor.is("TABLE")
}

/// Whether `CREATE` here makes a unique index.
pub(super) fn is_unique_index(cursor: Cursor) -> bool {
    cursor.is_nth(1, "UNIQUE")
}

/// `CREATE TABLE …`.
pub(super) fn table(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    let start = cursor.offset();
    cursor.advance();
    let (mut replaces, mut temporary, mut external) = (false, false, false);
    while !cursor.eat("TABLE") {
        replaces |= cursor.is("REPLACE");
        temporary |= cursor.is_any(&["TEMPORARY", "TEMP"]);
        external |= cursor.is("EXTERNAL");
        if cursor.is_done() {
            return cursor.stop();
        }
        cursor.advance();
    }
    cursor.eat_seq(&["IF", "NOT", "EXISTS"]);
    let path = cursor.path()?;
    // Snowflake allows the words behind the name as well.
    cursor.eat_seq(&["IF", "NOT", "EXISTS"]);
    let Some(last) = path.last() else { return cursor.stop() };
    if last.text.starts_with('#') && catalog.dialect == Dialect::Sqlserver {
        // A temporary table of the session.
        return Ok(());
    }
    let mut entry = Entry::new(catalog.place(&path), last.span);
    if temporary {
        entry.table.persistence = Persistence::Temporary(cursor.span_from(start));
    }
    if external {
        entry.table.shape = Shape::Foreign;
    }
    body(cursor, catalog, &mut entry)?;
    // A table that is there already stays as it is, unless the statement says otherwise.
    if let Some(at) = same_place(catalog, &entry) {
        if !replaces {
            return Ok(());
        }
        catalog.entries.remove(at);
    }
    catalog.entries.push(entry);
    Ok(())
}

fn same_place(catalog: &Catalog, new: &Entry) -> Option<usize> {
    catalog.entries.iter().position(|entry| {
        // MySQL on Linux tells tables apart by case; SQL Server does not.
        let name = if catalog.dialect == Dialect::Sqlserver {
            catalog.same(&entry.table.name, &new.table.name)
        } else {
            entry.table.name == new.table.name
        };
        name && catalog.same(&entry.table.schema, &new.table.schema)
    })
}

fn body(cursor: &mut Cursor, catalog: &Catalog, entry: &mut Entry) -> Read<()> {
    // Snowflake's own scripts put it in front of the columns.
    if cursor.eat_seq(&["CLUSTER", "BY"]) {
        cursor.eat("LINEAR");
        cursor.group()?;
    }
    if cursor.eat_any(&["LIKE", "CLONE"]) {
        return copy(cursor, catalog, entry);
    }
    if cursor.is_sign(b'(') && cursor.is_nth(1, "LIKE") {
        cursor.advance();
        cursor.advance();
        return copy(cursor, catalog, entry);
    }
    let is_query = cursor.is_sign(b'(') && (cursor.is_nth(1, "SELECT") || cursor.is_nth(1, "WITH"));
    if cursor.is_sign(b'(') && !is_query {
        let mut ahead = *cursor;
        ahead.group()?;
        let queried = query(ahead).is_some();
        elements(cursor, catalog, entry, queried)?;
        return tail(cursor, entry);
    }
    // The columns of a query are its own affair, but for all those of one table.
    let Some(query) = query(*cursor) else { return cursor.stop() };
    if let Some(from) = all_of(query).and_then(|path| catalog.find(&path)).and_then(|at| catalog.entries.get(at)) {
        entry.table.columns.clone_from(&from.table.columns);
        let key = from.table.primary_key.as_ref().map_or(&[][..], |key| key.columns.as_slice());
        for column in &mut entry.table.columns {
            column.nullable &= !key.contains(&column.name);
            (column.has_default, column.comment) = (false, None);
        }
    }
    Ok(())
}

/// Where the query behind a table begins, if one does.
fn query(mut cursor: Cursor) -> Option<Cursor> {
    while !cursor.is_done() {
        if cursor.is_any(&["SELECT", "OF", "TEMPLATE"]) {
            return Some(cursor);
        }
        let is_group = cursor.is_sign(b'(') && !cursor.is_nth(1, "SELECT") && !cursor.is_nth(1, "WITH");
        if !is_group || cursor.group().is_err() {
            cursor.advance();
        }
    }
    None
}

/// The table of `SELECT * FROM table`, with nothing but a condition behind.
fn all_of(mut cursor: Cursor) -> Option<super::cursor::Path> {
    let all = cursor.eat("SELECT") && cursor.eat_sign(b'*') && cursor.eat("FROM");
    let path = all.then(|| cursor.path().ok()).flatten()?;
    (cursor.is_done() || cursor.is_any(&["WHERE", "LIMIT"]) || cursor.is_sign(b')')).then_some(path)
}

/// `LIKE` and `CLONE`: another table's columns and keys, but no foreign keys.
fn copy(cursor: &mut Cursor, catalog: &Catalog, entry: &mut Entry) -> Read<()> {
    let path = cursor.path()?;
    let Some(from) = catalog.find(&path).and_then(|at| catalog.entries.get(at)) else { return Ok(()) };
    entry.table.columns.clone_from(&from.table.columns);
    entry.table.primary_key.clone_from(&from.table.primary_key);
    entry.table.uniques.clone_from(&from.table.uniques);
    entry.key_name.clone_from(&from.key_name);
    Ok(())
}

/// Columns and constraints in brackets.
fn elements(cursor: &mut Cursor, catalog: &Catalog, entry: &mut Entry, queried: bool) -> Read<()> {
    cursor.need_sign(b'(')?;
    loop {
        element(cursor, catalog, entry, queried)?;
        if cursor.eat_sign(b')') {
            return Ok(());
        }
        if !cursor.is_sign(b',') && catalog.dialect == Dialect::Sqlserver && constraint::stands(cursor) {
            // The comma in front of a constraint may be missing.
            continue;
        }
        cursor.need_sign(b',')?;
        // SQL Server takes a comma too many.
        if catalog.dialect == Dialect::Sqlserver && cursor.eat_sign(b')') {
            return Ok(());
        }
    }
}

/// One column or constraint, in a table's brackets or behind `ADD`.
pub(super) fn element(cursor: &mut Cursor, catalog: &Catalog, entry: &mut Entry, queried: bool) -> Read<()> {
    let dialect = catalog.dialect;
    if constraint::stands(cursor) {
        let constraint = constraint::read(cursor, catalog, None)?;
        constraint.apply(dialect, entry);
        return skip::tail(cursor);
    }
    if is_plain_index(cursor)
        || cursor.is_seq(&["PERIOD", "FOR"])
        || cursor.is("SUPPLEMENTAL") && cursor.is_nth(1, "LOG")
        || cursor.is("SCOPE") && cursor.is_nth(1, "FOR")
        || cursor.is("REF") && cursor.is_sign_nth(1, b'(')
    {
        return cursor.skip_item();
    }
    let start = *cursor;
    let draft = column::read(cursor, catalog)?;
    if !draft.has_type && !queried {
        let mut at = start;
        at.advance();
        return at.stop();
    }
    draft.add(dialect, entry);
    Ok(())
}

/// An index that is not unique, as an element of a table.
fn is_plain_index(cursor: &Cursor) -> bool {
    match cursor.dialect {
        Dialect::Mysql | Dialect::Mariadb => {
            cursor.is_any(&["FULLTEXT", "SPATIAL", "VECTOR"])
                && (cursor.is_nth(1, "KEY") || cursor.is_nth(1, "INDEX") || cursor.is_sign_nth(1, b'(') || {
                    // FULLTEXT name (column): the brackets hold a name, a type's hold numbers.
                    cursor.is_sign_nth(2, b'(')
                        && cursor.nth(3).is_some_and(|token| token.kind != super::lex::T::Number)
                })
        }
        Dialect::Sqlserver => cursor.is("INDEX"),
        Dialect::Snowflake => {
            cursor.is("INDEX")
                && cursor.is_sign_nth(2, b'(')
                && cursor.nth(3).is_some_and(|token| token.kind != super::lex::T::Number)
        }
        Dialect::Oracle => false,
    }
}

/// The words behind a table's brackets, of which only a remark and an outside store matter.
fn tail(cursor: &mut Cursor, entry: &mut Entry) -> Read<()> {
    while !cursor.is_done() {
        if cursor.is("COMMENT") {
            cursor.advance();
            cursor.eat_sign(b'=');
            if let Some(text) = cursor.text() {
                entry.table.comment = Some(text).filter(|text| !text.is_empty());
            }
        } else if cursor.eat_seq(&["ORGANIZATION", "EXTERNAL"]) {
            entry.table.shape = Shape::Foreign;
        } else if cursor.is_sign(b'(') {
            cursor.group()?;
        } else if cursor.is_sign(b')') {
            return cursor.stop();
        } else {
            cursor.advance();
        }
    }
    Ok(())
}

/// `CREATE UNIQUE … INDEX name ON table (…) WHERE …`.
pub(super) fn unique_index(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    let start = cursor.offset();
    cursor.advance();
    cursor.advance();
    while cursor.eat_any(&["CLUSTERED", "NONCLUSTERED", "BITMAP", "ONLINE"]) {}
    if !cursor.eat_any(&["INDEX", "KEY"]) {
        return cursor.stop();
    }
    cursor.eat_seq(&["IF", "NOT", "EXISTS"]);
    let name = cursor.path()?.pop().map(|ident| ident.text);
    if cursor.eat("USING") {
        cursor.advance();
    }
    if !cursor.eat("ON") {
        return cursor.stop();
    }
    let path = cursor.path()?;
    if cursor.eat("USING") {
        cursor.advance();
    }
    if !cursor.is_sign(b'(') {
        // Oracle may put an alias between.
        cursor.name()?;
    }
    let (columns, _) = constraint::list(cursor)?;
    let mut partial = false;
    while !cursor.is_done() {
        partial |= cursor.is("WHERE");
        if cursor.is_sign(b'(') { cursor.group()? } else { cursor.advance() }
    }
    let dialect = catalog.dialect;
    let span = cursor.span_from(start);
    let at = catalog.find(&path);
    let Some(entry) = at.and_then(|at| catalog.entry(at)) else { return Ok(()) };
    let taken = entry.table.uniques.iter().any(|unique| Some(&unique.name) == name.as_ref());
    if !taken {
        entry.add_unique(dialect, name, columns, span);
        if let Some(unique) = entry.table.uniques.last_mut() {
            unique.partial = partial;
        }
    }
    Ok(())
}
