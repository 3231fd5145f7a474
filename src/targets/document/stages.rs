//! What a view's rows are made of and what each stage does to them, with the lines that say so. It comes from the page alone, so it is there also for
//! what this version does not wire.

use super::terms::{Writer, input_name, input_span, places, record_column, record_name};
use super::{Context, hops};
use crate::model::relation::{Derived, InputId, Nature, Relation, Role, Step, StepKind, Term};
use crate::model::{EventId, View, ViewId};
use crate::syntax::ast::Deletes;
use crate::targets::markdown::{Table, code, codes};
use crate::units::duration;

/// Hops of a view that nothing is planned for: its inputs, its stages, its place.
pub fn path(cx: &Context, view: &View) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for input in &view.inputs {
        all.extend(taken_from(cx, input.what));
    }
    let Some(relation) = &view.relation else { return all };
    if let Some((id, _)) = cx.views().find(|(_, other)| std::ptr::eq(*other, view))
        && cx.any_inside(id).is_some()
    {
        all.extend(made_inside(cx, id, view));
        return all;
    }
    all.extend(relation.steps.iter().map(|step| stage(cx, view, relation, step)));
    let keyed = if relation.key.is_empty() {
        String::new()
    } else {
        let each = if relation.nature == Nature::State { "one row" } else { "one fact" };
        format!(", {each} for each {}", Writer::of(cx, relation).keys(relation))
    };
    all.push(match &view.store {
        Some(store) => format!(
            "Meant for {} ({}){keyed}. This version writes no wiring for it: how the store would take a repeated or late record is not decided.",
            code(&cx.model.store_path(view)),
            cx.at(store.span)
        ),
        None if view.incomplete => {
            format!("Read by other views{keyed}. It has no store, and this version writes no topic for it.")
        }
        None => format!("Applied on the way to the views that follow it{keyed}: it has neither a store nor a topic."),
    });
    all
}

/// What SQL inside its store makes of a view's rows; nothing where no SQL does.
pub fn made_inside(cx: &Context, id: ViewId, view: &View) -> Vec<String> {
    let (Some(inside), Some(relation)) = (cx.any_inside(id), &view.relation) else { return Vec::new() };
    let mut all: Vec<String> = relation.steps.iter().map(|step| stage(cx, view, relation, step)).collect();
    for wait in &inside.waits {
        let Some(input) = inside.inputs.get(wait.input) else { continue };
        all.push(format!(
            "A row is shown while {} of {} is at least its {}, and the conditions hold of both states: the one its writer saw, which {} keeps, and the one \
             that is. One whose state has not come yet waits; one whose state never passed here, as after a rebuild from a compacted log, is not shown. {} \
             counts both.",
            code(&wait.sequence),
            code(&format!("{}.{}", input.namespace, input.table)),
            code(&wait.seen),
            code(&wait.history),
            code(&format!("{}__diac", inside.table))
        ));
    }
    all.push(format!(
        "Made by SQL in {}, as {}: {}.",
        inside.store_name,
        code(&format!("{}.{}", inside.namespace, inside.table)),
        inside.form_why.note
    ));
    all
}

/// Where rows come from, and what keeps their order there.
fn taken_from(cx: &Context, what: InputId) -> Vec<String> {
    match what {
        InputId::Entity(id) => {
            let entity = cx.model.entity(id);
            let decided = hops::decided(cx, id, entity);
            match cx.index.topic(what) {
                Some(topic) => {
                    vec![decided, hops::kept_in_log(topic, codes(&entity.key), entity.key.is_empty())]
                }
                None => vec![format!("{decided} Nothing in this output captures it, so no log keeps its changes.")],
            }
        }
        InputId::Event(id) => vec![recorded(cx, id)],
        InputId::View(id) => {
            let view = cx.model.view(id);
            let routed =
                view.relation.as_ref().filter(|relation| !relation.routing.is_empty()).map(|relation| {
                    format!(", in the order of each {}", Writer::of(cx, relation).list(&relation.routing))
                });
            vec![format!("Follows view {} ({}){}.", cx.view_name(view), cx.at(view.span), routed.unwrap_or_default())]
        }
    }
}

