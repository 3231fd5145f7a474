//! Makes texts readable that are right and that the parser does not know. Every byte stays in its place, so that spans
//! hold.

use std::borrow::Cow;

/// The text without what PostgreSQL or a migration tool reads and the parser does not.
pub(super) fn mended(text: &str) -> Cow<'_, str> {
    let lower = text.to_ascii_lowercase();
    let text = without_oids(text, &lower);
    let text = if lower.contains("exclude") { Cow::Owned(without_exclusions(text.into_owned(), &lower)) } else { text };
    without_placeholders(text)
}

/// Puts `x WITH =` in the place of what an exclusion constraint compares: the parser knows no operator classes there,
/// and nobody asks for them.
fn without_exclusions(mut text: String, lower: &str) -> String {
    for (at, word) in lower.match_indices("exclude") {
        let behind = at + word.len();
        let rest = lower.get(behind..).unwrap_or("");
        let is_part =
            |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'"'));
        if is_part(lower.get(..at).and_then(|before| before.bytes().next_back())) || is_part(rest.bytes().next()) {
            continue;
        }
        let Some(open) = rest.find('(') else { continue };
        let between = rest.get(..open).unwrap_or("").split_whitespace().collect::<Vec<_>>();
        if !matches!(between.as_slice(), [] | ["using", _]) {
            continue;
        }
        let Some(len) = balanced(rest.get(open..).unwrap_or("")) else { continue };
        let inside = behind + open + 1..behind + open + len - 1;
        if inside.len() >= 8 && text.is_char_boundary(inside.start) && text.is_char_boundary(inside.end) {
            text.replace_range(inside.clone(), &format!("{:<width$}", "x WITH =", width = inside.len()));
        }
    }
    text
}

/// The length of the bracket that `text` begins with, its contents included.
fn balanced(text: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (0_usize, None);
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quoted) {
            (b'\'' | b'"', None) => quoted = Some(byte),
            (_, Some(quote)) if byte == quote => quoted = None,
            (_, Some(_)) => {}
            (b'(', None) => depth += 1,
            (b')', None) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Blanks out `WITH OIDS`, which PostgreSQL knew up to version 11 and the parser does not.
fn without_oids<'a>(text: &'a str, lower: &str) -> Cow<'a, str> {
    match lower.rfind("with oids") {
        // Only as the last words of the statement, where it is no part of a text or a name.
        Some(at) if lower.get(at + 9..).is_some_and(|rest| rest.trim().is_empty()) => {
            let (before, behind) = (text.get(..at).unwrap_or(text), text.get(at + 9..).unwrap_or(""));
            Cow::Owned(format!("{before}         {behind}"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Blanks out a placeholder in the place of a schema, such as `${schema}.`, `{{ schema }}.`, `:schema.` or `@schema.`:
/// whatever it stands for, the names behind it belong together.
fn without_placeholders(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(['{', ':', '@']) {
        return text;
    }
    let mut found = Vec::new();
    for (at, _) in text.match_indices(['{', '$', ':', '@']) {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let behind = text.get(at..).unwrap_or("");
        let opens = before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ',' | '\''));
        if let Some(len) = placeholder(behind).filter(|_| opens) {
            found.push(at..at + len);
        }
    }
    if found.is_empty() {
        return text;
    }
    let mut text = text.into_owned();
    for range in found {
        let blanks = " ".repeat(range.len());
        text.replace_range(range, &blanks);
    }
    Cow::Owned(text)
}

/// The length of the placeholder that `text` begins with, the dot behind it included.
fn placeholder(text: &str) -> Option<usize> {
    let end = if let Some(inner) = text.strip_prefix("{{") {
        inner.find("}}")? + 4
    } else if let Some(inner) = text.strip_prefix("${") {
        inner.find('}')? + 3
    } else {
        let inner = text.strip_prefix([':', '@'])?;
        let (quote, name) = inner.strip_prefix('"').map_or((0, inner), |name| (1, name));
        let len = name.find(|c: char| !c.is_alphanumeric() && c != '_').filter(|&len| len > 0)?;
        if quote == 1 && !name.get(len..)?.starts_with('"') {
            return None;
        }
        1 + len + 2 * quote
    };
    // Not over the end of the line: what looks so is something else.
    let whole = text.get(..end).filter(|whole| !whole.contains('\n'))?;
    text.get(whole.len()..)?.starts_with('.').then_some(end + 1)
}
