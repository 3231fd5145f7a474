//! The depth of brackets, found before the parser runs: parser, tree and every later pass recurse as deep as brackets nest.

/// How deep brackets and choices may nest.
pub(super) const LIMIT: usize = 64;

/// Finds the byte at which brackets nest deeper than [`LIMIT`].
///
/// INVARIANT: quotes, backticks and `#` are read as the grammar reads them. Braces do not count: the grammar nests them a fixed
/// number of times; they end every expression, so they set the count back.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut choices) = (0, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => at += quoted(bytes.get(at..).unwrap_or_default()),
            b'#' => at += line(bytes.get(at..).unwrap_or_default()),
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'{' | b'}' => (depth, choices) = (0, 0),
            _ if byte.is_ascii_alphabetic() || byte == b'_' => {
                let rest = text.get(at..).unwrap_or_default();
                let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
                match rest.get(..length) {
                    Some("case") if opens_choice(rest.get(length..).unwrap_or_default()) => choices += 1,
                    Some("end") => choices = choices.saturating_sub(1),
                    Some(_) | None => {}
                }
                at += length - 1;
            }
            _ => {}
        }
        if depth + choices > LIMIT {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Whether `when` follows, perhaps behind blanks, newlines and remarks.
fn opens_choice(mut rest: &str) -> bool {
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if !rest.starts_with('#') {
            return rest.starts_with("when");
        }
        rest = rest.get(line(rest.as_bytes()) + 1..).unwrap_or_default();
    }
}

/// How many bytes follow in the line.
fn line(rest: &[u8]) -> usize {
    rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len()).saturating_sub(1)
}

/// How many bytes of a text or name in quotes follow; a text without closing quote ends with the line, a lone backtick is a sign.
fn quoted(rest: &[u8]) -> usize {
    let Some((&quote, inside)) = rest.split_first() else { return 0 };
    let mut at = 0;
    while let Some(&byte) = inside.get(at) {
        match byte {
            b'\n' | b'\r' => break,
            b'\\' if quote == b'"' && !matches!(inside.get(at + 1), None | Some(b'\n' | b'\r')) => at += 1,
            b'\'' if quote == byte && inside.get(at + 1) == Some(&byte) => at += 1,
            _ if byte == quote => return if quote == b'`' && at == 0 { 0 } else { at + 1 },
            _ => {}
        }
        at += 1;
    }
    if quote == b'`' { 0 } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_texts_and_remarks_do_not_count() {
        let deep = "(".repeat(LIMIT + 1);
        assert_eq!(too_deep(&deep), Some(LIMIT));
        assert_eq!(too_deep(&format!("\"{deep}\"")), None);
        assert_eq!(too_deep(&format!("'{deep}")), None);
        assert_eq!(too_deep(&format!("`{deep}`")), None);
        assert_eq!(too_deep(&format!("` {deep}")), Some(LIMIT + 2));
        assert_eq!(too_deep(&format!("# {deep}\n## {deep}")), None);
        assert_eq!(too_deep(&format!("\"\\\" {deep}\"\n'it''s {deep}'")), None);
        assert_eq!(too_deep(&"(\n{ ".repeat(LIMIT * 2)), None);
    }

    #[test]
    fn choices_count() {
        assert!(too_deep(&"case when a then ".repeat(LIMIT + 1)).is_some());
        assert_eq!(too_deep(&"case when a then b end ".repeat(LIMIT * 2)), None);
        assert_eq!(too_deep(&"case ".repeat(LIMIT * 2)), None);
    }
}
