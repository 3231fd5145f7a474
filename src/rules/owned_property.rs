use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::{Environment, Setting, Value};
use crate::plan::{Connector, Deployment, Origin, Property, Retyped, Runner, Target};
use crate::source::{FileId, Span};

rule! {
    /// A raw property belongs to diac: a statement or a safe form decides it.
    ///
    /// `raw` passes a connector's property through. Properties that hold a promise up (how deletes travel, what a version is, where a connector reads) are
    /// diac's own: set by hand they would take the promise away without a trace of it in the page.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "tombstones.on.delete" = false }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "max.batch.size" = 4096 }
    /// }
    /// ```
    {
        name: "owned_property", severity: Error, waivable: false, title: "this property belongs to a guarantee", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let mut seen = BTreeSet::new();
    for (connector, setting) in raws(cx) {
        let Some(property) = connector.config.get(&setting.name).filter(|property| !property.raw) else { continue };
        // A raw value that only repeats diac's changes nothing.
        if property.value.literal() == text(&setting.value) || !seen.insert(setting.span) {
            continue;
        }
        sink.push(finding(sink, connector, setting, property));
    }
    overlays(cx, sink);
}

/// Fields of a mapping overlay that would retype what diac maps.
fn overlays(cx: &Context, sink: &mut Sink) {
    let mut seen = BTreeSet::new();
    for planned in cx.plan.deployments.iter().flat_map(|deployment| &deployment.sinks) {
        let view = cx.model.view(planned.view);
        let Some(mapping) = &view.mapping else { continue };
        for flow in &planned.flows {
            let Target::Index(index) = &flow.target else { continue };
            for Retyped { field, own, stated } in &index.retyped {
                let span = mapping.file.and_then(|file| key_in(cx, file, field)).unwrap_or(mapping.span);
                if !seen.insert(span) {
                    continue;
                }
                sink.push(
                    sink.at(span, format!("the mapping of `{field}` belongs to diac: it is {own}, not {stated}"))
                        .here("an overlay adds analyzers, sub-fields and parameters, and retypes nothing")
                        .also(mapping.span, format!("the overlay of `{}`", view.name))
                        .help(format!(
                            "delete `\"type\": \"{stated}\"`, or add a sub-field of that type under `fields`"
                        )),
                );
            }
        }
    }
}

/// The first place where a JSON text names a key.
fn key_in(cx: &Context, file: FileId, name: &str) -> Option<Span> {
    let quoted = format!("\"{name}\"");
    let at = cx.sources.get(file)?.text.find(&quoted)?;
    Some(Span::new(file, at, at + quoted.len()))
}

fn finding(sink: &Sink, connector: &Connector, setting: &Setting, property: &Property) -> crate::diag::Diagnostic {
    let mut finding = sink
        .at(setting.name_span, format!("`{}` of `{}` belongs to diac", setting.name, connector.name))
        .here(match property.value.literal() {
            Some(value) => format!("diac sets it to \"{value}\": {}", property.why.note),
            None => format!("diac sets it: {}", property.why.note),
        });
    finding = match property.why.origin {
        Origin::Stated(span) => {
            finding.also(span, "this statement decides it").help("change the statement, and delete this line")
        }
        Origin::Default | Origin::Derived | Origin::Safety => finding.help("delete the line"),
    };
    finding
}

/// Every planned deployment with the environment it is made from. Where none is deployed, those there are are held against the plan without any: they
/// will be deployed one day.
pub(super) fn environments<'a>(cx: &Context<'a>) -> Vec<(&'a Deployment, &'a Environment)> {
    let mut all = Vec::new();
    for deployment in &cx.plan.deployments {
        match deployment.env {
            Some(id) => all.extend(cx.model.environments.get(id.0).map(|env| (deployment, env))),
            None => all.extend(cx.model.environments.iter().map(|env| (deployment, env))),
        }
    }
    all
}

/// Raw settings of systems and views, with the connectors they would go to.
pub(super) fn raws<'a>(cx: &Context<'a>) -> Vec<(&'a Connector, &'a Setting)> {
    let mut all = Vec::new();
    for (deployment, env) in environments(cx) {
        for source in &deployment.sources {
            let settings = env.systems.get(&source.system).into_iter().flat_map(|map| map.values());
            all.extend(settings.filter(|setting| setting.raw).map(|setting| (&source.connector, setting)));
        }
        for sink in &deployment.sinks {
            let Runner::Connect(connectors) = &sink.runner else { continue };
            let settings = env.views.get(&sink.view).into_iter().flat_map(|map| map.values());
            for setting in settings.filter(|setting| setting.raw) {
                all.extend(connectors.first().map(|connector| (connector, setting)));
            }
        }
    }
    all
}

/// A raw value as the connector would read it.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(n) | Value::Size(n) => Some(n.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Duration(duration) => Some(duration.ms.to_string()),
        Value::Secret(_) | Value::List(_) => None,
    }
}
