//! Values of every type, chosen to break careless pipelines: NULL, empty, unicode and control characters, numbers at the ends of their range, trailing
//! zeros, years before 1000 and after 2100, microseconds, and texts wide enough to be stored outside the row.

use super::catalogue::{Base, Column};
use super::random::Random;

/// Texts of at least this many bytes do not fit a page of 8192 bytes, so PostgreSQL keeps them outside the row (TOAST).
const WIDE_BYTES: usize = 8_400;

/// Characters that have broken encoders: quotes, separators, control characters, characters of two to four UTF-8 bytes, right-to-left, combining,
/// line separators that are no line feed, the byte order mark, a non-character.
const CHARACTERS: &str = "abcdefgzABCZ0189 _-.,;:/\\'\"{}[]<>&%$#@!?*+=|~^`\u{1}\u{8}\t\n\u{b}\r\u{1b}\u{1f}\u{7f}\u{85}äßéÑ€λЖжעبअ漢字かなﬁ\u{301}\u{200d}\u{2028}\u{2029}\u{feff}\u{fffe}😀🏳️𝔘𠜎";

/// Invents values.
#[derive(Debug, Clone)]
pub struct Inventor {
    /// Where the choices come from.
    pub random: Random,
    characters: Vec<char>,
}

/// An SQL literal of a text.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Inventor {
    /// Starts with a seed.
    pub fn new(seed: u64) -> Inventor {
        Inventor { random: Random::new(seed), characters: CHARACTERS.chars().collect() }
    }

    /// An SQL expression for a column's next value.
    pub fn value(&mut self, column: &Column) -> String {
        if !column.not_null && self.random.percent(15) {
            return "NULL".to_owned();
        }
        if let Some((from, to)) = self.random.pick(&column.ranges).cloned() {
            return self.within(column, &from, &to);
        }
        if !column.hints.is_empty() && self.random.percent(85) {
            return self.hinted(column);
        }
        if matches!(column.base, Base::Text { limit: None, .. }) && !column.indexed && self.random.percent(6) {
            return literal(&self.wide());
        }
        literal(&self.plain(&column.base))
    }

    /// A value for a key: as strange as any other but short, and seldom the same twice.
    pub fn key(&mut self, column: &Column) -> String {
        if let Some((from, to)) = self.random.pick(&column.ranges).cloned() {
            return self.within(column, &from, &to);
        }
        match &column.base {
            // Also ids above 2^53, which a reader that takes numbers for floats would change.
            Base::Integer { high, .. } if *high > 1 << 54 && self.random.percent(10) => {
                literal(&self.random.between((1 << 53) + 1, *high).to_string())
            }
            Base::Integer { high, .. } => literal(&self.random.between(1, (*high).min(2_000_000_000)).to_string()),
            Base::Text { limit, .. } => {
                let length = 8 + self.random.below(8);
                literal(&self.text(length.min(limit.unwrap_or(length))))
            }
            other => literal(&self.plain(other)),
        }
    }

    /// A value of a partition's range: computed by the database, which knows the type's arithmetic.
    fn within(&mut self, column: &Column, from: &str, to: &str) -> String {
        let (from, to, kind) = (literal(from), literal(to), &column.sql_type);
        let share = self.random.below(1_000_000);
        match column.base {
            Base::Date => format!("(({from}::date + (({to}::date - {from}::date) * 0.{share:06})::integer - 1)::date)"),
            Base::Integer { .. } | Base::Numeric(_) => {
                format!("(({from}::{kind} + floor(({to}::{kind} - {from}::{kind}) * 0.{share:06}))::{kind})")
            }
            _ => format!("({from}::{kind} + ({to}::{kind} - {from}::{kind}) * 0.{share:06})"),
        }
    }

    fn hinted(&mut self, column: &Column) -> String {
        let numbers: Vec<f64> = column.hints.iter().filter_map(|it| it.parse().ok()).collect();
        match (&column.base, numbers.as_slice()) {
            (Base::Integer { .. }, [one]) => literal(&(*one as i64 + self.random.between(0, 1000)).to_string()),
            (Base::Integer { .. }, [_, _, ..]) => {
                let (low, high) =
                    numbers.iter().fold((f64::MAX, f64::MIN), |(low, high), it| (low.min(*it), high.max(*it)));
                literal(&self.random.between(low as i64, high as i64).to_string())
            }
            (Base::Numeric(shape), [one, ..]) => {
                let scale = shape.map_or(2, |(_, scale)| scale);
                let steps = self.random.between(0, 9_999);
                literal(&format!("{:.scale$}", one + steps as f64 / 100.0))
            }
            (Base::Text { .. }, _) => {
                let texts: Vec<&String> = column.hints.iter().filter(|it| it.parse::<f64>().is_err()).collect();
                match self.random.pick(&texts) {
                    Some(text) => literal(text),
                    None => literal(&self.plain(&column.base)),
                }
            }
            (base, _) => literal(&self.plain(base)),
        }
    }

    fn plain(&mut self, base: &Base) -> String {
        match base {
            Base::Integer { low, high } => match self.random.below(10) {
                0 => self.random.between(*low, *high).to_string(),
                1 => high.to_string(),
                2 => self.random.between(-1000, -1).to_string(),
                _ => self.random.between(0, 1000).to_string(),
            },
            Base::Numeric(shape) => self.decimal(*shape),
            Base::Float { bytes } => self.float(*bytes),
            Base::Boolean => if self.random.percent(50) { "true" } else { "false" }.to_owned(),
            Base::Text { limit, .. } => {
                let length = [0, 1, 3, 12, 12, 30, 30, 200].get(self.random.below(8)).copied().unwrap_or(3);
                self.text(length.min(limit.unwrap_or(length)))
            }
            Base::Date => self.date(),
            Base::Timestamp => format!("{} {}", self.date(), self.time()),
            Base::TimestampTz => {
                let zone = ["+00", "+05:30", "-08"].get(self.random.below(3)).copied().unwrap_or("+00");
                format!("{} {}{zone}", self.date(), self.time())
            }
            Base::Time => self.time(),
            Base::Interval => {
                let (months, days, seconds) = (
                    self.random.between(-30, 30),
                    self.random.between(-400, 400),
                    self.random.between(-100_000, 100_000),
                );
                format!("{months} months {days} days {seconds}.{:06} seconds", self.random.below(1_000_000))
            }
            Base::Uuid => {
                let (a, b) = (self.random.bits(), self.random.bits());
                format!(
                    "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                    a >> 32,
                    (a >> 16) & 0xffff,
                    a & 0xffff,
                    b >> 48,
                    b & 0xffff_ffff_ffff
                )
            }
            Base::Json => self.json(),
            Base::Bytes => {
                let length = self.random.below(40);
                (0..length).fold("\\x".to_owned(), |text, _| format!("{text}{:02x}", self.random.below(256)))
            }
            Base::Enum(labels) => self.random.pick(labels).cloned().unwrap_or_default(),
            Base::Array(element) => self.array(element),
            Base::SearchVector => "cat:3 fat:2,4".to_owned(),
            Base::Network => {
                format!("10.{}.{}.{}", self.random.below(256), self.random.below(256), self.random.below(256))
            }
            Base::Other(_) => String::new(),
        }
    }

    fn text(&mut self, length: usize) -> String {
        if self.random.percent(50) {
            return (0..length).map(|_| char::from(b'a' + self.random.below(26) as u8)).collect();
        }
        (0..length).filter_map(|_| self.random.pick(&self.characters).copied()).collect()
    }

    /// Letters without pattern: a text that compresses well would stay in the row.
    fn wide(&mut self) -> String {
        let length = WIDE_BYTES + self.random.below(2_000);
        let mut text: String = (0..length)
            .map(|_| {
                char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."[self.random.below(64)])
            })
            .collect();
        text.push_str("…終");
        text
    }

    fn decimal(&mut self, shape: Option<(usize, usize)>) -> String {
        let (precision, scale) = shape.unwrap_or((34, 9));
        let whole = precision.saturating_sub(scale);
        let sign = if self.random.percent(25) { "-" } else { "" };
        let (whole, fraction) = match self.random.below(8) {
            0 => (String::new(), String::new()),
            1 => ("9".repeat(whole), "9".repeat(scale)),
            2 => (self.digits(whole), self.digits(scale)),
            // A trailing zero: 7.50 must not become 7.5 where the text counts.
            3 => (self.digits(whole.min(1)), format!("{:0<scale$}", "5".repeat(scale.min(1)))),
            _ => (self.digits(whole.min(3)), self.digits(scale)),
        };
        format!("{sign}0{whole}.{fraction}0")
    }

    fn digits(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(b'0' + self.random.below(10) as u8)).collect()
    }

    fn float(&mut self, bytes: u8) -> String {
        let power = if bytes == 4 { self.random.between(-30, 30) } else { self.random.between(-290, 290) };
        match self.random.below(4) {
            0 => "0".to_owned(),
            1 => format!("{}.5", self.random.between(-1000, 1000)),
            2 => format!("0.{}", self.random.between(1, 999_999)),
            _ => format!("{}.{:06}e{power}", self.random.between(-9, 9), self.random.below(1_000_000)),
        }
    }

    fn date(&mut self) -> String {
        let year = match self.random.below(12) {
            0 => 999,
            1 => 2400,
            2 => self.random.between(1, 998),
            3 => self.random.between(1000, 1582),
            4 => self.random.between(1583, 1969),
            _ => self.random.between(1970, 2040),
        };
        format!("{year:04}-{:02}-{:02}", self.random.between(1, 12), self.random.between(1, 28))
    }

    fn time(&mut self) -> String {
        let micros = match self.random.below(4) {
            0 => 0,
            1 => 1,
            2 => 999_999,
            _ => self.random.below(1_000_000),
        };
        format!("{:02}:{:02}:{:02}.{micros:06}", self.random.below(24), self.random.below(60), self.random.below(60))
    }

    fn json(&mut self) -> String {
        let text = serde_json::Value::String(self.text(12)).to_string();
        // \u0000 is legal JSON and refused by jsonb; the characters above hold no NUL.
        match self.random.below(5) {
            0 => "{}".to_owned(),
            1 => format!("[{}, null, {text}]", self.random.between(i64::MIN, i64::MAX)),
            2 => format!("{{\"a\": {text}, \"b\": {{\"c\": [1.50, -0.001, 12345678901234567890.123]}}}}"),
            3 => text,
            _ => format!("{{\"n\": {}, \"t\": true}}", self.random.between(0, 100)),
        }
    }

    /// Array elements are quoted always: then only the quote and the backslash have to be escaped.
    fn array(&mut self, element: &Base) -> String {
        let length = self.random.below(4);
        let items: Vec<String> = (0..length)
            .map(|_| {
                if self.random.percent(15) {
                    return "NULL".to_owned();
                }
                format!("\"{}\"", self.plain(element).replace('\\', "\\\\").replace('"', "\\\""))
            })
            .collect();
        format!("{{{}}}", items.join(","))
    }
}
