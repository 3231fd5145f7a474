//! Section 2: pictures of the whole, and for each entity and event the way in and the way out.

use super::words::{kept_by, reader_list, readers, writers};
use super::{Context, Drawing};
use crate::model::relation::InputId;
use crate::model::{EventId, Touched, View, ViewId};
use crate::targets::markdown::{code, codes};

pub fn section(cx: &Context, drawings: &[Drawing]) -> String {
    let mut text = String::new();
    for drawing in drawings.iter().filter(|drawing| !drawing.empty) {
        let (title, sentence) = match drawing.name {
            "dataflow" => ("Everything", "What follows from what, and within which time where a view states one."),
            "write-path" => ("Write path", "From who decides to the log."),
            "read-path" => ("Read path", "From the stores to who reads."),
            _ => ("Order", "What keeps the order of each key, and what refuses a late change."),
        };
        text.push_str(&format!("### {title}\n\n{sentence}\n\n```mermaid\n{}```\n\n", drawing.mermaid));
    }
    text.push_str(&entities(cx));
    text.push_str(&events(cx));
    text
}

/// From a record or an event to those who read what follows from it.
fn out(cx: &Context, what: InputId, own: Touched) -> String {
    let mut lines = Vec::new();
    for (id, view) in cx.followers(what) {
        let by = readers(cx, Touched::View(id));
        let by = if by.is_empty() { "nobody declared".into() } else { reader_list(&by) };
        if view.store.is_none() {
            let through: Vec<String> = cx.followers(InputId::View(id)).map(|(_, view)| cx.view_name(view)).collect();
            let through = if through.is_empty() { "nothing declared".into() } else { through.join(", ") };
            lines.push(format!("- Read: {through} ← {}, which has no store", cx.view_name(view)));
            continue;
        }
        let place = place(cx, what, id, view);
        lines.push(format!("- Read: {by} ← {} in {place} ← {}", cx.view_name(view), kept_by(cx, id, view)));
    }
    lines.extend(cx.index.processes(what).iter().map(|name| format!("- Read: process {}", code(name))));
    let own = readers(cx, own);
    if !own.is_empty() {
        let from = if matches!(what, InputId::Event(_)) { "the log" } else { "the record" };
        lines.push(format!("- Read: {} ← {from} itself", reader_list(&own)));
    }
    if lines.is_empty() {
        lines.push("- Read: by nothing declared".into());
    }
    lines.join("\n")
}

fn place(cx: &Context, what: InputId, id: ViewId, view: &View) -> String {
    let planned = match what {
        InputId::Entity(entity) => cx.any_flow(id, entity),
        InputId::Event(_) | InputId::View(_) => None,
    };
    match planned {
        Some((sink, flow)) => format!("{} · {}", sink.store_name, super::words::target(&flow.target)),
        None => super::map::kept_in(cx, id, view),
    }
}

fn entities(cx: &Context) -> String {
    let mut text = String::new();
    for (id, entity) in cx.entities() {
        let writers = writers(cx, id);
        let who = if writers.is_empty() { "nobody declared".to_owned() } else { codes(writers) };
        let log = cx
            .index
            .topic(InputId::Entity(id))
            .map_or("no change log: nothing here captures it".into(), |topic| format!("topic {}", code(&topic.name)));
        text.push_str(&format!(
            "**{}** ({})\n\n- Written: {who} → {} → {log}\n{}\n\n",
            code(&entity.name),
            cx.at(entity.span),
            cx.home(entity),
            out(cx, InputId::Entity(id), Touched::Entity(id))
        ));
    }
    if text.is_empty() { text } else { format!("### Entity by entity\n\n{text}") }
}

fn events(cx: &Context) -> String {
    let mut text = String::new();
    for (at, event) in cx.model.events.iter().enumerate() {
        let id = EventId(at);
        let routed = super::stages::routing(cx, InputId::Event(id)).unwrap_or_else(|| "nothing stated".into());
        text.push_str(&format!(
            "**{}** ({})\n\n- Emitted: {} → topic {} of {}, routed by {routed}\n{}\n\n",
            code(&event.name),
            cx.at(event.span),
            super::map::emitted_by(cx, id),
            code(&event.topic),
            cx.model.system(event.log).name,
            out(cx, InputId::Event(id), Touched::Event(id))
        ));
    }
    if text.is_empty() { text } else { format!("### Event by event\n\n{text}") }
}
