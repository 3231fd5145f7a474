//! Cuts a text into statements, as the client of each database would: routines are kept whole, the data of `INSERT`s is
//! passed over, lines for the client itself are left out.

use super::super::postgres::head;
use super::Dialect;
use super::lex::{Lexer, T, Token};

/// One statement.
#[derive(Debug)]
pub(super) struct Statement {
    /// Its tokens; of statements that shape no table only the first.
    pub tokens: Vec<Token>,
    /// Why it ends where it ends.
    pub end: End,
}

/// Why a statement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// What ends statements, or the end of the file.
    Mark,
    /// The next statement begins although this one was not ended.
    Next,
    /// A quote that is never closed.
    Unclosed,
}

/// What of a statement's kind matters for cutting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Plain,
    /// It holds statements of its own.
    Routine,
}

/// Reads statement after statement.
pub(super) struct Cutter<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    dialect: Dialect,
    /// A token read ahead.
    ahead: Option<Token>,
}

/// First words of statements that the reader looks at.
const KEPT: &[&str] = &["CREATE", "ALTER", "DROP", "COMMENT", "USE", "RENAME", "EXEC", "EXECUTE", "SP_RENAME"];

/// First words of lines that SQL*Plus keeps to itself.
const SQLPLUS: &[&str] = &[
    "ACCEPT",
    "ARCHIVE",
    "BREAK",
    "BTITLE",
    "CLEAR",
    "COLUMN",
    "COMPUTE",
    "CONN",
    "CONNECT",
    "DEFINE",
    "DESC",
    "DESCRIBE",
    "DISCONNECT",
    "EXEC",
    "EXECUTE",
    "EXIT",
    "HOST",
    "PAUSE",
    "PRINT",
    "PROMPT",
    "QUIT",
    "REM",
    "REMARK",
    "SET",
    "SHOW",
    "SPOOL",
    "START",
    "STORE",
    "TIMING",
    "TTITLE",
    "UNDEFINE",
    "VAR",
    "VARIABLE",
    "WHENEVER",
];

impl<'a> Cutter<'a> {
    pub fn new(text: &'a str, dialect: Dialect) -> Self {
        Self { text, lexer: Lexer::new(text, dialect), dialect, ahead: None }
    }

    /// Goes on at a place.
    pub fn jump(&mut self, at: usize) {
        self.ahead = None;
        self.lexer.jump(at);
    }

    fn token(&mut self) -> Option<Token> {
        self.ahead.take().or_else(|| self.lexer.token())
    }

    fn raw(&self, token: Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    fn is(&self, token: Token, word: &str) -> bool {
        token.kind == T::Word && self.raw(token).eq_ignore_ascii_case(word)
    }

    fn is_any(&self, token: Token, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(token, word))
    }

    /// Moves over a line that is for the client; says whether it was one.
    fn client_line(&mut self, token: Token) -> bool {
        let end = self.lexer.line_end(token.start);
        let line = self.text.get(token.start..end).unwrap_or("");
        let is_line = match self.dialect {
            Dialect::Mysql | Dialect::Mariadb => {
                if self.is(token, "DELIMITER") {
                    let written = line.get("DELIMITER".len()..).unwrap_or("").trim();
                    let written = written.split_whitespace().next().unwrap_or(";");
                    self.lexer.delimiter = Some(written).filter(|written| *written != ";");
                    true
                } else {
                    token.kind == T::Sign(b'\\') || self.is(token, "SOURCE")
                }
            }
            Dialect::Sqlserver => token.kind == T::Sign(b':') && token.opens_line,
            Dialect::Oracle => {
                // `SET CONSTRAINTS` and `SET ROLE` are no such lines, but they shape nothing either.
                token.opens_line && (self.is_any(token, SQLPLUS) || line.starts_with(['@', '!']))
            }
            Dialect::Snowflake => token.kind == T::Sign(b'!') && token.opens_line,
        };
        if is_line {
            let mut end = end;
            // SQL*Plus goes on in the next line behind a hyphen.
            while self.dialect == Dialect::Oracle
                && self.text.get(..end).is_some_and(|line| line.trim_end_matches([' ', '\t', '\r']).ends_with('-'))
                && !line.trim_end().ends_with("--")
                && end < self.text.len()
            {
                end = self.lexer.line_end(end + 1);
            }
            self.jump(end);
        }
        is_line
    }

