//! A column: its type, and the words behind it.

use super::catalog::{Catalog, Entry};
use super::constraint::{self, Constraint};
use super::cursor::{Cursor, Ident, Read};
use super::types::{Known, known};
use super::written::{Written, is_type};
use super::{Dialect, skip};
use crate::model::schema::{Generated, SchemaColumn};
use crate::model::types::Type;

/// A column as written.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub column: SchemaColumn,
    /// A type is written; else a change leaves the old one.
    pub has_type: bool,
    /// What is said of NULL, if anything is.
    pub says_null: Option<bool>,
    /// A default is said, even NULL.
    pub says_default: bool,
    /// Keys and the like that stand behind it.
    pub constraints: Vec<Constraint>,
    /// Where MySQL puts it.
    pub position: Option<Position>,
}

/// Where a column is put.
#[derive(Clone, Debug)]
pub(super) enum Position {
    First,
    After(String),
}

impl Draft {
    fn new(name: &Ident, ty: Option<Known>) -> Self {
        let has_type = ty.is_some();
        let ty = ty.unwrap_or_else(|| Known::other("unknown"));
        let says_null = ty.is_not_null.then_some(false);
        let column = SchemaColumn {
            name: name.text.clone(),
            span: name.span,
            ty: ty.ty,
            native: ty.native,
            nullable: true,
            generated: Generated::No,
            has_default: ty.has_default,
            toastable: ty.is_wide,
            comment: None,
        };
        Self { column, has_type, says_null, says_default: false, constraints: Vec::new(), position: None }
    }

    /// Adds the column to a table, with its constraints.
    pub fn add(mut self, dialect: Dialect, entry: &mut Entry) {
        self.column.nullable = self.says_null.unwrap_or(true);
        let position = self.position.take();
        let constraints = std::mem::take(&mut self.constraints);
        let columns = &mut entry.table.columns;
        if columns.iter().any(|column| super::catalog::same(dialect, &column.name, &self.column.name)) {
            return;
        }
        let at = match position {
            Some(Position::First) => 0,
            Some(Position::After(name)) => {
                entry.column_at(dialect, &name).map_or(entry.table.columns.len(), |at| at + 1)
            }
            None => columns.len(),
        };
        let at = at.min(entry.table.columns.len());
        entry.table.columns.insert(at, self.column);
        for constraint in constraints {
            constraint.apply(dialect, entry);
        }
    }
}

/// Reads a column with its name.
pub(super) fn read(cursor: &mut Cursor, catalog: &Catalog) -> Read<Draft> {
    let name = cursor.name()?;
    body(cursor, catalog, &name)
}

/// Reads what stands behind a column's name.
pub(super) fn body(cursor: &mut Cursor, catalog: &Catalog, name: &Ident) -> Read<Draft> {
    let mut ty = None;
    // MySQL's `SERIAL` makes the column unique as well.
    let is_serial = catalog.dialect.is_mysql() && cursor.is("SERIAL");
    if is_type(cursor) {
        ty = Some(column_type(cursor, catalog)?);
    } else if catalog.dialect == Dialect::Sqlserver && name.text.eq_ignore_ascii_case("timestamp") && cursor.ends_item()
    {
        let written = Written { name: "timestamp".into(), ..Written::default() };
        ty = Some(known(catalog.dialect, &written));
    }
    let mut draft = Draft::new(name, ty);
    if is_serial {
        let columns = vec![name.text.clone()];
        draft.constraints.push(Constraint::Unique { name: None, columns, is_partial: false, span: name.span });
    }
    while !cursor.ends_item() {
        if !option(cursor, catalog, &mut draft)? {
            break;
        }
    }
    Ok(draft)
}

/// Reads a type; those that the files declare are followed.
pub(super) fn column_type(cursor: &mut Cursor, catalog: &Catalog) -> Read<Known> {
    let written = Written::read(cursor)?;
    let name = written.spelled.to_lowercase();
    let schema = written.schema.as_ref().map(|schema| schema.to_lowercase());
    let declared = catalog.types.iter().find(|((known_schema, known_name), _)| {
        *known_name == name && schema.as_ref().is_none_or(|schema| schema == known_schema)
    });
    Ok(declared.map_or_else(|| known(catalog.dialect, &written), |(_, known)| known.clone()))
}

