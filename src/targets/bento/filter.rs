//! A `where` as Bloblang, with SQL's meaning: null is unknown, and only true keeps a row.
//!
//! Every operand is brought into one form of its class first (days, microseconds, numbers or decimal text, text, truth values), so that a
//! comparison never sees a value as the log happens to spell it.

use std::collections::BTreeMap;

use crate::model::expr::Expr;
use crate::model::types::Type;
use crate::plan::Arrival;
use crate::syntax::ast::{ArithOp, CompareOp};

use super::bloblang::{access, literal, literals};
use super::maps::Maps;
use super::moment;

/// Bloblang for the truth of all filters together: true, false or null.
pub(super) fn truth(filters: &[Expr], arrivals: &BTreeMap<String, Arrival>, maps: &mut Maps) -> String {
    Writer { arrivals, maps }.logic(filters, "all", "false")
}

/// What a value is, whatever the log calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Bool,
    /// A whole number that arrives as one.
    Whole,
    /// Any number: whole, binary or decimal text.
    Number,
    Text,
    /// Days since 1970.
    Days,
    /// Microseconds since 1970.
    Micros,
    /// Microseconds since midnight.
    Clock,
    Null,
    Unknown,
    /// A program that always fails.
    Refused,
}

struct Value {
    code: String,
    class: Class,
}

struct Writer<'a> {
    arrivals: &'a BTreeMap<String, Arrival>,
    maps: &'a mut Maps,
}

