//! Names diac makes: within each consumer's alphabet and length, the same for the same input.

use sha2::{Digest, Sha256};

/// Six hex digits that tell texts apart.
pub(crate) fn short_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect()
}

/// A name of at most `limit` bytes; a longer one is cut and carries six hex digits of its whole.
pub(super) fn cut(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let mut end = limit.saturating_sub(7);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{}", name.get(..end).unwrap_or(""), short_hash(name))
}

/// Lower case, every other character than letters, digits and `_` replaced by `_`: the alphabet of replication slots.
pub(super) fn slot_word(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// The name of a replication slot, publication or role: `diac_<pipeline>_<system>`, at most 63 bytes.
pub(super) fn database_name(pipeline: &str, system: &str) -> String {
    cut(&format!("diac_{}_{}", slot_word(pipeline), slot_word(system)), 63)
}

/// A connector's, group's or stream's name: lower case letters, digits, `_`, `.` and `-`.
pub(super) fn machine_name(name: &str) -> String {
    let mapped: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c.to_ascii_lowercase() } else { '_' })
        .collect();
    // Two names that differ only in what was replaced stay apart.
    if mapped == name.to_lowercase() { mapped } else { format!("{mapped}_{}", short_hash(name)) }
}

/// A part of a topic's name as Debezium makes it: what Kafka does not allow becomes `_` (facts/sources TOP-11).
pub(super) fn topic_part(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' }).collect()
}

/// A text that a regular expression matches literally; commas cannot be escaped in Debezium's lists and are matched by any character.
pub(super) fn regex_literal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            ',' => out.push('.'),
            '.' | '\\' | '+' | '*' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' | '|' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        let a = cut(&"a".repeat(80), 63);
        let b = cut(&format!("{}b", "a".repeat(79)), 63);
        assert_eq!(a.len(), 63);
        assert_ne!(a, b);
        assert_eq!(cut("short", 63), "short");
    }

    #[test]
    fn names_of_another_alphabet_stay_apart() {
        assert_eq!(machine_name("Shop-Search_v1"), "shop-search_v1");
        assert_ne!(machine_name("größe"), machine_name("grüße"));
    }

    #[test]
    fn dots_of_tables_are_escaped() {
        assert_eq!(regex_literal("public.products"), "public\\.products");
    }
}
