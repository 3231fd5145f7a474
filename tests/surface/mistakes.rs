//! `mistakes/*.txt`: what people write wrong, each with its one finding. `⟨` and `⟩` stand around what the finding points at and are no part of the
//! text; behind `===` stand rule, a part of the message, a part of the help, and whether the edit that is offered `cures` the page or there is `no` edit.
//!
//! Each text is a page of its own that imports `prelude.dia` and ends in a declaration that must stay unharmed. The whole compiler reads it.

use diac::diag::{Diagnostic, Severity};
use diac::inputs::Inputs;
use diac::source::{LineIndex, SourceMap};
use diac::syntax::ast::Item;
use diac::syntax::parse;

const PRELUDE: &str = include_str!("mistakes/prelude.dia");
const WITNESS: &str = "\nentity witness in shop.public.witness {\n  id  bigint  key\n}\n";

struct Case {
    file: String,
    head: String,
    rule: String,
    says: String,
    help: String,
    cures: bool,
    text: String,
    from: usize,
    to: usize,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir("tests/surface/mistakes").unwrap().flatten().map(|e| e.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    files.sort();
    for path in files {
        let table = std::fs::read_to_string(&path).unwrap();
        for case in table.split("\n=== ").skip(1) {
            let (head, text) = case.split_once('\n').unwrap();
            let parts: Vec<&str> = head.split(" | ").map(str::trim).collect();
            let [rule, says, help, fix] = parts.as_slice() else { panic!("{}: {head}", path.display()) };
            let (before, rest) = text.split_once('⟨').unwrap_or_else(|| panic!("{head}\n{text}"));
            let (inside, after) = rest.split_once('⟩').unwrap();
            cases.push(Case {
                file: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                head: head.to_owned(),
                rule: (*rule).to_owned(),
                says: (*says).to_owned(),
                help: (*help).to_owned(),
                cures: match *fix {
                    "cures" => true,
                    "no" => false,
                    other => panic!("{head}: {other}"),
                },
                text: format!("{before}{inside}{}\n", after.trim_end()),
                from: before.len(),
                to: before.len() + inside.len(),
            });
        }
    }
    cases
}

/// Everything but advice that is said of a text, and whether the declaration behind it is there.
fn compile(text: &str, expected: &str) -> (Vec<Diagnostic>, bool) {
    let mut inputs = Inputs { sources: SourceMap::default(), ..Inputs::default() };
    let mut witness = false;
    for (name, text) in [("page.dia", format!("{text}{WITNESS}")), ("prelude.dia", PRELUDE.to_owned())] {
        let id = inputs.sources.add(name, text.as_str());
        let parsed = parse(id, &text);
        witness |=
            parsed.ast.items.iter().any(|item| matches!(item, Item::Entity(entity) if entity.name.text == "witness"));
        inputs.diagnostics.extend(parsed.diagnostics);
        inputs.unread.extend(parsed.unread);
        inputs.files.push((id, parsed.ast));
    }
    let resolved = diac::model::resolve::resolve(&inputs);
    let plan = diac::plan::plan(&resolved.model, None);
    let before = inputs.diagnostics.iter().cloned().chain(resolved.diagnostics).collect();
    let mut findings = diac::check::check(&resolved.model, &plan, &inputs.sources, before, "2026-07-01").findings;
    // What reading and naming say; what rules judge of a piece of a page is their own tests' matter, and what this version does not compile is no mistake.
    let late = |rule: &str| {
        let judged = diac::rules::named(rule).is_some_and(|rule| rule.check.is_some());
        (judged || matches!(rule, "statement_not_built" | "target_not_built")) && rule != expected
    };
    findings.retain(|finding| finding.waived.is_none() && finding.severity != Severity::Advice && !late(finding.rule));
    (findings, witness)
}

fn cured(text: &str, fix: &diac::diag::Fix) -> String {
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.range(), &edit.text);
    }
    text
}

fn described(text: &str, finding: &Diagnostic) -> String {
    let lines = LineIndex::new(text);
    let (from, to) = (lines.position(text, finding.primary.span.start), lines.position(text, finding.primary.span.end));
    let fix = finding.fix.as_ref().map(|fix| fix.edits.iter().map(|edit| edit.text.clone()).collect::<Vec<_>>());
    format!(
        "{} {}:{}-{}:{} {} | {} | {fix:?}",
        finding.rule,
        from.line,
        from.column,
        to.line,
        to.column,
        finding.message,
        finding.help.as_deref().unwrap_or("NO HELP")
    )
}

fn fault(case: &Case) -> Option<String> {
    let (findings, witness) = compile(&case.text, &case.rule);
    let [only] = findings.as_slice() else { return Some(format!("{} findings", findings.len())) };
    if !witness {
        return Some("the declaration behind it is lost".to_owned());
    }
    if only.rule != case.rule || !only.message.contains(&case.says) {
        return Some("something else is said".to_owned());
    }
    if !only.help.as_ref().is_some_and(|help| help.contains(&case.help)) {
        return Some("something else helps".to_owned());
    }
    if (only.primary.span.start as usize, only.primary.span.end as usize) != (case.from, case.to) {
        return Some("elsewhere".to_owned());
    }
    match &only.fix {
        Some(fix) => {
            let (left, _) = compile(&cured(&case.text, fix), "");
            if !left.is_empty() {
                return Some(format!("the edit does not cure: {}", left[0].message));
            }
            (!case.cures).then(|| "an edit is offered".to_owned())
        }
        None => case.cures.then(|| "no edit is offered".to_owned()),
    }
}

#[test]
fn each_mistake_is_one_finding_that_helps() {
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        if let Some(fault) = fault(case) {
            let (findings, _) = compile(&case.text, &case.rule);
            let said: Vec<String> = findings.iter().map(|finding| described(&case.text, finding)).collect();
            wrong.push(format!("{}: {fault}\n=== {}\n{}   {}", case.file, case.head, case.text, said.join("\n   ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases\n\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
    assert!(cases.len() >= 250, "{} cases", cases.len());
}
