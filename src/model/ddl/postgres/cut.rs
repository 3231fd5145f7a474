//! Cuts the text of a SQL file into statements, as `psql` would: it knows strings, comments, dollar quotes, the data of
//! `COPY … FROM stdin` and backslash commands, and nothing else of the language.
//!
//! Cutting by hand in front of the parser keeps megabytes of data out of the parser, and keeps one broken statement
//! from spoiling its neighbours.

use super::super::marks::{Mark, mark, next_up};

/// One statement, from its first word to its `;`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement<'a> {
    /// Offset of the first word in the file.
    pub start: usize,
    /// The statement without its `;`.
    pub text: &'a str,
    /// Why it ends where it ends.
    pub end: End,
}

/// Why a statement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A `;`, or what stands for it.
    Mark,
    /// The end of the file.
    File,
    /// The next statement begins although no `;` was seen.
    Next,
    /// A string or comment that is never closed runs to the end of the file.
    Unclosed,
}

/// What of a statement's kind matters for cutting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Plain,
    /// `CREATE SCHEMA`: other `CREATE`s are parts of it.
    Schema,
    /// `CREATE RULE`: may hold a list of statements in parentheses.
    Rule,
    /// `CREATE FUNCTION` and the like: may hold `BEGIN ATOMIC … END`.
    Routine,
    /// `COPY`: data may follow.
    Copy,
}

/// Reads statement after statement.
pub(super) struct Cutter<'a> {
    text: &'a str,
    at: usize,
    /// `standard_conforming_strings = off`: a backslash escapes in every string.
    backslashes: bool,
}

impl<'a> Cutter<'a> {
    /// Starts at the beginning of a text.
    pub fn new(text: &'a str) -> Self {
        // A byte order mark is no part of the first word.
        Self { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 }, backslashes: false }
    }

    /// Goes back to a place inside what was already cut.
    pub fn rewind(&mut self, at: usize) {
        self.at = at;
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or("")
    }

    fn line_end(&self, at: usize) -> usize {
        self.rest(at).find('\n').map_or(self.text.len(), |n| at + n)
    }

    /// Whether only blanks stand between the start of the line and `at`.
    fn opens_line(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or("");
        before.bytes().rev().find(|byte| !matches!(byte, b' ' | b'\t')).is_none_or(|byte| byte == b'\n')
    }

    /// Moves over blanks and comments to the first byte of a statement.
    fn skip_blanks(&mut self) {
        loop {
            match self.byte(self.at) {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c | b';' => self.at += 1,
                b'-' if self.byte(self.at + 1) == b'-' => self.line_comment(),
                b'#' if self.opens_line(self.at) => self.line_comment(),
                b'/' if self.byte(self.at + 1) == b'*' => self.at = self.block_end(self.at).unwrap_or(self.text.len()),
                _ => return,
            }
        }
    }

    /// Moves over a line comment at the start of a statement; a "down" half of a migration goes with it.
    fn line_comment(&mut self) {
        let end = self.line_end(self.at);
        let undo = mark(self.text.get(self.at..end).unwrap_or("")) == Some(Mark::Down);
        self.at = if undo && self.opens_line(self.at) { next_up(self.text, end) } else { end };
    }

    /// Behind the `*/` that closes the comment at `at`; block comments nest.
    fn block_end(&self, at: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let mut at = at;
        while at < self.text.len() {
            match (self.byte(at), self.byte(at + 1)) {
                (b'/', b'*') => {
                    depth += 1;
                    at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => at += 1,
            }
        }
        None
    }

    /// Behind the quote that closes the one at `at`; doubled quotes go on.
    fn quote_end(&self, at: usize, escapes: Escapes) -> Option<usize> {
        let quote = self.byte(at);
        let mut at = at + 1;
        while at < self.text.len() {
            let byte = self.byte(at);
            if byte == quote {
                if self.byte(at + 1) != quote {
                    return Some(at + 1);
                }
                at += 2;
            } else if byte == b'\\' && escapes == Escapes::Backslash {
                at += 2;
            } else {
                at += 1;
            }
        }
        None
    }

    /// Behind the dollar quote that starts at `at`: `Some(None)` where it never closes, `None` where it is none.
    fn dollar_end(&self, at: usize) -> Option<Option<usize>> {
        let rest = self.rest(at + 1);
        let tag = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let starts_with_digit = rest.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        if self.byte(at + 1 + tag) != b'$' || starts_with_digit {
            return None;
        }
        let mark = self.text.get(at..at + tag + 2)?;
        let body = at + mark.len();
        Some(self.rest(body).find(mark).map(|n| body + n + mark.len()))
    }

    /// Moves over the lines of data behind `COPY … FROM stdin;`.
    fn data(&mut self) {
        let mut at = self.line_end(self.at);
        while at < self.text.len() {
            let end = self.line_end(at + 1);
            if self.text.get(at + 1..end).is_some_and(|line| line.trim_end() == "\\.") {
                self.at = end;
                return;
            }
            at = end;
        }
        // No end of data: the file was cut down to its statements, so there is no data either.
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Doubled,
    Backslash,
}

impl<'a> Iterator for Cutter<'a> {
    type Item = Statement<'a>;

    fn next(&mut self) -> Option<Statement<'a>> {
        self.skip_blanks();
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        let manner = manner(self.rest(start));
        let (stop, resume, end) = if self.byte(start) == b'\\' {
            let stop = self.line_end(start);
            (stop, stop, End::Mark)
        } else {
            self.body(start, manner)
        };
        self.at = resume.max(start + 1);
        let text = self.text.get(start..stop).unwrap_or("");
        if manner == Manner::Copy && end == End::Mark && reads_stdin(text) {
            self.data();
        }
        if let Some(value) = setting(text, "standard_conforming_strings") {
            self.backslashes = value.eq_ignore_ascii_case("off");
        }
        Some(Statement { start, text, end })
    }
}

