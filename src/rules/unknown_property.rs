use std::collections::BTreeSet;

use super::owned_property::{environments, raws};
use super::{Context, Sink, rule};
use crate::plan::Runner;

rule! {
    /// A setting or a raw property that nothing knows.
    ///
    /// Kafka Connect takes every property name without a word and ignores those it does not know, so a misspelt one simply has no effect. diac compares
    /// raw properties with the connector's own definition of the pinned version: an unknown one is a warning. An unknown plain setting is an error.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "max.batch.sise" = 4096 }
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
        name: "unknown_property", severity: Warning, waivable: true, title: "no such property", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let mut seen = BTreeSet::new();
    for (connector, setting) in raws(cx) {
        let plugin = connector.plugin;
        if plugin.knows(&setting.name) || !seen.insert(setting.span) {
            continue;
        }
        let finding = sink
            .at(setting.name_span, format!("{} {} has no property `{}`", plugin.name, plugin.version, setting.name))
            .here("Kafka Connect would take it and ignore it");
        sink.push(match plugin.nearest(&setting.name) {
            Some(near) => {
                let quoted = format!("\"{near}\"");
                finding.help(format!("did you mean `{near}`?")).fix(setting.name_span, quoted)
            }
            None => finding.help("delete the line, or correct the name"),
        });
    }
    let captured = cx.model.captured_systems();
    for (deployment, env) in environments(cx) {
        for stream in deployment.sinks.iter().filter(|sink| matches!(sink.runner, Runner::Bento(_))) {
            let settings = env.views.get(&stream.view).into_iter().flat_map(|map| map.values());
            for setting in settings.filter(|setting| setting.raw && seen.insert(setting.span)) {
                sink.push(
                    sink.at(
                        setting.name_span,
                        format!("`{}` runs in Bento, which takes no raw property `{}`", stream.name, setting.name),
                    )
                    .here("it would have no effect")
                    .help("delete the line"),
                );
            }
        }
        for planned in &deployment.sinks {
            // What the other runner takes has no effect here.
            let (unused, runner) = match &planned.runner {
                Runner::Connect(_) => ("group", "Kafka Connect, which names the group after the connector"),
                Runner::Bento(_) => ("connector", "Bento, which knows no connectors"),
            };
            let setting = env.views.get(&planned.view).and_then(|settings| settings.get(unused));
            let Some(setting) = setting.filter(|setting| seen.insert(setting.span)) else { continue };
            sink.push(
                sink.at(setting.name_span, format!("`{}` runs in {runner}", planned.name))
                    .here("it would have no effect")
                    .help("delete the line"),
            );
        }
        for (id, settings) in &env.systems {
            // What is captured and not compiled yet has a connector all the same.
            if deployment.sources.iter().any(|source| source.system == *id) || captured.contains(id) {
                continue;
            }
            for setting in settings.values().filter(|setting| setting.raw && seen.insert(setting.span)) {
                let name = &cx.model.system(*id).name;
                sink.push(
                    sink.at(
                        setting.name_span,
                        format!("no connector captures `{name}`, so `{}` goes nowhere", setting.name),
                    )
                    .here("it would have no effect")
                    .help("delete the line; a property of a connector that fills a store belongs to its view"),
                );
            }
        }
    }
}
