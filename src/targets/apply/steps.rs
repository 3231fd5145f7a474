//! The script's text, step by step.

use std::collections::BTreeSet;

use super::shell::{CONNECTORS, SAY, SEARCH, SQL, TOPICS, comment, quote, word};
use super::{Script, bento_command};
use crate::plan::{Address, Connector, Deployment, Template};
use crate::targets::spelling::path_part;
use crate::targets::worker;

/// The whole script.
pub fn script(script: &Script) -> String {
    let mut text = head(script);
    text.push_str("set -euo pipefail\ncd -- \"$(dirname -- \"${BASH_SOURCE[0]}\")\"\n");
    text.push_str(SAY);
    if !script.databases.is_empty() {
        text.push_str(SQL);
    }
    if !script.searches.is_empty() {
        text.push_str(SEARCH);
    }
    if script.makes_kafka_things() {
        text.push_str(TOPICS);
        text.push_str(CONNECTORS);
    }
    text.push_str(&checks(script));
    text.push_str(&databases(script, Phase::Source));
    text.push_str(&topics(script));
    text.push_str(&databases(script, Phase::Target));
    text.push_str(&warehouses(script));
    text.push_str(&searches(script));
    text.push_str(&connectors(script));
    text.push_str(&end(script));
    text
}

/// What is said of a variable, and what it is where it is not set.
struct Setting {
    name: String,
    default: Option<String>,
    about: String,
    optional: bool,
}

fn settings(script: &Script) -> Vec<Setting> {
    let mut all = Vec::new();
    let mut add = |name: &str, default: Option<String>, about: String| {
        all.push(Setting { name: name.into(), default, about, optional: false });
    };
    if script.makes_kafka_things() {
        let brokers: Option<Vec<String>> = script.deployment.log.bootstrap.iter().map(Template::literal).collect();
        let brokers = brokers.filter(|brokers| !brokers.is_empty()).map(|brokers| brokers.join(","));
        add("KAFKA_BOOTSTRAP", brokers, "brokers, host:port with commas between".into());
        add("KAFKA_TOPICS", Some("kafka-topics.sh".into()), "Kafka's command for topics".into());
        add("CONNECT_URL", None, "address of Kafka Connect, such as http://localhost:8083".into());
    }
    for (system, database) in &script.databases {
        let about = format!("{system}: postgresql:// address of its database, for an administrator");
        add(&database.variable, None, about);
    }
    for (store, search) in &script.searches {
        if let Some(url) = search.url.literal() {
            add(&search.variable, Some(url), format!("{store}: address of the search engine"));
        }
    }
    for (name, variable) in &script.needed {
        add(name, None, comment(&variable.about));
    }
    if script.makes_kafka_things() {
        let about = "properties file for Kafka's command, where brokers ask for TLS or a login".into();
        all.push(Setting { name: "KAFKA_CLIENT_CONFIG".into(), default: None, about, optional: true });
    }
    for (store, warehouse) in &script.warehouses {
        if warehouse.files.is_empty() {
            continue;
        }
        let without = if script.makes_kafka_things() { "the sinks" } else { "the tables" };
        let about = format!(
            "{store}: a command that runs one SQL file, such as \"snow sql -f\"; or the word done, after you have run the files yourself. \
             Without it {without} of {store} are left out"
        );
        all.push(Setting { name: warehouse.variable.clone(), default: None, about, optional: true });
    }
    all
}

fn head(script: &Script) -> String {
    let mut text = format!(
        "#!/usr/bin/env bash\n\
         # Creates what pipeline {} needs in {}: {}.\n\
         # It only creates. It deletes nothing, switches nothing, stops at what is not as planned, and may run any number of times.\n\
         # It needs bash, curl{}{}.\n#\n# Environment variables:\n",
        script.pipeline,
        script.deployment.name,
        if script.makes_kafka_things() {
            "SQL of the databases, topics, search indexes, connectors"
        } else {
            "SQL of the databases and search indexes; topics and connectors are Strimzi's resources"
        },
        if script.databases.is_empty() { "" } else { ", psql" },
        if script.makes_kafka_things() { ", kafka-topics.sh" } else { "" },
    );
    for setting in settings(script) {
        let note = match (&setting.default, setting.optional) {
            (Some(default), _) => format!(" (default {})", comment(default)),
            (None, true) => " (optional)".into(),
            (None, false) => String::new(),
        };
        text.push_str(&format!("#   {}{note}\n#       {}\n", setting.name, setting.about));
    }
    text.push_str(&elsewhere(script));
    text
}

