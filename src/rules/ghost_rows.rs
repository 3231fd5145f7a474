use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::relation::{Nature, RecordId, StepKind};
use crate::model::{Model, Runner, View};
use crate::source::Span;
use crate::systems::Kind;

rule! {
    /// A filter on rows that change, in a form that cannot take out what stops matching.
    ///
    /// A row for which a `where` is no longer true has to leave the view. Bento deletes it with the row's version, a database's view hides it; the sink connectors of
    /// search engines and Redis only ever see what passes. So such a view cannot be run with `runner = connect`. A filter over the key alone never changes its mind, and
    /// neither does one over events.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, stock int }
    /// view in_stock {
    ///   product
    ///   | where stock > 0
    ///   | search.products
    /// }
    /// environment prod {
    ///   view in_stock { runner = connect }
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, stock int }
    /// view in_stock {
    ///   product
    ///   | where stock > 0
    ///   | search.products
    /// }
    /// ```
    {
        name: "ghost_rows", severity: Error, waivable: false, title: "filter on changing rows would leave ghosts",
        check: Some(check),
    }
}

/// What lets rows leave a view.
struct Leaving {
    /// The `where`, or the entity that says when a row counts as deleted.
    span: Span,
    /// The entity's rows, or the view's.
    rows: String,
    /// `deleted when` of the entity.
    marked: bool,
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut said: BTreeSet<Span> = BTreeSet::new();
    for (id, view) in model.all_views().filter(|(_, view)| model.is_wired(view)) {
        let Some(store) = &view.store else { continue };
        if !matches!(model.system(store.system).kind, Kind::Elasticsearch | Kind::Opensearch | Kind::Redis) {
            continue;
        }
        let settings = model.environments.iter().filter_map(|env| model.runner(id, env));
        let connect: BTreeSet<Span> =
            settings.filter(|(_, runner)| *runner == Runner::Connect).map(|(setting, _)| setting.span).collect();
        let Some(first) = connect.first() else { continue };
        for leaving in leaving(model, view) {
            if !said.insert(leaving.span) {
                continue;
            }
            let path = model.store_path(view);
            let (message, here) = if leaving.marked {
                (
                    format!("rows of `{}` that count as deleted would stay in `{}`", leaving.rows, view.name),
                    "says when a row counts as deleted".to_owned(),
                )
            } else {
                (
                    format!("rows that stop matching would stay in `{}`", view.name),
                    format!("`{}` rows change; this is true today and false tomorrow", leaving.rows),
                )
            };
            let mut finding = sink.at(leaving.span, message).here(here);
            for span in &connect {
                finding = finding.also(*span, "a sink connector cannot delete what stops matching");
            }
            if leaving.span != *first && !view.says(leaving.span) {
                finding = finding.also(view.span, format!("`{}` is kept in {path}", view.name));
            }
            sink.push(finding.help("remove `runner = connect`; or carry the columns and filter when reading").story([
                format!("A row of `{}` is in {path}.", leaving.rows),
                format!("It changes and matches no more. The update does not pass, so {path} is never told."),
                format!("It can be found in {path} as it was, until it matches again."),
            ]));
        }
    }
}

/// What lets rows leave a view that is made row by row, its own and what it inherits. A view that takes an engine is the engine's affair.
fn leaving(model: &Model, view: &View) -> Vec<Leaving> {
    let above = model.views_above(view).into_iter().map(|id| model.view(id));
    let chain: Vec<&View> = std::iter::once(view).chain(above).collect();
    if chain.iter().any(|view| !view.row_by_row()) {
        return Vec::new();
    }
    let records = model.records(view);
    let rows = records.first().map_or(view.name.as_str(), |record| model.record_name(*record)).to_owned();
    let mut found = Vec::new();
    for view in chain {
        for step in view.relation.iter().flat_map(|relation| &relation.steps) {
            if matches!(step.kind, StepKind::Where { key_only: false, .. }) && step.before == Nature::State {
                found.push(Leaving { span: step.span, rows: rows.clone(), marked: false });
            }
        }
    }
    for record in &records {
        let RecordId::Entity(id) = record else { continue };
        let entity = model.entity(*id);
        if entity.deleted_when.is_some() {
            found.push(Leaving { span: entity.span, rows: entity.name.clone(), marked: true });
        }
    }
    found
}
