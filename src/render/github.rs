//! Findings as workflow commands of GitHub Actions: each becomes a remark at its line. Waived findings are not shown.

use crate::diag::{Diagnostic, Severity};
use crate::source::SourceMap;

/// One line a finding.
#[must_use]
pub fn report(findings: &[Diagnostic], sources: &SourceMap) -> String {
    let shown = findings.iter().filter(|finding| finding.waived.is_none());
    shown.map(|finding| line(finding, sources)).collect()
}

fn line(finding: &Diagnostic, sources: &SourceMap) -> String {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "notice",
    };
    let (from, to) = sources.positions(finding.primary.span);
    let mut place =
        format!("file={},line={},endLine={}", property(sources.name(finding.primary.span.file)), from.line, to.line);
    // GitHub takes columns only of what stands on one line.
    if from.line == to.line {
        place.push_str(&format!(",col={},endColumn={}", from.column, to.column));
    }
    let mut said = finding.message.clone();
    for label in &finding.labels {
        let (at, _) = sources.positions(label.span);
        said.push_str(&format!("\n{}:{}: {}", sources.name(label.span.file), at.line, label.message));
    }
    if let Some(help) = &finding.help {
        said.push_str(&format!("\nhelp: {help}"));
    }
    format!("::{word} {place},title={}::{}\n", property(finding.rule), data(&said))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
