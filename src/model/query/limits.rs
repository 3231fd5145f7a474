//! What Flink cannot work out exactly, so that it is refused and never done by halves.
//!
//! Flink computes decimals with at most 38 digits and answers null, or wraps around, where a result has more; and what it once added to a sum of binary
//! floating numbers it takes away again, which leaves remainders.

use super::{Column, Value, ValueKind, What};
use crate::model::Mask;
use crate::model::types::Type;
use crate::source::Span;
use crate::syntax::ast::{ArithOp, CompareOp, WindowKind};

/// Most digits of a decimal in Flink.
pub const MOST_DIGITS: u32 = 38;
/// Most digits of a decimal that is summed: ten thousand million of the largest ones still fit.
pub const MOST_SUMMED: u32 = 28;

/// Most seconds between two events that are joined: what Flink's whole numbers hold.
const MOST_SECONDS: u64 = 2_147_483_647;

/// Most hopping windows that one row is counted in.
const MOST_HOPS: u64 = 1000;

/// Something that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Where it is written.
    pub span: Span,
    /// What, with its verb: "`sum` of a floating number is".
    pub what: String,
    /// Why, for the label.
    pub why: &'static str,
    /// What to write instead.
    pub help: &'static str,
}

const NO_BOUND: &str = "Flink computes with at most 38 digits, and nothing bounds these";

/// Digits, and digits behind the point, of a number that is no floating one; none where no bound is known.
#[must_use]
pub fn digits(value: &Value) -> Option<(u32, u32)> {
    match &value.kind {
        ValueKind::Integer(n) => Some((u32::try_from(n.unsigned_abs().to_string().len()).ok()?, 0)),
        ValueKind::Decimal(text) => {
            let (whole, behind) = text.trim_start_matches('-').split_once('.').unwrap_or((text, ""));
            let scale = u32::try_from(behind.len()).ok()?;
            Some(((u32::try_from(whole.len()).ok()? + scale).max(1), scale))
        }
        ValueKind::Null => Some((1, 0)),
        ValueKind::Negative(one) => digits(one),
        ValueKind::Arith { op, left, right } if !is_whole(value) => {
            let ((p, s), (q, t)) = (digits(left)?, digits(right)?);
            match op {
                ArithOp::Add | ArithOp::Sub => {
                    let scale = s.max(t);
                    Some((p.saturating_sub(s).max(q.saturating_sub(t)) + scale + 1, scale))
                }
                ArithOp::Mul => Some((p + q, s + t)),
                ArithOp::Div | ArithOp::Rem => None,
            }
        }
        ValueKind::Case { arms, otherwise } => most(arms.iter().map(|(_, then)| then).chain(otherwise.as_deref())),
        ValueKind::Call { function, args } if function == "coalesce" => most(args.iter()),
        ValueKind::Aggregate { function, arg: Some(arg) } if !is_whole(arg) => match function.as_str() {
            "min" | "max" => digits(arg),
            "sum" => Some((MOST_DIGITS, digits(arg)?.1)),
            "avg" => Some((MOST_DIGITS, mean_scale(digits(arg)?.1))),
            _ => of_type(&value.ty),
        },
        _ => of_type(&value.ty),
    }
}

fn most<'a>(all: impl Iterator<Item = &'a Value>) -> Option<(u32, u32)> {
    let all: Vec<(u32, u32)> = all.map(digits).collect::<Option<_>>()?;
    all.into_iter().reduce(|(p, s), (q, t)| {
        let scale = s.max(t);
        (p.saturating_sub(s).max(q.saturating_sub(t)) + scale, scale)
    })
}

/// Digits behind the point of a mean of decimals: Flink's, at least 6.
#[must_use]
pub fn mean_scale(scale: u32) -> u32 {
    scale.max(6)
}

/// Digits that values of a type have at most.
#[must_use]
pub fn of_type(ty: &Type) -> Option<(u32, u32)> {
    match ty {
        Type::Smallint => Some((5, 0)),
        Type::Int => Some((10, 0)),
        Type::Bigint => Some((19, 0)),
        Type::Decimal { precision: Some(p), scale } => {
            let scale = u32::try_from(scale.unwrap_or(0)).ok()?;
            (*p <= MOST_DIGITS && scale <= *p).then_some((*p, scale))
        }
        _ => None,
    }
}

