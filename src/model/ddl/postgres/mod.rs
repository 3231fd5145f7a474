//! Reads PostgreSQL schema files: a dump, or a folder of migrations in order.
//!
//! The text is cut into statements (`cut`), those that shape tables are parsed (`tree`) and carried out on a catalog
//! (`create`, `alter`, `constraints`, `kinds`, `removal`), and in the end the catalog becomes the schema (`finish`).
//! Everything else is passed over. A statement that shapes a table and cannot be read is one finding; the others are
//! read all the same.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser has more than a thousand kinds of nodes, and most are none of the reader's business"
)]

mod alter;
mod builtin;
mod catalog;
mod constraints;
mod create;
mod cut;
mod finish;
mod kinds;
mod lookup;
mod mend;
mod plain;
mod removal;
mod settings;
mod tree;
mod typing;

#[cfg(test)]
mod tests;

use super::report::{Reason, unreadable};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::Schema;
use crate::source::FileId;
use catalog::Catalog;
use create::Created;
pub(super) use cut::head;
use cut::{Cutter, End, Statement, next_opening};
use tree::{K, Node, Place, has, kid, name_of, parse, string_of};

/// Reads files in order, as one schema: what a later file alters or drops counts.
#[must_use]
pub(super) fn read(files: &[(FileId, &str)]) -> (Schema, Vec<Diagnostic>) {
    read_by(files, Forms::PlainFirst)
}

fn read_by(files: &[(FileId, &str)], forms: Forms) -> (Schema, Vec<Diagnostic>) {
    let mut reader = Reader { catalog: Catalog::default(), diagnostics: Vec::new(), forms };
    for &(file, text) in files {
        reader.read_file(file, text);
    }
    (finish::finish(&reader.catalog), reader.diagnostics)
}

struct Reader {
    catalog: Catalog,
    diagnostics: Vec<Diagnostic>,
    forms: Forms,
}

/// How statements are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forms {
    /// By `plain` where they are of its forms, else by the parser.
    PlainFirst,
    /// All by the parser, to compare with.
    #[cfg(test)]
    Parsed,
}

/// What a statement is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Tables are shaped by it: it must be readable.
    Must,
    /// It is read if it can be.
    May,
    /// Its body holds statements that may be run or not.
    Body,
    /// It says nothing about tables.
    No,
}

/// How a statement's mistakes are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// They are findings.
    Strict,
    /// They pass: the statement stands in a `DO` block and may never run.
    Lenient,
}

fn need(text: &str) -> Need {
    let [first, second, third, fourth, fifth] = head(text);
    let object = |word: &str| matches!(word, "TABLE" | "TYPE" | "DOMAIN" | "SCHEMA");
    match first.as_str() {
        "CREATE" => match second.as_str() {
            word if object(word) => Need::Must,
            "UNLOGGED" | "TEMP" | "TEMPORARY" if third == "TABLE" => Need::Must,
            "GLOBAL" | "LOCAL" if fourth == "TABLE" => Need::Must,
            "FOREIGN" if third == "TABLE" => Need::Must,
            "UNIQUE" => Need::Must,
            _ => Need::No,
        },
        "ALTER" => match second.as_str() {
            word if object(word) => Need::Must,
            "FOREIGN" if third == "TABLE" => Need::Must,
            "INDEX" => Need::May,
            _ => Need::No,
        },
        "DROP" => match second.as_str() {
            word if object(word) => Need::Must,
            "FOREIGN" if third == "TABLE" => Need::Must,
            "INDEX" => Need::May,
            _ => Need::No,
        },
        "COMMENT" if matches!(third.as_str(), "TABLE" | "COLUMN" | "FOREIGN") => Need::May,
        "SET" if [&second, &third].iter().any(|word| matches!(word.as_str(), "SEARCH_PATH" | "SCHEMA")) => Need::May,
        "RESET" | "DISCARD" | "COMMIT" | "ROLLBACK" | "END" | "ABORT" => Need::May,
        "SELECT" if settings::is_of_interest(text, &[second, third, fourth, fifth]) => Need::May,
        "DO" => Need::Body,
        _ => Need::No,
    }
}

