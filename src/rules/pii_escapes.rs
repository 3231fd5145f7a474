use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::relation::{InputId, RecordId};
use crate::model::walk::identity;
use crate::model::walk::privacy::{self, Filled, Shown};
use crate::model::{BadRecords, EntityId, EventId, Model, System, View};
use crate::source::Span;
use crate::systems::Kind;

rule! {
    /// Personal data leaves the systems that may hold it.
    ///
    /// A column marked `pii` may go where `may hold pii` is stated, and nowhere else. A log is inside the fence of the records it carries, unless it says
    /// `may not hold pii`. Checked are views where they are stored, whatever they are made of, their keys, which name rows in clear, topics of bad records,
    /// which hold records as they came, outboxes, and events that a process fills with personal data. What only shows an outcome (`count`, a comparison,
    /// `is null`) and what is masked is none.
    ///
    /// ```dia,bad
    /// system shop: postgres { may hold pii }
    /// system search: elasticsearch
    /// entity customer in shop.public.customers {
    ///   customer_id  bigint  key
    ///   email        text    pii
    /// }
    /// view customers { customer | search.customers }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres { may hold pii }
    /// system search: elasticsearch
    /// entity customer in shop.public.customers {
    ///   customer_id  bigint  key
    ///   email        text    pii
    /// }
    /// view customers { customer | mask email with redact | search.customers }
    /// ```
    {
        name: "pii_escapes", severity: Error, waivable: true, title: "personal data leaves its fence", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let filled = privacy::filled(model);
    for view in &model.views {
        stored(model, sink, view, &filled);
        dead_letters(model, sink, view, &filled);
    }
    logs(cx, sink);
    events(model, sink, &filled);
}

/// What a view keeps where it is stored.
fn stored(model: &Model, sink: &mut Sink, view: &View, filled: &Filled) {
    let Some((system, at)) = place(model, view, filled) else { return };
    // A log is inside the fence of what it carries, unless it says otherwise.
    let log = system.kind == Kind::Kafka && system.may_not_hold_pii.is_none();
    if system.may_hold_pii.is_some() || log || sink.misread(system.scope) {
        return;
    }
    for personal in privacy::shown(model, view, filled).into_iter().filter(|personal| !personal.is_empty()) {
        let names: Vec<&str> = personal.iter().map(|shown| shown.name.as_str()).collect();
        let what = words(&names);
        let (reach, stay) = if names.len() == 1 { ("reaches", "stays") } else { ("reach", "stay") };
        let message = format!("{what} {reach} `{}`, which may not hold personal data", system.name);
        let mut finding = sink.at(at, message).here("personal data ends here");
        for shown in &personal {
            for (name, span) in &shown.sources {
                finding = finding.also(*span, format!("`{name}` is personal data"));
            }
            if let Some(selected) = shown.selected {
                finding = finding.also(selected, "it travels because it is selected here");
            }
        }
        finding = match system.may_not_hold_pii {
            Some(fence) => finding.also(fence, "said here"),
            None if system.declared => finding.also(system.span, "`may hold pii` is not stated here"),
            None => finding,
        };
        let origin = origin(model, view);
        let gone = match &origin {
            Some((name, true)) => format!("Somebody asks to be forgotten; the row of `{name}` is deleted."),
            Some((name, false)) => format!("Somebody asks to be forgotten; what `{name}` says of them is deleted."),
            None => "Somebody asks to be forgotten; their row is deleted.".to_owned(),
        };
        let name = origin.map_or_else(|| view.name.clone(), |(name, _)| name);
        sink.push(finding.help(cure(&name, &personal, &system.name)).story([
            gone,
            format!("{what} {stay} in {}: in its copies, its exports and its backups.", model.store_path(view)),
        ]));
    }
}

/// Where a view is kept: its store, else the log of what it starts with, if that is not judged for what it starts with already.
fn place<'a>(model: &'a Model, view: &View, filled: &Filled) -> Option<(&'a System, Span)> {
    if let Some(store) = &view.store {
        return Some((model.system(store.system), store.span));
    }
    let roots = identity::roots(model, view);
    if roots.iter().any(|record| !privacy::personal(model, *record, filled).is_empty()) {
        return None;
    }
    let log = match roots.into_iter().next()? {
        RecordId::Event(id) => model.event(id).log,
        RecordId::Entity(id) => model.system(model.entity(id).home.system).log?,
    };
    Some((model.system(log), view.span))
}

/// What a view follows from first, and whether it is a table.
fn origin(model: &Model, view: &View) -> Option<(String, bool)> {
    let first = view.copies.first().map(|copy| RecordId::Entity(copy.entity));
    let record = first.or_else(|| identity::roots(model, view).into_iter().next())?;
    Some((identity::named(model, record).0.to_owned(), identity::entity(record).is_some()))
}

