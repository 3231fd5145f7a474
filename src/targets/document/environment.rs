//! One section for each environment: what runs in it, and what it must be given.

use super::Context;
use crate::model::{Flavour, Provider};
use crate::plan::processes::ProcessRunner;
use crate::plan::{Deployment, Variable};
use crate::targets::markdown::{Table, code, codes, inline};
use crate::targets::spelling::counted;
use crate::targets::worker::{by_plugin, evidence};
use crate::targets::{docs_text, topics};

pub fn section(cx: &Context, deployment: &Deployment, number: usize) -> String {
    let environment = deployment.env.and_then(|id| cx.model.environments.get(id.0));
    let docs = environment.map(|environment| inline(&docs_text(&environment.docs))).unwrap_or_default();
    let docs = if docs.is_empty() { docs } else { format!("{docs}\n\n") };
    let place = environment.map_or("no environment is declared".into(), |environment| cx.at(environment.span));
    let how = match (deployment.flavour, &deployment.strimzi) {
        (Flavour::Strimzi, Some(strimzi)) => format!(
            "Deployed with Strimzi: cluster {}, Connect {}, namespace {}. SQL and indexes by `apply.sh`, the rest by `kubectl apply -k strimzi`.",
            code(&strimzi.cluster),
            code(&strimzi.connect),
            code(&strimzi.namespace)
        ),
        (Flavour::Strimzi, None) => "Deployed with Strimzi.".into(),
        (Flavour::Files, _) => "Deployed as plain files, by `apply.sh`.".into(),
    };
    format!(
        "## {number}. Environment {} ({place})\n\n{docs}{how}\n\n{}{}{}### What it must be given\n\n{}",
        code(&deployment.name),
        part("Topics", topic_table(cx, deployment)),
        part("Programs", programs(deployment)),
        part("Facts about connectors", facts(deployment)),
        variables(deployment)
    )
}

/// A part that the document has where there is something to say.
fn part(title: &str, table: Table) -> String {
    let text = table.or("");
    if text.trim().is_empty() { String::new() } else { format!("### {title}\n\n{text}") }
}

fn topic_table(cx: &Context, deployment: &Deployment) -> Table {
    let mut table = Table::new(&["topic", "holds", "partitions", "replication", "configuration", "managed"]);
    for topic in &deployment.topics {
        let config: Vec<String> =
            topic.config.iter().map(|(key, value)| code(&format!("{key}={}", value.value))).collect();
        table.row([
            code(&topic.name),
            inline(&topics::holds(cx.model, topic.role)),
            topic.partitions.value.to_string(),
            topic.replication.value.to_string(),
            config.join(" "),
            if topic.managed { "yes".into() } else { "no, only read".into() },
        ]);
    }
    table
}

fn programs(deployment: &Deployment) -> Table {
    let mut table = Table::new(&["runs", "as", "at once", "for"]);
    for source in &deployment.sources {
        let tables = counted(source.tables.len(), "table");
        table.row([
            code(&source.connector.name),
            format!("source connector, {}", code(source.connector.plugin.name)),
            counted(usize::try_from(source.connector.tasks.value).unwrap_or(usize::MAX), "task"),
            format!("capture of {}: {tables}", code(&source.name)),
        ]);
    }
    for sink in &deployment.sinks {
        for connector in sink.connectors() {
            table.row([
                code(&connector.name),
                format!("sink connector, {}", code(connector.plugin.name)),
                counted(usize::try_from(connector.tasks.value).unwrap_or(usize::MAX), "task"),
                format!("view {}", code(&sink.name)),
            ]);
        }
        for stream in sink.streams() {
            table.row([
                code(&stream.id),
                "Bento stream".into(),
                counted(usize::try_from(stream.threads).unwrap_or(usize::MAX), "thread"),
                format!("view {}, group {}", code(&sink.name), code(&stream.group)),
            ]);
        }
    }
    for process in &deployment.processes {
        let (name, kind, threads) = match &process.runner {
            ProcessRunner::Bento(stream, _) => (
                code(&stream.id),
                "Bento stream".to_owned(),
                counted(usize::try_from(stream.threads).unwrap_or(1), "thread"),
            ),
            ProcessRunner::Image { image, .. } => {
                (code(image), "the owner's own program".to_owned(), "as the owner runs it".to_owned())
            }
        };
        table.row([name, kind, threads, format!("process {}, group {}", code(&process.name), code(process.group()))]);
    }
    table
}

fn facts(deployment: &Deployment) -> Table {
    let mut table = Table::new(&["program", "version", "licence", "evidence", "used by"]);
    for (plugin, connectors) in by_plugin(deployment) {
        table.row([
            code(plugin.name),
            plugin.version.into(),
            plugin.licence.into(),
            evidence(plugin.verified).into(),
            codes(connectors.iter().map(|connector| connector.name.as_str())),
        ]);
    }
    if deployment.stream_ids().next().is_some() {
        let bento = &crate::plan::programs::BENTO;
        table.row([
            bento.name.into(),
            bento.version.into(),
            bento.licence.into(),
            evidence(bento.verified).into(),
            codes(deployment.stream_ids()),
        ]);
    }
    table
}

fn variables(deployment: &Deployment) -> String {
    let mut table = Table::new(&["name", "what", "secret", "comes from"]);
    for (name, variable) in &deployment.variables {
        table.row([
            code(name),
            inline(&variable.about),
            if variable.secret { "yes".into() } else { "no".into() },
            provider(variable),
        ]);
    }
    table.or("Nothing: every value is stated.")
}

fn provider(variable: &Variable) -> String {
    match &variable.provider {
        Some(Provider::Env(name)) => format!("environment variable {}", code(name)),
        Some(Provider::File { path, key }) => format!("key {} of file {}", code(key), code(path)),
        Some(Provider::Kubernetes { secret, key }) => {
            format!("key {} of Kubernetes secret {}", code(key), code(secret))
        }
        Some(Provider::Vault { path, key }) => format!("key {} below {} of the vault", code(key), code(path)),
        None => format!("not stated: environment variable {}", code(&variable.name)),
    }
}