impl Writer<'_> {
    /// `and`, `or`: one operand alone, several in an array. Where one can fail (a division), those before it decide first, as they do in a database.
    fn logic(&mut self, exprs: &[Expr], map: &'static str, decides: &str) -> String {
        let codes: Vec<String> = exprs.iter().map(|expr| self.value(expr).code).collect();
        if let [only] = codes.as_slice() {
            return only.clone();
        }
        self.maps.need(map);
        if !exprs.iter().any(can_fail) {
            return format!("[{}].apply({})", codes.join(", "), literal(map));
        }
        codes
            .into_iter()
            .rev()
            .reduce(|later, first| {
                format!("(match ({first}) {{ {decides} => {decides}, _ => [this, {later}].apply({}) }})", literal(map))
            })
            .unwrap_or_else(|| "true".to_owned())
    }

    fn apply(&mut self, code: &str, map: &'static str) -> String {
        self.maps.need(map);
        format!("{code}.apply({})", literal(map))
    }

    fn value(&mut self, expr: &Expr) -> Value {
        let boolean = |code: String| Value { code, class: Class::Bool };
        match expr {
            Expr::Column { name, ty, .. } => self.column(name, ty),
            Expr::Text(text) => Value { code: literal(text), class: Class::Text },
            Expr::Integer(number) => integer(*number),
            Expr::Decimal(digits) => Value { code: literal(digits), class: Class::Number },
            Expr::Bool(truth) => boolean(truth.to_string()),
            Expr::Date(date) => match moment::days(date) {
                Some(days) => Value { code: days.to_string(), class: Class::Days },
                None => cannot(&format!("{date} is no date")),
            },
            Expr::Null => Value { code: "null".to_owned(), class: Class::Null },
            Expr::And(exprs) => boolean(self.logic(exprs, "all", "false")),
            Expr::Or(exprs) => boolean(self.logic(exprs, "any", "true")),
            Expr::Not(inner) => {
                let inner = self.value(inner).code;
                boolean(self.apply(&inner, "not"))
            }
            Expr::Compare { op, left, right } => boolean(self.compare(*op, left, right)),
            Expr::IsNull { expr, negated } => {
                let code = if let Expr::Column { name, .. } = expr.as_ref() {
                    access("row", name)
                } else {
                    self.value(expr).code
                };
                boolean(format!("({code} {} null)", if *negated { "!=" } else { "==" }))
            }
            Expr::In { expr, list, negated } => {
                let code = self.one_of(expr, list);
                boolean(self.negated(code, *negated))
            }
            Expr::Like { expr, pattern, negated } => {
                let text = self.value(expr).code;
                let code = self.apply(&format!("[{text}, {}]", literal(&like_pattern(pattern))), "like");
                boolean(self.negated(code, *negated))
            }
            Expr::Arith { op, left, right } => self.arithmetic(*op, left, right),
            Expr::Coalesce(exprs) => self.coalesce(exprs),
            Expr::Lower(inner) => {
                let code = self.value(inner).code;
                Value { code: self.apply(&code, "lower"), class: Class::Text }
            }
            Expr::Upper(inner) => {
                let code = self.value(inner).code;
                Value { code: self.apply(&code, "upper"), class: Class::Text }
            }
        }
    }

    fn negated(&mut self, code: String, negated: bool) -> String {
        if negated { self.apply(&code, "not") } else { code }
    }

    fn column(&mut self, name: &str, ty: &Type) -> Value {
        let code = access("row", name);
        let arrival = self.arrivals.get(name).unwrap_or(&Arrival::Unknown);
        let class = match arrival {
            Arrival::Bool => Class::Bool,
            Arrival::Integer => Class::Whole,
            Arrival::DecimalText | Arrival::Float => Class::Number,
            Arrival::Text | Arrival::Base64 | Arrival::TimeTzText | Arrival::JsonText | Arrival::Array(_) => {
                Class::Text
            }
            Arrival::EpochDays => Class::Days,
            Arrival::DatetimeMicros => Class::Micros,
            Arrival::TimeMicros => Class::Clock,
            Arrival::InstantText => {
                return Value { code: self.apply(&code, "instant"), class: Class::Micros };
            }
            Arrival::DateText => return Value { code: self.apply(&code, "days_of"), class: Class::Days },
            Arrival::DatetimeText => return Value { code: self.apply(&code, "micros_of"), class: Class::Micros },
            Arrival::TimeText => return Value { code: self.apply(&code, "clock_of"), class: Class::Clock },
            Arrival::Unknown if *ty == Type::Bool => Class::Bool,
            Arrival::Unknown => Class::Unknown,
        };
        Value { code, class }
    }

    fn compare(&mut self, op: CompareOp, left: &Expr, right: &Expr) -> String {
        let code = self.order(left, right);
        let map = match op {
            CompareOp::Eq => "is_equal",
            CompareOp::Ne => "is_other",
            CompareOp::Lt => "is_below",
            CompareOp::Le => "is_at_most",
            CompareOp::Gt => "is_above",
            CompareOp::Ge => "is_at_least",
        };
        self.apply(&code, map)
    }

    /// -1, 0, 1, or null where one of them is.
    fn order(&mut self, left: &Expr, right: &Expr) -> String {
        let (left, right) = (self.value(left), self.value(right));
        let (left, right) = (self.meet(left, right.class), right);
        let right = self.meet(right, left.class);
        let map = match (left.class, right.class) {
            (Class::Refused, _) | (_, Class::Refused) => "compare_unknown",
            (Class::Null, _) | (_, Class::Null) => return "null".to_owned(),
            (Class::Bool, Class::Bool | Class::Unknown) | (Class::Unknown, Class::Bool) => {
                let bits = [self.apply(&left.code, "bit"), self.apply(&right.code, "bit")];
                return self.apply(&format!("[{}]", bits.join(", ")), "compare");
            }
            (Class::Whole, Class::Whole)
            | (Class::Days, Class::Days)
            | (Class::Micros, Class::Micros)
            | (Class::Clock, Class::Clock) => "compare",
            (Class::Whole | Class::Number, Class::Whole | Class::Number | Class::Unknown)
            | (Class::Unknown, Class::Whole | Class::Number) => "compare_numbers",
            (Class::Text, Class::Text | Class::Unknown) | (Class::Unknown, Class::Text) => "compare_texts",
            (Class::Unknown, Class::Unknown) => "compare_unknown",
            (
                Class::Bool
                | Class::Whole
                | Class::Number
                | Class::Text
                | Class::Days
                | Class::Micros
                | Class::Clock
                | Class::Unknown,
                _,
            ) => {
                return cannot("values of two kinds cannot be compared").code;
            }
        };
        self.apply(&format!("[{}, {}]", left.code, right.code), map)
    }

    /// Brings a value into the class of the other side: a text that spells a moment or a number, a date beside a time.
    fn meet(&mut self, value: Value, other: Class) -> Value {
        match (value.class, other) {
            (Class::Days, Class::Micros) => {
                Value { code: self.apply(&parenthesised(&value.code), "midnight"), class: Class::Micros }
            }
            (Class::Text, Class::Days | Class::Micros | Class::Clock | Class::Whole | Class::Number) => {
                spelled(value, other)
            }
            _ => value,
        }
    }

    fn one_of(&mut self, expr: &Expr, list: &[Expr]) -> String {
        let texts: Option<Vec<&str>> =
            list.iter().map(|item| if let Expr::Text(text) = item { Some(text.as_str()) } else { None }).collect();
        let value = self.value(expr);
        if let (Some(texts), Class::Text | Class::Unknown) = (texts, value.class) {
            return self.apply(&format!("[{}, {}]", value.code, literals(texts)), "in_texts");
        }
        let equal: Vec<String> = list.iter().map(|item| self.compare(CompareOp::Eq, expr, item)).collect();
        match equal.as_slice() {
            [only] => only.clone(),
            _ => self.apply(&format!("[{}]", equal.join(", ")), "any"),
        }
    }

    fn arithmetic(&mut self, op: ArithOp, left: &Expr, right: &Expr) -> Value {
        let whole = left.is_whole() && right.is_whole();
        let (left, right) = (self.value(left), self.value(right));
        let class = match (op, left.class, right.class) {
            (ArithOp::Sub, Class::Days, Class::Days) => Class::Whole,
            (ArithOp::Add | ArithOp::Sub, Class::Days, _) | (ArithOp::Add, _, Class::Days) => Class::Days,
            (_, Class::Whole, Class::Whole) if whole => Class::Whole,
            _ => Class::Number,
        };
        let map = match op {
            ArithOp::Add => "plus",
            ArithOp::Sub => "minus",
            ArithOp::Mul => "times",
            ArithOp::Div if whole => "whole_over",
            ArithOp::Div => "over",
            ArithOp::Rem => "rest",
        };
        Value { code: self.apply(&format!("[{}, {}]", left.code, right.code), map), class }
    }

    fn coalesce(&mut self, exprs: &[Expr]) -> Value {
        let values: Vec<Value> = exprs.iter().map(|expr| self.value(expr)).collect();
        let known: Vec<Class> = values.iter().map(|value| value.class).filter(|class| *class != Class::Null).collect();
        let class = if known.contains(&Class::Micros) {
            Class::Micros
        } else {
            known.iter().copied().find(|class| *class != Class::Text).or(known.first().copied()).unwrap_or(Class::Null)
        };
        let codes: Vec<String> = values.into_iter().map(|value| self.meet(value, class).code).collect();
        Value { code: self.apply(&format!("[{}]", codes.join(", ")), "coalesce"), class }
    }
}

