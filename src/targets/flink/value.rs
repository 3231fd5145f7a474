//! Expressions in Flink's SQL.
//!
//! Between steps, values stand as they stand in the log: decimals and instants as text. `wire` writes a value so, `exact` so that it can be compared and
//! computed with. Whole numbers are computed with more room than their type has, and a result that does not fit stops the job: Flink would wrap around in
//! silence (tried; tests/lab/FACTS.md).

use crate::model::Mask;
use crate::model::query::limits::{digits, is_whole};
use crate::model::query::{Value, ValueKind};
use crate::model::types::Type;
use crate::syntax::ast::{ArithOp, CompareOp};
use crate::targets::masks::REDACTED;

/// An identifier.
pub(super) fn name(text: &str) -> String {
    format!("`{}`", text.replace('`', "``"))
}

/// A text.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The type a value has between steps and in topics.
pub(super) fn wire_type(ty: &Type) -> String {
    match ty {
        Type::Bool => "BOOLEAN".into(),
        Type::Smallint => "SMALLINT".into(),
        Type::Int | Type::Date => "INT".into(),
        Type::Bigint | Type::Datetime | Type::Time => "BIGINT".into(),
        Type::Float => "FLOAT".into(),
        Type::Double => "DOUBLE".into(),
        Type::Array(of) => format!("ARRAY<{}>", wire_type(of)),
        Type::Decimal { .. }
        | Type::Text
        | Type::Uuid
        | Type::Bytes
        | Type::Timestamp
        | Type::TimeTz
        | Type::Interval
        | Type::Json
        | Type::Enum(_)
        | Type::Other(_) => "STRING".into(),
    }
}

fn is_decimal(value: &Value) -> bool {
    matches!(value.ty, Type::Decimal { .. })
}

fn decimal_type(value: &Value) -> String {
    let (precision, scale) = digits(value).unwrap_or((38, 18));
    format!("DECIMAL({},{scale})", precision.clamp(1, 38))
}

fn column(value: &Value) -> Option<String> {
    let at = value.column()?;
    Some(if at.row.is_empty() { name(&at.name) } else { format!("{}.{}", name(&at.row), name(&at.name)) })
}

/// As it stands in the log.
pub(super) fn wire(value: &Value) -> String {
    if let Some(column) = column(value) {
        return column;
    }
    match (&value.kind, &value.ty) {
        (ValueKind::Null, ty) => format!("CAST(NULL AS {})", wire_type(ty)),
        (ValueKind::Masked { value: hidden, mask }, ty) => masked(hidden, *mask, ty),
        (_, Type::Decimal { .. } | Type::Timestamp) => canonical(value),
        _ => exact(value),
    }
}

/// In the one spelling of its type.
pub(super) fn canonical(value: &Value) -> String {
    match &value.ty {
        Type::Decimal { .. } => format!("CAST({} AS STRING)", exact(value)),
        Type::Timestamp => format!("REPLACE(CAST({} AS STRING), ' ', 'T') || 'Z'", exact(value)),
        _ => wire(value),
    }
}

/// Nothing stays nothing.
fn masked(hidden: &Value, mask: Mask, ty: &Type) -> String {
    let shown = wire(hidden);
    match mask {
        Mask::Redact => format!("CASE WHEN {shown} IS NOT NULL THEN {} END", text(REDACTED)),
        Mask::Truncate(length) => format!("SUBSTRING({shown}, 1, {length})"),
        // A hash is refused before; what slips through is hidden.
        Mask::Null | Mask::Hash => format!("CAST(NULL AS {})", wire_type(ty)),
    }
}