/// Words that say nothing the reader needs, alone.
const PLAIN: &[&str] = &[
    "VISIBLE",
    "INVISIBLE",
    "SPARSE",
    "ROWGUIDCOL",
    "HIDDEN",
    "FILESTREAM",
    "ENCRYPT",
    "SALT",
    "ORDER",
    "NOORDER",
    "UNSIGNED",
    "ZEROFILL",
    "BINARY",
    "RESERVABLE",
    "ASCII",
    "UNICODE",
    "NOPROMPT",
];

/// Words with a value behind them, with or without `=`.
const VALUED: &[&str] = &[
    "COLUMN_FORMAT",
    "STORAGE",
    "SRID",
    "REF_SYSTEM_ID",
    "COLLATE",
    "CHARSET",
    "ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE_ATTRIBUTE",
];

/// Reads one word behind a column's type with what belongs to it; `false` where it is none.
fn option(cursor: &mut Cursor, catalog: &Catalog, draft: &mut Draft) -> Read<bool> {
    if cursor.eat_seq(&["NOT", "NULL"]) {
        draft.says_null = Some(false);
    } else if cursor.eat("NULL") {
        draft.says_null = Some(true);
    } else if cursor.eat("DEFAULT") {
        draft.says_default = true;
        if cursor.eat_seq(&["ON", "NULL"]) {
            draft.says_null = Some(false);
            if cursor.eat_seq(&["FOR", "INSERT"]) {
                cursor.advance();
                cursor.eat("UPDATE");
            }
        }
        draft.column.has_default = constraint::default(cursor)?;
    } else if constraint::stands(cursor) || cursor.is("REFERENCES") {
        named(cursor, catalog, draft)?;
    } else if cursor.eat_any(&["AUTO_INCREMENT", "AUTOINCREMENT", "IDENTITY"]) {
        draft.column.has_default = true;
        if catalog.dialect != Dialect::Snowflake {
            draft.says_null = Some(false);
        }
        cursor.group_if_any()?;
        while cursor.eat_any(&["START", "INCREMENT"]) {
            cursor.eat_any(&["WITH", "BY"]);
            cursor.eat_sign(b'=');
            skip::expression(cursor)?;
        }
    } else if cursor.eat("COMMENT") {
        cursor.eat_sign(b'=');
        let Some(text) = cursor.text() else { return cursor.stop() };
        draft.column.comment = Some(text).filter(|text| !text.is_empty());
    } else if cursor.is("GENERATED") || cursor.is("AS") {
        generated(cursor, catalog, draft)?;
    } else if cursor.eat("VIRTUAL") {
        draft.column.generated = Generated::Virtual;
    } else if cursor.eat_any(&["STORED", "PERSISTED", "PERSISTENT", "MATERIALIZED"]) {
        draft.column.generated = Generated::Stored;
    } else if cursor.is_seq(&["ON", "UPDATE"]) {
        cursor.advance();
        cursor.advance();
        skip::expression(cursor)?;
    } else if cursor.eat_seq(&["CHARACTER", "SET"]) {
        cursor.eat_sign(b'=');
        cursor.advance();
    } else if cursor.is_any(VALUED) {
        skip::option(cursor)?;
    } else if cursor.eat("COMPRESSED") {
        if cursor.eat_sign(b'=') {
            cursor.advance();
        }
    } else if cursor.eat("FIRST") {
        draft.position = Some(Position::First);
    } else if cursor.eat("AFTER") {
        draft.position = Some(Position::After(cursor.name()?.text));
    } else {
        return rare(cursor);
    }
    Ok(true)
}

