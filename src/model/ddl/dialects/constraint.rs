//! Keys, unique constraints and foreign keys, behind a column or beside it.

use super::Dialect;
use super::catalog::{Catalog, Entry};
use super::cursor::{Cursor, Read};
use super::lex::T;
use super::skip;
use crate::model::schema::{Action, ForeignKey};
use crate::source::Span;

/// A constraint as written.
#[derive(Clone, Debug)]
pub(super) enum Constraint {
    Primary {
        name: Option<String>,
        columns: Vec<String>,
        span: Span,
    },
    Unique {
        name: Option<String>,
        columns: Vec<String>,
        is_partial: bool,
        span: Span,
    },
    Foreign {
        name: Option<String>,
        key: ForeignKey,
    },
    /// SQL Server's named default; the column it is for, where it stands beside it.
    Default {
        column: Option<String>,
        has_value: bool,
    },
    NotNull,
    Null,
    /// A check, or an index that is not unique.
    Other,
}

impl Constraint {
    /// Adds it to a table.
    pub fn apply(self, dialect: Dialect, entry: &mut Entry) {
        match self {
            Self::Primary { name, columns, span } => entry.set_key(name, columns, span),
            Self::Unique { name, columns, is_partial, span } => {
                entry.add_unique(dialect, name, columns, span);
                if let Some(unique) = entry.table.uniques.last_mut() {
                    unique.partial = is_partial;
                }
            }
            Self::Foreign { name, key } => entry.add_foreign(name, key),
            Self::Default { column: Some(column), has_value } => {
                if let Some(column) = entry.column(dialect, &column) {
                    column.has_default = has_value;
                }
            }
            Self::Default { column: None, .. } | Self::NotNull | Self::Null | Self::Other => {}
        }
    }
}

/// Stands for the schema of the table that refers.
pub(super) const OWN: &str = "\0";

/// Whether a constraint stands here.
pub(super) fn stands(cursor: &Cursor) -> bool {
    let is_index = cursor.dialect.is_mysql() && cursor.is_any(&["KEY", "INDEX"]) && !cursor.ends_item();
    cursor.is("CONSTRAINT")
        || cursor.is_seq(&["PRIMARY", "KEY"])
        || cursor.is("UNIQUE")
        || cursor.is_seq(&["FOREIGN", "KEY"])
        || cursor.is("CHECK") && cursor.is_sign_nth(1, b'(')
        || cursor.is("CHECK") && cursor.is_nth(1, "NOT")
        || is_index
}

/// Reads a constraint. `column` is the column it stands behind, if it stands behind one.
pub(super) fn read(cursor: &mut Cursor, catalog: &Catalog, column: Option<&str>) -> Read<Constraint> {
    let start = cursor.offset();
    let mut name = None;
    if cursor.eat("CONSTRAINT") {
        let is_unnamed = cursor.is_seq(&["PRIMARY", "KEY"])
            || cursor.is_seq(&["FOREIGN", "KEY"])
            || cursor.is("UNIQUE")
            || cursor.is("CHECK") && cursor.is_sign_nth(1, b'(');
        if !is_unnamed {
            // Oracle and SQL Server allow a schema in front.
            name = cursor.path()?.pop().map(|ident| ident.text);
        }
    }
    if cursor.eat("PRIMARY") {
        if !cursor.eat("KEY") {
            return cursor.stop();
        }
        let (_, columns, _) = columns(cursor, column)?;
        // MySQL calls it PRIMARY whatever is written.
        let name = name.filter(|_| !cursor.dialect.is_mysql());
        return Ok(Constraint::Primary { name, columns, span: cursor.span_from(start) });
    }
    if cursor.eat("UNIQUE") {
        let (index, columns, _) = columns(cursor, column)?;
        let span = cursor.span_from(start);
        return Ok(Constraint::Unique { name: index.or(name), columns, is_partial: false, span });
    }
    if cursor.eat_seq(&["FOREIGN", "KEY"]) {
        let (index, columns, _) = columns(cursor, None)?;
        let key = reference(cursor, catalog, columns, start)?;
        return Ok(Constraint::Foreign { name: name.or(index), key });
    }
    if cursor.is("REFERENCES") {
        let columns = column.map(str::to_owned).into_iter().collect();
        return Ok(Constraint::Foreign { name, key: reference(cursor, catalog, columns, start)? });
    }
    if cursor.eat("CHECK") {
        cursor.eat_seq(&["NOT", "FOR", "REPLICATION"]);
        cursor.group()?;
        return Ok(Constraint::Other);
    }
    if cursor.eat("DEFAULT") {
        let has_value = default(cursor)?;
        let column = if cursor.eat("FOR") { Some(cursor.name()?.text) } else { None };
        return Ok(Constraint::Default { column, has_value });
    }
    if cursor.eat_seq(&["NOT", "NULL"]) {
        return Ok(Constraint::NotNull);
    }
    if cursor.eat("NULL") {
        return Ok(Constraint::Null);
    }
    if cursor.dialect.is_mysql() && cursor.eat_any(&["KEY", "INDEX"]) {
        self::columns(cursor, None)?;
        return Ok(Constraint::Other);
    }
    cursor.stop()
}

