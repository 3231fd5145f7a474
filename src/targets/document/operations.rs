//! Section 6: how it starts, how a view is made again and from what, how drift is found.

use super::Context;
use super::terms::input_name;
use super::words::{kept_by, retention};
use crate::model::relation::InputId;
use crate::model::{View, ViewId};
use crate::syntax::ast::RebuildFrom;
use crate::targets::markdown::{Table, code, codes, inline, sentence};
use crate::units::duration;

pub fn section(cx: &Context) -> String {
    format!("{}{}{}{}", bootstrap(cx), logs(cx), rebuild(cx), audits(cx))
}

fn bootstrap(cx: &Context) -> String {
    if cx.plan.deployments.iter().all(|deployment| deployment.topics.is_empty()) {
        return String::new();
    }
    let folders: Vec<String> =
        cx.plan.deployments.iter().map(|deployment| code(&format!("{}/runbook.md", deployment.name))).collect();
    let say = if folders.len() == 1 { "says" } else { "say" };
    let captures = cx.plan.deployments.iter().any(|deployment| !deployment.sources.is_empty());
    let sinks = cx.plan.deployments.iter().any(|deployment| !deployment.sinks.is_empty());
    let mut steps = Vec::new();
    let slots =
        cx.plan.deployments.iter().flat_map(|deployment| &deployment.sources).any(|source| source.slot().is_some());
    if slots {
        steps.push("roles, publication and heartbeat in the records' databases");
    } else if captures {
        steps.push("users and heartbeat in the records' databases");
    }
    steps.push("topics");
    if sinks {
        steps.push("tables and indexes of the views");
    }
    if captures {
        steps.push("captures, which take a snapshot and go on from its position");
    }
    if sinks {
        steps.push("what keeps the views");
    }
    let order = match steps.split_last() {
        Some((last, before)) if !before.is_empty() => format!(
            "What comes later depends on what comes before: {}; then {last}. Each environment's script does it in this order",
            before.join("; ")
        ),
        _ => "Topics are made before anything writes into them. Each environment's script does it".into(),
    };
    let runbooks = if folders.is_empty() {
        String::new()
    } else {
        format!(", and {} {say} how to see that it worked", folders.join(", "))
    };
    format!("**Bootstrap.** {order}{runbooks}.\n\n")
}

/// What each log keeps, with the arithmetic: a view can be made again from no more than that.
fn logs(cx: &Context) -> String {
    let mut table = Table::new(&["log of", "keeps"]);
    let mut shown: Vec<(Vec<String>, String)> = Vec::new();
    let entities = cx.entities().map(|(id, _)| InputId::Entity(id));
    let events = (0..cx.model.events.len()).map(|at| InputId::Event(crate::model::EventId(at)));
    for what in entities.chain(events) {
        let Some(topic) = cx.index.topic(what) else { continue };
        let (name, kept) = (code(input_name(cx.model, what)), sentence(&inline(&retention(topic))));
        match shown.iter_mut().find(|(_, other)| *other == kept) {
            Some((names, _)) => names.push(name),
            None => shown.push((vec![name], kept)),
        }
    }
    for (names, kept) in shown {
        let names = match names.as_slice() {
            [first, .., last] if names.len() > MANY => format!("{} logs, from {first} to {last}", names.len()),
            all => all.join(", "),
        };
        table.row([names, kept]);
    }
    let table = table.or("");
    if table.trim().is_empty() { String::new() } else { format!("**What the logs keep.**\n\n{table}") }
}

/// More logs than this are counted, not named.
const MANY: usize = 6;

fn rebuild(cx: &Context) -> String {
    let mut table = Table::new(&["view", "made again from", "within", "how"]);
    for (id, view) in cx.views().filter(|(_, view)| view.store.is_some() || view.incomplete) {
        if !cx.model.is_wired(view) {
            table.row([cx.view_name(view), "not by diac".into(), String::new(), kept_by(cx, id, view)]);
            continue;
        }
        let (from, within) = source(cx, id, view);
        table.row([cx.view_name(view), from, within, way(cx, id, view)]);
    }
    let table = table.or("");
    if table.trim().is_empty() { String::new() } else { format!("**Rebuild.**\n\n{table}") }
}

fn source(cx: &Context, id: ViewId, view: &View) -> (String, String) {
    let Some(rebuild) = &view.rebuild else {
        return (logs_of(cx, id), String::new());
    };
    let from = match rebuild.value.0 {
        RebuildFrom::Log => logs_of(cx, id),
        RebuildFrom::Snapshot => "a new snapshot".into(),
    };
    let within = rebuild.value.1.map(|within| duration(within.ms));
    (format!("{from} ({})", cx.at(rebuild.span)), within.unwrap_or_default())
}

/// The logs a view's rows come through.
fn logs_of(cx: &Context, id: ViewId) -> String {
    let all = cx.index.origins(id);
    match all {
        [] => "the log".into(),
        [one] => format!("the log of {}", code(input_name(cx.model, *one))),
        many if many.len() > MANY => format!("{} logs", many.len()),
        many => format!("the logs of {}", codes(many.iter().map(|what| input_name(cx.model, *what)))),
    }
}

fn way(cx: &Context, id: ViewId, view: &View) -> String {
    match (cx.any_sink(id), &view.store) {
        (Some(_), _) => {
            format!("as version {} beside the one that serves; readers switch when it has caught up", view.version + 1)
        }
        (None, Some(_)) => "no wiring of it is among this output".into(),
        (None, None) => "with the views that read it".into(),
    }
}

fn audits(cx: &Context) -> String {
    let mut table = Table::new(&["view", "audit", "every", "tolerated", "where"]);
    let mut without = Vec::new();
    for (_, view) in cx.views() {
        if view.audits.is_empty() && view.store.is_some() {
            without.push(cx.view_name(view));
        }
        for audit in &view.audits {
            let within = audit.within.as_ref().map_or("no difference".into(), |within| format!("{within}%"));
            table.row([
                cx.view_name(view),
                code(&cx.places.text(audit.span)),
                duration(audit.every.ms),
                within,
                cx.at(audit.span),
            ]);
        }
    }
    let silent = if without.is_empty() {
        String::new()
    } else {
        format!("Without an audit, so drift would be found by a reader: {}.\n\n", without.join(", "))
    };
    let table = table.or("").trim_start().to_owned();
    if table.is_empty() && silent.is_empty() { String::new() } else { format!("**Audit.**\n\n{table}{silent}") }
}
