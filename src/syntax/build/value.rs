//! Literals: texts, numbers, days, spans of time, sizes.

use super::Builder;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{Duration, Literal, Spanned};
use crate::syntax::parse::{Node, Rule};

const DAY: u64 = 24 * 60 * 60 * 1000;

impl<'a> Builder<'a> {
    fn bad_value(&mut self, span: Span, message: String, help: &str) {
        self.diagnostics.push(Diagnostic::new(codes::BAD_VALUE, span, message).help(help));
    }

    /// The digits of a number; the largest number where it is larger.
    fn digits(&mut self, digits: &str, span: Span) -> u64 {
        digits.replace('_', "").parse().unwrap_or_else(|_| {
            self.bad_value(span, format!("`{digits}` is too large"), &format!("write a number up to {}", u64::MAX));
            u64::MAX
        })
    }

    /// A number and its unit; the largest number where it is larger.
    fn quantity(&mut self, node: &Node, unit: impl Fn(&str) -> u64) -> u64 {
        let (text, span) = (node.text(), self.span(node));
        let (digits, word) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        let product = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit(word)));
        product.unwrap_or_else(|| {
            self.bad_value(span, format!("`{text}` is too large"), "write a smaller value");
            u64::MAX
        })
    }

    pub(super) fn integer(&mut self, node: &Node) -> Spanned<u64> {
        let span = self.span(node);
        Spanned { value: self.digits(node.text(), span), span }
    }

    pub(super) fn need_integer(&mut self, node: &Node<'a>) -> Option<Spanned<u64>> {
        let child = self.need(node, Rule::integer)?;
        Some(self.integer(&child))
    }

    pub(super) fn duration(&mut self, node: &Node) -> Duration {
        let ms = self.quantity(node, |unit| match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60 * 1000,
            "h" => 60 * 60 * 1000,
            "d" => DAY,
            "w" => 7 * DAY,
            _ => 365 * DAY,
        });
        Duration { ms }
    }

    /// The first duration among the parts.
    pub(super) fn need_duration(&mut self, node: &Node<'a>) -> Option<Duration> {
        let child = self.need(node, Rule::duration)?;
        Some(self.duration(&child))
    }

    /// The first duration among the parts, if there is one.
    pub(super) fn optional_duration(&mut self, node: &Node<'a>) -> Option<Duration> {
        node.child(Rule::duration).map(|child| self.duration(&child))
    }

    /// Bytes.
    pub(super) fn size(&mut self, node: &Node) -> u64 {
        self.quantity(node, bytes)
    }

    /// Bytes per second.
    pub(super) fn flow(&mut self, node: &Node) -> Spanned<f64> {
        let count = self.quantity(node, |unit| bytes(unit.split('/').next().unwrap_or_default()));
        per_second(count, node.text(), self.span(node))
    }

    /// Events per second.
    pub(super) fn rate(&mut self, node: &Node) -> Spanned<f64> {
        let span = self.span(node);
        let digits = node.text().split('/').next().unwrap_or_default();
        per_second(self.digits(digits, span), node.text(), span)
    }

    /// A day as it is written, if the calendar has it.
    pub(super) fn date(&mut self, node: &Node) -> Spanned<String> {
        let (text, span) = (node.text(), self.span(node));
        let mut parts = text.split('-').map(|part| part.parse::<u32>().unwrap_or(0));
        let (year, month, day) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u32::from(leap),
            _ => 0,
        };
        if day == 0 || day > days {
            self.bad_value(
                span,
                format!("`{text}` is not a day of the calendar"),
                "write the day as year, month and day",
            );
        }
        Spanned { value: text.to_owned(), span }
    }

    /// A text, without quotes and escapes.
    pub(super) fn string(&mut self, node: &Node<'a>) -> Spanned<String> {
        let span = self.span(node);
        let text = node.text();
        if node.has(Rule::open_string) {
            let quote = text.get(..1).unwrap_or("\"");
            self.open_strings.push(span);
            self.diagnostics.push(
                Diagnostic::new(codes::SYNTAX, span, "this text is not closed on its line")
                    .here("starts here")
                    .help(format!("add the closing `{quote}`")),
            );
        }
        let inside = |quote: char| text.strip_prefix(quote).map(|text| text.strip_suffix(quote).unwrap_or(text));
        let value = match inside('\'') {
            Some(inside) => inside.replace("''", "'"),
            None => self.unescape(inside('"').unwrap_or(text), node.start() + 1),
        };
        Spanned { value, span }
    }

    fn unescape(&mut self, text: &str, start: usize) -> String {
        let mut value = String::with_capacity(text.len());
        let mut signs = text.char_indices();
        while let Some((at, sign)) = signs.next() {
            if sign != '\\' {
                value.push(sign);
                continue;
            }
            match signs.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, plain @ ('"' | '\'' | '\\'))) => value.push(plain),
                Some((_, other)) => {
                    value.push(other);
                    let span = Span::new(self.file, start + at, start + at + 1 + other.len_utf8());
                    let finding = Diagnostic::new(codes::BAD_VALUE, span, format!("`\\{other}` is no escape"))
                        .help("write `\\\\` for a backslash; `\\n`, `\\t`, `\\r` and `\\\"` are the others")
                        .fix(span, format!("\\\\{other}"));
                    self.diagnostics.push(finding);
                }
                None => value.push('\\'),
            }
        }
        value
    }

    pub(super) fn need_string(&mut self, node: &Node<'a>) -> Option<Spanned<String>> {
        let child = self.need(node, Rule::string)?;
        Some(self.string(&child))
    }

    pub(super) fn literal(&mut self, node: &Node<'a>) -> Option<Literal> {
        let Some(inner) = node.first() else { return self.internal(node) };
        Some(match inner.rule() {
            Rule::boolean => Literal::Bool(inner.text() == "true"),
            Rule::null => Literal::Null,
            Rule::date => Literal::Date(self.date(&inner).value),
            Rule::decimal => Literal::Decimal(inner.text().to_owned()),
            Rule::integer => Literal::Integer(self.integer(&inner).value),
            Rule::string => Literal::Text(self.string(&inner).value),
            _ => return self.internal(node),
        })
    }
}

/// How many bytes a unit of them has.
fn bytes(unit: &str) -> u64 {
    match unit {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => 1 << 40,
    }
}

/// A count by the span of time that a text names behind its slash.
fn per_second(count: u64, text: &str, span: Span) -> Spanned<f64> {
    let seconds = match text.rsplit('/').next().unwrap_or_default() {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => 86_400.0,
    };
    #[allow(clippy::cast_precision_loss)] // A rate is an estimate.
    Spanned { value: count as f64 / seconds, span }
}
