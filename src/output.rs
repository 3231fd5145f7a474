//! The files a compilation makes, as data.

use std::collections::BTreeMap;

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
    let mut text = serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("\"diac: {error}\""));
    text.push('\n');
    text
}
