//! Statements in the few forms that make up most of a dump, read word by word: the parser takes thirty times as long for them.
//!
//! INVARIANT: what is read here is read as the tree of the same text would be; whatever is not surely of these forms is `None` and goes to the
//! parser. `tests::plain` compares both ways over every text there is.

mod words;

use std::ops::Range;

use super::catalog::{Catalog, Constraint};
use super::constraints::{KeyKind, Reach, Written as WrittenKey};
use super::create::{Created, Opening, merge};
use super::tree::{Name, Place};
use super::typing::Written;
use crate::model::schema::Action;
use crate::source::Span;
use words::{Token, Words};

/// A statement of a plain form.
pub(super) enum Plain {
    /// `CREATE TABLE name (…)` with columns alone.
    Table { name: Name, at: Range<usize>, columns: Vec<Column> },
    /// `ALTER TABLE … OWNER TO …`, which shapes nothing.
    Owner,
    /// `ALTER TABLE … ADD CONSTRAINT … PRIMARY KEY` or `UNIQUE`.
    Key { table: Name, reach: Reach, kind: KeyKind, name: String, columns: Vec<String>, at: Range<usize> },
    /// `ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY`.
    Reference { table: Name, reference: Reference, at: Range<usize> },
    /// `COMMENT ON TABLE` or `COMMENT ON COLUMN`.
    Comment { table: Name, column: Option<String>, text: Option<String> },
}

/// A column with its type, `NOT NULL` and `DEFAULT`.
pub(super) struct Column {
    name: String,
    at: Range<usize>,
    written: Written,
    is_not_null: bool,
    has_default: bool,
}

/// A foreign key.
pub(super) struct Reference {
    /// Its name.
    pub name: String,
    /// The columns that hold it.
    pub columns: Vec<String>,
    /// The table it points to.
    pub to: Name,
    /// What a deletion does.
    pub on_delete: Action,
    /// What a new key does.
    pub on_update: Action,
}

/// Longer ones are left to the parser, which refuses what is too long.
const LENGTH_LIMIT: usize = 1_000_000;

/// Reads a statement, without its `;`, if it is of a plain form.
pub(super) fn read(text: &str) -> Option<Plain> {
    let mut words = Words::new(Some(text).filter(|text| text.len() <= LENGTH_LIMIT)?);
    let plain = if words.takes("create") {
        words.expect("table")?;
        words.table()?
    } else if words.takes("alter") {
        words.expect("table")?;
        words.alteration()?
    } else {
        words.expect("comment")?;
        words.expect("on")?;
        words.comment()?
    };
    (words.next()? == Token::End).then_some(plain)
}

impl Catalog {
    /// Does what the statement would do to the database.
    pub fn carry_out_plain(&mut self, plain: Plain, place: Place) -> Created {
        let span = |at: &Range<usize>| place.span(at.start, at.end);
        match plain {
            Plain::Table { name, at, columns } => return self.create_plain(name, span(&at), (columns, place)),
            Plain::Owner => {}
            Plain::Key { table, reach, kind, name, columns, at } => {
                if let Some(table) = self.find_table(&table) {
                    let constraint = Constraint {
                        name: String::new(),
                        named_after: columns.clone(),
                        columns,
                        has_expressions: false,
                        mentions: Vec::new(),
                        is_partial: false,
                        is_deferrable: false,
                        is_constraint: true,
                        span: span(&at),
                    };
                    let written = WrittenKey { name: Some(name), index: None, constraint };
                    self.add_key(table, kind, (written, reach));
                }
            }
            Plain::Reference { table, reference, at } => {
                if let Some(table) = self.find_table(&table) {
                    let Reference { name, columns, to, on_delete, on_update } = reference;
                    self.put_reference(table, (to, Some(name)), (columns, on_delete, on_update, span(&at)));
                }
            }
            Plain::Comment { table, column, text } => {
                let relation = self.find_table(&table).and_then(|table| self.tables.get_mut(table));
                match (relation, column) {
                    (Some(relation), None) => relation.comment = text,
                    (Some(relation), Some(column)) => {
                        if let Some(column) = relation.column(&column) {
                            column.comment = text;
                        }
                    }
                    (None, _) => {}
                }
            }
        }
        Created::Fine
    }

