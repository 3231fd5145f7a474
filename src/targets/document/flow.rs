//! Section 2: pictures of the whole, and for each entity the way in and the way out.

use super::Context;
use super::words::{kept_by, reader_list, readers, writers};
use crate::model::Touched;
use crate::targets::markdown::{code, codes};

pub fn section(cx: &Context, charts: &[(&'static str, String)]) -> String {
    let mut text = String::from("## 2. Data flow\n\n");
    for (name, chart) in charts {
        let title = match *name {
            "dataflow" => {
                continue_with("Everything", "What follows from what, and within which time where a view states one.")
            }
            "write-path" => continue_with("Write path", "From who decides to the change log."),
            "read-path" => continue_with("Read path", "From the stores to who reads."),
            _ => continue_with("Order", "Which key routes each change, and what refuses a late one."),
        };
        text.push_str(&format!("{title}```mermaid\n{chart}```\n\n"));
    }
    text.push_str("### Entity by entity\n\n");
    let mut any = false;
    for (id, entity) in cx.entities() {
        any = true;
        let writers = writers(cx, id);
        let who = if writers.is_empty() { "nobody declared".to_owned() } else { codes(writers) };
        let log = cx
            .index
            .topic(id)
            .map_or("no change log: nothing here captures it".into(), |topic| format!("topic {}", code(&topic.name)));
        text.push_str(&format!(
            "**{}** ({})\n\n- Written: {who} → {} → {log}",
            code(&entity.name),
            cx.at(entity.span),
            cx.home(entity)
        ));
        let mut reads = Vec::new();
        for (view_id, view) in cx.followers(id) {
            let place = cx.any_flow(view_id, id).map_or_else(
                || view.store.as_ref().map_or("no store".into(), |store| cx.model.system(store.system).name.clone()),
                |(sink, flow)| format!("{} · {}", sink.store_name, super::words::target(&flow.target)),
            );
            let by = readers(cx, Touched::View(view_id));
            let by = if by.is_empty() { "nobody declared".into() } else { reader_list(&by) };
            reads.push(format!("- Read: {by} ← {} in {place} ← {}", cx.view_name(view), kept_by(cx, view_id, view)));
        }
        let own = readers(cx, Touched::Entity(id));
        if !own.is_empty() {
            reads.push(format!("- Read: {} ← the record itself", reader_list(&own)));
        }
        if reads.is_empty() {
            reads.push("- Read: by nothing declared".into());
        }
        text.push_str(&format!("\n{}\n\n", reads.join("\n")));
    }
    if !any {
        text.push_str("There is no entity.\n\n");
    }
    text
}

fn continue_with(title: &str, sentence: &str) -> String {
    format!("### {title}\n\n{sentence}\n\n")
}
