//! Spelling of user text in Bloblang: literals, field access, comments.

use super::yaml::{is_hidden, remark};

/// A text literal. Nothing in it can end it, and nothing is left that Bento would replace in the file.
pub(super) fn literal(text: &str) -> String {
    format!("\"{}\"", inside(text))
}

/// The inside of a literal.
pub(super) fn inside(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\' | b'$')) {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // `${NAME}` would be replaced before the program is read.
            '$' => out.push_str("\\x24"),
            c if is_hidden(c) && u32::from(c) < 0x80 => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if is_hidden(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Access to a field of a variable: `$row.name`, or `$row."weird name"`.
pub(super) fn access(variable: &str, name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { format!("${variable}.{name}") } else { format!("${variable}.{}", literal(name)) }
}

/// An array of text literals.
pub(super) fn literals<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::from("[");
    for (at, text) in texts.into_iter().enumerate() {
        out.push_str(if at == 0 { "\"" } else { ", \"" });
        out.push_str(&inside(text));
        out.push('"');
    }
    out.push(']');
    out
}

/// A comment line.
pub(super) fn comment(text: &str) -> String {
    let line: Vec<&str> = text.lines().collect();
    format!("# {}\n", remark(&line.join(" ")))
}
