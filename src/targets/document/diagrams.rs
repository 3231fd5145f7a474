//! The four pictures. Topics that the same views read are one node where there are many, so that a whole database stays a picture.

use std::collections::BTreeSet;

use super::Context;
use super::chart::{Chart, Line, Shape};
use super::nodes::{
    Group, Groups, drawn, event, flow_words, groups, key_words, log, mover, partitions, process, processes, record,
    refusal, routing_words, service, stage_words, store, system_title,
};
use super::terms::Writer;
use super::words::{foreign_writers, place, readers, taken, writers};
use crate::model::relation::{InputId, Role};
use crate::model::{ConstraintRule, EntityId, EventId, Touched, Via, View, ViewId};
use crate::plan::Feed;
use crate::targets::spelling::counted;
use crate::units::duration;

/// All pictures by file stem, in the order the document shows them.
pub fn all(cx: &Context) -> [(&'static str, Chart); 4] {
    [
        ("dataflow", dataflow(cx)),
        ("write-path", write_path(cx)),
        ("read-path", read_path(cx)),
        ("ordering", ordering(cx)),
    ]
}

fn events(cx: &Context) -> impl Iterator<Item = EventId> + use<> {
    (0..cx.model.events.len()).map(EventId)
}

/// The node that something is read from: a change log where there is one, else the record itself.
fn read_from(cx: &Context, chart: &mut Chart, what: InputId, groups: &Groups) -> usize {
    match what {
        InputId::Entity(id) => {
            let log = groups.of(id).and_then(|group| log(cx, chart, group));
            log.unwrap_or_else(|| record(cx, chart, cx.model.entity(id).home.system))
        }
        InputId::Event(id) => event(cx, chart, id, None),
        InputId::View(id) => store(cx, chart, id, cx.model.view(id)),
    }
}

fn dataflow(cx: &Context) -> Chart {
    let mut chart = Chart::default();
    let groups = groups(cx);
    for (id, entity) in cx.entities() {
        for name in writers(cx, id) {
            let from = service(&mut chart, name);
            let to = record(cx, &mut chart, entity.home.system);
            chart.edge(from, to, Line::Solid, "writes");
        }
    }
    emissions(cx, &mut chart);
    for group in &groups.all {
        let from = record(cx, &mut chart, group.system);
        if let Some(log) = log(cx, &mut chart, group) {
            chart.edge(from, log, Line::Solid, key_words(group));
        }
    }
    for id in events(cx) {
        event(cx, &mut chart, id, None);
    }
    for (id, found) in processes(cx) {
        let line = if found.run.is_some() { Line::Dotted } else { Line::Solid };
        for input in &found.inputs {
            let from = read_from(cx, &mut chart, input.value, &groups);
            let to = process(&mut chart, id, found);
            chart.edge(from, to, line, "reads");
        }
    }
    for edge in drawn(cx) {
        let Some(view) = cx.model.views.get(edge.to.0) else { continue };
        into_view(cx, &mut chart, edge.from, (edge.to, view), edge.role, &groups);
    }
    for (id, view) in cx.views() {
        let names = foreign_writers(cx, id);
        let applications = matches!(view.via, Via::Application(_));
        for name in names.into_iter().filter(|_| !applications) {
            let (from, to) = (service(&mut chart, name), store(cx, &mut chart, id, view));
            chart.edge(from, to, Line::Dotted, "writes past the log");
        }
    }
    reads(cx, &mut chart);
    chart
}

/// What lies between a view and one of its inputs, by the way the view is kept.
fn into_view(cx: &Context, chart: &mut Chart, what: InputId, (id, view): (ViewId, &View), role: Role, groups: &Groups) {
    let to = store(cx, chart, id, view);
    if cx.model.is_wired(view) {
        let from = read_from(cx, chart, what, groups);
        chart.edge(from, to, Line::Solid, flow_words(cx, id, view, role));
        return;
    }
    // Whoever keeps it reads the record itself.
    let from = match what {
        InputId::Entity(entity) => record(cx, chart, cx.model.entity(entity).home.system),
        InputId::Event(_) | InputId::View(_) => read_from(cx, chart, what, groups),
    };
    match &view.via {
        Via::Application(services) => {
            for (service_id, _) in services {
                let Some(found) = cx.model.services.get(service_id.0) else { continue };
                let by = service(chart, &found.name);
                chart.edge(from, by, Line::Dotted, "reads");
                chart.edge(by, to, Line::Dotted, "writes by its own code");
            }
        }
        Via::TwoPhaseCommit(_) => chart.edge(from, to, Line::Dotted, "in one distributed transaction"),
        Via::Unknown => chart.edge(from, to, Line::Dotted, "nobody knows how"),
        Via::BatchFull { every } | Via::BatchIncremental { every, .. } => {
            chart.edge(from, to, Line::Dotted, format!("batch every {}", duration(every.ms)));
        }
        Via::BatchAndStream { every } => {
            let words = format!("stream, and batch every {}", duration(every.ms));
            chart.edge(from, to, Line::Dotted, words);
        }
        Via::Cdc | Via::Events => {}
    }
}

/// Who emits which event: services, by an outbox or straight into the log, and processes.
fn emissions(cx: &Context, chart: &mut Chart) {
    for id in events(cx) {
        let found = cx.model.event(id);
        for name in cx.index.emitters(id) {
            let from = service(chart, name);
            match &found.outbox {
                Some(outbox) => {
                    let to = record(cx, chart, outbox.system);
                    let table = place(&outbox.namespace, &outbox.table);
                    chart.edge(from, to, Line::Solid, format!("{} into outbox {table}", found.name));
                }
                None => {
                    let to = event(cx, chart, id, None);
                    chart.edge(from, to, Line::Solid, format!("emits {}, {}", found.name, routing_words(cx, id)));
                }
            }
        }
        if let Some(outbox) = &found.outbox {
            let (from, to) = (record(cx, chart, outbox.system), event(cx, chart, id, None));
            chart.edge(from, to, Line::Solid, format!("{}, {}", found.name, routing_words(cx, id)));
        }
    }
    for (id, found) in processes(cx) {
        let line = if found.run.is_some() { Line::Dotted } else { Line::Solid };
        for emit in &found.emits {
            let from = process(chart, id, found);
            let to = event(cx, chart, emit.event, None);
            let name = &cx.model.event(emit.event).name;
            chart.edge(from, to, line, format!("emits {name}, {}", routing_words(cx, emit.event)));
        }
    }
}

fn reads(cx: &Context, chart: &mut Chart) {
    for (id, view) in cx.views() {
        for (name, purpose) in readers(cx, Touched::View(id)) {
            let from = store(cx, chart, id, view);
            let to = service(chart, name);
            chart.edge(from, to, Line::Solid, purpose.unwrap_or("reads"));
        }
    }
    let named = |name: &str, purpose: Option<&str>| match purpose {
        Some(purpose) => format!("{name}, {purpose}"),
        None => name.to_owned(),
    };
    for (id, entity) in cx.entities() {
        for (name, purpose) in readers(cx, Touched::Entity(id)) {
            let from = record(cx, chart, entity.home.system);
            let to = service(chart, name);
            chart.edge(from, to, Line::Solid, named(&entity.name, purpose));
        }
    }
    for id in events(cx) {
        for (name, purpose) in readers(cx, Touched::Event(id)) {
            let from = event(cx, chart, id, None);
            let to = service(chart, name);
            chart.edge(from, to, Line::Solid, named(&cx.model.event(id).name, purpose));
        }
    }
}

fn write_path(cx: &Context) -> Chart {
    let mut chart = Chart::default();
    for group in &groups(cx).all {
        let Some(record) = group_record(cx, &mut chart, group) else { continue };
        for &(id, _) in &group.entities {
            for name in writers(cx, id) {
                let from = service(&mut chart, name);
                chart.edge(from, record, Line::Solid, "writes");
            }
        }
        if let Some(log) = log(cx, &mut chart, group) {
            chart.edge(record, log, Line::Solid, key_words(group));
        }
    }
    for id in events(cx) {
        event(cx, &mut chart, id, None);
    }
    emissions(cx, &mut chart);
    constraints(cx, &mut chart);
    chart
}

fn group_record(cx: &Context, chart: &mut Chart, group: &Group) -> Option<usize> {
    let (first, _) = group.entities.first()?;
    let label = match group.entities.as_slice() {
        [(_, entity)] => {
            let home = place(&entity.home.namespace, &entity.home.table);
            vec![entity.name.clone(), home, system_title(cx, group.system)]
        }
        many => vec![counted(many.len(), "table"), system_title(cx, group.system)],
    };
    Some(chart.node(format!("entity {}", first.0), Shape::Cylinder, label))
}

/// Constraints beside what they are about, and the events that repair what broke them.
fn constraints(cx: &Context, chart: &mut Chart) {
    let groups = groups(cx);
    for (at, constraint) in cx.model.constraints.iter().enumerate() {
        let on = match constraint.on.value {
            InputId::Entity(id) => groups.of(id).and_then(|group| group_record(cx, chart, group)),
            InputId::Event(_) | InputId::View(_) => Some(read_from(cx, chart, constraint.on.value, &groups)),
        };
        let rule = match &constraint.rule {
            ConstraintRule::Unique(columns) => format!("unique ({})", columns.join(", ")),
            ConstraintRule::Condition(term) => Writer::plain(cx).text(term),
        };
        let node = chart.node(format!("constraint {at}"), Shape::Box, vec![constraint.name.clone(), rule]);
        let words = match (&constraint.check_every, constraint.hard) {
            (_, true) => "must always hold".to_owned(),
            (Some(every), false) => format!("checked every {}", duration(every.value.ms)),
            (None, false) => "should hold".into(),
        };
        if let Some(on) = on {
            chart.edge(on, node, Line::Dotted, words);
        }
        if let Some(repair) = &constraint.compensate {
            let to = event(cx, chart, repair.value, None);
            chart.edge(node, to, Line::Dotted, "repaired by");
        }
    }
}

fn read_path(cx: &Context) -> Chart {
    let mut chart = Chart::default();
    for (id, view) in cx.views().filter(|(_, view)| view.store.is_some()) {
        store(cx, &mut chart, id, view);
    }
    reads(cx, &mut chart);
    chart
}

fn ordering(cx: &Context) -> Chart {
    let mut chart = Chart::default();
    let groups = groups(cx);
    for id in events(cx) {
        let more = partitions(cx, InputId::Event(id));
        event(cx, &mut chart, id, more);
    }
    for (id, view) in cx.views() {
        if !cx.model.is_wired(view) {
            unordered(cx, &mut chart, id, view, &groups);
            continue;
        }
        // Applied on the way to another view's store: that way is drawn.
        if view.store.is_none() && !view.incomplete {
            continue;
        }
        match cx.any_sink(id) {
            Some(_) => planned_order(cx, &mut chart, id, view, &groups),
            None => stated_order(cx, &mut chart, id, view, &groups),
        }
    }
    for (id, found) in processes(cx) {
        let line = if found.run.is_some() { Line::Dotted } else { Line::Solid };
        for input in &found.inputs {
            let (from, words) = ordered_from(cx, &mut chart, input.value, &groups);
            let to = process(&mut chart, id, found);
            chart.edge(from, to, line, words);
        }
        for emit in &found.emits {
            let from = process(&mut chart, id, found);
            let to = event(cx, &mut chart, emit.event, None);
            let name = &cx.model.event(emit.event).name;
            chart.edge(from, to, line, format!("{name}, {}", routing_words(cx, emit.event)));
        }
    }
    chart
}

/// A log as a source of order: its partitions, and what is in order within them.
fn ordered_from(cx: &Context, chart: &mut Chart, what: InputId, groups: &Groups) -> (usize, String) {
    match what {
        InputId::Entity(id) => {
            let node = match (groups.of(id), cx.index.topic(what)) {
                (Some(group), Some(topic)) => {
                    let first = group.entities.first().map_or(id, |(first, _)| *first);
                    let name = match group.entities.len() {
                        1 => topic.name.clone(),
                        many => counted(many, "change log"),
                    };
                    let lines = [Some(name), partitions(cx, what)].into_iter().flatten().collect();
                    chart.node(format!("log {}", first.0), Shape::Hexagon, lines)
                }
                _ => record(cx, chart, cx.model.entity(id).home.system),
            };
            (node, "each key in commit order".into())
        }
        InputId::Event(id) => {
            let more = partitions(cx, what);
            (event(cx, chart, id, more), format!("{}, as appended", routing_words(cx, id)))
        }
        InputId::View(id) => {
            let view = cx.model.view(id);
            let writer = Writer::plain(cx);
            let routing = view.relation.as_ref().map(|relation| relation.routing.as_slice()).unwrap_or_default();
            let routing: Vec<String> = routing.iter().map(|term| writer.text(term)).collect();
            let words = if routing.is_empty() { String::new() } else { format!("per {}", routing.join(", ")) };
            (store(cx, chart, id, view), words)
        }
    }
}

fn planned_order(cx: &Context, chart: &mut Chart, id: ViewId, view: &View, groups: &Groups) {
    let Some((_, sink)) = cx.any_sink(id) else { return };
    let mut drawn: BTreeSet<EntityId> = BTreeSet::new();
    for flow in &sink.flows {
        // Tables that are one node are drawn once.
        let what = match &flow.feed {
            Feed::Changes(changes) => {
                let first = groups.of(changes.entity).and_then(|group| group.entities.first()).map(|(id, _)| *id);
                if !drawn.insert(first.unwrap_or(changes.entity)) {
                    continue;
                }
                InputId::Entity(changes.entity)
            }
            Feed::Facts(facts) => InputId::Event(facts.event),
            Feed::Rows(rows) => InputId::View(rows.view),
        };
        let (log, words) = ordered_from(cx, chart, what, groups);
        let to = store(cx, chart, id, view);
        let mover = chart.node(format!("mover {}", id.0), Shape::Box, mover(sink));
        chart.edge(log, mover, Line::Solid, words);
        chart.edge(mover, to, Line::Solid, refusal(flow));
    }
}

/// A view that diac does not keep: nothing here orders what is written into it.
fn unordered(cx: &Context, chart: &mut Chart, id: ViewId, view: &View, groups: &Groups) {
    let to = store(cx, chart, id, view);
    let words = match &view.via {
        Via::TwoPhaseCommit(_) => "in the order of the transactions",
        Via::BatchFull { .. } | Via::BatchIncremental { .. } => "as each copy finds it",
        Via::Application(_) | Via::Unknown | Via::BatchAndStream { .. } | Via::Cdc | Via::Events => {
            "in no order that diac sees"
        }
    };
    if let Via::Application(services) = &view.via {
        for found in services.iter().filter_map(|(id, _)| cx.model.services.get(id.0)) {
            let from = service(chart, &found.name);
            chart.edge(from, to, Line::Dotted, words);
        }
        return;
    }
    for (what, _) in taken(view) {
        let from = match what {
            InputId::Entity(id) => record(cx, chart, cx.model.entity(id).home.system),
            InputId::Event(_) | InputId::View(_) => read_from(cx, chart, what, groups),
        };
        chart.edge(from, to, Line::Dotted, words);
    }
}

/// The order of a view that nothing is planned for, as far as the page states it.
fn stated_order(cx: &Context, chart: &mut Chart, id: ViewId, view: &View, groups: &Groups) {
    let stages = stage_words(cx, view);
    let to = store(cx, chart, id, view);
    let into = if stages.is_empty() || view.store.is_none() {
        to
    } else {
        let by = chart.node(format!("mover {}", id.0), Shape::Box, stages);
        let writer = Writer::plain(cx);
        let keys = view.relation.iter().flat_map(|relation| relation.key.iter().map(|term| writer.key(relation, term)));
        let keys: Vec<String> = keys.collect();
        chart.edge(
            by,
            to,
            Line::Solid,
            if keys.is_empty() { String::new() } else { format!("per {}", keys.join(", ")) },
        );
        by
    };
    for (what, role) in taken(view) {
        let (from, order) = ordered_from(cx, chart, what, groups);
        let role = super::words::role_word(role);
        let words = if role.is_empty() { order } else { format!("{role}, {order}") };
        chart.edge(from, into, Line::Solid, words);
    }
}
