//! How values arrive in the log and what they become in each kind of store.

use serde_json::{Map, Value, json};

use super::{Arrival, Carried, JsonForm, Retyped};
use crate::model::Mask;
use crate::model::types::Type;
use crate::systems::Kind;

/// How a record's values stand in the envelope (facts/slice 3, item 11; lab). `native` is the record database's own name of the type, where known.
#[must_use]
pub fn arrival(record: Kind, ty: &Type, native: Option<&str>) -> Arrival {
    if let (Kind::Mysql | Kind::Mariadb, Type::Decimal { precision, scale }) = (record, ty) {
        // `bigint unsigned` is no number of 64 bits, so it is a decimal here; it arrives as digits (lab, FACTS 10).
        let long =
            native.map_or(*precision == Some(20) && scale.unwrap_or(0) == 0, |native| native.starts_with("bigint"));
        if long {
            return Arrival::LongNumber;
        }
    }
    of_type(ty)
}

fn of_type(ty: &Type) -> Arrival {
    match ty {
        Type::Bool => Arrival::Bool,
        Type::Smallint | Type::Int | Type::Bigint => Arrival::Integer,
        Type::Decimal { .. } => Arrival::DecimalText,
        Type::Float | Type::Double => Arrival::Float,
        Type::Text | Type::Uuid | Type::Enum(_) | Type::Interval => Arrival::Text,
        Type::Bytes => Arrival::Base64,
        Type::Date => Arrival::EpochDays,
        Type::Timestamp => Arrival::InstantText,
        Type::Datetime => Arrival::DatetimeMicros,
        Type::Time => Arrival::TimeMicros,
        Type::TimeTz => Arrival::TimeTzText,
        Type::Json => Arrival::JsonText,
        Type::Array(of) => Arrival::Array(Box::new(of_type(of))),
        Type::Other(name) if name == "unknown" => Arrival::Unknown,
        Type::Other(_) => Arrival::Text,
    }
}

/// How a value of a type is written in an event's JSON: as an envelope has it, but moments as ISO text.
#[must_use]
pub(super) fn written(ty: &Type) -> Arrival {
    match ty {
        Type::Date => Arrival::DateText,
        Type::Datetime => Arrival::DatetimeText,
        Type::Time => Arrival::TimeText,
        Type::Array(of) => Arrival::Array(Box::new(written(of))),
        other => of_type(other),
    }
}

/// Most digits a JSON number carries through every reader unharmed.
const EXACT_DIGITS: u32 = 15;

/// What a value becomes in a search document.
pub(super) fn document_form(ty: &Type) -> JsonForm {
    match ty {
        Type::Decimal { precision: Some(p), .. } if *p <= EXACT_DIGITS => JsonForm::Number,
        Type::Array(of) => document_form(of),
        _ => body_form(ty),
    }
}

/// What a value becomes in a cached body: as in a document, decimals always as exact text.
pub(super) fn body_form(ty: &Type) -> JsonForm {
    match ty {
        Type::Date => JsonForm::Date,
        Type::Datetime => JsonForm::Datetime,
        Type::Time => JsonForm::Time,
        Type::Json => JsonForm::Json,
        Type::Array(of) => body_form(of),
        Type::Bool
        | Type::Smallint
        | Type::Int
        | Type::Bigint
        | Type::Decimal { .. }
        | Type::Float
        | Type::Double
        | Type::Text
        | Type::Uuid
        | Type::Bytes
        | Type::Timestamp
        | Type::TimeTz
        | Type::Interval
        | Type::Enum(_)
        | Type::Other(_) => JsonForm::AsIs,
    }
}

/// Longest text a keyword field indexes: Lucene refuses terms above 32766 bytes, and a character takes up to four.
const KEYWORD_CHARACTERS: u32 = 8191;

/// The field mapping of a type. Dates and numbers take malformed values (`infinity`, `NaN`, years beyond the calendar) without refusing the document:
/// the value stays readable in the document and is left out of the index.
pub(super) fn mapping(ty: &Type) -> Value {
    match ty {
        Type::Bool => json!({"type": "boolean"}),
        Type::Smallint => json!({"type": "short"}),
        Type::Int => json!({"type": "integer"}),
        Type::Bigint => json!({"type": "long"}),
        Type::Decimal { precision: Some(p), scale } if *p <= EXACT_DIGITS && scale.unwrap_or(0) >= 0 => {
            let factor = 10_u64.pow(u32::try_from(scale.unwrap_or(0)).unwrap_or(0));
            json!({"type": "scaled_float", "scaling_factor": factor, "ignore_malformed": true})
        }
        Type::Float => json!({"type": "float", "ignore_malformed": true}),
        Type::Double => json!({"type": "double", "ignore_malformed": true}),
        Type::Text => json!({"type": "text", "fields": {"raw": {"type": "keyword", "ignore_above": 1024}}}),
        Type::Uuid | Type::Enum(_) => json!({"type": "keyword"}),
        Type::Bytes => json!({"type": "binary"}),
        Type::Date | Type::Timestamp | Type::Datetime => json!({"type": "date", "ignore_malformed": true}),
        // Stored and shown, not indexed: the engines' types for free JSON refuse scalars, lists and long values.
        Type::Json => json!({"type": "object", "enabled": false}),
        Type::Array(of) => match of.as_ref() {
            Type::Text => json!({"type": "keyword", "ignore_above": KEYWORD_CHARACTERS}),
            other => mapping(other),
        },
        Type::Decimal { .. } | Type::Time | Type::TimeTz | Type::Interval | Type::Other(_) => {
            json!({"type": "keyword", "ignore_above": KEYWORD_CHARACTERS})
        }
    }
}

