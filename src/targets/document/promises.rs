//! What a view promises, and for each promise what is configured on the way: facts with their lines. A promise of order per key also has what the analysis
//! says of it, with its argument and the bounded check; of the others no verdict is made yet.

use std::collections::BTreeSet;

use super::Context;
use super::stages::{named, routing};
use super::terms::{Writer, input_name, record_column, traced};
use super::words::{identity, operation, place, readers, retention};
use crate::model::relation::{InputId, Role, StepKind, Term};
use crate::model::{BadRecords, Promise, Touched, View, ViewId};
use crate::plan::inside::Form;
use crate::plan::{PlannedFlow, Target};
use crate::prove::{self, Evidence, Way};
use crate::syntax::ast::Claim;
use crate::targets::markdown::{Table, code, codes, inline, sentence};
use crate::targets::spelling::counted;
use crate::units::duration;

/// What a view or process states.
pub const NOT_ANALYSED: &str = "**not analysed by this version**";

pub fn section(cx: &Context, id: ViewId, view: &View) -> String {
    let mut table = Table::new(&["promise", "where", "evidence"]);
    let mut arguments = String::new();
    let ordered = |promise: &Promise| matches!(promise.claim, Claim::OrderedPer(_));
    let ways = if view.guarantees.iter().any(ordered) { cx.proofs.ways(id) } else { Vec::new() };
    for promise in &view.guarantees {
        let words = words(cx, promise);
        let evidence = prove::evidence(view, promise, &ways, cx.findings);
        table.row([code(&words), cx.at(promise.span), in_words(&evidence)]);
        arguments.push_str(&argument(&words, of_view(cx, id, view, promise)));
        if evidence == Evidence::Proved {
            arguments.push_str(&proof(cx, &words, &ways));
        }
    }
    if let Some(fresh) = &view.fresh {
        let words = format!("fresh within {}", duration(fresh.value.ms));
        table.row([code(&words), cx.at(fresh.span), "budgeted and watched, not proved".into()]);
        arguments.push_str(&argument(&words, budget(cx, view)));
    }
    let table = table.or("Nothing is stated, so nothing is promised.");
    format!("**What is promised.**\n\n{table}{arguments}")
}

fn in_words(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Proved => "**proved**".into(),
        Evidence::Waived(reason) => format!("**waived**: {}", inline(reason)),
        Evidence::Refused => "**refused**".into(),
        Evidence::NotAnalysed => NOT_ANALYSED.into(),
    }
}

/// The argument of one way, the first of its shape; how many tables go the same way; how far the bounded check went; what is assumed.
fn proof(cx: &Context, words: &str, ways: &[Way]) -> String {
    let mut text = String::new();
    let mut shown: Vec<&Way> = Vec::new();
    for way in ways {
        if shown.iter().any(|other| other.study.shape == way.study.shape) {
            continue;
        }
        shown.push(way);
        let alike = ways.iter().filter(|other| other.study.shape == way.study.shape).count();
        let more = if alike > 1 { format!(" The same holds of {} more tables.", alike - 1) } else { String::new() };
        text.push_str(&format!("Why {} is proved:{more}\n\n", code(words)));
        let judgement = &way.verdict.judgement;
        for (at, hop) in (1..).zip(prove::argument(&way.study, judgement)) {
            let place = hop.span.map_or_else(String::new, |span| format!(" ({})", cx.at(span)));
            let but = if hop.weaker { "but " } else { "" };
            text.push_str(&format!("{at}. {}{place}: {but}{}.\n", code(&hop.name), hop.note));
        }
        for ground in &judgement.grounds {
            text.push_str(&format!("\nTherefore: {ground}.\n"));
        }
        text.push_str(&format!(
            "\nBounded check: {}; no run breaks it. Assumed:\n\n",
            prove::bounds(&way.verdict.explored)
        ));
        for assumption in &way.study.assumptions {
            text.push_str(&format!("- {}\n", sentence(assumption)));
        }
        text.push('\n');
    }
    text
}

/// A promise as written, without its first word.
pub fn words(cx: &Context, promise: &Promise) -> String {
    let words = cx.places.text(promise.span);
    words.strip_prefix("guarantee ").unwrap_or(&words).to_owned()
}

