//! What can be compared with what: kinds of values, texts that stand for moments, and the trap of comparing with null.

use super::Context;
use super::expressions::{Family, NotBuilt, Typed, family, family_word};
use crate::diag::{Diagnostic, codes};
use crate::model::expr::Expr;
use crate::model::relation::Term;
use crate::model::types::Type;
use crate::source::Span;
use crate::syntax::ast::CompareOp;
use crate::syntax::suggest::nearest;

impl Context<'_> {
    /// Refuses `x = null`, which is never true.
    pub(super) fn no_null(&mut self, op: CompareOp, right: &Typed, whole: Span, null: Span) -> Option<()> {
        if !matches!(right.built, Ok(Expr::Null)) {
            return Some(());
        }
        let words = match op {
            CompareOp::Ne => "is not null",
            CompareOp::Eq | CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge => "is null",
        };
        let left = self.inputs.sources.slice(Span { end: null.start, ..whole });
        let left = left.trim_end_matches([' ', '=', '!', '<', '>']).to_owned();
        self.report(
            Diagnostic::new(codes::TYPE_MISMATCH, whole, "a comparison with null is never true")
                .here("null is unknown, and equal to nothing")
                .help(format!("write `{left} {words}`"))
                .fix(whole, format!("{left} {words}")),
        );
        None
    }

    /// Both sides, where they can be compared; a text beside a moment must spell one, and one without an offset beside an instant is meant in UTC.
    pub(super) fn comparable(&mut self, mut a: Typed, mut b: Typed, left: Span, right: Span) -> Option<(Typed, Typed)> {
        let (one, other) = (family(&a.ty), family(&b.ty));
        self.of_enum(&a, &b, right)?;
        self.of_enum(&b, &a, left)?;
        match (one, other) {
            (Family::Moment, Family::Text) => b = self.moment(&a.ty, b, right)?,
            (Family::Text, Family::Moment) => a = self.moment(&b.ty, a, left)?,
            // A day beside a reading of a clock means its first moment; two columns of different kinds depend on a time zone nobody states.
            (Family::Moment, Family::Moment) if a.ty != b.ty && !is_literal(&a) && !is_literal(&b) => {
                let what = "a comparison of a date, a datetime and a timestamp with each other is";
                a.built = Err(NotBuilt::new(left.to(right), what));
            }
            (Family::Opaque, _) | (_, Family::Opaque) => {
                let same = a.ty == b.ty || one == Family::Any || other == Family::Any;
                // A text literal may spell any of them.
                if !same && !is_literal(&a) && !is_literal(&b) {
                    self.two_kinds(&a.ty.phrase(), &b.ty.phrase(), left.to(right));
                    return None;
                }
                let (ty, span) = if one == Family::Opaque { (&a.ty, left) } else { (&b.ty, right) };
                a.built = Err(NotBuilt::new(span, format!("a comparison of {} is", ty.word())));
            }
            _ if one == other || one == Family::Any || other == Family::Any => {}
            _ => {
                self.two_kinds(family_word(one), family_word(other), left.to(right));
                return None;
            }
        }
        Some((a, b))
    }

    fn two_kinds(&mut self, one: &str, other: &str, span: Span) {
        self.report(
            Diagnostic::new(codes::TYPE_MISMATCH, span, "two kinds of values are compared")
                .here(format!("{one} with {other}"))
                .help("compare a column with a value of its own type"),
        );
    }

    fn of_enum(&mut self, column: &Typed, literal: &Typed, span: Span) -> Option<()> {
        let (Type::Enum(values), Term::Column(source), Ok(Expr::Text(text))) =
            (&column.ty, &column.term, &literal.built)
        else {
            return Some(());
        };
        if values.contains(text) {
            return Some(());
        }
        let mut diagnostic = Diagnostic::new(codes::BAD_VALUE, span, format!("`{}` never is '{text}'", source.column));
        diagnostic = match nearest(text, values.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean '{near}'?")).fix(span, format!("'{near}'")),
            None => diagnostic.help(format!("its values are {}", values.join(", "))),
        };
        self.report(diagnostic);
        None
    }

    /// A text beside a moment, checked and completed.
    fn moment(&mut self, ty: &Type, mut text: Typed, span: Span) -> Option<Typed> {
        let Ok(Expr::Text(written)) = &text.built else {
            text.built = Err(NotBuilt::new(span, "a comparison of a moment with a text that is no literal is"));
            return Some(text);
        };
        let ty = moment_type(ty);
        let spelled = spelled(written);
        let (fits, example) = match ty {
            Moment::Day => (spelled == Some(Spelled::Day), "2026-01-31"),
            Moment::Wall => (matches!(spelled, Some(Spelled::Day | Spelled::Wall)), "2026-01-31 12:00:00"),
            Moment::Instant => (spelled.is_some(), "2026-01-31T12:00:00Z"),
        };
        if !fits {
            self.report(
                Diagnostic::new(codes::BAD_VALUE, span, format!("'{written}' is no {}", ty.word()))
                    .help(format!("write it as '{example}'")),
            );
            return None;
        }
        match (ty, spelled) {
            (_, Some(Spelled::Day)) => text.built = Ok(Expr::Date(written.clone())),
            (Moment::Instant, Some(Spelled::Wall)) => text.built = Ok(Expr::Text(format!("{written}Z"))),
            _ => {}
        }
        Some(text)
    }
}

