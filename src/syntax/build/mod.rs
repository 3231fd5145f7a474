//! Nodes to tree. Each construct is read by looking its parts up by rule, so that a part out of place is an internal finding and
//! never a panic.

// The rules are generated from the grammar; a reader names those it knows.
#![allow(clippy::wildcard_enum_match_arm)]

mod environment;
mod expr;
mod pipeline;
mod record;
mod service;
mod system;
mod value;
mod view;

use super::ast::{Allow, Assume, BarePipeline, Docs, File, Item, Name, Path};
use super::holes::salvage::Saved;
use super::holes::{self, Place};
use super::parse::{Comment, Node, Parsed, Rule};
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};

/// Builds the tree of a file.
pub(super) fn file(file: FileId, text: &str, comments: Vec<Comment>, node: &Node) -> Parsed {
    let mut builder = Builder::new(file, text, &comments);
    let items = builder.items(node);
    let Builder { mut diagnostics, unread, holes, .. } = builder;
    crate::diag::sort(&mut diagnostics);
    holes::shorten(&mut diagnostics);
    Parsed { ast: File { items }, comments, diagnostics, unread, holes }
}

/// What the functions that build share.
pub(super) struct Builder<'a> {
    pub file: FileId,
    pub text: &'a str,
    comments: &'a [Comment],
    pub diagnostics: Vec<Diagnostic>,
    pub unread: Vec<Name>,
    pub holes: Vec<Span>,
    /// Texts without closing quote: they may have swallowed braces.
    pub open_strings: Vec<Span>,
    /// The end of a pipe that ended its line: the next line is what it lacked, and no mistake of its own.
    pub stage_missing: Option<usize>,
}

/// A declaration as the lines behind it see it.
pub(super) struct Before<'a> {
    /// The declaration.
    pub node: Node<'a>,
    /// Where the statements of its body would stand.
    pub place: Option<Place>,
    /// Whether it has a body.
    pub has_body: bool,
}

impl<'a> Builder<'a> {
    /// Starts on a text.
    pub fn new(file: FileId, text: &'a str, comments: &'a [Comment]) -> Self {
        Self {
            file,
            text,
            comments,
            diagnostics: Vec::new(),
            unread: Vec::new(),
            holes: Vec::new(),
            open_strings: Vec::new(),
            stage_missing: None,
        }
    }

    fn items(&mut self, node: &Node<'a>) -> Vec<Item> {
        let mut items = Vec::new();
        let mut docs = Docs::new();
        let mut before: Option<Before> = None;
        for child in node.children() {
            match child.rule() {
                Rule::doc => docs.push(doc(&child)),
                Rule::declaration => {
                    let docs = std::mem::take(&mut docs);
                    let Some(inner) = child.first() else { continue };
                    items.extend(self.item(&inner, docs));
                    before = Some(Before {
                        place: Place::of_body(inner.rule()),
                        has_body: inner.has(Rule::lbrace),
                        node: inner,
                    });
                }
                Rule::junk => {
                    let name = self.junk(&child, before.as_ref());
                    // A body behind the junk is lost, and with it what the declaration says; so is the kind of a system.
                    let lost = |before: &Before| {
                        let kind = before.node.rule() == Rule::system && !before.node.has(Rule::kind);
                        !before.has_body && before.place.is_some() && (kind || child.text().contains('{'))
                    };
                    if before.as_ref().is_some_and(lost) {
                        items.pop();
                        self.unread.extend(name);
                    }
                }
                Rule::stray => {
                    docs.clear();
                    self.stray(&child, before.take());
                }
                Rule::stray_docs => self.stray_docs(&child),
                _ => {}
            }
        }
        items
    }

    fn item(&mut self, node: &Node<'a>, docs: Docs) -> Option<Item> {
        Some(match node.rule() {
            Rule::edition => Item::Edition(self.need_integer(node)?),
            Rule::pipeline_name => Item::Pipeline(self.need_name(node)?),
            Rule::import => Item::Import(self.need_string(node)?),
            Rule::secret_decl => Item::Secret(self.need_name(node)?),
            Rule::system => Item::System(self.system(node, docs)?),
            Rule::entity => Item::Entity(self.entity(node, docs)?),
            Rule::event => Item::Event(self.event(node, docs)?),
            Rule::view => Item::View(self.view(node, docs)?),
            Rule::defaults => Item::Defaults(self.defaults(node)),
            Rule::process => Item::Process(self.process(node, docs)?),
            Rule::service => Item::Service(self.service(node, docs)?),
            Rule::constraint => Item::Constraint(self.constraint(node, docs)?),
            Rule::environment => Item::Environment(self.environment(node, docs)?),
            Rule::bare_pipeline => Item::Bare(BarePipeline {
                source: self.need_path(node)?,
                except: self.paths(node),
                stages: self.stages(node),
                span: self.span(node),
            }),
            _ => return self.internal(node),
        })
    }

