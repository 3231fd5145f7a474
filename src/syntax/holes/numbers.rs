//! Numbers where a hole fails: without a unit, with one of another language, with the wrong signs in it.

use super::wreck::Wreck;
use crate::diag::{Diagnostic, codes};
use crate::syntax::hints;
use crate::syntax::parse::Rule;

impl Wreck<'_> {
    /// What is wrong with a number.
    pub(super) fn unit(&self) -> Option<Diagnostic> {
        if let Some(finding) = self.grouped().or_else(|| self.apart()) {
            return Some(finding);
        }
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(length);
        let number = Some(number.trim_end_matches('.')).filter(|number| !number.is_empty())?;
        let (from, to) = (self.at, self.at + number.len());
        let wanted = |rule| self.expected.contains(&rule);
        let word = behind.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let to_word = self.at + length + (behind.len() - behind.trim_start().len()) + word.len();
        let touches = behind.starts_with(char::is_alphanumeric);
        if wanted(Rule::duration) {
            return Some(self.duration(number, word, to_word, touches));
        }
        if wanted(Rule::percent) {
            let finding = self.finding(codes::UNIT_MISSING, from, to, format!("the share `{number}` lacks its `%`"));
            return Some(self.tried(finding.help(format!("write `{number}%`")), from, to, &format!("{number}%")));
        }
        if wanted(Rule::rate) {
            let per = behind.trim_start().trim_start_matches("per ").trim_start_matches('/').trim_start();
            let unit = per.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            if let Some(short) = hints::unit(unit).filter(|_| per.len() < behind.trim_start().len()) {
                let end = self.at + rest.len() - per.len() + unit.len();
                let message = format!("`{}` is not how a rate is written", self.slice.get(from..end)?);
                let finding = self.finding(codes::BAD_VALUE, from, end, message);
                let new = format!("{number}/{short}");
                return Some(self.tried(finding.help(format!("write `{new}`")), from, end, &new));
            }
            let finding = self.finding(codes::UNIT_MISSING, from, to, format!("the rate `{number}` lacks its unit"));
            return Some(finding.help(format!("write `{number}/s`, `{number}/m`, `{number}/h` or `{number}/d`")));
        }
        if wanted(Rule::flow) {
            let bytes = hints::byte_unit(word).unwrap_or("MiB");
            let help = format!("write `{number}{bytes}/s`");
            if word == bytes && !rest.get(word.len() + length..)?.starts_with('/') {
                let written = format!("{number}{word}");
                let message = format!("the rate `{written}` lacks its unit of time");
                return Some(self.finding(codes::UNIT_MISSING, from, to_word, message).help(help));
            }
            let end = self.at + rest.find([' ', '\t', ',', '}', '\n', '\r']).unwrap_or(rest.len());
            let message = format!("`{}` is not how a rate of bytes is written", self.slice.get(from..end)?);
            return Some(self.finding(codes::BAD_VALUE, from, end, message).help(help));
        }
        if wanted(Rule::size) && !wanted(Rule::value) && touches {
            let unit = hints::byte_unit(word).unwrap_or("KiB");
            let message = format!("`{number}{word}` is not a size");
            let finding = self.finding(codes::BAD_VALUE, from, to_word, message);
            return Some(finding.help(format!("write `{number}{unit}`")));
        }
        if wanted(Rule::integer) && !wanted(Rule::value) && touches {
            let zeros = match word.to_ascii_lowercase().as_str() {
                "k" => "_000",
                "m" | "mio" | "million" => "_000_000",
                "b" | "bn" | "billion" => "_000_000_000",
                _ => return None,
            };
            let message = format!("`{number}{word}` is not how a number is written");
            let finding = self.finding(codes::BAD_VALUE, from, to_word, message);
            return Some(finding.help(format!("write `{number}{zeros}`")));
        }
        if wanted(Rule::value) && behind.starts_with(char::is_alphabetic) {
            let finding = self.finding(
                codes::BAD_VALUE,
                from,
                to_word,
                format!("`{number}{word}` is neither a size nor a duration"),
            );
            return Some(match (hints::byte_unit(word), hints::unit(word)) {
                (Some(unit), _) | (None, Some(unit)) => finding.help(format!("write `{number}{unit}`")),
                (None, None) => {
                    finding.help("write a size such as `64GiB`, a duration such as `5s`, or a text in quotes")
                }
            });
        }
        None
    }

    /// `5`, `5 seconds`, `1.5h` where a span of time is meant.
    fn duration(&self, number: &str, word: &str, to_word: usize, touches: bool) -> Diagnostic {
        let (from, to) = (self.at, self.at + number.len());
        let written = self.slice.get(from..to_word).unwrap_or(number);
        // Neither has a fixed length.
        let days = match word.to_ascii_lowercase().as_str() {
            "month" | "months" | "mo" | "mon" => Some(30),
            "quarter" | "quarters" => Some(90),
            _ => None,
        };
        if let (Some(days), Ok(count)) = (days, number.parse::<u64>()) {
            let message = format!("`{written}` has no fixed length");
            let finding = self.finding(codes::BAD_VALUE, from, to_word, message);
            return finding.help(format!("write days, such as `{}d`", count.saturating_mul(days)));
        }
        if let (true, Some(unit)) = (number.contains('.'), hints::unit(word)) {
            let message = format!("the duration `{written}` has a fraction");
            let finding = self.finding(codes::BAD_VALUE, from, to_word, message);
            return match whole(number, unit) {
                Some(new) => self.tried(finding.help(format!("write `{new}`")), from, to_word, &new),
                None => finding.help("write a whole number of a smaller unit"),
            };
        }
        if let Some(unit) = hints::unit(word) {
            let message = format!("`{written}` is not how a duration is written");
            let finding =
                self.finding(codes::BAD_VALUE, from, to_word, message).help(format!("write `{number}{unit}`"));
            return self.tried(finding, from, to_word, &format!("{number}{unit}"));
        }
        if touches {
            let message = format!("`{number}{word}` is not a duration");
            let finding = self.finding(codes::BAD_VALUE, from, to_word, message);
            return finding.help("write a unit of `ms`, `s`, `m`, `h`, `d`, `w` or `y`");
        }
        let finding = self.finding(codes::UNIT_MISSING, from, to, format!("the duration `{number}` lacks its unit"));
        finding.help(format!("write `{number}s`, `{number}m`, `{number}h` or `{number}d`"))
    }

    /// `3,000,000`.
    fn grouped(&self) -> Option<Diagnostic> {
        let head = self.slice.get(..self.at)?;
        let digits = head.len() - head.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let rest = self.rest();
        let mut groups = 0;
        while rest.get(groups * 4..groups * 4 + 4).is_some_and(is_group) {
            groups += 1;
        }
        if !(1..=3).contains(&digits) || groups == 0 {
            return None;
        }
        let (from, to) = (self.at - digits, self.at + groups * 4);
        let written = self.slice.get(from..to)?;
        let new = written.replace(',', "_");
        if !self.cures(from, to, &new) {
            return None;
        }
        let finding = self.finding(codes::BAD_VALUE, from, to, format!("`{written}` is not how a number is written"));
        Some(finding.help(format!("write `{new}`")).fix(self.span(from, to), new))
    }

    /// `64 GiB`.
    fn apart(&self) -> Option<Diagnostic> {
        let head = self.slice.get(..self.at)?;
        let number = head.trim_end();
        let digits = number.len() - number.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let word = self.word(self.at);
        let unit = hints::byte_unit(word).filter(|unit| *unit == word).or_else(|| hints::unit(word))?;
        let (from, to) = (number.len() - digits, self.at + word.len());
        let new = format!("{}{unit}", number.get(from..)?);
        if digits == 0 || number.len() == head.len() || !self.cures(from, to, &new) {
            return None;
        }
        let written = self.slice.get(from..to)?;
        let what = if unit == word && unit.ends_with('B') { "size" } else { "duration" };
        let finding = self.finding(codes::BAD_VALUE, from, to, format!("`{written}` is not how a {what} is written"));
        Some(finding.help(format!("write `{new}`")).fix(self.span(from, to), new))
    }
}

/// A comma and three digits.
fn is_group(text: &str) -> bool {
    text.strip_prefix(',').is_some_and(|digits| digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// A span of time with a fraction as a whole number of a smaller unit.
fn whole(number: &str, unit: &str) -> Option<String> {
    const SMALLER: &[(&str, &str, u64)] =
        &[("y", "d", 365), ("w", "d", 7), ("d", "h", 24), ("h", "m", 60), ("m", "s", 60), ("s", "ms", 1000)];
    let (units, fraction) = number.split_once('.')?;
    let places = u32::try_from(fraction.len()).ok()?;
    let (mut count, mut unit) = (format!("{units}{fraction}").parse::<u64>().ok()?, unit);
    let scale = 10_u64.checked_pow(places)?;
    while count % scale != 0 {
        let (_, smaller, times) = SMALLER.iter().find(|(larger, ..)| *larger == unit)?;
        count = count.checked_mul(*times)?;
        unit = smaller;
    }
    Some(format!("{}{unit}", count / scale))
}
