//! `runbook.md`: what an operator does, with this deployment's names in every command. Written to be followed at night.

mod changes;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};

use super::Target;
use super::apply::{bento_command, dba_variable};
use super::markdown::{Table, code, codes};
use super::spelling::{counted, path_part};
use super::strimzi::running_name;
use crate::check::SoundPlan;
use crate::model::Flavour;
use crate::output::OutputTree;
use crate::plan::processes::ProcessRunner;
use crate::plan::{Connector, Deployment, Plan, Runner, Sink, Target as Goal, TopicRole};
use crate::units::{duration, size};

/// The target.
pub struct Runbook;

impl Target for Runbook {
    fn name(&self) -> &'static str {
        "runbook"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            let prefix = format!("{}/audits/", deployment.name);
            let audits = out
                .files()
                .filter_map(|(path, _)| path.strip_prefix(&prefix).map(|file| format!("audits/{file}")))
                .collect();
            let alerts = out.get(&format!("{}/alerts/prometheus-rules.yaml", deployment.name)).is_some();
            let book = Book { plan: plan.plan, deployment, audits, alerts };
            out.add(format!("{}/runbook.md", deployment.name), book.text(), "what an operator does");
        }
    }
}

struct Book<'a> {
    plan: &'a Plan,
    deployment: &'a Deployment,
    /// Audit files, below the deployment's folder.
    audits: Vec<String>,
    /// Whether alert rules are among the files.
    alerts: bool,
}

