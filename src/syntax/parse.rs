//! The parser: one text to one tree, the remarks, and findings. It reads every text and never fails.
//!
//! This is the only file that knows pest. The grammar is total (see `grammar/diac.pest`), so the parse has one outcome; what is
//! not of the language stands in it as holes. `build` turns nodes into the tree, `holes` finds the words for the holes.

// The rules are generated from the grammar; a reader names those it knows.
#![allow(clippy::wildcard_enum_match_arm)]

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::{Pair, Pairs};

use super::{ast, build, depth};
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};

pub(super) use grammar::Rule;

/// The largest text that is read, in bytes: 4 MiB.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What a text says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The tree; what could not be read is not in it.
    pub ast: ast::File,
    /// Remarks and documentation lines, in order; the formatter puts them back.
    pub comments: Vec<Comment>,
    /// The findings, in order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The names of declarations that could not be read: to miss them is no second mistake.
    pub unread: Vec<ast::Name>,
    /// What could not be read. A declaration with a hole in its span may have said more than the tree knows.
    pub holes: Vec<Span>,
}

/// A line, or the end of a line, that is no part of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Which sort it is.
    pub kind: CommentKind,
    /// From the first hash to the end of the line.
    pub span: Span,
}

/// The sorts of comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentKind {
    /// One hash: for who reads the file.
    Remark,
    /// Two hashes: for who reads what is made of it.
    Doc,
}

/// Reads a text.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Parsed {
    if text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, and diac reads at most {MAX_BYTES} (4 MiB)", text.len());
        let finding = Diagnostic::new(codes::FILE_TOO_LARGE, Span::new(file, 0, 0), message);
        return unread(finding.help("divide it into files that `import` each other"));
    }
    if let Some(at) = depth::too_deep(text) {
        let message = format!("brackets nest more than {} deep", depth::LIMIT);
        let finding = Diagnostic::new(codes::NESTING_TOO_DEEP, Span::new(file, at, at + 1), message);
        return unread(finding.help("divide the expression over several views"));
    }
    let mut pairs = match grammar::Grammar::parse(Rule::file, text) {
        Ok(pairs) => pairs,
        // The grammar is total: only pest's own limits remain.
        Err(error) => {
            let message = format!("internal error: the parser gave up ({})", error.variant.message());
            return unread(Diagnostic::new(codes::SYNTAX, Span::new(file, 0, 0), message));
        }
    };
    let comments = comments(file, pairs.clone());
    match pairs.next() {
        Some(pair) => build::file(file, text, comments, &Node { pair }),
        None => Parsed { comments, ..Parsed::default() },
    }
}

/// The parse itself, for who needs each token as it is written.
pub(super) fn tree(text: &str) -> Option<Node<'_>> {
    let pair = grammar::Grammar::parse(Rule::file, text).ok()?.next()?;
    Some(Node { pair })
}

/// A piece of text that is wholly of `rule`.
pub(super) fn line(rule: Rule, text: &str) -> Option<Root<'_>> {
    Some(Root { pairs: grammar::Grammar::parse(rule, text).ok()? })
}

/// What a piece of text was read as.
pub(super) struct Root<'a> {
    pairs: Pairs<'a, Rule>,
}

impl<'a> Root<'a> {
    /// The first node of a rule at any depth.
    pub fn find(&self, rule: Rule) -> Option<Node<'a>> {
        self.pairs.clone().flatten().find(|pair| pair.as_rule() == rule).map(|pair| Node { pair })
    }
}

fn unread(finding: Diagnostic) -> Parsed {
    Parsed { diagnostics: vec![finding], ..Parsed::default() }
}

fn comments(file: FileId, pairs: Pairs<'_, Rule>) -> Vec<Comment> {
    let mut comments = Vec::new();
    for pair in pairs.flatten() {
        let kind = match pair.as_rule() {
            Rule::COMMENT => CommentKind::Remark,
            Rule::doc => CommentKind::Doc,
            _ => continue,
        };
        let span = pair.as_span();
        comments.push(Comment { kind, span: Span::new(file, span.start(), span.end()) });
    }
    comments
}

/// Where a text stops being what it should have been, and what could have stood there.
pub(super) struct Miss {
    /// Offset in the text.
    pub at: usize,
    /// The rules that would have gone on from there.
    pub expected: Vec<Rule>,
}

/// Reads a piece of text as `rule`, for the finding it would make.
pub(super) fn attempt(rule: Rule, text: &str) -> Result<(), Miss> {
    let error = match grammar::Grammar::parse(rule, text) {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let expected = match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    Err(Miss { at, expected })
}

/// Whether a piece of text is wholly of `rule`, without a hole.
pub(super) fn is_sound(rule: Rule, text: &str) -> bool {
    grammar::Grammar::parse(rule, text).is_ok_and(|pairs| !pairs.flatten().any(|pair| is_hole(pair.as_rule())))
}

fn is_hole(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::stray
            | Rule::junk
            | Rule::stray_docs
            | Rule::unclosed
            | Rule::no_source
            | Rule::late_pipeline
            | Rule::late_stage
            | Rule::open_string
            | Rule::bad_source
            | Rule::bad_stage
            | Rule::bad_system
            | Rule::bad_member
            | Rule::bad_view
            | Rule::bad_process
            | Rule::bad_service
            | Rule::bad_constraint
            | Rule::bad_environment
            | Rule::bad_setting
    )
}

/// A node of the parse: a rule and the text it read.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pair: Pair<'a, Rule>,
}

impl<'a> Node<'a> {
    /// The rule.
    pub fn rule(&self) -> Rule {
        self.pair.as_rule()
    }

    /// Offset of the first byte.
    pub fn start(&self) -> usize {
        self.pair.as_span().start()
    }

    /// Offset behind the last byte, which may be behind blanks and remarks.
    pub fn end(&self) -> usize {
        self.pair.as_span().end()
    }

    /// The text.
    pub fn text(&self) -> &'a str {
        self.pair.as_str()
    }

    /// The parts, without remarks.
    pub fn children(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.pair.clone().into_inner().filter(|pair| pair.as_rule() != Rule::COMMENT).map(|pair| Node { pair })
    }

    /// The first part.
    pub fn first(&self) -> Option<Node<'a>> {
        self.children().next()
    }

    /// The first part of a rule.
    pub fn child(&self, rule: Rule) -> Option<Node<'a>> {
        self.children().find(|child| child.rule() == rule)
    }

    /// All parts of a rule.
    pub fn all(&self, rule: Rule) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.children().filter(move |child| child.rule() == rule)
    }

    /// Whether there is a part of a rule.
    pub fn has(&self, rule: Rule) -> bool {
        self.child(rule).is_some()
    }

    /// The first node of a rule at any depth.
    pub fn find(&self, rule: Rule) -> Option<Node<'a>> {
        self.pair.clone().into_inner().flatten().find(|pair| pair.as_rule() == rule).map(|pair| Node { pair })
    }
}

/// What pest makes of the grammar.
mod grammar {
    #![allow(missing_docs)]

    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/diac.pest"]
    pub(super) struct Grammar;
}