/// A text literal read as what the other side is; anything else cannot be known before it runs.
fn spelled(value: Value, other: Class) -> Value {
    // INVARIANT: only literals of this module start and end with a quote and hold no other.
    let inner = value.code.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|text| !text.contains('"'));
    let code = match (inner, other) {
        (Some(text), Class::Days) => moment::days(text).map(|days| days.to_string()),
        (Some(text), Class::Micros) => moment::micros(text).map(|micros| micros.to_string()),
        (Some(text), Class::Clock) => moment::clock(text).map(|micros| micros.to_string()),
        (Some(text), Class::Whole | Class::Number) => is_number(text).then(|| value.code.clone()),
        _ => None,
    };
    match code {
        Some(code) => Value { code, class: if other == Class::Whole { Class::Number } else { other } },
        None => cannot("a text cannot be read as what it is compared with"),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// What should not have come this far: the record is refused with the reason, never judged wrongly.
fn cannot(why: &str) -> Value {
    Value { code: format!("throw({})", literal(why)), class: Class::Refused }
}

fn parenthesised(code: &str) -> String {
    if code.starts_with('$') { code.to_owned() } else { format!("({code})") }
}

/// A whole number that a double cannot hold goes as text, which comparisons of numbers take as well.
fn integer(number: i64) -> Value {
    if number.unsigned_abs() < 1 << 53 {
        Value { code: number.to_string(), class: Class::Whole }
    } else {
        Value { code: literal(&number.to_string()), class: Class::Number }
    }
}

fn can_fail(expr: &Expr) -> bool {
    let mut found = false;
    expr.visit(&mut |expr| found |= matches!(expr, Expr::Arith { op: ArithOp::Div | ArithOp::Rem, .. }));
    found
}

/// A LIKE pattern as a regular expression: `%` any text, `_` one character, a backslash takes the next one as it is.
fn like_pattern(pattern: &str) -> String {
    let mut out = String::from("(?s)^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => out.push_str(".*"),
            '_' => out.push('.'),
            '\\' => exactly(&mut out, chars.next().unwrap_or('\\')),
            c => exactly(&mut out, c),
        }
    }
    out.push('$');
    out
}

fn exactly(out: &mut String, c: char) {
    if r"\.+*?()|[]{}^$".contains(c) {
        out.push('\\');
    }
    out.push(c);
}
