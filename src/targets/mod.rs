//! Writers of a sound plan: one file or folder a target. None of them decides anything.

pub mod alerts;
pub mod apply;
pub mod architecture_json;
pub mod audits;
pub mod bento;
pub mod connect_json;
pub mod document;
pub mod markdown;
mod masks;
pub mod redis_script;
pub mod runbook;
#[cfg(test)]
pub(crate) mod sample;
pub mod schemas;
pub mod search_index;
pub mod snowflake;
pub mod spelling;
pub mod sql;
pub mod strimzi;
pub mod topics;
pub mod worker;

use crate::check::SoundPlan;
use crate::output::OutputTree;
use crate::plan::Deployment;

/// Something that writes files of a plan.
pub trait Target: Sync {
    /// Its name, for people.
    fn name(&self) -> &'static str;
    /// Writes its files. Never fails: what could go wrong was found before.
    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree);
}

/// All targets, in the order they write. The last ones list files of the ones before them: the runbook, Strimzi's resources, the script.
/// The first one's text is by far the longest: what it took to grow is room for the others.
pub static ALL: &[&dyn Target] = &[
    &architecture_json::ArchitectureJson,
    &sql::Sql,
    &snowflake::Snowflake,
    &audits::Audits,
    &bento::Bento,
    &redis_script::RedisScript,
    &search_index::SearchIndex,
    &connect_json::ConnectJson,
    &topics::Topics,
    &schemas::Schemas,
    &worker::Worker,
    &alerts::Alerts,
    &document::Document,
    &strimzi::Strimzi,
    &runbook::Runbook,
    &apply::Apply,
];

/// The files of a sound plan.
#[must_use]
pub fn emit(plan: &SoundPlan) -> OutputTree {
    let mut out = OutputTree::default();
    for target in ALL {
        target.emit(plan, &mut out);
    }
    out
}

/// The Kubernetes namespace that secrets of a deployment live in, where it has one.
pub(crate) fn namespace(deployment: &Deployment) -> Option<&str> {
    deployment.strimzi.as_ref().map(|strimzi| strimzi.namespace.as_str())
}

/// Documentation as one paragraph.
pub(crate) fn docs_text(docs: &[String]) -> String {
    docs.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