/// A promise with the facts it rests on.
pub fn argument(words: &str, facts: Vec<String>) -> String {
    if facts.is_empty() {
        return String::new();
    }
    let mut text = format!("What is configured for {}:\n\n", code(words));
    for fact in facts {
        text.push_str(&format!("- {}\n", sentence(&fact)));
    }
    text + "\n"
}

fn of_view(cx: &Context, id: ViewId, view: &View, promise: &Promise) -> Vec<String> {
    match &promise.claim {
        Claim::OrderedPer(_) => ordered(cx, id, view, promise),
        Claim::OrderedTotally => totally(cx, id, view),
        Claim::EveryChange => every_change(cx, id, view),
        Claim::ExactlyOnce { horizon, .. } => {
            let mut facts = once(cx, id, view, promise);
            facts.extend(horizon.map(|within| format!("it is asked for within {}", duration(within.ms))));
            facts
        }
        Claim::ReadYourWrites(within) => own_writes(cx, id, view, within.ms),
        Claim::AgreesWith(_) => agreement(cx, view, promise),
        Claim::ReplayableForever | Claim::ReplayableFor(_) => replay(cx, id),
        Claim::After { .. } => causality(cx, promise),
    }
}

fn ordered(cx: &Context, id: ViewId, view: &View, promise: &Promise) -> Vec<String> {
    let read: Vec<String> = promise.terms.iter().map(|term| traced(cx, &term.value)).collect();
    let mut facts = Vec::new();
    if !read.is_empty() {
        facts.push(format!("the promise reads {}", read.join(", ")));
    }
    for what in cx.index.origins(id).to_vec() {
        let by = routing(cx, what).unwrap_or_else(|| "a key that is not known".into());
        let partitions = cx.index.topic(what).map_or_else(
            || "no log of it is among this output".to_owned(),
            |topic| counted(usize::try_from(topic.partitions.value).unwrap_or(usize::MAX), "partition"),
        );
        facts.push(format!("{} is routed by {by}: {partitions}", named(cx, what)));
    }
    facts.extend(rerouted(cx, view));
    facts.push(at_the_store(cx, id, view));
    facts.push(skipped(cx, view));
    facts
}

/// A view and all it is written on top of, the nearest first.
fn chain<'a>(cx: &Context<'a>, view: &'a View) -> Vec<&'a View> {
    let mut all = vec![view];
    let mut seen: BTreeSet<ViewId> = BTreeSet::new();
    let mut at = 0;
    while let Some(view) = all.get(at).copied() {
        at += 1;
        all.extend(view.upstream.iter().filter(|id| seen.insert(**id)).map(|id| cx.model.view(*id)));
    }
    all
}

/// Stages that change what rows are routed by, at any distance.
fn rerouted(cx: &Context, view: &View) -> Vec<String> {
    let mut facts = Vec::new();
    for view in chain(cx, view) {
        let Some(relation) = &view.relation else { continue };
        let writer = Writer::of(cx, relation);
        for step in &relation.steps {
            let (StepKind::Group { by } | StepKind::KeyBy { by }) = &step.kind else { continue };
            facts.push(format!("rows are routed anew by {} ({})", writer.list(by), cx.at(step.span)));
        }
        let joined = view.inputs.iter().filter(|input| matches!(input.role, Role::Join { .. } | Role::Nest));
        let joined: Vec<&str> = joined.map(|input| input_name(cx.model, input.what)).collect();
        if !joined.is_empty() {
            let number = if joined.len() == 1 { "it is another log" } else { "each is another log" };
            facts.push(format!(
                "a change of {} also changes rows of {}: {number}, with an order of its own",
                codes(joined),
                code(&view.name)
            ));
        }
    }
    if facts.is_empty() {
        facts.push("no stage routes rows anew, and none joins another log".into());
    }
    facts
}

/// What the store compares of facts, also of those that only its own view reads.
fn landing(cx: &Context, id: ViewId) -> Option<String> {
    let (_, sink) = cx.any_sink(id)?;
    let facts = sink.flows.first()?.facts()?;
    Some(format!(
        "{} takes one batch of a partition behind the other; constraint {} lets each fact in once, so a repeated one changes nothing",
        code(&sink.store_name),
        code(&facts.constraint)
    ))
}