/// The field mapping of a column.
pub(super) fn field(column: &Carried) -> Value {
    match (&column.nested, &column.mask) {
        (Some(nested), _) => nested_mapping(nested),
        (None, Some(Mask::Hash)) => mapping(&Type::Uuid),
        (None, _) => mapping(&column.ty),
    }
}

/// The mapping of an array of rows: each row by itself, so that a search for two of its values finds them in one row.
fn nested_mapping(columns: &[(String, Type)]) -> Value {
    let mut properties = Map::new();
    for (name, ty) in columns {
        // Inside, moments that travel as numbers stay numbers.
        let field = match ty {
            Type::Datetime | Type::Time => json!({"type": "long"}),
            ty => mapping(ty),
        };
        properties.insert(name.clone(), field);
    }
    json!({"type": "nested", "properties": properties})
}

/// Merges an overlay into generated mappings: it may add parameters, sub-fields and fields, never retype or remove what diac made. Answers what it would
/// have retyped.
pub(super) fn overlay(properties: &mut Map<String, Value>, overlay: &Value) -> Vec<Retyped> {
    let mut retyped = Vec::new();
    let Some(fields) = overlay.get("properties").and_then(Value::as_object) else { return retyped };
    for (name, extra) in fields {
        let Some(field) = properties.get_mut(name).and_then(Value::as_object_mut) else {
            properties.insert(name.clone(), extra.clone());
            continue;
        };
        let word = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("another type").to_owned();
        for (key, value) in extra.as_object().into_iter().flatten() {
            if key != "type" {
                merge(field, key, value);
            } else if field.get("type") != Some(value) {
                retyped.push(Retyped { field: name.clone(), own: word(field.get("type")), stated: word(Some(value)) });
            }
        }
    }
    retyped
}

/// Adds a parameter; of a group of parameters only those that are not there.
fn merge(into: &mut Map<String, Value>, key: &str, value: &Value) {
    if let (Some(old), Some(new)) = (into.get_mut(key).and_then(Value::as_object_mut), value.as_object()) {
        for (key, value) in new {
            old.entry(key.clone()).or_insert_with(|| value.clone());
        }
        return;
    }
    into.insert(key.to_owned(), value.clone());
}

/// The SQL type of a view's column. A PostgreSQL view takes the record's own type where it is one every server has; types a database defines itself
/// (enumerations, extensions) are kept as text, so that a new value at the source never stops the view.
pub(crate) fn sql_type(kind: Kind, ty: &Type, native: Option<&str>) -> String {
    if let Kind::Snowflake = kind {
        snowflake_type(ty).to_owned().replace("?", &snowflake_decimal(ty))
    } else {
        postgres_type(ty, native)
    }
}

fn postgres_type(ty: &Type, native: Option<&str>) -> String {
    match ty {
        Type::Bool => "boolean".into(),
        Type::Smallint => "smallint".into(),
        Type::Int => "integer".into(),
        Type::Bigint => "bigint".into(),
        Type::Decimal { precision: Some(p), scale } => format!("numeric({p},{})", scale.unwrap_or(0)),
        Type::Decimal { precision: None, .. } => "numeric".into(),
        Type::Float => "real".into(),
        Type::Double => "double precision".into(),
        Type::Text | Type::Enum(_) => "text".into(),
        Type::Uuid => "uuid".into(),
        Type::Bytes => "bytea".into(),
        Type::Date => "date".into(),
        Type::Timestamp => "timestamp with time zone".into(),
        Type::Datetime => "timestamp without time zone".into(),
        Type::Time => "time without time zone".into(),
        Type::TimeTz => "time with time zone".into(),
        Type::Interval => "interval".into(),
        Type::Json => if native == Some("json") { "json" } else { "jsonb" }.into(),
        Type::Array(of) => format!("{}[]", postgres_type(of, None)),
        Type::Other(name) if BUILT_IN.contains(&name.as_str()) => name.clone(),
        Type::Other(_) => "text".into(),
    }
}

/// PostgreSQL types every server has and whose text form goes in as it comes out.
const BUILT_IN: &[&str] = &["tsvector", "inet", "cidr", "macaddr", "macaddr8", "xml", "money", "point", "pg_lsn"];

fn snowflake_decimal(ty: &Type) -> String {
    match ty {
        Type::Decimal { precision: Some(p), scale } => {
            format!("{},{}", (*p).min(38), (*scale).unwrap_or(0).clamp(0, 37))
        }
        Type::Decimal { precision: None, .. } => "38,9".into(),
        _ => String::new(),
    }
}

fn snowflake_type(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "BOOLEAN",
        Type::Smallint | Type::Int | Type::Bigint => "NUMBER(38,0)",
        Type::Decimal { .. } => "NUMBER(?)",
        Type::Float | Type::Double => "FLOAT",
        Type::Text | Type::Enum(_) | Type::Interval | Type::Other(_) | Type::TimeTz => "VARCHAR",
        Type::Uuid => "VARCHAR(36)",
        Type::Bytes => "BINARY",
        Type::Date => "DATE",
        Type::Timestamp => "TIMESTAMP_TZ",
        Type::Datetime => "TIMESTAMP_NTZ",
        Type::Time => "TIME",
        Type::Json => "VARIANT",
        Type::Array(_) => "ARRAY",
    }
}
