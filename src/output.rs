//! The files a compilation makes, as data.

use std::collections::BTreeMap;
use std::io;

/// Paths with `/` between parts, and what each file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputTree {
    files: BTreeMap<String, OutputFile>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// The text, with a final newline.
    pub text: String,
    /// Whether it is to be run.
    pub executable: bool,
    /// What caused it, for the manifest: a statement or a rule of the compiler, in a few words.
    pub cause: String,
}

impl OutputTree {
    /// Adds a file.
    /// In debug builds a path that is there already is a panic: two targets that write one file are a bug.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>, cause: impl Into<String>) {
        self.insert(path.into(), text.into(), cause.into(), Mode::Plain);
    }

    /// Adds a file that is to be run.
    pub fn add_script(&mut self, path: impl Into<String>, text: impl Into<String>, cause: impl Into<String>) {
        self.insert(path.into(), text.into(), cause.into(), Mode::Script);
    }

    /// Says a file anew; one that is not there stays away.
    pub fn replace(&mut self, path: &str, text: String) {
        if let Some(file) = self.files.get_mut(path) {
            file.text = text;
        }
    }

    fn insert(&mut self, path: String, mut text: String, cause: String, mode: Mode) {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.shrink_to_fit();
        let file = OutputFile { text, executable: mode == Mode::Script, cause };
        let before = self.files.insert(path, file);
        debug_assert!(before.is_none(), "two targets write one file");
    }

    /// All files in order of path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &OutputFile)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// One file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&OutputFile> {
        self.files.get(path)
    }
}

#[derive(PartialEq)]
enum Mode {
    Plain,
    Script,
}

/// The YAML of a value: strings that Kubernetes' readers would take for something else are quoted, long ones stay on one line.
/// A value that cannot be YAML is a bug and yields a comment that says so.
pub fn yaml<T: serde::Serialize>(value: &T) -> String {
    let options = serde_yaml::ser_options! { prefer_block_scalars: false };
    serde_yaml::to_string_with_options(value, options).unwrap_or_else(|error| format!("# diac: {error}\n"))
}

/// Pretty JSON: two spaces, keys as the value orders them (maps are sorted), a final newline.
pub fn json<T: serde::Serialize>(value: &T) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Pretty::default());
    let written = value.serialize(&mut serializer);
    bytes.push(b'\n');
    match (written, String::from_utf8(bytes)) {
        (Ok(()), Ok(text)) => text,
        (Err(error), _) => format!("\"diac: {error}\"\n"),
        (_, Err(error)) => format!("\"diac: {error}\"\n"),
    }
}

/// As serde_json's own pretty form, with a line's blanks written at once: half of some files are blanks.
#[derive(Default)]
struct Pretty {
    depth: usize,
    /// Something stands behind the last bracket that was opened.
    filled: bool,
}

/// A line's end and the blanks of the next one, for all depths that occur but in the rarest values.
const LINE: &[u8; 65] = b"\n                                                                ";

impl Pretty {
    fn line<W: io::Write + ?Sized>(&self, writer: &mut W) -> io::Result<()> {
        if let Some(line) = LINE.get(..=2 * self.depth) {
            return writer.write_all(line);
        }
        writer.write_all(LINE)?;
        (LINE.len()..=2 * self.depth).try_for_each(|_| writer.write_all(b" "))
    }

    fn open<W: io::Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        writer.write_all(bracket)
    }

    fn close<W: io::Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.filled {
            self.line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn next<W: io::Write + ?Sized>(&self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }
}

impl serde_json::ser::Formatter for Pretty {
    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn end_array_value<W: io::Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_in_the_usual_pretty_form() {
        let mut deep = serde_json::json!({});
        for _ in 0..40 {
            deep = serde_json::json!([deep, {"a": [], "b\"ä\n": {}, "c": [1, [2.5, null]]}]);
        }
        for value in [deep, serde_json::json!([]), serde_json::json!({"a": {}}), serde_json::json!("x")] {
            assert_eq!(json(&value), format!("{}\n", serde_json::to_string_pretty(&value).unwrap()));
        }
    }
}
