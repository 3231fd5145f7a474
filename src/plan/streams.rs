//! Streams of Bento: one for each table's way into a store.

use std::collections::BTreeMap;

use super::names::machine_name;
use super::settings::Settings;
use super::{Sink, Stream};
use crate::model::Value;

/// A stream for each of the sink's flows.
pub(super) fn streams(settings: &Settings, sink: &Sink) -> Vec<Stream> {
    let pipeline = &settings.model.pipeline;
    let group = match settings.view(sink.view, "group").map(|setting| &setting.value) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let raw: BTreeMap<String, String> = settings
        .raw_of_view(sink.view)
        .into_iter()
        .map(|setting| (setting.name.clone(), raw_text(&setting.value)))
        .collect();
    let threads =
        settings.integer(settings.view(sink.view, "tasks")).and_then(|stated| u32::try_from(stated.value).ok());
    sink.flows
        .iter()
        .map(|flow| {
            let id = if sink.flows.len() == 1 {
                machine_name(&format!("{}-v{}", sink.name, sink.version))
            } else {
                machine_name(&format!("{}-{}.{}-v{}", sink.name, flow.home().0, flow.home().1, sink.version))
            };
            let base = group.clone().unwrap_or_else(|| format!("{pipeline}-{}", sink.name));
            let group =
                if sink.flows.len() == 1 { format!("{base}-v{}", sink.version) } else { format!("{pipeline}-{id}") };
            Stream { group: machine_name(&group), id, threads: threads.unwrap_or(2), raw: raw.clone() }
        })
        .collect()
}

fn raw_text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(n) | Value::Size(n) => n.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Duration(duration) => format!("{}ms", duration.ms),
        Value::Secret(_) => String::new(),
        Value::List(all) => all.iter().map(raw_text).collect::<Vec<_>>().join(","),
    }
}
