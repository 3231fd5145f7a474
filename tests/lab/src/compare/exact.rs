//! Equality of a database's value and a JSON value, without passing through floats or local time.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::value::RawValue;

use crate::load::catalogue::Base;

/// JSON whose numbers are still the digits that were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// null
    Null,
    /// true, false
    Boolean(bool),
    /// A number's text.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Reads a text.
    pub fn read(text: &str) -> Result<Json> {
        let raw: &RawValue = serde_json::from_str(text).with_context(|| format!("no JSON: {text}"))?;
        Json::from_raw(raw)
    }

    fn from_raw(raw: &RawValue) -> Result<Json> {
        let text = raw.get();
        Ok(match text.bytes().next() {
            Some(b'n') => Json::Null,
            Some(b't') => Json::Boolean(true),
            Some(b'f') => Json::Boolean(false),
            Some(b'"') => Json::Text(serde_json::from_str(text)?),
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                Json::List(items.into_iter().map(Json::from_raw).collect::<Result<_>>()?)
            }
            Some(b'{') => {
                let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
                Json::Object(
                    fields
                        .into_iter()
                        .map(|(name, value)| Ok((name, Json::from_raw(value)?)))
                        .collect::<Result<_>>()?,
                )
            }
            _ => Json::Number(text.to_owned()),
        })
    }

    /// The text of a value inside an array, as the database writes a value of its type.
    fn plain_text(&self) -> Option<String> {
        match self {
            Json::Null | Json::List(_) | Json::Object(_) => None,
            Json::Boolean(it) => Some(it.to_string()),
            Json::Number(it) | Json::Text(it) => Some(it.clone()),
        }
    }
}

/// Whether a JSON value is the database's value. The source's text is what the database writes for its type, except for timestamps (microseconds since
/// the epoch) and arrays (JSON). An absent field counts as null.
pub fn same(base: &Base, source: Option<&str>, view: Option<&Json>) -> bool {
    let view = view.unwrap_or(&Json::Null);
    let Some(source) = source else { return *view == Json::Null };
    match (base, view) {
        // In a document a stored JSON null and no value look alike.
        (Base::Json, Json::Null) => source == "null",
        (_, Json::Null) => false,
        // Debezium spells it NAN.
        (Base::Numeric(_), Json::Text(it)) if source == "NaN" => it.eq_ignore_ascii_case("nan"),
        (Base::Integer { .. } | Base::Numeric(_), Json::Number(it) | Json::Text(it)) => {
            decimal(source).is_some_and(|expected| decimal(it) == Some(expected))
        }
        // Digits beyond those of four bytes say nothing: 8.3e16 and 8.2999998e16 are the same value.
        (Base::Float { bytes: 4 }, Json::Number(it) | Json::Text(it)) => {
            it.parse::<f32>().is_ok_and(|it| source.parse() == Ok(it))
        }
        (Base::Float { .. }, Json::Number(it) | Json::Text(it)) => {
            it.parse::<f64>().is_ok_and(|it| source.parse() == Ok(it))
        }
        (Base::Boolean, Json::Boolean(it)) => {
            source == if *it { "true" } else { "false" } || source == if *it { "t" } else { "f" }
        }
        (Base::Timestamp | Base::TimestampTz, Json::Text(it)) => micros(it).is_some_and(|it| source.parse() == Ok(it)),
        (Base::Timestamp | Base::TimestampTz, Json::Number(it)) => source == it,
        (Base::Time, Json::Text(it)) => time_micros(source).is_some() && time_micros(source) == time_micros(it),
        (Base::Json, Json::Text(it)) => Json::read(source).is_ok_and(|expected| {
            same_json(&expected, view) || Json::read(it).is_ok_and(|it| same_json(&expected, &it))
        }),
        (Base::Json, _) => Json::read(source).is_ok_and(|expected| same_json(&expected, view)),
        (Base::Bytes, Json::Text(it)) => source
            .strip_prefix("\\x")
            .is_some_and(|hex| hex == it || source == it || base64(it).is_some_and(|it| it == hex)),
        (Base::Array(element), Json::List(items)) => {
            let Ok(Json::List(expected)) = Json::read(source) else { return false };
            expected.len() == items.len()
                && expected
                    .iter()
                    .zip(items)
                    .all(|(source, view)| same(element, source.plain_text().as_deref(), Some(view)))
        }
        (_, Json::Text(it)) => source == it,
        (_, Json::Number(_) | Json::Boolean(_) | Json::List(_) | Json::Object(_)) => false,
    }
}

