//! `diac graph`: the pictures of the document, for any page whose names resolve.

use super::args::{Drawing, Graph, Picture};
use super::{Exit, UsageError, console, date, load};
use crate::diag::{Diagnostic, codes};
use crate::model::{Model, View};
use crate::render::human;
use crate::targets::document;

/// Prints a picture on stdout and what is wrong with the page on stderr.
pub(super) fn graph(args: &Graph) -> Result<Exit, UsageError> {
    let inputs = load::load(&args.files)?;
    let resolved = crate::model::resolve::resolve(&inputs);
    let before: Vec<Diagnostic> = inputs.diagnostics.iter().cloned().chain(resolved.diagnostics).collect();
    // A picture of half a page would show less than is there, and not that it does.
    let whole = !before.iter().any(|finding| finding.blocks() && !leaves_all(&resolved.model, finding));
    let plan = crate::plan::plan(&resolved.model, None);
    let today = args.today.clone().unwrap_or_else(date::today);
    let checked = crate::check::check(&resolved.model, &plan, &inputs.sources, before, &today);
    if !checked.findings.is_empty() {
        console::err(&human::report(&checked.findings, &inputs.sources, console::look()));
    }
    if whole {
        let name = match args.view {
            Picture::Dataflow => "dataflow",
            Picture::Write => "write-path",
            Picture::Read => "read-path",
            Picture::Order => "ordering",
        };
        if let Some((_, chart)) = document::pictures(&checked).iter().find(|(picture, _)| *picture == name) {
            console::out(&match args.format {
                Drawing::Mermaid => chart.mermaid(),
                Drawing::Dot | Drawing::Svg => chart.dot(),
            })?;
        }
    }
    Ok(if checked.sound().is_some() { Exit::Clean } else { Exit::Findings })
}

/// Whether a finding leaves nothing out of the model: what this version does not compile, which log it is of several, a schema whose tables the page names
/// itself, a waiver of a rule that is not known.
fn leaves_all(model: &Model, finding: &Diagnostic) -> bool {
    let rules = [
        codes::STATEMENT_NOT_BUILT.name,
        codes::TARGET_NOT_BUILT.name,
        codes::AMBIGUOUS_LOG.name,
        codes::UNREADABLE_SCHEMA.name,
    ];
    // Of a whole system that is not compiled, no table is known.
    let known = |view: &View| !(view.inputs.is_empty() && view.copies.is_empty() && view.flows.is_empty());
    let rule = rules.contains(&finding.rule) && model.views.iter().all(known);
    rule || model.allows.iter().any(|allow| allow.rule_span == finding.primary.span)
}