    /// Whether a statement that begins so holds statements.
    fn routine(&self, tokens: &[Token], token: Token) -> bool {
        let Some(&first) = tokens.first() else {
            return self.dialect == Dialect::Oracle && self.is_any(token, &["DECLARE", "BEGIN"]);
        };
        if tokens.len() > 16 || !self.is_any(first, &["CREATE", "ALTER"]) {
            return false;
        }
        if tokens.iter().any(|token| self.is_any(*token, &["TABLE", "INDEX", "TYPE", "VIEW", "SEQUENCE"])) {
            return self.is(token, "BODY") && self.dialect == Dialect::Oracle;
        }
        let words: &[&str] = match self.dialect {
            // In SQL Server each of these has a batch of its own.
            Dialect::Sqlserver => &["PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "VIEW"],
            Dialect::Oracle => &["PROCEDURE", "FUNCTION", "TRIGGER", "PACKAGE", "LIBRARY", "JAVA"],
            Dialect::Mysql | Dialect::Mariadb => &["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"],
            Dialect::Snowflake => &["PROCEDURE", "FUNCTION", "TASK"],
        };
        self.is_any(token, words)
    }

    /// Whether a new statement begins here although the one before was not ended.
    fn opens(&self, token: Token, before: Option<Token>, depth: usize, manner: Manner) -> bool {
        if token.kind != T::Word {
            return false;
        }
        let line = token.opens_line && opens_statement(self.text.get(token.start..).unwrap_or(""));
        match (self.dialect, manner) {
            (Dialect::Sqlserver, Manner::Routine) => false,
            (Dialect::Sqlserver, Manner::Plain) => line || depth == 0 && self.opens_in_batch(token, before),
            // PL/SQL knows no such statement but in a text.
            (Dialect::Oracle, _) | (_, Manner::Plain) => line,
            // Should the count of blocks have gone wrong: what stands at the margin is in no block.
            (_, Manner::Routine) => {
                let at_margin = self.text.get(..token.start).is_none_or(|text| text.ends_with('\n'));
                line && at_margin && self.lexer.delimiter.is_none()
            }
        }
    }

    /// SQL Server needs no `;`: its words for statements are reserved.
    fn opens_in_batch(&self, token: Token, before: Option<Token>) -> bool {
        let behind = |words: &[&str]| before.is_some_and(|before| self.is_any(before, words));
        let [first, second] = head::<2>(self.text.get(token.start..).unwrap_or(""));
        match first.as_str() {
            "CREATE" | "EXEC" | "EXECUTE" | "INSERT" | "PRINT" | "BEGIN" | "END" | "DECLARE" | "USE" | "GRANT"
            | "REVOKE" | "DENY" | "TRUNCATE" | "WHILE" | "RETURN" | "RAISERROR" | "COMMIT" | "ROLLBACK" | "ELSE"
            | "SELECT" | "MERGE" | "DBCC" | "BULK" => true,
            "ALTER" => !matches!(second.as_str(), "COLUMN" | "INDEX"),
            "DROP" => matches!(
                second.as_str(),
                "TABLE"
                    | "INDEX"
                    | "VIEW"
                    | "PROC"
                    | "PROCEDURE"
                    | "FUNCTION"
                    | "TRIGGER"
                    | "TYPE"
                    | "SCHEMA"
                    | "DATABASE"
                    | "USER"
                    | "ROLE"
                    | "LOGIN"
                    | "SEQUENCE"
                    | "SYNONYM"
                    | "XML"
                    | "FULLTEXT"
                    | "STATISTICS"
                    | "RULE"
                    | "DEFAULT"
            ),
            "IF" => !behind(&["TABLE", "COLUMN", "CONSTRAINT", "INDEX", "VIEW", "TYPE", "SCHEMA", "SEQUENCE"]),
            "UPDATE" | "DELETE" => !behind(&["ON"]),
            // `ON DELETE SET NULL`, `ALTER TABLE t SET (…)`.
            "SET" => {
                let rest = self.text.get(token.end..).unwrap_or("");
                !behind(&["DELETE", "UPDATE"]) && !rest.trim_start().starts_with('(')
            }
            _ => false,
        }
    }
}

impl Iterator for Cutter<'_> {
    type Item = Statement;