/// How an event is recorded.
pub fn recorded(cx: &Context, id: EventId) -> String {
    let event = cx.model.event(id);
    let by = if event.routing.is_empty() {
        "Nothing states what routes it, so nothing of it is in order".to_owned()
    } else {
        format!(
            "Records with equal {} stand in one partition, in the order they were appended",
            Writer::plain(cx).list(&event.routing)
        )
    };
    let identity = if event.key.is_empty() {
        "no column is stated to identify one".to_owned()
    } else {
        format!("{} identifies one", codes(&event.key))
    };
    format!(
        "Event {} ({}) is emitted by {} and recorded in topic {} of {}. {by}; {identity}.",
        code(&event.name),
        cx.at(event.span),
        super::map::emitted_by(cx, id),
        code(&event.topic),
        cx.model.system(event.log).name
    )
}

/// What one stage does to rows, to what identifies them and to what routes them.
fn stage(cx: &Context, view: &View, relation: &Relation, step: &Step) -> String {
    let writer = Writer::of(cx, relation);
    let at = cx.at(step.span);
    let text = match &step.kind {
        StepKind::Where { term, key_only, .. } => {
            let stop = match (step.before, key_only) {
                (Nature::Facts, _) => "",
                (Nature::State, true) => ": a row's key decides it, once for ever",
                (Nature::State, false) => ": a row that stops matching has to leave the view",
            };
            format!("Only rows with {} stay{stop}", code(&writer.text(term)))
        }
        StepKind::Select { computes: false } => "Columns are chosen".into(),
        StepKind::Select { computes: true } => "Columns are chosen and computed".into(),
        StepKind::Drop => "Columns are left out".into(),
        StepKind::Mask => masked(relation, step),
        StepKind::Join(at) => joined(cx, view, *at),
        StepKind::Group { by } => {
            let from = routing_before(cx, view);
            format!("Grouped by {}: one row for each{from}", writer.list(by))
        }
        StepKind::Window { kind, on, event_time, late } => {
            let marked =
                if *event_time { "which the record marks as its time" } else { "which no record marks as its time" };
            let late = late.map_or("nothing is stated of records that come late".to_owned(), |late| {
                format!("a window waits {} for records that come late", duration(late.ms))
            });
            format!("Counted in windows of {} by {}, {marked}; {late}", super::nodes::window(*kind), code(&on.name))
        }
        StepKind::Nest(at) => {
            let name = view.inputs.get(*at).map_or("", |input| input_name(cx.model, input.what));
            format!("The rows of {} that belong to a row become a list in it", code(name))
        }
        StepKind::Distinct { by } => {
            format!("Repetitions are left out: rows with equal {} count once", writer.list(by))
        }
        StepKind::Union(first) => {
            let names: Vec<&str> = view
                .inputs
                .iter()
                .skip(*first)
                .take_while(|input| input.role == Role::Union)
                .map(|input| input_name(cx.model, input.what))
                .collect();
            let order = if one_topic(cx, view) {
                "they share a topic and its routing, so records of one key keep their order"
            } else {
                "each keeps its own order, and between them there is none"
            };
            format!("Together with {}: {order}; columns that one lacks are null there", codes(names))
        }
        StepKind::KeyBy { by } => {
            let from = routing_before(cx, view);
            format!("Identified and routed anew by {}{from}", writer.list(by))
        }
    };
    format!("{text} ({at}).")
}

/// Whether all that a union takes rows from is in one topic.
fn one_topic(cx: &Context, view: &View) -> bool {
    let mut topics = view.inputs.iter().filter(|input| matches!(input.role, Role::Start | Role::Union)).map(|input| {
        match input.what {
            InputId::Event(id) => {
                let event = cx.model.event(id);
                Some((event.log, event.topic.as_str()))
            }
            InputId::Entity(_) | InputId::View(_) => None,
        }
    });
    topics.next().flatten().is_some_and(|first| topics.all(|topic| topic == Some(first)))
}

/// What the rows were routed by before a stage that routes them anew.
fn routing_before(cx: &Context, view: &View) -> String {
    let all: Vec<String> = view
        .inputs
        .iter()
        .filter(|input| matches!(input.role, Role::Start | Role::Union))
        .filter_map(|input| routing(cx, input.what))
        .collect();
    if all.is_empty() { String::new() } else { format!("; before, rows are routed by {}", all.join(" and ")) }
}