/// Words that few columns have.
fn rare(cursor: &mut Cursor) -> Read<bool> {
    if cursor.eat_seq(&["COLUMN_SET", "FOR"]) || cursor.eat("NO") {
        cursor.advance();
    } else if cursor.eat_seq(&["WITH", "SYSTEM", "VERSIONING"])
        || cursor.eat_seq(&["WITHOUT", "SYSTEM", "VERSIONING"])
        || cursor.eat_seq(&["WITH", "ROWID"])
    {
    } else if cursor.eat_seq(&["SCOPE", "IS"]) {
        cursor.path()?;
    } else if cursor.eat_any(&["MASKED", "ENCRYPTED"]) {
        if !cursor.eat("WITH") {
            return cursor.stop();
        }
        cursor.group()?;
    } else if cursor.is("INDEX") && cursor.dialect == Dialect::Sqlserver {
        cursor.advance();
        cursor.name()?;
        cursor.eat("UNIQUE");
        cursor.eat_any(&["CLUSTERED", "NONCLUSTERED"]);
        cursor.group_if_any()?;
    } else if let Some(words) = [1, 0].into_iter().find(|&with| {
        (with == 0 || cursor.is("WITH"))
            && (cursor.is_nth(with + 1, "POLICY") || cursor.is_nth(with, "TAG") && cursor.is_sign_nth(with + 1, b'('))
    }) {
        // Snowflake: [WITH] MASKING POLICY name [USING (…)], [WITH] TAG (…).
        for _ in 0..=words {
            cursor.advance();
        }
        if cursor.eat("POLICY") {
            cursor.path()?;
            cursor.eat("USING");
        }
        cursor.group_if_any()?;
    } else if !cursor.eat_any(PLAIN) {
        return skip::tail_word(cursor);
    }
    Ok(true)
}

/// A constraint behind a column.
fn named(cursor: &mut Cursor, catalog: &Catalog, draft: &mut Draft) -> Read<()> {
    let start = cursor.offset();
    // MySQL: `KEY` alone is the primary key.
    if cursor.dialect.is_mysql() && cursor.is("KEY") {
        cursor.advance();
        let columns = vec![draft.column.name.clone()];
        draft.constraints.push(Constraint::Primary { name: None, columns, span: cursor.span_from(start) });
        return Ok(());
    }
    match constraint::read(cursor, catalog, Some(&draft.column.name))? {
        Constraint::NotNull => draft.says_null = Some(false),
        Constraint::Null => draft.says_null = Some(true),
        Constraint::Default { column: None, has_value } => {
            draft.says_default = true;
            draft.column.has_default = has_value;
        }
        Constraint::Other => {
            let is_json = cursor.slice(start).to_ascii_lowercase().contains("json_valid(");
            // MariaDB has no JSON type of its own: a text with this check is what its `JSON` makes.
            if catalog.dialect.is_mysql() && is_json && draft.column.ty == Type::Text {
                draft.column.ty = Type::Json;
            }
        }
        // A column of Oracle's may take its type from the one it refers to.
        Constraint::Foreign { name, key } => {
            if !draft.has_type && catalog.dialect == Dialect::Oracle {
                if let Some(known) = referred(catalog, &key) {
                    (draft.column.ty, draft.column.native) = known;
                }
                draft.has_type = true;
            }
            draft.constraints.push(Constraint::Foreign { name, key });
        }
        other @ (Constraint::Primary { .. } | Constraint::Unique { .. } | Constraint::Default { .. }) => {
            draft.constraints.push(other);
        }
    }
    Ok(())
}

fn referred(catalog: &Catalog, key: &crate::model::schema::ForeignKey) -> Option<(Type, String)> {
    let is = |entry: &&Entry| entry.table.name == key.to_table && entry.table.schema == key.to_schema;
    let table = &catalog.entries.iter().find(is)?.table;
    let column = table.column(table.primary_key.as_ref()?.columns.first()?)?;
    Some((column.ty.clone(), column.native.clone()))
}

