//! Reads the files a compilation starts from: roots, what they import, and the schemas and mappings they name.
//!
//! Each file is read once, however it is reached. What is wrong with a root is the caller's mistake ([`UsageError`]);
//! what is wrong with a file that a file names is a finding there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::encoding::{self, Decoded};
use super::{UsageError, parallel, paths};
use crate::diag::{Diagnostic, Severity, codes};
use crate::inputs::Inputs;
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Item, Spanned, SystemStatement, ViewStatementKind};
use crate::syntax::suggest::nearest;

/// The name that stands for what is piped in; a file of that name is `./-`.
pub const STDIN: &str = "-";
/// Larger `.dia` files are not read.
const LARGEST_SOURCE: u64 = 4 << 20;
/// Larger schemas and mappings are not read.
const LARGEST_SCHEMA: u64 = 256 << 20;

/// Reads files, and folders' `.dia` files, with all they name.
///
/// # Errors
/// Where a file or folder that was asked for cannot be read.
pub fn load(roots: &[String]) -> Result<Inputs, UsageError> {
    let mut loader = Loader::of(roots)?;
    let mut next = 0;
    // What one file imports is read beside what its neighbours import.
    while let Some(read @ [_, ..]) = loader.inputs.files.get(next..) {
        let named: Vec<Reference> = read.iter().flat_map(|(file, ast)| named_files(*file, ast)).collect();
        next += read.len();
        for reference in named {
            loader.follow(&reference);
        }
        loader.parse();
    }
    Ok(loader.inputs)
}

/// The schema files that a name or a glob stands for, in the order a page would read them: names and texts.
///
/// # Errors
/// Where there is none, or one of them cannot be read.
pub fn schema(name: &str) -> Result<Vec<(String, String)>, UsageError> {
    let name = paths::shown(Path::new(name));
    let names = if paths::is_glob(&name) { paths::glob(&name) } else { vec![name.clone()] };
    if names.is_empty() {
        return Err(UsageError(format!("no file is named like `{name}`")));
    }
    let one = |name: String| match read_sql(Path::new(&name)) {
        Ok(Text::Good(text) | Text::Foreign(Decoded { text, .. })) => Ok((name, text)),
        Ok(Text::TooLarge) => Err(UsageError(format!("`{name}` is larger than {} MiB", LARGEST_SCHEMA >> 20))),
        Ok(Text::NotUtf8(..)) => {
            Err(UsageError(format!("`{name}` is not UTF-8; bring it into UTF-8: {}", iconv(&name))))
        }
        Err(_) if Path::new(&name).is_dir() => {
            Err(UsageError(format!("`{name}` is a folder; name its files, such as \"{name}/*.sql\"")))
        }
        Err(error) => {
            let hint = sibling(&name, &|other| other.ends_with(".sql"));
            let hint = hint.map(|other| format!("; did you mean `{other}`?")).unwrap_or_default();
            Err(UsageError(format!("cannot read `{name}`: {}{hint}", reason(&error))))
        }
    };
    names.into_iter().map(one).collect()
}

/// Reads files, and folders' `.dia` files, alone.
///
/// # Errors
/// Where a file or folder that was asked for cannot be read.
pub fn roots(roots: &[String]) -> Result<Inputs, UsageError> {
    Ok(Loader::of(roots)?.inputs)
}

/// A folder's `.dia` files, or the file itself.
fn expand(root: &str) -> Result<Vec<String>, UsageError> {
    let root = paths::shown(Path::new(root));
    if root == STDIN || !Path::new(&root).is_dir() {
        return Ok(vec![root]);
    }
    let folder = match root.trim_end_matches('/') {
        "." => String::new(),
        folder => format!("{folder}/"),
    };
    std::fs::read_dir(&root).map_err(|error| UsageError(format!("cannot read folder `{root}`: {}", reason(&error))))?;
    let names = paths::entries(&folder).into_iter().filter(|name| name.ends_with(".dia"));
    let files: Vec<String> =
        names.map(|name| format!("{folder}{name}")).filter(|name| Path::new(name).is_file()).collect();
    if files.is_empty() {
        return Err(UsageError(format!("folder `{root}` holds no .dia file")));
    }
    Ok(files)
}

/// What an error of the system says, without its number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text);
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

