//! The way of one table's rows into one store, hop by hop, as it is planned.

use super::Context;
use super::words::{changes, key, target};
use crate::model::{Entity, EntityId};
use crate::plan::{Captured, Changes, Deployment, Feed, Once, PlannedFlow, Runner, Sink, Source, Target, Topic};
use crate::targets::markdown::{code, codes};
use crate::targets::spelling::counted;
use crate::units::duration;

/// The hops of one table's way.
pub fn path(cx: &Context, deployment: &Deployment, sink: &Sink, flow: &PlannedFlow) -> Vec<String> {
    let mut hops = match &flow.feed {
        Feed::Changes(changes) => captured(cx, deployment, flow, changes),
        Feed::Facts(facts) => vec![super::stages::recorded(cx, facts.event)],
        Feed::Rows(rows) => vec![format!(
            "Made by an engine: the rows of view {} stand in {}.",
            code(&rows.name),
            code(&flow.topic_name)
        )],
    };
    hops.extend(upstream(cx, sink));
    hops.extend(changes(flow));
    hops.push(read_by(sink, flow));
    hops.push(write(sink, flow));
    hops
}

/// Up to the log: what the record is, who captures it, what its log keeps.
fn captured(cx: &Context, deployment: &Deployment, flow: &PlannedFlow, changes: &Changes) -> Vec<String> {
    let mut hops = vec![decided(cx, changes.entity, cx.model.entity(changes.entity))];
    if let Some(source) = deployment.sources.iter().find(|source| source.system == changes.system) {
        hops.push(capture(source, cx.index.captured(deployment, changes.entity)));
    } else {
        hops.push(format!(
            "Captured by somebody else into {}; diac reads that topic and manages nothing of it.",
            code(&flow.topic_name)
        ));
    }
    hops.push(log(deployment, flow));
    hops
}

/// Where an entity is decided and who writes it.
pub fn decided(cx: &Context, id: EntityId, entity: &Entity) -> String {
    let writers = super::words::writers(cx, id);
    let who = if writers.is_empty() {
        "No declared service writes it".to_owned()
    } else {
        format!("Written by {}", codes(writers))
    };
    let append_only = if entity.append_only.is_some() { " Its rows are only added, never changed." } else { "" };
    format!("{} is decided in {} ({}). {who}.{append_only}", code(&entity.name), cx.home(entity), cx.at(entity.span))
}

/// How a system's changes reach the log.
pub fn capture(source: &Source, captured: Option<&Captured>) -> String {
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

/// More views than this are not named.
const NAMED: usize = 4;

/// Views that stand between the record and this one: their stages are worked into this one's.
fn upstream(cx: &Context, sink: &Sink) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    let mut next = cx.model.view(sink.view).upstream.clone();
    let mut more = "";
    while let Some(id) = next.pop() {
        if names.len() == NAMED {
            more = " and of what they follow";
            break;
        }
        let view = cx.model.view(id);
        names.push(format!("{} ({})", code(&view.name), cx.at(view.span)));
        next.extend(view.upstream.iter().copied());
    }
    names.reverse();
    let names = names.join(", ") + more;
    (!names.is_empty()).then(|| format!("The stages of {names} are applied here, on the way: no topic stands between."))
}

fn log(deployment: &Deployment, flow: &PlannedFlow) -> String {
    let topic = deployment.topic(flow.topic);
    let by = flow.key.iter().map(|column| column.source.as_str());
    kept_in_log(topic, codes(by), flow.key.is_empty())
}

/// What a change log keeps together, and in which order.
pub fn kept_in_log(topic: &Topic, by: String, unknown: bool) -> String {
    let partitions = counted(usize::try_from(topic.partitions.value).unwrap_or(usize::MAX), "partition");
    let alike = if unknown { "message keys".to_owned() } else { by };
    let policy =
        topic.config.get("cleanup.policy").map_or(String::new(), |policy| format!(", cleanup {}", code(&policy.value)));
    format!(
        "Kept in topic {} ({partitions}{policy}): all changes with equal {alike} stand in one partition, in the order of their commits; after \
         a restart of the capture a stretch may stand there twice.",
        code(&topic.name)
    )
}

fn read_by(sink: &Sink, flow: &PlannedFlow) -> String {
    match &sink.runner {
        Runner::Bento(streams) => {
            let stream =
                sink.flows.iter().zip(streams).find(|(other, _)| other.topic == flow.topic).map(|(_, stream)| stream);
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

/// How facts are kept.
fn taken(sink: &Sink, flow: &PlannedFlow, table: &crate::plan::Table) -> String {
    let facts = flow.facts();
    let once = match facts.map(|facts| &facts.once) {
        Some(Once::Columns(columns)) => codes(columns.iter().map(String::as_str)),
        Some(Once::Place) | None => "its place in the log".into(),
    };
    format!(
        "Added to {}, table {}, one batch of a partition behind the other, so that what stands in one partition is kept in its order. Constraint {} lets \
         each {once} in once: a repeated fact is left alone, and one that says something else under the same {once} is refused as a bad record.",
        sink.store_name,
        code(&format!("{}.{}", table.namespace, table.name)),
        code(facts.map_or("", |facts| &facts.constraint))
    )
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
        Target::Table(table) if flow.facts().is_some() => taken(sink, flow, table),
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
