//! Section 3: view by view, how a change travels, what is promised and with what evidence, what is not, and how a breach would be noticed.

use super::words::{changes, foreign_writers, kept_by, key, target};
use super::{Context, hops, processes, promises, stages};
use crate::model::{BadRecords, View, ViewId};
use crate::plan::inside::Form;
use crate::plan::{PlannedFlow, Runner};
use crate::syntax::ast::Claim;
use crate::targets::markdown::{Table, code, codes, inline, sentence};
use crate::targets::spelling::counted;
use crate::units::duration;

/// A view of more tables than this shows one of them in full.
const MANY: usize = 3;

/// The section; nothing where the page has nothing to analyse.
pub fn section(cx: &Context) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (id, view) in cx.views() {
        parts.push(one(cx, parts.len() + 1, id, view));
    }
    for process in &cx.model.processes {
        parts.push(processes::process(cx, parts.len() + 1, process));
    }
    for constraint in &cx.model.constraints {
        parts.push(processes::constraint(cx, parts.len() + 1, constraint));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!(
        "A page on which a rule finds a guarantee broken is refused. That no rule finds anything proves nothing: only what the analysis of order and \
         delivery covers is called proved, with its argument. What each hop does is said as it is configured.\n\n{}",
        parts.concat()
    )
}

fn one(cx: &Context, number: usize, id: ViewId, view: &View) -> String {
    let docs = inline(&crate::targets::docs_text(&view.docs));
    let docs = if docs.is_empty() { docs } else { format!("{docs}\n\n") };
    let mut text = format!("### 3.{number} {} ({})\n\n{docs}", cx.view_name(view), cx.at(view.span));
    if let Some(replaces) = view.replaces {
        text.push_str(&format!(
            "It replaces version {replaces}; both are kept until that version is taken out of the file.\n\n"
        ));
    }
    text.push_str(&way(cx, id, view));
    text.push_str(&stages::rows(cx, view));
    if view.store.is_none() && !view.incomplete && view.guarantees.is_empty() {
        // Stages on the way to other views: what is promised, and what is not, is said where they end.
        return text;
    }
    text.push_str(&promises::section(cx, id, view));
    text.push_str(&limits(cx, id, view));
    text
}

fn way(cx: &Context, id: ViewId, view: &View) -> String {
    if !cx.model.is_wired(view) {
        let place = view.via_span.map(|span| format!(" ({})", cx.at(span))).unwrap_or_default();
        let mut text =
            format!("**How it flows.** Kept by: {}{place}. diac writes no wiring for it.\n\n", kept_by(cx, id, view));
        let path = stages::path(cx, view);
        if view.relation.as_ref().is_some_and(|relation| !relation.steps.is_empty()) {
            text.push_str(&format!("What it is made of:\n\n{}", numbered(&path)));
        }
        return text;
    }
    let Some((deployment, sink)) = cx.any_sink(id) else {
        let path = stages::path(cx, view);
        if path.is_empty() {
            return "**How it flows.** No wiring is written for it: the compiler's findings say why.\n\n".into();
        }
        return format!("**How a change reaches it.**\n\n{}", numbered(&path));
    };
    let mut text = String::from("**How a change reaches it.**\n\n");
    let mut tables = sink.flows.iter();
    for flow in tables.by_ref().take(MANY) {
        if sink.flows.len() > 1 {
            text.push_str(&format!("{} to {}:\n\n", code(flow.name()), target(&flow.target)));
        }
        let mut path = hops::path(cx, deployment, sink, flow);
        path.extend(stages::made_inside(cx, id, view));
        text.push_str(&numbered(&path));
    }
    let rest: Vec<&PlannedFlow> = tables.collect();
    if !rest.is_empty() {
        text.push_str(&format!("In the same way, {} more:\n\n", counted(rest.len(), "table")));
        let mut table = Table::new(&["table", "key", "topic", "in the store", "what changes"]);
        for flow in rest {
            table.row([
                code(&super::words::place(flow.home().0, flow.home().1)),
                key(flow),
                code(&flow.topic_name),
                target(&flow.target),
                changes(flow).join(" "),
            ]);
        }
        text.push_str(&table.or(""));
    }
    if let Some(whole) = &view.whole_system
        && !whole.except.is_empty()
    {
        let left: Vec<String> = whole
            .except
            .iter()
            .map(|(namespace, table, span)| format!("{} ({})", code(&format!("{namespace}.{table}")), cx.at(*span)))
            .collect();
        text.push_str(&format!("Left out on purpose: {}.\n\n", left.join(", ")));
    }
    text
}

