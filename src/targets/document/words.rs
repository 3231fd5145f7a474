//! What several sections say in the same words.

use super::{Context, runner};
use crate::model::{EntityId, Mask, Touched, Via, View, ViewId};
use crate::plan::{Origin, PlannedFlow, Target, Why};
use crate::targets::markdown::{code, codes};

/// Services that write an entity.
pub fn writers<'a>(cx: &Context<'a>, entity: EntityId) -> Vec<&'a str> {
    cx.index.writers(Touched::Entity(entity))
}

/// Services that write a view's store themselves.
pub fn foreign_writers<'a>(cx: &Context<'a>, view: ViewId) -> Vec<&'a str> {
    cx.index.writers(Touched::View(view))
}

/// Services that read something, with what for.
pub fn readers<'a>(cx: &Context<'a>, what: Touched) -> Vec<(&'a str, Option<&'a str>)> {
    cx.index.readers(what)
}

/// `storefront (full_text)`.
pub fn reader_list(readers: &[(&str, Option<&str>)]) -> String {
    readers
        .iter()
        .map(|(name, purpose)| match purpose {
            Some(purpose) => format!("{} ({})", code(name), crate::targets::markdown::inline(purpose)),
            None => code(name),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// What keeps a view: a program diac wires, or what else it is.
pub fn kept_by(cx: &Context, id: ViewId, view: &View) -> String {
    let names = |services: &[(crate::model::ServiceId, crate::source::Span)]| {
        let found = services.iter().filter_map(|(id, _)| cx.model.services.get(id.0));
        codes(found.map(|service| service.name.as_str()))
    };
    match &view.via {
        Via::Application(services) => format!("{}, by code of its own: outside diac's wiring", names(services)),
        Via::TwoPhaseCommit(services) => {
            format!("{}, in one distributed transaction with the record: outside diac's wiring", names(services))
        }
        Via::Unknown => "nobody knows (`via unknown`): no guarantee of any kind".into(),
        Via::BatchFull { every } => {
            format!("a copy of the whole table every {}", crate::units::duration(every.ms))
        }
        Via::BatchIncremental { on, every } => {
            format!("a copy of rows whose `{}` has grown, every {}", on.value, crate::units::duration(every.ms))
        }
        Via::BatchAndStream { every } => {
            format!("two code paths: a stream, and a batch every {}", crate::units::duration(every.ms))
        }
        Via::Events => "records of an event's log".into(),
        Via::Cdc => {
            let word = cx.each(|deployment| cx.sink(deployment, id).map(runner));
            if word.is_empty() { "not wired: see the findings of the compiler".into() } else { word }
        }
    }
}

/// What a flow becomes in its store.
pub fn target(target: &Target) -> String {
    match target {
        Target::Index(index) => format!("index {}, read as {}", code(&index.index), code(&index.alias)),
        Target::Keyspace(keyspace) => format!("keys {}", code(&format!("{}:{{key}}", keyspace.prefix))),
        Target::Table(table) => format!("table {}", code(&format!("{}.{}", table.namespace, table.name))),
        Target::Snowflake(table) => format!("view {}", code(&format!("{}.{}", table.namespace, table.name))),
    }
}

/// Who decided.
pub fn origin(cx: &Context, why: &Why) -> String {
    match why.origin {
        Origin::Stated(span) => format!("stated, {}", cx.at(span)),
        Origin::Default => "default".into(),
        Origin::Derived => "follows".into(),
        Origin::Safety => "for safety".into(),
    }
}

/// What a flow does to a row, a sentence each.
pub fn changes(flow: &PlannedFlow) -> Vec<String> {
    let mut all = Vec::new();
    for filter in &flow.filters {
        all.push(format!(
            "A row is in the view while {}; when that stops being true the row is removed like a deleted one.",
            code(&crate::plan::written::text(filter))
        ));
    }
    for column in &flow.columns {
        if let Some(mask) = column.mask {
            all.push(format!("{} is {}.", code(&column.source), mask_words(mask)));
        }
    }
    let renamed: Vec<String> = flow
        .columns
        .iter()
        .filter(|column| column.name != column.source)
        .map(|column| format!("{} as {}", code(&column.source), code(&column.name)))
        .collect();
    if !renamed.is_empty() {
        all.push(format!("Renamed: {}.", renamed.join(", ")));
    }
    all
}

/// How a value is hidden.
pub fn mask_words(mask: Mask) -> String {
    match mask {
        Mask::Hash => "replaced by a keyed hash".into(),
        Mask::Redact => "replaced by a fixed text".into(),
        Mask::Truncate(length) => format!("cut after {length} characters"),
        Mask::Null => "emptied".into(),
    }
}

/// The key of a flow, as columns of the view.
pub fn key(flow: &PlannedFlow) -> String {
    if flow.key.is_empty() {
        "the message key's text (the key's columns are not known)".into()
    } else {
        codes(flow.key.iter().map(|column| column.name.as_str()))
    }
}
