//! Texts as a page writes them.

/// Prose and values outside of expressions: in double quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for sign in text.chars() {
        match sign {
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            sign => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}

/// A value in an expression: in single quotes, as in SQL.
#[must_use]
pub fn value(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::ast::{Expr, ExprKind, Item, Literal, StageKind};
    use crate::syntax::parse;

    const HOSTILE: &[&str] = &["", "it's", "say \"x\"", "a\\", "\\n", "é '' ` # {", "| and 'b' = 'c"];

    #[test]
    fn what_is_spelled_is_read_back() {
        for text in HOSTILE.iter().chain(&["two\nlines\tand\r\n"]) {
            let parsed = parse(FileId(0), &format!("import {}", quoted(text)));
            assert_eq!(parsed.diagnostics, [], "{text}");
            assert!(matches!(parsed.ast.items.as_slice(), [Item::Import(read)] if read.value == *text), "{text}");
        }
        for text in HOSTILE {
            let parsed = parse(FileId(0), &format!("a | where b = {} | c.d", value(text)));
            assert_eq!(parsed.diagnostics, [], "{text}");
            let [Item::Bare(bare)] = parsed.ast.items.as_slice() else { panic!("{text}") };
            let StageKind::Where(Expr { kind: ExprKind::Compare { right, .. }, .. }) = &bare.stages[0].kind else {
                panic!("{text}")
            };
            assert_eq!(right.kind, ExprKind::Literal(Literal::Text((*text).to_owned())));
        }
    }
}
