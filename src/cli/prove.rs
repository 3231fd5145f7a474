//! `diac prove`: view by view, the analysis' argument hop by hop, and how far the bounded check went.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::{Proof, Prove};
use super::{Exit, UsageError, console, date, load};
use crate::diag::{Diagnostic, Trace};
use crate::explore::Explored;
use crate::model::{Model, View, ViewId};
use crate::prove::{self, Depth, Evidence, Hop, Proofs, Way};
use crate::render::{human, trace};
use crate::source::{SourceMap, Span};
use crate::syntax::suggest::nearest;

/// Prints the arguments on stdout and what is wrong with the page on stderr.
pub(super) fn prove(args: &Prove) -> Result<Exit, UsageError> {
    let inputs = load::load(&args.files)?;
    let resolved = crate::model::resolve::resolve(&inputs);
    let model = &resolved.model;
    let before: Vec<Diagnostic> = inputs.diagnostics.iter().cloned().chain(resolved.diagnostics.clone()).collect();
    let plan = crate::plan::plan(model, None);
    let today = args.today.clone().unwrap_or_else(date::today);
    let depth = if args.deep { Depth::DEEP } else { Depth::USUAL };
    let mut checked = crate::check::check_to(depth, model, &plan, &inputs.sources, before, &today, None);
    crate::diag::unbuilt_is_advice(&mut checked.findings);
    let proofs = Proofs::new(model, &plan, depth);
    let mut views = Vec::new();
    for (id, view) in model.all_views() {
        if args.view.as_ref().is_none_or(|wanted| *wanted == view.name) {
            views.push(One::of(&checked, id, view, &proofs, args.deep));
        }
    }
    if let Some(wanted) = args.view.as_ref().filter(|_| views.is_empty()) {
        return Err(UsageError(unknown(model, wanted)));
    }
    let errors = checked.findings.iter().any(Diagnostic::blocks);
    if errors {
        console::err(&human::report(&checked.findings, &inputs.sources, console::look()));
    }
    let sources = &inputs.sources;
    let text = match args.format {
        Proof::Human => views.iter().map(|view| view.human(sources)).collect::<Vec<_>>().join("\n"),
        Proof::Json => {
            let views = views.iter().map(|view| view.json(sources)).collect();
            crate::output::json(&Report { version: 1, views })
        }
        Proof::Mermaid => diagrams(&views, &checked.findings),
    };
    console::out(&text)?;
    Ok(if errors { Exit::Findings } else { Exit::Clean })
}

fn unknown(model: &Model, wanted: &str) -> String {
    let names = model.views.iter().map(|view| view.name.as_str());
    match nearest(wanted, names) {
        Some(near) => format!("there is no view `{wanted}`; did you mean `{near}`?"),
        None => format!("there is no view `{wanted}`"),
    }
}

/// One view.
struct One<'a> {
    view: &'a View,
    /// Why nothing is judged, where nothing is.
    silent: Option<&'static str>,
    /// Ways of one shape each, with how many tables go the same way.
    ways: Vec<(Judged, usize)>,
    promises: Vec<(Span, Evidence)>,
}

/// One way, in words.
struct Judged {
    table: String,
    store: String,
    accepted: bool,
    hops: Vec<Hop>,
    grounds: Vec<&'static str>,
    refusals: Vec<Hop>,
    explored: Explored,
    trace: Option<Trace>,
    assumptions: Vec<String>,
    margin: Vec<(&'static str, Explored, Option<Trace>)>,
}

impl<'a> One<'a> {
    fn of(checked: &crate::check::Checked, id: ViewId, view: &'a View, proofs: &Proofs, deep: bool) -> Self {
        let ways = proofs.ways(id);
        let evidence =
            |promise: &crate::model::Promise| (promise.span, prove::evidence(view, promise, &ways, &checked.findings));
        let promises = view.guarantees.iter().map(evidence).collect();
        let silent = match () {
            () if !ways.is_empty() => None,
            () if !checked.model.is_wired(view) => {
                Some("diac does not keep it, so nothing of it is judged but who writes it")
            }
            () if view.store.is_none() => Some("it has no store: it is judged where views that follow from it end"),
            () => Some("the analysis of its stages is not built yet"),
        };
        let mut distinct: Vec<(Judged, usize)> = Vec::new();
        let mut shapes = Vec::new();
        for way in &ways {
            match shapes.iter().position(|shape| *shape == &way.study.shape) {
                Some(at) => distinct.iter_mut().skip(at).take(1).for_each(|(_, number)| *number += 1),
                None => {
                    shapes.push(&way.study.shape);
                    distinct.push((Judged::of(way, proofs.depth(), deep), 1));
                }
            }
        }
        Self { view, silent, ways: distinct, promises }
    }