impl Cutter<'_> {
    /// Where the statement stops, where reading goes on, and why.
    fn body(&self, start: usize, manner: Manner) -> (usize, usize, End) {
        let len = self.text.len();
        let unclosed = (len, len, End::Unclosed);
        let mut at = start;
        let mut depth = 0_usize;
        let mut blocks = 0_usize;
        let mut last = "";
        while at < len {
            let byte = self.byte(at);
            match byte {
                b'\'' | b'"' => {
                    let backslash = byte == b'\'' && (self.backslashes || last.eq_ignore_ascii_case("e"));
                    let escapes = if backslash { Escapes::Backslash } else { Escapes::Doubled };
                    let Some(end) = self.quote_end(at, escapes) else { return unclosed };
                    at = end;
                    last = "";
                    continue;
                }
                b'$' => {
                    if let Some(end) = self.dollar_end(at) {
                        let Some(end) = end else { return unclosed };
                        at = end;
                        last = "";
                        continue;
                    }
                }
                b'-' if self.byte(at + 1) == b'-' => {
                    let end = self.line_end(at);
                    let found = mark(self.text.get(at..end).unwrap_or(""));
                    if found.is_some() && self.opens_line(at) {
                        return (at, at, End::Mark);
                    }
                    at = end;
                    continue;
                }
                b'/' if self.byte(at + 1) == b'*' => {
                    let Some(end) = self.block_end(at) else { return unclosed };
                    at = end;
                    continue;
                }
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                b';' if blocks == 0 && (depth == 0 || manner != Manner::Rule) => return (at, at + 1, End::Mark),
                b'\\' => {
                    let end = self.line_end(at);
                    let command = self.text.get(at + 1..end).unwrap_or("");
                    // `\g` and its kin send the statement; other commands stand between its lines.
                    if command.starts_with(['g', ';', 'w']) || command.starts_with("crosstab") {
                        return (at, if command.starts_with(';') { at + 2 } else { end }, End::Mark);
                    }
                    at = end;
                    continue;
                }
                _ if begins_word(byte) => {
                    let end = self.word_end(at);
                    let word = self.text.get(at..end).unwrap_or("");
                    let new =
                        at > start && blocks == 0 && self.opens_line(at) && opens_statement(self.rest(at), manner);
                    if new {
                        return (at, at, End::Next);
                    }
                    if manner == Manner::Routine {
                        blocks = atomic_blocks(blocks, last, word);
                    }
                    // `E` belongs to a string only where it touches the quote.
                    let touches = self.byte(end) == b'\'';
                    last = if touches || manner == Manner::Routine { word } else { "" };
                    at = end;
                    continue;
                }
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                last = "";
            }
            at += 1;
        }
        (len, len, End::File)
    }

    fn word_end(&self, at: usize) -> usize {
        let rest = self.rest(at).bytes().position(|byte| !continues_word(byte));
        rest.map_or(self.text.len(), |n| at + n)
    }
}

fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn continues_word(byte: u8) -> bool {
    begins_word(byte) || byte == b'$'
}

