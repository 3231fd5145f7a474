//! The part of section 3 that is about processes and constraints.

use super::Context;
use super::map::rule;
use super::promises::{NOT_ANALYSED, argument, causality, words};
use super::stages::{named, recorded};
use super::terms::Writer;
use super::words::writers;
use crate::model::relation::{Derived, InputId};
use crate::model::{Constraint, Emit, Leadership, Process};
use crate::plan::processes::ProcessRunner;
use crate::syntax::ast::Claim;
use crate::targets::docs_text;
use crate::targets::markdown::{Table, code, codes, inline, sentence};
use crate::units::duration;

pub fn process(cx: &Context, number: usize, process: &Process) -> String {
    let mut text = format!("### 3.{number} Process {} ({})\n\n", code(&process.name), cx.at(process.span));
    text.push_str(&paragraph(&docs_text(&process.docs)));
    text.push_str("**How events cause events.**\n\n");
    let mut hops: Vec<String> = Vec::new();
    for input in &process.inputs {
        hops.push(match input.value {
            InputId::Event(id) => recorded(cx, id),
            InputId::Entity(_) | InputId::View(_) => format!("Reads {}.", named(cx, input.value)),
        });
    }
    hops.push(match &process.run {
        Some(image) => format!(
            "The owner's own program {} ({}) reads them: what it does is outside diac's sight.",
            code(&image.value),
            cx.at(image.span)
        ),
        None => "Each record is turned into others as the table says, from its own values alone.".into(),
    });
    hops.extend(run(cx, process));
    for (at, hop) in hops.iter().enumerate() {
        text.push_str(&format!("{}. {hop}\n", at + 1));
    }
    text.push('\n');
    let mut table = Table::new(&["emits", "only when", "routed by", "values", "where"]);
    for emit in &process.emits {
        let event = cx.model.event(emit.event);
        let writer = if process.inputs.len() > 1 { Writer::full(cx) } else { Writer::plain(cx) };
        table.row([
            code(&event.name),
            emit.when.as_ref().map_or_else(String::new, |when| code(&writer.text(when))),
            if event.routing.is_empty() { "nothing stated".into() } else { Writer::plain(cx).list(&event.routing) },
            values(process, emit, writer),
            cx.at(emit.span),
        ]);
    }
    text.push_str(&table.or("It emits nothing."));
    text.push_str(&promised(cx, process));
    text
}

/// What runs it, and what a crash does.
fn run(cx: &Context, process: &Process) -> Vec<String> {
    let planned = cx.plan.deployments.iter().flat_map(|deployment| &deployment.processes);
    let Some(planned) = planned.into_iter().find(|planned| planned.name == process.name) else { return Vec::new() };
    match &planned.runner {
        ProcessRunner::Bento(stream, _) => vec![format!(
            "Run by Bento, stream {} (group {}), one batch of a partition at a time and one thread, so what is made of a partition is written in that \
             partition's order. A position is committed only after all replicas took what was made of everything before it: after a crash events are \
             written again, with the same key and the same values, so what identifies them says which are repeats. A record it does not understand \
             stops it, and nothing is skipped.",
            code(&stream.id),
            code(&stream.group)
        )],
        ProcessRunner::Image { group, .. } => vec![format!(
            "It is to read in consumer group {}, to commit a position only after all it emits is acknowledged, and to write as \"How events are \
             written\" says. No program for it is among this output: diac hands it topics and the contract.",
            code(group)
        )],
    }
}

fn values(process: &Process, emit: &Emit, writer: Writer) -> String {
    let word = |column: &Derived| {
        let value = writer.text(&column.term);
        if value == column.name { code(&value) } else { format!("{} = {}", code(&column.name), code(&value)) }
    };
    match &emit.columns {
        Some(columns) => columns.iter().map(word).collect::<Vec<_>>().join(", "),
        None if process.run.is_some() => "the program's own".into(),
        None => "columns of equal names".into(),
    }
}

fn promised(cx: &Context, process: &Process) -> String {
    let mut table = Table::new(&["promise", "where", "evidence"]);
    let mut arguments = String::new();
    for promise in &process.guarantees {
        let words = words(cx, promise);
        table.row([code(&words), cx.at(promise.span), NOT_ANALYSED.into()]);
        if matches!(promise.claim, Claim::After { .. }) {
            arguments.push_str(&argument(&words, causality(cx, promise)));
        }
    }
    for assume in &process.assumes {
        table.row([code(&assume.what), cx.at(assume.span), format!("assumed: {}", inline(&assume.because))]);
    }
    let table = table.or("Nothing is stated, so nothing is promised.");
    format!(
        "**What is promised.**\n\n{table}{arguments}**How a breach would be noticed.** Not at all by this output: nothing compares what a process reads \
         with what it emits.\n\n"
    )
}

pub fn constraint(cx: &Context, number: usize, constraint: &Constraint) -> String {
    let word = if constraint.hard { "hard" } else { "soft" };
    let mut text =
        format!("### 3.{number} Constraint {} ({word}, {})\n\n", code(&constraint.name), cx.at(constraint.span));
    text.push_str(&paragraph(&docs_text(&constraint.docs)));
    let mut facts = vec![format!("On {}: {}", named(cx, constraint.on.value), rule(cx, &constraint.rule))];
    facts.extend(decided_by(cx, constraint));
    if constraint.hard {
        facts.push(format!("It must never be broken: {NOT_ANALYSED}. Nothing in this output enforces it"));
    } else {
        facts.push(match &constraint.check_every {
            Some(every) => format!(
                "It may be broken for a while. A check every {} ({}) is to find that; this version writes no query for it",
                duration(every.value.ms),
                cx.at(every.span)
            ),
            None => "It may be broken for a while, and nothing states how that is found".into(),
        });
        facts.push(match &constraint.compensate {
            Some(event) => format!(
                "What broke it is repaired by event {} ({})",
                code(&cx.model.event(event.value).name),
                cx.at(event.span)
            ),
            None => "Nothing states what repairs it".into(),
        });
    }
    facts.extend(constraint.because.as_ref().map(|because| format!("Because: {}", inline(because))));
    for fact in facts {
        text.push_str(&format!("- {}\n", sentence(&fact)));
    }
    text + "\n"
}

/// Who decides the rows a constraint is about, and where.
fn decided_by(cx: &Context, constraint: &Constraint) -> Option<String> {
    let InputId::Entity(id) = constraint.on.value else { return None };
    let entity = cx.model.entity(id);
    let leader = match &cx.model.system(entity.home.system).leadership {
        Leadership::Single => "at one place".to_owned(),
        Leadership::In(region) => format!("in {} alone", inline(&region.value)),
        Leadership::Several(_) => "at several places, each by itself".into(),
        Leadership::PerRow(column) => format!("at the place each row's {} names", code(&column.value)),
    };
    let who = writers(cx, id);
    let who = if who.is_empty() { "no declared service".to_owned() } else { codes(who) };
    Some(format!("Its rows are written by {who} in {}, {leader}", cx.home(entity)))
}

fn paragraph(docs: &str) -> String {
    let docs = inline(docs);
    if docs.is_empty() { docs } else { format!("{docs}\n\n") }
}
