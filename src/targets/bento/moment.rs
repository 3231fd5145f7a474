//! Dates and times written in a filter, as the numbers they arrive as.

/// Days since 1970-01-01 of `YYYY-MM-DD`.
pub(super) fn days(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March put the leap day last, and 400 of them are 146097 days.
    let shifted = if month > 2 { year } else { year - 1 };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Microseconds since 1970 of a date, a date and time, or an instant; without an offset as if it were UTC.
pub(super) fn micros(text: &str) -> Option<i64> {
    let (date, rest) = match text.find(['T', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, "00:00"),
    };
    let (time, offset) = match rest.strip_suffix('Z') {
        Some(time) => (time, 0),
        None => match rest.rfind(['+', '-']) {
            Some(at) => {
                let sign = if rest.get(at..=at)? == "-" { -1 } else { 1 };
                (rest.get(..at)?, sign * clock(rest.get(at + 1..)?)?)
            }
            None => (rest, 0),
        },
    };
    Some(days(date)? * 86_400_000_000 + clock(time)? - offset)
}

/// Microseconds since midnight of `hh[:mm[:ss[.ffffff]]]`.
pub(super) fn clock(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let hours = number(parts.next()?)?;
    let minutes = parts.next().map_or(Some(0), number)?;
    let seconds = parts.next().map_or(Some(0), number)?;
    if parts.next().is_some() || fraction.len() > 6 || hours > 24 || minutes > 59 || seconds > 60 {
        return None;
    }
    let micros = number(&format!("{fraction:0<6}"))?;
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros)
}

fn number(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_the_numbers_that_arrive() {
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("1969-12-31"), Some(-1));
        assert_eq!(days("0999-01-17"), Some(-354_634));
        assert_eq!(days("2399-11-18"), Some(157_010));
        assert_eq!(days("2000-02-29"), Some(11_016));
        assert_eq!(days("2000-13-01"), None);
        assert_eq!(micros("1970-01-02"), Some(86_400_000_000));
        assert_eq!(micros("1970-01-01T01:00:00.5+01:00"), Some(500_000));
        assert_eq!(micros("1969-12-31 23:59:59.999999"), Some(-1));
        assert_eq!(clock("01:01:01.000001"), Some(3_661_000_001));
        assert_eq!(clock("1:"), None);
    }
}