/// How deep in `BEGIN ATOMIC … END` and `CASE … END` the reader is behind `word`.
fn atomic_blocks(blocks: usize, last: &str, word: &str) -> usize {
    let begins = last.eq_ignore_ascii_case("begin") && word.eq_ignore_ascii_case("atomic");
    if begins || blocks > 0 && word.eq_ignore_ascii_case("case") {
        blocks + 1
    } else if blocks > 0 && word.eq_ignore_ascii_case("end") {
        blocks - 1
    } else {
        blocks
    }
}

/// The first `N` words of a statement in capitals, comments left out; the list ends at anything that is no word.
pub(in crate::model::ddl) fn head<const N: usize>(text: &str) -> [String; N] {
    let mut rest = text;
    std::array::from_fn(|_| {
        loop {
            rest = rest.trim_start();
            if rest.starts_with("--") {
                rest = rest.find('\n').and_then(|n| rest.get(n..)).unwrap_or("");
            } else if let Some(inner) = rest.strip_prefix("/*") {
                rest = inner.find("*/").and_then(|n| inner.get(n + 2..)).unwrap_or("");
            } else {
                break;
            }
        }
        let end = rest.bytes().position(|byte| !continues_word(byte)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = behind;
        word.to_ascii_uppercase()
    })
}

fn manner(text: &str) -> Manner {
    let [first, second, third, fourth] = head(text);
    match first.as_str() {
        "COPY" => Manner::Copy,
        "CREATE" => {
            let object = if second == "OR" && third == "REPLACE" { fourth } else { second };
            match object.as_str() {
                "SCHEMA" => Manner::Schema,
                "RULE" => Manner::Rule,
                "FUNCTION" | "PROCEDURE" => Manner::Routine,
                _ => Manner::Plain,
            }
        }
        _ => Manner::Plain,
    }
}

/// Words behind `CREATE` that begin a statement and are no column's type.
const CREATED: &[&str] = &[
    "TABLE",
    "UNLOGGED",
    "TEMP",
    "TEMPORARY",
    "GLOBAL",
    "LOCAL",
    "FOREIGN",
    "TYPE",
    "DOMAIN",
    "UNIQUE",
    "INDEX",
    "SCHEMA",
    "SEQUENCE",
    "VIEW",
    "MATERIALIZED",
    "OR",
    "FUNCTION",
    "PROCEDURE",
    "TRIGGER",
    "EXTENSION",
];

/// Whether a line that begins so can only be a statement of its own.
fn opens_statement(text: &str, manner: Manner) -> bool {
    // Cheap first: most words of most files are none of these.
    if !matches!(text.as_bytes().first(), Some(b'c' | b'C' | b'a' | b'A' | b'd' | b'D')) {
        return false;
    }
    let [first, second, third] = head(text);
    match (first.as_str(), second.as_str()) {
        ("CREATE", object) => manner != Manner::Schema && CREATED.contains(&object),
        // `TABLE` is reserved, so no column has a type or a name of that kind; `ALTER type` would not be as certain.
        ("ALTER" | "DROP", "TABLE") => true,
        ("COMMENT", "ON") => matches!(third.as_str(), "TABLE" | "COLUMN"),
        _ => false,
    }
}

/// The next place behind `from` where a line begins a statement, whatever quotes say: a place to go on after an error.
pub(super) fn next_opening(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += text.get(at..)?.find('\n')? + 1;
        let line = text.get(at..)?;
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        if opens_statement(line.get(blanks..)?, Manner::Plain) {
            return Some(at + blanks);
        }
    }
}

/// Whether a `COPY` statement takes its data from the file itself.
fn reads_stdin(text: &str) -> bool {
    let mut words = text.split(|c: char| c.is_whitespace() || c == ')').filter(|word| !word.is_empty());
    let mut last = "";
    words.any(|word| {
        let found = last.eq_ignore_ascii_case("from") && word.trim_end_matches('(').eq_ignore_ascii_case("stdin");
        last = word;
        found
    })
}

/// The value that `SET name = value` gives, where the statement is one.
pub(super) fn setting<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    if text.len() > 200 || !text.get(..3)?.eq_ignore_ascii_case("set") {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let at = lower.find(name)? + name.len();
    let value = text.get(at..)?.trim_start();
    let value = value
        .strip_prefix('=')
        .or_else(|| value.get(..2).filter(|to| to.eq_ignore_ascii_case("to")).and(value.get(2..)))?;
    Some(value.trim().trim_matches('\''))
}
