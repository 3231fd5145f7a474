//! Names of files: joined, shortened and matched as text with `/` between parts, so that what is printed is the same on every system.

use std::cmp::Ordering;
use std::path::Path;

/// The name as it is printed.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// What a file calls `text`, seen from where the file's own name is seen.
pub fn beside(file: &str, text: &str) -> String {
    if text.starts_with('/') {
        return text.to_owned();
    }
    match file.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{text}"),
        None => text.to_owned(),
    }
}

/// Without `.` and `..` where they say nothing. Wrong behind symbolic links: the caller makes sure that it is the same file.
pub fn short(name: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if name.starts_with('/') { "/" } else { "" };
    let joined = format!("{root}{}", parts.join("/"));
    if joined.is_empty() { ".".to_owned() } else { joined }
}

/// The last part of a name.
pub fn last(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, last)| last)
}

/// Whether a name stands for several files.
pub fn is_glob(name: &str) -> bool {
    name.contains(['*', '?'])
}

/// The files a glob names, sorted. `*` and `?` match within one part and not a leading dot.
pub fn glob(pattern: &str) -> Vec<String> {
    let (start, rest) = match pattern.strip_prefix('/') {
        Some(rest) => ("/".to_owned(), rest),
        None => (String::new(), pattern),
    };
    let mut found = vec![start];
    for part in rest.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for folder in &found {
            if is_glob(part) {
                let names = entries(folder).into_iter().filter(|name| matches(part, name));
                next.extend(names.map(|name| format!("{folder}{name}/")));
            } else if Path::new(&format!("{folder}{part}")).exists() {
                next.push(format!("{folder}{part}/"));
            }
        }
        found = next;
    }
    let mut files: Vec<String> = found.into_iter().map(|name| name.trim_end_matches('/').to_owned()).collect();
    files.retain(|name| Path::new(name).is_file());
    let known = files.clone();
    files.retain(|name| !goes_back(name, &known));
    files.sort_by(|a, b| repeatable(a).cmp(&repeatable(b)).then_with(|| natural(a, b)));
    files
}

/// Whether a file is the way back of a migration, which is not part of the schema: `x.down.sql` and `down.sql`
/// (golang-migrate, sqlx, diesel), `x_down.sql` beside an `x_up.sql`, Flyway's `U2__x.sql`, `x.undo.sql`.
fn goes_back(name: &str, all: &[String]) -> bool {
    let own = last(name).to_ascii_lowercase();
    if own == "down.sql" || [".down.sql", ".undo.sql", ".rollback.sql"].iter().any(|end| own.ends_with(end)) {
        return true;
    }
    let version = own.strip_prefix('u').and_then(|rest| rest.split_once("__")).map(|(version, _)| version);
    let is_version = |version: &str| version.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_'));
    if version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()) && is_version(version)) {
        return true;
    }
    let up =
        own.strip_suffix("down.sql").filter(|start| start.ends_with(['_', '-'])).map(|start| format!("{start}up.sql"));
    up.is_some_and(|up| all.iter().any(|other| last(other).eq_ignore_ascii_case(&up)))
}

/// Whether a migration of Flyway's has no version: such run after all that have one.
fn repeatable(name: &str) -> bool {
    last(name).starts_with("R__")
}

/// As people number files: runs of digits as numbers, so that `V10` comes after `V9`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut one, mut other) = (a, b);
    loop {
        let order = match (number(one), number(other)) {
            (Some((x, behind)), Some((y, rest))) => {
                (one, other) = (behind, rest);
                x.len().cmp(&y.len()).then_with(|| x.cmp(y))
            }
            // `V1__a` comes before `V1_1__a`: what separates sorts before what counts on.
            (Some(_), None) if other.starts_with(['_', '-', '.']) => Ordering::Greater,
            (None, Some(_)) if one.starts_with(['_', '-', '.']) => Ordering::Less,
            _ => {
                let (mut left, mut right) = (one.chars(), other.chars());
                let order = left.next().cmp(&right.next());
                if one.is_empty() || other.is_empty() {
                    return order.then_with(|| a.cmp(b));
                }
                (one, other) = (left.as_str(), right.as_str());
                order
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The digits a text starts with, without leading zeros, and what is behind them.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (!digits.is_empty()).then(|| (digits.trim_start_matches('0'), rest))
}

/// Names in a folder, sorted; none where it cannot be read. The empty name is the working folder.
pub fn entries(folder: &str) -> Vec<String> {
    let folder = if folder.is_empty() { "." } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn matches(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    // Where the last `*` stands and how much of the name it has taken so far.
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || name.get(n) == Some(&c) => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_as_text() {
        for (name, expected) in [
            ("a/../b.dia", "b.dia"),
            ("./a", "a"),
            ("../a/./b", "../a/b"),
            ("/a/../b", "/b"),
            ("a/..", "."),
            ("../../a", "../../a"),
        ] {
            assert_eq!(short(name), expected, "{name}");
        }
    }

    #[test]
    fn names_are_seen_from_the_file_that_names_them() {
        assert_eq!(beside("env/prod.dia", "../shop.dia"), "env/../shop.dia");
        assert_eq!(beside("prod.dia", "shop.dia"), "shop.dia");
        assert_eq!(beside("a/b.dia", "/x.dia"), "/x.dia");
    }

    #[test]
    fn migrations_come_in_the_order_of_their_numbers() {
        let mut names = ["m/V10__c.sql", "m/V2__b.sql", "m/V1_1__a.sql", "m/V1__a.sql", "m/V02__a.sql"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["m/V1__a.sql", "m/V1_1__a.sql", "m/V02__a.sql", "m/V2__b.sql", "m/V10__c.sql"]);
    }

    #[test]
    fn the_way_back_is_no_part_of_a_schema() {
        let all: Vec<String> = ["m/1_a_up.sql", "m/1_a_down.sql"].map(str::to_owned).to_vec();
        for (name, back) in [
            ("m/1_a_down.sql", true),
            ("m/shut_down.sql", false),
            ("m/1.down.sql", true),
            ("m/down.sql", true),
            ("m/U1__a.sql", true),
            ("m/U1.2_3__a.sql", true),
            ("m/users__a.sql", false),
            ("m/unit.sql", false),
            ("m/V1__a.sql", false),
            ("m/a.undo.sql", true),
        ] {
            assert_eq!(goes_back(name, &all), back, "{name}");
        }
        assert!(repeatable("m/R__views.sql") && !repeatable("m/Roles.sql"));
    }

    #[test]
    fn globs_match_within_a_part() {
        for (pattern, name, expected) in [
            ("*.sql", "01.sql", true),
            ("*.sql", ".sql", false),
            ("V?_*.sql", "V1_a.sql", true),
            ("V?_*.sql", "V10_a.sql", false),
            ("*a*b", "xaxxb", true),
            ("*", "", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