    /// Builds the good lines of a body and reports the bad ones; `saved` takes what is left of those.
    fn body<T>(
        &mut self,
        node: &Node<'a>,
        place: Place,
        mut line: impl FnMut(&mut Self, &Node<'a>, Docs) -> Option<T>,
        saved: fn(Saved) -> Option<T>,
    ) -> Vec<T> {
        let mut lines = Vec::new();
        let mut docs = Docs::new();
        for child in node.children().skip_while(|child| child.rule() != Rule::lbrace) {
            match child.rule() {
                Rule::doc => docs.push(doc(&child)),
                Rule::stray_docs => self.stray_docs(&child),
                Rule::unclosed => self.unclosed(node, &child),
                rule if rule == place.line() => {
                    let docs = std::mem::take(&mut docs);
                    let inner = if rule == Rule::setting { Some(child) } else { child.first() };
                    if let Some(inner) = inner {
                        lines.extend(line(self, &inner, docs));
                    }
                }
                rule if rule == place.hole() => {
                    docs.clear();
                    lines.extend(self.hole(place, &child).and_then(saved));
                }
                _ => {}
            }
        }
        lines
    }

    /// The bytes of a node, without blanks and remarks at its end.
    pub fn span(&self, node: &Node) -> Span {
        let start = node.start();
        let mut end = node.end();
        loop {
            let text = self.text.get(start..end).unwrap_or_default();
            end = start + text.trim_end().len();
            // A remark reaches to the end of its line, blanks and all.
            let before = self.comments.partition_point(|comment| (comment.span.start as usize) < end);
            match before.checked_sub(1).and_then(|at| self.comments.get(at)) {
                Some(comment) if comment.span.start as usize >= start && comment.span.end as usize >= end => {
                    end = comment.span.start as usize;
                }
                Some(_) | None => return Span::new(self.file, start, end),
            }
        }
    }

    /// Says that the builder does not know what the grammar gave it.
    fn internal<T>(&mut self, node: &Node) -> Option<T> {
        let message = "internal error: the parser read this and cannot say what it is";
        self.diagnostics
            .push(Diagnostic::new(codes::SYNTAX, self.span(node), message).help("report it, with this line"));
        None
    }

    fn need(&mut self, node: &Node<'a>, rule: Rule) -> Option<Node<'a>> {
        match node.child(rule) {
            Some(child) => Some(child),
            None => self.internal(node),
        }
    }

    pub fn name(&self, node: &Node) -> Name {
        Name { text: node.text().trim_matches('`').to_owned(), span: self.span(node) }
    }

    fn need_name(&mut self, node: &Node<'a>) -> Option<Name> {
        let child = self.need(node, Rule::name)?;
        Some(self.name(&child))
    }

    /// The names of the list among the parts.
    fn names(&self, node: &Node<'a>) -> Vec<Name> {
        let list = node.child(Rule::names);
        list.iter().flat_map(|list| list.all(Rule::name)).map(|name| self.name(&name)).collect()
    }

    pub fn path(&self, node: &Node) -> Path {
        let parts = node.children().map(|part| self.name(&part)).collect();
        Path { parts, span: self.span(node) }
    }

    fn need_path(&mut self, node: &Node<'a>) -> Option<Path> {
        let child = self.need(node, Rule::path)?;
        Some(self.path(&child))
    }

    /// The paths of the list among the parts.
    fn paths(&self, node: &Node<'a>) -> Vec<Path> {
        let list = node.child(Rule::paths);
        list.iter().flat_map(|list| list.all(Rule::path)).map(|path| self.path(&path)).collect()
    }

    fn allow(&mut self, node: &Node<'a>) -> Option<Allow> {
        let rule = self.need_name(node)?;
        let because = self.because(node)?;
        let until = node.child(Rule::date).map(|date| self.date(&date));
        Some(Allow { rule, because, until, unread: false, span: self.span(node) })
    }

    fn assume(&mut self, node: &Node<'a>) -> Option<Assume> {
        Some(Assume { what: self.need_name(node)?, because: self.because(node)?, span: self.span(node) })
    }

    fn because(&mut self, node: &Node<'a>) -> Option<super::ast::Spanned<String>> {
        let because = self.need(node, Rule::because)?;
        self.need_string(&because)
    }
}

/// The text of a documentation line.
fn doc(node: &Node) -> String {
    let text = node.text().trim_start_matches('#').trim_end();
    text.strip_prefix(' ').unwrap_or(text).to_owned()
}