/// What a view cannot apply goes aside as it came: unmasked, with all its columns.
fn dead_letters(model: &Model, sink: &mut Sink, view: &View, filled: &Filled) {
    let BadRecords::Topic { log, topic, span, .. } = &view.bad_records else { return };
    let system = model.system(*log);
    let Some(fence) = system.may_not_hold_pii else { return };
    let roots = identity::roots(model, view);
    // Of the records' own log it is said there.
    let own = |record: &RecordId| match record {
        RecordId::Event(id) => Some(model.event(*id).log),
        RecordId::Entity(id) => model.system(model.entity(*id).home.system).log,
    };
    let personal: Vec<(String, Span)> = roots
        .iter()
        .filter(|record| own(record) != Some(*log))
        .flat_map(|record| privacy::personal(model, *record, filled))
        .collect();
    if personal.is_empty() {
        return;
    }
    let names: Vec<&str> = personal.iter().map(|(name, _)| name.as_str()).collect();
    let (what, reach) = (words(&names), if names.len() == 1 { "reaches" } else { "reach" });
    let message = format!("{what} {reach} `{topic}`, in a log that may not hold personal data");
    let mut finding = sink.of(view, *span, message).here("bad records go there as they came").also(fence, "said here");
    for (name, span) in &personal {
        finding = finding.also(*span, format!("`{name}` is personal data"));
    }
    sink.push(
        finding
            .help(format!("let bad records stop `{}`, or keep them in a log that may hold personal data", view.name))
            .story([
                "A record cannot be applied, and is kept aside with all it holds.".to_owned(),
                format!("Who may read `{topic}` reads {what}, which no mask of the view has touched."),
            ]),
    );
}

/// Events: their outbox is a table like any other, and their log may say that it holds none.
fn events(model: &Model, sink: &mut Sink, filled: &Filled) {
    for (at, event) in model.events.iter().enumerate() {
        let personal = privacy::personal(model, RecordId::Event(EventId(at)), filled);
        if personal.is_empty() {
            continue;
        }
        let names: Vec<&str> = personal.iter().map(|(name, _)| name.as_str()).collect();
        let (what, reach) = (words(&names), if names.len() == 1 { "reaches" } else { "reach" });
        let outbox =
            event.outbox.as_ref().map(|outbox| (model.system(outbox.system), outbox.span, "through its outbox"));
        let outbox = outbox.filter(|(system, ..)| system.may_hold_pii.is_none() && !sink.misread(system.scope));
        let log = model.system(event.log);
        let log = log.may_not_hold_pii.map(|_| (log, event.home_span, "with every event"));
        for (system, span, how) in outbox.into_iter().chain(log) {
            let message =
                format!("{what} of `{}` {reach} `{}`, which may not hold personal data", event.name, system.name);
            let mut finding = sink.at(span, message).here(how);
            for (name, span) in &personal {
                finding = finding.also(*span, format!("`{name}` is personal data"));
            }
            finding = match system.may_not_hold_pii {
                Some(fence) => finding.also(fence, "said here"),
                None if system.declared => finding.also(system.span, "`may hold pii` is not stated here"),
                None => finding,
            };
            sink.push(
                finding
                    .help(format!("take {what} out of `{}`, or write `may hold pii` in `{}`", event.name, system.name))
                    .story([
                        "Somebody asks to be forgotten; their row is deleted.".to_owned(),
                        format!("What `{}` told of them stays in `{}`.", event.name, system.name),
                    ]),
            );
        }
    }
}

/// What to do: a key stays in clear, whatever else is hidden.
fn cure(record: &str, personal: &[Shown], system: &str) -> String {
    let key = personal.iter().find(|shown| shown.key);
    if let Some(key) = key {
        return format!(
            "key `{record}` by a column that is not personal, since `{}` names the row and stays in clear; or write `may hold pii` in `{system}`",
            key.name
        );
    }
    let masks: Vec<String> = personal.iter().map(|shown| format!("{} with redact", shown.name)).collect();
    let drops: Vec<&str> = personal.iter().map(|shown| shown.name.as_str()).collect();
    format!("add `| mask {}` or `| drop {}`; or write `may hold pii` in `{system}`", masks.join(", "), drops.join(", "))
}

fn words(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => quoted.concat(),
    }
}

/// Logs that say they may not hold what their records carry.
fn logs(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let captured = captured(model);
    for (at, entity) in model.entities.iter().enumerate() {
        let Some(log) = model.system(entity.home.system).log.map(|log| model.system(log)) else { continue };
        let Some(fence) = log.may_not_hold_pii.filter(|_| captured.contains(&EntityId(at))) else { continue };
        let personal: Vec<(&str, Span)> =
            entity.columns.iter().filter_map(|column| Some((column.name.as_str(), column.pii?))).collect();
        if personal.is_empty() {
            continue;
        }
        let names: Vec<&str> = personal.iter().map(|(name, _)| *name).collect();
        let (what, reach) = (words(&names), if names.len() == 1 { "reaches" } else { "reach" });
        let message =
            format!("{what} of `{}` {reach} the log `{}`, which may not hold personal data", entity.name, log.name);
        let mut finding = sink.at(fence, message).here("said here");
        for (name, span) in &personal {
            finding = finding.also(*span, format!("`{name}` is personal data"));
        }
        sink.push(finding.help(format!("take {what} out of `{}`, or let the log hold personal data", entity.name)));
    }
}

/// The entities whose changes are captured: those that some view of ours, or a process, follows from.
fn captured(model: &Model) -> BTreeSet<EntityId> {
    let views = model.views.iter().filter(|view| model.is_wired(view)).flat_map(|view| &view.copies);
    let mut all: BTreeSet<EntityId> = views.map(|copy| copy.entity).collect();
    for input in model.processes.iter().flat_map(|process| &process.inputs) {
        match input.value {
            InputId::Entity(id) => all.extend([id]),
            InputId::View(id) => all.extend(model.view(id).copies.iter().map(|copy| copy.entity)),
            InputId::Event(_) => {}
        }
    }
    all
}