/// To be compared and computed with.
pub(super) fn exact(value: &Value) -> String {
    if let Some(column) = column(value) {
        return match &value.ty {
            Type::Decimal { .. } => format!("CAST({column} AS {})", decimal_type(value)),
            Type::Timestamp => instant(&column),
            _ => column,
        };
    }
    let all = |values: &[Value], sign: &str| {
        let parts: Vec<String> = values.iter().map(exact).collect();
        format!("({})", parts.join(sign))
    };
    match &value.kind {
        ValueKind::Column(_) => String::new(),
        ValueKind::Text(literal) => text(literal),
        ValueKind::Integer(n) => n.to_string(),
        ValueKind::Decimal(digits) => digits.clone(),
        ValueKind::Bool(value) => if *value { "TRUE" } else { "FALSE" }.into(),
        ValueKind::Date(date) => days(date).to_string(),
        ValueKind::Null => format!("CAST(NULL AS {})", wire_type(&value.ty)),
        ValueKind::Duration(ms) => ms.to_string(),
        ValueKind::And(values) => all(values, " AND "),
        ValueKind::Or(values) => all(values, " OR "),
        ValueKind::Not(one) => format!("(NOT {})", exact(one)),
        ValueKind::Compare { op, left, right } => compare(*op, left, right),
        ValueKind::IsNull { value, negated } => {
            format!("({} IS {}NULL)", wire(value), if *negated { "NOT " } else { "" })
        }
        ValueKind::In { value, list, negated } => {
            let one = |item| compare(CompareOp::Eq, value, item);
            let any: Vec<String> = list.iter().map(one).collect();
            format!("({}({}))", if *negated { "NOT " } else { "" }, any.join(" OR "))
        }
        ValueKind::Like { value, pattern, negated } => {
            format!("({} {}LIKE {} ESCAPE '\\')", exact(value), if *negated { "NOT " } else { "" }, exact(pattern))
        }
        ValueKind::Arith { op, left, right } => arithmetic(value, *op, left, right),
        ValueKind::Negative(one) if is_whole(value) => narrow(&format!("(0 - {})", roomy(one)), &value.ty),
        ValueKind::Negative(one) => format!("(- {})", exact(one)),
        ValueKind::Case { arms, otherwise } => {
            let arms = arms.iter().map(|(when, then)| format!("WHEN {} THEN {}", exact(when), as_type(then, value)));
            let otherwise = otherwise.as_ref().map(|one| format!("ELSE {} ", as_type(one, value))).unwrap_or_default();
            format!("CASE {} {otherwise}END", arms.collect::<Vec<_>>().join(" "))
        }
        ValueKind::Cast(from) => cast(value, from),
        ValueKind::Call { function, args } => call(value, function, args),
        ValueKind::Aggregate { function, arg } => aggregate(value, function, arg.as_deref()),
        // Both are columns of the step before, wherever a window is.
        ValueKind::WindowStart => name("window start"),
        ValueKind::WindowEnd => name("window end"),
        ValueKind::Masked { value: hidden, mask } => masked(hidden, *mask, &value.ty),
    }
}

/// Text of an instant as a moment in UTC.
pub(super) fn instant(column: &str) -> String {
    format!("CAST(REPLACE(REPLACE({column}, 'T', ' '), 'Z', '') AS TIMESTAMP(6))")
}

/// A branch in the type of the whole.
fn as_type(value: &Value, whole: &Value) -> String {
    if value.kind == ValueKind::Null {
        let ty = if is_decimal(whole) { decimal_type(whole) } else { wire_type(&whole.ty) };
        let ty = if whole.ty == Type::Timestamp { "TIMESTAMP(6)".to_owned() } else { ty };
        return format!("CAST(NULL AS {ty})");
    }
    if value.ty == whole.ty && !is_decimal(whole) {
        return exact(value);
    }
    match &whole.ty {
        Type::Decimal { .. } => format!("CAST({} AS {})", exact(value), decimal_type(whole)),
        Type::Text => exact(value),
        ty => format!("CAST({} AS {})", exact(value), wire_type(ty)),
    }
}

fn compare(op: CompareOp, left: &Value, right: &Value) -> String {
    let side = |value: &Value, other: &Value| match (&value.kind, &other.ty) {
        (ValueKind::Date(date), Type::Timestamp) => format!("TIMESTAMP '{date} 00:00:00'"),
        (ValueKind::Date(date), Type::Datetime) => (days(date) * 86_400_000_000).to_string(),
        _ if is_whole(value) => roomy(value),
        _ => exact(value),
    };
    format!("({} {} {})", side(left, right), op.sign(), side(right, left))
}

/// A whole number with more room than its type has, so that one operation never leaves it.
fn roomy(value: &Value) -> String {
    match &value.kind {
        ValueKind::Arith { op, left, right } => {
            let small = |value: &Value| matches!(value.ty, Type::Smallint | Type::Int);
            let room = if small(left) && small(right) { "BIGINT" } else { "DECIMAL(19,0)" };
            let side = |value: &Value| format!("CAST({} AS {room})", exact(value));
            match op {
                ArithOp::Add | ArithOp::Sub | ArithOp::Mul => format!("({} {} {})", side(left), op.sign(), side(right)),
                // A quotient of whole numbers is one: it is no larger than what is divided.
                ArithOp::Div => format!("({} / {})", exact(left), exact(right)),
                ArithOp::Rem => format!("MOD({}, {})", exact(left), exact(right)),
            }
        }
        _ => exact(value),
    }
}

