//! Bento: one process in streams mode, one stream for each view into a search engine or Redis and for each process of events.
//!
//! `bento -c bento.yaml streams --no-api streams/*.yaml` runs them. All follow one scheme: a pure mapping decides, one request tells the store,
//! which compares versions itself; so order, repetition and restarts do not matter. INVARIANT: an offset is only acknowledged when its record is
//! applied, refused as not newer, or kept in the dead-letter topic.

mod bloblang;
mod exact;
mod facts;
mod filter;
mod made;
mod mapping;
mod maps;
mod moment;
mod process;
mod redis;
mod row;
mod search;
mod stream;
mod yaml;

use crate::check::SoundPlan;
use crate::output::OutputTree;
use crate::plan::processes::ProcessRunner;
use crate::plan::{Deployment, PlannedFlow, Sink, Stream, Target as Kept};

use super::Target;
use yaml::Node;

/// Writes `bento/`.
pub struct Bento;

impl Target for Bento {
    fn name(&self) -> &'static str {
        "bento"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            let mut any = false;
            for (sink, flow, stream) in deployment.streams() {
                let Some(text) = file(deployment, sink, flow, stream) else { continue };
                any = true;
                let cause = format!("view {} version {}", sink.name, sink.version);
                out.add(format!("{}/bento/streams/{}.yaml", deployment.name, stream.id), text, cause);
            }
            for process in &deployment.processes {
                let ProcessRunner::Bento(stream, emits) = &process.runner else { continue };
                any = true;
                let text = process::file(deployment, process, stream, emits);
                let cause = format!("process {}", process.name);
                out.add(format!("{}/bento/streams/{}.yaml", deployment.name, stream.id), text, cause);
            }
            if any {
                out.add(format!("{}/bento/bento.yaml", deployment.name), process(), "what Bento runs");
            }
        }
    }
}

/// A stream's file; none for a store that Bento runs nothing into, which the planner gives to Connect.
#[must_use]
pub fn file(deployment: &Deployment, sink: &Sink, flow: &PlannedFlow, stream: &Stream) -> Option<String> {
    let way = stream::Way { deployment, sink, flow, stream };
    match &flow.target {
        Kept::Index(index) => Some(search::file(&way, index)),
        Kept::Keyspace(keyspace) => Some(redis::file(&way, keyspace)),
        Kept::Table(table) => flow.facts().map(|facts| facts::file(&way, facts, table)),
        Kept::Snowflake(_) => None,
    }
}

/// The process's file: what its streams share.
#[must_use]
pub fn process() -> String {
    Node::map()
        .noted(
            "http",
            Node::map().with("address", Node::plain("\"${BENTO_HTTP:127.0.0.1:4195}\"")),
            "/ready and /metrics, on this machine alone unless BENTO_HTTP says otherwise",
        )
        .with("logger", Node::map().with("level", Node::plain("WARN")).with("format", Node::plain("json")))
        .with("metrics", Node::map().with("prometheus", Node::map()))
        .noted(
            "shutdown_timeout",
            Node::plain("20s"),
            "time for what is on its way to the stores when the process is told to end",
        )
        .file("One process for all streams: bento -c bento.yaml streams --no-api streams/*.yaml")
}
