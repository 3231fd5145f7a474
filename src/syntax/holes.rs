//! Holes to findings: one mistake, one finding, at the sign where the text stops being of the language.

// The rules are generated from the grammar; a reader names those it knows.
#![allow(clippy::wildcard_enum_match_arm)]

use super::ast::{Name, Path, Stage};
use super::build::{Before, Builder};
use super::parse::{Node, Rule, is_sound};
use crate::diag::{Diagnostic, codes};
use crate::source::Span;

mod habits;
mod numbers;
pub(super) mod salvage;
mod signs;
pub(super) mod wreck;

use salvage::Saved;
use wreck::Wreck;

/// Where statements stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    File,
    System,
    Record,
    Source,
    Stage,
    View,
    Defaults,
    Process,
    Service,
    Constraint,
    Environment,
    Settings,
}

impl Place {
    /// The places that have statements of their own, in the order in which a finding names them.
    pub const WITH_STATEMENTS: [Self; 8] = [
        Self::System,
        Self::Record,
        Self::View,
        Self::Process,
        Self::Service,
        Self::Constraint,
        Self::Environment,
        Self::File,
    ];

    /// The place inside the body of a declaration.
    pub fn of_body(head: Rule) -> Option<Self> {
        Some(match head {
            Rule::system => Self::System,
            Rule::entity | Rule::event => Self::Record,
            Rule::view => Self::View,
            Rule::defaults => Self::Defaults,
            Rule::process => Self::Process,
            Rule::service => Self::Service,
            Rule::constraint => Self::Constraint,
            Rule::environment => Self::Environment,
            _ => return None,
        })
    }

    /// The rule of a good line.
    pub fn line(self) -> Rule {
        match self {
            Self::File => Rule::declaration,
            Self::System => Rule::system_statement,
            Self::Record => Rule::member,
            Self::Source => Rule::source,
            Self::Stage => Rule::stage,
            Self::View | Self::Defaults => Rule::view_statement,
            Self::Process => Rule::process_statement,
            Self::Service => Rule::service_statement,
            Self::Constraint => Rule::constraint_statement,
            Self::Environment => Rule::environment_statement,
            Self::Settings => Rule::setting,
        }
    }

    /// The rule of a bad line.
    pub fn hole(self) -> Rule {
        match self {
            Self::File => Rule::stray,
            Self::System => Rule::bad_system,
            Self::Record => Rule::bad_member,
            Self::Source => Rule::bad_source,
            Self::Stage => Rule::bad_stage,
            Self::View | Self::Defaults => Rule::bad_view,
            Self::Process => Rule::bad_process,
            Self::Service => Rule::bad_service,
            Self::Constraint => Rule::bad_constraint,
            Self::Environment => Rule::bad_environment,
            Self::Settings => Rule::bad_setting,
        }
    }

    /// The rule that reads a piece of text as a line of this place and nothing else.
    pub fn probe(self) -> Rule {
        match self {
            Self::File => Rule::only_declaration,
            Self::System => Rule::only_system,
            Self::Record => Rule::only_member,
            Self::Source => Rule::only_source,
            Self::Stage => Rule::only_stage,
            Self::View | Self::Defaults => Rule::only_view,
            Self::Process => Rule::only_process,
            Self::Service => Rule::only_service,
            Self::Constraint => Rule::only_constraint,
            Self::Environment => Rule::only_environment,
            Self::Settings => Rule::only_setting,
        }
    }

    /// The words lines start with.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::File => &[
                "edition",
                "pipeline",
                "import",
                "system",
                "entity",
                "event",
                "view",
                "process",
                "service",
                "hard",
                "soft",
                "environment",
                "secret",
                "defaults",
            ],
            Self::System => &[
                "schema", "encoding", "leader", "leaders", "replicas", "may", "log", "version", "epoch", "managed",
                "standby", "allow", "assume",
            ],
            Self::Record => {
                &["key", "unique", "volume", "retain", "deleted", "append", "may", "identity", "allow", "assume"]
            }
            Self::Source | Self::Settings => &[],
            Self::Stage => &[
                "where", "select", "drop", "mask", "join", "left", "group", "window", "nest", "distinct", "union",
                "key",
            ],
            Self::View | Self::Defaults => &[
                "guarantee",
                "objective",
                "partitioned",
                "survives",
                "bootstrap",
                "mapping",
                "team",
                "via",
                "audit",
                "rebuild",
                "bad",
                "expire",
                "deletes",
                "retain",
                "allow",
                "assume",
            ],
            Self::Process => &["emit", "run", "guarantee", "allow", "assume"],
            Self::Service => &["writes", "emits", "reads", "team", "allow"],
            Self::Constraint => &["check", "compensate", "because", "allow"],
            Self::Environment => &["deploy", "secret", "system", "entity", "event", "view", "process"],
        }
    }

    /// The place in a finding's words.
    pub fn what(self) -> &'static str {
        match self {
            Self::File => "at the top of a file",
            Self::System => "in a system",
            Self::Record => "in an entity or event",
            Self::Source => "in the first line of a view",
            Self::Stage => "in a pipeline",
            Self::View => "in a view",
            Self::Defaults => "in `defaults`",
            Self::Process => "in a process",
            Self::Service => "in a service",
            Self::Constraint => "in a constraint",
            Self::Environment => "in an environment",
            Self::Settings => "among settings",
        }
    }

    /// What a line of the place is called.
    pub fn noun(self) -> &'static str {
        match self {
            Self::File => "declaration",
            Self::Stage => "pipeline stage",
            Self::Settings => "setting",
            Self::System
            | Self::Record
            | Self::Source
            | Self::View
            | Self::Defaults
            | Self::Process
            | Self::Service
            | Self::Constraint
            | Self::Environment => "statement",
        }
    }
}

