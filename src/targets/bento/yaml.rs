//! A small YAML writer for files that hold programs: keys keep their order, programs stand in block scalars, comments say why.
//! (`output::yaml` serves files that are data alone.)
//!
//! Bento replaces `${NAME}` in the whole text before it reads YAML, comments and programs included. So nothing but [`Node::env`] may let a `${`
//! through, and a value from outside must not be able to end the scalar it stands in.

use std::borrow::Cow;

use crate::plan::{Part, Template};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// YAML as it is.
    Plain(String),
    /// Text over several lines, kept as it is.
    Block(String),
    /// Items, one a line.
    List(Vec<Node>),
    /// Entries in order.
    Map(Vec<Entry>),
}

/// An entry of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    comment: Cow<'static, str>,
    key: Cow<'static, str>,
    value: Node,
}

impl Node {
    /// A number, a truth value or a word that is no user's.
    pub(super) fn plain(value: impl ToString) -> Self {
        Self::Plain(value.to_string())
    }

    /// Any text, quoted where YAML needs it.
    pub(super) fn text(text: &str) -> Self {
        Self::Plain(scalar(text))
    }

    /// A text of our own in which Bento evaluates `${!…}`.
    pub(super) fn text_in_field(text: &str) -> Self {
        Self::Plain(format!("'{}'", text.replace('\'', "''")))
    }

    /// A text with references to environment variables. A secret alone becomes a block, since a quote in a password would end quotes.
    pub(super) fn env(template: &Template) -> Self {
        Self::env_with(template, |text| text.to_owned())
    }

    /// The same for a field in which Bento evaluates `${!…}`.
    pub(super) fn env_in_field(template: &Template) -> Self {
        Self::env_with(template, field)
    }

    fn env_with(template: &Template, piece: impl Fn(&str) -> String) -> Self {
        if let Some(text) = template.literal() {
            return Self::text(&piece(&text));
        }
        if let [Part::Variable(variable)] = template.0.as_slice()
            && variable.secret
        {
            return Self::Block(format!("${{{}}}", variable.name));
        }
        let parts: String = template
            .0
            .iter()
            .map(|part| match part {
                Part::Text(text) => escaped(&piece(text)),
                Part::Variable(variable) => format!("${{{}}}", variable.name),
            })
            .collect();
        Self::Plain(format!("\"{parts}\""))
    }

    /// The same in a block, where nothing in a value from outside can end quotes of YAML. Texts are the caller's: none may hold `${`.
    pub(super) fn env_block(template: &Template, behind: &str) -> Self {
        let text: String = template
            .0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Variable(variable) => format!("${{{}}}", variable.name),
            })
            .collect();
        Self::Block(text + behind)
    }

    /// A map without entries.
    pub(super) fn map() -> Self {
        Self::Map(Vec::new())
    }

    /// Adds an entry.
    pub(super) fn with(self, key: impl Into<Cow<'static, str>>, value: Self) -> Self {
        self.noted(key, value, "")
    }

    /// Adds an entry with a comment above it.
    pub(super) fn noted(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: Self,
        comment: impl Into<Cow<'static, str>>,
    ) -> Self {
        if let Self::Map(entries) = &mut self {
            entries.push(Entry { comment: comment.into(), key: key.into(), value });
        }
        self
    }

    /// Adds an entry where there is a value.
    pub(super) fn with_some(self, key: impl Into<Cow<'static, str>>, value: Option<Self>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Puts a raw setting at `path` (keys and list positions with dots between); what was there is replaced. A position that is not there is left out.
    pub(super) fn set(&mut self, path: &[&str], raw: &str) {
        let Some((first, rest)) = path.split_first() else {
            *self = Self::Plain(raw_scalar(raw));
            return;
        };
        if let Self::List(items) = self {
            if let Some(item) = first.parse().ok().and_then(|at: usize| items.get_mut(at)) {
                item.set(rest, raw);
            }
            return;
        }
        if !matches!(self, Self::Map(_)) {
            *self = Self::map();
        }
        if let Self::Map(entries) = self {
            if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *first) {
                entry.value.set(rest, raw);
            } else {
                let mut value = Self::map();
                value.set(rest, raw);
                entries.push(Entry { comment: "".into(), key: (*first).to_owned().into(), value });
            }
        }
    }

    /// The whole file, under comment lines.
    pub(super) fn file(&self, header: &str) -> String {
        let mut out = String::new();
        comment(&mut out, header, 0);
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Self::Map(entries) => {
                for entry in entries {
                    entry.write(out, depth);
                }
            }
            Self::List(items) => {
                for item in items {
                    write_item(item, out, depth);
                }
            }
            Self::Plain(_) | Self::Block(_) => {}
        }
    }
}

impl Entry {
    fn write(&self, out: &mut String, depth: usize) {
        comment(out, &self.comment, depth);
        indent(out, depth);
        self.write_here(out, depth);
    }

    /// The key and what stands behind it, without the comment, where the line has begun.
    fn write_here(&self, out: &mut String, depth: usize) {
        write_scalar(out, &self.key);
        out.push(':');
        write_value(&self.value, out, depth + 1);
    }
}

