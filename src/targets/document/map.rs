//! Section 1: what is decided where, what follows, who touches it.

use super::Context;
use super::terms::{Writer, input_name};
use super::words::{
    foreign_writers, identity, inputs, kept, kept_by, nature_word, place, reader_list, readers, retention, writers,
};
use crate::model::relation::InputId;
use crate::model::{ConstraintRule, Entity, EventId, Leadership, Model, System, SystemId, Touched, View, ViewId};
use crate::plan::inside::Form;
use crate::systems::{Kind, Support};
use crate::targets::docs_text;
use crate::targets::markdown::{Table, code, codes, inline};
use crate::targets::spelling::grouped;
use crate::units::duration;

pub fn section(cx: &Context) -> String {
    let mut text =
        String::from("Each fact is decided in one place, and only there; every other copy follows from it.\n\n");
    for (title, table) in [
        ("Entities", entities(cx)),
        ("Events", events(cx)),
        ("Views", views(cx)),
        ("Processes", processes(cx)),
        ("Constraints", constraints(cx)),
    ] {
        let table = table.or("");
        if !table.trim().is_empty() {
            text.push_str(&format!("### {title}\n\n{table}"));
        }
    }
    text + &documentation(cx) + &systems(cx) + &services(cx)
}

fn entities(cx: &Context) -> Table {
    let mut table = Table::new(&["entity", "decided in", "identified by", "written by", "followed by", "read by"]);
    for (id, entity) in cx.entities() {
        table.row([
            code(&entity.name),
            cx.home(entity),
            if entity.key.is_empty() { "not known".into() } else { codes(&entity.key) },
            codes(writers(cx, id)),
            followed_by(cx, InputId::Entity(id)),
            reader_list(&readers(cx, Touched::Entity(id))),
        ]);
    }
    table
}

/// Views and processes that take rows from something.
fn followed_by(cx: &Context, what: InputId) -> String {
    let views = cx.followers(what).map(|(_, view)| cx.view_name(view));
    let processes = cx.index.processes(what).iter().map(|name| format!("process {}", code(name)));
    views.chain(processes).collect::<Vec<_>>().join(", ")
}

fn events(cx: &Context) -> Table {
    let mut table =
        Table::new(&["event", "recorded in", "identified by", "routed by", "kept", "emitted by", "followed by"]);
    for (at, event) in cx.model.events.iter().enumerate() {
        let id = EventId(at);
        let readers = reader_list(&readers(cx, Touched::Event(id)));
        let followed = followed_by(cx, InputId::Event(id));
        let stated = event.retain.as_ref().map(|retain| kept(retain.value));
        let planned = cx.index.topic(InputId::Event(id)).map(|topic| {
            retention(topic).trim_start_matches("every record, ").split(" (").next().unwrap_or_default().to_owned()
        });
        table.row([
            code(&event.name),
            format!("{} · {}", cx.model.system(event.log).name, code(&event.topic)),
            if event.key.is_empty() { "nothing stated".into() } else { codes(&event.key) },
            if event.routing.is_empty() { "nothing stated".into() } else { Writer::plain(cx).list(&event.routing) },
            stated.or(planned).unwrap_or_default(),
            emitted_by(cx, id),
            match (followed.is_empty(), readers.is_empty()) {
                (_, true) => followed,
                (true, false) => readers,
                (false, false) => format!("{followed}, {readers}"),
            },
        ]);
    }
    table
}

/// Services and processes that emit an event, and the outbox it passes.
pub fn emitted_by(cx: &Context, id: EventId) -> String {
    let makes = |process: &&crate::model::Process| process.emits.iter().any(|emit| emit.event == id);
    let processes = cx.model.processes.iter().filter(makes).map(|process| format!("process {}", code(&process.name)));
    let repairs = |one: &&crate::model::Constraint| one.compensate.as_ref().is_some_and(|event| event.value == id);
    let repairs = cx.model.constraints.iter().filter(repairs).map(|one| format!("repair of {}", code(&one.name)));
    let all: Vec<String> = cx.index.emitters(id).into_iter().map(code).chain(processes).chain(repairs).collect();
    let outbox = cx.model.event(id).outbox.as_ref().map(|outbox| {
        let system = &cx.model.system(outbox.system).name;
        format!(" through outbox {system} · {}", code(&place(&outbox.namespace, &outbox.table)))
    });
    let who = if all.is_empty() { "nobody declared".into() } else { all.join(", ") };
    who + &outbox.unwrap_or_default()
}

fn views(cx: &Context) -> Table {
    let mut table = Table::new(&["view", "follows", "holds", "identified by", "kept in", "kept by", "read by"]);
    for (id, view) in cx.views() {
        table.row([
            cx.view_name(view),
            inputs(cx, view),
            view.relation.as_ref().map_or_else(|| "state".into(), |relation| nature_word(relation.nature).into()),
            identity(cx, id, view),
            kept_in(cx, id, view),
            kept_by(cx, id, view),
            reader_list(&readers(cx, Touched::View(id))),
        ]);
    }
    table
}

