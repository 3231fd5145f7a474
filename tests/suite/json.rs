//! The JSON report of every case of `tests/ui`: of the published form, its lines those of the markers, waived findings present and not counted.

use libtest_mimic::Trial;
use serde_json::Value;

use super::markers::{self, Mark};
use super::schema;
use super::ui::{Case, cases};

pub fn trials() -> Vec<Trial> {
    let cases = cases().into_iter();
    cases
        .map(|case| Trial::test(format!("json/{}/{}", case.rule, case.name), move || check(&case).map_err(Into::into)))
        .collect()
}

fn check(case: &Case) -> Result<(), String> {
    let outcome = case.run()?;
    let text = outcome.json();
    schema::conforms(&text)?;
    let report: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let found = report["diagnostics"].as_array().ok_or("no diagnostics")?;
    let made: Vec<Mark> = found.iter().map(mark).collect::<Option<_>>().ok_or("a finding without a place")?;
    for severity in ["error", "warning", "advice"] {
        let plural = if severity == "advice" { "advice".to_owned() } else { format!("{severity}s") };
        let count = found.iter().filter(|finding| finding["severity"] == severity && finding.get("waived").is_none());
        let count = count.count();
        if report["summary"][&plural] != count {
            return Err(format!("{count} {plural} and the summary says {}", report["summary"][&plural]));
        }
    }
    for finding in found {
        let first = &finding["labels"][0];
        if ["file", "line", "column", "end_line", "end_column"].iter().any(|key| first[key] != finding[key]) {
            return Err(format!("the first label is not at the finding's own place: {finding}"));
        }
        let start = (finding["line"].as_u64(), finding["column"].as_u64());
        let end = (finding["end_line"].as_u64(), finding["end_column"].as_u64());
        if start > end {
            return Err(format!("a finding ends before it starts: {finding}"));
        }
    }
    markers::compare(case.meant(&outcome), made)
}

fn mark(finding: &Value) -> Option<Mark> {
    Some(Mark {
        file: finding["file"].as_str()?.to_owned(),
        line: u32::try_from(finding["line"].as_u64()?).ok()?,
        rule: finding["rule"].as_str()?.to_owned(),
        waived: finding.get("waived").is_some(),
    })
}
