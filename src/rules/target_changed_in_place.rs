use std::collections::BTreeMap;

use super::{Context, Sink, rule};
use crate::model::View;
use crate::model::relation::RecordId;
use crate::plan::baseline::{OldFlow, place};
use crate::plan::written::text;
use crate::plan::{Carried, PlannedFlow, Sink as Way, Target};
use crate::source::Span;

rule! {
    /// A view's form changes while its version stays.
    ///
    /// What is in the store was written in the old form and is not written again: half of the rows would have numbers and half texts, half the new
    /// column and half not, and tables and indexes refuse what they were not made for. A new version fills a target of its own beside the one that serves.
    ///
    /// Compared with an earlier compilation (`--against`, or the folder that is compiled to); silent without one. Said of types, masks, filters and places
    /// that change, and of columns that are new to an index: its mapping is strict, and refuses them. A table gets new columns when it is applied. A column that old records cannot give is `incompatible_schema`, and a
    /// key that changes `key_bytes_change`.
    ///
    /// ```dia,before
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, sellable int }
    /// view found { product | search.products }
    /// ```
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, sellable text }
    /// view found { product | search.products }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, sellable text }
    /// view found version 2 replaces 1 { product | search.products }
    /// ```
    {
        name: "target_changed_in_place", severity: Error, waivable: false, title: "a target changes in place", check: Some(check),
    }
}

/// A change, with the views it shows in.
struct Change<'a> {
    what: String,
    here: String,
    story: String,
    views: Vec<&'a View>,
}

fn check(cx: &Context, sink: &mut Sink) {
    // One column can change many views, and is one mistake.
    let mut changes: BTreeMap<Span, Change> = BTreeMap::new();
    for (deployment, old) in cx.compared() {
        for planned in &deployment.sinks {
            let Some(before) = old.sink(&planned.name, planned.version) else { continue };
            let view = cx.model.view(planned.view);
            for flow in &planned.flows {
                let same = before.flows.iter().find(|old| old.entity == flow.name());
                let Some(same) = same.or_else(|| before.flows.first().filter(|_| before.flows.len() == 1)) else {
                    continue;
                };
                for (span, change) in found(cx, planned, &before.store, flow, same, view) {
                    let known = changes.entry(span).or_insert(change);
                    if known.views.iter().all(|other| other.span != view.span) {
                        known.views.push(view);
                    }
                }
            }
        }
    }
    for (span, change) in changes {
        let Some((first, rest)) = change.views.split_first() else { continue };
        let others = if rest.is_empty() { String::new() } else { format!(" and {} more views", rest.len()) };
        let mut finding = sink
            .at(span, format!("{} in `{}`{others}, and the version stays", change.what, first.name))
            .here(change.here);
        for view in change.views.iter().filter(|view| view.span != span).take(4) {
            finding = finding.also(view.span, format!("still version {}", view.version));
        }
        let next = first.version + 1;
        let help = if first.named {
            format!(
                "write `view {} version {next} replaces {} {{ … }}`, and likewise for each view it shows in",
                first.name, first.version
            )
        } else {
            "give the pipeline a name and a version: `view name version 2 replaces 1 { … }`".to_owned()
        };
        sink.push(finding.help(help).story([
            format!("Rows that `{}` holds were written in the old form.", first.name),
            change.story,
            "Readers meet both, until every row has changed once.".to_owned(),
        ]));
    }
}

fn found<'a>(
    cx: &Context,
    planned: &Way,
    store: &str,
    flow: &PlannedFlow,
    old: &OldFlow,
    view: &'a View,
) -> Vec<(Span, Change<'a>)> {
    let mut found = Vec::new();
    let mut add = |span: Span, what: String, here: String, story: &str| {
        found.push((span, Change { what, here, story: story.to_owned(), views: vec![view] }));
    };
    let at = view.store.as_ref().map_or(view.span, |store| store.span);
    let (is, was) = (place(&flow.target), old.place());
    if let Some(was) = was.filter(|was| *was != is || planned.store_name != store) {
        let (was, is) = (format!("{store}.{was}"), format!("{}.{is}", planned.store_name));
        add(
            at,
            format!("`{was}` becomes `{is}`"),
            format!("was {was}"),
            "The new place is filled with what changes from now on: rows that were read already do not come again.",
        );
        return found;
    }
    let key = flow.record().map_or(&[][..], |record| cx.model.record_key(record));
    let plain = flow.columns.iter().filter(|column| !key.contains(&column.source));
    for column in plain {
        let span = view
            .flows
            .iter()
            .filter(|own| Some(own.record) == flow.record())
            .find_map(|own| own.columns.iter().find(|known| known.name == column.name))
            .map_or(view.span, |known| known.span);
        let Some(before) = old.columns.iter().find(|before| before.name == column.name) else {
            if !old.columns.is_empty() && matches!(flow.target, Target::Index(_)) && !is_mandatory(cx, flow, column) {
                add(
                    span,
                    format!("`{}` is new", column.name),
                    "the index was made without it, and its mapping is strict".to_owned(),
                    "The index has no such field: the next row is refused, and the view stops there.",
                );
            }
            continue;
        };
        let (is, was) = (column.ty.word(), before.ty.as_str());
        if form(&is) != form(was) {
            add(
                span,
                format!("`{}` changes its type from {was} to {is}", column.name),
                format!("was {was}"),
                "New rows are written in the new type, where the store takes them at all.",
            );
        } else if column.mask.is_some() != before.masked {
            let (what, story) = if before.masked {
                ("is no longer masked", "New rows show the value, old ones stay masked.")
            } else {
                ("is masked now", "New rows hide the value; what is there already stays readable.")
            };
            add(span, format!("`{}` {what}", column.name), what.to_owned(), story);
        }
    }
    let filters: Vec<String> = flow.filters.iter().map(text).collect();
    if filters != old.filters {
        let own = view.flows.iter().filter(|own| Some(own.record) == flow.record()).flat_map(|own| &own.filters);
        let changed = own.zip(&filters).find(|(_, text)| !old.filters.contains(text));
        let span = changed.map_or(view.span, |(filter, _)| filter.span);
        let was =
            if old.filters.is_empty() { "no filter".to_owned() } else { format!("`{}`", old.filters.join(" and ")) };
        add(
            span,
            "the filter changes".to_owned(),
            format!("was {was}"),
            "Rows that pass only one of the two filters stay, or stay away, until they change.",
        );
    }
    found
}

/// What old records cannot give is said by `incompatible_schema`.
fn is_mandatory(cx: &Context, flow: &PlannedFlow, column: &Carried) -> bool {
    let record = flow.record();
    let found = record.and_then(|record| cx.model.record_column(record, &column.source));
    let Some(found) = found.filter(|found| !found.nullable && found.default.is_none() && found.was.is_none()) else {
        return false;
    };
    let old = cx.baseline.and_then(|baseline| match record? {
        RecordId::Entity(_) => baseline.records.entities.get(flow.name()),
        RecordId::Event(_) => baseline.records.events.get(flow.name()),
    });
    old.is_some_and(|old| !old.columns.is_empty() && old.columns.iter().all(|old| old.name != found.name))
}

/// What of a type a store was made for: the values of an enum may come and go.
fn form(word: &str) -> &str {
    if word.starts_with("enum(") { "enum" } else { word }
}