/// Where a view's rows are.
pub fn kept_in(cx: &Context, id: ViewId, view: &View) -> String {
    let Some(store) = &view.store else { return "no store".into() };
    let system = &cx.model.system(store.system).name;
    if let Some(inside) = cx.any_inside(id) {
        let kind = if matches!(inside.form, Form::Kept { .. }) { "table" } else { "view" };
        return format!("{system} · {kind} {}", code(&place(&inside.namespace, &inside.table)));
    }
    if let Some((_, sink)) = cx.any_sink(id)
        && let [flow] = sink.flows.as_slice()
    {
        return format!("{system} · {}", super::words::target(&flow.target));
    }
    let what = match (&view.target, view.flows.as_slice()) {
        (Some(target), _) => code(&place(target.namespace.as_deref().unwrap_or_default(), &target.name)),
        (None, [flow]) => code(&place(flow.target.namespace.as_deref().unwrap_or_default(), &flow.target.name)),
        (None, flows) => crate::targets::spelling::counted(flows.len().max(view.copies.len()), "table"),
    };
    let foreign = foreign_writers(cx, id);
    let note = if foreign.is_empty() { String::new() } else { format!(", written by {}", codes(foreign)) };
    format!("{system} · {what}{note}")
}

fn processes(cx: &Context) -> Table {
    let mut table = Table::new(&["process", "reads", "emits", "is"]);
    for process in &cx.model.processes {
        let what = match &process.run {
            Some(image) => format!("the owner's own program {}", code(&image.value)),
            None => "declared here, line by line".into(),
        };
        let mut emits: Vec<&str> = process.emits.iter().map(|emit| cx.model.event(emit.event).name.as_str()).collect();
        emits.dedup();
        table.row([
            code(&process.name),
            codes(process.inputs.iter().map(|input| input_name(cx.model, input.value))),
            codes(emits),
            what,
        ]);
    }
    table
}

fn constraints(cx: &Context) -> Table {
    let mut table = Table::new(&["constraint", "kind", "on", "holds when", "found by", "repaired by"]);
    for constraint in &cx.model.constraints {
        let found = match (&constraint.check_every, constraint.hard) {
            (Some(every), _) => format!("a check every {}", duration(every.value.ms)),
            (None, true) => "refused at the write".into(),
            (None, false) => "nothing stated".into(),
        };
        let repaired = match (&constraint.compensate, constraint.hard) {
            (Some(event), _) => format!("event {}", code(&cx.model.event(event.value).name)),
            (None, true) => "never broken".into(),
            (None, false) => "nothing stated".into(),
        };
        table.row([
            code(&constraint.name),
            if constraint.hard { "hard".into() } else { "soft".into() },
            code(input_name(cx.model, constraint.on.value)),
            rule(cx, &constraint.rule),
            found,
            repaired,
        ]);
    }
    table
}

/// What a constraint says.
pub fn rule(cx: &Context, rule: &ConstraintRule) -> String {
    match rule {
        ConstraintRule::Unique(columns) => format!("no two rows have equal {}", codes(columns)),
        ConstraintRule::Condition(term) => code(&Writer::plain(cx).text(term)),
    }
}

/// What `##` lines say.
fn documentation(cx: &Context) -> String {
    let model = cx.model;
    let entities = cx.entities().map(|(_, entity)| (code(&entity.name), &entity.docs, size(entity)));
    let events = model.events.iter().map(|event| (code(&event.name), &event.docs, String::new()));
    let views = cx.views().map(|(_, view)| {
        let team = view.team.as_deref().map(|team| format!("Kept by team {}.", inline(team)));
        (cx.view_name(view), &view.docs, team.unwrap_or_default())
    });
    let processes = model.processes.iter().map(|process| (code(&process.name), &process.docs, String::new()));
    let constraints = model.constraints.iter().map(|one| (code(&one.name), &one.docs, String::new()));
    let mut text = String::new();
    for (name, docs, more) in entities.chain(events).chain(views).chain(processes).chain(constraints) {
        let docs = inline(&docs_text(docs));
        if !docs.is_empty() || !more.is_empty() {
            let gap = if docs.is_empty() || more.is_empty() { "" } else { " " };
            text.push_str(&format!("- {name}: {docs}{gap}{more}\n"));
        }
    }
    if text.is_empty() { text } else { format!("### In their owners' words\n\n{text}\n") }
}

fn size(entity: &Entity) -> String {
    let Some(volume) = entity.volume else { return String::new() };
    let rate = volume.writes_per_second.map_or(String::new(), |rate| format!(", {rate}/s writes"));
    format!("About {} rows{rate}.", grouped(volume.rows))
}

