//! Findings as other tools read them: SARIF, and GitHub's workflow commands.

use diac::diag::{Code, Diagnostic, Severity, Waived};
use diac::render::{github, sarif};
use diac::source::{SourceMap, Span};
use serde_json::Value;

use crate::process::expect;
use crate::scratch::Scratch;

const RULES: &[sarif::Described] =
    &[sarif::Described { name: "open_key", title: "no key", severity: Severity::Warning, page: " A page.\n" }];

/// Two findings in a file with a name and letters of every kind: one with all there can be, one that is waived.
fn findings() -> (SourceMap, Vec<Diagnostic>) {
    let text = "größe 漢字 x\r\n\tä = 😀 y\r\n";
    let mut sources = SourceMap::default();
    let id = sources.add("dir/a, b:1%.dia", text);
    let at = |what: &str| Span::new(id, text.find(what).unwrap(), text.find(what).unwrap() + what.len());
    let finding = Diagnostic::new(Code::warning("open_key"), at("x"), "100% said").here("culprit");
    let finding = finding.also(at("😀 y"), "evidence").help("do").fix(at("ä"), "ö");
    let mut waived = finding.clone();
    waived.waived = Some(Waived { reason: "later".into(), until: None });
    (sources, vec![finding, waived])
}

#[test]
fn sarif_places_count_characters_and_waivers_are_suppressions() {
    let (sources, findings) = findings();
    let report: Value = serde_json::from_str(&sarif::report(&findings, &sources, RULES)).unwrap();
    assert_eq!(report["version"], "2.1.0");
    let run = &report["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "open_key");
    assert_eq!(run["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"], "warning");
    assert_eq!(run["tool"]["driver"]["rules"][0]["help"]["text"], "A page.");
    let first = &run["results"][0];
    assert_eq!(
        (first["ruleId"].as_str(), first["ruleIndex"].as_u64(), first["level"].as_str()),
        (Some("open_key"), Some(0), Some("warning"))
    );
    assert_eq!(first["message"]["text"], "100% said. Help: do");
    let place = &first["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "dir/a,%20b%3A1%25.dia");
    let region = serde_json::json!({"startLine": 1, "startColumn": 10, "endLine": 1, "endColumn": 11});
    assert_eq!(place["region"], region);
    assert_eq!(first["relatedLocations"][0]["message"]["text"], "evidence");
    assert_eq!(first["relatedLocations"][0]["physicalLocation"]["region"]["startColumn"], 6);
    let change = &first["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(
        (change["deletedRegion"]["startLine"].as_u64(), change["insertedContent"]["text"].as_str()),
        (Some(2), Some("ö"))
    );
    assert!(first.get("suppressions").is_none());
    assert_eq!(run["results"][1]["suppressions"][0]["kind"], "inSource");
    assert_eq!(run["results"][1]["suppressions"][0]["justification"], "later");
}

#[test]
fn workflow_commands_are_escaped_and_leave_out_what_is_waived() {
    let (sources, findings) = findings();
    let report = github::report(&findings, &sources);
    assert_eq!(
        report,
        "::warning file=dir/a%2C b%3A1%25.dia,line=1,endLine=1,col=10,endColumn=11,title=open_key::100%25 said%0A\
         dir/a, b:1%25.dia:2: evidence%0Ahelp: do\n"
    );
}

#[test]
fn findings_and_their_absence_are_printed_on_stdout() {
    let scratch = Scratch::with(&[("bad.dia", "import \"x.dia\"\n"), ("good.dia", include_str!("sound.dia"))]);
    let (out, err) = expect(1, &scratch.0, &["check", "bad.dia", "--format", "sarif"]);
    assert_eq!(err, "");
    let report: Value = serde_json::from_str(&out).unwrap();
    let result = &report["runs"][0]["results"][0];
    let rule = result["ruleIndex"].as_u64().unwrap();
    let rules = report["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules[usize::try_from(rule).unwrap()]["id"], "import_not_found");
    assert_eq!(rules.len(), diac::rules::ALL.len());
    let (out, err) = expect(1, &scratch.0, &["check", "bad.dia", "--format", "github"]);
    assert_eq!((out.lines().count(), err.as_str()), (1, ""));
    assert!(out.starts_with("::error file=bad.dia,line=1,endLine=1,col="), "{out}");
    let (out, _) = expect(0, &scratch.0, &["check", "good.dia", "--format", "github"]);
    assert_eq!(out, "");
    let (out, _) = expect(0, &scratch.0, &["compile", "good.dia", "--format", "sarif"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["runs"][0]["results"], serde_json::json!([]));
}