    fn next(&mut self) -> Option<Statement> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut manner = Manner::Plain;
        let mut keep = false;
        let (mut depth, mut blocks) = (0_usize, 0_usize);
        let mut before: Option<Token> = None;
        let mut count = 0_usize;
        let end = loop {
            let Some(token) = self.token() else {
                break if tokens.is_empty() { return None } else { End::Mark };
            };
            let in_block = manner == Manner::Routine
                && match self.dialect {
                    Dialect::Oracle | Dialect::Sqlserver => true,
                    // Another delimiter is there so that nobody has to count.
                    Dialect::Mysql | Dialect::Mariadb | Dialect::Snowflake => {
                        blocks > 0 && self.lexer.delimiter.is_none()
                    }
                };
            match token.kind {
                T::End if in_block => continue,
                T::End | T::Batch if tokens.is_empty() => continue,
                T::End | T::Batch => break End::Mark,
                _ if tokens.is_empty() && self.client_line(token) => continue,
                T::Unclosed => {
                    tokens.push(token);
                    break End::Unclosed;
                }
                T::Word if !tokens.is_empty() && self.opens(token, before, depth, manner) => {
                    self.ahead = Some(token);
                    break End::Next;
                }
                T::Sign(b'(') => depth += 1,
                T::Sign(b')') => depth = depth.saturating_sub(1),
                T::Word | T::Sign(_) | T::Quoted | T::Text | T::Number => {}
            }
            if manner == Manner::Plain && count <= 16 && self.routine(&tokens, token) {
                manner = Manner::Routine;
            }
            if manner == Manner::Routine && token.kind == T::Word {
                blocks = self.blocks(blocks, before, token);
            }
            if tokens.is_empty() {
                keep = self.is_any(token, KEPT);
            }
            if tokens.is_empty() || keep {
                tokens.push(token);
            }
            count += 1;
            before = Some(token);
        };
        Some(Statement { tokens, end })
    }
}

impl Cutter<'_> {
    /// How deep in `BEGIN … END` and `CASE … END` a routine is behind a word.
    fn blocks(&self, blocks: usize, before: Option<Token>, token: Token) -> usize {
        let behind_end = before.is_some_and(|before| self.is(before, "END"));
        if self.is(token, "BEGIN") || self.is(token, "CASE") && !behind_end {
            return blocks + 1;
        }
        let [_, second] = head::<2>(self.text.get(token.start..).unwrap_or(""));
        let of_other = matches!(second.as_str(), "IF" | "LOOP" | "WHILE" | "REPEAT" | "FOR");
        if self.is(token, "END") && !of_other { blocks.saturating_sub(1) } else { blocks }
    }
}

/// Whether a line that begins so can only be a statement of its own.
fn opens_statement(text: &str) -> bool {
    // Cheap first: most words of most files are none of these.
    if !matches!(text.as_bytes().first(), Some(b'c' | b'C' | b'a' | b'A' | b'd' | b'D')) {
        return false;
    }
    let [first, second, third, fourth, fifth] = head(text);
    match first.as_str() {
        "CREATE" => {
            let object = if second == "OR" && third == "REPLACE" { &fourth } else { &second };
            let next = if second == "OR" && third == "REPLACE" { &fifth } else { &third };
            match object.as_str() {
                "TABLE" | "INDEX" | "VIEW" | "SEQUENCE" | "TRIGGER" | "PROCEDURE" | "FUNCTION" => true,
                "TEMPORARY" | "TRANSIENT" | "TEMP" => next == "TABLE",
                "GLOBAL" => next == "TEMPORARY",
                "UNIQUE" => matches!(next.as_str(), "INDEX" | "CLUSTERED" | "NONCLUSTERED"),
                _ => false,
            }
        }
        "ALTER" | "DROP" => second == "TABLE",
        "COMMENT" => second == "ON" && matches!(third.as_str(), "TABLE" | "COLUMN"),
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
        if opens_statement(line.get(blanks..)?) {
            return Some(at + blanks);
        }
    }
}
