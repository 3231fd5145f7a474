//! Findings for machines; `docs/diagnostics.schema.json` describes the form, `version` counts its breaking changes.

use serde::Serialize;

use super::trace;

use crate::diag::{Diagnostic, Summary};
use crate::source::{SourceMap, Span};

/// The report as pretty JSON with a final newline.
#[must_use]
pub fn report(findings: &[Diagnostic], sources: &SourceMap) -> String {
    let counts = Summary::of(findings);
    let report = Report {
        version: 1,
        diagnostics: findings.iter().map(|finding| item(finding, sources)).collect(),
        summary: Counts { errors: counts.errors, warnings: counts.warnings, advice: counts.advice },
    };
    crate::output::json(&report)
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    diagnostics: Vec<Item<'a>>,
    summary: Counts,
}

#[derive(Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    advice: usize,
}

#[derive(Serialize)]
struct Item<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    labels: Vec<Label<'a>>,
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    story: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<trace::Json<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<Waived<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Label<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Waived<'a> {
    reason: &'a str,
    until: Option<&'a str>,
}

fn item<'a>(finding: &'a Diagnostic, sources: &'a SourceMap) -> Item<'a> {
    // The culprit is the first label, so that what is said there is not lost.
    let labels = std::iter::once(&finding.primary).chain(&finding.labels);
    Item {
        rule: finding.rule,
        severity: finding.severity.word(),
        message: &finding.message,
        place: place(finding.primary.span, sources),
        labels: labels.map(|l| Label { place: place(l.span, sources), message: &l.message }).collect(),
        help: finding.help.as_deref(),
        story: &finding.story,
        trace: finding.trace.as_ref().map(|found| trace::json(found, sources)),
        fix: finding.fix.as_ref().map(|fix| Fix {
            edits: fix.edits.iter().map(|edit| Edit { place: place(edit.span, sources), text: &edit.text }).collect(),
        }),
        waived: finding.waived.as_ref().map(|w| Waived { reason: &w.reason, until: w.until.as_deref() }),
    }
}

fn place(span: Span, sources: &SourceMap) -> Place<'_> {
    let (from, to) = sources.positions(span);
    Place {
        file: sources.name(span.file),
        line: from.line,
        column: from.column,
        end_line: to.line,
        end_column: to.column,
    }
}
