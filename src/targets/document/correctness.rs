//! Section 3: view by view, how a change travels, what is promised and with what evidence, what is not, and how a breach would be noticed.

use super::Context;
use super::words::{changes, foreign_writers, kept_by, key, target};
use crate::model::{BadRecords, Entity, Via, View, ViewId};
use crate::plan::{Captured, Deployment, PlannedFlow, Runner, Sink, Source, Target};
use crate::syntax::ast::Deletes;
use crate::targets::markdown::{Table, code, codes, inline, sentence};
use crate::targets::spelling::counted;
use crate::units::duration;

/// A view of more tables than this shows one of them in full.
const MANY: usize = 3;

pub fn section(cx: &Context) -> String {
    let mut text = String::from(
        "## 3. Correctness analysis\n\n\
         This version of diac checks that what is written here fits together; the analysis of stated guarantees is not built yet. So no guarantee \
         below is called proved. What each hop does is said as it is configured.\n\n",
    );
    for (at, (id, view)) in cx.views().enumerate() {
        text.push_str(&one(cx, at + 1, id, view));
    }
    if cx.model.views.is_empty() {
        text.push_str("There is no view.\n\n");
    }
    text
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
    text.push_str(&hops(cx, id, view));
    text.push_str(&promises(cx, view));
    text.push_str(&limits(cx, id, view));
    text
}

