//! `integration-architecture.md` and the diagrams: the checked model as people read it in a review.
//!
//! Nothing here is derived a second time: every number, name and reason is the plan's, every line the source's. A guarantee is never called
//! proved unless the analysis (`prove`) proved it.

pub mod chart;
mod correctness;
mod decisions;
mod diagrams;
mod dot;
mod environment;
mod events;
mod flow;
mod hops;
mod index;
mod limits;
mod map;
mod mermaid;
mod nodes;
mod operations;
pub mod places;
mod processes;
mod promises;
mod stages;
mod terms;
mod words;

use super::Target;
use super::markdown::{code, codes, inline};
use crate::check::{Checked, SoundPlan};
use crate::diag::Diagnostic;
use crate::model::relation::InputId;
use crate::model::{Entity, EntityId, Model, View, ViewId};
use crate::output::OutputTree;
use crate::plan::inside::Inside;
use crate::plan::{Deployment, Plan, PlannedFlow, Runner, Sink};
use crate::prove::{Depth, Proofs};
use chart::Chart;
use index::Index;
use places::Places;

/// The target.
pub struct Document;

impl Target for Document {
    fn name(&self) -> &'static str {
        "architecture document"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        let cx = Context::new(plan, out);
        let drawings = drawings(&cx);
        out.add("integration-architecture.md", text(&cx, &drawings), "the whole pipeline");
        for drawing in drawings {
            out.add(format!("diagrams/{}.mmd", drawing.name), drawing.mermaid, "the whole pipeline");
        }
    }
}

/// A picture, written once for the document and for its own file.
struct Drawing {
    name: &'static str,
    /// Nothing is drawn: the document leaves it out.
    empty: bool,
    mermaid: String,
}

fn drawings(cx: &Context) -> [Drawing; 4] {
    diagrams::all(cx).map(|(name, chart)| Drawing { name, empty: chart.is_empty(), mermaid: chart.mermaid() })
}

/// The document's pictures by their names, in its order. They run nothing, so a page that is not sound has them too.
#[must_use]
pub fn pictures(checked: &Checked) -> [(&'static str, Chart); 4] {
    diagrams::all(&Context {
        model: checked.model,
        plan: checked.plan,
        index: Index::new(checked.model, checked.plan),
        watched: Watched { alerts: false, audits: false },
        places: Places::new(checked.sources),
        findings: &checked.findings,
        proofs: Proofs::new(checked.model, checked.plan, Depth::USUAL),
    })
}

/// What of watching this output brings along.
#[derive(Clone, Copy)]
struct Watched {
    alerts: bool,
    audits: bool,
}

/// What every section reads.
struct Context<'a> {
    model: &'a Model,
    plan: &'a Plan,
    index: Index<'a>,
    /// Whether files of other targets are among the output: what is not there is not promised.
    watched: Watched,
    places: Places<'a>,
    findings: &'a [Diagnostic],
    /// What the analysis says, each shape judged once.
    proofs: Proofs<'a>,
}

impl<'a> Context<'a> {
    fn new(plan: &SoundPlan<'a>, out: &OutputTree) -> Self {
        let has = |folder: &str| out.files().any(|(path, _)| path.contains(folder));
        Self {
            model: plan.model,
            plan: plan.plan,
            index: Index::new(plan.model, plan.plan),
            watched: Watched { alerts: has("/alerts/"), audits: has("/audits/") },
            places: Places::new(plan.sources),
            findings: plan.findings,
            proofs: Proofs::new(plan.model, plan.plan, Depth::USUAL),
        }
    }

    /// A deployment's way for a view.
    fn sink(&self, deployment: &'a Deployment, view: ViewId) -> Option<&'a Sink> {
        self.index.sink(deployment, view)
    }

    /// The first way of any deployment for a view: what a view does is the same in all.
    fn any_sink(&self, view: ViewId) -> Option<(&'a Deployment, &'a Sink)> {
        self.plan.deployments.iter().find_map(|deployment| Some((deployment, self.sink(deployment, view)?)))
    }

    /// The first way of any deployment for an entity into a view.
    fn any_flow(&self, view: ViewId, entity: EntityId) -> Option<(&'a Sink, &'a PlannedFlow)> {
        let (deployment, sink) = self.any_sink(view)?;
        Some((sink, self.index.flow(deployment, view, entity)?))
    }

    /// What SQL inside its store makes of a view, in the first deployment that has it.
    fn any_inside(&self, view: ViewId) -> Option<&'a Inside> {
        self.plan.deployments.iter().flat_map(|deployment| &deployment.inside).find(|inside| inside.view == view)
    }