fn systems(cx: &Context) -> String {
    let mut table = Table::new(&["system", "kind", "role", "writes accepted", "personal data", "declared"]);
    for (at, system) in cx.model.systems.iter().enumerate() {
        let personal = if system.may_hold_pii.is_some() {
            "may hold"
        } else if system.may_not_hold_pii.is_some() {
            "may not hold"
        } else {
            "nothing said"
        };
        let declared =
            if system.declared { cx.at(system.span) } else { format!("not, used at {}", cx.at(system.span)) };
        table.row([
            code(&system.name),
            kind(system),
            roles(cx.model, SystemId(at)).join(", "),
            leaders(cx.model, SystemId(at)),
            personal.into(),
            declared,
        ]);
    }
    let table = table.or("");
    if table.trim().is_empty() { String::new() } else { format!("### Systems\n\n{table}") }
}

fn kind(system: &System) -> String {
    let mut words = vec![system.kind.facts().title.to_owned()];
    words.extend(system.version.as_ref().map(|version| inline(&version.value)));
    let mut text = words.join(" ");
    if let Some(managed) = &system.managed {
        text.push_str(&format!(", managed: {}", inline(&managed.value)));
    }
    if let Some(encoding) = &system.encoding {
        text.push_str(&format!(", records as {}", inline(&encoding.format.value)));
        if let Some(evolves) = &encoding.evolves {
            text.push_str(&format!(", evolving {}", code(&evolves.value)));
        }
    }
    if let Some(epoch) = &system.epoch {
        text.push_str(&format!(", epoch {}", epoch.value));
    }
    text
}

fn roles(model: &Model, id: SystemId) -> Vec<&'static str> {
    let Some(system) = model.systems.get(id.0) else { return Vec::new() };
    let records = model.entities.iter().any(|entity| entity.home.system == id);
    let views = model.views.iter().any(|view| view.store.as_ref().is_some_and(|store| store.system == id));
    let events = model.events.iter().any(|event| event.log == id);
    let outbox = model.events.iter().any(|event| event.outbox.as_ref().is_some_and(|outbox| outbox.system == id));
    let used = records || views || events || outbox;
    let log = !used && system.kind == Kind::Kafka;
    let engine = !used && !log && system.kind.facts().record == Support::Never;
    let all = [
        (records, "record"),
        (outbox && !records, "outbox"),
        (events, "events"),
        (views, "views"),
        (log, "log"),
        (engine, "engine"),
        (!used && !log && !engine, "none yet"),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
}

/// Where a system accepts writes, and where copies only serve reads.
fn leaders(model: &Model, id: SystemId) -> String {
    let Some(system) = model.systems.get(id.0) else { return String::new() };
    let records = model.entities.iter().any(|entity| entity.home.system == id);
    let names = |regions: &[crate::syntax::ast::Spanned<String>]| {
        regions.iter().map(|region| inline(&region.value)).collect::<Vec<_>>().join(", ")
    };
    let mut text = match &system.leadership {
        Leadership::Single if records => "at one place, since nothing else is said".to_owned(),
        Leadership::Single => String::new(),
        Leadership::In(region) => format!("in {}", inline(&region.value)),
        Leadership::Several(regions) => format!("in {}, of every row", names(regions)),
        Leadership::PerRow(column) => format!("of each row where its {} says", code(&column.value)),
    };
    if let Some(shards) = &system.shards {
        text.push_str(&format!("; a database for each {}: {}", code(&shards.column.value), names(&shards.members)));
    }
    if !system.replicas.is_empty() {
        let gap = if text.is_empty() { "" } else { "; " };
        text.push_str(&format!("{gap}reads only in {}", names(&system.replicas)));
    }
    text
}

fn services(cx: &Context) -> String {
    if cx.model.services.is_empty() {
        return "### Services\n\nNo service is declared, so nothing here says who writes and who reads.\n\n".into();
    }
    let mut table = Table::new(&["service", "team", "writes", "emits", "reads"]);
    for service in &cx.model.services {
        let reads: Vec<(&str, Option<&str>)> =
            service.reads.iter().map(|(touch, purpose)| (touch.text.as_str(), purpose.as_deref())).collect();
        table.row([
            code(&service.name),
            service.team.as_deref().map(inline).unwrap_or_default(),
            codes(service.writes.iter().map(|touch| touch.text.as_str())),
            codes(service.emits.iter().map(|touch| touch.text.as_str())),
            reader_list(&reads),
        ]);
    }
    let docs: Vec<String> = cx
        .model
        .services
        .iter()
        .filter(|service| !service.docs.is_empty())
        .map(|service| format!("- {}: {}\n", code(&service.name), inline(&docs_text(&service.docs))))
        .collect();
    let docs = if docs.is_empty() { String::new() } else { format!("{}\n", docs.concat()) };
    format!("### Services\n\n{}{docs}", table.or(""))
}