/// How many mistakes of a file are shown: a file with more of them is no `.dia` file.
pub(super) const MOST: usize = 1000;

/// Leaves out the findings behind the first [`MOST`], and says so.
pub(super) fn shorten(diagnostics: &mut Vec<Diagnostic>) {
    if let Some(next) = diagnostics.get(MOST).map(|finding| finding.primary.span) {
        diagnostics.truncate(MOST);
        let message = format!("there are more than {MOST} mistakes; those from here on are not shown");
        diagnostics.push(Diagnostic::new(codes::SYNTAX, next, message).help("correct those above first"));
    }
}

impl<'a> Builder<'a> {
    /// Reports a line that is no statement. Returns what it declares all the same.
    pub fn hole(&mut self, place: Place, node: &Node<'a>) -> Option<Saved> {
        let span = self.span(node);
        let continues = self.continues_list(span);
        self.holes.push(span);
        if continues || (place == Place::View && self.continues_pipe(span)) {
            return None;
        }
        if self.has_said_enough() {
            return self.salvage(place, span, None);
        }
        let wreck = Wreck::new(self.file, self.text, span, place);
        let finding = self.open_string(node, &wreck).unwrap_or_else(|| wreck.explain());
        let saved = self.salvage(place, span, Some(&finding));
        self.diagnostics.push(finding);
        saved
    }

    /// Whether so many findings are made that another would not be shown.
    fn has_said_enough(&self) -> bool {
        self.diagnostics.len() > MOST
    }

    /// The finding of a text without closing quote in a hole, if that is what made the hole.
    fn open_string(&mut self, node: &Node<'a>, wreck: &Wreck) -> Option<Diagnostic> {
        let open = self.span(&node.find(Rule::open_string)?);
        if wreck.doubled_quote().is_some() || wreck.at() < open.start as usize {
            return None;
        }
        self.open_strings.push(open);
        let quote = self.text.get(open.range()).and_then(|text| text.get(..1)).unwrap_or("\"");
        let finding = Diagnostic::new(codes::SYNTAX, open, "this text is not closed on its line");
        Some(finding.here("starts here").help(format!("add the closing `{quote}`")))
    }

    /// Reports what stands behind a complete declaration on its line. Returns the declaration's name, as it is meant.
    pub fn junk(&mut self, node: &Node<'a>, before: Option<&Before<'a>>) -> Option<Name> {
        let span = self.span(node);
        self.holes.push(span);
        let name = before.and_then(|before| before.node.child(Rule::name)).map(|name| self.name(&name));
        if self.has_said_enough() {
            return name;
        }
        let start = before.map_or(node.start(), |before| before.node.start());
        let whole = Span::new(self.file, start, span.end as usize);
        let wreck = Wreck::new(self.file, self.text, whole, Place::File).behind(node.start());
        let finding = self.open_string(node, &wreck).unwrap_or_else(|| wreck.explain());
        // `shop-db` was read as `shop`.
        let whole = name.map(|name| {
            let at = finding.primary.span;
            match self.text.get(at.range()).filter(|_| at.start == name.span.start && at.end > name.span.end) {
                Some(text) => Name { text: text.to_owned(), span: at },
                None => name,
            }
        });
        self.diagnostics.push(finding);
        whole
    }

