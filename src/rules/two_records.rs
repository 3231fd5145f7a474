use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Sink, rule};
use crate::diag::{Diagnostic, Severity};
use crate::model::walk::Alike;
use crate::model::{Entity, EntityId, Model, Touched};
use crate::source::Span;

rule! {
    /// Two entities are recorded at one place.
    ///
    /// An entity says who is right when copies disagree. Two declarations of one table can state different keys, different columns and different personal
    /// data, and everything that follows depends on which of them a view happens to name.
    ///
    /// A warning of this name says that two entities in different places look like one: they share a unique column, and one service writes both. Where one
    /// references the other they are two facts. If they are two facts anyway, say so: `allow two_records because "…"`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// entity customer in shop.public.customers { customer_id bigint key }
    /// entity account in shop.public.customers { customer_id bigint key }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// entity customer in shop.public.customers { customer_id bigint key }
    /// ```
    {
        name: "two_records", severity: Error, waivable: true, title: "two systems of record for one table of facts",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    likeness(cx, sink);
    // Only what has the same name can be the same table.
    let mut named: BTreeMap<(&str, &str), Vec<&Entity>> = BTreeMap::new();
    for entity in cx.model.entities.iter().filter(|entity| entity.declared) {
        let home = &entity.home;
        let before = named.entry((&home.namespace, &home.table)).or_default();
        let twin = before.iter().find(|other| cx.model.same_place(home.system, other.home.system)).copied();
        before.push(entity);
        let Some(twin) = twin else { continue };
        let table = format!("{}.{}", entity.home.namespace, entity.home.table);
        sink.push(
            sink.at(entity.home.span, format!("`{}` and `{}` are both recorded in {table}", twin.name, entity.name))
                .here("recorded here a second time")
                .also(twin.home.span, format!("`{}` is recorded here", twin.name))
                .help(format!("keep one of the two entities, and let everything name `{}`", twin.name))
                .story([
                    format!("A column is marked personal in `{}` and not in `{}`.", twin.name, entity.name),
                    format!("A view of `{}` carries it where it may not be, and nothing objects.", entity.name),
                ]),
        );
    }
}

/// Entities that look like one: one unique value, and one service that writes both. One finding for an entity, against the first like it.
fn likeness(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut found: BTreeMap<EntityId, Like> = BTreeMap::new();
    for service in &model.services {
        // Only what has a unique value of the same name can be alike.
        let mut named: BTreeMap<String, Vec<(EntityId, Span)>> = BTreeMap::new();
        let mut seen: BTreeSet<EntityId> = BTreeSet::new();
        for touch in &service.writes {
            let Touched::Entity(id) = touch.what else { continue };
            if !model.entity(id).declared || !seen.insert(id) {
                continue;
            }
            for (column, _) in model.unique_columns(id) {
                let alike = named.entry(column.to_lowercase()).or_default();
                if alike.iter().all(|(other, _)| *other != id) {
                    alike.push((id, touch.span));
                }
            }
        }
        for group in named.values() {
            for (at, (one, first)) in group.iter().enumerate() {
                for (other, second) in group.iter().skip(at + 1) {
                    let (early, late, writes) =
                        if one < other { (*one, *other, second) } else { (*other, *one, first) };
                    let before = found.get(&late).is_some_and(|like| like.first <= early);
                    if !before && model.alike(early, late).is_some() {
                        found.insert(late, Like { first: early, writes: *writes, service: &service.name });
                    }
                }
            }
        }
    }
    for (id, like) in found {
        if let Some(alike) = model.alike(like.first, id) {
            sink.push(warning(model, sink, id, &like, &alike));
        }
    }
}

/// An earlier entity that another looks like, and who writes both.
struct Like<'a> {
    first: EntityId,
    writes: Span,
    service: &'a str,
}

fn warning(model: &Model, sink: &Sink, id: EntityId, like: &Like, alike: &Alike) -> Diagnostic {
    let (first, second) = (model.entity(like.first), model.entity(id));
    let (home, column) = (model.home_path(like.first), alike.column);
    let message = format!(
        "`{}` is recorded in {home}, and `{}` has the same unique `{column}` and writer",
        first.name, second.name
    );
    let mut finding = sink
        .at(second.home.span, message)
        .here("recorded here, as it seems, a second time")
        .also(first.home.span, format!("`{}` is recorded here", first.name))
        .also(alike.second, format!("unique, as in `{}`", first.name))
        .also(like.writes, format!("`{}` writes both", like.service))
        .help(format!(
            "keep `{}` and make `{}` a view of it; if they are different facts, say so: `allow two_records because \"…\"`",
            first.name, second.name
        ))
        .story([
            format!("`{column}` changes in `{}` and not in `{}`.", first.name, second.name),
            "Which of the two is right? The question has no answer, so every repair is a guess.".to_owned(),
        ]);
    finding.severity = Severity::Warning;
    finding
}