/// What routes the rows of something to partitions.
pub fn routing(cx: &Context, what: InputId) -> Option<String> {
    match what {
        InputId::Entity(id) => {
            let key = &cx.model.entity(id).key;
            (!key.is_empty()).then(|| codes(key))
        }
        InputId::Event(id) => {
            let event = cx.model.event(id);
            (!event.routing.is_empty()).then(|| Writer::plain(cx).list(&event.routing))
        }
        InputId::View(id) => {
            let relation = cx.model.view(id).relation.as_ref()?;
            (!relation.routing.is_empty()).then(|| Writer::of(cx, relation).list(&relation.routing))
        }
    }
}

fn joined(cx: &Context, view: &View, at: usize) -> String {
    let Some(input) = view.inputs.get(at) else { return "Joined".into() };
    let name = code(input_name(cx.model, input.what));
    let Role::Join { left, many, within, keyed } = input.role else { return format!("Joined with {name}") };
    let partner = match (many, keyed) {
        (true, _) => "every partner makes a row",
        (false, true) => "a row has one partner at most, since the condition fixes its whole key",
        (false, false) => "the condition does not fix the partner's whole key",
    };
    let without = if left { "a row without one stays" } else { "a row without one is not in the view" };
    let within = within.map(|within| format!("; both happened within {}", duration(within.ms))).unwrap_or_default();
    let routed = routing(cx, input.what)
        .map(|by| format!("; its rows come in the order of each {by}, apart from the rows they join"))
        .unwrap_or_default();
    format!("Joined with {name}: {partner}, and {without}{within}{routed}")
}

fn masked(relation: &Relation, step: &Step) -> String {
    let inside = |column: &&Derived| {
        column.mask.as_ref().is_some_and(|mask| {
            mask.span.file == step.span.file && mask.span.start >= step.span.start && mask.span.end <= step.span.end
        })
    };
    let words: Vec<String> = relation
        .columns
        .iter()
        .filter(inside)
        .filter_map(|column| {
            let mask = column.mask.as_ref()?;
            Some(format!("{} is {}", code(&column.name), super::words::mask_words(mask.value)))
        })
        .collect();
    if words.is_empty() { "Values are hidden".into() } else { words.join("; ") }
}

/// What a row stands for, what identifies it and where its values come from.
pub fn rows(cx: &Context, view: &View) -> String {
    let Some(relation) = &view.relation else { return String::new() };
    let writer = Writer::of(cx, relation);
    let mut list = Vec::new();
    let stands = match relation.nature {
        Nature::State => "A row says what is the case now: it changes and goes.",
        Nature::Facts => "A row says what happened: it comes and stays.",
    };
    let key = if relation.key.is_empty() {
        "What identifies it is not known.".to_owned()
    } else {
        let key: Vec<String> = relation.key.iter().map(|term| keyed(cx, relation, writer, term)).collect();
        format!("It is identified by {}.", key.join(", "))
    };
    list.push(format!("{stands} {key}"));
    if relation.open {
        list.push("The record's columns are not known: all of them pass.".into());
    } else {
        list.extend(columns(cx, relation));
    }
    if let Some(by) = &view.partitioned {
        list.push(format!("Its topic is routed by {} ({}).", writer.list(&by.value), cx.at(by.span)));
    }
    if let Some(retain) = &view.retain {
        list.push(format!("Its topic is kept {} ({}).", super::words::kept(retain.value), cx.at(retain.span)));
    }
    let mut text = String::from("**What a row is.**\n\n");
    for line in list {
        text.push_str(&format!("- {line}\n"));
    }
    text + "\n" + &computed(cx, relation, writer) + &personal(cx, relation)
}

/// A part of a view's key by its name in the view, with where its columns are declared.
fn keyed(cx: &Context, relation: &Relation, writer: Writer, term: &Term) -> String {
    let places = places(cx, term);
    let name = code(&writer.key(relation, term));
    if places.is_empty() { name } else { format!("{name} ({places})") }
}

/// A column that is the record's own, under its own name.
fn unchanged(column: &Derived) -> bool {
    column.term.column().is_some_and(|source| source.column == column.name)
}