/// What stands behind a key: on its line, or indented below it.
fn write_value(value: &Node, out: &mut String, depth: usize) {
    match value {
        Node::Plain(text) => {
            out.push(' ');
            out.push_str(text);
            out.push('\n');
        }
        Node::Block(text) => {
            // Without a final newline the value would not be what was meant for a password; programs do not care.
            out.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
            for line in text.lines() {
                if !line.is_empty() {
                    indent(out, depth);
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        Node::List(items) if items.is_empty() => out.push_str(" []\n"),
        Node::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        Node::List(_) | Node::Map(_) => {
            out.push('\n');
            value.write(out, depth);
        }
    }
}

/// An item of a list: a map's first entry stands on the dash's line, its comment above it.
fn write_item(item: &Node, out: &mut String, depth: usize) {
    if let Node::Map(entries) = item
        && let Some((first, others)) = entries.split_first()
    {
        comment(out, &first.comment, depth);
        indent(out, depth);
        out.push_str("- ");
        first.write_here(out, depth + 1);
        for entry in others {
            entry.write(out, depth + 1);
        }
        return;
    }
    indent(out, depth);
    out.push('-');
    write_value(item, out, depth + 1);
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn comment(out: &mut String, text: &str, depth: usize) {
    for line in text.lines() {
        indent(out, depth);
        out.push_str("# ");
        write_remark(out, line);
        out.push('\n');
    }
}

/// User text for a comment, in YAML or in a program: one line, nothing that Bento would replace, nothing YAML does not allow.
pub(super) fn remark(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    write_remark(&mut out, text);
    out
}

fn write_remark(out: &mut String, text: &str) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'$') {
        out.push_str(text);
        return;
    }
    out.extend(text.replace("${", "$ {").chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }));
}

/// Text for a field in which Bento evaluates `${!…}`, so that it comes out as it is.
pub(super) fn field(text: &str) -> String {
    text.replace("${!", "${! \"$\" }{!")
}

/// Whether YAML forbids a character or readers take it for a line's end.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Plain where no reader could take it for something else, else in double quotes.
fn scalar(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_scalar(&mut out, text);
    out
}

fn write_scalar(out: &mut String, text: &str) {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !is_word(text);
    if plain {
        out.push_str(text);
    } else {
        out.push('"');
        out.push_str(&escaped(text));
        out.push('"');
    }
}

/// Words that YAML 1.1 or 1.2 reads as truth values, nothing or numbers.
fn is_word(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    words.into_iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The inside of a double-quoted scalar.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '$' if chars.peek() == Some(&'{') => out.push_str("\\x24"),
            c if is_hidden(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// A raw value: a number or truth value as such, else text in which references stay.
fn raw_scalar(raw: &str) -> String {
    let is_value = raw.parse::<i64>().is_ok() || matches!(raw, "true" | "false");
    if is_value {
        return raw.to_owned();
    }
    let pieces: Vec<String> = raw.split("${").map(escaped).collect();
    format!("\"{}\"", pieces.join("${"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Variable;

    fn variable(name: &str) -> Template {
        Template::variable(Variable { name: name.into(), provider: None, secret: true, about: String::new() })
    }

    #[test]
    fn writes_maps_lists_and_blocks() {
        let node = Node::map()
            .with("a", Node::map().noted("b", Node::plain(1), "why"))
            .with(
                "list",
                Node::List(vec![
                    Node::map().noted("first", Node::text("x"), "above").with("second", Node::Block("1\n\n2\n".into())),
                    Node::text("yes"),
                ]),
            )
            .with("none", Node::map());
        assert_eq!(
            node.file("head"),
            "# head\na:\n  # why\n  b: 1\nlist:\n  # above\n  - first: x\n    second: |\n      1\n\n      2\n  - \"yes\"\nnone: {}\n"
        );
    }

    #[test]
    fn every_text_reads_back() {
        for text in
            ["", "a", "yes", "1", "a: b", "\"\\", "${X}", "\u{7}\u{85}\u{2028}", "日本", "- x", "~", "a\nb", "1e3"]
        {
            let file = Node::map().with(text, Node::text(text)).file("");
            let read: std::collections::BTreeMap<String, String> =
                serde_yaml::from_str(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(read.get(text).map(String::as_str), Some(text), "{file}");
            assert!(!file.contains("${"), "{file}");
        }
    }

    #[test]
    fn references_stay_and_user_text_makes_none() {
        assert_eq!(Node::env(&variable("PW")), Node::Block("${PW}".into()));
        let mixed = Template::text("re\"dis${X}://").then(variable("HOST"));
        assert_eq!(Node::env(&mixed), Node::Plain("\"re\\\"dis\\x24{X}://${HOST}\"".into()));
        assert_eq!(remark("a ${B}\u{85}"), "a $ {B}\u{fffd}");
        assert_eq!(field("${! now() }"), "${! \"$\" }{! now() }");
    }

    #[test]
    fn raw_settings_reach_their_place() {
        let mut node = Node::map().with("a", Node::List(vec![Node::map().with("b", Node::plain(1))]));
        node.set(&["a", "0", "b"], "2");
        node.set(&["c", "d"], "x ${Y}");
        node.set(&["a", "7", "b"], "3");
        assert_eq!(node.file(""), "a:\n  - b: 2\nc:\n  d: \"x ${Y}\"\n");
    }
}