impl Reader {
    fn read_file(&mut self, file: FileId, text: &str) {
        // Each file is a session of its own to most tools.
        self.catalog.path = catalog::SearchPath::default();
        let mut cutter = Cutter::new(text);
        while let Some(statement) = cutter.next() {
            let place = Place { file, start: statement.start };
            if statement.text.starts_with('\\') {
                if matches!(statement.text.split_whitespace().next(), Some("\\c" | "\\connect")) {
                    self.catalog.path = catalog::SearchPath::default();
                }
                continue;
            }
            let need = need(statement.text);
            let was_read = match need {
                Need::No => statement.end != End::Unclosed,
                Need::Body => {
                    self.read_body(statement, place);
                    statement.end != End::Unclosed
                }
                Need::Must | Need::May => self.read_statement(statement, place, need),
            };
            if was_read {
                continue;
            }
            // A quote or bracket that is never closed must not swallow what follows.
            if let Some(opening) = next_opening(text, statement.start)
                && opening < statement.start + statement.text.len()
            {
                cutter.rewind(opening);
            }
        }
    }

    /// Reads one statement; `false` where its text may hold more than the statement.
    fn read_statement(&mut self, statement: Statement<'_>, place: Place, need: Need) -> bool {
        let Statement { text, end, .. } = statement;
        if matches!(end, End::Mark | End::File)
            && self.forms == Forms::PlainFirst
            && let Some(plain) = plain::read(text)
        {
            let created = self.catalog.carry_out_plain(plain, place);
            self.created(created);
            return true;
        }
        // What swallowed the rest of the file is read again up to the next line that begins a statement.
        let text = match next_opening(text, 0) {
            Some(opening) if end == End::Unclosed => text.get(..opening).unwrap_or(text),
            _ => text,
        };
        let Some(parsed) = parse(text) else {
            if need == Need::Must {
                self.unreadable(text, place, Reason::TooDeep);
            }
            return true;
        };
        let broken = parsed.error.is_some() || end == End::Unclosed;
        // A repaired cut first: the statement may only have swallowed its neighbours.
        if broken && let Some(opening) = next_opening(text, 0) {
            let alone = text.get(..opening).unwrap_or(text);
            let statement = Statement { text: alone, end: End::Next, ..statement };
            self.read_statement(statement, place, need);
            return false;
        }
        for node in &parsed.statements {
            self.carry_out(node, place, Manner::Strict);
        }
        if need == Need::Must {
            match (parsed.error, end) {
                (Some(at), _) => self.unreadable(text, place, Reason::Syntax(at)),
                (None, End::Unclosed) => self.unreadable(text, place, Reason::Unclosed),
                (None, End::Next) => self.unreadable(text, place, Reason::NoSemicolon),
                (None, End::Mark | End::File) => {}
            }
        }
        end != End::Unclosed
    }

    /// Reads the statements of a `DO` block that can be seen without running it.
    fn read_body(&mut self, statement: Statement<'_>, place: Place) {
        let Some(open) = statement.text.find('$') else { return };
        let Some(tag) = statement.text.get(open + 1..).and_then(|rest| rest.find('$')) else { return };
        let from = open + tag + 2;
        let body = statement.text.get(from..).unwrap_or("");
        let mut handles_errors = false;
        for inner in Cutter::new(body) {
            let [first, second] = head(inner.text);
            // What stands between `EXCEPTION` and the `END` of its block runs only when something failed.
            match first.as_str() {
                "EXCEPTION" => handles_errors = true,
                "END" if !matches!(second.as_str(), "IF" | "LOOP" | "CASE") => handles_errors = false,
                _ => {}
            }
            if handles_errors {
                continue;
            }
            let Some(offset) = ddl_in_block(inner.text) else { continue };
            let text = inner.text.get(offset..).unwrap_or("");
            if !matches!(need(text), Need::Must | Need::May) {
                continue;
            }
            let place = Place { file: place.file, start: place.start + from + inner.start + offset };
            if let Some(parsed) = parse(text)
                && parsed.error.is_none()
            {
                for node in &parsed.statements {
                    self.carry_out(node, place, Manner::Lenient);
                }
            }
        }
    }

