use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Sink, rule};
use crate::diag::Severity;
use crate::model::{EntityId, Model, Via, View};
use crate::systems::Kind;

rule! {
    /// The key of a source is not known.
    ///
    /// The key names the row: in the log, where it keeps a row's changes in one order, and in the store, where it makes a repeated write harmless.
    /// Without a schema and without a declared key diac can only take the message's key as it comes, and promise nothing. A table cannot be filled
    /// without its key, so for a view in one the finding is an error.
    ///
    /// ```dia,bad
    /// postgres.public.products | elasticsearch
    /// ```
    ///
    /// Declare the entity with its key, or give the system a `schema` file.
    ///
    /// ```dia,good
    /// entity product in postgres.public.products {
    ///   product_id  bigint  key
    ///   name        text
    /// }
    /// product | elasticsearch
    /// ```
    {
        name: "open_key", severity: Warning, waivable: true, title: "the key of this source is not known", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut seen = BTreeSet::new();
    let mut tables: BTreeMap<EntityId, &View> = BTreeMap::new();
    for view in model.views.iter().filter(|view| view.via == Via::Cdc && in_table(model, view)) {
        for copy in &view.copies {
            tables.entry(copy.entity).or_insert(view);
        }
    }
    for view in model.views.iter().filter(|view| view.via == Via::Cdc) {
        for id in view.flows.iter().filter_map(crate::model::Flow::entity) {
            let entity = model.entity(id);
            let table = in_table(model, view);
            // What a schema says of the table, or that it could not be read, is said by other rules; so is a table to fill whose columns nobody knows.
            let known = model.system(entity.home.system).schema_span.is_some() || (table && entity.open);
            if !entity.key.is_empty() || known || !seen.insert(id) {
                continue;
            }
            let path = model.home_path(id);
            let system = &model.system(entity.home.system).name;
            let help = if entity.declared {
                format!("mark the key's columns with `key`, or write `key (…)` in `{}`", entity.name)
            } else {
                format!(
                    "declare it, as in `entity {} in {path} {{ id bigint key }}`, or write `system {system} {{ schema \"dump.sql\" }}`",
                    entity.name
                )
            };
            let mut finding = sink
                .at(entity.span, format!("the key of `{path}` is not known"))
                .here("no schema and no declaration names it");
            if let Some(store) = tables.get(&id).and_then(|view| view.store.as_ref()) {
                finding = finding.also(store.span, "a table needs a primary key");
                finding.severity = Severity::Error;
            } else if view.named {
                finding = finding.also(view.source_span, "followed here");
            }
            sink.push(finding.help(help).story([
                format!("If `{path}` has no primary key, its changes carry no key."),
                "They scatter over the partitions and arrive in any order.".to_owned(),
                "An older change can overwrite a newer one, and a delete finds nothing to delete.".to_owned(),
            ]));
        }
    }
}

/// Whether a view is kept in a table, which needs a primary key.
fn in_table(model: &Model, view: &View) -> bool {
    let kind = view.store.as_ref().map(|store| model.system(store.system).kind);
    matches!(kind, Some(Kind::Postgres | Kind::Snowflake))
}
