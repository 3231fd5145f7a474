//! What laws are tried on: every example and every page and schema of `tests/ui`, and mutations of them.

use std::collections::BTreeMap;
use std::path::Path;

use diac::inputs::Inputs;
use diac::source::{FileId, SourceMap};
use diac::syntax::ast::{File, Item, SystemStatement};

/// Names and texts of one compilation; the first file is the root.
pub type Page = Vec<(String, String)>;

/// What loading would make of the files; schemas are found by the ends of their names.
pub fn inputs(page: &[(String, String)]) -> Inputs {
    let mut inputs = Inputs { sources: SourceMap::default(), ..Inputs::default() };
    for (name, text) in page {
        inputs.sources.add(name.clone(), text.clone());
    }
    for (name, text) in page.iter().filter(|(name, _)| name.ends_with(".dia")) {
        let id = inputs.sources.find(name).unwrap();
        let parsed = diac::syntax::parse(id, text);
        for (key, files) in references(id, &parsed.ast, page, &inputs.sources) {
            inputs.references.insert(key, files);
        }
        inputs.diagnostics.extend(parsed.diagnostics);
        inputs.unread.extend(parsed.unread);
        inputs.files.push((id, parsed.ast));
    }
    inputs
}

fn references(
    id: FileId,
    tree: &File,
    page: &[(String, String)],
    sources: &SourceMap,
) -> BTreeMap<(FileId, String), Vec<FileId>> {
    let mut found = BTreeMap::new();
    for item in &tree.items {
        let Item::System(system) = item else { continue };
        for statement in &system.statements {
            let SystemStatement::Schema(text) = statement else { continue };
            let last = text.value.rsplit('/').next().unwrap_or("");
            let file = page.iter().find(|(name, _)| name.ends_with(last) && name.ends_with(".sql"));
            if let Some(file) = file.and_then(|(name, _)| sources.find(name)) {
                found.insert((id, text.value.clone()), vec![file]);
            }
        }
    }
    found
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(read(&path));
        } else if path.extension().is_some_and(|ending| ending == "dia" || ending == "sql") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            files.insert(path.to_str().unwrap().to_owned(), text);
        }
    }
    files
}

/// Every page there is: each example as a whole, each case of `tests/ui` with the schemas beside it.
pub fn corpus() -> Vec<Page> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir("examples").unwrap().flatten() {
        let mut files: Page = read(&entry.path()).into_iter().collect();
        // Pages first, so that a mutation meets them more often than a large schema.
        files.sort_by_key(|(name, _)| !name.ends_with(".dia"));
        // A folder of schemas that several examples share is no page.
        if files.iter().any(|(name, _)| name.ends_with(".dia")) {
            pages.push(files);
        }
    }
    for entry in std::fs::read_dir("tests/ui").unwrap().flatten() {
        let files = read(&entry.path());
        let schemas: Page = files.iter().filter(|(name, _)| name.ends_with(".sql")).map(pair).collect();
        for (name, text) in files.iter().filter(|(name, text)| name.ends_with(".dia") && !text.contains("#! grow")) {
            let mut page = vec![(name.clone(), text.clone())];
            page.extend(schemas.iter().filter(|(schema, _)| text.contains(last(schema))).cloned());
            pages.push(page);
        }
    }
    pages.sort();
    pages
}

fn pair((name, text): (&String, &String)) -> (String, String) {
    (name.clone(), text.clone())
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The large schema is met by its example alone; hundreds of mutations of it would take minutes and say nothing new.
pub fn small(page: &Page) -> bool {
    page.iter().map(|(_, text)| text.len()).sum::<usize>() < 40_000
}

// ---------- mutations ----------

/// One change of a text; the numbers choose places and pieces, whatever the text's length.
type Change = (u8, u16, u16, u16);

const SIGNS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "|",
    ",",
    ".",
    ":",
    "=",
    "\"",
    "'",
    "`",
    "#",
    "##",
    "*",
    "\n",
    "\t",
    " ",
    "é",
    "\u{feff}",
    "0",
    "99999999999999999999",
    "5s",
    "64GiB",
    "null",
    "`a b`",
    "--",
    "/*",
    "$$",
    ";",
    "\\",
];

/// Words and single signs, blanks included: joined they are the text.
pub fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if word(first) { rest.find(|c: char| !word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    tokens
}

pub fn mutate(text: &str, changes: &[Change], other: &str) -> String {
    let foreign = tokens(other);
    let mut text = text.to_owned();
    for (kind, a, b, c) in changes {
        let (a, b, c) = (*a as usize, *b as usize, *c as usize);
        if *kind < 4 {
            text = mutate_bytes(&text, *kind, a, b);
            continue;
        }
        let mut all: Vec<String> = tokens(&text).into_iter().map(str::to_owned).collect();
        if all.is_empty() {
            continue;
        }
        let at = a % all.len();
        let until = (at + 1 + b % 12).min(all.len());
        let piece = |n: usize| foreign.get(n % foreign.len().max(1)).copied().unwrap_or(" ");
        match kind {
            4 => drop(all.drain(at..until)),
            5 => {
                let copy = all[at..until].to_vec();
                let place = c % (all.len() + 1);
                all.splice(place..place, copy);
            }
            6 => {
                let place = c % all.len();
                all.swap(at, place);
            }
            7 => all[at] = piece(c).to_owned(),
            8 => all.insert(at, SIGNS[c % SIGNS.len()].to_owned()),
            _ => all.insert(at, format!("{} {} ", piece(c), piece(c + 2))),
        }
        text = all.concat();
    }
    text
}

fn mutate_bytes(text: &str, kind: u8, a: usize, b: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = a % (bytes.len() + 1);
    let until = (at + b % 40).min(bytes.len());
    match kind {
        0 => drop(bytes.drain(at..until)),
        1 => bytes.insert(at, u8::try_from(b % 256).unwrap_or(0)),
        2 => bytes.truncate(at),
        _ => bytes.splice(at..at, text.as_bytes()[at..until].to_vec()).for_each(drop),
    }
    // A file that is no UTF-8 is not parsed at all.
    String::from_utf8_lossy(&bytes).into_owned()
}

pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
