//! Names of the Kafka Connect cluster that runs a pipeline's connectors, where the operator has none of their own.

use super::Plan;

/// A Connect cluster's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerNames {
    /// `group.id`.
    pub group: String,
    /// `config.storage.topic`.
    pub configs: String,
    /// `offset.storage.topic`.
    pub offsets: String,
    /// `status.storage.topic`.
    pub status: String,
}

impl Plan {
    /// Names that no other pipeline's workers use: two Connect clusters with one group or one set of topics destroy each other's state.
    #[must_use]
    pub fn worker(&self) -> WorkerNames {
        let group = format!("connect-{}", self.pipeline);
        WorkerNames {
            configs: format!("{group}-configs"),
            offsets: format!("{group}-offsets"),
            status: format!("{group}-status"),
            group,
        }
    }
}