fn is_literal(typed: &Typed) -> bool {
    matches!(typed.term, Term::Literal(_))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Day,
    Wall,
    Instant,
}

impl Moment {
    fn word(self) -> &'static str {
        match self {
            Self::Day => "date",
            Self::Wall => "datetime",
            Self::Instant => "timestamp",
        }
    }
}

fn moment_type(ty: &Type) -> Moment {
    match ty {
        Type::Timestamp => Moment::Instant,
        Type::Datetime => Moment::Wall,
        _ => Moment::Day,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelled {
    /// `2026-01-31`.
    Day,
    /// `2026-01-31 12:00:00.5`.
    Wall,
    /// The same with `Z` or an offset.
    Instant,
}

/// What a text spells; nothing where it is no moment of the calendar.
fn spelled(text: &str) -> Option<Spelled> {
    let day = text.get(..10)?;
    let mut parts = day.split('-');
    let (year, month, date) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&date) {
        return None;
    }
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(Spelled::Day);
    }
    let time = rest.strip_prefix(['T', ' '])?;
    let (clock, offset) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, ""),
    };
    clock_of(clock)?;
    if offset.is_empty() {
        return Some(Spelled::Wall);
    }
    if offset != "Z" {
        clock_of(offset.get(1..)?)?;
    }
    Some(Spelled::Instant)
}

/// `hh:mm`, `hh:mm:ss`, `hh:mm:ss.ffffff`.
fn clock_of(text: &str) -> Option<()> {
    let mut parts = text.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = parts.next().unwrap_or("00");
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let fine = !fraction.is_empty() && fraction.len() <= 6 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    (parts.next().is_none() && hour < 24 && minute < 60 && digits(second, 2)? < 60 && fine).then_some(())
}

fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_spell_moments_of_the_calendar() {
        for (text, expected) in [
            ("2026-01-31", Some(Spelled::Day)),
            ("2024-02-29", Some(Spelled::Day)),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-01-31 23:59", Some(Spelled::Wall)),
            ("2026-01-31T23:59:59.999999", Some(Spelled::Wall)),
            ("2026-01-31T23:59:60", None),
            ("2026-01-31T12:00:00Z", Some(Spelled::Instant)),
            ("2026-01-31 12:00:00+01:00", Some(Spelled::Instant)),
            ("2026-01-31T12:00:00+1", None),
            ("yesterday", None),
            ("größer als", None),
            ("", None),
        ] {
            assert_eq!(spelled(text), expected, "{text}");
        }
    }
}
