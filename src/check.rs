//! The verdict: rules over the model and the plan. Only a plan without an unwaived error becomes a [`SoundPlan`], and only that can be emitted.

mod consequences;

use crate::diag::{self, Diagnostic};
use crate::model::Model;
use crate::plan::Plan;
use crate::plan::baseline::Baseline;
use crate::prove::{Depth, Verdicts};
use crate::rules;
use crate::source::SourceMap;

/// A plan that no unwaived error stands against: the only thing targets take.
#[derive(Debug)]
#[expect(
    clippy::manual_non_exhaustive,
    reason = "the field is private to this module, so that no other module of the crate can make one either"
)]
pub struct SoundPlan<'a> {
    /// What is meant.
    pub model: &'a Model,
    /// What will run.
    pub plan: &'a Plan,
    /// The texts, for lines of statements in documents.
    pub sources: &'a SourceMap,
    /// What was found and does not stand in the way: waived errors, warnings, advice.
    pub findings: &'a [Diagnostic],
    // Nobody else can make one.
    _sealed: (),
}

#[cfg(test)]
impl<'a> SoundPlan<'a> {
    /// A plan that a target's own test vouches for.
    pub(crate) fn for_tests(model: &'a Model, plan: &'a Plan, sources: &'a SourceMap) -> Self {
        Self { model, plan, sources, findings: &[], _sealed: () }
    }
}

/// What checking said.
#[derive(Debug)]
pub struct Checked<'a> {
    /// What is meant.
    pub model: &'a Model,
    /// What would run.
    pub plan: &'a Plan,
    /// The texts.
    pub sources: &'a SourceMap,
    /// All findings of all passes, sorted; waived ones are marked.
    pub findings: Vec<Diagnostic>,
}

/// Judges a plan: every rule, then the waivers. `before` are the findings of reading and resolving; `today` is `YYYY-MM-DD`.
#[must_use]
pub fn check<'a>(
    model: &'a Model,
    plan: &'a Plan,
    sources: &'a SourceMap,
    before: Vec<Diagnostic>,
    today: &str,
) -> Checked<'a> {
    check_against(model, plan, sources, before, today, None)
}

/// The same, and what has changed since an earlier compilation. Without one the rules that compare are silent, and their waivers count as used.
#[must_use]
pub fn check_against<'a>(
    model: &'a Model,
    plan: &'a Plan,
    sources: &'a SourceMap,
    before: Vec<Diagnostic>,
    today: &str,
    baseline: Option<&'a Baseline>,
) -> Checked<'a> {
    check_to(Depth::USUAL, model, plan, sources, before, today, baseline)
}

/// The same, with runs looked for to another depth.
#[must_use]
pub fn check_to<'a>(
    depth: Depth,
    model: &'a Model,
    plan: &'a Plan,
    sources: &'a SourceMap,
    before: Vec<Diagnostic>,
    today: &str,
    baseline: Option<&'a Baseline>,
) -> Checked<'a> {
    let mut findings = before;
    let verdicts = Verdicts::new(depth);
    rules::check(&rules::Context { model, plan, sources, baseline, verdicts: &verdicts }, &mut findings);
    rules::waivers::apply(model, today, baseline.is_some(), &mut findings);
    consequences::leave_out(model, sources, &mut findings);
    diag::sort(&mut findings);
    Checked { model, plan, sources, findings }
}

impl Checked<'_> {
    /// The plan for the targets, unless an unwaived error stands.
    #[must_use]
    pub fn sound(&self) -> Option<SoundPlan<'_>> {
        if self.findings.iter().any(Diagnostic::blocks) {
            return None;
        }
        Some(SoundPlan {
            model: self.model,
            plan: self.plan,
            sources: self.sources,
            findings: &self.findings,
            _sealed: (),
        })
    }
}