/// What the store compares.
fn at_the_store(cx: &Context, id: ViewId, view: &View) -> String {
    if let Some(inside) = cx.any_inside(id) {
        return format!("{} makes the view itself of what lies in it", code(&inside.store_name));
    }
    let Some((_, sink)) = cx.any_sink(id) else {
        return match &view.store {
            Some(_) => "nothing is wired into the store, so nothing there compares versions yet".into(),
            None => "it has no store".into(),
        };
    };
    let key = identity(cx, id, view);
    let flow: Option<&PlannedFlow> = sink.flows.first();
    if let Some(landed) = landing(cx, id) {
        return landed;
    }
    match flow.map(|flow| &flow.target) {
        Some(Target::Index(_) | Target::Keyspace(_) | Target::Table(_)) => {
            let store = code(&sink.store_name);
            format!(
                "{store} compares {} for each {key} and refuses what is not newer",
                flow.map_or("versions", super::hops::version)
            )
        }
        Some(Target::Snowflake(_)) => format!(
            "{} keeps every change with its position in the record's log and shows the newest for each {key}",
            code(&sink.store_name)
        ),
        None => "nothing reaches the store".into(),
    }
}

fn skipped(cx: &Context, view: &View) -> String {
    match &view.bad_records {
        BadRecords::Stop => "nothing is skipped: a record that cannot be applied stops the view".into(),
        BadRecords::Topic { topic, span, .. } => {
            format!("records that cannot be applied are skipped into {} ({})", code(topic), cx.at(*span))
        }
    }
}

fn totally(cx: &Context, id: ViewId, view: &View) -> Vec<String> {
    let mut facts: Vec<String> = cx
        .index
        .origins(id)
        .to_vec()
        .into_iter()
        .map(|what| {
            let partitions = cx.index.topic(what).map_or_else(
                || "no log of it is among this output".to_owned(),
                |topic| {
                    let number = usize::try_from(topic.partitions.value).unwrap_or(usize::MAX);
                    format!("{} ({})", counted(number, "partition"), topic.partitions.why.note)
                },
            );
            format!("the log of {} has {partitions}", named(cx, what))
        })
        .collect();
    facts.extend(rerouted(cx, view));
    facts.push(skipped(cx, view));
    facts
}

fn kept(cx: &Context, what: InputId) -> String {
    let kept = match (cx.index.topic(what), what) {
        (Some(topic), _) => retention(topic),
        (None, InputId::Event(id)) => cx
            .model
            .event(id)
            .retain
            .as_ref()
            .map_or("nothing is stated".into(), |retain| super::words::kept(retain.value)),
        (None, InputId::Entity(_) | InputId::View(_)) => "no log of it is among this output".into(),
    };
    format!("the log of {} keeps: {kept}", named(cx, what))
}

fn every_change(cx: &Context, id: ViewId, view: &View) -> Vec<String> {
    let mut facts: Vec<String> = cx.index.origins(id).to_vec().into_iter().map(|what| kept(cx, what)).collect();
    facts.push(skipped(cx, view));
    facts
}

fn replay(cx: &Context, id: ViewId) -> Vec<String> {
    let mut facts: Vec<String> = cx.index.origins(id).to_vec().into_iter().map(|what| kept(cx, what)).collect();
    let logs: BTreeSet<_> = cx.model.events.iter().map(|event| event.log).collect();
    for id in logs {
        let system = cx.model.system(id);
        if let Some(evolves) = system.encoding.as_ref().and_then(|encoding| encoding.evolves.as_ref()) {
            facts.push(format!(
                "schemas in {} evolve {} ({})",
                code(&system.name),
                code(&evolves.value),
                cx.at(evolves.span)
            ));
        }
    }
    facts
}

