//! Stand-ins for passes that other branches hold; gone with the merge.

use crate::check::Checked;
use crate::diag::Diagnostic;
use crate::inputs::Inputs;
use crate::model::Model;
use crate::output::OutputTree;
use crate::plan::Plan;

pub fn check<'a>(
    inputs: &'a Inputs,
    model: &'a Model,
    plan: &'a Plan,
    diagnostics: Vec<Diagnostic>,
    today: &str,
) -> Checked<'a> {
    let _ = today;
    let mut findings = diagnostics;
    findings.extend(inputs.diagnostics.iter().cloned());
    crate::diag::sort(&mut findings);
    Checked { model, plan, sources: &inputs.sources, findings }
}

pub fn emit(plan: &crate::check::SoundPlan) -> OutputTree {
    let mut tree = crate::targets::emit(plan);
    tree.add("integration-architecture.md", format!("# {}\n", plan.model.pipeline), "the whole pipeline");
    tree.add_script("default/apply.sh", "#!/bin/sh\n", "the environment");
    tree
}

pub struct Rule {
    pub name: &'static str,
    pub severity: crate::diag::Severity,
    pub waivable: bool,
    pub title: &'static str,
    pub since: &'static str,
    pub page: &'static str,
}

pub static RULES: &[&Rule] = &[
    &Rule {
        name: "import_not_found",
        severity: crate::diag::Severity::Error,
        waivable: false,
        title: "an imported file is not there",
        since: "0.1.0",
        page: "A page.\n",
    },
    &Rule {
        name: "dual_write",
        severity: crate::diag::Severity::Error,
        waivable: true,
        title: "two places are written for one fact",
        since: "0.1.0",
        page: "A page.\n",
    },
];