/// Whether a value is a whole number.
#[must_use]
pub fn is_whole(value: &Value) -> bool {
    matches!(value.ty, Type::Smallint | Type::Int | Type::Bigint)
}

fn is_decimal(value: &Value) -> bool {
    matches!(value.ty, Type::Decimal { .. })
}

fn is_float(value: &Value) -> bool {
    matches!(value.ty, Type::Float | Type::Double)
}

fn is_moment(ty: &Type) -> bool {
    matches!(ty, Type::Date | Type::Datetime | Type::Timestamp)
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::Uuid | Type::Enum(_))
}

/// Whether values can be told apart and ordered as they arrive.
fn is_comparable(value: &Value) -> bool {
    match &value.ty {
        Type::Bool | Type::Smallint | Type::Int | Type::Bigint | Type::Float | Type::Double | Type::Time => true,
        Type::Decimal { .. } => digits(value).is_some_and(|(precision, _)| precision <= MOST_DIGITS),
        ty => is_text(ty) || is_moment(ty) || value.kind == ValueKind::Null,
    }
}

/// What is found, in order.
#[derive(Debug, Default)]
pub struct Limits(pub Vec<Limit>);

impl Limits {
    fn add(&mut self, span: Span, what: impl Into<String>, why: &'static str, help: &'static str) {
        self.0.push(Limit { span, what: what.into(), why, help });
    }

    /// What a stage asks for and Flink cannot do; `state` where the rows it looks at change.
    pub fn stage(&mut self, what: &What, state: bool, span: Span) {
        match what {
            What::Where(value) => self.value(value),
            What::Select(all) => all.iter().for_each(|(_, value)| self.value(value)),
            What::Join { on, joined, left, many, within, .. } => {
                self.value(on);
                if within.is_some_and(|ms| !ms.is_multiple_of(1000) || ms / 1000 > MOST_SECONDS) {
                    self.add(
                        span,
                        "`within` such a time is",
                        "Flink is told whole seconds, at most 68 years of them",
                        "write whole seconds",
                    );
                }
                if equalities(on, joined).is_empty() {
                    self.add(
                        on.span,
                        "a join without an equality is",
                        "each row would be held against every other one",
                        "say which columns of both sides are equal",
                    );
                }
                if *left && *many {
                    self.add(
                        span,
                        "`left join many` is",
                        "a row without a partner would lack a part of its key",
                        "write `join many`, or gather the rows with `nest`",
                    );
                }
            }
            What::Nest { on, joined, .. } => {
                self.value(on);
                if nest_condition(on, joined).is_none() {
                    self.add(
                        on.span,
                        "a condition of `nest` that is more than equalities is",
                        "rows are gathered by what they equal",
                        "say which columns of both sides are equal, and put the rest into a view of its own",
                    );
                }
            }
            What::Window { kind: WindowKind::Session(_), .. } => self.add(
                span,
                "`window session` is",
                "a record that comes late makes one of two sessions, and Flink has answered for both by then",
                "take a tumbling or a hopping window",
            ),
            What::Window { on, .. } if !is_moment(&on.ty) => self.add(
                on.span,
                "a window over a column of unknown type is",
                "nothing says that it is a moment",
                "declare the column with its type",
            ),
            What::Window { kind, .. } => self.window(*kind, span),
            What::Group { by } => by.iter().for_each(|(_, value)| self.key(value)),
            What::KeyBy { by } => by.iter().for_each(|value| self.key(value)),
            What::Distinct { by } => by.iter().for_each(|value| _ = self.comparable(value)),
            What::Union { .. } if state => self.add(
                span,
                "`union` of rows that change is",
                "two rows of one key would overwrite each other",
                "unite events, or keep two views",
            ),
            What::Union { .. } => {}
        }
    }

    fn window(&mut self, kind: WindowKind, span: Span) {
        let (size, every) = match kind {
            WindowKind::Tumbling(size) | WindowKind::Session(size) => (size.ms, size.ms),
            WindowKind::Hopping { size, every } => (size.ms, every.ms),
        };
        if size == 0 || every == 0 || !size.is_multiple_of(1000) || !every.is_multiple_of(1000) {
            self.add(
                span,
                "a window of parts of a second is",
                "its bounds are whole seconds",
                "write a length of whole seconds",
            );
        } else if every > size {
            self.add(
                span,
                "a window shorter than its step is",
                "what happens between two windows would be counted nowhere",
                "write `hopping` with a length, then a step that is not longer",
            );
        } else if size.div_ceil(every) > MOST_HOPS {
            self.add(
                span,
                "a window of so many steps is",
                "each row would be counted in more than 1000 windows",
                "take longer steps",
            );
        }
    }

