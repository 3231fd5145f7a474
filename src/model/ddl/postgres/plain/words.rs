//! The words, strings and signs of a statement of a plain form.

use std::ops::Range;

use super::super::tree::fold;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Letters, digits and `_`.
    Word(&'a str),
    /// A name in double quotes, which are still around it.
    Quoted(&'a str),
    /// Digits, and digits behind a dot.
    Number(&'a str),
    /// The inside of a string.
    Text(&'a str),
    /// One of `(),.[]-`.
    Sign(u8),
    /// `::`.
    Cast,
    /// Nothing more.
    End,
}

/// Reads word after word; `None` is a sign that no plain form has.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    text: &'a str,
    /// Behind what is read.
    pub(super) at: usize,
}

impl<'a> Words<'a> {
    /// Starts at the beginning of a statement.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte at a place; 0 behind the end.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn run(&self, from: usize, holds: impl Fn(u8) -> bool) -> usize {
        let bytes = self.text.as_bytes().get(from..).unwrap_or_default();
        bytes.iter().position(|byte| !holds(*byte)).map_or(self.text.len(), |len| from + len)
    }

    /// Moves over blanks.
    pub(super) fn skip_blanks(&mut self) {
        self.at = self.run(self.at, |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    }

    /// Moves over what stands here.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks();
        let start = self.at;
        if start >= self.text.len() {
            return Some(Token::End);
        }
        let (token, end) = match self.byte(start) {
            byte if is_letter(byte) => {
                let end = self.run(start, is_part);
                // `E'…'`, `U&"…"` and names with `$` or letters of other alphabets are the parser's.
                let ends = !matches!(self.byte(end), b'\'' | b'"' | b'&' | b'$') && self.byte(end).is_ascii();
                (Token::Word(self.text.get(start..end).filter(|_| ends)?), end)
            }
            byte if byte.is_ascii_digit() => {
                let mut end = self.run(start, |byte| byte.is_ascii_digit());
                if self.byte(end) == b'.' && self.byte(end + 1).is_ascii_digit() {
                    end = self.run(end + 1, |byte| byte.is_ascii_digit());
                }
                let ends = !is_part(self.byte(end)) && self.byte(end) != b'.' && self.byte(end).is_ascii();
                (Token::Number(self.text.get(start..end).filter(|_| ends)?), end)
            }
            b'"' => {
                let end = self.run(start + 1, |byte| byte != b'"' && byte != b'\\' && byte != 0);
                let whole = self.text.get(start..end + 1).filter(|whole| whole.len() > 2 && whole.ends_with('"'))?;
                // A doubled quote is the parser's.
                (Token::Quoted(Some(whole).filter(|_| self.byte(end + 1) != b'"')?), end + 1)
            }
            b'\'' => {
                let end = self.text_end(start)?;
                (Token::Text(self.text.get(start + 1..end - 1)?), end)
            }
            b':' if self.byte(start + 1) == b':' => (Token::Cast, start + 2),
            sign @ (b'(' | b')' | b',' | b'.' | b'[' | b']' | b'-') => (Token::Sign(sign), start + 1),
            _ => return None,
        };
        self.at = end;
        Some(token)
    }

    /// Behind the quote that closes the string at `start`; none where something in it may be more than text to the parser or to what mends texts.
    fn text_end(&self, start: usize) -> Option<usize> {
        let mut at = start + 1;
        loop {
            at = self.run(at, |byte| !matches!(byte, b'\'' | b'\\' | b':' | b'@' | b'$' | b'{' | 0));
            match self.byte(at) {
                b'\'' if self.byte(at + 1) == b'\'' => at += 2,
                b'\'' => break,
                // `{}` is an empty array.
                b'{' if self.byte(at + 1) == b'}' => at += 2,
                _ => return None,
            }
        }
        let inside = self.text.get(start + 1..at)?;
        let word = b"exclude";
        let mended = inside.as_bytes().windows(word.len()).any(|piece| piece.eq_ignore_ascii_case(word));
        (!mended).then_some(at + 1)
    }

    /// What stands here.
    pub(super) fn peek(&self) -> Option<Token<'a>> {
        let mut ahead = *self;
        ahead.next()
    }

    /// Moves over a word if it stands here.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let mut ahead = *self;
        let found = matches!(ahead.next(), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        if found {
            *self = ahead;
        }
        found
    }

    /// Moves over a sign if it stands here.
    pub(super) fn takes_sign(&mut self, sign: u8) -> bool {
        let found = self.peek() == Some(Token::Sign(sign));
        if found {
            self.next();
        }
        found
    }

    /// Moves over a word that has to stand here.
    pub(super) fn expect(&mut self, word: &str) -> Option<()> {
        self.takes(word).then_some(())
    }

    /// Moves over a sign that has to stand here.
    pub(super) fn expect_sign(&mut self, sign: u8) -> Option<()> {
        self.takes_sign(sign).then_some(())
    }

    /// A name as PostgreSQL folds it, and where it stands.
    pub(super) fn name(&mut self) -> Option<(String, Range<usize>)> {
        self.skip_blanks();
        let start = self.at;
        let name = match self.next()? {
            Token::Word(word) => Some(fold(word)).filter(|word| NO_NAMES.binary_search(&word.as_str()).is_err())?,
            Token::Quoted(quoted) => fold(quoted),
            Token::Number(_) | Token::Text(_) | Token::Sign(_) | Token::Cast | Token::End => return None,
        };
        Some((name, start..self.at))
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Words that are no names without quotes, or not everywhere: left to the parser. Sorted.
const NO_NAMES: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exclude",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "period",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "uescape",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];