fn same_json(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(a), Json::Number(b)) => decimal(a) == decimal(b),
        (Json::List(a), Json::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && same_json(a, b))
        }
        _ => left == right,
    }
}

/// A decimal number in one form: sign, digits without zeros at either end, power of ten. 1.50 and 15E-1 are the same.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, power) =
        rest.split_once(['e', 'E']).map_or(Some((rest, 0)), |(m, p)| Some((m, p.parse::<i64>().ok()?)))?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let power = power - i64::try_from(fraction.len()).ok()?;
    let kept = digits.trim_end_matches('0');
    let power = power + i64::try_from(digits.len() - kept.len()).ok()?;
    let kept = kept.trim_start_matches('0');
    if kept.is_empty() { Some((false, String::new(), 0)) } else { Some((negative, kept.to_owned(), power)) }
}

/// Microseconds since 1970-01-01T00:00:00Z of an ISO 8601 date and time; without an offset it is taken as UTC.
fn micros(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', ' '])?;
    let mut parts = date.rsplitn(3, '-');
    let (day, month, year): (i64, i64, i64) =
        (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (time, offset) = match rest.find(['Z', '+', '-']) {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, "Z"),
    };
    let offset_minutes = match offset {
        "Z" => 0,
        _ => {
            let (hours, minutes) = offset.get(1..)?.split_once(':').unwrap_or((offset.get(1..)?, "0"));
            let total = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            if offset.starts_with('-') { -total } else { total }
        }
    };
    let days = days_since_epoch(year, month, day);
    Some(days * 86_400_000_000 + time_micros(time)? - offset_minutes * 60_000_000)
}

/// Microseconds since midnight. More than six digits of a second count only as zeros.
fn time_micros(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':');
    let (hour, minute): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (second, fraction) = parts.next().map_or(("0", ""), |it| it.split_once('.').unwrap_or((it, "")));
    let (kept, rest) = fraction.split_at_checked(6).unwrap_or((fraction, ""));
    if rest.bytes().any(|it| it != b'0') {
        return None;
    }
    let micros = format!("{kept:0<6}").parse::<i64>().ok()?;
    Some(((hour * 60 + minute) * 60 + second.parse::<i64>().ok()?) * 1_000_000 + micros)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil).
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The hexadecimal form of a text in base64.
fn base64(text: &str) -> Option<String> {
    let mut bits: u32 = 0;
    let mut count = 0;
    let mut hex = String::new();
    for byte in text.trim_end_matches('=').bytes() {
        let value =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|it| *it == byte)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            hex.push_str(&format!("{:02x}", (bits >> count) & 0xff));
        }
    }
    Some(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_compared_by_value() {
        assert_eq!(decimal("1.50"), decimal("15E-1"));
        assert_eq!(decimal("-0.00"), decimal("0"));
        assert_ne!(decimal("9007199254740993"), decimal("9007199254740992"));
        assert_eq!(decimal("1e3"), decimal("1000"));
    }

    #[test]
    fn times_are_microseconds() {
        assert_eq!(micros("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(micros("0999-12-31T23:59:59.999999"), Some(-30610224000000001));
        assert_eq!(micros("1969-12-31T23:59:59.5+00:00"), Some(-500_000));
        assert_eq!(micros("2000-01-01T01:00:00+01:00"), micros("2000-01-01 00:00:00"));
        assert_eq!(time_micros("00:00:00.0000001"), None);
    }

    #[test]
    fn values_are_compared_by_type() {
        let numeric = Base::Numeric(None);
        assert!(same(&numeric, Some("12.30"), Some(&Json::Number("12.3".into()))));
        assert!(!same(&numeric, Some("9007199254740993"), Some(&Json::Number("9007199254740992".into()))));
        assert!(same(&numeric, None, None));
        assert!(!same(&numeric, None, Some(&Json::Number("0".into()))));
        let texts = Base::Array(Box::new(Base::Text { limit: None, padded: false }));
        assert!(same(&texts, Some("[\"a\",null]"), Some(&Json::List(vec![Json::Text("a".into()), Json::Null]))));
        assert!(same(&Base::Bytes, Some("\\x00ff"), Some(&Json::Text("AP8=".into()))));
        assert!(same(&Base::Json, Some("{\"a\": 1.0}"), Some(&Json::Text("{\"a\":1}".into()))));
    }
}
