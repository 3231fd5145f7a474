//! Alert rules for Prometheus: views that fall behind, views that stop, slots that hold the server's log, dead letters.
//!
//! Metrics of Bento streams are diac's own and run in the lab. Those of Kafka's and PostgreSQL's exporters are named as their makers document them and
//! were not run here; the file says so beside each.

use serde::Serialize;

use super::Target;
use crate::check::SoundPlan;
use crate::output::{OutputTree, yaml};
use crate::plan::processes::PlannedProcess;
use crate::plan::{Deployment, Runner, Sink, Source, TopicRole};
use crate::units::duration;

/// Writes `<env>/alerts/prometheus-rules.yaml`.
pub struct Alerts;

impl Target for Alerts {
    fn name(&self) -> &'static str {
        "alerts"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            let rules = rules(deployment);
            if rules.is_empty() {
                continue;
            }
            let group = Group { name: format!("diac-{}-{}", plan.plan.pipeline, deployment.name), rules };
            let path = format!("{}/alerts/prometheus-rules.yaml", deployment.name);
            let head = "# Alerts of one pipeline. `source: exporter` marks rules over metrics of exporters that were not run by diac's own tests.\n";
            out.add(
                path,
                format!("{head}{}", yaml(&File { groups: vec![group] })),
                "objectives, slots and dead letters",
            );
        }
    }
}

#[derive(Serialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    name: String,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    alert: &'static str,
    expr: String,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    lasting: Option<String>,
    labels: Labels,
    annotations: Annotations,
}

#[derive(Serialize)]
struct Labels {
    severity: &'static str,
    source: &'static str,
    subject: String,
}

#[derive(Serialize)]
struct Annotations {
    summary: String,
    action: &'static str,
}

/// Freshness watched where a view states none: the minute its mechanism is chosen for (language 4.4), in ms.
const FRESH_MS: u64 = 60_000;

fn rules(deployment: &Deployment) -> Vec<Rule> {
    let mut all: Vec<Rule> = deployment.sources.iter().flat_map(slot).collect();
    for sink in &deployment.sinks {
        all.extend(super::strimzi::groups(deployment, sink).into_iter().map(|group| behind(sink, &group)));
        if matches!(sink.runner, Runner::Bento(_)) {
            all.extend(stream(sink));
        }
    }
    all.extend(deployment.processes.iter().filter(|process| process.stream().is_some()).map(stopped));
    let dead = deployment.topics.iter().filter(|topic| matches!(topic.role, TopicRole::DeadLetter(_)));
    all.extend(dead.map(|topic| Rule {
        alert: "DeadLetters",
        expr: format!("increase(kafka_topic_partition_current_offset{{topic={}}}[10m]) > 0", quoted(&topic.name)),
        lasting: None,
        labels: Labels { severity: "page", source: "exporter", subject: topic.name.clone() },
        annotations: Annotations {
            summary: format!("Records that could not be applied arrived in {}.", topic.name),
            action: "Read their reason in the record's headers; correct the row at its record, which writes it anew.",
        },
    }));
    all
}

/// The time the view would need to catch up at its present speed is longer than its freshness.
fn behind(sink: &Sink, group: &str) -> Rule {
    let fresh = sink.fresh.unwrap_or(FRESH_MS);
    let group = quoted(group);
    Rule {
        alert: "ViewBehind",
        expr: format!(
            "sum(kafka_consumergroup_lag{{consumergroup={group}}}) / clamp_min(sum(rate(kafka_consumergroup_current_offset{{consumergroup={group}}}[5m])), 0.1) > {}",
            seconds(fresh)
        ),
        lasting: Some(duration(fresh.max(FRESH_MS))),
        labels: Labels { severity: "warn", source: "exporter", subject: sink.name.clone() },
        annotations: Annotations {
            summary: format!("{} is more than {} behind its record.", sink.name, duration(fresh)),
            action: "It is late, not wrong. Look whether its runner and its store are up; runbook.md tells how long it may stay down.",
        },
    }
}

fn stream(sink: &Sink) -> Vec<Rule> {
    let view = quoted(&sink.name);
    vec![
        Rule {
            alert: "ViewStopped",
            expr: format!("increase(view_poison{{view={view}}}[10m]) > 0"),
            lasting: None,
            labels: Labels { severity: "page", source: "bento", subject: sink.name.clone() },
            annotations: Annotations {
                summary: format!("{} met a record it cannot apply.", sink.name),
                action: "Bento's log names topic, partition, offset and reason. Correct the row at its record, or the view, and compile.",
            },
        },
        Rule {
            alert: "ViewReadAgain",
            expr: format!("increase(view_stale{{view={view},result=\"stale\"}}[10m]) > 0"),
            lasting: None,
            labels: Labels { severity: "info", source: "bento", subject: sink.name.clone() },
            annotations: Annotations {
                summary: format!("{} refused changes older than what it holds.", sink.name),
                action: "Normal after a restart or a replay. Without one, somebody else writes the topic or the store.",
            },
        },
    ]
}

fn stopped(process: &PlannedProcess) -> Rule {
    Rule {
        alert: "ProcessStopped",
        expr: format!("increase(process_poison{{process={}}}[10m]) > 0", quoted(&process.name)),
        lasting: None,
        labels: Labels { severity: "page", source: "bento", subject: process.name.clone() },
        annotations: Annotations {
            summary: format!("{} met a record it does not understand.", process.name),
            action: "Bento's log names topic, partition, offset and reason. Nothing behind the record is read until the page understands it.",
        },
    }
}

fn slot(source: &Source) -> Vec<Rule> {
    let slot = quoted(&source.slot.value);
    let mut rules = vec![Rule {
        alert: "SlotUnread",
        expr: format!("pg_replication_slots_active{{slot_name={slot}}} == 0"),
        lasting: Some("5m".into()),
        labels: Labels { severity: "page", source: "exporter", subject: source.name.clone() },
        annotations: Annotations {
            summary: format!("Nobody reads the replication slot of {}; its server keeps all log since.", source.name),
            action: "Start the source connector. Where it must stay down for longer than planned, runbook.md tells what to do with the slot.",
        },
    }];
    if let Some(limit) = &source.slot_limit {
        rules.push(Rule {
            alert: "SlotNearLimit",
            expr: format!("pg_replication_slots_pg_wal_lsn_diff{{slot_name={slot}}} > {}", limit.value / 2),
            lasting: None,
            labels: Labels { severity: "page", source: "exporter", subject: source.name.clone() },
            annotations: Annotations {
                summary: format!("The slot of {} holds half of the log it may hold.", source.name),
                action: "At the limit the server drops the slot's log, and the view needs a new snapshot.",
            },
        });
    }
    rules
}

/// A label's value in PromQL.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn seconds(ms: u64) -> String {
    if ms.is_multiple_of(1000) { (ms / 1000).to_string() } else { format!("{}.{:03}", ms / 1000, ms % 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_keep_their_milliseconds() {
        assert_eq!(seconds(5_000), "5");
        assert_eq!(seconds(1_500), "1.500");
        assert_eq!(quoted("a\"b"), "\"a\\\"b\"");
    }
}
