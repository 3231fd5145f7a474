//! Findings for people, on a terminal or in a log. The only place that knows miette, which draws the lines of source with their labels;
//! header, story and help around them are set here, since miette has no place for a story.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents, ThemeCharacters, ThemeStyles,
};

use super::trace;
use super::window::{self, Window};
use crate::diag::{Diagnostic, Severity, Summary};
use crate::source::SourceMap;

/// How findings are to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns to keep to.
    pub width: usize,
    /// With or without colour.
    pub colour: Colour,
}

/// With or without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// The terminal's sixteen colours.
    Ansi,
    /// Text only.
    None,
}

impl Look {
    /// What tests and logs get: no colour, 100 columns.
    pub const PLAIN: Self = Self { width: 100, colour: Colour::None };

    fn theme(self) -> GraphicalTheme {
        match self.colour {
            Colour::Ansi => GraphicalTheme { characters: ThemeCharacters::unicode(), styles: ThemeStyles::ansi() },
            Colour::None => GraphicalTheme::unicode_nocolor(),
        }
    }
}

/// Draws all findings in the order given, the waived ones behind the others in one line each, and a summary at the end.
#[must_use]
pub fn report(findings: &[Diagnostic], sources: &SourceMap, look: Look) -> String {
    let mut text = String::new();
    for finding in findings.iter().filter(|finding| finding.waived.is_none()) {
        text.push_str(&one(finding, sources, look));
        text.push('\n');
    }
    let waived: Vec<&Diagnostic> = findings.iter().filter(|finding| finding.waived.is_some()).collect();
    for finding in &waived {
        text.push_str(&waived_line(finding, sources, look));
    }
    if !waived.is_empty() {
        text.push('\n');
    }
    if let Some(finding) = findings.iter().find(|finding| finding.waived.is_none()) {
        text.push_str(&format!("every rule has a page: diac explain {}\n", finding.rule));
    }
    text.push_str(&summary(findings));
    text.push('\n');
    text
}

/// Draws one finding.
#[must_use]
pub fn one(finding: &Diagnostic, sources: &SourceMap, look: Look) -> String {
    let theme = look.theme();
    let mut text = header(finding, &theme, look);
    text.push_str(&snippet(finding, sources, theme.clone(), look));
    if let Some(trace) = &finding.trace {
        text.push_str(&format!("  {}\n", theme.styles.help.style("shortest run:")));
        text.push_str(&trace::table(trace, "    ", sources));
    } else if !finding.story.is_empty() {
        text.push_str(&format!("  {}\n", theme.styles.help.style("what would happen:")));
        for (step, sentence) in (1..).zip(&finding.story) {
            text.push_str(&paragraph(sentence, &format!("    {step}. "), look));
        }
    }
    if let Some(help) = &finding.help {
        let lead = theme.styles.help.style("help:").to_string();
        text.push_str(&paragraph(help, "  help: ", look).replacen("help:", &lead, 1));
    }
    text
}

/// `dual_write  × two places are written for one fact`, broken under its own start.
fn header(finding: &Diagnostic, theme: &GraphicalTheme, look: Look) -> String {
    let (icon, style) = match finding.severity {
        Severity::Error => (&theme.characters.error, theme.styles.error),
        Severity::Warning => (&theme.characters.warning, theme.styles.warning),
        Severity::Advice => (&theme.characters.advice, theme.styles.advice),
    };
    let lead = format!("{}  {icon} ", finding.rule);
    let styled = format!("{}  {} ", style.style(finding.rule), style.style(icon));
    paragraph(&finding.message, &lead, look).replacen(&lead, &styled, 1)
}