fn once(cx: &Context, id: ViewId, view: &View, promise: &Promise) -> Vec<String> {
    let mut facts = Vec::new();
    for term in &promise.terms {
        let shown = traced(cx, &term.value);
        let made: Vec<String> = term
            .value
            .reads()
            .into_iter()
            .filter_map(|column| {
                let found = record_column(cx.model, column)?;
                let made = operation(found)?;
                Some(made)
            })
            .collect();
        let (key, of) = identifying(cx, &term.value);
        let made = match (made.first(), key) {
            (Some(made), _) => format!("which is {made}"),
            (None, true) => format!("which belongs to the identity of {}", codes(of)),
            (None, false) => "and nothing states who makes it".into(),
        };
        facts.push(format!("an operation goes by {shown}, {made}"));
    }
    for view in chain(cx, view) {
        let Some(relation) = &view.relation else { continue };
        let writer = Writer::of(cx, relation);
        for step in &relation.steps {
            match &step.kind {
                StepKind::Distinct { by } => {
                    facts.push(format!("repetitions by {} are left out ({})", writer.list(by), cx.at(step.span)));
                }
                StepKind::Group { by } => {
                    facts.push(format!("rows are put together by {} ({})", writer.list(by), cx.at(step.span)));
                }
                StepKind::Where { .. }
                | StepKind::Select { .. }
                | StepKind::Drop
                | StepKind::Mask
                | StepKind::Join(_)
                | StepKind::Window { .. }
                | StepKind::Nest(_)
                | StepKind::Union(_)
                | StepKind::KeyBy { .. } => {}
            }
        }
    }
    if cx.any_inside(id).is_some_and(|inside| matches!(inside.form, Form::Kept { .. })) {
        facts.push(
            "a fact is added in the transaction that keeps it, so it is added where it is new and nowhere else".into(),
        );
    } else if cx.any_sink(id).is_some() || view.store.is_none() {
        facts.push(landing(cx, id).unwrap_or_else(|| at_the_store(cx, id, view)));
    } else {
        let key = identity(cx, id, view);
        facts.push(format!("one row of the store is one {key}; no constraint is written into it by this version"));
    }
    facts.push(skipped(cx, view));
    facts
}

/// Whether a term is part of what identifies the records it comes from, and their names.
fn identifying(cx: &Context, term: &Term) -> (bool, Vec<String>) {
    let mut of = Vec::new();
    let mut all = true;
    for column in term.reads() {
        let key = match column.record {
            crate::model::relation::RecordId::Entity(id) => &cx.model.entity(id).key,
            crate::model::relation::RecordId::Event(id) => &cx.model.event(id).key,
        };
        all &= key.contains(&column.column);
        of.push(super::terms::record_name(cx.model, column.record).to_owned());
    }
    (all && !of.is_empty(), of)
}

fn own_writes(cx: &Context, id: ViewId, view: &View, within: u64) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(budget(cx, view));
    facts.push(format!("a reader waits {} for its own write", duration(within)));
    let relation = view.relation.as_ref();
    let counter = relation.into_iter().flat_map(|relation| &relation.columns).find_map(|column| {
        let found = record_column(cx.model, column.term.column()?)?;
        Some((column, found.sequence.as_ref()?.span))
    });
    facts.push(match counter {
        Some((column, span)) => format!(
            "{} counts the changes of a row ({}): a reader sees whether its own write is in",
            code(&column.name),
            cx.at(span)
        ),
        None => "no column counts the changes of a row: a reader cannot see whether its own write is in".into(),
    });
    let entities: Vec<_> = view.copies.iter().map(|copy| copy.entity).collect();
    for (name, _) in readers(cx, Touched::View(id)) {
        let record =
            entities.iter().any(|entity| readers(cx, Touched::Entity(*entity)).iter().any(|(who, _)| *who == name));
        facts.push(if record {
            format!("{} also reads the record, and can fall back to it", code(name))
        } else {
            format!("{} reads the view alone", code(name))
        });
    }
    facts
}

fn agreement(cx: &Context, view: &View, promise: &Promise) -> Vec<String> {
    let mut facts = Vec::new();
    let other = promise.about.iter().find_map(|about| match about.value {
        InputId::View(id) => Some(cx.model.view(id)),
        InputId::Entity(_) | InputId::Event(_) => None,
    });
    for view in [Some(view), other].into_iter().flatten() {
        let from: Vec<String> = super::words::taken(view).into_iter().map(|(what, _)| named(cx, what)).collect();
        let steps = view.relation.as_ref().map_or(0, |relation| relation.steps.len());
        let stages = match steps {
            0 => "without a stage of its own".to_owned(),
            number => format!("through {} of its own", counted(number, "stage")),
        };
        facts.push(format!("{} follows {} {stages}", code(&view.name), from.join(", ")));
    }
    facts
        .push("both may be late, each by another time: agreement is of what they show once they have caught up".into());
    facts
}