/// Variables that only the running programs read: said here so that nobody looks for them, but not checked.
fn elsewhere(script: &Script) -> String {
    let workers: BTreeSet<&str> = worker::variables(script.deployment).into_keys().collect();
    let said: BTreeSet<String> = settings(script).into_iter().map(|setting| setting.name).collect();
    let mut text = String::new();
    for (name, variable) in &script.deployment.variables {
        if said.contains(name) {
            continue;
        }
        let whose = if workers.contains(name.as_str()) { "the Connect workers" } else { "Bento" };
        text.push_str(&format!("#   {name}, read by {whose}\n#       {}\n", comment(&variable.about)));
    }
    if text.is_empty() { String::new() } else { format!("#\n# Not read here, but by what runs later:\n{text}") }
}

fn checks(script: &Script) -> String {
    let mut text = String::from("\n# --- Before anything is made ---\n");
    for setting in settings(script) {
        if let Some(default) = &setting.default {
            text.push_str(&format!("{0}=${{{0}:-{1}}}\n", setting.name, quote(default)));
        }
    }
    let mut commands = Vec::new();
    if !script.databases.is_empty() {
        commands.push("psql");
    }
    if script.makes_kafka_things() {
        commands.push("\"$KAFKA_TOPICS\"");
    }
    if script.makes_kafka_things() || !script.searches.is_empty() {
        commands.push("curl");
    }
    for command in commands {
        text.push_str(&format!("need_command {command}\n"));
    }
    for setting in settings(script).iter().filter(|setting| !setting.optional && setting.default.is_none()) {
        text.push_str(&format!("need_variable {} {}\n", setting.name, quote(&setting.about)));
    }
    text
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Source,
    Target,
}

fn databases(script: &Script, phase: Phase) -> String {
    let title = match phase {
        Phase::Source => step(1, "What captures need in the databases"),
        Phase::Target => step(3, "Tables and roles of views in databases"),
    };
    let mut text = String::new();
    for (system, database) in &script.databases {
        let files = if phase == Phase::Source { &database.source } else { &database.target };
        if !files.is_empty() {
            text.push_str(&format!("say {}\n", quote(&format!("  in {system}"))));
        }
        for file in files {
            text.push_str(&format!("run_sql \"${}\" {}\n", database.variable, quote(file)));
        }
    }
    if text.is_empty() { text } else { title + &text }
}

fn step(number: u32, title: &str) -> String {
    format!("\n# --- {number}. {title} ---\nsay {}\n", quote(&format!("{number}. {title}")))
}

fn topics(script: &Script) -> String {
    if !script.makes_kafka_things() || script.deployment.topics.is_empty() {
        return String::new();
    }
    let mut text = step(2, "Topics");
    text.push_str("existing_topics=$(topics_command --list)\n");
    for topic in &script.deployment.topics {
        let name = quote(&topic.name);
        if !topic.managed {
            text.push_str(&format!("foreign_topic {name}\n"));
            continue;
        }
        text.push_str(&format!("topic {name} {} {}", topic.partitions.value, topic.replication.value));
        for (key, value) in &topic.config {
            text.push_str(&format!(" \\\n  --config {}", quote(&format!("{key}={}", value.value))));
        }
        text.push('\n');
    }
    text
}

