//! The values of an event that a process makes, as Bloblang: exact, and of the declared type or refused.

use std::collections::BTreeMap;

use crate::model::expr::Expr;
use crate::model::types::Type;
use crate::plan::Arrival;
use crate::plan::encoding::{EventForm, Field, KeyPart, whole_range};
use crate::plan::processes::PlannedEmit;
use crate::syntax::ast::ArithOp;

use super::bloblang::{access, literal};
use super::filter;
use super::maps::Maps;

/// The value's members, an object literal over several lines.
pub(super) fn object(emit: &PlannedEmit, event: &str, maps: &mut Maps) -> String {
    let lines: Vec<String> =
        emit.values.iter().map(|(field, expr)| member(field, expr, &emit.arrivals, event, maps)).collect();
    if lines.is_empty() { "{}".to_owned() } else { format!("{{\n{}\n}}", lines.join(",\n")) }
}

fn member(field: &Field, expr: &Expr, arrivals: &BTreeMap<String, Arrival>, event: &str, maps: &mut Maps) -> String {
    let mut code = fitted(&value(expr, arrivals, maps), field, maps);
    if !field.nullable {
        maps.need("given");
        code = format!("{code}.apply(\"given\")");
    }
    let place = literal(&format!("{} of {event}: ", field.name));
    format!("  {}: {code}.catch(err -> throw({place} + err.string()))", literal(&field.name))
}

fn value(expr: &Expr, arrivals: &BTreeMap<String, Arrival>, maps: &mut Maps) -> String {
    match expr {
        Expr::Column { name, .. } => access("row", name),
        Expr::Text(text) | Expr::Date(text) => literal(text),
        Expr::Integer(number) => literal(&number.to_string()),
        Expr::Decimal(digits) => literal(digits),
        Expr::Bool(truth) => truth.to_string(),
        Expr::Null => "null".to_owned(),
        Expr::Arith { op, left, right } => {
            let map = match op {
                ArithOp::Add => "exact_plus",
                ArithOp::Sub => "exact_minus",
                ArithOp::Mul => "exact_times",
                // Others are refused before a plan is made.
                ArithOp::Div | ArithOp::Rem => "exact_rest",
            };
            maps.need(map);
            let sides = [value(left, arrivals, maps), value(right, arrivals, maps)];
            format!("[{}].apply({})", sides.join(", "), literal(map))
        }
        Expr::Coalesce(all) => {
            maps.need("coalesce");
            let all: Vec<String> = all.iter().map(|expr| value(expr, arrivals, maps)).collect();
            format!("[{}].apply(\"coalesce\")", all.join(", "))
        }
        Expr::Lower(inner) => {
            maps.need("lower");
            format!("{}.apply(\"lower\")", value(inner, arrivals, maps))
        }
        Expr::Upper(inner) => {
            maps.need("upper");
            format!("{}.apply(\"upper\")", value(inner, arrivals, maps))
        }
        Expr::And(_)
        | Expr::Or(_)
        | Expr::Not(_)
        | Expr::Compare { .. }
        | Expr::IsNull { .. }
        | Expr::In { .. }
        | Expr::Like { .. } => format!("({})", filter::truth(std::slice::from_ref(expr), arrivals, maps)),
    }
}

/// The value as the member's type writes it; a value that is none of the type fails.
fn fitted(code: &str, field: &Field, maps: &mut Maps) -> String {
    let mut apply = |map: &'static str, arguments: &str| {
        maps.need(map);
        if arguments.is_empty() {
            format!("{code}.apply({})", literal(map))
        } else {
            format!("[{code}, {arguments}].apply({})", literal(map))
        }
    };
    match (&field.arrival, &field.ty) {
        (Arrival::Integer, ty) => {
            let (least, most) = whole_range(ty);
            apply("fit_whole", &format!("\"{least}\", \"{most}\""))
        }
        (Arrival::DecimalText, Type::Decimal { precision: Some(precision), scale }) => {
            let scale = i64::from(scale.unwrap_or(0));
            apply("fit_decimal", &format!("{}, {scale}", i64::from(*precision) - scale))
        }
        (Arrival::DecimalText, _) => apply("fit_decimal", "-1, -1"),
        (Arrival::Bool, _) => apply("fit_kind", "\"bool\""),
        (Arrival::Float, _) => apply("fit_float", ""),
        (Arrival::Array(_), _) => apply("fit_kind", "\"array\""),
        (Arrival::Text, Type::Uuid) => apply("fit_text", &literal(UUID)),
        (Arrival::DateText, _) => apply("fit_text", &literal(&format!("^{DATE}$"))),
        (Arrival::DatetimeText, _) => apply("fit_text", &literal(&format!("^{DATE}T{TIME}$"))),
        (Arrival::InstantText, _) => apply("fit_text", &literal(&format!("^{DATE}T{TIME}Z$"))),
        (Arrival::TimeText, _) => apply("fit_text", &literal(&format!("^{TIME}$"))),
        (Arrival::Text | Arrival::Base64 | Arrival::TimeTzText | Arrival::JsonText, _) => {
            apply("fit_kind", "\"string\"")
        }
        // Forms of change logs, which no event has, and what nobody declares.
        (Arrival::EpochDays | Arrival::DatetimeMicros | Arrival::TimeMicros | Arrival::Unknown, _) => code.to_owned(),
    }
}

const UUID: &str = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";
const DATE: &str = "[0-9]{4,6}-[0-9]{2}-[0-9]{2}";
const TIME: &str = "[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?";

/// The record's key over the value `$value`; none where nothing routes it.
pub(super) fn key(form: &EventForm, maps: &mut Maps) -> Option<String> {
    let alone = form.key.len() == 1;
    let parts: Vec<String> = form
        .key
        .iter()
        .filter_map(|part| match part {
            KeyPart::Column(name) => {
                let text = format!("{}.string()", access("value", name));
                if alone {
                    return Some(text);
                }
                maps.need("part");
                Some(format!("{text}.apply(\"part\")"))
            }
            KeyPart::Pair(a, b, ty) => {
                let number = matches!(ty, Type::Smallint | Type::Int | Type::Bigint | Type::Decimal { .. });
                let map = if number { "pair_of_numbers" } else { "pair_of_texts" };
                maps.need(map);
                Some(format!("[{}, {}].apply({})", access("value", a), access("value", b), literal(map)))
            }
            // Refused before a plan is made.
            KeyPart::Other(_) => None,
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" + \":\" + "))
}
