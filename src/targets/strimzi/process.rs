//! A Deployment for each process that is the owner's own program: its image, and what it is handed of the log. A stub: probes, resources and further
//! settings are the owner's.

use serde_json::{Value, json};

use super::Writer;
use super::bento::{env, loose_secret};
use super::names::object;
use crate::output::yaml;
use crate::plan::encoding::FormId;
use crate::plan::processes::{PlannedProcess, ProcessRunner};

/// The file's name below `strimzi`, and its text; none where Bento runs the process.
pub(super) fn resource(writer: &Writer, process: &PlannedProcess) -> Option<(String, String)> {
    let ProcessRunner::Image { image, group, emits } = &process.runner else { return None };
    let name = object(&format!("{}-process-{}", writer.pipeline, process.name));
    let topics = |ids: &[FormId]| {
        let mut names: Vec<&str> = Vec::new();
        for id in ids {
            let name = writer.deployment.topic(writer.deployment.form(*id).topic).name.as_str();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(",")
    };
    let brokers = &writer.deployment.log.bootstrap;
    let mut settings: Vec<Value> =
        brokers.iter().flat_map(|broker| broker.variables()).map(|variable| json!(env(writer, variable))).collect();
    let mut loose = !settings.is_empty();
    settings.dedup();
    loose &= brokers.iter().flat_map(|broker| broker.variables()).any(|variable| variable.provider.is_none());
    let bootstrap: Vec<String> =
        brokers.iter().map(|broker| broker.render(|variable| format!("$({})", variable.name))).collect();
    settings.extend([
        json!({"name": "KAFKA_BOOTSTRAP_SERVERS", "value": bootstrap.join(",")}),
        json!({"name": "KAFKA_GROUP_ID", "value": group}),
        json!({"name": "KAFKA_INPUT_TOPICS", "value": topics(&process.inputs)}),
        json!({"name": "KAFKA_OUTPUT_TOPICS", "value": topics(emits)}),
    ]);
    let label = json!({"app.kubernetes.io/name": name});
    let mut metadata = json!(writer.metadata(&name, None));
    if let Some(labels) = metadata.pointer_mut("/labels").and_then(Value::as_object_mut) {
        labels.insert("app.kubernetes.io/name".into(), json!(name));
    }
    let resource = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": label},
            "template": {
                "metadata": {"labels": label},
                "spec": {"containers": [{"name": "process", "image": image, "env": settings}]},
            },
        },
    });
    let secret = if loose {
        format!("# The secret `{}` is yours to make, as for Bento.\n", loose_secret(writer))
    } else {
        String::new()
    };
    let head = format!(
        "# Process {}: the owner's own program. A stub: what it is handed of the log is here, the rest is its owner's.\n\
         # How it reads and writes events: \"How events are written\" in integration-architecture.md.\n{secret}",
        process.name.replace(char::is_control, " ")
    );
    Some((format!("Process/{name}.yaml"), format!("{head}{}", yaml(&resource))))
}
