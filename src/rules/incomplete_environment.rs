use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::{Environment, SecretId, SystemId, Value};
use crate::systems::Need;

rule! {
    /// A deployed environment lacks a setting that its systems need.
    ///
    /// What is missing becomes a reference to an environment variable, so that the output still runs where that variable is set. In an environment that says
    /// `deploy` this is more often forgotten than meant. So is a secret whose source the environment does not say.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   secret pw = env "PW"
    ///   system kafka { bootstrap = "kafka:9092" }
    ///   system shop { host = "shop-db", database = "shop", password = secret pw, slot_limit = 64GiB }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// secret pw
    /// environment prod {
    ///   deploy files
    ///   secret pw = env "PW"
    ///   system kafka { bootstrap = "kafka:9092" }
    ///   system shop { host = "shop-db", database = "shop", password = secret pw, slot_limit = 64GiB }
    ///   system search { url = "https://search:9200" }
    /// }
    /// ```
    {
        name: "incomplete_environment", severity: Warning, waivable: true, title: "an environment is incomplete", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for deployment in &cx.plan.deployments {
        let Some(env) = deployment.env.and_then(|id| cx.model.environments.get(id.0)) else { continue };
        if env.deploy.is_none() {
            continue;
        }
        let mut used: BTreeSet<SystemId> = deployment.sources.iter().map(|source| source.system).collect();
        used.extend(deployment.sinks.iter().map(|sink| sink.store));
        used.extend(deployment.log.system);
        for &id in &used {
            let system = cx.model.system(id);
            let stated = env.systems.get(&id);
            let needed = system.kind.facts().settings.iter().filter(|setting| setting.need == Need::Required);
            let missing: Vec<String> = needed
                .filter(|setting| !stated.is_some_and(|stated| stated.contains_key(setting.name)))
                .map(|setting| format!("`{}`", setting.name))
                .collect();
            if missing.is_empty() {
                continue;
            }
            sink.push(
                sink.at(env.span, format!("`{}` does not say {} of `{}`", env.name, missing.join(", "), system.name))
                    .here("deployed, and incomplete")
                    .also(system.span, format!("`{}` is used here", system.name))
                    .help(format!(
                        "add `system {} {{ … }}` to `{}`, or let it extend an environment that has it",
                        system.name, env.name
                    )),
            );
        }
        secrets(cx, sink, env, &used);
    }
}

/// Secrets that the environment's systems are given and whose source it does not say.
fn secrets(cx: &Context, sink: &mut Sink, env: &Environment, used: &BTreeSet<SystemId>) {
    let mut seen = BTreeSet::new();
    let systems = env.systems.iter().filter(|(id, _)| used.contains(id));
    for setting in systems.flat_map(|(_, settings)| settings.values()) {
        for id in named(&setting.value) {
            let secret = cx.model.secret(id);
            if env.secrets.contains_key(&id) || !seen.insert(id) {
                continue;
            }
            sink.push(
                sink.at(env.span, format!("`{}` does not say where the secret `{}` comes from", env.name, secret.name))
                    .here("deployed, and incomplete")
                    .also(setting.value_span, "needed here")
                    .help(format!(
                        "add `secret {} = env \"{}\"` to `{}`, or another source",
                        secret.name,
                        secret.name.to_uppercase(),
                        env.name
                    )),
            );
        }
    }
}

fn named(value: &Value) -> Vec<SecretId> {
    match value {
        Value::Secret(id) => vec![*id],
        Value::List(all) => all.iter().flat_map(named).collect(),
        Value::Text(_) | Value::Integer(_) | Value::Bool(_) | Value::Size(_) | Value::Duration(_) => Vec::new(),
    }
}