fn columns(cx: &Context, relation: &Relation) -> Option<String> {
    let mut same: Vec<(&str, Vec<&str>)> = Vec::new();
    for column in relation.columns.iter().filter(|column| unchanged(column)) {
        let Some(source) = column.term.column() else { continue };
        let record = record_name(cx.model, source.record);
        match same.iter_mut().find(|(name, _)| *name == record) {
            Some((_, names)) => names.push(&column.name),
            None => same.push((record, vec![&column.name])),
        }
    }
    let all: Vec<String> =
        same.iter().map(|(record, names)| format!("of {}: {}", code(record), codes(names.iter().copied()))).collect();
    (!all.is_empty()).then(|| format!("Values as the record has them, {}.", all.join("; ")))
}

/// Columns that are renamed, hidden or computed.
fn computed(cx: &Context, relation: &Relation, writer: Writer) -> String {
    let mut table = Table::new(&["column", "value", "declared"]);
    for column in relation.columns.iter().filter(|column| !unchanged(column)) {
        let value = match (&column.mask, &column.term) {
            (Some(mask), Term::Apply(_, terms)) => {
                let from = terms.first().map(|term| writer.text(term)).unwrap_or_default();
                format!("{}, {}", code(&from), super::words::mask_words(mask.value))
            }
            _ => code(&writer.text(&column.term)),
        };
        table.row([code(&column.name), value, places(cx, &column.term)]);
    }
    table.or("").trim_start().to_owned()
}

/// Personal data: what is shown, what is hidden, and where the record says that it is personal.
fn personal(cx: &Context, relation: &Relation) -> String {
    let mut lines = Vec::new();
    for column in &relation.columns {
        let said: Vec<String> = column
            .term
            .reads()
            .into_iter()
            .filter_map(|one| record_column(cx.model, one)?.pii)
            .map(|span| cx.at(span))
            .collect();
        if said.is_empty() {
            continue;
        }
        let how = match (&column.mask, column.pii) {
            (Some(mask), None) => format!("is {} ({})", super::words::mask_words(mask.value), cx.at(mask.span)),
            (Some(mask), Some(_)) => {
                format!(
                    "is {} ({}), which still shows some of it",
                    super::words::mask_words(mask.value),
                    cx.at(mask.span)
                )
            }
            (None, Some(_)) => "is shown in clear".into(),
            (None, None) => "only goes into a value that does not show it".into(),
        };
        lines.push(format!("{} (personal: {}) {how}", code(&column.name), said.join(", ")));
    }
    if lines.is_empty() { String::new() } else { format!("**Personal data.** {}.\n\n", lines.join("; ")) }
}

/// What becomes of a deleted row.
pub fn deletes(cx: &Context, view: &View) -> Option<String> {
    // Facts are never deleted, and neither is what is put together from them.
    let facts = view.relation.is_some() && view.copies.is_empty();
    match &view.deletes {
        Some(deletes) => Some(match &deletes.value {
            Deletes::Remove => format!("Deleted rows are removed ({}).", cx.at(deletes.span)),
            Deletes::Keep => format!("Deleted rows stay in the view ({}).", cx.at(deletes.span)),
            Deletes::Mark(column) => {
                format!("Deleted rows stay, marked by {} ({}).", code(&column.text), cx.at(deletes.span))
            }
        }),
        None if facts => None,
        None => Some("Deleted rows are removed (by default).".into()),
    }
}

/// Conditions under which a row counts as deleted, of the records a view follows.
pub fn counts_as_deleted(cx: &Context, view: &View) -> Vec<String> {
    let entities = view.copies.iter().map(|copy| cx.model.entity(copy.entity));
    entities
        .filter_map(|entity| {
            let when = entity.deleted_when.as_ref()?;
            let text = code(&crate::plan::written::text(when));
            Some(format!("A row of {} counts as deleted while {text} ({}).", code(&entity.name), cx.at(entity.span)))
        })
        .collect()
}

/// A name with its line, for sentences.
pub fn named(cx: &Context, what: InputId) -> String {
    format!("{} ({})", code(input_name(cx.model, what)), cx.at(input_span(cx.model, what)))
}
