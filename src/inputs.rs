//! What a compilation starts from: parsed files and the schema and mapping files they name. Read by `cli`, by tests or by an editor; pure data here.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast;

/// Everything the passes need; nothing behind this type reads a file.
#[derive(Debug, Default)]
pub struct Inputs {
    /// All texts: `.dia` files, SQL schemas, mapping overlays.
    pub sources: SourceMap,
    /// The `.dia` files, each once: roots first, in the order given, then imports as they are met.
    pub files: Vec<(FileId, ast::File)>,
    /// For a `schema "…"` or `mapping "…"` text as it stands in a file: the files it names (a glob may name several, in order of their names).
    /// Missing where none was found (already reported).
    pub references: BTreeMap<(FileId, String), Vec<FileId>>,
    /// Names of declarations that could not be read: to miss them is no second mistake.
    pub unread: Vec<ast::Name>,
    /// Lines that could not be read: what they name is not missing elsewhere.
    pub holes: Vec<Span>,
    /// What reading and parsing had to say.
    pub diagnostics: Vec<Diagnostic>,
}
