//! `ALTER TABLE`, action by action.

use super::Dialect;
use super::catalog::{Catalog, Entry};
use super::column::{self, Draft, Position};
use super::create::element;
use super::cursor::{Cursor, Read};
use super::{constraint, skip};

/// What the last action was: SQL Server and Snowflake do not repeat its word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Add,
    DropColumn,
    DropConstraint,
    Modify,
}

/// Words of actions of Oracle's, which stand beside each other without a comma.
const ACTIONS: &[&str] = &["ADD", "MODIFY", "DROP", "RENAME"];

/// `ALTER TABLE …`. What is no known table is none of the reader's business.
pub(super) fn table(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    while !cursor.eat("TABLE") {
        if cursor.is_done() {
            return cursor.stop();
        }
        cursor.advance();
    }
    cursor.eat_seq(&["IF", "EXISTS"]);
    let path = cursor.path()?;
    let Some(at) = catalog.find(&path) else { return Ok(()) };
    if cursor.eat("WITH") && !cursor.eat_any(&["CHECK", "NOCHECK"]) {
        return cursor.stop();
    }
    if cursor.is_done() {
        return cursor.stop();
    }
    let mut last = Last::Nothing;
    loop {
        last = action(cursor, catalog, at, last)?;
        if catalog.dialect.is_mysql() {
            // MySQL repeats the word of every action.
            last = Last::Nothing;
        }
        if cursor.is_done() {
            return Ok(());
        }
        if catalog.dialect == Dialect::Oracle {
            // Actions stand beside each other, and where a LOB is stored may follow.
            while !cursor.is_done() && !cursor.is_any(ACTIONS) {
                if cursor.is_sign(b'(') {
                    cursor.group()?;
                } else if cursor.is_sign(b')') {
                    return cursor.stop();
                } else {
                    cursor.advance();
                }
            }
            if cursor.is_done() {
                return Ok(());
            }
        } else {
            cursor.need_sign(b',')?;
        }
    }
}

/// Runs `change` on a table, which other tables can be seen from.
fn with(catalog: &mut Catalog, at: usize, change: impl FnOnce(&Catalog, &mut Entry) -> Read<()>) -> Read<()> {
    let Some(mut entry) = catalog.entries.get(at).cloned() else { return Ok(()) };
    let done = change(catalog, &mut entry);
    if let Some(place) = catalog.entry(at) {
        *place = entry;
    }
    done
}

fn action(cursor: &mut Cursor, catalog: &mut Catalog, at: usize, last: Last) -> Read<Last> {
    let dialect = catalog.dialect;
    if cursor.is("ADD") && !is_of_partitions(cursor) {
        cursor.advance();
        add(cursor, catalog, at)?;
        return Ok(Last::Add);
    }
    if cursor.eat("DROP") {
        return drop(cursor, catalog, at);
    }
    if cursor.is_any(&["MODIFY", "CHANGE"]) || cursor.is_seq(&["ALTER", "COLUMN"]) && dialect != Dialect::Oracle {
        return modify(cursor, catalog, at);
    }
    if dialect.is_mysql() && cursor.eat("ALTER") {
        // `ALTER c SET DEFAULT 1`; an index or constraint is of no interest.
        if cursor.is_any(&["INDEX", "KEY", "CONSTRAINT", "CHECK"]) {
            cursor.skip_item()?;
        } else {
            set(cursor, catalog, at)?;
        }
        return Ok(Last::Nothing);
    }
    if cursor.eat("RENAME") {
        return rename(cursor, catalog, at);
    }
    if dialect.is_mysql() && cursor.is("COMMENT") {
        cursor.advance();
        cursor.eat_sign(b'=');
        if let (Some(text), Some(entry)) = (cursor.text(), catalog.entry(at)) {
            entry.table.comment = Some(text).filter(|text| !text.is_empty());
        }
        cursor.skip_item()?;
        return Ok(Last::Nothing);
    }
    if dialect == Dialect::Oracle && cursor.is_seq(&["SET", "UNUSED"]) {
        cursor.advance();
        cursor.advance();
        cursor.eat("COLUMN");
        drop_columns(cursor, catalog, at)?;
        cursor.skip_item()?;
        return Ok(Last::Nothing);
    }
    match last {
        Last::Add => {
            with(catalog, at, |catalog, entry| element(cursor, catalog, entry, false))?;
            Ok(Last::Add)
        }
        Last::DropColumn => {
            cursor.eat("COLUMN");
            drop_columns(cursor, catalog, at)?;
            Ok(Last::DropColumn)
        }
        Last::DropConstraint if cursor.eat("COLUMN") => {
            drop_columns(cursor, catalog, at)?;
            Ok(Last::DropColumn)
        }
        Last::DropConstraint => {
            cursor.eat("CONSTRAINT");
            drop_constraint(cursor, catalog, at)?;
            Ok(Last::DropConstraint)
        }
        Last::Modify if dialect == Dialect::Snowflake => {
            cursor.eat("COLUMN");
            set(cursor, catalog, at)?;
            Ok(Last::Modify)
        }
        Last::Modify | Last::Nothing => {
            if cursor.is_sign(b')') || cursor.is_sign(b',') {
                return cursor.stop();
            }
            cursor.skip_item()?;
            Ok(Last::Nothing)
        }
    }
}