    /// A part of a key must be there, and must be told apart.
    fn key(&mut self, value: &Value) {
        self.value(value);
        self.comparable(value);
        if value.nullable {
            self.add(
                value.span,
                "a key that may be null is",
                "documents, rows of tables and records of a log are named by their key",
                "leave such rows out with `where … is not null` and `coalesce(…, …)`",
            );
        }
    }

    fn comparable(&mut self, value: &Value) -> bool {
        let fits = is_comparable(value);
        if !fits {
            let why = if is_decimal(value) { NO_BOUND } else { "values of that type have no order in the log" };
            self.add(
                value.span,
                format!("comparing {} is", value.ty.phrase()),
                why,
                "compare another column, or declare this one with its digits, as in `decimal(18,2)`",
            );
        }
        fits
    }

    /// What Flink cannot work out exactly of a value.
    pub fn value(&mut self, value: &Value) {
        let before = self.0.len();
        value.parts().into_iter().for_each(|part| self.value(part));
        if self.0.len() > before {
            return;
        }
        match &value.kind {
            ValueKind::Duration(_) => self.add(
                value.span,
                "a span of time in an expression is",
                "Flink keeps spans in milliseconds, and loses the rest",
                "let the record carry the moment as a column",
            ),
            ValueKind::Arith { .. } if is_moment(&value.ty) || value.ty == Type::Interval => self.add(
                value.span,
                "arithmetic with moments is",
                "Flink keeps spans in milliseconds, and loses the rest",
                "let the record carry the result as a column",
            ),
            ValueKind::Arith { op, .. } if is_decimal(value) => self.decimal(value, *op),
            ValueKind::Compare { left, right, .. } => self.compared(left, right),
            ValueKind::In { value, list, .. } => list.iter().for_each(|item| self.compared(value, item)),
            ValueKind::Cast(from) => self.cast(value, from),
            ValueKind::Aggregate { function, arg: Some(arg) } => self.aggregate(value, function, arg),
            ValueKind::Call { function, args } if function == "pair" => {
                for arg in args.iter().filter(|arg| !is_whole(arg) && !is_text(&arg.ty)) {
                    self.add(
                        arg.span,
                        format!("`pair` of {} is", arg.ty.phrase()),
                        "its text may be written in two ways",
                        "take whole numbers or texts",
                    );
                }
            }
            ValueKind::Call { function, .. } if function == "checksum" => {
                self.add(value.span, "`checksum` in a view is", "it belongs to an audit", "delete it");
            }
            ValueKind::Masked { mask: Mask::Hash, .. } => self.add(
                value.span,
                "a keyed hash by Flink is",
                "Flink SQL has no hash that takes a secret",
                "mask with `redact`, or leave the column out with `drop`",
            ),
            _ => {}
        }
    }

    fn decimal(&mut self, value: &Value, op: ArithOp) {
        if digits(value).is_some_and(|(precision, _)| precision <= MOST_DIGITS) {
            return;
        }
        let why = match op {
            ArithOp::Div | ArithOp::Rem => "a quotient of decimals may have no end, and Flink would cut it",
            ArithOp::Add | ArithOp::Sub | ArithOp::Mul => {
                "Flink computes with at most 38 digits, and the result may have more"
            }
        };
        self.add(
            value.span,
            format!("`{}` of such decimals is", op.sign()),
            why,
            "declare the columns with fewer digits, or let the record carry the result",
        );
    }

    fn compared(&mut self, left: &Value, right: &Value) {
        if !self.comparable(left) || !self.comparable(right) {
            return;
        }
        let literal = |value: &Value| matches!(value.kind, ValueKind::Date(_) | ValueKind::Null);
        if is_moment(&left.ty) && is_moment(&right.ty) && left.ty != right.ty && !literal(left) && !literal(right) {
            self.add(
                right.span,
                format!("comparing {} with {} is", left.ty.phrase(), right.ty.phrase()),
                "one of the two needs a time zone that nobody says",
                "compare columns of one type",
            );
        }
    }

