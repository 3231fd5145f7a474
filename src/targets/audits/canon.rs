//! Canonical values: each type's one spelling in which a value of the record and the same value in any store are equal texts.
//!
//! The SQL here makes that spelling inside PostgreSQL; `audit.py` makes it from JSON values. Both follow the kind written into `audits.json`.

use serde::Serialize;

use crate::model::types::Type;
use crate::plan::Arrival;

/// How a column's values are made canonical.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// `true` or `false`.
    Bool,
    /// Digits.
    Integer,
    /// Digits without trailing zeros.
    Decimal,
    /// The shortest text that reads back as the same 32 bits.
    Real,
    /// The same for 64 bits.
    Double,
    /// As it is.
    Text,
    /// As the type writes it: a cast to text adds the mask that everything else leaves out.
    #[serde(rename = "text")]
    Address,
    /// Without trailing blanks, which the type does not distinguish.
    Char,
    /// Lower case.
    Uuid,
    /// `\x` and hex digits.
    Bytes,
    /// Days since 1970-01-01.
    Date,
    /// Microseconds since 1970-01-01 in UTC.
    Instant,
    /// Microseconds since 1970-01-01 on the wall clock.
    Datetime,
    /// Microseconds since midnight.
    Time,
    /// Microseconds since midnight in UTC.
    TimeTz,
    /// Months, days and microseconds.
    Interval,
    /// Parsed, keys sorted.
    Json,
    /// Element by element.
    Array(Box<Kind>),
}

impl Kind {
    /// The kind of a type; `native` is the record database's own name of it.
    pub(super) fn of(ty: &Type, native: Option<&str>) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Smallint | Type::Int | Type::Bigint => Self::Integer,
            Type::Decimal { .. } => Self::Decimal,
            Type::Float => Self::Real,
            Type::Double => Self::Double,
            Type::Text if native.is_some_and(is_padded) => Self::Char,
            Type::Other(name) if name == "inet" => Self::Address,
            Type::Text | Type::Enum(_) | Type::Other(_) => Self::Text,
            Type::Uuid => Self::Uuid,
            Type::Bytes => Self::Bytes,
            Type::Date => Self::Date,
            Type::Timestamp => Self::Instant,
            Type::Datetime => Self::Datetime,
            Type::Time => Self::Time,
            Type::TimeTz => Self::TimeTz,
            Type::Interval => Self::Interval,
            Type::Json => Self::Json,
            Type::Array(of) => {
                let native = native.map(|name| name.strip_suffix("[]").unwrap_or(name));
                Self::Array(Box::new(Self::of(of, native)))
            }
        }
    }

    /// An expression over a quoted column that gives the canonical text in PostgreSQL.
    pub(super) fn sql(&self, column: &str) -> String {
        match self {
            Self::Bool
            | Self::Integer
            | Self::Real
            | Self::Double
            | Self::Text
            | Self::Char
            | Self::Uuid
            | Self::Bytes
            | Self::Json => format!("{column}::text"),
            Self::Address => format!("abbrev({column})"),
            Self::Decimal => format!("trim_scale({column})::text"),
            Self::Date => finite(column, &format!("({column} - DATE '1970-01-01')::text")),
            Self::Instant | Self::Datetime => finite(column, &micros(column)),
            Self::Time => micros(column),
            Self::TimeTz => micros(&format!("({column} AT TIME ZONE 'UTC')::time")),
            Self::Interval => format!(
                "CASE WHEN {column} IS NOT NULL THEN concat_ws(' ', extract(year FROM {column}) * 12 + extract(month FROM {column}), extract(day FROM {column}), \
                 ((extract(hour FROM {column}) * 3600 + extract(minute FROM {column}) * 60 + extract(second FROM {column})) * 1000000)::bigint) END"
            ),
            Self::Array(_) => format!("to_json({column})::text"),
        }
    }
}

/// The value of a masked column as the mask's runner meets it: the text of what arrives in the log.
pub(super) fn arriving(arrival: &Arrival, column: &str) -> String {
    match arrival {
        Arrival::EpochDays => format!("({column} - DATE '1970-01-01')::text"),
        Arrival::DatetimeMicros | Arrival::TimeMicros => micros(column),
        Arrival::InstantText => {
            format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        }
        Arrival::Base64 => format!("translate(encode({column}, 'base64'), E'\\n', '')"),
        Arrival::Bool
        | Arrival::Integer
        | Arrival::DecimalText
        | Arrival::Float
        | Arrival::Text
        | Arrival::TimeTzText
        | Arrival::DateText
        | Arrival::DatetimeText
        | Arrival::TimeText
        | Arrival::JsonText
        | Arrival::Array(_)
        | Arrival::Unknown => format!("{column}::text"),
    }
}

fn is_padded(native: &str) -> bool {
    ["character", "char", "bpchar"].contains(&native.split('(').next().unwrap_or_default().trim())
}

fn micros(column: &str) -> String {
    format!("(extract(epoch FROM {column}) * 1000000)::numeric(38,0)::text")
}

/// Infinity has no number: it stays a word.
fn finite(column: &str, number: &str) -> String {
    format!("CASE WHEN isfinite({column}) THEN {number} ELSE {column}::text END")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_text_is_told_from_the_native_name() {
        assert_eq!(Kind::of(&Type::Text, Some("character(4)")), Kind::Char);
        assert_eq!(Kind::of(&Type::Text, Some("character varying(4)")), Kind::Text);
        let array = Type::Array(Type::Text.into());
        assert_eq!(Kind::of(&array, Some("character(4)[]")), Kind::Array(Kind::Char.into()));
    }

    #[test]
    fn kinds_are_written_as_words() {
        let kind = serde_json::to_value(Kind::Array(Kind::Decimal.into())).ok();
        assert_eq!(kind, Some(serde_json::json!({"array": "decimal"})));
    }
}
