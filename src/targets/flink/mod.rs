//! Flink: one file of SQL for each job.
//!
//! A file makes tables over topics, names each step as a view, and starts one insertion. It is what Flink's SQL client runs, once references are put in.

mod steps;
mod tables;
mod value;

use crate::check::SoundPlan;
use crate::output::OutputTree;
use crate::plan::flink::Job;
use crate::plan::{Deployment, Template};

use super::Target;

/// Writes `flink/`.
pub struct Flink;

impl Target for Flink {
    fn name(&self) -> &'static str {
        "flink"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            for job in &deployment.jobs {
                let cause = format!("view {} version {}", job.view_name, job.version);
                let path = format!("{}/flink/{}.sql", deployment.name, job.name);
                out.add(path, file(&plan.plan.pipeline, deployment, job), cause);
            }
        }
    }
}

/// A job's file.
#[must_use]
pub fn file(pipeline: &str, deployment: &Deployment, job: &Job) -> String {
    let mut out = format!("-- View {} version {}, kept by Flink.\n", job.view_name, job.version);
    out.push_str("-- What stands between ${ and } is put in from the environment before it runs.\n\n");
    let settings = [
        ("pipeline.name", format!("{pipeline}-{}", job.name)),
        ("parallelism.default", job.parallelism.value.to_string()),
        ("execution.checkpointing.interval", format!("{} ms", job.checkpoints.value)),
        ("execution.checkpointing.mode", "EXACTLY_ONCE".to_owned()),
        // Texts of moments are read and written in UTC, wherever the machines stand.
        ("table.local-time-zone", "UTC".to_owned()),
    ];
    for (key, setting) in settings {
        out.push_str(&format!("SET '{key}' = {};\n", value::text(&setting)));
    }
    for input in &job.inputs {
        out.push('\n');
        out.push_str(&tables::input(input, &brokers(deployment), &job.group));
    }
    for step in &job.steps {
        out.push('\n');
        out.push_str(&steps::step(step));
    }
    out.push('\n');
    out.push_str(&tables::result(&job.result, &brokers(deployment), &job.view_name));
    out.push('\n');
    if let Some(committed) = &job.committed {
        out.push('\n');
        out.push_str(&tables::committed(&job.result, committed, &brokers(deployment), &job.view_name));
    }
    out.push_str(&tables::insertion(&job.result, &job.rows, &job.view_name, job.committed.is_some()));
    out
}

fn brokers(deployment: &Deployment) -> String {
    deployment.log.bootstrap.iter().map(Template::shell).collect::<Vec<_>>().join(",")
}
