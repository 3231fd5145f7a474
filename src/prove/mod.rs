//! From a page to the verdict's two engines and back: the shape of each view's way into its store, what the analysis and the bounded check say of it, and
//! both in the user's own names.
//!
//! The shape is made here and nowhere else, from the plan that the targets write down, so that what is judged is what runs.

mod say;
mod shape;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::diag::{Diagnostic, Severity};
use crate::explore::topology::{Bounds, CaptureMode, Keeps, Route, Topology};
use crate::explore::{Explored, explore};
use crate::flow::{Judgement, judge};
use crate::model::{Model, Promise, View, ViewId};
use crate::plan::Plan;
use crate::syntax::ast::Claim;

pub use say::{Hop, argument, bounds, refusals, trace};
pub use shape::{Name, Names, Study, dual_write, view_written};

/// How far the bounded check goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Processes may die so often in one run.
    pub crashes: u8,
    /// States looked at for one shape.
    pub states: usize,
}

impl Depth {
    /// What `diac check` affords.
    pub const USUAL: Self = Self { crashes: 2, states: 2_000_000 };
    /// `--deep`.
    pub const DEEP: Self = Self { crashes: 3, states: 20_000_000 };

    /// The budget of faults.
    #[must_use]
    pub fn bounds(self) -> Bounds {
        Bounds { faults: self.crashes, crashes: self.crashes, ..Bounds::NONE }
    }
}

/// What both engines say of one shape.
#[derive(Debug)]
pub struct Verdict {
    /// The analysis.
    pub judgement: Judgement,
    /// The bounded check.
    pub explored: Explored,
}

/// Verdicts by shape: pipelines have few shapes and many tables.
#[derive(Debug)]
pub struct Verdicts {
    depth: Depth,
    known: RefCell<BTreeMap<Topology, Rc<Verdict>>>,
}

impl Verdicts {
    /// None yet.
    #[must_use]
    pub fn new(depth: Depth) -> Self {
        Self { depth, known: RefCell::default() }
    }

    /// How far the bounded check goes.
    #[must_use]
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// How many distinct shapes were judged.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.known.borrow().len()
    }

    /// The verdict of a shape's first promise.
    #[must_use]
    pub fn of(&self, shape: &Topology) -> Rc<Verdict> {
        if let Some(verdict) = self.known.borrow().get(shape) {
            return Rc::clone(verdict);
        }
        let verdict = Rc::new(Verdict {
            judgement: judge(shape, 0),
            explored: explore(shape, 0, self.depth.bounds(), self.depth.states),
        });
        self.known.borrow_mut().insert(shape.clone(), Rc::clone(&verdict));
        verdict
    }
}

/// One table's way into one view, judged.
#[derive(Debug)]
pub struct Way {
    /// What was judged.
    pub study: Study,
    /// What was found.
    pub verdict: Rc<Verdict>,
}

/// What is known of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It follows from the analysis.
    Proved,
    /// A finding against it is waived: with the reason.
    Waived(String),
    /// It was found broken.
    Refused,
    /// The analysis of it is not built.
    NotAnalysed,
}

impl Evidence {
    /// The word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Waived(_) => "waived",
            Self::Refused => "refused",
            Self::NotAnalysed => "not_analysed",
        }
    }
}

/// A page, with where each view's way is planned.
#[derive(Debug)]
pub struct Proofs<'a> {
    model: &'a Model,
    plan: &'a Plan,
    /// Deployment and sink of each view that has one; the first deployment's, since what a view does is the same in all.
    sinks: BTreeMap<ViewId, (usize, usize)>,
    verdicts: Verdicts,
}

impl<'a> Proofs<'a> {
    /// Nothing is judged before it is asked for.
    #[must_use]
    pub fn new(model: &'a Model, plan: &'a Plan, depth: Depth) -> Self {
        let mut sinks = BTreeMap::new();
        for (at, deployment) in plan.deployments.iter().enumerate() {
            for (index, sink) in deployment.sinks.iter().enumerate() {
                sinks.entry(sink.view).or_insert((at, index));
            }
        }
        Self { model, plan, sinks, verdicts: Verdicts::new(depth) }
    }