    fn human(&self, sources: &SourceMap) -> String {
        let mut text = format!("view {} ({})\n", self.view.name, place(sources, self.view.span));
        if let Some(silent) = self.silent {
            _ = writeln!(text, "  not analysed: {silent}");
        }
        for (way, number) in &self.ways {
            way.human(&mut text, *number, sources);
        }
        for (span, evidence) in &self.promises {
            let words = match evidence {
                Evidence::Proved => "proved, by the argument above".to_owned(),
                Evidence::Waived(reason) => format!("waived: {reason}"),
                Evidence::Refused => "refused: see the findings".to_owned(),
                Evidence::NotAnalysed => "not analysed by this version".to_owned(),
            };
            _ = writeln!(text, "  {} ({}): {words}", sources.slice(*span).trim(), place(sources, *span));
        }
        text
    }

    fn json(&'a self, sources: &'a SourceMap) -> ViewJson<'a> {
        ViewJson {
            view: &self.view.name,
            version: self.view.version,
            at: At::of(sources, self.view.span),
            not_analysed: self.silent,
            ways: self.ways.iter().map(|(way, number)| way.json(*number, sources)).collect(),
            guarantees: self
                .promises
                .iter()
                .map(|(span, evidence)| Guarantee {
                    text: sources.slice(*span).trim(),
                    at: At::of(sources, *span),
                    evidence: evidence.word(),
                    because: if let Evidence::Waived(reason) = evidence { Some(reason) } else { None },
                })
                .collect(),
        }
    }
}

impl Judged {
    fn of(way: &Way, depth: Depth, deep: bool) -> Self {
        let Way { study, verdict, .. } = way;
        let margin = if deep { prove::margin(study, depth) } else { Vec::new() };
        Self {
            table: study.names.tables.first().map(|name| name.text.clone()).unwrap_or_default(),
            store: study.names.stores.first().map(|name| name.text.clone()).unwrap_or_default(),
            accepted: verdict.judgement.accepted(),
            hops: prove::argument(study, &verdict.judgement),
            grounds: verdict.judgement.grounds.clone(),
            refusals: prove::refusals(study, &verdict.judgement),
            explored: verdict.explored.clone(),
            trace: prove::trace(study, &verdict.explored),
            assumptions: study.assumptions.clone(),
            margin: margin
                .into_iter()
                .map(|(what, explored)| {
                    let told = prove::trace(study, &explored);
                    (what, explored, told)
                })
                .collect(),
        }
    }

    fn human(&self, text: &mut String, number: usize, sources: &SourceMap) {
        let word = if self.accepted { "proved" } else { "refused" };
        _ = writeln!(text, "  {} follows {}: {word}", self.store, self.table);
        if number > 1 {
            _ = writeln!(text, "  and {} more tables in the same way", number - 1);
        }
        for (at, hop) in (1..).zip(&self.hops) {
            let line = hop.span.map_or_else(String::new, |span| format!(" ({})", place(sources, span)));
            let but = if hop.weaker { "but " } else { "" };
            _ = writeln!(text, "    {at}. {}{line}: {but}{} [{}]", hop.name, hop.note, hop.about);
        }
        for ground in self.grounds.iter().filter(|_| self.accepted) {
            _ = writeln!(text, "    therefore: {ground}");
        }
        for hop in &self.refusals {
            _ = writeln!(text, "    refused at {}: {} [{}]", hop.name, hop.note, hop.about);
        }
        let result = match (&self.trace, self.accepted) {
            (Some(_), _) => "a run breaks it",
            (None, true) => "no run breaks it",
            (None, false) => "conservative: no trace within these bounds",
        };
        _ = writeln!(text, "  bounded check: {result}; {}", prove::bounds(&self.explored));
        if let Some(found) = &self.trace {
            text.push_str(&trace::table(found, "    ", sources));
        }
        _ = writeln!(text, "    one row stands for all, since every hop treats each row by itself");
        _ = writeln!(text, "    not in the model: clocks, so no lateness and no throughput");
        for assumption in &self.assumptions {
            _ = writeln!(text, "    assumed: {assumption}");
        }
        for (what, explored, told) in &self.margin {
            let holds = match (told, explored.exhaustive) {
                (Some(_), _) => "breaks it",
                (None, true) => "does not break it",
                (None, false) => "was not found to break it, **not exhaustive**",
            };
            _ = writeln!(text, "  margin: {what} {holds}; {} states", explored.states);
            if let Some(told) = told {
                text.push_str(&trace::table(told, "    ", sources));
            }
        }
    }

