//! What an operator does with Flink's jobs.

use crate::plan::Deployment;
use crate::plan::programs::FLINK;

/// How jobs are started; none where there are none.
pub(super) fn step(deployment: &Deployment) -> Option<String> {
    if deployment.jobs.is_empty() {
        return None;
    }
    Some(format!(
        "{} {} with {}. Each file of `flink/` is a job: put the variables in (`envsubst < flink/<job>.sql`), then give it to Flink's SQL client with \
         `execution.checkpointing.dir` set to a folder that all machines reach and `execution.checkpointing.externalized-checkpoint-retention` to \
         `RETAIN_ON_CANCELLATION`. (The lab runs these files through the Table API; the SQL client and the Kubernetes operator are not verified, and no resource \
         of the operator is generated.)",
        FLINK.name, FLINK.version, FLINK.coordinates
    ))
}

/// What to do when jobs have ended; empty where there are none.
pub(super) fn section(deployment: &Deployment) -> String {
    if deployment.jobs.is_empty() {
        return String::new();
    }
    "**A job of Flink that is started again** goes on where it was only if it is told where: set `execution.state-recovery.path` to the newest folder `chk-…` below \
     its checkpoints that holds a file `_metadata`. Without it the job reads every log from its start: its topic gets every row again, which is right and takes \
     longer, but a row that has gone meanwhile and whose change is not in the logs any more would stay. A changed file of SQL may not fit an old checkpoint: give the \
     view a new version instead, which has a topic and a job of its own.\n\n\
     A job that was down for more than 15 minutes must not go on from its checkpoint where it has a topic `….committed`: the broker has given up its open \
     transactions by then, and what they held would be missing without a word. Give the view a new version instead.\n\n"
        .to_owned()
}
