//! Declarations, bodies and pipelines: what stands on which line, and in which order.

// The rules are generated from the grammar; a reader names those it knows.
#![allow(clippy::wildcard_enum_match_arm)]

use std::collections::VecDeque;

use super::line::{INDENT, Page, Remark, Stops, WIDTH, width};
use super::tokens::{Token, tokens};
use crate::syntax::parse::{Node, Rule};

/// Remarks that are not printed yet, in order.
type Remarks = VecDeque<Remark>;

/// A declaration or statement with the remarks that travel with it.
struct Entry<'a> {
    /// Above it, with the documentation.
    above: Vec<Remark>,
    /// Whether an empty line stands directly above it.
    blank: bool,
    /// Itself.
    node: Node<'a>,
    /// Its tokens.
    tokens: Vec<Token>,
    /// In it.
    inside: Remarks,
    /// At the end of its last line.
    behind: Option<Remark>,
}

impl Entry<'_> {
    /// Whether an empty line stands above it or between what stands above it.
    fn apart(&self) -> bool {
        self.blank || self.above.iter().any(|remark| remark.blank)
    }

    /// Whether an empty line stands above all of it.
    fn top(&mut self) -> &mut bool {
        self.above.first_mut().map_or(&mut self.blank, |remark| &mut remark.blank)
    }

    /// Whether its first word is an operator that would go on with an expression of the line above.
    fn goes_on(&self) -> bool {
        self.tokens.first().is_some_and(|token| matches!(token.text.as_str(), "and" | "or"))
    }
}

/// Prints a file.
pub(super) struct Printer<'a> {
    text: &'a str,
    remarks: Remarks,
    /// What is printed.
    pub page: Page,
}

/// Whether a rule has a body in braces.
pub(super) fn is_block(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::system
            | Rule::entity
            | Rule::event
            | Rule::view
            | Rule::defaults
            | Rule::process
            | Rule::service
            | Rule::constraint
            | Rule::environment
            | Rule::deploy
            | Rule::tune
    )
}

/// Whether a line above is empty and nothing stands before a place on its own line.
pub(super) fn blank_above(text: &str, at: usize) -> bool {
    let mut lines = text.get(..at).unwrap_or_default().rsplit('\n');
    let mut empty = || lines.next().is_some_and(|line| line.trim().is_empty());
    empty() && empty()
}

/// The place of a statement among a view's statements.
fn rank(statement: Rule) -> usize {
    const ORDER: &[Rule] = &[
        Rule::team,
        Rule::partitioned,
        Rule::mapping,
        Rule::guarantee,
        Rule::objective,
        Rule::survives,
        Rule::via,
        Rule::bootstrap,
        Rule::rebuild,
        Rule::audit,
        Rule::bad_records,
        Rule::on_delete,
        Rule::expire,
        Rule::retain,
        Rule::assume,
        Rule::allow,
    ];
    ORDER.iter().position(|rule| *rule == statement).unwrap_or(ORDER.len())
}

/// The first remarks that start before a place.
fn before(remarks: &mut Remarks, at: usize) -> Remarks {
    let count = remarks.iter().take_while(|remark| remark.start < at).count();
    remarks.drain(..count).collect()
}

impl<'a> Printer<'a> {
    pub fn new(text: &'a str, remarks: Vec<Remark>) -> Self {
        Self { text, remarks: remarks.into(), page: Page::default() }
    }

    pub fn file(&mut self, node: &Node<'a>) {
        let mut remarks = std::mem::take(&mut self.remarks);
        let mut entries = self.entries(node.all(Rule::declaration), Rule::file, &mut remarks);
        sort_imports(&mut entries);
        let mut first = true;
        for entry in entries {
            self.entry(entry, 0, &mut first, Stops::default(), false);
        }
        self.rest(remarks, 0, first);
        self.page.finish();
    }