/// `ADD PARTITION` and the like.
fn is_of_partitions(cursor: &Cursor) -> bool {
    let next = |first: &str, second: &str| cursor.is_nth(1, first) && cursor.is_nth(2, second);
    match cursor.dialect {
        Dialect::Mysql | Dialect::Mariadb => cursor.is_nth(1, "PARTITION") || next("SYSTEM", "VERSIONING"),
        // A column may be called so.
        Dialect::Oracle => {
            cursor.is_nth(1, "PARTITION")
                && [3, 4].iter().any(|&n| cursor.is_nth(n, "VALUES") || cursor.is_nth(n, "LESS"))
                || next("SUPPLEMENTAL", "LOG")
        }
        Dialect::Snowflake => next("SEARCH", "OPTIMIZATION") || next("ROW", "ACCESS") || next("DATA", "METRIC"),
        Dialect::Sqlserver => false,
    }
}

fn add(cursor: &mut Cursor, catalog: &mut Catalog, at: usize) -> Read<()> {
    let is_column = cursor.eat("COLUMN");
    cursor.eat_seq(&["IF", "NOT", "EXISTS"]);
    let dialect = catalog.dialect;
    with(catalog, at, |catalog, entry| {
        if cursor.eat_sign(b'(') {
            loop {
                element(cursor, catalog, entry, false)?;
                if cursor.eat_sign(b')') {
                    return Ok(());
                }
                cursor.need_sign(b',')?;
            }
        }
        if is_column {
            let draft = column::read(cursor, catalog)?;
            if !draft.has_type {
                return cursor.stop();
            }
            draft.add(dialect, entry);
            return Ok(());
        }
        if cursor.is("DEFAULT") {
            // SQL Server's default without a name.
            constraint::read(cursor, catalog, None)?.apply(dialect, entry);
            return skip::tail(cursor);
        }
        element(cursor, catalog, entry, false)
    })
}

fn drop(cursor: &mut Cursor, catalog: &mut Catalog, at: usize) -> Read<Last> {
    let dialect = catalog.dialect;
    if cursor.eat_seq(&["PRIMARY", "KEY"]) {
        if let Some(entry) = catalog.entry(at) {
            entry.drop_key();
        }
    } else if cursor.eat_seq(&["FOREIGN", "KEY"]) {
        cursor.eat_seq(&["IF", "EXISTS"]);
        if cursor.is_sign(b'(') {
            cursor.group()?;
        } else {
            let name = cursor.name()?;
            if let Some(entry) = catalog.entry(at) {
                entry.drop_foreign(dialect, &name.text);
            }
        }
    } else if cursor.is("UNIQUE") && cursor.is_sign_nth(1, b'(') {
        cursor.advance();
        let (columns, _) = constraint::list(cursor)?;
        if let Some(entry) = catalog.entry(at) {
            entry.table.uniques.retain(|unique| unique.columns != columns);
        }
    } else if cursor.eat_any(&["CONSTRAINT", "INDEX", "KEY", "CHECK"]) {
        drop_constraint(cursor, catalog, at)?;
        return Ok(Last::DropConstraint);
    } else if cursor.is_any(&["PARTITION", "SUBPARTITION", "SUPPLEMENTAL", "SYSTEM", "CLUSTERING"])
        || cursor.is_seq(&["PERIOD", "FOR"])
        || cursor.is_seq(&["UNUSED", "COLUMNS"])
        || cursor.is_seq(&["COLUMNS", "CONTINUE"])
        || cursor.is_seq(&["ROW", "ACCESS"])
        || cursor.is_seq(&["SEARCH", "OPTIMIZATION"])
    {
        cursor.skip_item()?;
        return Ok(Last::Nothing);
    } else {
        // SQL Server drops a constraint where no word says what it is.
        let is_column = cursor.eat("COLUMN") || dialect != Dialect::Sqlserver;
        if !is_column {
            drop_constraint(cursor, catalog, at)?;
            return Ok(Last::DropConstraint);
        }
        drop_columns(cursor, catalog, at)?;
        return Ok(Last::DropColumn);
    }
    drop_tail(cursor);
    Ok(Last::Nothing)
}