/// What a file names.
struct Reference {
    file: FileId,
    name: Spanned<String>,
    kind: Named,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Import,
    Schema,
    Mapping,
}

fn named_files(file: FileId, ast: &ast::File) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut add = |name: &Spanned<String>, kind| found.push(Reference { file, name: name.clone(), kind });
    for item in &ast.items {
        match item {
            Item::Import(name) => add(name, Named::Import),
            Item::System(system) => {
                for statement in &system.statements {
                    if let SystemStatement::Schema(name) = statement {
                        add(name, Named::Schema);
                    }
                }
            }
            Item::View(ast::View { statements, .. }) => {
                for statement in statements {
                    if let ViewStatementKind::Mapping(name) = &statement.kind {
                        add(name, Named::Mapping);
                    }
                }
            }
            Item::Edition(_)
            | Item::Pipeline(_)
            | Item::Secret(_)
            | Item::Entity(_)
            | Item::Event(_)
            | Item::Process(_)
            | Item::Service(_)
            | Item::Constraint(_)
            | Item::Environment(_)
            // A mapping is of one view.
            | Item::Defaults(_)
            | Item::Bare(_) => {}
        }
    }
    found
}

#[derive(Default)]
struct Loader {
    inputs: Inputs,
    /// Files by what they are on disk.
    known: BTreeMap<PathBuf, FileId>,
    /// Files that are read and not parsed.
    unparsed: Vec<FileId>,
}

/// What a file's bytes are.
enum Text {
    Good(String),
    TooLarge,
    /// A schema in which remarks or texts are not UTF-8.
    Foreign(Decoded),
    /// The text with a replacement where the bytes stop being UTF-8, and the offset of that place.
    NotUtf8(String, usize, u8),
}

fn read(path: &Path, most: u64) -> io::Result<Text> {
    let file = File::open(path)?;
    if file.metadata()?.len() > most {
        return Ok(Text::TooLarge);
    }
    read_all(file, most)
}

fn read_all(from: impl Read, most: u64) -> io::Result<Text> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Ok(Text::TooLarge);
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(String::from_utf8(bytes).map_or_else(
        |error| {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(at).copied().unwrap_or(0);
            Text::NotUtf8(String::from_utf8_lossy(error.as_bytes()).into_owned(), at, byte)
        },
        Text::Good,
    ))
}

/// Reads a schema or mapping. SQL Server's tools write UTF-16 unless they are told otherwise.
fn read_sql(path: &Path) -> io::Result<Text> {
    let text = read(path, LARGEST_SCHEMA)?;
    let Text::NotUtf8(_, at, first) = text else { return Ok(text) };
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST_SCHEMA).read_to_end(&mut bytes)?;
    if at > 0 || !matches!(first, 0xff | 0xfe) {
        let sql = path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("json"));
        return Ok(encoding::decode(&bytes).filter(|_| sql).map_or(text, Text::Foreign));
    }
    let units = bytes.chunks_exact(2).skip(1).map(|pair| match *pair {
        [a, b] if first == 0xff => u16::from_le_bytes([a, b]),
        [a, b] => u16::from_be_bytes([a, b]),
        _ => 0,
    });
    let decoded: Result<String, _> = char::decode_utf16(units).collect();
    Ok(decoded.map_or(text, Text::Good))
}

impl Loader {
    fn of(roots: &[String]) -> Result<Self, UsageError> {
        let mut loader = Self::default();
        for root in roots {
            for name in expand(root)? {
                loader.root(&name)?;
            }
        }
        loader.parse();
        Ok(loader)
    }

    fn root(&mut self, name: &str) -> Result<(), UsageError> {
        let path = Path::new(name);
        let identity = identity(path);
        if self.known.contains_key(&identity) {
            return Ok(());
        }
        let text = if name == STDIN { read_all(io::stdin(), LARGEST_SOURCE) } else { read(path, LARGEST_SOURCE) };
        let text = text.map_err(|error| {
            let hint = sibling(name, &|other| other.ends_with(".dia"));
            let hint = hint.map(|other| format!("; did you mean `{other}`?")).unwrap_or_default();
            UsageError(format!("cannot read `{name}`: {}{hint}", reason(&error)))
        })?;
        self.add(name.to_owned(), identity, text);
        Ok(())
    }