    /// Reports lines that are no declaration.
    pub fn stray(&mut self, node: &Node<'a>, before: Option<Before<'a>>) {
        let span = self.span(node);
        self.holes.push(span);
        let text = self.text.get(span.range()).unwrap_or_default();
        if self.continues_pipe(span) || self.has_said_enough() {
            return;
        }
        if let Some(finding) = before.as_ref().and_then(|before| self.missing_brace(before, span)) {
            self.diagnostics.push(finding);
            return;
        }
        if text.starts_with('}') {
            let brace = Span::new(self.file, node.start(), node.start() + 1);
            let mut finding = Diagnostic::new(codes::SYNTAX, brace, "this `}` closes nothing").help("delete the `}`");
            if text == "}" {
                finding = finding.fix(brace, "");
            }
            self.diagnostics.push(self.with_end_of_body(finding, before.as_ref()));
            return;
        }
        let wreck = Wreck::new(self.file, self.text, span, Place::File);
        self.unread.extend(wreck.declared());
        let mut finding = self.open_string(node, &wreck).unwrap_or_else(|| wreck.explain());
        if text.lines().last().is_some_and(|line| line.trim() == "}") && text.lines().count() > 1 && !text.contains('{')
        {
            finding = self.with_end_of_body(finding, before.as_ref());
        }
        self.diagnostics.push(finding);
    }

    /// Shows where the body before a stray line ended, perhaps too early.
    fn with_end_of_body(&self, finding: Diagnostic, before: Option<&Before<'a>>) -> Diagnostic {
        match before.filter(|before| before.has_body).and_then(|before| before.node.child(Rule::rbrace)) {
            Some(brace) => finding.also(self.span(&brace), "the body before it ends here"),
            None => finding,
        }
    }

    /// The finding of a body whose opening brace is missing or on the next line.
    fn missing_brace(&self, before: &Before<'a>, stray: Span) -> Option<Diagnostic> {
        let place = before.place.filter(|_| !before.has_body)?;
        let head = self.span(&before.node);
        let text = self.text.get(stray.range())?;
        let first = text.lines().next()?;
        let end = Span { start: head.end, ..head };
        if let Some(finding) = self.broken_head(&before.node, stray).filter(|_| !text.starts_with('{')) {
            return Some(finding);
        }
        if text.starts_with('{') {
            let brace = Span { end: stray.start + 1, ..stray };
            let gap = Span { start: head.end, ..brace };
            let finding =
                Diagnostic::new(codes::SYNTAX, brace, "the `{` of a body stands on the line of its declaration");
            let blank = self.text.get(head.end as usize..stray.start as usize)?.trim().is_empty();
            let finding = finding.help("put the `{` at the end of the line above");
            return Some(if blank { finding.fix(gap, " {") } else { finding });
        }
        is_sound(place.probe(), first).then_some(())?;
        let finding = Diagnostic::new(
            codes::SYNTAX,
            Span { start: head.end, end: head.end, ..end },
            "expected `{`, found the end of the line",
        );
        let finding =
            finding.help("write `{` behind the head of the declaration").also(stray, "its body seems to start here");
        Some(if text.ends_with('}') {
            finding.fix(Span { start: head.end, end: head.end, ..head }, " {")
        } else {
            finding
        })
    }

    /// The finding of a head that goes on in the next line.
    fn broken_head(&self, node: &Node<'a>, stray: Span) -> Option<Diagnostic> {
        let head = self.span(node);
        let (first, second) = (self.text.get(head.range())?, self.text.get(stray.range())?);
        let gap = Span { start: head.end, end: stray.start, ..head };
        let blank = self.text.get(gap.range())?.trim().is_empty();
        let sound = blank && second.len() < MOST && is_sound(Rule::only_declaration, &format!("{first} {second}"));
        let line = Span { end: self.line_end(stray.start), ..stray };
        sound.then(|| {
            Diagnostic::new(codes::SYNTAX, line, "the head of a declaration stands on one line")
                .help("join the two lines")
                .fix(gap, " ")
        })
    }

    /// Reports documentation above nothing.
    pub fn stray_docs(&mut self, node: &Node<'a>) {
        let length = self.text.get(node.start()..node.end()).unwrap_or_default().trim_end().len();
        let span = Span::new(self.file, node.start(), node.start() + length);
        self.holes.push(span);
        self.diagnostics.push(
            Diagnostic::new(codes::SYNTAX, span, "documentation stands above a declaration, a column or a statement")
                .help("move it, or write a remark with one `#`"),
        );
    }

    /// Reports a body without its closing brace.
    pub fn unclosed(&mut self, node: &Node<'a>, hole: &Node<'a>) {
        let at = hole.start();
        let Some(brace) = node.child(Rule::lbrace).map(|brace| self.span(&brace)) else { return };
        // A text that is not closed may hold the brace; then that is the one mistake.
        let swallowed =
            |open: &Span| open.end as usize <= at && self.text.get(open.range()).is_some_and(|text| text.contains('}'));
        let inside = self.open_strings.iter().rev().take_while(|open| open.start >= brace.start);
        if inside.into_iter().any(swallowed) {
            return;
        }
        let here = Span::new(self.file, at, at);
        self.holes.push(here);
        let new_line = self.text.get(..at).is_none_or(|text| text.ends_with(['\n', '\r']));
        self.diagnostics.push(
            Diagnostic::new(codes::SYNTAX, brace, "this `{` is not closed")
                .also(here, "`}` is missing here")
                .help("add the closing `}`")
                .fix(here, if new_line { "}\n" } else { "\n}" }),
        );
    }

