//! Stand-ins for passes that other branches hold; gone with the merge.

use crate::check::Checked;
use crate::diag::{Diagnostic, codes};
use crate::inputs::Inputs;
use crate::model::Model;
use crate::output::OutputTree;
use crate::plan::Plan;
use crate::source::{FileId, Span};
use crate::syntax::ast;

/// What parsing made.
pub struct Parsed {
    pub ast: ast::File,
    pub diagnostics: Vec<Diagnostic>,
}

/// Knows `import "…"`, and that `oops` is not of the language.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut parsed = Parsed { ast: ast::File::default(), diagnostics: Vec::new() };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("import \"") {
            let value = rest.split('"').next().unwrap_or("").to_owned();
            let span = Span::new(file, offset + 7, offset + 9 + value.len());
            parsed.ast.items.push(ast::Item::Import(ast::Spanned { value, span }));
        }
        if let Some(at) = line.find("oops") {
            let span = Span::new(file, offset + at, offset + at + 4);
            parsed.diagnostics.push(Diagnostic::new(codes::SYNTAX, span, "`oops` is not of the language"));
        }
        if let Some(rest) = line.strip_prefix("pipeline ") {
            let text = rest.trim().to_owned();
            parsed.ast.items.push(ast::Item::Pipeline(ast::Name { text, span: Span::new(file, offset, offset + 8) }));
        }
        offset += line.len();
    }
    parsed
}

pub fn plan(model: &Model, env: Option<&str>) -> Plan {
    let _ = env;
    Plan { pipeline: model.pipeline.clone(), deployments: Vec::new() }
}

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