    /// The views that take rows from something.
    fn followers(&self, what: InputId) -> impl Iterator<Item = (ViewId, &'a View)> {
        self.index.followers(what).iter().map(|id| (*id, self.model.view(*id)))
    }

    fn views(&self) -> impl Iterator<Item = (ViewId, &'a View)> {
        self.model.views.iter().enumerate().map(|(at, view)| (ViewId(at), view))
    }

    fn entities(&self) -> impl Iterator<Item = (EntityId, &'a Entity)> {
        self.model.entities.iter().enumerate().map(|(at, entity)| (EntityId(at), entity))
    }

    /// `shop · public.products`.
    fn home(&self, entity: &Entity) -> String {
        let home = &entity.home;
        format!("{} · {}", self.model.system(home.system).name, code(&words::place(&home.namespace, &home.table)))
    }

    /// `file:line` as code.
    fn at(&self, span: crate::source::Span) -> String {
        code(&self.places.at(span))
    }

    /// `product_search`, with its version above 1.
    fn view_name(&self, view: &View) -> String {
        if view.version > 1 { format!("{} version {}", code(&view.name), view.version) } else { code(&view.name) }
    }

    /// All deployments' words on one thing: the one word, or each with the environments that have it.
    fn each(&self, word: impl Fn(&'a Deployment) -> Option<String>) -> String {
        let mut all: Vec<(String, Vec<&str>)> = Vec::new();
        for deployment in &self.plan.deployments {
            let Some(word) = word(deployment) else { continue };
            match all.iter_mut().find(|(other, _)| *other == word) {
                Some((_, names)) => names.push(&deployment.name),
                None => all.push((word, vec![&deployment.name])),
            }
        }
        match all.as_slice() {
            [(word, _)] => word.clone(),
            many => {
                many.iter().map(|(word, names)| format!("{word} ({})", names.join(", "))).collect::<Vec<_>>().join("; ")
            }
        }
    }
}

/// A section's title and text; one of which the page has nothing has an empty text. The correctness analysis stands third, after two that every page has:
/// its parts count on it.
type Section = (&'static str, String);

/// The document with its pictures.
fn text(cx: &Context, drawings: &[Drawing]) -> String {
    let mut sections: Vec<Section> = vec![
        ("Component map", map::section(cx)),
        ("Data flow", flow::section(cx, drawings)),
        ("Correctness analysis", correctness::section(cx)),
        ("Decisions", decisions::decisions(cx)),
        ("Decided by default, raw properties, accepted risks, assumptions", decisions::taken_for_granted(cx)),
        ("Bootstrap, rebuild, audit", operations::section(cx)),
        ("How events are written", events::section(cx)),
    ];
    sections.retain(|(_, text)| !text.is_empty());
    let mut text = head(cx, &sections);
    for (at, (title, section)) in sections.iter().enumerate() {
        text.push_str(&format!("## {}. {title}\n\n{section}", at + 1));
    }
    for (at, deployment) in cx.plan.deployments.iter().enumerate() {
        text.push_str(&environment::section(cx, deployment, sections.len() + at + 1));
    }
    text.trim_end().to_owned()
}

fn head(cx: &Context, sections: &[Section]) -> String {
    let files = codes(cx.places.files());
    let mut contents = String::new();
    for (at, (title, _)) in sections.iter().enumerate() {
        contents.push_str(&format!("{}. {title}\n", at + 1));
    }
    for (at, deployment) in cx.plan.deployments.iter().enumerate() {
        contents.push_str(&format!("{}. Environment {}\n", sections.len() + at + 1, code(&deployment.name)));
    }
    format!(
        "# Integration architecture of {}\n\n\
         Written by diac from {files}; change those, not this. It says what is decided where, how it reaches the stores that follow, what readers \
         may rely on, and which risks somebody accepted.\n\n{contents}\n\
         **Words on evidence.** *Proved*: follows from the analysis of this pipeline, on the assumptions beside it. *Bounded check*: a search of every interleaving within stated bounds, never a proof. *Assumed*: rests on something stated that the compiler cannot \
         see. *Waived*: a known risk that somebody accepted, with a reason. *Not analysed by this version*: stated, and \
         nothing here proves it. *Budgeted and watched*: timeliness, which no compiler can prove.\n\n",
        inline(&cx.plan.pipeline)
    )
}

/// What moves a view's data, in words.
fn runner(sink: &Sink) -> String {
    match &sink.runner {
        Runner::Bento(_) => format!("{} {}", crate::plan::programs::BENTO.name, crate::plan::programs::BENTO.version),
        Runner::Connect(connectors) => connectors.first().map_or("Kafka Connect".into(), |connector| {
            format!("Kafka Connect, {} {}", code(connector.plugin.name), connector.plugin.version)
        }),
    }
}

#[cfg(test)]
mod tests;