impl Book<'_> {
    fn text(&self) -> String {
        let mut text = format!(
            "# Runbook: {} in {}\n\n\
             Commands are run in the folder of this file. {}`$…` are the variables `apply.sh` names at its head.\n\n{}",
            code(&self.plan.pipeline),
            code(&self.deployment.name),
            if self.strimzi() {
                "`kubectl` needs the namespace of the resources; while you stop something by hand, stop GitOps from starting it again. "
            } else {
                ""
            },
            self.contents()
        );
        text.push_str(&self.bootstrap());
        text.push_str(&self.check());
        text.push_str(&self.add_table());
        text.push_str(&self.new_version());
        text.push_str(&self.switch());
        text.push_str(&self.roll_back());
        text.push_str(&self.outage());
        text.push_str(&self.rebuild_in_place());
        text.push_str(&self.take_out());
        text.push_str(&self.alert_meanings());
        text.trim_end().to_owned()
    }

    fn strimzi(&self) -> bool {
        self.deployment.flavour == Flavour::Strimzi
    }

    fn contents(&self) -> String {
        let titles = [BOOTSTRAP, CHECK, ADD_TABLE, NEW_VERSION, SWITCH, ROLL_BACK, OUTAGE, REBUILD, TAKE_OUT, ALERTS];
        let mut text = String::new();
        for title in titles {
            let anchor: String = title
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || *c == ' ')
                .collect::<String>()
                .replace(' ', "-");
            text.push_str(&format!("- [{title}](#{anchor})\n"));
        }
        text + "\n"
    }

    fn bootstrap(&self) -> String {
        let mut steps = vec![
            "A Connect cluster with the plug-ins of `plugins.md` and the settings of `connect-worker.properties`.".to_owned(),
            "The variables at the head of `apply.sh`, then `./apply.sh`. It creates what is missing and stops at what is not as planned; run it again \
             after any change."
                .into(),
        ];
        if self.strimzi() {
            steps.push("`kubectl apply -k strimzi` makes topics, connectors and Bento.".into());
        } else if let Some(command) = bento_command(self.deployment) {
            steps.push(format!("Bento, with the variables it reads: `{command}`"));
        }
        for process in &self.deployment.processes {
            if let ProcessRunner::Image { image, group, .. } = &process.runner {
                steps.push(format!(
                    "{}, which runs process {} in group {}: its owner says how it is started. What it reads and writes is under \"How events are \
                     written\" in `integration-architecture.md`.",
                    code(image),
                    code(&process.name),
                    code(group)
                ));
            }
        }
        steps.push(format!("Wait for the snapshot, then go through \"{CHECK}\"."));
        let mut text = heading(BOOTSTRAP);
        for (at, step) in steps.iter().enumerate() {
            text.push_str(&format!("{}. {step}\n", at + 1));
        }
        let names = self.settings();
        if !names.is_empty() {
            text.push_str(&format!("\nValues from outside (documented in `integration-architecture.md`): {names}.\n"));
        }
        text + "\n"
    }

    fn settings(&self) -> String {
        if self.deployment.variables.is_empty() { String::new() } else { codes(self.deployment.variables.keys()) }
    }

    fn check(&self) -> String {
        let mut text = heading(CHECK);
        text.push_str("Everything runs:\n\n```bash\n");
        for connector in self.deployment.connectors() {
            text.push_str(&format!("{}\n", self.status(connector)));
        }
        for sink in &self.deployment.sinks {
            for group in super::strimzi::groups(self.deployment, sink) {
                text.push_str(&lag(&group));
            }
        }
        for process in &self.deployment.processes {
            text.push_str(&lag(process.group()));
        }
        text.push_str(
            "```\n\nA connector is well when it and each of its tasks say `RUNNING`. A source that says `RUNNING` may still wait for a topic: look that \
             its topics grow. A view has caught up when the lag of its group is 0.\n\n",
        );
        for source in &self.deployment.sources {
            text.push_str(&format!(
                "The slot of {} is read, and is not far behind:\n\n```bash\n{} -c \"SELECT active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), \
                 confirmed_flush_lsn)) AS behind FROM pg_replication_slots WHERE slot_name = '{}'\"\n```\n\n",
                code(&source.name),
                psql(&source.name),
                source.slot.value
            ));
        }
        if self.audits.iter().any(|file| file == AUDIT) {
            let asked = self.sinks_of_views();
            text.push_str(&format!(
                "Record and view agree, row by row (exit code 0; the head of `{AUDIT}` names the variables it needs):\n\n```bash\npython3 {AUDIT} {asked} \
                 --settle 60\n```\n\n"
            ));
        } else if self.audits.is_empty() {
            text.push_str("No audit is asked for, so nothing compares record and view: add `audit … every …` to the views that matter.\n\n");
        } else {
            text.push_str("Record and view agree when both queries of a pair give the same (run them while nothing is being written, or allow for what is on its way):\n\n");
            for file in &self.audits {
                text.push_str(&format!("- {}\n", code(file)));
            }
            text.push('\n');
        }
        text
    }

    fn sinks_of_views(&self) -> String {
        let names: BTreeSet<&str> = self.deployment.sinks.iter().map(|sink| sink.name.as_str()).collect();
        names.into_iter().map(shell_word).collect::<Vec<_>>().join(" ")
    }

    fn status(&self, connector: &Connector) -> String {
        if self.strimzi() {
            let name = running_name(self.deployment, connector);
            return format!("kubectl get kafkaconnector {name} -o jsonpath='{{.status.connectorStatus}}'");
        }
        format!("curl -s \"$CONNECT_URL/connectors/{}/status\"", path_part(&connector.name))
    }

    /// The line that stops a connector without removing it.
    fn stop(&self, connector: &Connector) -> String {
        if self.strimzi() {
            return self.state(connector, "stopped");
        }
        format!("curl -sS -X PUT \"$CONNECT_URL/connectors/{}/stop\"\n", path_part(&connector.name))
    }

    /// The lines that make a stopped connector forget where it was and start it.
    fn start_over(&self, connector: &Connector) -> String {
        if self.strimzi() {
            let name = running_name(self.deployment, connector);
            return format!(
                "kubectl annotate kafkaconnector {name} strimzi.io/connector-offsets=reset\n# wait until the operator has taken that annotation off\n{}",
                self.state(connector, "running")
            );
        }
        let part = path_part(&connector.name);
        format!(
            "curl -sS -X DELETE \"$CONNECT_URL/connectors/{part}/offsets\"\ncurl -sS -X PUT \"$CONNECT_URL/connectors/{part}/resume\"\n"
        )
    }

    fn state(&self, connector: &Connector, state: &str) -> String {
        let name = running_name(self.deployment, connector);
        format!("kubectl patch kafkaconnector {name} --type merge -p '{{\"spec\":{{\"state\":\"{state}\"}}}}'\n")
    }
}

/// The program that compares, where the output has it.
const AUDIT: &str = "audits/audit.py";
/// Stopping takes a moment, and nothing may write meanwhile.
const WAIT: &str = "# wait until its status says STOPPED\n";
const BOOTSTRAP: &str = "Bootstrap";
const CHECK: &str = "Check that it works";
const ADD_TABLE: &str = "Add a table";
const NEW_VERSION: &str = "Rebuild a view as a new version";
const SWITCH: &str = "Switch readers to a new version";
const ROLL_BACK: &str = "Roll back";
const OUTAGE: &str = "After an outage longer than planned";
const REBUILD: &str = "Empty and refill a view in place";
const TAKE_OUT: &str = "Take something out";
const ALERTS: &str = "What each alert means";