    /// Adds a `.dia` file, to be parsed unless its text is no text.
    fn add(&mut self, name: String, identity: PathBuf, text: Text) {
        let sources = &mut self.inputs.sources;
        let id = match text {
            Text::Good(text) | Text::Foreign(Decoded { text, .. }) => {
                let id = sources.add(name, text);
                self.unparsed.push(id);
                id
            }
            Text::TooLarge => {
                let message = format!("`{name}` is larger than {} MiB", LARGEST_SOURCE >> 20);
                let id = sources.add(name, "");
                let finding = Diagnostic::new(codes::FILE_TOO_LARGE, Span::new(id, 0, 0), message);
                self.inputs.diagnostics.push(finding.help("split it and `import` the parts"));
                id
            }
            Text::NotUtf8(text, at, byte) => {
                let message = format!("`{name}` is not UTF-8");
                let utf16 = at == 0 && (byte == 0xff || byte == 0xfe);
                let id = sources.add(name, text);
                let span = Span::new(id, at, at + char::REPLACEMENT_CHARACTER.len_utf8());
                let finding = Diagnostic::new(codes::NOT_UTF8, span, message)
                    .here(format!("byte {} is 0x{byte:02X}, which starts no character", at + 1))
                    .help(if utf16 { "save it as UTF-8; it looks like UTF-16" } else { "save it as UTF-8" });
                self.inputs.diagnostics.push(finding);
                id
            }
        };
        self.known.insert(identity, id);
    }

    /// Parses what was added, in the order it was added.
    fn parse(&mut self) {
        let files = std::mem::take(&mut self.unparsed);
        let sources = &self.inputs.sources;
        let parsed = parallel::map(&files, |id| {
            let text = sources.get(*id).map_or("", |source| source.text.as_str());
            crate::syntax::parse(*id, text)
        });
        for (id, parsed) in files.into_iter().zip(parsed) {
            self.inputs.diagnostics.extend(parsed.diagnostics);
            self.inputs.unread.extend(parsed.unread);
            self.inputs.holes.extend(parsed.holes);
            self.inputs.files.push((id, parsed.ast));
        }
    }

    fn follow(&mut self, reference: &Reference) {
        match reference.kind {
            Named::Import => self.import(reference),
            Named::Schema | Named::Mapping => self.data(reference),
        }
    }

    fn import(&mut self, reference: &Reference) {
        let name = self.name(reference);
        let path = Path::new(&name);
        let identity = identity(path);
        if self.known.contains_key(&identity) {
            return;
        }
        match read(path, LARGEST_SOURCE) {
            Ok(text) => self.add(name, identity, text),
            Err(error) => {
                let finding = self.absent(reference, &name, &error, codes::IMPORT_NOT_FOUND);
                self.inputs.diagnostics.push(finding);
            }
        }
    }

    /// The file's name as it is printed: short, unless that is another file or already taken by one.
    fn name(&self, reference: &Reference) -> String {
        let long =
            paths::beside(self.inputs.sources.name(reference.file), &paths::shown(Path::new(&reference.name.value)));
        let short = paths::short(&long);
        let same = identity(Path::new(&short)) == identity(Path::new(&long));
        if same { short } else { long }
    }

