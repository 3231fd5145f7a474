use std::collections::BTreeSet;

use super::owned_property::{environments, text};
use super::{Context, Sink, rule};
use crate::model::{Environment, Setting};
use crate::plan::{Connector, Deployment};
use crate::profiles::sins::{Side, Sin, Sinful, of};
use crate::source::Span;

rule! {
    /// A raw property keeps deletes from reaching a view.
    ///
    /// A deleted row travels as a record with a key and no value. A connector that drops that record, or turns it into something else, leaves the row in
    /// every view for ever, and in a compacted log as well.
    ///
    /// Judged for every captured system and every view, also where this version does not write the connector yet. What diac decides itself is
    /// `owned_property`; whether deletes travel at all is said by the view: `deletes keep`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "skipped.operations" = "d,t" }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// product | search.products
    /// environment prod {
    ///   system shop { raw "skipped.operations" = "t" }
    /// }
    /// ```
    {
        name: "swallowed_tombstone", severity: Error, waivable: false, title: "deletes do not reach the view", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for (setting, sinful) in sins(cx, Sin::LostDeletes) {
        sink.push(
            sink.at(setting.name_span, format!("`{}` keeps deletes from reaching the view", setting.name))
                .here(sinful.why)
                .help("delete the line; a view that is to keep deleted rows says `deletes keep`")
                .story([
                    "Row 17 is deleted at the record.".to_owned(),
                    "No record of that, or none that can be read as one, reaches the store.".to_owned(),
                    "Row 17 stays in the view for ever.".to_owned(),
                ]),
        );
    }
}

/// Raw properties that do a certain harm, with what is known of them. Those that diac decides itself are another rule's.
pub(super) fn sins<'a>(cx: &Context<'a>, sin: Sin) -> Vec<(&'a Setting, &'static Sinful)> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    for (deployment, env) in environments(cx) {
        for (setting, side, connector) in raws(cx, deployment, env) {
            let owned = connector.and_then(|connector| connector.config.get(&setting.name));
            if owned.is_some_and(|property| !property.raw) {
                continue;
            }
            let Some(value) = text(&setting.value) else { continue };
            if let Some(sinful) = of(side, &setting.name, &value).filter(|sinful| sinful.sin == sin)
                && seen.insert(setting.span)
            {
                found.push((setting, sinful));
            }
        }
    }
    found
}

/// Raw settings of what an environment captures and fills, with the connector where one is planned.
fn raws<'a>(
    cx: &Context<'a>,
    deployment: &'a Deployment,
    env: &'a Environment,
) -> Vec<(&'a Setting, Side, Option<&'a Connector>)> {
    let mut all = Vec::new();
    let captured = cx.model.captured_systems();
    for (id, settings) in env.systems.iter().filter(|(id, _)| captured.contains(id)) {
        let connector = deployment.sources.iter().find(|source| source.system == *id).map(|source| &source.connector);
        all.extend(settings.values().filter(|setting| setting.raw).map(|setting| (setting, Side::Source, connector)));
    }
    for (id, settings) in &env.views {
        let planned = deployment.sinks.iter().find(|sink| sink.view == *id);
        // What Bento runs takes no raw property: `unknown_property`.
        if planned.is_some_and(|sink| sink.connectors().is_empty()) {
            continue;
        }
        let connector = planned.and_then(|sink| sink.connectors().first());
        all.extend(settings.values().filter(|setting| setting.raw).map(|setting| (setting, Side::Sink, connector)));
    }
    all
}
