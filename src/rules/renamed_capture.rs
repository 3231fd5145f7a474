use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::plan::baseline::{OldDeployment, OldSource};
use crate::plan::{Decided, Origin, Source};
use crate::source::Span;

rule! {
    /// A connector, slot, publication or topic prefix gets another name: to the systems that run, it is another capture.
    ///
    /// Where a capture was is kept under the connector's name and in the slot. Under a new name it starts from nothing: a new snapshot, new topics under a
    /// new prefix, and the old slot holds the database's log for a reader that never comes back. All of these names are made of the pipeline's and the
    /// system's unless an environment states them.
    ///
    /// Compared with an earlier compilation (`--against`, or the folder that is compiled to); silent without one.
    ///
    /// ```dia,before
    /// pipeline shop
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view found { product | search.products }
    /// ```
    ///
    /// ```dia,bad
    /// pipeline store
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view found { product | search.products }
    /// ```
    ///
    /// Keep the name, or state the old ones where they are machinery: `system shop { connector = "…", slot = "…", publication = "…", topic_prefix = "…" }`.
    {
        name: "renamed_capture", severity: Error, waivable: true, title: "a capture would start anew under another name",
        check: Some(check),
    }
}

/// A name that changes.
struct Change<'a> {
    setting: &'static str,
    was: &'a str,
    is: &'a str,
    stated: Option<Span>,
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut seen: BTreeSet<(Span, &str)> = BTreeSet::new();
    for (deployment, old) in cx.compared() {
        let taken: BTreeSet<&str> = deployment.sources.iter().map(|source| source.name.as_str()).collect();
        for source in &deployment.sources {
            let Some(before) = old.source(&source.name).or_else(|| renamed(cx, old, source, &taken)) else { continue };
            let changes = changes(source, before);
            let Some(first) = changes.first() else { continue };
            let system = model.system(source.system);
            let pipeline = cx.baseline.filter(|old| old.pipeline != model.pipeline).and(model.pipeline_span);
            let stated = changes.iter().find_map(|change| change.stated);
            let env = deployment.env.and_then(|id| model.environments.get(id.0)).map(|env| env.span);
            let span = stated.or(pipeline).or(env).unwrap_or(system.span);
            if !seen.insert((span, &source.name)) {
                continue;
            }
            let names: Vec<String> = changes
                .iter()
                .map(|change| format!("{} `{}` was `{}`", word(change.setting), change.is, change.was))
                .collect();
            let keep: Vec<String> =
                changes.iter().map(|change| format!("{} = \"{}\"", change.setting, change.was)).collect();
            let mut finding = sink
                .at(span, format!("the capture of `{}` would start anew: {}", source.name, names.join(", ")))
                .here("the names follow from this");
            if span != system.span {
                finding = finding.also(system.span, format!("`{}` is captured under the old names", source.name));
            }
            sink.push(
                finding
                    .help(format!(
                        "keep the names: `system {} {{ {} }}` in the environment",
                        source.name,
                        keep.join(", ")
                    ))
                    .story([
                        format!(
                            "The connector starts under {}, finds no position of its own, and takes all rows again.",
                            first.is
                        ),
                        "What changed between the last record under the old name and that snapshot may be missing."
                            .to_owned(),
                        match &before.slot {
                            Some(slot) => format!(
                                "The slot `{slot}` stays, and holds the log of `{}` until somebody drops it.",
                                source.name
                            ),
                            None => "The old topics stay, and whoever reads them sees no change any more.".to_owned(),
                        },
                    ]),
            );
        }
    }
}

/// The capture that a system of another name had, as far as the tables tell.
fn renamed<'a>(cx: &Context, old: &'a OldDeployment, source: &Source, taken: &BTreeSet<&str>) -> Option<&'a OldSource> {
    let names: BTreeSet<&str> = source.tables.iter().map(|table| cx.model.entity(table.entity).name.as_str()).collect();
    old.sources.iter().find(|before| {
        !taken.contains(before.system.as_str())
            && before.tables.iter().any(|table| names.contains(table.entity.as_str()))
    })
}

fn changes<'a>(source: &'a Source, before: &'a OldSource) -> Vec<Change<'a>> {
    let decided = |setting, decided: &'a Decided<String>, was: &'a str| Change {
        setting,
        was,
        is: &decided.value,
        stated: if let Origin::Stated(span) = decided.why.origin { Some(span) } else { None },
    };
    // The connector's own name is decided where its properties are.
    let connector = Change { setting: "connector", was: &before.connector, is: &source.connector.name, stated: None };
    let mut all = vec![connector];
    if let Some(slot) = source.slot() {
        all.extend(before.slot.as_ref().map(|was| decided("slot", &slot.slot, was)));
        all.extend(before.publication.as_ref().map(|was| decided("publication", &slot.publication, was)));
    }
    all.push(decided("topic_prefix", &source.prefix, &before.topic_prefix));
    all.into_iter().filter(|change| change.was != change.is).collect()
}

fn word(setting: &str) -> &str {
    if setting == "topic_prefix" { "topic prefix" } else { setting }
}
