//! `topics.yaml`: every topic that must exist before anything starts, each number with its reason. Neutral: any tool can apply it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Target, docs_text};
use crate::check::SoundPlan;
use crate::model::Model;
use crate::output::{OutputTree, yaml};
use crate::plan::{Deployment, Topic, TopicRole};

/// The target.
pub struct Topics;

impl Target for Topics {
    fn name(&self) -> &'static str {
        "topic specs"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            if deployment.topics.is_empty() {
                continue;
            }
            let path = format!("{}/topics.yaml", deployment.name);
            out.add(path, text(plan.model, deployment), "the topics of all captures and views");
        }
    }
}

const HEAD: &str = "\
# Topics that must exist before any connector starts: with automatic creation off, a missing one is a silent stop.
# `managed: false` is written by somebody else's capture: it is listed so that its place is known, and never created or changed.
";

#[derive(Serialize)]
struct File<'a> {
    topics: Vec<Spec<'a>>,
}

#[derive(Serialize)]
struct Spec<'a> {
    name: &'a str,
    holds: String,
    managed: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    docs: String,
    partitions: u32,
    replication: u16,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    config: BTreeMap<&'a str, &'a str>,
    why: Reasons<'a>,
}

#[derive(Serialize)]
struct Reasons<'a> {
    partitions: &'a str,
    replication: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    config: BTreeMap<&'a str, &'a str>,
}

fn text(model: &Model, deployment: &Deployment) -> String {
    let mut topics: Vec<Spec> = deployment.topics.iter().map(|topic| spec(model, topic)).collect();
    topics.sort_by_key(|topic| topic.name);
    format!("{HEAD}{}", yaml(&File { topics }))
}

fn spec<'a>(model: &Model, topic: &'a Topic) -> Spec<'a> {
    Spec {
        name: &topic.name,
        holds: holds(model, topic.role),
        managed: topic.managed,
        docs: docs_text(&topic.docs),
        partitions: topic.partitions.value,
        replication: topic.replication.value,
        config: topic.config.iter().map(|(key, value)| (key.as_str(), value.value.as_str())).collect(),
        why: Reasons {
            partitions: &topic.partitions.why.note,
            replication: &topic.replication.why.note,
            config: topic.config.iter().map(|(key, value)| (key.as_str(), value.why.note.as_str())).collect(),
        },
    }
}

/// What a topic holds, in a few words.
#[must_use]
pub fn holds(model: &Model, role: TopicRole) -> String {
    match role {
        TopicRole::Entity(id) => {
            let entity = model.entity(id);
            let system = &model.system(entity.home.system).name;
            format!(
                "every change of {}, recorded in {system}.{}.{}",
                entity.name, entity.home.namespace, entity.home.table
            )
        }
        TopicRole::Event(id) => {
            let event = model.event(id);
            let same = |other: &&crate::model::Event| other.log == event.log && other.topic == event.topic;
            let mut names: Vec<&str> = model.events.iter().filter(same).map(|event| event.name.as_str()).collect();
            names.sort_unstable();
            format!("events: {}", names.join(", "))
        }
        TopicRole::HeartbeatTable(id) => format!("rows of the heartbeat table in {}", model.system(id).name),
        TopicRole::Heartbeat(id) => format!("heartbeats of the capture of {}", model.system(id).name),
        TopicRole::SchemaHistory(id) => {
            format!("definitions of the captured tables in {}, for its connector", model.system(id).name)
        }
        TopicRole::Signal(id) => format!("rows of the signal table in {}", model.system(id).name),
        TopicRole::Rows(id) => format!("rows of view {}, one record each", model.view(id).name),
        TopicRole::DeadLetter(id) => format!("records that view {} could not apply", model.view(id).name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Decided;
    use crate::targets::sample;

    #[test]
    fn every_number_has_its_reason() {
        let out = sample::emit(&[&Topics]);
        let text = &out.get("dev/topics.yaml").unwrap().text;
        let read: serde_json::Value = serde_yaml::from_str(text).unwrap();
        let topics = read["topics"].as_array().unwrap();
        let product = topics.iter().find(|topic| topic["name"] == "shop.shop.public.products").unwrap();
        assert_eq!(product["partitions"], 6);
        assert_eq!(product["config"]["cleanup.policy"], "compact");
        assert_eq!(product["why"]["partitions"], "default: six, so that up to six tasks share the work");
        assert!(product["holds"].as_str().unwrap().contains("shop.public.products"));
        let names: Vec<&str> = topics.iter().map(|topic| topic["name"].as_str().unwrap()).collect();
        assert!(names.is_sorted());
    }

    #[test]
    fn foreign_topics_are_listed_and_not_managed() {
        let mut plan = sample::plan();
        plan.deployments[0].topics[0].managed = false;
        let out = sample::emit_plan(&plan, &[&Topics]);
        assert!(out.get("dev/topics.yaml").unwrap().text.contains("managed: false"));
    }

    #[test]
    fn texts_that_yaml_readers_would_misread_stay_texts() {
        let hostile = [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "n",
            "null",
            "~",
            "1_000",
            "0x1F",
            "0o7",
            "1e3",
            "=",
            "<<",
            "2026-01-02",
            "2026-01-02T03:04:05Z",
            "12:30:45",
            "",
            " ",
            "- a",
            "a: b",
            "a #b",
            "#a",
            "{a}",
            "[a]",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a`",
            "'",
            "\"",
            "|",
            ">",
            "é\u{2028}",
            "a\nb",
            "true",
            ".inf",
            ".nan",
            "\u{85}",
        ];
        let mut plan = sample::plan();
        let topic = &mut plan.deployments[0].topics[0];
        topic.config =
            hostile.iter().map(|word| ((*word).to_owned(), Decided::default((*word).to_owned(), *word))).collect();
        topic.docs = hostile.iter().map(|word| (*word).to_owned()).collect();
        let name = topic.name.clone();
        let out = sample::emit_plan(&plan, &[&Topics]);
        let text = &out.get("dev/topics.yaml").unwrap().text;
        let read: serde_json::Value = serde_yaml::from_str(text).unwrap();
        let spec = read["topics"].as_array().unwrap().iter().find(|topic| topic["name"] == name.as_str()).unwrap();
        for word in hostile {
            assert_eq!(spec["config"][word], word, "as key and value: {word:?}\n{text}");
            assert_eq!(spec["why"]["config"][word], word);
        }
    }
}
