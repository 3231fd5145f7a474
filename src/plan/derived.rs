//! Flows out of topics that an engine writes: a store is filled from them as from any other log.

use std::collections::BTreeMap;

use super::settings::Settings;
use super::values::arrival;
use super::{Carried, Feed, KeyColumn, PlannedFlow, Rows};
use crate::model::View;
use crate::model::types::Type;
use crate::systems::Kind;

/// A view's rows on their way into its store; none where it has no store.
pub(super) fn flow(settings: &Settings, view: &View, rows: &super::flink::Rows, kind: Kind) -> Option<PlannedFlow> {
    let place = view.target.as_ref()?;
    // An array of rows is JSON text.
    let ty = |column: &super::flink::Column| if column.nested.is_some() { Type::Json } else { column.ty.clone() };
    let key: Vec<KeyColumn> = rows
        .key
        .iter()
        .filter_map(|name| rows.columns.iter().find(|column| column.name == *name))
        .map(|column| KeyColumn {
            source: column.name.clone(),
            name: column.name.clone(),
            ty: ty(column),
            arrival: arrival(Kind::Postgres, &ty(column), None),
        })
        .collect();
    let shown = rows.columns.iter().filter(|column| !column.hidden);
    let columns: Vec<Carried> = shown
        .map(|column| Carried {
            name: column.name.clone(),
            source: column.name.clone(),
            arrival: arrival(Kind::Postgres, &ty(column), None),
            ty: ty(column),
            native: None,
            nullable: column.nullable,
            mask: None,
            toastable: false,
            docs: Vec::new(),
            nested: column.nested.clone(),
        })
        .collect();
    let target = super::sinks::target(settings, view, place, kind, &key, &columns);
    Some(PlannedFlow {
        feed: Feed::Rows(Rows { view: rows.view, name: settings.model.view(rows.view).name.clone() }),
        topic: rows.topic,
        topic_name: rows.topic_name.clone(),
        key,
        columns,
        filters: Vec::new(),
        filter_arrivals: BTreeMap::new(),
        target,
    })
}
