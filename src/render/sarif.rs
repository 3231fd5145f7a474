//! Findings as SARIF 2.1.0, for code scanning. Lines and columns are those of the JSON report: columns count Unicode scalar values.

use serde::Serialize;

use crate::diag::{Diagnostic, Severity};
use crate::source::{SourceMap, Span};

/// What the report says of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// The name: the id of its findings.
    pub name: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// The weight of most of its findings.
    pub severity: Severity,
    /// The page, as Markdown.
    pub page: &'static str,
}

/// The report as pretty JSON with a final newline. Waived findings are suppressed, with the reason.
#[must_use]
pub fn report(findings: &[Diagnostic], sources: &SourceMap, rules: &[Described]) -> String {
    let driver = Driver { name: "diac", version: env!("CARGO_PKG_VERSION"), rules: rules.iter().map(rule).collect() };
    let run = Run {
        tool: Tool { driver },
        column_kind: "unicodeCodePoints",
        results: findings.iter().map(|finding| item(finding, sources, rules)).collect(),
    };
    crate::output::json(&Report {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [run],
    })
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(rename = "$schema")]
    schema: &'a str,
    version: &'a str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'a str,
    results: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'a str,
    version: &'a str,
    rules: Vec<RuleItem<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleItem<'a> {
    id: &'a str,
    short_description: Text<'a>,
    default_configuration: Level<'a>,
    help: Page,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Page {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Level<'a> {
    level: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'a str,
    message: Message,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'a>>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'a> {
    description: Text<'a>,
    artifact_changes: Vec<Change<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: Artifact,
    replacements: [Replacement<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Text<'a>,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'a str,
    justification: &'a str,
}

fn rule(rule: &Described) -> RuleItem<'static> {
    let lines = rule.page.trim_end().lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let page = lines.collect::<Vec<_>>().join("\n");
    RuleItem {
        id: rule.name,
        short_description: Text { text: rule.title },
        default_configuration: Level { level: level(rule.severity) },
        help: Page { text: page.clone(), markdown: page },
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

fn item<'a>(finding: &'a Diagnostic, sources: &SourceMap, rules: &[Described]) -> Item<'a> {
    let help = finding.help.as_ref().map(|help| format!(". Help: {help}")).unwrap_or_default();
    let related = finding.labels.iter().enumerate();
    let fix = finding.fix.iter().map(|fix| Fix {
        description: Text { text: finding.help.as_deref().unwrap_or("the smallest edit that helps") },
        artifact_changes: fix
            .edits
            .iter()
            .map(|edit| Change {
                artifact_location: artifact(edit.span, sources),
                replacements: [Replacement {
                    deleted_region: region(edit.span, sources),
                    inserted_content: Text { text: &edit.text },
                }],
            })
            .collect(),
    });
    let suppression =
        finding.waived.iter().map(|waived| Suppression { kind: "inSource", justification: &waived.reason });
    Item {
        rule_id: finding.rule,
        rule_index: rules.iter().position(|rule| rule.name == finding.rule),
        level: level(finding.severity),
        message: Message { text: format!("{}{help}", finding.message) },
        locations: [Location {
            id: None,
            physical_location: physical(finding.primary.span, sources),
            message: said(&finding.primary.message),
        }],
        related_locations: related
            .map(|(at, label)| Location {
                id: Some(at),
                physical_location: physical(label.span, sources),
                message: said(&label.message),
            })
            .collect(),
        fixes: fix.collect(),
        suppressions: suppression.collect(),
    }
}

fn said(message: &str) -> Option<Text<'_>> {
    (!message.is_empty()).then_some(Text { text: message })
}

fn physical(span: Span, sources: &SourceMap) -> Physical {
    Physical { artifact_location: artifact(span, sources), region: region(span, sources) }
}

/// The file as a relative reference: what cannot stand in one is percent-escaped.
fn artifact(span: Span, sources: &SourceMap) -> Artifact {
    let mut uri = String::new();
    for byte in sources.name(span.file).bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    Artifact { uri }
}

fn region(span: Span, sources: &SourceMap) -> Region {
    let (from, to) = sources.positions(span);
    Region { start_line: from.line, start_column: from.column, end_line: to.line, end_column: to.column }
}