fn hops(cx: &Context, id: ViewId, view: &View) -> String {
    if view.via != Via::Cdc {
        let place = view.via_span.map(|span| format!(" ({})", cx.at(span))).unwrap_or_default();
        return format!(
            "**How it flows.** Kept by: {}{place}. diac writes no wiring for it.\n\n",
            kept_by(cx, id, view)
        );
    }
    let Some((deployment, sink)) = cx.any_sink(id) else {
        return "**How it flows.** No wiring is written for it: it has no store of its own, or the compiler's findings say why.\n\n".into();
    };
    let mut text = String::from("**How a change reaches it.**\n\n");
    let mut tables = sink.flows.iter();
    for flow in tables.by_ref().take(MANY) {
        let entity = cx.model.entity(flow.entity);
        if sink.flows.len() > 1 {
            text.push_str(&format!("{} to {}:\n\n", code(&flow.entity_name), target(&flow.target)));
        }
        for (at, hop) in path(cx, deployment, sink, flow, entity).iter().enumerate() {
            text.push_str(&format!("{}. {hop}\n", at + 1));
        }
        text.push('\n');
    }
    let rest: Vec<&PlannedFlow> = tables.collect();
    if !rest.is_empty() {
        text.push_str(&format!("In the same way, {} more:\n\n", counted(rest.len(), "table")));
        let mut table = Table::new(&["table", "key", "topic", "in the store", "what changes"]);
        for flow in rest {
            table.row([
                code(&format!("{}.{}", flow.home.0, flow.home.1)),
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

/// The hops of one table's way.
fn path(cx: &Context, deployment: &Deployment, sink: &Sink, flow: &PlannedFlow, entity: &Entity) -> Vec<String> {
    let writers = super::words::writers(cx, flow.entity);
    let who = if writers.is_empty() {
        "No declared service writes it".to_owned()
    } else {
        format!("Written by {}", codes(writers))
    };
    let mut hops = vec![format!("Decided in {} ({}). {who}.", cx.home(entity), cx.at(entity.span))];
    if let Some(source) = deployment.sources.iter().find(|source| source.system == flow.system) {
        hops.push(capture(source, cx.index.captured(deployment, flow.entity)));
    } else {
        hops.push(format!(
            "Captured by somebody else into {}; diac reads that topic and manages nothing of it.",
            code(&flow.topic_name)
        ));
    }
    hops.push(log(deployment, flow));
    for change in changes(flow) {
        hops.push(change);
    }
    hops.push(read_by(sink, flow));
    hops.push(write(sink, flow));
    hops
}

fn capture(source: &Source, captured: Option<&Captured>) -> String {
    let full = captured.and_then(|table| table.identity_full.as_ref()).map_or(String::new(), |why| {
        format!(" Its replica identity is set to FULL: {}.", why.note.trim_end_matches('.'))
    });
    let again = captured.and_then(|table| table.reselect.as_ref()).map_or(String::new(), |why| {
        format!(
            " A wide value that an update left out is read again from the table: {}.",
            why.note.trim_end_matches('.')
        )
    });
    format!(
        "Captured by connector {} ({} {}): a snapshot first, then every change from the snapshot's position on, through publication {} and slot \
         {}.{full}{again}",
        code(&source.connector.name),
        code(source.connector.plugin.name),
        source.connector.plugin.version,
        code(&source.publication.value),
        code(&source.slot.value)
    )
}

fn log(deployment: &Deployment, flow: &PlannedFlow) -> String {
    let topic = deployment.topic(flow.topic);
    let partitions = counted(usize::try_from(topic.partitions.value).unwrap_or(usize::MAX), "partition");
    let by = if flow.key.is_empty() {
        "the message key".to_owned()
    } else {
        codes(flow.key.iter().map(|column| column.source.as_str()))
    };
    let policy =
        topic.config.get("cleanup.policy").map_or(String::new(), |policy| format!(", cleanup {}", code(&policy.value)));
    format!(
        "Kept in topic {} ({partitions}{policy}): all changes with equal {by} stand in one partition, in the order of their commits; after \
         a restart of the capture a stretch may stand there twice.",
        code(&topic.name)
    )
}

fn read_by(sink: &Sink, flow: &PlannedFlow) -> String {
    match &sink.runner {
        Runner::Bento(streams) => {
            let stream =
                sink.flows.iter().zip(streams).find(|(other, _)| other.entity == flow.entity).map(|(_, stream)| stream);
            stream.map_or("Read by Bento.".into(), |stream| {
                format!(
                    "Read by Bento, stream {} (group {}). A position is committed only after the store took everything before it, so a crash repeats and \
                     never skips.",
                    code(&stream.id),
                    code(&stream.group)
                )
            })
        }
        Runner::Connect(connectors) => {
            let names = codes(connectors.iter().map(|connector| connector.name.as_str()));
            format!(
                "Read by sink connector {names}. Positions are committed after the store took the records, so a crash repeats and never skips."
            )
        }
    }
}

fn write(sink: &Sink, flow: &PlannedFlow) -> String {
    let key = key(flow);
    let what = target(&flow.target);
    let store = &sink.store_name;
    let late = duration(sink.late.value);
    match &flow.target {
        Target::Index(_) => format!(
            "Written to {store}, {what}: the document of {key}, with the position in the record's log as external version. The engine refuses a \
             version that is not newer, so repeated and late changes do nothing. It remembers deleted versions for {late} ({}).",
            sink.late.why.note
        ),
        Target::Keyspace(_) => format!(
            "Written to {store}, {what}: the body of {key} and beside it its version, compared and set in one script. A version that is not newer \
             is refused, so repeated and late changes do nothing. Versions of deleted rows stay for {late} ({}).",
            sink.late.why.note
        ),
        Target::Table(_) => format!(
            "Written to {store}, {what}: an upsert by {key} that carries the position in the record's log. A trigger on the table refuses a position \
             that is not newer, so repeated and late changes do nothing; positions of deleted rows stay for {late} ({}).",
            sink.late.why.note
        ),
        Target::Snowflake(table) => format!(
            "Appended to {store}, {}, with its position in the record's log; {} shows, for each {key}, the row with the newest position. Repeated \
             and late changes are appended and not shown.",
            code(&format!("{}.{}", table.namespace, table.log_table)),
            what
        ),
    }
}

fn promises(cx: &Context, view: &View) -> String {
    let mut table = Table::new(&["promise", "where", "evidence"]);
    for guarantee in &view.guarantees {
        let words = cx.places.text(guarantee.span);
        let words = words.strip_prefix("guarantee ").unwrap_or(&words);
        table.row([code(words), cx.at(guarantee.span), "**not analysed by this version**".into()]);
    }
    if let Some(fresh) = &view.fresh {
        let words = format!("fresh within {}", duration(fresh.value.ms));
        table.row([code(&words), cx.at(fresh.span), "budgeted and watched, not proved".into()]);
    }
    format!("**What is promised.**\n\n{}", table.or("Nothing is stated, so nothing is promised."))
}

fn limits(cx: &Context, id: ViewId, view: &View) -> String {
    if view.via != Via::Cdc {
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
    match &view.deletes {
        Some(deletes) => list.push(match &deletes.value {
            Deletes::Remove => format!("Deleted rows are removed ({}).", cx.at(deletes.span)),
            Deletes::Keep => format!("Deleted rows stay in the view ({}).", cx.at(deletes.span)),
            Deletes::Mark(column) => {
                format!("Deleted rows stay, marked by {} ({}).", code(&column.text), cx.at(deletes.span))
            }
        }),
        None => list.push("Deleted rows are removed (by default).".into()),
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
    if let Some(fresh) = &view.fresh {
        let fresh = duration(fresh.value.ms);
        ways.push(if cx.watched.alerts {
            format!("lag beyond {fresh} raises an alert")
        } else {
            format!("whether it is within {fresh} shows in the lag of its consumer group; no alert rule is written by this version")
        });
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