/// Text behind a lead, broken at the width and indented under its own start.
fn paragraph(text: &str, lead: &str, look: Look) -> String {
    let indent = " ".repeat(textwrap::core::display_width(lead).min(24));
    let clean: String = text.chars().map(|c| if c == '\n' { c } else { window::harmless(c) }).collect();
    let options = textwrap::Options::new(look.width.max(40))
        .initial_indent(lead)
        .subsequent_indent(&indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    let mut filled = textwrap::fill(&clean, options);
    filled.push('\n');
    filled
}

/// The lines of source with their labels.
fn snippet(finding: &Diagnostic, sources: &SourceMap, theme: GraphicalTheme, look: Look) -> String {
    let view = View { finding, window: window::cut(finding, sources) };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(look.width)
        // What is shown is decided by the window; miette is only to ask for all of it.
        .with_context_lines(1)
        .with_links(false)
        .without_cause_chain();
    let mut drawn = String::new();
    if handler.render_report(&mut drawn, &view).is_err() {
        return place_only(finding, sources);
    }
    // The first line is miette's own header, which has no message here.
    drawn.split_once('\n').map_or(String::new(), |(_, rest)| trim_line_ends(rest))
}

fn trim_line_ends(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_end());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// For a snippet that could not be drawn: where it would have been.
fn place_only(finding: &Diagnostic, sources: &SourceMap) -> String {
    let (from, _) = sources.positions(finding.primary.span);
    format!("    ╭─[{}:{}:{}]\n    ╰────\n", sources.name(finding.primary.span.file), from.line, from.column)
}

/// `waived dual_write at shop.dia:36:3: two places …, because … (until 2026-12-31)`.
fn waived_line(finding: &Diagnostic, sources: &SourceMap, look: Look) -> String {
    let Some(waived) = &finding.waived else { return String::new() };
    let (from, _) = sources.positions(finding.primary.span);
    let place = format!("{}:{}:{}", sources.name(finding.primary.span.file), from.line, from.column);
    let until = waived.until.as_ref().map(|date| format!(" (until {date})")).unwrap_or_default();
    let line = format!("waived {} at {place}: {}, because {}{until}", finding.rule, finding.message, waived.reason);
    let line: String = line.chars().map(|c| if c == '\n' { ' ' } else { window::harmless(c) }).collect();
    format!("{}\n", look.theme().styles.linum.style(line))
}

/// `2 errors, 1 warning (1 waived)`.
#[must_use]
pub fn summary(findings: &[Diagnostic]) -> String {
    let counts = Summary::of(findings);
    let waived = findings.iter().filter(|finding| finding.waived.is_some()).count();
    let many = |n: usize, one: &str, more: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {more}")),
    };
    let parts: Vec<String> = [
        many(counts.errors, "error", "errors"),
        many(counts.warnings, "warning", "warnings"),
        many(counts.advice, "piece of advice", "pieces of advice"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut line = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    if waived > 0 {
        line.push_str(&format!(" ({waived} waived)"));
    }
    line
}

/// A finding as miette sees it: only what it draws.
#[derive(Debug)]
struct View<'a> {
    finding: &'a Diagnostic,
    window: Window,
}

impl fmt::Display for View<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for View<'_> {}

impl miette::Diagnostic for View<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Advice => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.window)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.window.labels.iter().map(|label| {
            let message = (!label.message.is_empty()).then(|| label.message.clone());
            let span = SourceSpan::from(label.range.clone());
            if label.primary {
                LabeledSpan::new_primary_with_span(message, span)
            } else {
                LabeledSpan::new_with_span(message, span)
            }
        })))
    }
}

/// miette asks with lines of context for what to draw, and without for what to name in the frame.
impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let start = span.offset();
        let end = start + span.len();
        let block = self.blocks.iter().find(|block| block.range.start <= start && end <= block.range.end);
        // A span over two blocks is miette's question whether they can be one.
        let block = block.ok_or(MietteError::OutOfBounds)?;
        let text = self.text.get(block.range.clone()).ok_or(MietteError::OutOfBounds)?;
        let (line, column) = if before == 0 && after == 0 {
            let label = self.labels.iter().find(|label| label.range.start == start);
            label.map_or((block.line, 0), |label| (label.line, label.column))
        } else {
            (block.line, 0)
        };
        let whole = SourceSpan::from(block.range.clone());
        let name = block.name.clone();
        Ok(Box::new(MietteSpanContents::new_named(name, text.as_bytes(), whole, line, column, block.lines)))
    }
}
