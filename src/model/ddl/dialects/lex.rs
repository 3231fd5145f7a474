//! The words and signs of a SQL text in the five dialects: what quotes a name, what quotes a text, what is a remark.
//!
//! It also tells what ends a statement, since that is a matter of quotes and lines: `;`, MySQL's `DELIMITER`, SQL
//! Server's `GO`, Oracle's `/`.

use super::super::marks::{Mark, mark, next_up};
use super::Dialect;

/// A word or sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: T,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset behind its last byte.
    pub end: usize,
    /// It is the first of its line.
    pub opens_line: bool,
}

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum T {
    /// A word without quotes: a name or a word of the language.
    Word,
    /// A name in quotes; MySQL's `"` may be a text as well.
    Quoted,
    /// A text in quotes.
    Text,
    /// A number.
    Number,
    /// Any other byte.
    Sign(u8),
    /// `;`, or what stands for it.
    End,
    /// The end of a batch: `GO`, `/`, or a mark of a migration tool.
    Batch,
    /// A quote that is never closed.
    Unclosed,
}

/// Reads token after token.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
    /// What `DELIMITER` set, where it is not `;`.
    pub delimiter: Option<&'a str>,
    /// Inside a `/*!` comment, whose text is read.
    conditional: bool,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, dialect: Dialect) -> Self {
        Self { text, at: 0, dialect, delimiter: None, conditional: false }
    }

    /// Goes to a place.
    pub fn jump(&mut self, at: usize) {
        self.at = at;
        self.conditional = false;
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or("")
    }

    /// The end of the line that holds `at`.
    pub fn line_end(&self, at: usize) -> usize {
        self.rest(at).find('\n').map_or(self.text.len(), |n| at + n)
    }

    /// The next token; `None` at the end of the text.
    pub fn token(&mut self) -> Option<Token> {
        let mut opens_line = self.at == 0 || self.byte(self.at - 1) == b'\n';
        loop {
            let at = self.at;
            match self.byte(at) {
                0 if at >= self.text.len() => return None,
                b'\n' => {
                    opens_line = true;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | 0x0c => self.at += 1,
                // The sign for a blank that text processors write.
                0xc2 if self.byte(at + 1) == 0xa0 => self.at += 2,
                // A byte order mark, also where files were put together.
                0xef if self.rest(at).starts_with('\u{feff}') => self.at += 3,
                b'-' if self.byte(at + 1) == b'-' => {
                    if self.line_comment(opens_line) {
                        return Some(Token { kind: T::Batch, start: at, end: at, opens_line });
                    }
                }
                b'#' if self.dialect.is_mysql() => {
                    if self.line_comment(opens_line) {
                        return Some(Token { kind: T::Batch, start: at, end: at, opens_line });
                    }
                }
                b'/' if self.byte(at + 1) == b'/' && self.dialect == Dialect::Snowflake => self.at = self.line_end(at),
                b'/' if self.byte(at + 1) == b'*' => self.block_comment(),
                b'*' if self.conditional && self.byte(at + 1) == b'/' => {
                    self.conditional = false;
                    self.at += 2;
                }
                _ => break,
            }
        }
        let start = self.at;
        let (kind, end) = self.kind(start, opens_line);
        self.at = end.max(start + 1);
        Some(Token { kind, start, end: self.at, opens_line })
    }

    /// Moves over a remark to the end of the line; says whether it is a mark that ends a statement. The way back of a
    /// migration goes with its mark.
    fn line_comment(&mut self, opens_line: bool) -> bool {
        let end = self.line_end(self.at);
        let found = mark(self.text.get(self.at..end).unwrap_or("")).filter(|_| opens_line);
        self.at = if found == Some(Mark::Down) { next_up(self.text, end) } else { end };
        found.is_some()
    }

    /// Moves over a remark between `/*` and `*/`, or into one that the server reads.
    fn block_comment(&mut self) {
        if let Some(inner) = self.executed(self.at) {
            self.conditional = true;
            self.at = inner;
            return;
        }
        // SQL Server's remarks nest.
        let nests = self.dialect == Dialect::Sqlserver;
        let mut depth = 1_usize;
        let mut at = self.at + 2;
        while at < self.text.len() {
            match (self.byte(at), self.byte(at + 1)) {
                (b'/', b'*') if nests => {
                    depth += 1;
                    at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        break;
                    }
                }
                _ => at += 1,
            }
        }
        self.at = at.min(self.text.len());
    }

    /// Where the text of a comment begins that the server executes: `/*!40101 …*/`, MariaDB's `/*M!100100 …*/`.
    ///
    /// MySQL's versions have five digits below 100000; MariaDB passes over MySQL's of 5.7 to 9.9 (MariaDB's page "Comment
    /// Syntax"). `/*M!999999\- …*/` of newer dumps is above every version.
    fn executed(&self, at: usize) -> Option<usize> {
        if !self.dialect.is_mysql() {
            return None;
        }
        let is_mariadb = self.dialect == Dialect::Mariadb;
        let body = match self.byte(at + 2) {
            b'!' => at + 3,
            b'M' if self.byte(at + 3) == b'!' && is_mariadb => at + 4,
            _ => return None,
        };
        let digits = self.rest(body).bytes().take(6).take_while(u8::is_ascii_digit).count();
        let inner = body + if digits >= 5 { digits } else { 0 };
        let version: u32 = self.text.get(body..inner).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let runs = match version {
            0..=50_699 => true,
            50_700..=99_999 => !is_mariadb,
            _ => is_mariadb && version < 999_999,
        };
        runs.then_some(inner)
    }

    /// The kind of the token at `at`, and where it ends.
    fn kind(&self, at: usize, opens_line: bool) -> (T, usize) {
        if let Some(delimiter) = self.delimiter {
            if self.rest(at).starts_with(delimiter) {
                return (T::End, at + delimiter.len());
            }
        } else if self.byte(at) == b';' {
            return (T::End, at + 1);
        }
        if opens_line && self.ends_batch(at) {
            return (T::Batch, self.line_end(at));
        }
        let byte = self.byte(at);
        let closed = |end: Option<usize>, kind: T| match end {
            Some(end) => (kind, end),
            None => (T::Unclosed, self.text.len()),
        };
        match byte {
            b'\'' => closed(self.quote_end(at, b'\'', self.dialect.has_backslashes()), T::Text),
            b'"' => closed(self.quote_end(at, b'"', self.dialect.is_mysql()), T::Quoted),
            b'`' => closed(self.quote_end(at, b'`', false), T::Quoted),
            b'[' if self.dialect == Dialect::Sqlserver => closed(self.quote_end(at, b']', false), T::Quoted),
            b'$' if self.dialect == Dialect::Snowflake && self.byte(at + 1) == b'$' => {
                closed(self.rest(at + 2).find("$$").map(|n| at + n + 4), T::Text)
            }
            b'0'..=b'9' => self.number(at),
            b'.' if self.byte(at + 1).is_ascii_digit() => self.number(at),
            _ if begins_word(byte) => {
                let end = self.word_end(at);
                match self.oracle_quote(at, end) {
                    Some(end) => closed(end, T::Text),
                    None => (T::Word, end),
                }
            }
            _ => (T::Sign(byte), at + 1),
        }
    }

    fn word_end(&self, at: usize) -> usize {
        let rest = self.rest(at).bytes().position(|byte| !continues_word(byte));
        rest.map_or(self.text.len(), |n| at + n)
    }

    /// A number, or a name of MySQL's that starts with digits.
    fn number(&self, at: usize) -> (T, usize) {
        let digits = |from: usize| self.rest(from).bytes().take_while(u8::is_ascii_digit).count();
        let mut end = at + digits(at);
        if self.byte(end) == b'.' && self.byte(end + 1) != b'.' {
            end += 1 + digits(end + 1);
        }
        if matches!(self.byte(end), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            let more = digits(end + 1 + sign);
            if more > 0 {
                end += 1 + sign + more;
            }
        }
        let behind = self.word_end(end);
        let is_name = behind > end && self.dialect.is_mysql() && !self.rest(at).starts_with("0x");
        (if is_name { T::Word } else { T::Number }, behind)
    }

    /// Oracle's `q'[ … ]'`: `Some(None)` where it is never closed, `None` where it is none.
    fn oracle_quote(&self, at: usize, end: usize) -> Option<Option<usize>> {
        let word = self.text.get(at..end)?;
        let is_quote = word.eq_ignore_ascii_case("q") || word.eq_ignore_ascii_case("nq");
        if self.dialect != Dialect::Oracle || !is_quote || self.byte(end) != b'\'' {
            return None;
        }
        let open = self.rest(end + 1).chars().next()?;
        let close = match open {
            '[' => ']',
            '{' => '}',
            '(' => ')',
            '<' => '>',
            other => other,
        };
        let body = end + 1 + open.len_utf8();
        let mark = format!("{close}'");
        Some(self.rest(body).find(&mark).map(|n| body + n + mark.len()))
    }

    /// Behind the quote that closes the one at `at`; doubled quotes go on.
    fn quote_end(&self, at: usize, close: u8, backslashes: bool) -> Option<usize> {
        let mut at = at + 1;
        while at < self.text.len() {
            let byte = self.byte(at);
            if byte == close {
                if self.byte(at + 1) != close {
                    return Some(at + 1);
                }
                at += 2;
            } else if byte == b'\\' && backslashes {
                at += 2;
            } else {
                at += 1;
            }
        }
        None
    }

    /// Whether the line that begins here is `GO` or `/`.
    fn ends_batch(&self, at: usize) -> bool {
        let line = self.text.get(at..self.line_end(at)).unwrap_or("").trim_end();
        match self.dialect {
            Dialect::Sqlserver => {
                let rest = line.get(2..).filter(|_| line.get(..2).is_some_and(|go| go.eq_ignore_ascii_case("go")));
                // A count, a `;` of people who think it needs one, or a remark may follow.
                rest.is_some_and(|rest| {
                    let count = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
                    let is_apart = rest.is_empty() || rest.starts_with([' ', '\t', ';']);
                    is_apart && (count.is_empty() || count.starts_with("--") || count == ";")
                })
            }
            Dialect::Oracle => line == "/",
            Dialect::Mysql | Dialect::Mariadb | Dialect::Snowflake => false,
        }
    }
}

fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'@' | b'#' | b'$') || byte >= 0x80
}

fn continues_word(byte: u8) -> bool {
    begins_word(byte) || byte.is_ascii_digit()
}
