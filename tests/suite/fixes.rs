//! Every edit a finding of `tests/ui` offers proves itself: applied, the finding is gone and no other one has come.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Trial;

use super::run::{Outcome, Scratch};
use super::ui::{Case, cases};
use diac::diag::Edit;

pub fn trials() -> Vec<Trial> {
    let cases = cases().into_iter();
    cases
        .filter(|case| !case.text().contains("#! grow"))
        .map(|case| Trial::test(format!("fixes/{}/{}", case.rule, case.name), move || check(&case).map_err(Into::into)))
        .collect()
}

fn check(case: &Case) -> Result<(), String> {
    let outcome = case.run()?;
    for finding in &outcome.findings {
        let Some(fix) = &finding.fix else { continue };
        let scratch = Scratch::new();
        scratch.copy(Path::new(&case.folder()));
        for edit in &fix.edits {
            apply(case, &outcome, edit, &scratch)?;
        }
        let after = case.compile(scratch.name())?;
        let mut before = counts(&outcome);
        let cured = outcome.key(finding);
        if let Some(count) = before.get_mut(&cured) {
            *count -= 1;
        }
        for (key, count) in counts(&after) {
            let allowed = before.get(&key).copied().unwrap_or(0);
            if count > allowed {
                let what = if key == cured { "is still there" } else { "is new" };
                return Err(format!("after the fix of `{}`: {} {what}: {}", finding.message, key.0, key.1));
            }
        }
    }
    Ok(())
}

fn apply(case: &Case, outcome: &Outcome, edit: &Edit, scratch: &Scratch) -> Result<(), String> {
    let name = outcome.sources.name(edit.span.file);
    let name = name.strip_prefix(&format!("{}/", case.folder())).ok_or_else(|| format!("{name} is not in the case"))?;
    let mut text = scratch.read(name);
    text.replace_range(edit.span.range(), &edit.text);
    scratch.put(name, text);
    Ok(())
}

fn counts(outcome: &Outcome) -> BTreeMap<(&'static str, String), usize> {
    let mut counts = BTreeMap::new();
    for finding in &outcome.findings {
        *counts.entry(outcome.key(finding)).or_insert(0) += 1;
    }
    counts
}