fn drop_tail(cursor: &mut Cursor) {
    while cursor.eat_any(&["CASCADE", "RESTRICT", "CONSTRAINTS", "ONLINE", "INVALIDATE", "KEEP", "INDEX", "DROP"]) {}
}

fn drop_constraint(cursor: &mut Cursor, catalog: &mut Catalog, at: usize) -> Read<()> {
    cursor.eat_seq(&["IF", "EXISTS"]);
    let dialect = catalog.dialect;
    let name = cursor.name()?;
    if let Some(entry) = catalog.entry(at) {
        entry.drop_constraint(dialect, &name.text);
    }
    if cursor.eat("WITH") {
        cursor.group_if_any()?;
    }
    drop_tail(cursor);
    Ok(())
}

fn drop_columns(cursor: &mut Cursor, catalog: &mut Catalog, at: usize) -> Read<()> {
    cursor.eat_seq(&["IF", "EXISTS"]);
    let names = if cursor.is_sign(b'(') { constraint::list(cursor)?.0 } else { vec![cursor.name()?.text] };
    let dialect = catalog.dialect;
    if let Some(entry) = catalog.entry(at) {
        for name in names {
            entry.drop_column(dialect, &name);
        }
    }
    drop_tail(cursor);
    Ok(())
}

/// `MODIFY`, MySQL's `CHANGE`, `ALTER COLUMN`.
fn modify(cursor: &mut Cursor, catalog: &mut Catalog, at: usize) -> Read<Last> {
    let changes = cursor.is("CHANGE");
    let alters = cursor.is("ALTER");
    cursor.advance();
    cursor.eat("COLUMN");
    if alters && catalog.dialect != Dialect::Sqlserver {
        set(cursor, catalog, at)?;
        return Ok(Last::Modify);
    }
    cursor.eat_seq(&["IF", "EXISTS"]);
    if catalog.dialect == Dialect::Snowflake {
        if cursor.eat_sign(b'(') {
            loop {
                cursor.eat("COLUMN");
                set(cursor, catalog, at)?;
                if cursor.eat_sign(b')') {
                    return Ok(Last::Modify);
                }
                cursor.need_sign(b',')?;
            }
        }
        set(cursor, catalog, at)?;
        return Ok(Last::Modify);
    }
    if catalog.dialect == Dialect::Oracle {
        let is_other = cursor.is_any(&["CONSTRAINT", "PARTITION", "SUBPARTITION", "LOB", "DEFAULT", "NESTED"])
            || cursor.is_seq(&["PRIMARY", "KEY"])
            || cursor.is("UNIQUE") && cursor.is_sign_nth(1, b'(');
        if is_other {
            cursor.skip_item()?;
            return Ok(Last::Nothing);
        }
        if cursor.eat_sign(b'(') {
            loop {
                change(cursor, catalog, at, false)?;
                if cursor.eat_sign(b')') {
                    return Ok(Last::Modify);
                }
                cursor.need_sign(b',')?;
            }
        }
    }
    let is_flag = catalog.dialect == Dialect::Sqlserver && (cursor.is_nth(1, "ADD") || cursor.is_nth(1, "DROP"));
    if is_flag {
        // `ALTER COLUMN c ADD MASKED …`.
        cursor.advance();
        cursor.advance();
        cursor.skip_item()?;
        return Ok(Last::Nothing);
    }
    change(cursor, catalog, at, changes)?;
    Ok(Last::Modify)
}

/// A column written anew. In MySQL and SQL Server what is not said is gone; in Oracle it stays.
fn change(cursor: &mut Cursor, catalog: &mut Catalog, at: usize, renames: bool) -> Read<()> {
    let dialect = catalog.dialect;
    let old = cursor.name()?;
    let new = if renames { cursor.name()? } else { old.clone() };
    with(catalog, at, |catalog, entry| {
        let Draft { column, has_type, says_null, says_default, constraints, position } =
            column::body(cursor, catalog, &new)?;
        if !has_type && dialect != Dialect::Oracle {
            return cursor.stop();
        }
        if let Some(known) = entry.column(dialect, &old.text) {
            if has_type {
                known.ty = column.ty;
                known.native = column.native;
                known.toastable = column.toastable;
            }
            if dialect.is_mysql() {
                known.generated = column.generated;
                known.has_default = column.has_default;
                known.comment = column.comment;
            } else if says_default {
                known.has_default = column.has_default;
            }
            let nullable = says_null.unwrap_or(true);
            if says_null.is_some() || dialect != Dialect::Oracle {
                known.nullable = nullable;
            }
        }
        if new.text != old.text {
            entry.rename_column(dialect, &old.text, &new);
        }
        for constraint in constraints {
            constraint.apply(dialect, entry);
        }
        if let Some(position) = position {
            put(dialect, entry, &new.text, position);
        }
        Ok(())
    })
}