    fn json<'a>(&'a self, number: usize, sources: &'a SourceMap) -> WayJson<'a> {
        let hop = |hop: &'a Hop| HopJson {
            part: &hop.name,
            at: hop.span.map(|span| At::of(sources, span)),
            says: hop.note,
            about: hop.about,
            weaker: hop.weaker,
        };
        WayJson {
            record: &self.table,
            store: &self.store,
            tables: number,
            verdict: if self.accepted { "proved" } else { "refused" },
            argument: self.hops.iter().map(hop).collect(),
            grounds: &self.grounds,
            refusals: self.refusals.iter().map(hop).collect(),
            bounded_check: Check::of(&self.explored, self.trace.as_ref(), sources),
            assumptions: &self.assumptions,
            margin: self
                .margin
                .iter()
                .map(|(what, explored, told)| Margin { of: what, check: Check::of(explored, told.as_ref(), sources) })
                .collect(),
        }
    }
}

fn place(sources: &SourceMap, span: Span) -> String {
    format!("{}:{}", sources.name(span.file), sources.positions(span).0.line)
}

/// Runs that break a promise, of the views and of the findings.
fn diagrams(views: &[One], findings: &[Diagnostic]) -> String {
    let judged = views.iter().flat_map(|view| view.ways.iter().map(|(way, _)| way));
    let of_views =
        judged.flat_map(|way| way.trace.iter().chain(way.margin.iter().filter_map(|(.., told)| told.as_ref())));
    let of_findings = findings.iter().filter_map(|finding| finding.trace.as_deref());
    let all: Vec<String> =
        of_findings.chain(of_views).map(|found| format!("%% {}\n{}", found.title, trace::mermaid(found))).collect();
    if all.is_empty() {
        return "%% no run within the bounds breaks a promise\n".to_owned();
    }
    all.join("\n")
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    views: Vec<ViewJson<'a>>,
}

#[derive(Serialize)]
struct At<'a> {
    file: &'a str,
    line: u32,
}

impl<'a> At<'a> {
    fn of(sources: &'a SourceMap, span: Span) -> Self {
        Self { file: sources.name(span.file), line: sources.positions(span).0.line }
    }
}

#[derive(Serialize)]
struct ViewJson<'a> {
    view: &'a str,
    version: u64,
    #[serde(flatten)]
    at: At<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_analysed: Option<&'static str>,
    ways: Vec<WayJson<'a>>,
    guarantees: Vec<Guarantee<'a>>,
}

#[derive(Serialize)]
struct Guarantee<'a> {
    text: &'a str,
    #[serde(flatten)]
    at: At<'a>,
    evidence: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'a String>,
}

#[derive(Serialize)]
struct WayJson<'a> {
    record: &'a str,
    store: &'a str,
    tables: usize,
    verdict: &'static str,
    argument: Vec<HopJson<'a>>,
    grounds: &'a [&'static str],
    refusals: Vec<HopJson<'a>>,
    bounded_check: Check<'a>,
    assumptions: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    margin: Vec<Margin<'a>>,
}

#[derive(Serialize)]
struct HopJson<'a> {
    part: &'a str,
    #[serde(flatten)]
    at: Option<At<'a>>,
    says: &'static str,
    about: &'static str,
    weaker: bool,
}

#[derive(Serialize)]
struct Margin<'a> {
    of: &'static str,
    check: Check<'a>,
}

#[derive(Serialize)]
struct Check<'a> {
    states: usize,
    depth: usize,
    exhaustive: bool,
    writes: usize,
    crashes: u8,
    late_writes: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<trace::Json<'a>>,
}

impl<'a> Check<'a> {
    fn of(explored: &Explored, told: Option<&'a Trace>, sources: &'a SourceMap) -> Self {
        Self {
            states: explored.states,
            depth: explored.depth,
            exhaustive: explored.exhaustive,
            writes: explored.writes,
            crashes: explored.bounds.crashes,
            late_writes: explored.bounds.zombies,
            trace: told.map(|told| trace::json(told, sources)),
        }
    }
}
