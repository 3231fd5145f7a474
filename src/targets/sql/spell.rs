//! How names and values are spelled in SQL, and the names diac derives from a table's.
//!
//! Invariant: nothing a user wrote reaches a generated file unquoted, and no derived name is longer than PostgreSQL keeps (63 bytes), so that two
//! long names never fold into one in silence.

use std::fmt::Write as _;

use crate::plan::{Part, Template};
use crate::targets::spelling::one_line;

/// PostgreSQL cuts longer names without an error.
const NAME_LIMIT: usize = 63;

/// A name in double quotes: also safe for key words, upper case and quotes.
pub(crate) fn name(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    write_name(&mut out, name);
    out
}

fn write_name(out: &mut String, name: &str) {
    out.push('"');
    write_doubled(out, name, '"');
    out.push('"');
}

/// A text in which each quote stands twice.
fn write_doubled(out: &mut String, text: &str, quote: char) {
    for piece in text.split_inclusive(quote) {
        out.push_str(piece);
        if piece.ends_with(quote) {
            out.push(quote);
        }
    }
}

/// `"schema"."table"`.
pub(crate) fn path(namespace: &str, table: &str) -> String {
    let mut out = String::with_capacity(namespace.len() + table.len() + 5);
    write_name(&mut out, namespace);
    out.push('.');
    write_name(&mut out, table);
    out
}

/// Quoted names with commas between.
pub(crate) fn names<S: AsRef<str>>(all: &[S]) -> String {
    let mut out = String::new();
    for each in all {
        if !out.is_empty() {
            out.push_str(", ");
        }
        write_name(&mut out, each.as_ref());
    }
    out
}

/// A text value. Backslashes are spelled so that `standard_conforming_strings` does not matter.
pub(crate) fn text(value: &str) -> String {
    if value.contains('\\') {
        return format!("E'{}'", value.replace('\'', "''").replace('\\', "\\\\"));
    }
    let mut out = String::with_capacity(value.len() + 2);
    out.push('\'');
    write_doubled(&mut out, value, '\'');
    out.push('\'');
    out
}

/// A table's or schema's name with an ending, cut to what PostgreSQL keeps. A cut name ends in six hex digits of the whole one's sha256.
pub(crate) fn derived(base: &str, ending: &str) -> String {
    let whole = format!("{base}{ending}");
    if whole.len() <= NAME_LIMIT {
        return whole;
    }
    let tail = format!("_{}{ending}", crate::plan::short_hash(&whole));
    let room = NAME_LIMIT.saturating_sub(tail.len());
    let cut = base.char_indices().map(|(at, letter)| at + letter.len_utf8()).take_while(|end| *end <= room).last();
    format!("{}{tail}", base.get(..cut.unwrap_or(0)).unwrap_or_default())
}

/// Comment lines: `-- ` before each, wrapped by the caller.
pub(crate) fn comment(lines: &str) -> String {
    let mut out = String::with_capacity(lines.len() + 16);
    for line in lines.lines() {
        out.push_str(if line.is_empty() { "--" } else { "-- " });
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Sets a psql variable to a template's text; parts from outside are read from the environment, with a clear error where one is missing.
pub(crate) fn psql_variable(variable: &str, value: &Template) -> String {
    let mut out = String::new();
    let mut parts = Vec::new();
    for (at, part) in value.0.iter().enumerate() {
        match part {
            Part::Text(piece) => parts.push(psql_text(piece)),
            Part::Variable(outside) => {
                let hole = format!("{variable}_{at}");
                let message = format!("set the environment variable {}: {}", outside.name, one_line(&outside.about));
                // A second file of the same session must not see the first one's value.
                let _ = write!(
                    out,
                    "\\unset {hole}\n\\getenv {hole} {}\n\\if :{{?{hole}}}\n\\else\n{}\\endif\n",
                    outside.name,
                    refuse(&message)
                );
                parts.push(format!(":{hole}"));
            }
        }
    }
    let _ = writeln!(out, "\\set {variable} {}", parts.join(" "));
    out
}

/// An argument of a psql command: single quotes keep it whole.
fn psql_text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .flat_map(|letter| match letter {
            '\'' => vec!['\'', '\''],
            '\\' => vec!['\\', '\\'],
            '\n' => vec!['\\', 'n'],
            other => vec![other],
        })
        .collect();
    format!("'{escaped}'")
}

/// A statement that ends the file with this message.
pub(crate) fn refuse(message: &str) -> String {
    format!("DO {};\n", block(&format!("BEGIN RAISE EXCEPTION USING MESSAGE = {}; END", text(message))))
}

/// Text in dollar quotes whose tag does not occur in it: a table may be called `$$`.
pub(crate) fn block(body: &str) -> String {
    let mut tag = "diac".to_owned();
    while body.contains(&format!("${tag}$")) {
        tag.push('_');
    }
    format!("${tag}${body}${tag}$")
}

/// What every file starts with: who, where, when, and that errors stop it.
pub(crate) fn header(title: &str, who: &str, order: &str) -> String {
    let mut out = comment(&format!(
        "{title}\n\nRun as {who}.\n{order}\nNeeds psql 15 and a server of 14 or newer. May be run any number of times."
    ));
    out.push_str("\n\\set ON_ERROR_STOP on\nSET client_min_messages = warning;\n");
    out
}

/// Refuses to go on in another database than the deployment names.
pub(crate) fn right_database(database: &Template) -> String {
    let mut out = String::from("\n-- A file of the wrong database would do half its work before anything fails.\n");
    out.push_str(&psql_variable("diac_database", database));
    out.push_str("SELECT current_database() = :'diac_database' AS diac_right_database \\gset\n");
    out.push_str("\\if :diac_right_database\n\\else\n\\echo 'This file is for the database' :diac_database\n");
    out.push_str(&refuse("this is another database than the file is for; see the line above"));
    out.push_str("\\endif\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_whatever_they_hold() {
        assert_eq!(path("pub\"lic", "Größe"), "\"pub\"\"lic\".\"Größe\"");
        assert_eq!(text("it's"), "'it''s'");
        assert_eq!(text("a\\b'"), "E'a\\\\b'''");
    }

    #[test]
    fn derived_names_are_cut_and_stay_apart() {
        assert_eq!(derived("products", "__gone"), "products__gone");
        let long = "ä".repeat(31);
        let other = format!("{}ö", "ä".repeat(30));
        let (first, second) = (derived(&long, "__gone"), derived(&other, "__gone"));
        assert!(first.len() <= NAME_LIMIT && second.len() <= NAME_LIMIT, "{first} {second}");
        assert!(first.ends_with("__gone"));
        assert_ne!(first, second);
        assert_ne!(derived(&"a".repeat(63), "__gone"), derived(&"a".repeat(63), "__diac"));
    }

    #[test]
    fn a_body_cannot_end_its_own_quotes() {
        assert_eq!(block("a $diac$ b"), "$diac_$a $diac$ b$diac_$");
    }
}