/// Reads the value of a default; says whether it is more than NULL.
pub(super) fn default(cursor: &mut Cursor) -> Read<bool> {
    let start = cursor.offset();
    skip::expression(cursor)?;
    let value = cursor.slice(start).trim_matches(['(', ')', ' ']);
    Ok(!value.eq_ignore_ascii_case("null"))
}

/// The columns of a key, with the name of its index in front where there is one; behind a column it is that column alone.
/// The last value says whether an expression is among them; then no columns are told.
fn columns(cursor: &mut Cursor, column: Option<&str>) -> Read<(Option<String>, Vec<String>, bool)> {
    let mut name = None;
    loop {
        if cursor.eat_any(&["KEY", "INDEX", "CLUSTERED", "NONCLUSTERED", "HASH"])
            || cursor.eat_seq(&["IF", "NOT", "EXISTS"])
        {
            continue;
        }
        if cursor.is("USING") && !cursor.is_nth(1, "INDEX") {
            cursor.advance();
            cursor.advance();
            continue;
        }
        let is_name = column.is_none() && name.is_none() && cursor.is_name();
        if !is_name {
            break;
        }
        name = Some(cursor.name()?.text);
    }
    if !cursor.is_sign(b'(') {
        return match column {
            Some(column) => Ok((name, vec![column.to_owned()], false)),
            None => cursor.stop(),
        };
    }
    let (columns, has_expressions) = list(cursor)?;
    Ok((name, columns, has_expressions))
}

/// A list of columns in brackets; without names where an expression is among them.
pub(super) fn list(cursor: &mut Cursor) -> Read<(Vec<String>, bool)> {
    cursor.need_sign(b'(')?;
    let mut names = Vec::new();
    let mut has_expressions = false;
    loop {
        if cursor.is_name() {
            let name = cursor.name()?.text;
            let is_length = cursor.is_sign(b'(') && cursor.nth(1).is_some_and(|token| token.kind == T::Number);
            if is_length {
                cursor.group()?;
            }
            let is_plain = cursor.ends_item() || cursor.is_any(&["ASC", "DESC", "COLLATE", "NULLS", "WITHOUT"]);
            if is_plain {
                names.push(name);
            } else {
                has_expressions = true;
            }
        } else if cursor.ends_item() {
            return cursor.stop();
        } else {
            has_expressions = true;
        }
        cursor.skip_item()?;
        if cursor.eat_sign(b')') {
            if has_expressions {
                names.clear();
            }
            return Ok((names, has_expressions));
        }
        cursor.need_sign(b',')?;
    }
}

/// `REFERENCES table (columns) ON DELETE … ON UPDATE …`.
fn reference(cursor: &mut Cursor, catalog: &Catalog, columns: Vec<String>, start: usize) -> Read<ForeignKey> {
    if !cursor.eat("REFERENCES") {
        return cursor.stop();
    }
    let path = cursor.path()?;
    let (mut to_schema, to_table) = catalog.place(&path);
    if catalog.dialect.is_mysql() && path.len() == 1 {
        // MySQL looks in the table's own database, whichever is in use.
        OWN.clone_into(&mut to_schema);
    }
    if cursor.is_sign(b'(') {
        list(cursor)?;
    }
    let mut key = ForeignKey {
        columns,
        to_schema,
        to_table,
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        span: cursor.span_from(start),
    };
    loop {
        if cursor.eat("MATCH") {
            cursor.advance();
        } else if cursor.eat_seq(&["ON", "DELETE"]) {
            key.on_delete = action(cursor)?;
        } else if cursor.is_seq(&["ON", "UPDATE"]) && !cursor.is_nth(2, "CURRENT_TIMESTAMP") {
            cursor.advance();
            cursor.advance();
            key.on_update = action(cursor)?;
        } else {
            key.span = cursor.span_from(start);
            return Ok(key);
        }
    }
}

fn action(cursor: &mut Cursor) -> Read<Action> {
    let actions: [(&[&str], Action); 5] = [
        (&["CASCADE"], Action::Cascade),
        (&["RESTRICT"], Action::Restrict),
        (&["NO", "ACTION"], Action::NoAction),
        (&["SET", "NULL"], Action::SetNull),
        (&["SET", "DEFAULT"], Action::SetDefault),
    ];
    for (words, action) in actions {
        if cursor.eat_seq(words) {
            return Ok(action);
        }
    }
    cursor.stop()
}