    /// Reports a pipe with nothing behind it.
    pub fn missing_stage(&mut self, pipe: &Node<'a>) {
        let span = self.span(pipe);
        self.holes.push(span);
        self.stage_missing = Some(pipe.end());
        self.diagnostics.push(
            Diagnostic::new(codes::SYNTAX, span, "expected a stage behind `|`")
                .help("write a stage such as `where`, or the path of a store"),
        );
    }

    /// Whether a line is the stage that a pipe at the end of the line before it lacked.
    fn continues_pipe(&mut self, span: Span) -> bool {
        let Some(end) = self.stage_missing.take() else { return false };
        let between = self.text.get(end..span.start as usize).unwrap_or("?");
        if between.lines().any(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
            return false;
        }
        let text = self.text.get(span.range()).unwrap_or_default();
        let stage = text.strip_suffix('|').unwrap_or(text);
        if !is_sound(Rule::only_stage, stage) {
            return false;
        }
        if stage.len() < text.len() {
            self.stage_missing = Some(span.end as usize);
        }
        if let Some(last) = self.diagnostics.last_mut() {
            last.help = Some("put the `|` at the start of the next line".to_owned());
        }
        true
    }

    /// Whether the line before could not be read either, and a list goes on behind its last comma.
    fn continues_list(&self, span: Span) -> bool {
        let Some(before) = self.holes.last().filter(|before| before.end <= span.start) else { return false };
        let text = self.text.get(before.range()).unwrap_or_default();
        let between = self.text.get(before.end as usize..span.start as usize).unwrap_or("?");
        text.trim_end().ends_with(',') && between.trim().is_empty()
    }

    /// The source of a view; a missing one is reported.
    pub fn view_source(&mut self, node: &Node<'a>) -> Option<Path> {
        if let Some(source) = node.child(Rule::source) {
            return source.first().map(|path| self.path(&path));
        }
        if let Some(bad) = node.child(Rule::bad_source) {
            self.hole(Place::Source, &bad);
            return None;
        }
        let late = node.child(Rule::late_pipeline).and_then(|late| late.child(Rule::path)).map(|path| self.path(&path));
        if let Some(path) = &late {
            let message = "the pipeline of a view stands above its statements";
            self.diagnostics.push(
                Diagnostic::new(codes::MISPLACED_STATEMENT, path.span, message).help("move it to the top of the view"),
            );
            return late;
        }
        let at = node.child(Rule::no_source).map_or(node.end(), |hole| hole.start());
        let found = self.text.get(at..).and_then(|rest| rest.chars().next()).filter(|sign| !sign.is_whitespace());
        let span = Span::new(self.file, at, at + found.map_or(0, char::len_utf8));
        self.holes.push(span);
        self.diagnostics.push(
            Diagnostic::new(codes::SYNTAX, span, "a view starts with its source")
                .help("write an entity, an event, another view or a path into a system"),
        );
        None
    }

    /// Stages below the statements of a view; they are reported and kept.
    pub fn late(&mut self, node: &Node<'a>, ended: bool) -> Vec<Stage> {
        let mut stages = Vec::new();
        let mut told = node.has(Rule::no_source);
        for child in node.children() {
            match child.rule() {
                // A line that lacks its pipe, or has another sign for it: the stages behind it are where they belong.
                Rule::bad_view if stages.is_empty() => {
                    let text = child.text().trim_start_matches(['-', '=', '>', ' ']).trim_end();
                    told |= is_sound(Rule::only_stage, text) && !node.has(Rule::view_statement);
                }
                Rule::late_pipeline | Rule::late_stage => {
                    let new = self.stages(&child);
                    if !std::mem::replace(&mut told, true) {
                        let span = self.span(&child);
                        let span = Span { end: span.end.min(self.line_end(span.start)), ..span };
                        let (message, help) = if child.rule() == Rule::late_stage {
                            ("a stage stands below the statements of its view", "move it up, behind the other stages")
                        } else {
                            ("a view has one pipeline", "declare a second view for the second pipeline")
                        };
                        self.diagnostics.push(Diagnostic::new(codes::MISPLACED_STATEMENT, span, message).help(help));
                    }
                    // Behind a store nothing can follow, which is what is said already.
                    if (child.rule() == Rule::late_stage && !ended) || node.has(Rule::no_source) {
                        stages.extend(new);
                    }
                }
                _ => {}
            }
        }
        stages
    }

    fn line_end(&self, start: u32) -> u32 {
        let rest = self.text.get(start as usize..).unwrap_or_default();
        start + u32::try_from(rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or(0)
    }
}
