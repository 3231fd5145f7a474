//! SQL Server's procedures that shape tables: `sp_rename`, and `sp_addextendedproperty` with the remarks of tables and
//! columns.

use super::Dialect;
use super::catalog::Catalog;
use super::cursor::{Cursor, Ident, Path, Read};
use super::lex::{Lexer, T};
use super::types::known;
use super::written::Written;

/// `EXEC procedure argument, …`.
pub(super) fn call(cursor: &mut Cursor, catalog: &mut Catalog) -> Read<()> {
    cursor.eat_any(&["EXEC", "EXECUTE"]);
    if cursor.nth(1).is_some_and(|token| token.kind == T::Sign(b'=')) {
        cursor.advance();
        cursor.advance();
    }
    let Some(name) = cursor.path()?.pop() else { return Ok(()) };
    let args = args(cursor);
    let arg = |name: &str, at: usize| -> Option<String> {
        let named =
            args.iter().find(|(known, _)| known.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name)));
        let placed = || args.get(at).filter(|(name, _)| name.is_none());
        named.or_else(placed).map(|(_, value)| value.clone())
    };
    match name.text.to_ascii_lowercase().as_str() {
        "sp_rename" => {
            if let (Some(from), Some(to)) = (arg("@objname", 0), arg("@newname", 1)) {
                let what = arg("@objtype", 2).unwrap_or_default().to_ascii_uppercase();
                rename(catalog, (&from, &to), &what, name.span);
            }
        }
        "sp_addextendedproperty" | "sp_updateextendedproperty"
            if arg("@name", 0).is_some_and(|name| name.eq_ignore_ascii_case("MS_Description")) =>
        {
            let is = |at: &str, n: usize, what: &[&str]| {
                arg(at, n).is_some_and(|level| what.iter().any(|what| level.eq_ignore_ascii_case(what)))
            };
            if is("@level0type", 2, &["SCHEMA", "USER"]) && is("@level1type", 4, &["TABLE"]) {
                let (schema, table) = (arg("@level0name", 3), arg("@level1name", 5));
                let path = idents(&[schema, table], name.span);
                let value = arg("@value", 1).filter(|text| !text.is_empty());
                let column = arg("@level2name", 7).filter(|_| is("@level2type", 6, &["COLUMN"]));
                let other = arg("@level2type", 6).is_some_and(|level| !level.eq_ignore_ascii_case("COLUMN"));
                if !other {
                    remark(catalog, &path, column.as_deref(), value);
                }
            }
        }
        "sp_addtype" => {
            if let (Some(name), Some(ty)) = (arg("@typename", 0), arg("@phystype", 1)) {
                let (word, rest) = ty.split_at(ty.find('(').unwrap_or(ty.len()));
                let inner = rest.trim_matches(['(', ')']);
                let args = inner.split(',').map(|arg| arg.trim().to_lowercase()).filter(|arg| !arg.is_empty());
                let written = Written {
                    name: word.trim().to_lowercase(),
                    spelled: word.trim().to_owned(),
                    args: args.collect(),
                    ..Written::default()
                };
                let mut base = known(Dialect::Sqlserver, &written);
                base.is_not_null |= arg("@nulltype", 2).is_some_and(|null| null.eq_ignore_ascii_case("NOT NULL"));
                catalog.types.insert(("dbo".into(), name.to_lowercase()), base);
            }
        }
        _ => {}
    }
    Ok(())
}

/// The arguments with the names they are given; values that are no text count as empty ones.
fn args(cursor: &mut Cursor) -> Vec<(Option<String>, String)> {
    let mut args = Vec::new();
    while !cursor.is_done() {
        let mut name = None;
        if cursor.is_sign_nth(1, b'=') {
            name = Some(cursor.word());
            cursor.advance();
            cursor.advance();
        }
        let start = cursor.offset();
        let value = cursor.text();
        if cursor.skip_item().is_err() {
            break;
        }
        let raw = cursor.slice(start).trim();
        let word = if raw.eq_ignore_ascii_case("null") { "" } else { raw.trim_matches(['"', '[', ']']) };
        args.push((name, value.unwrap_or_else(|| word.to_owned())));
        if !cursor.eat_sign(b',') {
            break;
        }
    }
    args
}

fn idents(names: &[Option<String>], span: crate::source::Span) -> Path {
    names.iter().flatten().map(|text| Ident { text: text.clone(), span }).collect()
}

/// A dotted name inside a text, as SQL Server reads it.
fn path(text: &str, span: crate::source::Span) -> Path {
    let mut lexer = Lexer::new(text, Dialect::Sqlserver);
    let mut path = Vec::new();
    while let Some(token) = lexer.token() {
        let raw = text.get(token.start..token.end).unwrap_or("");
        match token.kind {
            T::Word | T::Number => path.push(Ident { text: raw.to_owned(), span }),
            T::Quoted => {
                let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("").replace("]]", "]");
                path.push(Ident { text: inner, span });
            }
            T::Text | T::Sign(_) | T::End | T::Batch | T::Unclosed => {}
        }
    }
    path
}

fn rename(catalog: &mut Catalog, (from, to): (&str, &str), what: &str, span: crate::source::Span) {
    let dialect = catalog.dialect;
    let mut from = path(from, span);
    let to = Ident { text: to.trim_matches(['[', ']']).to_owned(), span };
    if what == "COLUMN" {
        let Some(column) = from.pop() else { return };
        if let Some(entry) = catalog.find(&from).and_then(|at| catalog.entry(at)) {
            entry.rename_column(dialect, &column.text, &to);
        }
        return;
    }
    if what != "INDEX"
        && let Some(at) = catalog.find(&from)
    {
        let schema = catalog.entries.get(at).map(|entry| entry.table.schema.clone()).unwrap_or_default();
        catalog.rename_table(at, (schema, to.text));
        return;
    }
    // An index is `table.index`, a constraint stands alone.
    let Some(last) = from.pop() else { return };
    for entry in &mut catalog.entries {
        let is_table = from
            .last()
            .is_none_or(|table| what != "INDEX" || super::catalog::same(dialect, &entry.table.name, &table.text));
        if is_table {
            entry.rename_constraint(dialect, &last.text, &to.text);
        }
    }
}

fn remark(catalog: &mut Catalog, path: &Path, column: Option<&str>, value: Option<String>) {
    let dialect = catalog.dialect;
    let Some(entry) = catalog.find(path).and_then(|at| catalog.entry(at)) else { return };
    match column {
        Some(column) => {
            if let Some(column) = entry.column(dialect, column) {
                column.comment = value;
            }
        }
        None => entry.table.comment = value,
    }
}