    fn data(&mut self, reference: &Reference) {
        let key = (reference.file, reference.name.value.clone());
        if self.inputs.references.contains_key(&key) {
            return;
        }
        let code = match reference.kind {
            Named::Mapping => codes::BAD_VALUE,
            Named::Import | Named::Schema => codes::UNREADABLE_SCHEMA,
        };
        let name = self.name(reference);
        let names = if paths::is_glob(&name) { paths::glob(&name) } else { vec![name.clone()] };
        if names.is_empty() {
            let finding = Diagnostic::new(code, reference.name.span, format!("no file is named like `{name}`"));
            self.inputs
                .diagnostics
                .push(finding.here("matches nothing").help("correct the path; it is relative to this file"));
        }
        let mut ids = Vec::new();
        for name in names {
            let identity = identity(Path::new(&name));
            if let Some(&id) = self.known.get(&identity) {
                ids.push(id);
                continue;
            }
            let trouble = match read_sql(Path::new(&name)) {
                Ok(Text::Good(text)) => {
                    let id = self.inputs.sources.add(name, text);
                    self.known.insert(identity, id);
                    ids.push(id);
                    continue;
                }
                Ok(Text::Foreign(decoded)) => {
                    let advice = format!("`{name}` is not UTF-8, and is read as Windows-1252 where it is not");
                    let width = decoded.text.get(decoded.first..).and_then(|rest| rest.chars().next());
                    let end = decoded.first + width.map_or(0, char::len_utf8);
                    let id = self.inputs.sources.add(name.clone(), decoded.text);
                    self.known.insert(identity, id);
                    ids.push(id);
                    let places = if decoded.count == 1 { "the only place" } else { "the first place" };
                    let span = Span::new(id, decoded.first, end);
                    let mut finding = Diagnostic::new(codes::NOT_UTF8, span, advice)
                        .here(format!("{places}: names are not concerned"))
                        .also(reference.name.span, "named here")
                        .help(format!("if that is not its encoding, bring it into UTF-8: {}", iconv(&name)));
                    finding.severity = Severity::Advice;
                    self.inputs.diagnostics.push(finding);
                    continue;
                }
                Ok(Text::TooLarge) => {
                    let message = format!("`{name}` is larger than {} MiB", LARGEST_SCHEMA >> 20);
                    Diagnostic::new(codes::FILE_TOO_LARGE, reference.name.span, message)
                        .help("name a file with the definitions only, without data")
                }
                Ok(Text::NotUtf8(_, at, byte)) => {
                    Diagnostic::new(codes::NOT_UTF8, reference.name.span, format!("`{name}` is not UTF-8"))
                        .here(format!("byte {} of it is 0x{byte:02X}, which starts no character", at + 1))
                        .help(format!("bring it into UTF-8, from the encoding it is in: {}", iconv(&name)))
                }
                Err(error) => self.absent(reference, &name, &error, code),
            };
            self.inputs.diagnostics.push(trouble);
        }
        if !ids.is_empty() {
            self.inputs.references.insert(key, ids);
        }
    }

    /// The finding that a named file cannot be read, with the nearest name in its folder.
    fn absent(&self, reference: &Reference, name: &str, error: &io::Error, code: crate::diag::Code) -> Diagnostic {
        let folder = Path::new(name).is_dir();
        let message = if folder {
            format!("`{name}` is a folder")
        } else if error.kind() == io::ErrorKind::NotFound {
            format!("`{name}` is not there")
        } else {
            format!("`{name}` cannot be read: {}", reason(error))
        };
        let finding = Diagnostic::new(code, reference.name.span, message).here("named here");
        if folder {
            return finding.help(match reference.kind {
                Named::Import => "import its files by their names",
                Named::Schema => "name its files, such as `folder/*.sql`",
                Named::Mapping => "name the file in it",
            });
        }
        let ending = match reference.kind {
            Named::Import => ".dia",
            Named::Schema => ".sql",
            Named::Mapping => ".json",
        };
        let Some(other) = sibling(name, &|other| other.ends_with(ending)) else {
            return finding.help("correct the path; it is relative to this file");
        };
        let written = &reference.name.value;
        let suggestion = match written.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{}", paths::last(&other)),
            None => paths::last(&other).to_owned(),
        };
        let quote = self.inputs.sources.slice(reference.name.span).chars().next().unwrap_or('"');
        let finding = finding.help(format!("did you mean `{suggestion}`?"));
        if quote == '"' || quote == '\'' {
            finding.fix(reference.name.span, format!("{quote}{suggestion}{quote}"))
        } else {
            finding
        }
    }
}

/// The command that brings a file into UTF-8.
fn iconv(name: &str) -> String {
    let new = match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.utf8.{ending}"),
        None => format!("{name}.utf8"),
    };
    format!("`iconv -f WINDOWS-1252 -t UTF-8 {name} > {new}`")
}

/// What a file is on disk; the path itself where that cannot be told.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// The file beside a missing one whose name is nearest to its name.
fn sibling(name: &str, fits: &dyn Fn(&str) -> bool) -> Option<String> {
    let (folder, last) = match name.rsplit_once('/') {
        Some((folder, last)) => (format!("{folder}/"), last),
        None => (String::new(), name),
    };
    let names = paths::entries(&folder);
    let other = nearest(last, names.iter().map(String::as_str).filter(|other| fits(other)))?;
    Some(format!("{folder}{other}"))
}
