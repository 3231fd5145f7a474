//! Schemas of events: what a producer must write into a record's value, one file an event. A program can hold its records against it.

use serde_json::{Map, Value, json};

use super::spelling::path_part;
use super::{Target, docs_text};
use crate::check::SoundPlan;
use crate::model::Model;
use crate::model::types::Type;
use crate::output::{OutputTree, json as pretty};
use crate::plan::encoding::{EventForm, Field, Format, HEADER, KeyPart, whole_range};
use crate::plan::{Arrival, Deployment};

/// Writes `schemas/<event>.schema.json`.
pub struct Schemas;

impl Target for Schemas {
    fn name(&self) -> &'static str {
        "event schemas"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            for form in &deployment.events {
                let cause = format!("event {}", form.name);
                out.add(path(deployment, form), text(plan.model, deployment, form), &cause);
            }
        }
    }
}

/// The file of an event's schema.
#[must_use]
pub fn path(deployment: &Deployment, form: &EventForm) -> String {
    format!("{}/{}", deployment.name, file(form))
}

/// The same below the deployment's folder.
#[must_use]
pub fn file(form: &EventForm) -> String {
    match form.format {
        Format::Json => format!("schemas/{}.schema.json", path_part(&form.name)),
    }
}

fn text(model: &Model, deployment: &Deployment, form: &EventForm) -> String {
    let properties: Map<String, Value> = form.fields.iter().map(|field| (field.name.clone(), member(field))).collect();
    let required: Vec<&str> = form
        .fields
        .iter()
        .filter(|field| !field.nullable && field.default.is_none())
        .map(|field| field.name.as_str())
        .collect();
    let event = model.event(form.event);
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".into(), json!(form.name));
    let docs = docs_text(&event.docs);
    if !docs.is_empty() {
        schema.insert("description".into(), json!(docs));
    }
    let topic = &deployment.topic(form.topic).name;
    schema.insert("$comment".into(), json!(format!("A record's value in topic {topic}. {}", beside(form))));
    schema.insert("type".into(), json!("object"));
    schema.insert("properties".into(), Value::Object(properties));
    schema.insert("required".into(), json!(required));
    pretty(&Value::Object(schema))
}

/// Key and header in words.
#[must_use]
pub fn beside(form: &EventForm) -> String {
    let header = if form.told_apart() { "must say" } else { "may say" };
    format!("The key is {}. The header `{HEADER}` {header} `{}`.", key(form), form.name)
}

/// The record's key in words.
#[must_use]
pub fn key(form: &EventForm) -> String {
    let alone = form.key.len() == 1;
    let parts: Vec<String> = form
        .key
        .iter()
        .map(|part| match part {
            KeyPart::Column(name) => format!("the text of `{name}`"),
            KeyPart::Pair(a, b, _) => format!("the smaller and the larger of `{a}` and `{b}`, joined by `:`"),
            KeyPart::Other(_) => "the text of an expression (see the document)".into(),
        })
        .collect();
    match parts.as_slice() {
        [] => "empty: nothing routes it".into(),
        [only] if alone => format!("{only}, in UTF-8"),
        _ => format!("{}, joined by `:`, in UTF-8; in each part `% : {{ }}` are percent-encoded", parts.join(" and ")),
    }
}

fn member(field: &Field) -> Value {
    let mut schema = of(&field.ty, &field.arrival);
    if field.nullable {
        let plain = schema.remove("type");
        if let Some(plain) = plain {
            schema.insert("type".into(), json!([plain, "null"]));
        }
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
    }
    let docs = docs_text(&field.docs);
    let about = words(&field.ty);
    let about = if docs.is_empty() { about } else { format!("{docs} ({about})") };
    schema.insert("description".into(), json!(about));
    if let Some(default) = &field.default {
        schema.insert("$comment".into(), json!(format!("a record without it counts as {default}")));
    }
    Value::Object(schema)
}

fn of(ty: &Type, arrival: &Arrival) -> Map<String, Value> {
    let schema = match (arrival, ty) {
        (Arrival::Bool, _) => json!({"type": "boolean"}),
        (Arrival::Integer, ty) => {
            let (least, most) = whole_range(ty);
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        (Arrival::Float, _) => json!({"type": "number"}),
        (Arrival::DecimalText, Type::Decimal { precision: Some(precision), scale }) => {
            let scale = u32::try_from(scale.unwrap_or(0)).unwrap_or(0);
            let whole = precision.saturating_sub(scale).max(1);
            let behind = if scale == 0 { String::new() } else { format!("(\\.[0-9]{{1,{scale}}})?") };
            json!({"type": "string", "pattern": format!("^-?[0-9]{{1,{whole}}}{behind}$")})
        }
        (Arrival::DecimalText, _) => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$"}),
        (Arrival::Text, Type::Enum(values)) => json!({"type": "string", "enum": values}),
        (Arrival::Text, Type::Uuid) => json!({"type": "string", "format": "uuid"}),
        (Arrival::DateText, _) => json!({"type": "string", "format": "date"}),
        (Arrival::InstantText, _) => json!({"type": "string", "format": "date-time", "pattern": "Z$"}),
        (Arrival::DatetimeText, _) => json!({"type": "string", "pattern": "^[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9:.]+$"}),
        (Arrival::Base64, _) => json!({"type": "string", "contentEncoding": "base64"}),
        (Arrival::Array(inner), Type::Array(of_what)) => json!({"type": "array", "items": of(of_what, inner)}),
        (Arrival::Array(_), _) => json!({"type": "array"}),
        (Arrival::Unknown, _) => json!({}),
        (
            Arrival::Text
            | Arrival::TimeText
            | Arrival::TimeTzText
            | Arrival::JsonText
            | Arrival::EpochDays
            | Arrival::DatetimeMicros
            | Arrival::TimeMicros,
            _,
        ) => json!({"type": "string"}),
    };
    if let Value::Object(map) = schema { map } else { Map::new() }
}

/// How a value of the type is written, in words.
#[must_use]
pub fn words(ty: &Type) -> String {
    let how = match ty {
        Type::Bool => "true or false",
        Type::Smallint | Type::Int => "a whole number",
        Type::Bigint => "a whole number of up to 64 bits: readers must not take it through a float",
        Type::Decimal { .. } => "text of plain digits, so that nobody rounds it",
        Type::Float | Type::Double => "a number",
        Type::Text => "text",
        Type::Enum(_) => "text, one of its values",
        Type::Uuid => "text of 36 characters",
        Type::Bytes => "text in base64",
        Type::Date => "text, YYYY-MM-DD",
        Type::Timestamp => "text, RFC 3339 with `Z`",
        Type::Datetime => "text, YYYY-MM-DDThh:mm:ss with up to six digits of a second, no zone",
        Type::Time => "text, hh:mm:ss with up to six digits of a second",
        Type::TimeTz => "text, hh:mm:ss with an offset",
        Type::Interval => "text",
        Type::Json => "text that holds JSON",
        Type::Array(_) => "an array of such values",
        Type::Other(name) if name == "unknown" => "anything",
        Type::Other(_) => "text, as the database writes it",
    };
    format!("{}: {how}", ty.word())
}