fn heading(title: &str) -> String {
    format!("## {title}\n\n")
}

/// psql as a system's administrator.
fn psql(system: &str) -> String {
    format!("psql \"${}\"", dba_variable(system, "DBA_URL"))
}

fn lag(group: &str) -> String {
    format!(
        "kafka-consumer-groups.sh --bootstrap-server \"$KAFKA_BOOTSTRAP\" --describe --group {}\n",
        shell_word(group)
    )
}

fn shell_word(text: &str) -> String {
    super::apply::quote(text)
}

/// Connectors and groups that keep a view, in words.
fn keepers(sink: &Sink) -> String {
    match &sink.runner {
        Runner::Connect(connectors) => {
            format!("connector {}", codes(connectors.iter().map(|connector| connector.name.as_str())))
        }
        Runner::Bento(streams) => format!("stream {}", codes(streams.iter().map(|stream| stream.id.as_str()))),
    }
}

/// The table of limits that an outage must not pass.
fn limits(book: &Book) -> String {
    let mut table = Table::new(&["limit", "value", "why", "what is lost beyond it"]);
    for source in &book.deployment.sources {
        let slot = format!("log kept for slot {} of {}", code(&source.slot.value), code(&source.name));
        match &source.slot_limit {
            Some(limit) => table.row([
                slot,
                size(limit.value),
                limit.why.note.clone(),
                "the slot: changes the capture had not read are gone from the log".into(),
            ]),
            None => table.row([
                slot,
                "no limit is stated".into(),
                "the server's `max_slot_wal_keep_size`".into(),
                "nothing, until the disk is full and the database stops".into(),
            ]),
        }
    }
    for ((key, value, why), topics) in retentions(book) {
        let words = value.parse().map_or_else(|_| value.to_owned(), duration);
        let lost = if key == "retention.ms" {
            "changes that a view had not read"
        } else {
            "deletes that a view had not read: ghosts stay in it"
        };
        let names = if topics.len() > 4 { counted(topics.len(), "topic") } else { codes(topics) };
        table.row([format!("{} of {names}", code(key)), words, why.to_owned(), lost.into()]);
    }
    for sink in &book.deployment.sinks {
        let versioned = sink.flows.iter().any(|flow| !matches!(flow.target, Goal::Snowflake(_)));
        if versioned {
            table.row([
                format!("versions of deleted rows in {}", code(&sink.name)),
                duration(sink.late.value),
                sink.late.why.note.clone(),
                "a change delivered later than this can bring a deleted row back".into(),
            ]);
        }
    }
    table.or("None.")
}

/// Topics of changes by what bounds their life: key, value, reason.
fn retentions<'a>(book: &Book<'a>) -> BTreeMap<(&'a str, &'a str, &'a str), Vec<&'a str>> {
    let mut all: BTreeMap<(&str, &str, &str), Vec<&str>> = BTreeMap::new();
    for topic in book.deployment.topics.iter().filter(|topic| matches!(topic.role, TopicRole::Entity(_))) {
        for key in ["delete.retention.ms", "retention.ms"] {
            if let Some(value) = topic.config.get(key) {
                all.entry((key, &value.value, &value.why.note)).or_default().push(&topic.name);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::sample;

    #[test]
    fn numbers_and_names_are_the_plans() {
        let out = sample::emit(&[&Runbook]);
        let text = &out.get("dev/runbook.md").unwrap().text;
        for piece in [
            "| log kept for slot `diac_shop_shop` of `shop` | 64GiB |",
            "| `delete.retention.ms` of `shop.shop.public.products`, `shop.shop.public.orders` | 6d | 2 × outage of 3d = 6d |",
            "slot_name = 'diac_shop_shop'",
            "$CONNECT_URL/connectors/shop-source-shop/status",
            "--group shop-product_search-v1",
            "`audits/product_search.record.sql`",
            "pg_drop_replication_slot('diac_shop_shop')",
            "view product_search version 2 replaces 1",
        ] {
            assert!(text.contains(piece), "{piece} in\n{text}");
        }
    }

    #[test]
    fn every_link_has_its_heading() {
        let out = sample::emit(&[&Runbook]);
        for env in ["dev", "prod"] {
            let text = &out.get(&format!("{env}/runbook.md")).unwrap().text;
            for link in text.lines().filter_map(|line| line.strip_prefix("- [")) {
                let title = link.split(']').next().unwrap();
                assert!(text.contains(&format!("\n## {title}\n")), "{title}");
            }
            assert_eq!(text.matches("```").count() % 2, 0);
        }
    }
}
