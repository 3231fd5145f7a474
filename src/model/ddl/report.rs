//! The finding about a statement that shapes a table and cannot be read.

use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};

/// Why a statement is a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model::ddl) enum Reason {
    /// The reader stops at this offset of the statement.
    Syntax(usize),
    /// The next statement begins although this one was not ended.
    NoSemicolon,
    /// A quote or comment runs to the end of the file.
    Unclosed,
    /// Nested too deep, or too long.
    TooDeep,
}

/// The finding about the statement `text` that begins at `start` of a file; `title` is the kind of system it is for.
pub(in crate::model::ddl) fn unreadable(
    (file, start): (FileId, usize),
    text: &str,
    title: &str,
    reason: Reason,
) -> Diagnostic {
    let (what, end) = head(text);
    let span = |from: usize, to: usize| Span::new(file, start + from, start + to);
    let finding = Diagnostic::new(codes::UNREADABLE_SCHEMA, span(0, end), format!("`{what}` cannot be read"));
    let at = |from: usize| {
        let from = if from >= text.trim_end().len() { text.trim_end().len().saturating_sub(1) } else { from };
        let from = (0..=from).rev().find(|&from| text.is_char_boundary(from)).unwrap_or(0);
        let rest = text.get(from..).unwrap_or("");
        let quoted = match rest.chars().next() {
            Some(quote @ ('`' | '"')) => rest.get(1..).and_then(|inner| inner.find([quote, '\n'])).map(|n| n + 2),
            Some('[') => rest.find([']', '\n']).map(|n| n + 1),
            _ => None,
        };
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = quoted.filter(|&n| rest.get(..n).is_some_and(|name| !name.ends_with('\n'))).unwrap_or(word);
        let symbol = rest.chars().next().map_or(0, char::len_utf8);
        span(from, from + word.max(symbol))
    };
    match reason {
        Reason::Syntax(from) => finding
            .here("this statement is needed")
            .also(at(from), "not understood from here")
            .help(format!("correct the statement so that {title} accepts it")),
        Reason::NoSemicolon => finding
            .here("this statement is needed")
            .also(at(usize::MAX), "no `;` behind this")
            .help("end the statement with `;`"),
        Reason::Unclosed => {
            finding.here("a quote or comment in this statement is never closed").help("close the quote or comment")
        }
        Reason::TooDeep => finding
            .here("nested too deep, or too long")
            .help("take the statement apart, or leave the expression out of the file"),
    }
}

/// The first words of a statement, such as `CREATE TABLE public.film`, and where they end.
fn head(text: &str) -> (String, usize) {
    let stop = text.find(['(', ';', '\n', '\'']).unwrap_or(text.len());
    let line = text.get(..stop).unwrap_or("").trim_end();
    let mut end = line.len();
    let mut words = 0;
    for (at, _) in line.match_indices(char::is_whitespace) {
        let is_gap = line.get(..at).is_some_and(|before| !before.ends_with(char::is_whitespace));
        words += usize::from(is_gap);
        if words == 6 {
            end = at;
            break;
        }
    }
    let words = line.get(..end).unwrap_or("");
    (words.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', ""), end)
}
