//! The tokens of a text in the form they are printed, and the blanks and breaks between them.

// The rules are generated from the grammar; a reader names those it knows.
#![allow(clippy::wildcard_enum_match_arm)]

use crate::syntax::parse::{Node, Rule};

/// A token as it is printed.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// What it is.
    pub rule: Rule,
    /// What it is a part of.
    pub within: Rule,
    /// As it is printed.
    pub text: String,
    /// What it stands for where it was read: a string without quotes and escapes, else its text.
    pub value: String,
    /// Offset of the first byte in the text it was read from.
    pub start: usize,
    /// Offset behind the last byte there.
    pub end: usize,
    /// How many brackets are open before it.
    pub depth: usize,
}

impl Token {
    /// Whether both stand for the same in the grammar.
    pub fn is(&self, other: &Self) -> bool {
        self.rule == other.rule && self.within == other.within && self.value == other.value
    }
}

/// The tokens of a node.
pub(super) fn tokens(node: &Node<'_>, within: Rule) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut depth = 0;
    collect(node, within, '"', &mut depth, &mut tokens);
    tokens
}

fn collect(node: &Node<'_>, within: Rule, quote: char, depth: &mut usize, tokens: &mut Vec<Token>) {
    let rule = node.rule();
    let whole = matches!(rule, Rule::path | Rule::string);
    let mut parts = node.children().peekable();
    if !whole && parts.peek().is_some() {
        // What SQL would quote is quoted as SQL does; everything else is prose.
        let quote = match rule {
            Rule::expr | Rule::m_default => '\'',
            Rule::type_name => '"',
            _ => quote,
        };
        parts.for_each(|part| collect(&part, rule, quote, depth, tokens));
        return;
    }
    let text = node.text().trim();
    if text.is_empty() || rule == Rule::EOI {
        return;
    }
    let closes = matches!(rule, Rule::rparen | Rule::rbracket) || (rule == Rule::kw_end && within == Rule::case_expr);
    if closes {
        *depth = depth.saturating_sub(1);
    }
    let start = node.start();
    let string = rule == Rule::string;
    let value = if string { value(text) } else { text.to_owned() };
    let printed = if string { requoted(text, quote) } else { text.to_owned() };
    tokens.push(Token { rule, within, text: printed, value, start, end: start + text.len(), depth: *depth });
    let opens = matches!(rule, Rule::lparen | Rule::lbracket) || (rule == Rule::kw_case && within == Rule::case_expr);
    if opens {
        *depth += 1;
    }
}

/// What a string stands for. Held against the string that was made of it, so it shares nothing with what made it.
fn value(text: &str) -> String {
    let inside = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let (mut value, mut signs) = (String::with_capacity(inside.len()), inside.chars());
    let single = text.starts_with('\'');
    while let Some(sign) = signs.next() {
        value.push(match (single, sign) {
            // The second of two.
            (true, '\'') => signs.next().unwrap_or(sign),
            (false, '\\') => match signs.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => sign,
            },
            _ => sign,
        });
    }
    value
}

/// A text in the quotes of its place; as it was where the other quotes cannot say it.
fn requoted(text: &str, quote: char) -> String {
    let inside = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    match (quote, inside('\''), inside('"')) {
        ('"', Some(inside), _) => {
            format!("\"{}\"", inside.replace("''", "'").replace('\\', "\\\\").replace('"', "\\\""))
        }
        ('\'', _, Some(inside)) => match plain(inside) {
            Some(value) => format!("'{}'", value.replace('\'', "''")),
            None => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}

/// What a text between double quotes stands for, unless it holds a sign that only an escape can write.
fn plain(inside: &str) -> Option<String> {
    let mut value = String::with_capacity(inside.len());
    let mut signs = inside.chars();
    while let Some(sign) = signs.next() {
        value.push(match sign {
            '\\' => signs.next().filter(|sign| matches!(sign, '"' | '\'' | '\\'))?,
            sign => sign,
        });
    }
    Some(value)
}

/// Whether a blank stands between two tokens of one line.
pub(super) fn blank_between(before: &Token, after: &Token) -> bool {
    match (before.rule, after.rule) {
        (_, Rule::comma | Rule::colon | Rule::rparen | Rule::rbracket | Rule::array | Rule::optional) => false,
        (Rule::lparen | Rule::lbracket | Rule::minus, _) => false,
        (_, Rule::lparen) => !matches!(
            after.within,
            Rule::call | Rule::cast | Rule::type_name | Rule::mask_item | Rule::audit_rows | Rule::m_operation
        ),
        // `decimal(12,2)` is one word to the eye.
        (Rule::comma, Rule::integer) if before.within == Rule::type_name => false,
        _ => true,
    }
}

/// Whether the line may end between two tokens.
pub(super) fn may_break(before: &Token, after: &Token) -> bool {
    match after.rule {
        Rule::kw_or => after.within == Rule::expr,
        Rule::kw_and => after.within == Rule::and_expr,
        _ => before.rule == Rule::comma && before.within != Rule::volume,
    }
}