    /// Does to the catalog what the statement would do to the database.
    fn carry_out(&mut self, node: &Node, place: Place, manner: Manner) {
        let catalog = &mut self.catalog;
        match node.kind() {
            K::CREATE_TABLE | K::CREATE_TABLE_AS | K::CREATE_FOREIGN_TABLE | K::SELECT_INTO => {
                let created = catalog.create_table(node, place);
                if manner == Manner::Strict {
                    self.created(created);
                }
            }
            K::CREATE_SCHEMA => self.create_schema(node, place, manner),
            K::CREATE_INDEX => catalog.create_index(node, place),
            K::CREATE_TYPE => catalog.create_type(node, place),
            K::CREATE_DOMAIN => catalog.create_domain(node),
            K::ALTER_TABLE | K::ALTER_FOREIGN_TABLE => catalog.alter_table(node, place),
            K::ALTER_TYPE => catalog.alter_type(node, place),
            K::ALTER_DOMAIN => catalog.alter_domain(node),
            K::ALTER_SCHEMA => catalog.alter_schema(node),
            K::ALTER_INDEX => {
                let to = kid(node, K::INDEX_RENAME_TO).and_then(|to| tree::path_of(&to, K::INDEX));
                if let Some((from, to)) = tree::path_of(node, K::INDEX_REF).zip(to) {
                    catalog.rename_index(&from, to.name);
                }
            }
            K::DROP_TABLE | K::DROP_FOREIGN_TABLE => catalog.drop_tables(node),
            K::DROP_TYPE | K::DROP_DOMAIN => catalog.drop_types(node),
            K::DROP_INDEX => catalog.drop_indexes(node),
            K::DROP_SCHEMA => catalog.drop_schemas(node),
            K::COMMENT_ON => catalog.comment(node),
            _ => catalog.set(node, place),
        }
    }

    fn create_schema(&mut self, node: &Node, place: Place, manner: Manner) {
        let target = node.children().find(|child| matches!(child.kind(), K::NAMED_SCHEMA | K::AUTHORIZATION_SCHEMA));
        let Some(schema) = target.and_then(|t| name_of(&t, K::SCHEMA).or_else(|| name_of(&t, K::ROLE))) else { return };
        let before = self.catalog.path.enter(&schema);
        for element in node.children() {
            if matches!(element.kind(), K::CREATE_TABLE | K::CREATE_INDEX | K::CREATE_TYPE | K::CREATE_DOMAIN) {
                self.carry_out(&element, place, manner);
            }
        }
        self.catalog.path.leave(before);
    }

    fn created(&mut self, created: Created) {
        let Created::Taken { name, new, first } = created else { return };
        let finding = Diagnostic::new(codes::NAME_TAKEN, new, format!("table `{name}` is created twice"))
            .here("a second table of this name")
            .also(first, "the first one, which is kept")
            .help("remove or rename one of the two, or drop the first before the second");
        self.diagnostics.push(finding);
    }

    fn unreadable(&mut self, text: &str, place: Place, reason: Reason) {
        self.diagnostics.push(unreadable((place.file, place.start), text, "PostgreSQL", reason));
    }
}

/// Where a statement begins in a piece of a block, behind `BEGIN`, `THEN`, `ELSE` or `LOOP`.
fn ddl_in_block(text: &str) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut opened = true;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..)?;
        let blank = rest.len() - rest.trim_start().len();
        if blank > 0 {
            at += blank;
            continue;
        }
        if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if len == 0 {
            opened = false;
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let word = rest.get(..len)?.to_ascii_uppercase();
        match word.as_str() {
            "CREATE" | "ALTER" | "DROP" | "COMMENT" if opened => return Some(at),
            "BEGIN" | "THEN" | "ELSE" | "LOOP" => opened = true,
            _ => opened = false,
        }
        at += len;
    }
    None
}

/// `COMMENT ON TABLE` and `COMMENT ON COLUMN`.
impl Catalog {
    fn comment(&mut self, node: &Node) {
        let text = string_of(node).filter(|text| !text.is_empty());
        let Some(object) = node.children().next() else { return };
        match object.kind() {
            K::OBJECT_TABLE | K::OBJECT_FOREIGN_TABLE => {
                let table = tree::path_of(&object, K::TABLE_NAME_REF).and_then(|name| self.find_table(&name));
                if let Some(relation) = table.and_then(|table| self.tables.get_mut(table)) {
                    relation.comment = text;
                }
            }
            K::OBJECT_COLUMN if has(&object, K::QUALIFIED_COLUMN_NAME_REF) => {
                let mut parts = tree::parts(&object);
                let Some(column) = parts.pop() else { return };
                let Some(table) = parts.pop() else { return };
                let name = tree::Name { schema: parts.pop(), name: table };
                let relation = self.find_table(&name).and_then(|table| self.tables.get_mut(table));
                if let Some(column) = relation.and_then(|relation| relation.column(&column)) {
                    column.comment = text;
                }
            }
            _ => {}
        }
    }
}