    fn create_plain(&mut self, name: Name, span: Span, (columns, place): (Vec<Column>, Place)) -> Created {
        let table = match self.open_table(name, span, Opening::default()) {
            Ok(table) => table,
            Err(created) => return created,
        };
        let columns: Vec<_> = columns
            .into_iter()
            .map(|column| {
                let Column { name, at, written, is_not_null, has_default } = column;
                let mut column = self.column_of(name, place.span(at.start, at.end), Some(written));
                column.is_not_null |= is_not_null;
                column.has_default |= has_default;
                column
            })
            .collect();
        if let Some(relation) = self.tables.get_mut(table) {
            for column in columns {
                merge(&mut relation.columns, column);
            }
        }
        Created::Fine
    }
}

impl Words<'_> {
    /// Names with dots between, and where the last one stands.
    fn dotted(&mut self) -> Option<(Vec<String>, Range<usize>)> {
        let (first, mut at) = self.name()?;
        let mut parts = vec![first];
        while self.takes_sign(b'.') {
            let (part, place) = self.name()?;
            parts.push(part);
            at = place;
        }
        Some((parts, at))
    }

    /// A name with or without a schema, and where it stands. Names of databases, and temporary tables by their schema, are the parser's.
    fn path(&mut self) -> Option<(Name, Range<usize>)> {
        let (parts, at) = self.dotted()?;
        Some((named(parts)?, at))
    }

    /// `(name, …)`.
    fn names(&mut self) -> Option<Vec<String>> {
        self.expect_sign(b'(')?;
        let mut names = Vec::new();
        loop {
            names.push(self.name()?.0);
            if !self.takes_sign(b',') {
                break;
            }
        }
        self.expect_sign(b')')?;
        Some(names)
    }

    /// Behind `CREATE TABLE`.
    fn table(&mut self) -> Option<Plain> {
        let (name, at) = self.path()?;
        self.expect_sign(b'(')?;
        let mut columns = Vec::new();
        loop {
            columns.push(self.column()?);
            if !self.takes_sign(b',') {
                break;
            }
        }
        self.expect_sign(b')')?;
        Some(Plain::Table { name, at, columns })
    }

    fn column(&mut self) -> Option<Column> {
        let (name, at) = self.name()?;
        let mut column = Column { name, at, written: self.ty()?, is_not_null: false, has_default: false };
        loop {
            if self.takes("not") {
                self.expect("null")?;
                column.is_not_null = true;
            } else if self.takes("default") {
                self.value()?;
                column.has_default = true;
            } else {
                return Some(column);
            }
        }
    }

    fn ty(&mut self) -> Option<Written> {
        let start = *self;
        let word = match self.next()? {
            Token::Word(word) => word.to_ascii_lowercase(),
            Token::Quoted(_) => String::new(),
            Token::Number(_) | Token::Text(_) | Token::Sign(_) | Token::Cast | Token::End => return None,
        };
        let mut words = vec![word];
        let mut modifiers = Vec::new();
        let (mut qualifiers, mut quoted) = (Vec::new(), false);
        match words.first().map_or("", String::as_str) {
            "double" => {
                self.expect("precision")?;
                words.push("precision".into());
            }
            "character" | "char" | "varchar" => {
                if words == ["character"] && self.takes("varying") {
                    words.push("varying".into());
                }
                modifiers = self.modifiers(1)?;
            }
            "numeric" | "decimal" => modifiers = self.modifiers(2)?,
            "timestamp" | "time" => {
                modifiers = self.modifiers(1)?;
                let with = ["with", "without"].into_iter().find(|with| self.takes(with));
                if let Some(with) = with {
                    self.expect("time")?;
                    self.expect("zone")?;
                    words.extend([with.into(), "time".into(), "zone".into()]);
                }
            }
            _ => {
                *self = start;
                let (parts, at) = self.dotted()?;
                quoted = self.byte(at.start) == b'"';
                words = parts;
                qualifiers = words.drain(..words.len().saturating_sub(1)).collect();
                if qualifiers.len() > 1 || NO_TYPES.contains(&words.first()?.as_str()) {
                    return None;
                }
            }
        }
        let mut is_array = false;
        // More dimensions are the parser's, which knows how many may be.
        for _ in 0..2 {
            if self.takes_sign(b'[') {
                self.expect_sign(b']')?;
                is_array = true;
            }
        }
        Some(Written { qualifiers, words, quoted, modifiers, is_array })
    }

    /// Up to so many numbers in parentheses, or nothing.
    fn modifiers(&mut self, limit: usize) -> Option<Vec<String>> {
        let mut modifiers = Vec::new();
        if self.takes_sign(b'(') {
            loop {
                let Token::Number(number) = self.next()? else { return None };
                modifiers.push(Some(number.to_owned()).filter(|number| !number.contains('.'))?);
                if !self.takes_sign(b',') {
                    break;
                }
            }
            self.expect_sign(b')')?;
        }
        (modifiers.len() <= limit).then_some(modifiers)
    }

    /// What stands behind `DEFAULT`, which is never a null.
    fn value(&mut self) -> Option<()> {
        match self.next()? {
            Token::Text(_) | Token::Number(_) => {}
            Token::Sign(b'-') => {
                let Token::Number(_) = self.next()? else { return None };
            }
            Token::Word(word) => {
                let is = |known: &str| word.eq_ignore_ascii_case(known);
                if ["now", "gen_random_uuid", "clock_timestamp", "nextval"].into_iter().any(is) {
                    self.expect_sign(b'(')?;
                    if is("nextval") {
                        let Token::Text(_) = self.next()? else { return None };
                        self.cast()?;
                    }
                    self.expect_sign(b')')?;
                } else if !["true", "false", "current_timestamp", "current_date"].into_iter().any(is) {
                    return None;
                }
            }
            Token::Quoted(_) | Token::Sign(_) | Token::Cast | Token::End => return None,
        }
        self.cast()
    }

    fn cast(&mut self) -> Option<()> {
        // One is what PostgreSQL writes; chains of them are the parser's, which knows how long one may be.
        if self.peek() == Some(Token::Cast) {
            self.next();
            self.ty()?;
        }
        (self.peek()? != Token::Cast).then_some(())
    }

    /// Behind `ALTER TABLE`.
    fn alteration(&mut self) -> Option<Plain> {
        let reach = if self.takes("only") { Reach::Only } else { Reach::Family };
        let (table, _) = self.path()?;
        if self.takes("owner") {
            self.expect("to")?;
            self.name()?;
            return Some(Plain::Owner);
        }
        self.expect("add")?;
        self.skip_blanks();
        let start = self.at;
        self.expect("constraint")?;
        let (name, _) = self.name()?;
        if self.takes("foreign") {
            self.expect("key")?;
            let reference = self.reference(name)?;
            return Some(Plain::Reference { table, reference, at: start..self.at });
        }
        let kind = if self.takes("unique") {
            KeyKind::Unique
        } else {
            self.expect("primary")?;
            self.expect("key")?;
            KeyKind::Primary
        };
        let columns = self.names()?;
        Some(Plain::Key { table, reach, kind, name, columns, at: start..self.at })
    }

    /// Behind `FOREIGN KEY`.
    fn reference(&mut self, name: String) -> Option<Reference> {
        let columns = self.names()?;
        self.expect("references")?;
        let (to, _) = self.path()?;
        if self.peek() == Some(Token::Sign(b'(')) {
            self.names()?;
        }
        let (mut on_update, mut on_delete) = (None, None);
        while self.takes("on") {
            let on = if self.takes("delete") {
                &mut on_delete
            } else {
                self.expect("update")?;
                &mut on_update
            };
            if on.is_some() {
                return None;
            }
            *on = Some(self.action()?);
        }
        let or_not = |action: Option<Action>| action.unwrap_or(Action::NoAction);
        Some(Reference { name, columns, to, on_delete: or_not(on_delete), on_update: or_not(on_update) })
    }

    fn action(&mut self) -> Option<Action> {
        if self.takes("cascade") {
            return Some(Action::Cascade);
        }
        if self.takes("restrict") {
            return Some(Action::Restrict);
        }
        if self.takes("no") {
            return self.expect("action").map(|()| Action::NoAction);
        }
        self.expect("set")?;
        if self.takes("null") { Some(Action::SetNull) } else { self.expect("default").map(|()| Action::SetDefault) }
    }

    /// Behind `COMMENT ON`.
    fn comment(&mut self) -> Option<Plain> {
        let is_column = self.takes("column");
        if !is_column {
            self.expect("table")?;
        }
        let (mut parts, _) = self.dotted()?;
        let column = if is_column { parts.pop() } else { None };
        let table = named(parts)?;
        self.expect("is")?;
        let text = match self.next()? {
            Token::Text(text) => Some(text.replace("''", "'")).filter(|text| !text.is_empty()),
            Token::Word(word) if word.eq_ignore_ascii_case("null") => None,
            _ => return None,
        };
        Some(Plain::Comment { table, column, text })
    }
}

/// A name of one or two parts.
fn named(mut parts: Vec<String>) -> Option<Name> {
    let name = parts.pop()?;
    let schema = parts.pop();
    let is_plain = parts.is_empty() && schema.as_deref() != Some("pg_temp");
    is_plain.then_some(Name { schema, name })
}

/// Words that more has to follow in a type.
const NO_TYPES: [&str; 2] = ["national", "setof"];
