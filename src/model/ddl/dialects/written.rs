//! Types as they are written: the words, what stands in brackets, and the words behind.

use super::cursor::{Cursor, Read};
use super::lex::T;

/// A type as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// The schema in front, of types that people declare.
    pub schema: Option<String>,
    /// The words in lower case, such as `double precision`.
    pub name: String,
    /// As it is spelled, for types that people declare.
    pub spelled: String,
    /// What stands in brackets, part by part; texts are decoded.
    pub args: Vec<String>,
    /// MySQL's `unsigned`, also by `zerofill`.
    pub is_unsigned: bool,
    /// MySQL's `zerofill`.
    pub is_zerofill: bool,
    /// MySQL's character set `binary`: bytes, not text.
    pub is_binary: bool,
}

/// Words that may stand where a column's type would, and begin something else.
const NO_TYPE: &[&str] = &[
    "AS",
    "GENERATED",
    "NOT",
    "NULL",
    "DEFAULT",
    "PRIMARY",
    "UNIQUE",
    "CONSTRAINT",
    "CHECK",
    "REFERENCES",
    "COLLATE",
    "COMMENT",
    "VISIBLE",
    "INVISIBLE",
    "ENABLE",
    "DISABLE",
];

/// Whether a type stands here.
pub(super) fn is_type(cursor: &Cursor) -> bool {
    cursor.is_name() && !cursor.is_any(NO_TYPE)
}

impl Written {
    /// Reads the type that stands here.
    pub fn read(cursor: &mut Cursor) -> Read<Self> {
        let mut path = cursor.path()?;
        let first = path.pop().map(|ident| ident.text).unwrap_or_default();
        let mut written = Self {
            schema: path.pop().map(|ident| ident.text),
            name: first.to_lowercase(),
            spelled: first,
            ..Self::default()
        };
        written.more_words(cursor);
        if cursor.is_sign(b'(') {
            written.args = args(cursor)?;
        }
        written.words_behind(cursor)?;
        if cursor.dialect.is_mysql() {
            written.mysql_words(cursor);
        }
        Ok(written)
    }

    fn word(&mut self, cursor: &mut Cursor) {
        let word = cursor.word().to_lowercase();
        cursor.advance();
        self.name.push(' ');
        self.name.push_str(&word);
    }

    /// The second and third word of a name of several.
    fn more_words(&mut self, cursor: &mut Cursor) {
        loop {
            let goes_on = match self.name.as_str() {
                "double" => cursor.is("PRECISION"),
                "char" | "character" | "nchar" | "national char" | "national character" | "binary" => {
                    cursor.is("VARYING")
                }
                "national" => cursor.is_any(&["CHAR", "CHARACTER", "VARCHAR", "VARCHARACTER"]),
                "long" => cursor.is_any(&["RAW", "VARCHAR", "VARBINARY"]),
                "interval" => cursor.is_any(&["YEAR", "DAY"]),
                _ => false,
            };
            if !goes_on {
                return;
            }
            self.word(cursor);
        }
    }

    /// Words behind the brackets that belong to the type.
    fn words_behind(&mut self, cursor: &mut Cursor) -> Read<()> {
        let is_moment = matches!(self.name.as_str(), "timestamp" | "time");
        if is_moment && cursor.is_any(&["WITH", "WITHOUT"]) {
            let zoned = [1, 2].iter().any(|&n| cursor.is_nth(n, "TIME") && cursor.is_nth(n + 1, "ZONE"));
            if zoned {
                while !self.name.ends_with(" zone") {
                    self.word(cursor);
                }
            }
        }
        if self.name.starts_with("interval ") && cursor.is("TO") {
            self.word(cursor);
            self.word(cursor);
            cursor.group_if_any()?;
        }
        Ok(())
    }

    fn mysql_words(&mut self, cursor: &mut Cursor) {
        loop {
            if cursor.eat("UNSIGNED") {
                self.is_unsigned = true;
            } else if cursor.eat("ZEROFILL") {
                (self.is_unsigned, self.is_zerofill) = (true, true);
            } else if cursor.is_seq(&["CHARACTER", "SET"]) || cursor.is("CHARSET") {
                cursor.eat("CHARACTER");
                cursor.advance();
                cursor.eat_sign(b'=');
                self.is_binary = cursor.is("BINARY");
                cursor.advance();
            } else if !cursor.eat_any(&["SIGNED", "ASCII", "UNICODE", "BINARY"]) {
                if !cursor.eat("BYTE") {
                    return;
                }
                self.is_binary = true;
            }
        }
    }

    /// The number at a place in the brackets.
    pub fn number(&self, at: usize) -> Option<u32> {
        self.args.get(at)?.split_whitespace().next()?.parse().ok()
    }

    /// What stands in the brackets, as one text with them; empty where there are none.
    pub fn brackets(&self) -> String {
        if self.args.is_empty() { String::new() } else { format!("({})", self.args.join(",")) }
    }
}

/// What stands in brackets, part by part.
fn args(cursor: &mut Cursor) -> Read<Vec<String>> {
    cursor.need_sign(b'(')?;
    let mut args = Vec::new();
    loop {
        let mut part: Vec<String> = Vec::new();
        while !cursor.ends_item() {
            if let Some(text) = cursor.text() {
                part.push(text);
                continue;
            }
            let Some(token) = cursor.peek() else { return cursor.stop() };
            if token.kind == T::Sign(b'(') {
                let start = token.start;
                cursor.group()?;
                part.push(cursor.slice(start).to_lowercase());
                continue;
            }
            part.push(cursor.raw(token).to_lowercase());
            cursor.advance();
        }
        // A minus belongs to its number.
        let joined = part.join(" ");
        args.push(joined.strip_prefix("- ").map_or(joined.clone(), |number| format!("-{number}")));
        if cursor.eat_sign(b')') {
            return Ok(args);
        }
        cursor.need_sign(b',')?;
    }
}
