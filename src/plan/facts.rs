//! Flows of facts: what identifies one, what makes it take effect once, and the table it is kept in.

use std::collections::BTreeMap;

use super::names::cut;
use super::settings::Settings;
use super::topics::Draft;
use super::values::written;
use super::{Absent, Carried, Facts, Feed, KeyColumn, Once, PlannedFlow, Table, TableColumn, Target, sql_type};
use crate::model::relation::RecordId;
use crate::model::{Column, Event, EventId, Flow, Mask, View};
use crate::syntax::ast::Claim;
use crate::systems::Kind;

/// PostgreSQL keeps names of that many bytes.
const NAME_LIMIT: usize = 63;

/// The flow of an event into a table.
pub(super) fn planned(settings: &Settings, draft: &Draft, view: &View, flow: &Flow) -> Option<PlannedFlow> {
    let RecordId::Event(id) = flow.record else { return None };
    let model = settings.model;
    let event = model.event(id);
    let topic = draft.topic_named(&event.topic)?;
    let shared = model.events.iter().filter(|other| other.log == event.log && other.topic == event.topic).count() > 1;
    let columns: Vec<Carried> = flow.columns.iter().map(|column| carried(event, column)).collect();
    let key = key_columns(event, flow);
    let once = once(view, id, event);
    let table = table(view, flow, event, &columns, &key, &once);
    let named = |source: &String| table.columns.iter().find(|column| column.source == *source);
    let constraint = match &once {
        Once::Columns(columns) => {
            let names: Vec<&str> = columns.iter().filter_map(|source| Some(named(source)?.name.as_str())).collect();
            format!("{}_once_{}", view.name, names.join("_"))
        }
        Once::Place => format!("{}_once", view.name),
    };
    let feed = Feed::Facts(Facts {
        event: id,
        name: event.name.clone(),
        shared,
        once,
        constraint: cut(&constraint, NAME_LIMIT),
        absent: event.columns.iter().map(|column| (column.name.clone(), absent(column))).collect(),
    });
    Some(PlannedFlow {
        feed,
        topic,
        topic_name: event.topic.clone(),
        key,
        columns,
        filters: flow.filters.iter().map(|filter| filter.expr.clone()).collect(),
        filter_arrivals: BTreeMap::new(),
        target: Target::Table(table),
    })
}

/// What `exactly once by` names, where all of it are columns of the event; else the event's key, else its place in the log.
fn once(view: &View, id: EventId, event: &Event) -> Once {
    let stated = view.guarantees.iter().filter(|promise| matches!(promise.claim, Claim::ExactlyOnce { .. }));
    let columns = stated.filter_map(|promise| {
        let column = |term: &crate::model::relation::Term| {
            let column = term.column().filter(|column| column.record == RecordId::Event(id))?;
            Some(column.column.clone())
        };
        let all: Option<Vec<String>> = promise.terms.iter().map(|term| column(&term.value)).collect();
        all.filter(|all| !all.is_empty())
    });
    match columns.into_iter().next() {
        Some(columns) => Once::Columns(columns),
        None if event.key.is_empty() => Once::Place,
        None => Once::Columns(event.key.clone()),
    }
}

fn absent(column: &Column) -> Absent {
    Absent {
        was: column.was.as_ref().map(|was| was.value.clone()),
        default: column.default.as_ref().map(|default| default.value.clone()).filter(|default| default != "null"),
        nullable: column.nullable,
    }
}

fn carried(event: &Event, column: &crate::model::ViewColumn) -> Carried {
    let record = event.column(&column.source);
    let ty = record.map_or_else(|| column.ty.clone(), |record| record.ty.clone());
    Carried {
        name: column.name.clone(),
        source: column.source.clone(),
        arrival: written(&ty),
        ty: column.ty.clone(),
        native: None,
        nullable: column.nullable,
        mask: column.mask.as_ref().map(|mask| mask.value),
        toastable: false,
        docs: record.map(|record| record.docs.clone()).unwrap_or_default(),
        nested: None,
    }
}

fn key_columns(event: &Event, flow: &Flow) -> Vec<KeyColumn> {
    let columns = event.key.iter().filter_map(|name| event.column(name));
    columns
        .map(|column| {
            let selected = flow.columns.iter().find(|kept| kept.source == column.name && kept.mask.is_none());
            KeyColumn {
                source: column.name.clone(),
                name: selected.map_or_else(|| column.name.clone(), |kept| kept.name.clone()),
                ty: column.ty.clone(),
                arrival: written(&column.ty),
            }
        })
        .collect()
}

/// The table: what identifies a fact and is not selected comes first.
fn table(view: &View, flow: &Flow, event: &Event, columns: &[Carried], key: &[KeyColumn], once: &Once) -> Table {
    let clear = |source: &str| columns.iter().any(|column| column.source == source && column.mask.is_none());
    let mut needed: Vec<&str> = key.iter().map(|key| key.source.as_str()).collect();
    if let Once::Columns(columns) = once {
        needed.extend(columns.iter().map(String::as_str).filter(|name| key.iter().all(|key| key.source != *name)));
    }
    let hidden = needed.into_iter().filter(|name| !clear(name)).filter_map(|name| event.column(name));
    let mut all: Vec<TableColumn> = hidden
        .map(|column| TableColumn {
            // A selected column may have its name; then it is one that nothing else is called.
            name: free(&column.name, columns),
            sql_type: sql_type(Kind::Postgres, &column.ty, None),
            nullable: false,
            source: column.name.clone(),
            toastable: false,
        })
        .collect();
    all.extend(columns.iter().map(|column| TableColumn {
        name: column.name.clone(),
        sql_type: match column.mask {
            Some(Mask::Hash | Mask::Redact | Mask::Truncate(_)) => "text".to_owned(),
            Some(Mask::Null) | None => sql_type(Kind::Postgres, &column.ty, None),
        },
        nullable: column.nullable || column.mask == Some(Mask::Null),
        source: column.source.clone(),
        toastable: false,
    }));
    let version = if view.version > 1 { format!("_v{}", view.version) } else { String::new() };
    let named = |source: &str| {
        let clear = all.iter().find(|column| {
            column.source == source && columns.iter().all(|kept| kept.name != column.name || kept.mask.is_none())
        });
        clear.map_or_else(|| source.to_owned(), |column| column.name.clone())
    };
    Table {
        namespace: flow.target.namespace.clone().unwrap_or_else(|| "public".into()),
        name: cut(&format!("{}{version}", flow.target.name), NAME_LIMIT),
        key: key.iter().map(|key| named(&key.source)).collect(),
        columns: all,
    }
}

fn free(name: &str, columns: &[Carried]) -> String {
    let mut free = name.to_owned();
    while columns.iter().any(|column| column.name == free) {
        free.push('_');
    }
    free
}
