//! The shortest run that breaks a promise: a table for a terminal, a sequence diagram, JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::window::harmless;
use crate::diag::{Trace, TraceStep};
use crate::source::SourceMap;

/// The run as a table, each line behind `indent`. What the places hold stands beside each step.
#[must_use]
pub fn table(trace: &Trace, indent: &str, sources: &SourceMap) -> String {
    let mut rows = vec![heading(trace)];
    rows.extend((1..).zip(&trace.steps).map(|(number, step)| row(number, step, trace)));
    let columns = rows.first().map_or(0, Vec::len);
    let wide = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(wide).collect();
    let mut text = format!("{indent}{}\n{indent}{}\n", clean(&trace.title), trace.extent);
    for row in &rows {
        let mut line = String::from(indent);
        for (cell, width) in row.iter().zip(&widths) {
            let blanks = width.saturating_sub(self::width(cell));
            _ = write!(line, "  {cell}{}", " ".repeat(blanks));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    for sentence in &trace.end {
        _ = writeln!(text, "{indent}at the end: {}", clean(sentence));
    }
    let mut places: Vec<String> = Vec::new();
    for span in trace.steps.iter().filter_map(|step| step.span) {
        let place = format!("{}:{}", sources.name(span.file), sources.positions(span).0.line);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    if !places.is_empty() {
        _ = writeln!(text, "{indent}declared at {}", places.join(", "));
    }
    text
}

fn heading(trace: &Trace) -> Vec<String> {
    let mut row: Vec<String> = ["#", "who", "does"].map(str::to_owned).to_vec();
    row.extend(trace.places.iter().map(|place| format!("  {}", clean(place))));
    row
}

fn row(number: usize, step: &TraceStep, trace: &Trace) -> Vec<String> {
    let mark = if step.fault { "!" } else { "" };
    let does = clean(&step.does);
    let does = match &step.to {
        // What it does to a place that is shown stands in that place's own column.
        Some(to) if !trace.places.contains(to) => format!("{does} to {}", clean(to)),
        Some(_) | None => does,
    };
    let mut row = vec![format!("{number}{mark}"), clean(&step.who), does];
    for (place, holds) in trace.places.iter().zip(&step.holds) {
        let here = step.to.as_ref() == Some(place);
        row.push(if here { format!("→ {holds}") } else { format!("  {holds}") });
    }
    row
}

fn clean(text: &str) -> String {
    text.chars().map(harmless).map(|c| if c == '\n' { ' ' } else { c }).collect()
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// The run as a Mermaid sequence diagram.
#[must_use]
pub fn mermaid(trace: &Trace) -> String {
    let mut who: Vec<&str> = Vec::new();
    for step in &trace.steps {
        for name in std::iter::once(&step.who).chain(&step.to) {
            if !who.contains(&name.as_str()) {
                who.push(name);
            }
        }
    }
    for place in &trace.places {
        if !who.contains(&place.as_str()) {
            who.push(place);
        }
    }
    let at = |name: &str| who.iter().position(|known| *known == name).unwrap_or(0);
    let mut text = String::from("sequenceDiagram\n");
    for (number, name) in who.iter().enumerate() {
        _ = writeln!(text, "  participant p{number} as {}", label(name));
    }
    for step in &trace.steps {
        let from = at(&step.who);
        match &step.to {
            _ if step.fault => _ = writeln!(text, "  Note over p{from}: {}", label(&step.does)),
            Some(to) => _ = writeln!(text, "  p{from}->>p{}: {}", at(to), label(&step.does)),
            None => _ = writeln!(text, "  p{from}->>p{from}: {}", label(&step.does)),
        }
    }
    let over: Vec<String> = trace.places.iter().map(|place| format!("p{}", at(place))).collect();
    let over = match over.as_slice() {
        [] => "p0".to_owned(),
        [one] => one.clone(),
        [first, .., last] => format!("{first},{last}"),
    };
    _ = writeln!(text, "  rect rgb(255, 228, 225)");
    for sentence in &trace.end {
        _ = writeln!(text, "  Note over {over}: {}", label(sentence));
    }
    text.push_str("  end\n");
    text
}

/// Text that ends no statement of Mermaid's and starts no other.
fn label(text: &str) -> String {
    let plain = clean(text).replace('`', "");
    let safe = plain.chars().map(|c| match c {
        ';' => "#59;".to_owned(),
        '#' => "#35;".to_owned(),
        ':' => "#58;".to_owned(),
        '<' => "#lt;".to_owned(),
        '>' => "#gt;".to_owned(),
        c => c.to_string(),
    });
    safe.collect()
}

/// The run for machines.
#[derive(Debug, Serialize)]
pub struct Json<'a> {
    title: &'a str,
    extent: &'a str,
    places: &'a [String],
    steps: Vec<Step<'a>>,
    end: &'a [String],
}

#[derive(Debug, Serialize)]
struct Step<'a> {
    who: &'a str,
    does: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    fault: bool,
    holds: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// The run for machines.
#[must_use]
pub fn json<'a>(trace: &'a Trace, sources: &'a SourceMap) -> Json<'a> {
    let step = |step: &'a TraceStep| Step {
        who: &step.who,
        does: &step.does,
        to: step.to.as_deref(),
        fault: step.fault,
        holds: &step.holds,
        file: step.span.map(|span| sources.name(span.file)),
        line: step.span.map(|span| sources.positions(span).0.line),
    };
    Json {
        title: &trace.title,
        extent: &trace.extent,
        places: &trace.places,
        steps: trace.steps.iter().map(step).collect(),
        end: &trace.end,
    }
}
