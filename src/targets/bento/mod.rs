//! Bento: one process in streams mode, one stream for each view into a search engine or Redis.
//!
//! `bento -c bento.yaml streams --no-api streams/*.yaml` runs them. All follow one scheme: a pure mapping decides, one request tells the store,
//! which compares versions itself; so order, repetition and restarts do not matter. INVARIANT: an offset is only acknowledged when its record is
//! applied, refused as not newer, or kept in the dead-letter topic.

mod bloblang;
mod filter;
mod mapping;
mod maps;
mod moment;
mod redis;
mod row;
mod search;
mod stream;
#[cfg(test)]
mod tests;
mod yaml;

use crate::check::SoundPlan;
use crate::output::OutputTree;
use crate::plan::Target as Kept;

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
                let way = stream::Way { deployment, sink, flow, stream };
                let text = match &flow.target {
                    Kept::Index(index) => search::file(&way, index),
                    Kept::Keyspace(keyspace) => redis::file(&way, keyspace),
                    // Bento runs no other stores in this version; the planner gives them to Connect.
                    Kept::Table(_) | Kept::Snowflake(_) => continue,
                };
                any = true;
                let cause = format!("view {} version {}", sink.name, sink.version);
                out.add(format!("{}/bento/streams/{}.yaml", deployment.name, stream.id), text, cause);
            }
            if any {
                out.add(format!("{}/bento/bento.yaml", deployment.name), root(), "views run by Bento");
            }
        }
    }
}

/// The process: what its streams share.
fn root() -> String {
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