/// A whole number in its type; one that does not fit stops the job. The blank that is taken away keeps Flink from joining both casts into one, which
/// would wrap around.
fn narrow(sql: &str, ty: &Type) -> String {
    format!("CAST(TRIM(CAST({sql} AS STRING)) AS {})", wire_type(ty))
}

fn arithmetic(value: &Value, op: ArithOp, left: &Value, right: &Value) -> String {
    if is_whole(value) {
        return match op {
            ArithOp::Add | ArithOp::Sub | ArithOp::Mul => narrow(&roomy(value), &value.ty),
            ArithOp::Div | ArithOp::Rem => roomy(value),
        };
    }
    let side = |value: &Value| match value.ty {
        Type::Smallint | Type::Int | Type::Bigint if value.column().is_some() => {
            format!("CAST({} AS {})", exact(value), decimal_type(value))
        }
        _ => exact(value),
    };
    let float = matches!(value.ty, Type::Float | Type::Double);
    let (left, right) = if float { (exact(left), exact(right)) } else { (side(left), side(right)) };
    match op {
        ArithOp::Rem => format!("MOD({left}, {right})"),
        ArithOp::Add | ArithOp::Sub | ArithOp::Mul | ArithOp::Div => format!("({left} {} {right})", op.sign()),
    }
}

fn cast(value: &Value, from: &Value) -> String {
    match (&from.ty, &value.ty) {
        (a, b) if a == b => exact(from),
        (_, Type::Text) if is_decimal(from) => canonical(from),
        (_, Type::Text) => format!("CAST({} AS STRING)", exact(from)),
        (_, Type::Decimal { .. }) => format!("CAST({} AS {})", exact(from), decimal_type(value)),
        (Type::Decimal { .. }, ty) => narrow(&format!("ROUND({}, 0)", exact(from)), ty),
        (Type::Smallint | Type::Int | Type::Bigint, ty) => narrow(&exact(from), ty),
        (_, ty) => format!("CAST({} AS {})", exact(from), wire_type(ty)),
    }
}

fn call(value: &Value, function: &str, args: &[Value]) -> String {
    let list = |all: Vec<String>| all.join(", ");
    match (function, args) {
        ("lower", _) => format!("LOWER({})", list(args.iter().map(exact).collect())),
        ("upper", _) => format!("UPPER({})", list(args.iter().map(exact).collect())),
        ("pair", [a, b]) => {
            let part = |value: &Value| {
                if is_whole(value) {
                    return format!("CAST({} AS STRING)", exact(value));
                }
                let escapes = [("%", "%25"), (":", "%3A"), ("{", "%7B"), ("}", "%7D")];
                escapes.iter().fold(exact(value), |sql, (sign, code)| format!("REPLACE({sql}, '{sign}', '{code}')"))
            };
            let (first, second) = (part(a), part(b));
            format!(
                "CASE WHEN {} <= {} THEN {first} || ':' || {second} ELSE {second} || ':' || {first} END",
                exact(a),
                exact(b)
            )
        }
        _ => format!("COALESCE({})", list(args.iter().map(|arg| as_type(arg, value)).collect())),
    }
}

fn aggregate(value: &Value, function: &str, arg: Option<&Value>) -> String {
    let Some(arg) = arg else { return "COUNT(*)".into() };
    let whole = || format!("SUM(CAST({} AS DECIMAL(38,0)))", roomy(arg));
    match function {
        "count" => format!("COUNT({})", wire(arg)),
        "sum" if is_whole(arg) => narrow(&whole(), &value.ty),
        // The nearest double of the exact mean.
        "avg" if is_whole(arg) => format!("(CAST({} AS DOUBLE) / CAST(COUNT({}) AS DOUBLE))", whole(), exact(arg)),
        _ => format!("{}({})", function.to_uppercase(), exact(arg)),
    }
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
pub(super) fn days(date: &str) -> i64 {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().unwrap_or(0));
    let (year, month, day) = (parts.next().unwrap_or(1970), parts.next().unwrap_or(1), parts.next().unwrap_or(1));
    // Days of the civil calendar, counted in eras of 400 years that begin on the first of March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + days - 719_468
}
