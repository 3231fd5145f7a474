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
    // The way back of a migration (golang-migrate, sqlx, diesel) is not part of the schema.
    files.retain(|name| Path::new(name).is_file() && !name.ends_with(".down.sql") && last(name) != "down.sql");
    files.sort_by(|a, b| natural(a, b));
    files
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