    /// Gives each statement the remarks that travel with it; what is left over stands below the last one.
    fn entries(&self, nodes: impl Iterator<Item = Node<'a>>, within: Rule, remarks: &mut Remarks) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for node in nodes {
            let tokens = tokens(&node, within);
            let (Some(start), Some(end)) = (tokens.first().map(|t| t.start), tokens.last().map(|t| t.end)) else {
                continue;
            };
            let mut above: Vec<Remark> = before(remarks, start).into();
            let mut blank = blank_above(self.text, start);
            // Documentation stands directly above what it is about.
            let mut documented = false;
            for remark in &mut above {
                remark.blank &= !documented;
                documented = remark.text.starts_with("##") && !remark.text.starts_with("###");
            }
            blank &= !documented;
            let inside = before(remarks, end);
            let behind = self.behind(end, remarks);
            entries.push(Entry { above, blank, node, tokens, inside, behind });
        }
        entries
    }

    /// The remark at the end of the line that `end` stands on, where nothing else stands between.
    fn behind(&self, end: usize, remarks: &mut Remarks) -> Option<Remark> {
        let next = remarks.front().filter(|remark| remark.behind)?;
        let between = self.text.get(end..next.start)?;
        if between.trim_matches([' ', '\t', ',']).is_empty() { remarks.pop_front() } else { None }
    }

    fn above(&mut self, remarks: impl IntoIterator<Item = Remark>, indent: usize, first: &mut bool) {
        for remark in remarks {
            self.page.start(indent, remark.blank && !*first);
            self.page.remark(&remark);
            *first = false;
        }
    }

    /// The remarks below the last statement of a body.
    fn rest(&mut self, remarks: Remarks, indent: usize, mut first: bool) {
        self.above(remarks, indent, &mut first);
    }

    fn entry(&mut self, mut entry: Entry<'a>, indent: usize, first: &mut bool, stops: Stops, comma: bool) {
        self.above(std::mem::take(&mut entry.above), indent, first);
        self.page.start(indent, entry.blank && !*first);
        *first = false;
        let inner = match entry.node.rule() {
            Rule::declaration | Rule::environment_statement => entry.node.first(),
            _ => None,
        };
        let inner = inner.unwrap_or(entry.node);
        if inner.rule() == Rule::bare_pipeline {
            self.pipeline(&inner, inner.children(), indent, indent + INDENT, &mut entry.inside);
        } else if is_block(inner.rule()) && inner.has(Rule::lbrace) {
            self.block(&inner, indent, entry.inside);
        } else {
            self.page.line(&entry.tokens, entry.inside.make_contiguous(), indent + INDENT, stops);
        }
        if comma {
            self.page.put(",");
        }
        self.page.behind(entry.behind.as_ref());
    }

    fn block(&mut self, node: &Node<'a>, indent: usize, mut remarks: Remarks) {
        let rule = node.rule();
        let mut header = Vec::new();
        let mut body = Vec::new();
        let (mut open, mut close) = (None, None);
        for child in node.children() {
            match child.rule() {
                Rule::lbrace => open = tokens(&child, rule).pop(),
                Rule::rbrace => close = tokens(&child, rule).pop(),
                Rule::comma | Rule::doc => {}
                _ if open.is_none() => header.extend(tokens(&child, rule)),
                _ => body.push(child),
            }
        }
        let (Some(open), Some(close)) = (open, close) else { return };
        let mut among = before(&mut remarks, open.start);
        self.page.line(&header, among.make_contiguous(), indent + INDENT, Stops::default());
        self.page.put(" ");
        self.page.token(&open);
        if body.is_empty() && remarks.is_empty() {
            return self.page.token(&close);
        }
        if self.fits(rule, &body, &open, &close) {
            return self.one_line(rule, &body, &close);
        }
        let behind = self.behind(open.end, &mut remarks);
        self.page.behind(behind.as_ref());
        let below = indent + INDENT;
        match rule {
            Rule::view => self.view(node, body, below, remarks),
            Rule::entity | Rule::event => self.record(body, below, remarks),
            _ => {
                let mut entries = self.entries(body.into_iter(), rule, &mut remarks);
                if rule == Rule::defaults {
                    sort_statements(&mut entries);
                }
                let mut first = true;
                for entry in entries {
                    self.entry(entry, below, &mut first, Stops::default(), false);
                }
                self.rest(remarks, below, first);
            }
        }
        self.page.start(indent, false);
        self.page.token(&close);
    }

    /// Whether a body stays on the line it is written on: one statement, or settings.
    fn fits(&self, rule: Rule, body: &[Node<'a>], open: &Token, close: &Token) -> bool {
        let settings = matches!(rule, Rule::deploy | Rule::tune);
        let few = settings || (body.len() == 1 && !matches!(rule, Rule::view | Rule::environment));
        let written = self.text.get(open.start..close.end).is_some_and(|text| !text.contains('\n'));
        let needed: usize = body.iter().map(|part| width(&tokens(part, rule)) + 2).sum();
        few && written && self.page.column() + needed + 2 <= WIDTH
    }

    fn one_line(&mut self, rule: Rule, body: &[Node<'a>], close: &Token) {
        for (at, part) in body.iter().enumerate() {
            self.page.put(if at == 0 { " " } else { ", " });
            self.page.line(&tokens(part, rule), &[], 0, Stops::default());
        }
        self.page.put(" ");
        self.page.token(close);
    }

    fn view(&mut self, node: &Node<'a>, body: Vec<Node<'a>>, indent: usize, mut remarks: Remarks) {
        let (statements, pipeline): (Vec<_>, Vec<_>) =
            body.into_iter().partition(|part| part.rule() == Rule::view_statement);
        let start = pipeline.first().map_or(node.start(), Node::start);
        let above = before(&mut remarks, start);
        self.above(above, indent, &mut true);
        self.page.start(indent, false);
        let end = self.pipeline(node, pipeline.into_iter(), indent, indent, &mut remarks);
        let behind = self.behind(end, &mut remarks);
        self.page.behind(behind.as_ref());
        let mut entries = self.entries(statements.into_iter(), Rule::view, &mut remarks);
        sort_statements(&mut entries);
        // The empty line below the pipeline.
        if let Some(first) = entries.first_mut() {
            *first.top() = true;
        }
        for entry in entries {
            self.entry(entry, indent, &mut false, Stops::default(), false);
        }
        self.rest(remarks, indent, false);
    }

    /// A source and its stages, on one line where they are written so, else a line each. Returns where it ended in the text.
    fn pipeline(
        &mut self,
        node: &Node<'a>,
        parts: impl Iterator<Item = Node<'a>>,
        indent: usize,
        stages: usize,
        remarks: &mut Remarks,
    ) -> usize {
        let mut lines: Vec<Vec<Token>> = vec![Vec::new()];
        for part in parts {
            if part.rule() == Rule::pipe {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut() {
                line.extend(tokens(&part, node.rule()));
            }
        }
        let all: Vec<Token> = lines.iter().flatten().cloned().collect();
        let start = all.first().map_or(0, |token| token.start);
        let end = all.last().map_or(0, |token| token.end);
        let written = self.text.get(start..end).is_some_and(|text| !text.contains('\n'));
        if written && indent + width(&all) <= WIDTH {
            self.page.line(&all, &[], 0, Stops::default());
            return end;
        }
        for (at, line) in lines.iter().enumerate() {
            let (Some(start), Some(end)) = (line.first().map(|t| t.start), line.last().map(|t| t.end)) else {
                continue;
            };
            for remark in before(remarks, start) {
                if remark.behind {
                    self.page.behind(Some(&remark));
                } else {
                    self.page.start(stages, false);
                    self.page.remark(&remark);
                }
            }
            if at > 0 {
                self.page.start(stages, false);
            }
            let further = if at > 0 { stages + 2 * INDENT } else { indent + INDENT };
            self.page.line(line, before(remarks, end).make_contiguous(), further, Stops::default());
        }
        end
    }

    /// The body of an entity or event: columns stand below each other as far as no empty line divides them.
    fn record(&mut self, body: Vec<Node<'a>>, indent: usize, mut remarks: Remarks) {
        let entries = self.entries(body.into_iter(), Rule::member, &mut remarks);
        let stops = stops(&entries, indent);
        let mut first = true;
        let mut entries = entries.into_iter().zip(stops).peekable();
        while let Some((entry, stops)) = entries.next() {
            let condition = entry.node.has(Rule::deleted_when);
            let comma = condition && entries.peek().is_some_and(|(next, _)| next.goes_on());
            self.entry(entry, indent, &mut first, stops, comma);
        }
        self.rest(remarks, indent, first);
    }
}

/// Where the types and the words behind them start, line by line.
fn stops(entries: &[Entry<'_>], indent: usize) -> Vec<Stops> {
    let mut stops = vec![Stops::default(); entries.len()];
    let mut from = 0;
    while from < entries.len() {
        let group = entries.iter().skip(from + 1).take_while(|entry| !entry.apart()).count() + 1;
        let columns: Vec<(usize, usize, usize, Option<usize>)> = entries
            .iter()
            .enumerate()
            .skip(from)
            .take(group)
            .filter_map(|(at, entry)| {
                let column = entry.node.child(Rule::column)?;
                let name = width(&tokens(&column.child(Rule::name)?, Rule::column));
                let ty = tokens(&column.child(Rule::type_name)?, Rule::column);
                // A list of words would push everything behind it out of sight.
                let counts = ty.first().is_some_and(|word| word.text != "enum");
                Some((at, name, ty.len(), counts.then(|| width(&ty))))
            })
            .collect();
        let names = columns.iter().map(|(_, name, ..)| *name).max().unwrap_or(0);
        let types = columns.iter().filter_map(|(.., ty)| *ty).max().unwrap_or(0);
        let first = indent + names + 2;
        for (at, _, tokens, _) in columns {
            if let Some(stops) = stops.get_mut(at) {
                *stops = Stops { first: Some((1, first)), second: Some((1 + tokens, first + types + 2)) };
            }
        }
        from += group;
    }
    stops
}

/// Brings a view's statements into their one order. The empty line above the first one belongs to the pipeline and does not move.
fn sort_statements(entries: &mut [Entry<'_>]) {
    if let Some(first) = entries.first_mut() {
        *first.top() = false;
    }
    entries.sort_by_key(|entry| rank(entry.node.first().map_or(Rule::view_statement, |node| node.rule())));
}

/// Sorts imports that follow each other without an empty line or a remark.
fn sort_imports(entries: &mut [Entry<'_>]) {
    let import = |entry: &Entry<'_>| entry.node.has(Rule::import) && entry.above.is_empty();
    let mut from = 0;
    while from < entries.len() {
        let rest = entries.get_mut(from..).unwrap_or_default();
        let more = rest.iter().skip(1).take_while(|entry| import(entry) && !entry.blank).count();
        let run = if rest.first().is_some_and(import) { more + 1 } else { 1 };
        if let Some(run) = rest.get_mut(..run) {
            let blank = run.first().is_some_and(|first| first.blank);
            run.sort_by(|one, other| one.tokens.last().map(|t| &t.text).cmp(&other.tokens.last().map(|t| &t.text)));
            for (at, entry) in run.iter_mut().enumerate() {
                entry.blank = at == 0 && blank;
            }
        }
        from += run;
    }
}