fn warehouses(script: &Script) -> String {
    let mut text = String::new();
    for (store, warehouse) in script.warehouses.iter().filter(|(_, warehouse)| !warehouse.files.is_empty()) {
        let name = &warehouse.variable;
        text.push_str(&format!("say {}\n", quote(&format!("  in {store}"))));
        text.push_str(&format!("case ${{{name}:-}} in\n  '')\n"));
        let files = warehouse.files.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let left_out = format!("  {name} is not set: run {files} yourself and start again with {name}=done");
        text.push_str(&format!("    say {} ;;\n  done) say {} ;;\n  *)\n", quote(&left_out), quote("  done by hand")));
        for file in &warehouse.files {
            // The command may have arguments of its own, so it is split at blanks on purpose.
            text.push_str(&format!("    say {}\n    ${name} {}\n", quote(&format!("  {file}")), quote(file)));
        }
        text.push_str("    ;;\nesac\n");
    }
    text
}

fn searches(script: &Script) -> String {
    if script.searches.is_empty() {
        return String::new();
    }
    let mut text = step(4, "Search indexes");
    for (store, search) in &script.searches {
        let url = if search.url.literal().is_some() { format!("${}", search.variable) } else { word(search.url) };
        let secret = |template: Option<&Template>| template.map_or("''".into(), word);
        text.push_str(&format!(
            "say {}\nengine_url={url}\nengine_url=${{engine_url%/}}\nengine_user={}\nengine_password={}\n",
            quote(&format!("  in {store}")),
            secret(search.user),
            secret(search.password)
        ));
        for (alias, index) in &search.indexes {
            let file = |kind: &str| quote(&format!("targets/{store}/{index}.{kind}.json"));
            let (alias, index) = (quote(alias), quote(index));
            text.push_str(&format!("index_template {index} {}\nindex {index}\n", file("template")));
            text.push_str(&format!("alias_once {alias} {index} {}\n", file("aliases")));
        }
    }
    text
}

fn connectors(script: &Script) -> String {
    if !script.makes_kafka_things() || script.deployment.connectors().next().is_none() {
        return String::new();
    }
    let mut text = step(5, "Connectors");
    for source in &script.deployment.sources {
        text.push_str(&connector(&source.connector));
    }
    for sink in &script.deployment.sinks {
        let in_warehouse = matches!(sink.address, Address::Snowflake { .. });
        let warehouse = script.warehouses.get(sink.store_name.as_str()).filter(|_| in_warehouse);
        let lines: String = sink.connectors().iter().map(connector).collect();
        match warehouse {
            Some(warehouse) if !lines.is_empty() && !warehouse.files.is_empty() => {
                let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
                let note = format!("  {}: left out until {} is set", sink.name, warehouse.variable);
                text.push_str(&format!(
                    "if [ -n \"${{{}:-}}\" ]; then\n{indented}else\n  say {}\nfi\n",
                    warehouse.variable,
                    quote(&note)
                ));
            }
            Some(_) | None => text.push_str(&lines),
        }
    }
    text
}

fn connector(connector: &Connector) -> String {
    let part = path_part(&connector.name);
    format!("connector {} {}\n", quote(&part), quote(&format!("connectors/{part}.json")))
}

fn end(script: &Script) -> String {
    let mut text = String::from("\nsay ''\n");
    let mut say = |line: &str| text.push_str(&format!("say {}\n", quote(line)));
    say("Everything above is there. Next:");
    if !script.makes_kafka_things() {
        say("  topics, connectors and Bento:  kubectl apply -k strimzi");
    } else if let Some(command) = bento_command(script.deployment) {
        say(&format!("  start Bento, which runs {}:", streams(script.deployment)));
        say(&format!("    {command}"));
    }
    say("  then runbook.md, \"Check that it works\"");
    text
}

fn streams(deployment: &Deployment) -> String {
    let views: BTreeSet<&str> = deployment.streams().map(|(sink, _, _)| sink.name.as_str()).collect();
    let processes = deployment.processes.iter().filter(|process| process.stream().is_some());
    views.into_iter().chain(processes.map(|process| process.name.as_str())).collect::<Vec<_>>().join(", ")
}
