//! Values of a view's stages as PostgreSQL's SQL: parentheses everywhere, so that no reader needs to know who binds tighter.

use crate::model::Mask;
use crate::model::query::{At, Value, ValueKind};
use crate::model::types::Type;
use crate::plan::sql_type;
use crate::systems::Kind;
use crate::targets::masks::{REDACTED, kept};
use crate::targets::sql::spell::text;

/// Renders a value; `column` spells a column by where it stands.
pub(super) fn render(value: &Value, column: &impl Fn(&At) -> String) -> String {
    let of = |inner: &Value| render(inner, column);
    let all = |values: &[Value], word: &str| {
        let all: Vec<String> = values.iter().map(of).collect();
        format!("({})", all.join(word))
    };
    match &value.kind {
        ValueKind::Column(at) => column(at),
        ValueKind::Text(literal) => text(literal),
        ValueKind::Integer(number) => digits(&number.to_string()),
        ValueKind::Decimal(number) => digits(number),
        ValueKind::Bool(truth) => truth.to_string(),
        ValueKind::Date(day) => format!("DATE {}", text(day)),
        ValueKind::Null => "NULL".to_owned(),
        ValueKind::And(values) => all(values, " AND "),
        ValueKind::Or(values) => all(values, " OR "),
        ValueKind::Not(inner) => format!("(NOT {})", of(inner)),
        ValueKind::Compare { op, left, right } => {
            format!("({} {} {})", beside(left, right, column), op.sign(), beside(right, left, column))
        }
        ValueKind::IsNull { value, negated } => format!("({} IS {}NULL)", of(value), not(*negated)),
        // An empty list holds nothing, also for null; SQL has no spelling for it.
        ValueKind::In { list, negated, .. } if list.is_empty() => negated.to_string(),
        ValueKind::In { value, list, negated } => {
            let list: Vec<String> = list.iter().map(|each| beside(each, value, column)).collect();
            format!("({} {}IN ({}))", of(value), not(*negated), list.join(", "))
        }
        ValueKind::Like { value, pattern, negated } => {
            format!("({} {}LIKE {})", of(value), not(*negated), of(pattern))
        }
        ValueKind::Arith { op, left, right } => format!("({} {} {})", of(left), op.sign(), of(right)),
        ValueKind::Negative(inner) => format!("(- {})", of(inner)),
        ValueKind::Case { arms, otherwise } => {
            let arms: String =
                arms.iter().map(|(when, then)| format!(" WHEN {} THEN {}", of(when), of(then))).collect();
            let otherwise = otherwise.as_ref().map_or_else(String::new, |value| format!(" ELSE {}", of(value)));
            format!("(CASE{arms}{otherwise} END)")
        }
        ValueKind::Cast(inner) => format!("CAST({} AS {})", of(inner), typed(&value.ty)),
        ValueKind::Call { function, args } => {
            format!("{function}({})", args.iter().map(of).collect::<Vec<_>>().join(", "))
        }
        ValueKind::Aggregate { function, arg } => {
            format!("{function}({})", arg.as_ref().map_or_else(|| "*".to_owned(), |arg| of(arg)))
        }
        ValueKind::Masked { value: inner, mask } => match mask {
            // A hash needs a secret, which no view can hold; it is refused before.
            Mask::Null | Mask::Hash => format!("CAST(NULL AS {})", typed(&value.ty)),
            Mask::Redact => format!("(CASE WHEN {} IS NOT NULL THEN {} END)", of(inner), text(REDACTED)),
            Mask::Truncate(letters) => format!("left({}::text, {})", of(inner), kept(*letters)),
        },
        // Refused before: this version writes none of them for a store.
        ValueKind::Duration(_) | ValueKind::WindowStart | ValueKind::WindowEnd => "NULL".to_owned(),
    }
}

/// The SQL type of a portable one.
pub(super) fn typed(ty: &Type) -> String {
    sql_type(Kind::Postgres, ty, None)
}

/// An operand beside another: what is meant in UTC is spelled so, whatever zone a session has; a uuid meets a text as a text.
fn beside(value: &Value, other: &Value, column: &impl Fn(&At) -> String) -> String {
    let plain = render(value, column);
    match (&value.kind, &other.ty) {
        (ValueKind::Date(day), Type::Timestamp) => {
            format!("CAST({} AS TIMESTAMPTZ)", text(&format!("{day} 00:00:00 +00:00")))
        }
        (ValueKind::Text(moment), Type::Timestamp) => {
            let zone = moment.get(10..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
            let moment = if zone { moment.clone() } else { format!("{moment}Z") };
            format!("CAST({} AS TIMESTAMPTZ)", text(&moment))
        }
        (ValueKind::Text(_), _) => plain,
        (_, Type::Text | Type::Enum(_)) if value.ty == Type::Uuid => format!("{plain}::text"),
        _ => plain,
    }
}

/// A negative number in parentheses: `5 - -3` must not become a comment.
fn digits(number: &str) -> String {
    if number.starts_with('-') { format!("({number})") } else { number.to_owned() }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}