    fn cast(&mut self, value: &Value, from: &Value) {
        let whole = |ty: &Type| matches!(ty, Type::Smallint | Type::Int | Type::Bigint);
        let bounded = || digits(from).is_some_and(|(precision, _)| precision <= MOST_DIGITS);
        let exact = match (&from.ty, &value.ty) {
            (a, b) if a == b => true,
            (a, b) if whole(a) && whole(b) => true,
            (a, Type::Decimal { .. }) if whole(a) => of_type(&value.ty).is_some(),
            (Type::Decimal { .. }, Type::Decimal { .. }) => bounded() && of_type(&value.ty).is_some(),
            (Type::Decimal { .. }, b) if whole(b) => bounded(),
            (a, Type::Text) => whole(a) || is_text(a) || matches!(a, Type::Decimal { .. }),
            (Type::Text, b) if whole(b) => true,
            (Type::Text, Type::Decimal { .. }) => of_type(&value.ty).is_some(),
            _ => false,
        };
        if !exact {
            self.add(
                value.span,
                format!("`cast` of {} to {} is", from.ty.phrase(), value.ty.phrase()),
                "Flink's answer may differ from that of the record's database",
                "let the record carry the value in that type",
            );
        }
    }

    fn aggregate(&mut self, value: &Value, function: &str, arg: &Value) {
        match function {
            "sum" | "avg" if is_float(arg) => self.add(
                value.span,
                format!("`{function}` of a floating number is"),
                "what changes is taken away again, which leaves remainders of rounding",
                "declare the column as a decimal",
            ),
            "sum" | "avg" if is_decimal(arg) => match digits(arg) {
                Some((precision, _)) if precision <= MOST_SUMMED => {}
                Some(_) => self.add(
                    value.span,
                    format!("`{function}` of decimals of more than {MOST_SUMMED} digits is"),
                    "the sum may need more than the 38 digits Flink computes with",
                    "declare the column with fewer digits",
                ),
                None => self.add(
                    value.span,
                    format!("`{function}` of a decimal without digits is"),
                    NO_BOUND,
                    "declare the column with its digits, as in `decimal(18,2)`",
                ),
            },
            "min" | "max" => _ = self.comparable(arg),
            _ => {}
        }
    }
}

/// Parts of a condition that all have to hold.
fn conjuncts(value: &Value) -> Vec<&Value> {
    match &value.kind {
        ValueKind::And(all) => all.iter().flat_map(conjuncts).collect(),
        _ => vec![value],
    }
}

/// Whether a value reads columns of the joined side, and whether it reads others.
fn sides(value: &Value, joined: &[Column]) -> (bool, bool) {
    let (mut theirs, mut mine) = (false, false);
    value.visit(&mut |part| {
        if let Some(at) = part.column() {
            if joined.iter().any(|column| column.at == *at) {
                theirs = true;
            } else {
                mine = true;
            }
        }
    });
    (theirs, mine)
}

/// What of both sides a condition holds equal: the joined side's value, and this side's.
#[must_use]
pub fn equalities<'a>(on: &'a Value, joined: &[Column]) -> Vec<(&'a Value, &'a Value)> {
    let pair = |value: &'a Value| match &value.kind {
        ValueKind::Compare { op: CompareOp::Eq, left, right } => match (sides(left, joined), sides(right, joined)) {
            ((true, false), (false, true)) => Some((left.as_ref(), right.as_ref())),
            ((false, true), (true, false)) => Some((right.as_ref(), left.as_ref())),
            _ => None,
        },
        _ => None,
    };
    conjuncts(on).into_iter().filter_map(pair).collect()
}

/// The condition of a `nest`.
#[derive(Debug)]
pub struct NestCondition<'a> {
    /// What is held equal: the nested row's value, and the outer row's.
    pub equal: Vec<(&'a Value, &'a Value)>,
    /// What only the nested row has to fulfil.
    pub own: Vec<&'a Value>,
}

/// The condition of a `nest`, taken apart; none where it is more than that.
#[must_use]
pub fn nest_condition<'a>(on: &'a Value, joined: &[Column]) -> Option<NestCondition<'a>> {
    let equal = equalities(on, joined);
    let mut own = Vec::new();
    let mut between = 0;
    for part in conjuncts(on) {
        match sides(part, joined) {
            (true, true) => between += 1,
            (true, false) => own.push(part),
            (false, _) => return None,
        }
    }
    (!equal.is_empty() && between == equal.len()).then_some(NestCondition { equal, own })
}