/// `GENERATED … AS …`, and `AS …` alone.
fn generated(cursor: &mut Cursor, catalog: &Catalog, draft: &mut Draft) -> Read<()> {
    if cursor.eat("GENERATED") && !cursor.eat("ALWAYS") {
        if !cursor.eat_seq(&["BY", "DEFAULT"]) {
            return cursor.stop();
        }
        cursor.eat_seq(&["ON", "NULL"]);
    }
    if !cursor.eat("AS") {
        return cursor.stop();
    }
    if cursor.eat("IDENTITY") {
        draft.column.has_default = true;
        draft.says_null = Some(false);
        cursor.group_if_any()?;
        return sequence(cursor);
    }
    if cursor.eat_any(&["ROW", "TRANSACTION_ID", "SEQUENCE_NUMBER", "SUSER_SID", "SUSER_SNAME"]) {
        // The period of a row's version, which the server writes (MariaDB 10.11's catalogue calls it stored, and NOT NULL).
        draft.column.generated = Generated::Stored;
        draft.says_null = Some(false);
        return if cursor.eat_any(&["START", "END"]) { Ok(()) } else { cursor.stop() };
    }
    let start = cursor.offset();
    if !draft.has_type
        && let Some(known) = converted(*cursor, catalog)
    {
        (draft.column.ty, draft.column.native) = (known.ty, known.native);
    } else if !draft.has_type {
        // What an expression yields is not worked out.
        (draft.column.ty, draft.column.native) = (Type::Other("computed".into()), "computed".into());
    }
    draft.has_type = true;
    skip::expression(cursor)?;
    let is_there = !cursor.slice(start).is_empty();
    draft.column.generated = if is_there { Generated::Virtual } else { Generated::No };
    Ok(())
}

/// The properties of an identity's sequence, which Oracle's own scripts write without brackets.
fn sequence(cursor: &mut Cursor) -> Read<()> {
    loop {
        let valued = cursor.eat_any(&["MINVALUE", "MAXVALUE", "CACHE"])
            || cursor.eat_seq(&["INCREMENT", "BY"])
            || cursor.eat_seq(&["START", "WITH"]);
        if valued {
            if !cursor.eat_seq(&["LIMIT", "VALUE"]) {
                skip::expression(cursor)?;
            }
        } else if !cursor.eat_any(SEQUENCE) {
            return Ok(());
        }
    }
}

/// Properties of a sequence without a value.
const SEQUENCE: &[&str] = &[
    "NOMINVALUE",
    "NOMAXVALUE",
    "NOCACHE",
    "ORDER",
    "NOORDER",
    "CYCLE",
    "NOCYCLE",
    "KEEP",
    "NOKEEP",
    "SCALE",
    "NOSCALE",
    "EXTEND",
    "NOEXTEND",
    "GLOBAL",
    "SESSION",
];

/// The type of an expression that is a conversion as a whole: `CONVERT([int], …)`, `CAST(… AS int)`.
fn converted(mut cursor: Cursor, catalog: &Catalog) -> Option<Known> {
    while cursor.eat_sign(b'(') {}
    if catalog.dialect == Dialect::Sqlserver && cursor.eat_any(&["CONVERT", "TRY_CONVERT"]) {
        cursor.need_sign(b'(').ok()?;
        let known = column_type(&mut cursor, catalog).ok()?;
        return whole(cursor).then_some(known);
    }
    if !cursor.eat("CAST") {
        return None;
    }
    cursor.need_sign(b'(').ok()?;
    while !cursor.is("AS") {
        if cursor.is_sign(b'(') {
            cursor.group().ok()?;
        } else if cursor.ends_item() {
            return None;
        } else {
            cursor.advance();
        }
    }
    cursor.advance();
    let known = column_type(&mut cursor, catalog).ok()?;
    whole(cursor).then_some(known)
}

/// Whether only brackets close behind the list that the cursor is in.
fn whole(mut cursor: Cursor) -> bool {
    while !cursor.eat_sign(b')') {
        if cursor.skip_item().is_err() || !(cursor.is_sign(b')') || cursor.eat_sign(b',')) {
            return false;
        }
    }
    while cursor.eat_sign(b')') {}
    cursor.peek().is_none_or(|token| !matches!(token.kind, super::lex::T::Sign(sign) if sign != b','))
}
