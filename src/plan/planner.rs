//! The pass from the model to the plan.

use std::collections::BTreeMap;

use super::settings::Settings;
use super::topics::Draft;
use super::{Decided, Decision, Deployment, Log, Plan, Strimzi};
use crate::model::{Deploy, EnvId, Environment, Flavour, Model, SystemId, Value, Via};
use crate::systems::Kind;

/// Plans every deployed environment, or the one named; a pipeline without a deployed environment is planned once as `default`.
#[must_use]
pub fn plan(model: &Model, env: Option<&str>) -> Plan {
    let named = model.environments.iter().enumerate().filter(|(_, e)| match env {
        Some(name) => e.name == name,
        None => e.deploy.is_some(),
    });
    let mut environments: Vec<(EnvId, &Environment)> = named.map(|(at, e)| (EnvId(at), e)).collect();
    environments.sort_by(|a, b| a.1.name.cmp(&b.1.name));
    let deployments = if environments.is_empty() && (env.is_none() || model.environments.is_empty()) {
        vec![deployment(model, None)]
    } else {
        environments.into_iter().map(|env| deployment(model, Some(env))).collect()
    };
    Plan { pipeline: model.pipeline.clone(), deployments }
}

fn deployment(model: &Model, env: Option<(EnvId, &Environment)>) -> Deployment {
    let mut settings = Settings { model, env, variables: BTreeMap::new() };
    let log = log(&mut settings);
    let deploy = env.and_then(|(_, env)| env.deploy.as_ref());
    let deployment = Deployment {
        name: env.map_or_else(|| "default".to_owned(), |(_, env)| env.name.clone()),
        env: env.map(|(id, _)| id),
        flavour: deploy.map_or(Flavour::Files, |deploy| deploy.flavour),
        strimzi: deploy.filter(|deploy| deploy.flavour == Flavour::Strimzi).map(|deploy| strimzi(model, deploy)),
        log,
        topics: Vec::new(),
        sources: Vec::new(),
        sinks: Vec::new(),
        inside: Vec::new(),
        events: Vec::new(),
        processes: Vec::new(),
        variables: BTreeMap::new(),
        decisions: Vec::new(),
    };
    let mut draft = Draft::new(model, deployment);
    super::sources::plan(&mut settings, &mut draft);
    super::events::plan(&settings, &mut draft);
    super::encoding::plan(&settings, &mut draft);
    super::sinks::plan(&mut settings, &mut draft);
    super::inside::plan(&mut settings, &mut draft);
    super::processes::plan(&settings, &mut draft);
    let mut deployment = draft.deployment;
    decisions(&mut deployment);
    deployment.variables = settings.variables;
    deployment
}

/// Default number of partitions (language 4.4): enough for growth, with many divisors.
const PARTITIONS: u32 = 6;

/// The log that carries what is captured (they are one, or a finding says so); else the one of the events, by name; else the first by its name.
fn carrying(model: &Model) -> Option<SystemId> {
    let captured = model.views.iter().filter(|view| view.via == Via::Cdc).flat_map(|view| &view.flows);
    let mut logs = captured.filter_map(|flow| model.system(model.entity(flow.entity()?).home.system).log);
    let kafkas = (0..model.systems.len()).map(SystemId).filter(|id| model.system(*id).kind == Kind::Kafka);
    let events = model.events.iter().map(|event| event.log).min_by_key(|id| &model.system(*id).name);
    logs.next().or(events).or_else(|| kafkas.min_by_key(|id| &model.system(*id).name))
}

fn log(settings: &mut Settings) -> Log {
    let model = settings.model;
    let system = carrying(model);
    let name = system.map_or_else(|| "kafka".to_owned(), |id| model.system(id).name.clone());
    let about = "brokers of the Kafka cluster, host:port, comma separated";
    let bootstrap = match system {
        Some(id) => settings.templates(id, "bootstrap", about),
        None => vec![settings.variable(super::Variable {
            name: "KAFKA_BOOTSTRAP".into(),
            provider: None,
            secret: false,
            about: about.into(),
        })],
    };
    let number = |settings: &Settings, name: &str| settings.integer(settings.global(name));
    let small =
        |stated: Decided<u64>| Decided { value: u16::try_from(stated.value).unwrap_or(u16::MAX), why: stated.why };
    let partitions = match number(settings, "partitions") {
        Some(stated) => Decided { value: u32::try_from(stated.value).unwrap_or(u32::MAX), why: stated.why },
        None => Decided::default(
            PARTITIONS,
            "6 partitions unless an environment says otherwise; changing it later moves keys",
        ),
    };
    let replication = number(settings, "replication")
        .map_or_else(|| Decided::default(3, "3 copies: a log that is lost cannot be made again"), small);
    let min_insync = match number(settings, "min_insync") {
        Some(stated) => small(stated),
        None => Decided::derived(
            replication.value.saturating_sub(1).max(1),
            format!(
                "replication {} - 1: writes go on with one broker down, and no acknowledged write is on one broker only",
                replication.value
            ),
        ),
    };
    Log { system, name, bootstrap, partitions, replication, min_insync }
}

fn strimzi(model: &Model, deploy: &Deploy) -> Strimzi {
    let text = |name: &str, default: &str| match deploy.settings.get(name).map(|setting| &setting.value) {
        Some(Value::Text(text)) => text.clone(),
        _ => default.to_owned(),
    };
    Strimzi {
        cluster: text("cluster", "kafka"),
        namespace: text("namespace", "default"),
        connect: text("connect", &model.pipeline),
    }
}

fn decisions(deployment: &mut Deployment) {
    let log = &deployment.log;
    let mut all = vec![
        Decision {
            subject: "partitions".into(),
            value: log.partitions.value.to_string(),
            why: log.partitions.why.clone(),
        },
        Decision {
            subject: "replication factor".into(),
            value: log.replication.value.to_string(),
            why: log.replication.why.clone(),
        },
        Decision {
            subject: "min.insync.replicas".into(),
            value: log.min_insync.value.to_string(),
            why: log.min_insync.why.clone(),
        },
    ];
    for source in &deployment.sources {
        all.push(Decision {
            subject: format!("replication slot of {}", source.name),
            value: source.slot.value.clone(),
            why: source.slot.why.clone(),
        });
        all.push(Decision {
            subject: format!("publication of {}", source.name),
            value: source.publication.value.clone(),
            why: source.publication.why.clone(),
        });
        all.push(Decision {
            subject: format!("topic prefix of {}", source.name),
            value: source.prefix.value.clone(),
            why: source.prefix.why.clone(),
        });
    }
    deployment.decisions = all;
}