fn numbered(hops: &[String]) -> String {
    let lines: String = hops.iter().enumerate().map(|(at, hop)| format!("{}. {hop}\n", at + 1)).collect();
    lines + "\n"
}

fn limits(cx: &Context, id: ViewId, view: &View) -> String {
    if !cx.model.is_wired(view) {
        return format!(
            "**What is not promised.** diac can say nothing of order, completeness or deletes here: what keeps the view is outside its sight. How a \
             breach would be noticed: {}\n\n",
            lower(&noticed(cx, id, view))
        );
    }
    let mut list = Vec::new();
    if view.fresh.is_none() {
        list.push("When a change arrives is not promised: no time is stated, so none is watched.".to_owned());
    } else {
        list.push(
            "It is not always on time: an outage of any part makes it late. It is then late, and not wrong.".into(),
        );
    }
    if !view.guarantees.iter().any(orders) {
        list.push("No order is promised.".into());
    }
    list.extend(stages::deletes(cx, view));
    if cx.any_sink(id).is_none() {
        list.extend(stages::counts_as_deleted(cx, view));
    }
    list.push(match &view.bad_records {
        BadRecords::Stop => "A record that cannot be applied stops the view rather than being skipped.".into(),
        BadRecords::Topic { topic, keep, span, .. } => format!(
            "A record that cannot be applied goes to topic {}{} and the view goes on without it ({}): until somebody deals with it, the view lacks that \
             change.",
            code(topic),
            keep.map(|keep| format!(" for {}", duration(keep.ms))).unwrap_or_default(),
            cx.at(*span)
        ),
    });
    if let Some(expire) = &view.expire {
        list.push(format!(
            "Entries vanish {} after they were written ({}), also where the record is unchanged: a reader must fall back to the record.",
            duration(expire.value.ms),
            cx.at(expire.span)
        ));
    }
    let foreign = foreign_writers(cx, id);
    if !foreign.is_empty() {
        list.push(format!(
            "{} also writes this store past the log: what it writes is overwritten by the row's next change.",
            codes(foreign)
        ));
    }
    if let Some((_, sink)) = cx.any_sink(id) {
        list.extend(super::limits::lines(sink));
    }
    let mut text = String::from("**What is not promised, and what to know.**\n\n");
    for line in list {
        text.push_str(&format!("- {}\n", sentence(&line)));
    }
    text.push_str(&format!("\n**How a breach would be noticed.** {}\n\n", noticed(cx, id, view)));
    text
}

/// Whether a promise is one of order.
fn orders(promise: &crate::model::Promise) -> bool {
    match promise.claim {
        Claim::OrderedTotally | Claim::OrderedPer(_) | Claim::After { .. } => true,
        Claim::EveryChange
        | Claim::ExactlyOnce { .. }
        | Claim::ReadYourWrites(_)
        | Claim::AgreesWith(_)
        | Claim::ReplayableForever
        | Claim::ReplayableFor(_) => false,
    }
}

fn noticed(cx: &Context, id: ViewId, view: &View) -> String {
    let mut ways = Vec::new();
    for audit in &view.audits {
        let text = code(&cx.places.text(audit.span));
        let place = cx.at(audit.span);
        ways.push(if cx.watched.audits {
            format!(
                "{text} ({place}) compares record and view: run it every {}, see the runbook",
                duration(audit.every.ms)
            )
        } else {
            format!("{text} ({place}) is asked for, and no query of it is written by this version")
        });
    }
    if let Some(fresh) = view.fresh.as_ref().filter(|_| cx.any_sink(id).is_some()) {
        let fresh = duration(fresh.value.ms);
        ways.push(if cx.watched.alerts {
            format!("lag beyond {fresh} raises an alert")
        } else {
            format!("whether it is within {fresh} shows in the lag of its consumer group; no alert rule is written by this version")
        });
    }
    if cx.watched.audits && cx.any_inside(id).is_some_and(|inside| matches!(inside.form, Form::Kept { .. })) {
        ways.push("the audit program sums up its facts anew and compares".into());
    }
    if let Some((deployment, sink)) = cx.any_sink(id) {
        if let Some(dead) = sink.dead_letters {
            ways.push(format!("records in {} are changes it lacks", code(&deployment.topic(dead).name)));
        }
        ways.push(match &sink.runner {
            Runner::Bento(_) => "Bento counts applied, stale and failed records".into(),
            Runner::Connect(_) => "Connect shows a failed task".into(),
        });
    }
    if ways.is_empty() { "Not at all: nothing compares, nothing counts.".into() } else { sentence(&ways.join("; ")) }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().collect::<String>()).unwrap_or_default() + chars.as_str()
}
