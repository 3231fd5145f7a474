//! A place in the tokens of a statement, and what can be read from there.

use super::Dialect;
use super::lex::{T, Token};
use crate::source::{FileId, Span};

/// Where reading stopped: the offset in the file of what was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop(pub usize);

/// What reading a part of a statement yields.
pub(super) type Read<X> = Result<X, Stop>;

/// A name as the database knows it, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ident {
    pub text: String,
    pub span: Span,
}

/// The parts of a dotted name, outermost first.
pub(super) type Path = Vec<Ident>;

#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    pub file: FileId,
    pub dialect: Dialect,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str, tokens: &'a [Token], file: FileId, dialect: Dialect) -> Self {
        Self { text, tokens, at: 0, file, dialect }
    }

    /// The token `n` places ahead.
    pub fn nth(&self, n: usize) -> Option<Token> {
        self.tokens.get(self.at + n).copied()
    }

    pub fn peek(&self) -> Option<Token> {
        self.nth(0)
    }

    pub fn advance(&mut self) {
        self.at += 1;
    }

    pub fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub fn raw(&self, token: Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    /// The offset of the next token, or the end of the last one.
    pub fn offset(&self) -> usize {
        self.peek().map_or_else(|| self.tokens.last().map_or(0, |token| token.end), |token| token.start)
    }

    /// That reading stops here.
    pub fn stop<X>(&self) -> Read<X> {
        Err(Stop(self.offset()))
    }

    pub fn is_nth(&self, n: usize, word: &str) -> bool {
        self.nth(n).is_some_and(|token| token.kind == T::Word && self.raw(token).eq_ignore_ascii_case(word))
    }

    pub fn is(&self, word: &str) -> bool {
        self.is_nth(0, word)
    }

    pub fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    pub fn is_seq(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, word)| self.is_nth(n, word))
    }

    pub fn eat(&mut self, word: &str) -> bool {
        let is = self.is(word);
        self.at += usize::from(is);
        is
    }

    pub fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    pub fn eat_seq(&mut self, words: &[&str]) -> bool {
        let is = self.is_seq(words);
        self.at += if is { words.len() } else { 0 };
        is
    }

    pub fn is_sign_nth(&self, n: usize, sign: u8) -> bool {
        self.nth(n).is_some_and(|token| token.kind == T::Sign(sign))
    }

    pub fn is_sign(&self, sign: u8) -> bool {
        self.is_sign_nth(0, sign)
    }

    pub fn eat_sign(&mut self, sign: u8) -> bool {
        let is = self.is_sign(sign);
        self.at += usize::from(is);
        is
    }

    pub fn need_sign(&mut self, sign: u8) -> Read<()> {
        if self.eat_sign(sign) { Ok(()) } else { self.stop() }
    }

    pub fn span(&self, token: Token) -> Span {
        Span::new(self.file, token.start, token.end)
    }

    /// From an offset to the end of what was read last.
    pub fn span_from(&self, start: usize) -> Span {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        Span::new(self.file, start, last.map_or(start, |token| token.end.max(start)))
    }

    /// The text from an offset to the end of what was read last.
    pub fn slice(&self, start: usize) -> &'a str {
        let span = self.span_from(start);
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The word here in capitals, empty where there is none.
    pub fn word(&self) -> String {
        self.peek().filter(|token| token.kind == T::Word).map_or_else(String::new, |t| self.raw(t).to_ascii_uppercase())
    }

    /// Whether a name can stand here.
    pub fn is_name(&self) -> bool {
        self.peek().is_some_and(|token| matches!(token.kind, T::Word | T::Quoted))
    }

    /// A name, folded as the database folds it.
    pub fn name(&mut self) -> Read<Ident> {
        let Some(token) = self.peek().filter(|token| matches!(token.kind, T::Word | T::Quoted)) else {
            return self.stop();
        };
        self.advance();
        Ok(Ident { text: self.fold(token), span: self.span(token) })
    }

    fn fold(&self, token: Token) -> String {
        let raw = self.raw(token);
        if token.kind == T::Quoted {
            return unquoted(raw, self.dialect.is_mysql());
        }
        if self.dialect.folds_up() { raw.to_uppercase() } else { raw.to_owned() }
    }

    /// A dotted name. SQL Server leaves a part out in `db..table`.
    pub fn path(&mut self) -> Read<Path> {
        let mut path = vec![self.name()?];
        while self.is_sign(b'.') {
            self.advance();
            while self.eat_sign(b'.') {}
            path.push(self.name()?);
        }
        Ok(path)
    }

    /// The value of a text, `N'…'` included.
    pub fn text(&mut self) -> Option<String> {
        let prefixed = self.is("N") && self.nth(1).is_some_and(|token| token.kind == T::Text);
        let token = self.nth(usize::from(prefixed))?;
        let is_text = token.kind == T::Text || token.kind == T::Quoted && self.dialect.is_mysql();
        if !is_text || token.kind == T::Quoted && self.raw(token).starts_with('`') {
            return None;
        }
        self.at += 1 + usize::from(prefixed);
        Some(unquoted(self.raw(token), self.dialect.has_backslashes()))
    }

    /// Moves over a group in brackets.
    pub fn group(&mut self) -> Read<()> {
        self.need_sign(b'(')?;
        let mut depth = 1_usize;
        while let Some(token) = self.peek() {
            if token.kind == T::Sign(b'(') {
                depth += 1;
            } else if token.kind == T::Sign(b')') {
                depth -= 1;
            }
            self.advance();
            if depth == 0 {
                return Ok(());
            }
        }
        self.stop()
    }

    /// Moves over a group, if one stands here.
    pub fn group_if_any(&mut self) -> Read<()> {
        if self.is_sign(b'(') { self.group() } else { Ok(()) }
    }

    /// Moves to the next comma or closing bracket at this depth, or to the end.
    pub fn skip_item(&mut self) -> Read<()> {
        while let Some(token) = self.peek() {
            if token.kind == T::Sign(b'(') {
                self.group()?;
            } else if matches!(token.kind, T::Sign(b')' | b',')) {
                return Ok(());
            } else {
                self.advance();
            }
        }
        Ok(())
    }

    /// Whether a part of a list ends here.
    pub fn ends_item(&self) -> bool {
        self.peek().is_none_or(|token| matches!(token.kind, T::Sign(b',' | b')')))
    }
}

/// What stands between quotes of any kind.
fn unquoted(raw: &str, backslashes: bool) -> String {
    let oracle = raw.strip_prefix(['q', 'Q', 'n', 'N']).map(|rest| rest.trim_start_matches(['q', 'Q']));
    if let Some(inner) = oracle.and_then(|rest| rest.strip_prefix('\'')?.strip_suffix('\'')) {
        let mut chars = inner.chars();
        chars.next();
        chars.next_back();
        return chars.as_str().to_owned();
    }
    if let Some(inner) = raw.strip_prefix("$$").and_then(|rest| rest.strip_suffix("$$")) {
        return inner.to_owned();
    }
    let mut chars = raw.chars();
    let open = chars.next().unwrap_or('\'');
    let close = chars.next_back().unwrap_or(open);
    let inner = chars.as_str().replace(&format!("{close}{close}"), &close.to_string());
    let escapes = backslashes && matches!(open, '\'' | '"') && inner.contains('\\');
    if !escapes { inner } else { without_backslashes(&inner) }
}

fn without_backslashes(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('t') => plain.push('\t'),
            Some('0') => plain.push('\0'),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}
