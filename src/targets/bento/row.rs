//! What becomes of a row: its identity, the values a view keeps of it, and what must never be stored, as Bloblang.

use crate::model::Mask;
use crate::plan::{Arrival, Carried, JsonForm, KeyColumn, PlannedFlow};

use crate::targets::masks::REDACTED;

use super::bloblang::{access, literal, literals};
use super::maps::Maps;

/// The row's identity in the store: parts joined by `:`.
pub(super) fn identity(flow: &PlannedFlow, maps: &mut Maps) -> String {
    if flow.key.is_empty() {
        maps.need("message_key");
        return "metadata(\"kafka_key\").not_null().string().apply(\"message_key\")".to_owned();
    }
    let parts: Vec<String> = flow.key.iter().map(|column| part(column, maps)).collect();
    parts.join(" + \":\" + ")
}

fn part(column: &KeyColumn, maps: &mut Maps) -> String {
    let value = format!("{}.not_null()", access("row", &column.source));
    let (form, plain) = match column.arrival {
        Arrival::Bool | Arrival::Integer => (None, true),
        Arrival::EpochDays => (Some("date"), true),
        Arrival::DatetimeMicros => (Some("datetime"), false),
        Arrival::TimeMicros => (Some("time"), false),
        Arrival::DecimalText
        | Arrival::Float
        | Arrival::Text
        | Arrival::Base64
        | Arrival::InstantText
        | Arrival::TimeTzText
        | Arrival::DateText
        | Arrival::DatetimeText
        | Arrival::TimeText
        | Arrival::JsonText
        | Arrival::Array(_)
        | Arrival::Unknown => (None, false),
    };
    let text = match form {
        Some(form) => {
            maps.need(form);
            format!("{value}.apply({})", literal(form))
        }
        None => format!("{value}.string()"),
    };
    if plain {
        return text;
    }
    maps.need("part");
    format!("{text}.apply(\"part\")")
}

/// The document or body: an object literal over several lines, or the row as it is where the columns are not known.
pub(super) fn body(columns: &[Carried], form: impl Fn(&str) -> JsonForm, maps: &mut Maps) -> String {
    if columns.is_empty() {
        return "$row".to_owned();
    }
    let mut out = String::from("{\n");
    for (at, column) in columns.iter().enumerate() {
        out.push_str(if at == 0 { "  " } else { ",\n  " });
        out.push_str(&literal(&column.name));
        out.push_str(": ");
        out.push_str(&value(column, form(&column.name), maps));
    }
    out.push_str("\n}");
    out
}

pub(super) fn value(column: &Carried, form: JsonForm, maps: &mut Maps) -> String {
    let arriving = access("row", &column.source);
    if let Some(mask) = column.mask {
        return masked(&arriving, mask, maps);
    }
    let form = match form {
        JsonForm::AsIs => return arriving,
        JsonForm::Number => "number",
        JsonForm::Date => "date",
        JsonForm::Datetime => "datetime",
        JsonForm::Time => "time",
        JsonForm::Json => "json",
    };
    maps.need(form);
    format!("{arriving}.apply({})", literal(form))
}

/// A masked value; nothing stays nothing, as in every other runner.
fn masked(arriving: &str, mask: Mask, maps: &mut Maps) -> String {
    match mask {
        Mask::Null => "null".to_owned(),
        Mask::Redact => format!("if {arriving} == null {{ null }} else {{ {} }}", literal(REDACTED)),
        Mask::Hash => {
            maps.need("hash");
            format!("{arriving}.apply(\"hash\")")
        }
        Mask::Truncate(length) => {
            format!(
                "if {arriving} == null {{ null }} else {{ {arriving}.string().split(\"\").slice(0, {length}).join(\"\") }}"
            )
        }
    }
}

/// Whether a column is hashed, so that the secret is needed.
pub(super) fn hashes(flow: &PlannedFlow) -> bool {
    flow.columns.iter().any(|column| column.mask == Some(Mask::Hash))
}

/// Columns the row must have, kept or looked at.
fn needed(flow: &PlannedFlow) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    let kept = flow.columns.iter().filter(|column| shows(column)).map(|column| column.source.as_str());
    let looked_at = flow.filters.iter().flat_map(|filter| filter.columns());
    for name in kept.chain(looked_at) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn shows(column: &Carried) -> bool {
    match column.mask {
        Some(Mask::Null) => false,
        Some(Mask::Hash | Mask::Truncate(_) | Mask::Redact) | None => true,
    }
}

/// Statements that stop on a row which cannot be stored truthfully: a column that is gone, a value the log left out.
pub(super) fn guards(flow: &PlannedFlow, maps: &mut Maps) -> String {
    // Of a deleted row only the key is sure to be there, and nothing else is looked at.
    let mut out = String::new();
    let names = needed(flow);
    if !names.is_empty() {
        out.push_str("# a column that is gone is not null: the view must be compiled anew\n");
        out.push_str(&format!(
            "let lost = if $delete {{ [] }} else {{ {}.filter(name -> !$row.keys().contains(name)) }}\n",
            literals(names.iter().copied())
        ));
        out.push_str(
            "let _ = if $lost.length() > 0 { throw(\"the row has no column %v\".format($lost.join(\", \"))) }\n",
        );
    }
    let columns = wide(flow);
    if !flow.columns.is_empty() && columns.is_empty() {
        return out;
    }
    maps.need("is_unavailable");
    let filter = if flow.columns.is_empty() {
        String::new()
    } else {
        format!("{}.contains(column.key) && ", literals(columns.iter().copied()))
    };
    out.push_str("# an unchanged wide value that the log left out must never be stored\n");
    out.push_str(&format!(
        "let absent = if $delete {{ [] }} else {{ $row.key_values().filter(column -> {filter}column.value.apply(\"is_unavailable\")).map_each(column -> column.key) }}\n"
    ));
    out.push_str(
        "let _ = if $absent.length() > 0 { throw(\"the log left out the value of %v: the table needs REPLICA IDENTITY FULL\".format($absent.join(\", \"))) }\n",
    );
    out
}

/// Columns whose value the log can leave out: those known to be so, and those a filter reads that can be long.
fn wide(flow: &PlannedFlow) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    let kept =
        flow.columns.iter().filter(|column| column.toastable && shows(column)).map(|column| column.source.as_str());
    let looked_at = flow
        .filter_arrivals
        .iter()
        .filter(|(name, arrival)| can_be_long(arrival) && !flow.columns.iter().any(|column| column.source == **name))
        .map(|(name, _)| name.as_str());
    for name in kept.chain(looked_at) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn can_be_long(arrival: &Arrival) -> bool {
    match arrival {
        Arrival::DecimalText
        | Arrival::Text
        | Arrival::Base64
        | Arrival::JsonText
        | Arrival::Array(_)
        | Arrival::Unknown => true,
        Arrival::Bool
        | Arrival::Integer
        | Arrival::Float
        | Arrival::EpochDays
        | Arrival::InstantText
        | Arrival::DatetimeMicros
        | Arrival::TimeMicros
        | Arrival::DateText
        | Arrival::DatetimeText
        | Arrival::TimeText
        | Arrival::TimeTzText => false,
    }
}
