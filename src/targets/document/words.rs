//! What several sections say in the same words.

use super::terms::{Writer, input_name};
use super::{Context, runner};
use crate::model::expr::Expr;
use crate::model::relation::{InputId, Nature, Role};
use crate::model::{Column, EntityId, Mask, Operation, Retain, Touched, Via, View, ViewId};
use crate::plan::{Origin, PlannedFlow, Target, Topic, Why};
use crate::targets::markdown::{code, codes};
use crate::units::duration;

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
        Via::BatchFull { every } => format!("a copy of the whole table every {}", duration(every.ms)),
        Via::BatchIncremental { on, every } => {
            format!("a copy of rows whose {} has grown, every {}", code(&on.value), duration(every.ms))
        }
        Via::BatchAndStream { every } => {
            format!("two code paths: a stream, and a batch every {}", duration(every.ms))
        }
        Via::Events | Via::Cdc => {
            let word = cx.each(|deployment| cx.sink(deployment, id).map(runner));
            match (word.is_empty(), &view.store) {
                (false, _) => word,
                (true, None) if view.incomplete => "nothing of its own: other views read it".into(),
                (true, None) => "nothing of its own: applied on the way to other views".into(),
                (true, Some(_)) => "not wired by this version".into(),
            }
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
        if let Some(gone) = absent(filter) {
            let while_true = code(&crate::plan::written::text(gone));
            all.push(format!("A row is not in the view while {while_true}: it is removed like a deleted one."));
            continue;
        }
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

/// The condition under which a row is left out, where a filter says it the other way round, null counting as false (`deleted when …`).
fn absent(filter: &Expr) -> Option<&Expr> {
    let Expr::Not(inner) = filter else { return None };
    let Expr::Coalesce(all) = &**inner else { return None };
    match all.as_slice() {
        [condition, Expr::Bool(false)] => Some(condition),
        _ => None,
    }
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

/// What a view takes rows from, at the first distance; for a view of a whole system its tables.
pub fn taken(view: &View) -> Vec<(InputId, Role)> {
    if view.inputs.is_empty() {
        let mut all: Vec<(InputId, Role)> =
            view.flows.iter().filter_map(|flow| Some((InputId::Entity(flow.entity()?), Role::Start))).collect();
        if all.is_empty() {
            all.extend(view.copies.iter().map(|copy| (InputId::Entity(copy.entity), Role::Start)));
        }
        return all;
    }
    view.inputs.iter().map(|input| (input.what, input.role)).collect()
}

/// A view's inputs at the first distance: `` `product`, join `brand` ``; many tables are counted.
pub fn inputs(cx: &Context, view: &View) -> String {
    let all = taken(view);
    if view.whole_system.is_some() && all.len() > 2 {
        return crate::targets::spelling::counted(all.len(), "table");
    }
    let words = all.into_iter().map(|(what, role)| {
        let name = code(input_name(cx.model, what));
        match role_word(role) {
            "" => name,
            word => format!("{word} {name}"),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

/// What an input is for; nothing for the one a pipeline starts with.
pub fn role_word(role: Role) -> &'static str {
    match role {
        Role::Start => "",
        Role::Join { left: true, many: false, .. } => "left join",
        Role::Join { left: true, many: true, .. } => "left join many",
        Role::Join { left: false, many: true, .. } => "join many",
        Role::Join { left: false, many: false, .. } => "join",
        Role::Nest => "nest",
        Role::Union => "union",
    }
}

/// What a row of a view stands for.
pub fn nature_word(nature: Nature) -> &'static str {
    match nature {
        Nature::State => "state",
        Nature::Facts => "facts",
    }
}

/// What identifies a row of a view.
pub fn identity(cx: &Context, id: ViewId, view: &View) -> String {
    if let Some(relation) = &view.relation {
        return match relation.key.is_empty() {
            true => "not known".into(),
            false => Writer::of(cx, relation).keys(relation),
        };
    }
    match cx.any_sink(id).map(|(_, sink)| sink.flows.as_slice()) {
        Some([flow]) if flow.key.is_empty() => "not known".into(),
        Some([flow]) => codes(flow.key.iter().map(|column| column.name.as_str())),
        Some(_) => "each table's own key".into(),
        None => String::new(),
    }
}

/// `public.products`, or the table alone where its system knows no schemas.
pub fn place(namespace: &str, table: &str) -> String {
    if namespace.is_empty() { table.to_owned() } else { format!("{namespace}.{table}") }
}

/// A time that something is kept.
pub fn kept(retain: Retain) -> String {
    match retain {
        Retain::Forever => "for ever".into(),
        Retain::For(time) => duration(time.ms),
    }
}

/// How long a topic keeps records, in words with the reason.
pub fn retention(topic: &Topic) -> String {
    let value = |key: &str| topic.config.get(key);
    let compacted = value("cleanup.policy").is_some_and(|policy| policy.value.contains("compact"));
    let time = |text: &str| match text.parse::<u64>() {
        Ok(ms) => duration(ms),
        Err(_) => "for ever".into(),
    };
    if compacted {
        let deletes = value("delete.retention.ms");
        let deletes = deletes
            .map(|kept| format!("; that a row was deleted, {} ({})", time(&kept.value), kept.why.note))
            .unwrap_or_default();
        return format!("the newest change of every row for ever{deletes}");
    }
    match value("retention.ms") {
        Some(kept) => format!("every record, {} ({})", time(&kept.value), kept.why.note),
        None => "every record, as long as the cluster's default says".into(),
    }
}

/// Who makes the id of an operation.
pub fn operation(column: &Column) -> Option<String> {
    column.operation.as_ref().map(|stated| match &stated.value {
        Operation::Client => "made by the caller once, before its first try".into(),
        Operation::Server => "made by the server, anew with every try".into(),
        Operation::Hash(of) => format!("computed from {}", codes(of)),
    })
}