    /// How far the bounded check goes.
    #[must_use]
    pub fn depth(&self) -> Depth {
        self.verdicts.depth()
    }

    /// The ways into a view that are planned; empty where nothing is wired, or where a way is of a kind that is not analysed.
    #[must_use]
    pub fn ways(&self, id: ViewId) -> Vec<Way> {
        let found = self.sinks.get(&id).and_then(|(at, index)| {
            let deployment = self.plan.deployments.get(*at)?;
            Some((deployment, deployment.sinks.get(*index)?))
        });
        let Some((deployment, sink)) = found else { return Vec::new() };
        let judged = |flow: &crate::plan::PlannedFlow| {
            let study = shape::of_flow(self.model, deployment, sink, flow)?;
            let verdict = self.verdicts.of(&study.shape);
            Some(Way { study, verdict })
        };
        sink.flows.iter().map(judged).collect::<Option<Vec<Way>>>().unwrap_or_default()
    }
}

/// What is known of a view's promise: of an order per key, what the analysis of its ways says; of any other, that it is not built.
#[must_use]
pub fn evidence(view: &View, promise: &Promise, ways: &[Way], findings: &[Diagnostic]) -> Evidence {
    let about = |finding: &&Diagnostic| {
        let mut labels = finding.labels.iter().chain(std::iter::once(&finding.primary));
        finding.severity != Severity::Advice && labels.any(|label| label.span == promise.span)
    };
    if let Some(finding) = findings.iter().find(about) {
        return match &finding.waived {
            Some(waived) => Evidence::Waived(waived.reason.clone()),
            None => Evidence::Refused,
        };
    }
    let order = matches!(promise.claim, Claim::OrderedPer(_));
    if !order || ways.is_empty() || view.incomplete {
        return Evidence::NotAnalysed;
    }
    if ways.iter().all(|way| way.verdict.judgement.accepted()) { Evidence::Proved } else { Evidence::Refused }
}

/// What a way is held against beyond its assumptions: each assumption taken away in turn, with what the bounded check says then.
#[must_use]
pub fn margin(study: &Study, depth: Depth) -> Vec<(&'static str, Explored)> {
    let mut all = Vec::new();
    let mut ask = |what: &'static str, change: fn(&mut Topology), bounds: Bounds| {
        let mut shape = study.shape.clone();
        change(&mut shape);
        if shape != study.shape {
            all.push((what, explore(&shape, 0, bounds, depth.states)));
        }
    };
    let crash = Bounds { faults: 1, crashes: 1, ..Bounds::NONE };
    let copied = |shape: &mut Topology| {
        shape.captures.iter_mut().for_each(|capture| capture.mode = CaptureMode::Snapshot);
    };
    ask("a first copy that is interrupted and starts again", copied, crash);
    let forgets = |shape: &mut Topology| shape.stores.iter_mut().for_each(|store| store.forgets = true);
    let forgotten = Bounds { faults: 2, crashes: 1, forgets: 1, ..Bounds::NONE };
    ask("a version of a deleted row that is forgotten while a write is still under way", forgets, forgotten);
    let logs = Bounds { faults: 2, crashes: 1, logs: 1, ..Bounds::NONE };
    let too_soon = |shape: &mut Topology| {
        let compacted = shape.topics.iter_mut().filter(|topic| topic.keeps == Keeps::Compacted);
        compacted.for_each(|topic| topic.keeps = Keeps::CompactedTooSoon);
    };
    ask("a tombstone that is gone before a reader comes back", too_soon, logs);
    let grows = |shape: &mut Topology| {
        let keyed = shape.topics.iter_mut().filter(|topic| topic.route == Route::Key && topic.partitions > 1);
        keyed.for_each(|topic| topic.grows = true);
    };
    ask("a topic that is given more partitions while it runs", grows, logs);
    all
}
