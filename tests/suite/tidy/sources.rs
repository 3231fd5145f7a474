//! The crate's own sources, as the checks read them.

use std::path::Path;

use crate::run::files_below;

/// A file of `src`: its name below it, and its text without remarks and without the tests at its end.
pub struct Source {
    pub name: String,
    pub text: String,
}

impl Source {
    /// The module at the top of the crate the file is of.
    pub fn module(&self) -> &str {
        self.name.split('/').next().unwrap_or("").trim_end_matches(".rs")
    }

    /// Every path that starts with `first::`, as far as lower-case names go on.
    pub fn paths(&self, first: &str) -> Vec<String> {
        let mut found = Vec::new();
        let start = format!("{first}::");
        for (at, _) in self.text.match_indices(&start) {
            let before = self.text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
                continue;
            }
            let rest = &self.text[at + start.len()..];
            let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == ':'));
            found.push(rest[..end.unwrap_or(rest.len())].trim_end_matches(':').to_owned());
        }
        found
    }
}

/// All files of `src` that are of the program itself.
pub fn all() -> Vec<Source> {
    let files = files_below(Path::new("src"));
    let texts: Vec<(String, String)> = files
        .into_iter()
        .filter(|(name, _)| name.ends_with(".rs"))
        .map(|(name, path)| (name, std::fs::read_to_string(path).unwrap()))
        .collect();
    let tests: Vec<String> = texts.iter().flat_map(|(name, text)| test_modules(name, text)).collect();
    texts
        .into_iter()
        .filter(|(name, _)| !tests.iter().any(|test| name.starts_with(test.as_str())))
        .map(|(name, text)| Source { name, text: stripped(&text) })
        .collect()
}

/// The starts of the names of files that are modules for tests only.
fn test_modules(name: &str, text: &str) -> Vec<String> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let marked = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    let modules = marked.filter_map(|pair| pair[1].strip_prefix("mod ")?.strip_suffix(';'));
    modules.flat_map(|module| [format!("{folder}/{module}.rs"), format!("{folder}/{module}/")]).collect()
}

fn stripped(text: &str) -> String {
    let program = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines = program.lines().map(|line| match line.find("//") {
        Some(at) if !line[..at].contains('"') => &line[..at],
        _ => line,
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}
