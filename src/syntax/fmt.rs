//! One way to write a page. The printer goes along the parse, token by token, so that what the tree does not keep (`60s`, `200_000`, backticks,
//! parentheses) stays as it is written.
//!
//! INVARIANT: what is printed is read back and holds the same tokens in the same places, and the same remarks; else nothing is given back.

// The rules are generated from the grammar; a reader names those it knows.
#![allow(clippy::wildcard_enum_match_arm)]

mod blocks;
mod line;
mod tokens;

use super::parse::{self, Comment, CommentKind, Parsed, Rule};
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};
use blocks::{Printer, blank_above, is_block};
use line::Remark;
use tokens::{Token, tokens};

/// A text in the one form it has.
///
/// # Errors
/// Where something is not of the language: the findings. Values that are wrong in themselves, such as the 31st of June, are no obstacle.
pub fn format(file: FileId, text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse::parse(file, text);
    if refused(&parsed) {
        return Err(parsed.diagnostics);
    }
    let unix = text.contains('\r').then(|| text.replace("\r\n", "\n").replace('\r', "\n"));
    let (text, comments) = match unix {
        Some(unix) => {
            let comments = parse::parse(file, &unix).comments;
            (unix, comments)
        }
        None => (text.to_owned(), parsed.comments),
    };
    let internal = || {
        let message = "internal error: the formatter would change what this file says";
        vec![Diagnostic::new(codes::SYNTAX, Span::new(file, 0, 0), message).help("report it, with this file")]
    };
    let tree = parse::tree(&text).ok_or_else(internal)?;
    let mut printer = Printer::new(&text, remarks(&text, &comments));
    printer.file(&tree);
    let mut page = printer.page;
    let printed = (std::mem::take(&mut page.tokens), std::mem::take(&mut page.remarks));
    let made = page.into_text();
    if read_back(file, &made).is_some_and(|read| same(&printed, &read)) { Ok(made) } else { Err(internal()) }
}

fn refused(parsed: &Parsed) -> bool {
    !parsed.holes.is_empty() || parsed.diagnostics.iter().any(|finding| finding.rule != codes::BAD_VALUE.name)
}

type Content = (Vec<Token>, Vec<String>);

/// What a text says, as the printer would print it; nothing where it could not be read.
fn read_back(file: FileId, text: &str) -> Option<Content> {
    let parsed = parse::parse(file, text);
    if refused(&parsed) {
        return None;
    }
    let mut all = tokens(&parse::tree(text)?, Rule::file);
    all.retain(|token| token.rule != Rule::comma || !is_block(token.within));
    Some((all, remarks(text, &parsed.comments).into_iter().map(|remark| remark.text).collect()))
}

fn same(printed: &Content, read: &Content) -> bool {
    let docs = |tokens: &[Token]| tokens.iter().filter(|token| token.rule != Rule::doc).cloned().collect::<Vec<_>>();
    let (one, other) = (docs(&printed.0), docs(&read.0));
    printed.1 == read.1 && one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| one.is(other))
}

/// The remarks and documentation lines of a text.
fn remarks(text: &str, comments: &[Comment]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for comment in comments {
        let (start, end) = (comment.span.start as usize, comment.span.end as usize);
        let line = text.get(..start).and_then(|text| text.rsplit('\n').next()).unwrap_or_default();
        remarks.push(Remark {
            text: text.get(start..end).unwrap_or_default().trim_end().to_owned(),
            start,
            // Documentation belongs to what follows and gets a line of its own.
            behind: comment.kind == CommentKind::Remark && !line.trim_matches([' ', '\t', '\u{feff}']).is_empty(),
            blank: blank_above(text, start),
        });
    }
    remarks
}
