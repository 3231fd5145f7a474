//! What the readers of statements ask of squawk's syntax tree: nodes by kind, names, texts, and a parse that cannot
//! take the program down.

use std::panic::{AssertUnwindSafe, catch_unwind};

use squawk_syntax::ast::{AstNode, Literal, normalize_name_node};
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode, SyntaxToken};

use super::mend::mended;
use crate::source::{FileId, Span};

/// A node of the tree.
pub(super) type Node = SyntaxNode;
/// The kind of a node or token.
pub(super) type K = SyntaxKind;

/// Where a parsed piece of text lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The file.
    pub file: FileId,
    /// Offset of the piece in the file.
    pub start: usize,
}

impl Place {
    /// The span of a range inside the piece.
    pub fn span(self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.start + start, self.start + end)
    }

    /// The span of a node, without the blanks around it.
    pub fn of(self, node: &Node) -> Span {
        let ends = |token: Option<SyntaxToken>| token.map(|token| token.text_range());
        let blank = |token: &SyntaxToken| token.kind().is_trivia();
        let first = node.first_token().filter(|token| !blank(token));
        let last = node.last_token().filter(|token| !blank(token));
        let range = node.text_range();
        let start = ends(first).map_or(range.start(), |range| range.start());
        let end = ends(last).map_or(range.end(), |range| range.end());
        self.span(start.into(), end.into())
    }
}

/// A parsed statement.
pub(super) struct Parsed {
    /// The statements in the piece; one, unless a `;` is missing.
    pub statements: Vec<Node>,
    /// Where the text first stops being SQL.
    pub error: Option<usize>,
}

/// Brackets and `CASE`s nested deeper than this are not handed to the parser, which recurses.
pub(super) const DEPTH_LIMIT: usize = 100;
/// Signs and `NOT`s in a row: the parser recurses for each.
pub(super) const PREFIX_LIMIT: usize = 100;
/// Words and signs between two commas: a chain of operators is a tree as deep as it is long.
pub(super) const CHAIN_LIMIT: usize = 6_000;

/// Parses one statement; `None` where it is nested too deep to be tried.
pub(super) fn parse(text: &str) -> Option<Parsed> {
    if is_too_deep(text) || text.len() > 16_000_000 {
        return None;
    }
    // squawk's parser holds assertions against itself; a user's file must not end the program through one of them.
    catch_unwind(AssertUnwindSafe(|| {
        let parse = SourceFile::parse(&mended(text));
        let error = parse.errors().first().map(|error| usize::from(error.range().start()));
        Parsed { statements: parse.syntax_node().children().collect(), error }
    }))
    .ok()
}

/// Estimates, from above, how deep the tree of `text` becomes.
fn is_too_deep(text: &str) -> bool {
    let (mut depth, mut prefixes, mut chain) = (0_usize, 0_usize, 0_usize);
    let mut rest = text;
    while let Some(byte) = rest.bytes().next() {
        let len = match byte {
            b'\'' | b'"' => rest.get(1..).and_then(|inner| inner.find(char::from(byte))).map_or(rest.len(), |n| n + 2),
            _ => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()).max(1),
        };
        // A character of several bytes that is no letter moves on by itself.
        let len = (len..=rest.len()).find(|&len| rest.is_char_boundary(len)).unwrap_or(rest.len());
        let (token, behind) = rest.split_at_checked(len).unwrap_or((rest, ""));
        rest = behind;
        let is = |word: &str| token.eq_ignore_ascii_case(word);
        match byte {
            b'\n' | b'\r' | b'\t' | b' ' => continue,
            b',' | b';' => (prefixes, chain) = (0, 0),
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'[' | b']' => {
                prefixes = 0;
                chain += 1;
            }
            _ if is("case") => depth += 1,
            _ if is("end") => depth = depth.saturating_sub(1),
            _ if is("not") || byte.is_ascii_punctuation() && len == 1 => {
                prefixes += 1;
                chain += 1;
            }
            _ => {
                prefixes = 0;
                chain += 1;
            }
        }
        if depth > DEPTH_LIMIT || prefixes > PREFIX_LIMIT || chain > CHAIN_LIMIT {
            return true;
        }
    }
    false
}

/// The first child node of a kind.
pub(super) fn kid(node: &Node, kind: K) -> Option<Node> {
    node.children().find(|child| child.kind() == kind)
}

/// The child nodes of a kind.
pub(super) fn kids(node: &Node, kind: K) -> impl Iterator<Item = Node> {
    node.children().filter(move |child| child.kind() == kind)
}

/// Whether a node has a child node of a kind.
pub(super) fn has(node: &Node, kind: K) -> bool {
    kid(node, kind).is_some()
}

/// Whether a node has a token of a kind among its children.
pub(super) fn has_token(node: &Node, kind: K) -> bool {
    node.children_with_tokens().filter_map(|child| child.into_token()).any(|token| token.kind() == kind)
}

/// The tokens under a node, blanks and comments left out.
pub(super) fn tokens(node: &Node) -> impl Iterator<Item = SyntaxToken> {
    node.descendants_with_tokens().filter_map(|child| child.into_token()).filter(|token| !token.kind().is_trivia())
}

/// The name a node holds directly, folded as PostgreSQL folds it.
pub(super) fn name(node: &Node) -> String {
    normalize_name_node(node)
}

/// A word as PostgreSQL folds it: in lower case, unless quoted.
pub(super) fn fold(text: &str) -> String {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => text.to_ascii_lowercase(),
    }
}

/// The name of the first child of a kind.
pub(super) fn name_of(node: &Node, kind: K) -> Option<String> {
    kid(node, kind).map(|child| name(&child)).filter(|name| !name.is_empty())
}

/// A name with its schema, if one is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// The schema before the dot.
    pub schema: Option<String>,
    /// The name itself.
    pub name: String,
}

/// The parts of a dotted name below `node`: `a.b.c` is three.
pub(super) fn parts(node: &Node) -> Vec<String> {
    node.descendants()
        .filter(|child| matches!(child.kind(), K::PATH_SEGMENT | K::PATH_SEGMENT_REF))
        .map(|child| name(&child))
        .collect()
}

/// A dotted name below `node`; a database in front is left out.
pub(super) fn path(node: &Node) -> Option<Name> {
    let mut parts = parts(node);
    let name = parts.pop().filter(|name| !name.is_empty())?;
    Some(Name { schema: parts.pop(), name })
}

/// The dotted name below the first child of a kind.
pub(super) fn path_of(node: &Node, kind: K) -> Option<Name> {
    kid(node, kind).and_then(|child| path(&child))
}

/// The node of a dotted name's last part.
pub(super) fn last_part(node: &Node) -> Option<Node> {
    node.descendants().filter(|child| matches!(child.kind(), K::PATH_SEGMENT | K::PATH_SEGMENT_REF)).last()
}

/// The column names in the first list of a kind.
pub(super) fn columns(node: &Node, list: K) -> Vec<String> {
    let refs = |list: Node| list.children().filter(|c| c.kind() == K::COLUMN_NAME_REF).map(|c| name(&c)).collect();
    kid(node, list).map(refs).unwrap_or_default()
}

/// The value of a string literal, in whichever of its notations.
pub(super) fn string(node: &Node) -> Option<String> {
    Literal::cast(node.clone())?.string_value()
}

/// The value of the first string literal among the children.
pub(super) fn string_of(node: &Node) -> Option<String> {
    kid(node, K::LITERAL).as_ref().and_then(string)
}