/// The facts behind `effect after cause`.
pub fn causality(cx: &Context, promise: &Promise) -> Vec<String> {
    let (Some(effect), Some(cause)) = (promise.about.first(), promise.about.get(1)) else { return Vec::new() };
    let (effect, cause) = (effect.value, cause.value);
    let mut facts: Vec<String> = [effect, cause]
        .into_iter()
        .map(|what| {
            let by = routing(cx, what).unwrap_or_else(|| "nothing stated".into());
            format!("{} is routed by {by}{}", named(cx, what), where_recorded(cx, what))
        })
        .collect();
    let topic_of = |what| match what {
        InputId::Event(id) => Some((cx.model.event(id).log, cx.model.event(id).topic.as_str())),
        InputId::Entity(_) | InputId::View(_) => None,
    };
    let shared = topic_of(effect).is_some() && topic_of(effect) == topic_of(cause);
    if shared {
        facts.push("both are in one topic: records whose routing gives the same value stand in one partition".into());
    }
    let columns = match effect {
        InputId::Entity(id) => &cx.model.entity(id).columns,
        InputId::Event(id) => &cx.model.event(id).columns,
        InputId::View(_) => return facts,
    };
    let seen = columns.iter().find_map(|column| {
        let sees = column.sees.as_ref()?;
        let found = sees.value.as_ref()?;
        Some((column, found, sees.span))
    });
    facts.push(match seen {
        Some((column, sees, span)) => format!(
            "{} carries {} of {} as its writer saw it ({}): a reader can wait until that is in",
            code(&column.name),
            code(&sees.column),
            code(super::terms::record_name(cx.model, sees.record)),
            cx.at(span)
        ),
        None if shared => "no column says what the writer had seen: the order of the partition is all there is".into(),
        None => "no column says what the writer had seen, and nothing else ties the two together".into(),
    });
    facts
}

fn where_recorded(cx: &Context, what: InputId) -> String {
    match what {
        InputId::Event(id) => format!(" in topic {}", code(&cx.model.event(id).topic)),
        InputId::Entity(id) => {
            let home = &cx.model.entity(id).home;
            format!(" in the change log of {}", code(&place(&home.namespace, &home.table)))
        }
        InputId::View(_) => String::new(),
    }
}

/// The times stated along a view's chain, and what they add up to.
fn budget(cx: &Context, view: &View) -> Vec<String> {
    let mut stated: Vec<(String, u64)> = Vec::new();
    let mut silent: Vec<String> = Vec::new();
    let mut at = Some(view);
    let mut parts = 0;
    while let Some(view) = at {
        parts += 1;
        match &view.fresh {
            Some(fresh) => {
                stated.push((
                    format!("{} {} ({})", code(&view.name), duration(fresh.value.ms), cx.at(fresh.span)),
                    fresh.value.ms,
                ));
            }
            None => silent.push(code(&view.name)),
        }
        let start = super::words::taken(view).into_iter().find(|(_, role)| *role == Role::Start);
        at = start.and_then(|(what, _)| match what {
            // What is applied on the way takes no time of its own.
            InputId::View(id) => Some(cx.model.view(id)).filter(|above| above.store.is_some() || above.incomplete),
            InputId::Entity(_) | InputId::Event(_) => None,
        });
    }
    let mut facts = Vec::new();
    if stated.len() > 1 {
        let sum: u64 = stated.iter().map(|(_, ms)| ms).sum();
        let names: Vec<&str> = stated.iter().map(|(words, _)| words.as_str()).collect();
        facts.push(format!("stated along the way: {}; together {}", names.join(", "), duration(sum)));
    }
    if parts > 1 && !silent.is_empty() {
        facts.push(format!("no time is stated for {}, so that part of the way has no share", silent.join(", ")));
    }
    facts
}
