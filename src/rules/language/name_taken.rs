use std::collections::BTreeMap;

use super::super::{Context, Sink, rule};
use crate::model::SystemId;
use crate::plan::Runner;
use crate::source::Span;

rule! {
    /// One name is given to two things, or one thing is stated twice. In an environment that is so for connectors and consumer groups as well.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service product { writes product }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// service catalog { writes product }
    /// ```
    {
        name: "name_taken", severity: Error, waivable: false, title: "one name stands for two things", check: Some(check),
    }
}

/// A name of something that runs.
struct Claim {
    what: &'static str,
    name: String,
    span: Span,
}

/// Connectors and consumer groups of one deployment that an environment gives one name; names of declarations are the resolver's.
fn check(cx: &Context, sink: &mut Sink) {
    for deployment in &cx.plan.deployments {
        let Some(env) = deployment.env.and_then(|id| cx.model.environments.get(id.0)) else { continue };
        let system = |id: SystemId| {
            let stated = env.systems.get(&id).and_then(|settings| settings.get("connector"));
            stated.map_or(cx.model.system(id).span, |setting| setting.value_span)
        };
        let mut claims: Vec<Claim> = Vec::new();
        for source in &deployment.sources {
            let (name, span) = (source.connector.name.clone(), system(source.system));
            claims.push(Claim { what: "connector", name, span });
        }
        for planned in &deployment.sinks {
            let stated = |name: &str| {
                let setting = env.views.get(&planned.view).and_then(|settings| settings.get(name));
                setting.map_or(cx.model.view(planned.view).span, |setting| setting.value_span)
            };
            match &planned.runner {
                Runner::Connect(connectors) => claims.extend(connectors.iter().map(|connector| Claim {
                    what: "connector",
                    name: connector.name.clone(),
                    span: stated("connector"),
                })),
                Runner::Bento(streams) => claims.extend(streams.iter().map(|stream| Claim {
                    what: "consumer group",
                    name: stream.group.clone(),
                    span: stated("group"),
                })),
            }
        }
        let mut claimed: BTreeMap<(&str, &str), &Claim> = BTreeMap::new();
        for claim in &claims {
            let Some(first) = claimed.get(&(claim.what, claim.name.as_str())) else {
                claimed.insert((claim.what, &claim.name), claim);
                continue;
            };
            sink.push(
                sink.at(claim.span, format!("`{}` is the {} of two", claim.name, claim.what))
                    .here("the same name again")
                    .also(first.span, "first here")
                    .help(format!("give each a {} of its own", claim.what)),
            );
        }
    }
}