fn put(dialect: Dialect, entry: &mut Entry, name: &str, position: Position) {
    let Some(from) = entry.column_at(dialect, name) else { return };
    let column = entry.table.columns.remove(from);
    let to = match position {
        Position::First => 0,
        Position::After(other) => entry.column_at(dialect, &other).map_or(from, |at| at + 1),
    };
    let to = to.min(entry.table.columns.len());
    entry.table.columns.insert(to, column);
}

/// `c SET DEFAULT 1`, `c DROP NOT NULL`, `c SET DATA TYPE t`, `c TYPE t`: one property of a column.
fn set(cursor: &mut Cursor, catalog: &mut Catalog, at: usize) -> Read<()> {
    let dialect = catalog.dialect;
    cursor.eat("COLUMN");
    let name = cursor.name()?;
    with(catalog, at, |catalog, entry| {
        let mut change = |f: &dyn Fn(&mut crate::model::schema::SchemaColumn)| {
            if let Some(column) = entry.column(dialect, &name.text) {
                f(column);
            }
        };
        if cursor.eat_seq(&["SET", "DEFAULT"]) {
            let has = constraint::default(cursor)?;
            change(&|column| column.has_default = has);
        } else if cursor.eat_seq(&["DROP", "DEFAULT"]) {
            change(&|column| column.has_default = false);
        } else if cursor.eat_seq(&["SET", "NOT", "NULL"]) || cursor.eat_seq(&["NOT", "NULL"]) {
            change(&|column| column.nullable = false);
        } else if cursor.eat_seq(&["DROP", "NOT", "NULL"]) || cursor.eat("NULL") {
            change(&|column| column.nullable = true);
        } else if cursor.eat("COMMENT") {
            cursor.eat_sign(b'=');
            let text = cursor.text().filter(|text| !text.is_empty());
            change(&|column| column.comment.clone_from(&text));
        } else if cursor.eat_seq(&["SET", "VISIBLE"]) || cursor.eat_seq(&["SET", "INVISIBLE"]) {
        } else if cursor.is_any(&["SET", "UNSET"]) && !cursor.is_nth(1, "DATA") {
            cursor.skip_item()?;
        } else {
            if !cursor.eat_seq(&["SET", "DATA", "TYPE"]) {
                cursor.eat("TYPE");
            }
            let known = column::column_type(cursor, catalog)?;
            change(&|column| {
                column.ty.clone_from(&known.ty);
                column.native.clone_from(&known.native);
            });
            cursor.skip_item()?;
        }
        Ok(())
    })
}

fn rename(cursor: &mut Cursor, catalog: &mut Catalog, at: usize) -> Read<Last> {
    let dialect = catalog.dialect;
    if cursor.eat_any(&["INDEX", "KEY", "CONSTRAINT"]) {
        let from = cursor.name()?;
        if !cursor.eat("TO") {
            return cursor.stop();
        }
        let to = cursor.name()?;
        if let Some(entry) = catalog.entry(at) {
            entry.rename_constraint(dialect, &from.text, &to.text);
        }
        return Ok(Last::Nothing);
    }
    if cursor.eat("COLUMN") {
        cursor.eat_seq(&["IF", "EXISTS"]);
        let from = cursor.name()?;
        if !cursor.eat("TO") {
            return cursor.stop();
        }
        let to = cursor.name()?;
        if let Some(entry) = catalog.entry(at) {
            entry.rename_column(dialect, &from.text, &to);
        }
        return Ok(Last::Nothing);
    }
    if cursor.is_any(&["PARTITION", "SUBPARTITION"]) {
        cursor.skip_item()?;
        return Ok(Last::Nothing);
    }
    cursor.eat_any(&["TO", "AS"]);
    let path = cursor.path()?;
    let own = catalog.entries.get(at).map(|entry| entry.table.schema.clone()).unwrap_or_default();
    let (schema, name) = catalog.place(&path);
    catalog.rename_table(at, (if path.len() > 1 { schema } else { own }, name));
    Ok(Last::Nothing)
}
