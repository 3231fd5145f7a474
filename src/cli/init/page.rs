//! The first page of a schema as text.

use super::survey::{Found, Place, Survey};
use crate::model::schema::{SchemaColumn, Table};
use crate::model::types::Type;
use crate::syntax::spell::quoted;
use crate::systems::{Kind, Support};

/// The system that follows.
pub(super) const COPY: &str = "copy";

/// The names a page is written with.
pub(super) struct Words<'a> {
    pub(super) pipeline: &'a str,
    /// The page's own file.
    pub(super) page: &'a str,
    /// The schema as the page names it.
    pub(super) path: &'a str,
    /// The schema as a remark names it.
    pub(super) file: &'a str,
    pub(super) system: &'a str,
    /// The kind of database that the schema is for.
    pub(super) kind: Kind,
}

impl Words<'_> {
    /// The most that a page about this kind of database can hold.
    pub(super) fn most(&self) -> Form {
        match self.kind.facts().record {
            Support::Built => Form::Whole,
            Support::Later => Form::Entities,
            Support::Never => Form::Systems,
        }
    }

    /// The system's line, with its schema where the kind can be a record.
    fn declaration(&self) -> String {
        let (system, kind) = (self.system, self.kind.word());
        match self.kind.facts().record {
            Support::Never => format!("system {system}: {kind}\n"),
            Support::Built | Support::Later => format!("system {system}: {kind} {{ schema {} }}\n", quoted(self.path)),
        }
    }
}

/// How much of a page is live. Less is taken only where more would not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Systems alone.
    Systems,
    /// Systems and entities.
    Entities,
    /// And the line that brings all tables across.
    Whole,
}

/// The whole page.
pub(super) fn text(words: &Words, survey: &Survey, form: Form) -> String {
    let Words { pipeline, page, .. } = words;
    let file = remark(words.file);
    let tables = survey.found.len();
    let follow = survey.followed().count();
    let built = words.kind.facts().record == Support::Built;
    let count = match (tables, follow) {
        (0, _) => "no table".to_owned(),
        (1, _) if !built => "one table".to_owned(),
        (all, _) if !built => format!("{all} tables"),
        (1, 1) => "its one table can follow".to_owned(),
        (all, some) if all == some => format!("all of its {all} tables can follow"),
        (all, some) => format!("{some} of its {all} tables can follow"),
    };
    let title = words.kind.facts().title;
    let compiles = match words.kind.facts().record {
        Support::Built => "It compiles as it is.".to_owned(),
        Support::Later => format!(
            "It compiles as it is, and runs nothing:\n# this version of diac reads {title}'s tables and does not capture them yet."
        ),
        Support::Never => format!(
            "It compiles as it is, and runs nothing:\n# {title} has no change log that diac could capture; it is where views end."
        ),
    };
    let mut text = format!(
        "edition 2026\npipeline {pipeline}\n\n\
         # A first page for {file}: {count}. {compiles}\n\
         # Keep what you need, delete the rest, and ask diac as you go:\n#\n\
         #   diac check .      everything that is wrong, at the line\n\
         #   diac graph .      a picture\n\
         #   diac compile .    every file that runs it, in out/\n#\n\
         # Where it runs is said in the other file beside {page}.\n\n\
         # ---- The systems ----\n\n",
    );
    match words.kind.facts().record {
        Support::Never => text.push_str("# A store that follows.\n"),
        Support::Built | Support::Later => {
            text.push_str("# The database that decides. Its tables, columns and keys are read from the schema.\n");
        }
    }
    text.push_str(&words.declaration());
    if built {
        text.push_str(&format!(
            "\n# A second database that follows. Other stores are a line each:\n\
             # system search: elasticsearch\n\
             # system cache: redis\n\
             system {COPY}: postgres\n"
        ));
    }
    if form >= Form::Entities {
        text.push_str(&entities(words, survey));
        if built {
            text.push_str(&example(survey));
        }
    }
    text.push_str("\n# ---- What follows ----\n\n");
    text.push_str(&if built { whole(words, survey, form) } else { later(words, survey) });
    text
}

/// What could follow once the kind of database is captured.
fn later(words: &Words, survey: &Survey) -> String {
    let (system, title) = (words.system, words.kind.facts().title);
    if words.kind.facts().record == Support::Never {
        let mut text =
            format!("# A view ends here with a stage such as `| {system}.public.orders`. The tables that are there:\n");
        for found in &survey.found {
            text.push_str(&format!("#   {}.{}\n", remark(&found.table.schema), remark(&found.table.name)));
        }
        return text;
    }
    format!(
        "# Nothing yet. Once {title} is captured, these two lines bring every table across:\n\
         # system {COPY}: postgres\n\
         # {system} | {COPY}\n"
    )
}

fn entities(words: &Words, survey: &Survey) -> String {
    let shown = survey.entities();
    if shown.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n# ---- What is decided ----\n#\n\
         # An entity is a table with a name of its own. Without columns it carries all of them; once it names some, it carries those.\n",
    );
    if shown.iter().any(|found| !found.personal.is_empty()) {
        text.push_str(
            "# Where a column looks personal, its line says so. Mark it `pii` if it is, and diac refuses every store that may not hold it.\n",
        );
    }
    let mut last = None;
    let mut open = true;
    for found in &shown {
        if last != Some(found.place) {
            let title = match found.place {
                Place::Middle => "Tables that others refer to.",
                Place::Edge => "Tables that refer to others.",
                Place::Link => "Links: their key is made of references.",
                Place::Alone => "Tables that stand alone.",
            };
            text = format!("{}\n\n# {title}\n\n", text.trim_end());
            last = Some(found.place);
            open = true;
        }
        let block = entity(found, words.system);
        // What takes one line needs no blank around it.
        let tall = block.lines().count() > 1;
        if tall && !open {
            text.push('\n');
        }
        text.push_str(&block);
        open = tall;
        if tall {
            text.push('\n');
        }
    }
    let mut text = format!("{}\n", text.trim_end());
    let more = survey.followed().count() - shown.len();
    if more > 0 {
        let (tables, need) = if more == 1 { ("table", "needs") } else { ("tables", "need") };
        text.push_str(&format!("\n# {more} more {tables} of the schema {need} no entity to follow.\n"));
    }
    text
}

fn entity(found: &Found, system: &str) -> String {
    let (table, Some(path)) = (found.table, found.path(system)) else { return String::new() };
    let mut text = docs(table.comment.as_deref(), "");
    let own = name(&found.entity).unwrap_or_default();
    let key: Vec<&str> = table.primary_key.iter().flat_map(|key| &key.columns).map(String::as_str).collect();
    let names: Option<Vec<String>> = key.iter().map(|column| name(column)).collect();
    let names = names.filter(|names| !names.is_empty()).map(|names| format!("key ({})", names.join(", ")));
    if found.columns {
        text.push_str(&format!("entity {own} in {path} {{\n"));
        text.push_str(&columns(table, &key, names.as_deref(), &found.personal));
        text.push_str("}\n");
        return text;
    }
    let body = names.map(|names| format!(" {names} ")).unwrap_or_default();
    if found.personal.is_empty() {
        let body = if body.is_empty() { String::new() } else { format!(" {{{body}}}") };
        text.push_str(&format!("entity {own} in {path}{body}\n"));
        return text;
    }
    let personal: Vec<String> = found.personal.iter().map(|column| format!("`{}`", remark(column))).collect();
    let (look, them) = if personal.len() == 1 { ("looks", "it") } else { ("look", "them") };
    text.push_str(&format!(
        "entity {own} in {path} {{\n  # {} {look} personal: name the columns that may travel, and mark {them} `pii`.\n",
        personal.join(", ")
    ));
    if !body.is_empty() {
        text.push_str(&format!("  {}\n", body.trim()));
    }
    text.push_str("}\n");
    text
}

/// Columns in three rows one under the other: name, type, what else is to be said.
fn columns(table: &Table, key: &[&str], names: Option<&str>, personal: &[&str]) -> String {
    let mut text = String::new();
    let single = key.len() == 1;
    if let Some(names) = names.filter(|_| !single) {
        text.push_str(&format!("  {names}\n"));
    }
    let rows: Vec<(&SchemaColumn, String, String)> = table
        .columns
        .iter()
        .filter_map(|column| {
            let optional = if column.nullable { "?" } else { "" };
            Some((column, name(&column.name)?, format!("{}{optional}", spelling(&column.ty)?)))
        })
        .collect();
    let width = |row: fn(&(&SchemaColumn, String, String)) -> usize| rows.iter().map(row).max().unwrap_or(0);
    let (first, second) = (width(|row| row.1.chars().count()), width(|row| row.2.chars().count()).min(24));
    for (column, name, ty) in &rows {
        text.push_str(&docs(column.comment.as_deref(), "  "));
        let mut more = String::new();
        if single && key.contains(&column.name.as_str()) {
            more.push_str("  key");
        }
        if personal.contains(&column.name.as_str()) {
            more.push_str("  # looks personal: mark `pii`");
        }
        text.push_str(format!("  {name:first$}  {ty:second$}{more}").trim_end());
        text.push('\n');
    }
    text
}

/// A view to fill in, in remarks.
fn example(survey: &Survey) -> String {
    let entities = survey.entities();
    let word = |column: &SchemaColumn| column.ty == Type::Text;
    let Some(found) = entities.iter().find(|found| found.table.columns.iter().any(word)).or(entities.first()) else {
        return String::new();
    };
    let key: Vec<&String> = found.table.primary_key.iter().flat_map(|key| &key.columns).collect();
    let rest = found.table.columns.iter().filter(|column| {
        !key.contains(&&column.name)
            && !found.personal.contains(&column.name.as_str())
            && spelling(&column.ty).is_some()
    });
    let rest: Vec<&SchemaColumn> = rest.collect();
    let shown = key.iter().map(|key| key.as_str()).chain(rest.iter().take(3).map(|column| column.name.as_str()));
    let select: Vec<String> = shown.filter_map(name).collect();
    let own = name(&found.entity).unwrap_or_default();
    let view = name(&format!("{}_search", found.entity)).unwrap_or_default();
    let target = plain(&found.entity, "rows");
    // A condition that can be false says more than one that always holds.
    let filtered = rest.iter().find(|column| column.nullable).or(rest.first());
    let filter = filtered.and_then(|column| Some(format!("#   | where {} is not null\n", name(&column.name)?)));
    format!(
        "\n# ---- A view of your own ----\n#\n\
         # What a store needs is often less than a table. Declare `search` above, fill this in and take the # away:\n#\n\
         # ## Who reads it, and what for.\n\
         # view {view} {{\n\
         #   {own}\n\
         {}\
         #   | select {}\n\
         #   | search.{target}\n#\n\
         #   objective fresh within 5s\n\
         # }}\n",
        filter.unwrap_or_default(),
        select.join(", ")
    )
}

/// The line that brings every table across, with what stays behind and why.
fn whole(words: &Words, survey: &Survey, form: Form) -> String {
    let system = words.system;
    let left: Vec<(&Found, &str)> =
        survey.found.iter().filter_map(|found| Some((found, found.left_out.as_deref()?))).collect();
    if survey.followed().next().is_none() {
        let mut text = String::from("# No table of the schema can follow yet");
        text.push_str(if left.is_empty() { ".\n" } else { ":\n" });
        for (found, why) in left {
            text.push_str(&format!(
                "#   {}.{} {}\n",
                remark(&found.table.schema),
                remark(&found.table.name),
                remark(why)
            ));
        }
        text.push_str(&format!("# Once one can, this line brings all of them across: {system} | {COPY}\n"));
        return text;
    }
    // A name that cannot be written matters only where the line would bring its table across.
    let stays = |(found, _): &&(&Found, &str)| found.path(system).is_some() || found.comes_along();
    let paths: Option<Vec<(String, &str)>> =
        left.iter().filter(stays).map(|(found, why)| Some((found.path(system)?, *why))).collect();
    let Some(paths) = paths.filter(|_| form == Form::Whole) else {
        let mut text = String::from(
            "# The whole schema at once does not compile, so each table has a line here; take the # away.\n",
        );
        for found in survey.followed() {
            if let Some(path) = found.path(system) {
                text.push_str(&format!("# {path} | {COPY}\n"));
            }
        }
        return text;
    };
    let mut text = String::new();
    if paths.is_empty() {
        text.push_str("# Every table of the schema, kept equal row by row. `except` leaves some out.\n");
        text.push_str(&format!("{system} | {COPY}\n"));
        return text;
    }
    text.push_str("# Every table of the schema, kept equal row by row, but for those that cannot be:\n");
    let last = paths.len() - 1;
    let width = paths.iter().map(|(path, _)| path.chars().count() + 1).max().unwrap_or(0);
    for (at, (path, why)) in paths.iter().enumerate() {
        let start = if at == 0 { format!("{system} except ") } else { " ".repeat(system.chars().count() + 8) };
        let path = if at == last { path.clone() } else { format!("{path},") };
        text.push_str(&format!("{start}{path:width$}  # {}\n", remark(why)));
    }
    text.push_str(&format!("  | {COPY}\n"));
    text
}

/// A comment of the schema as documentation.
fn docs(comment: Option<&str>, indent: &str) -> String {
    let lines = comment.unwrap_or_default().split(['\n', '\r']).map(remark).filter(|line| !line.is_empty());
    lines.map(|line| format!("{indent}## {line}\n")).collect()
}

/// A text on one line.
fn remark(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}

/// A name as the language writes it: plain, or in backticks; none where it has no spelling.
pub(super) fn name(text: &str) -> Option<String> {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if starts && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Some(text.to_owned());
    }
    let legal = !text.is_empty() && !text.chars().any(|c| c == '`' || c.is_control() && c != '\t');
    legal.then(|| format!("`{text}`"))
}

/// The name without what makes it differ from another in nothing but its writing.
pub(super) fn folded(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// A name of small letters, digits and `_` made of any text.
pub(super) fn plain(text: &str, otherwise: &str) -> String {
    let small: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).take(24).collect();
    let small = small.trim_matches('_');
    match small.chars().next() {
        Some(c) if c.is_ascii_alphabetic() => small.to_owned(),
        Some(_) => format!("{otherwise}_{small}"),
        None => otherwise.to_owned(),
    }
}

/// Names of files that say what they are and not whose.
const GENERIC: &[&str] = &["schema", "dump", "structure", "tables", "init", "ddl", "database", "db", "migrations"];

/// What the schema's system is called: after its file, else after the pipeline.
pub(super) fn system_name(file: &str, pipeline: &str) -> String {
    let own = plain(file, "");
    let meaning = own.chars().next().is_some_and(|c| c.is_ascii_alphabetic()) && !GENERIC.contains(&own.as_str());
    let found = if meaning && !file.contains(['*', '?']) { own } else { pipeline.to_owned() };
    if Kind::of_word(&found).is_some() || found == COPY || GENERIC.contains(&found.as_str()) {
        return format!("{found}_records");
    }
    found
}

/// Whether all of a table's columns can be written.
pub(super) fn spelled(table: &Table) -> bool {
    table.columns.iter().all(|column| name(&column.name).is_some() && spelling(&column.ty).is_some())
}

/// A type as a page writes it; none where diac has no word for it.
fn spelling(ty: &Type) -> Option<String> {
    match ty {
        Type::Other(_) | Type::TimeTz | Type::Interval => None,
        Type::Array(of) if matches!(**of, Type::Array(_)) => None,
        Type::Array(of) => Some(format!("{}[]", spelling(of)?)),
        Type::Enum(values) => {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            Some(format!("enum({})", values.join(", ")))
                .filter(|text| !values.is_empty() && !text.contains(char::is_control))
        }
        Type::Decimal { precision: Some(p), scale: Some(s) } if *s < 0 || i64::from(*s) > i64::from(*p) => None,
        Type::Bool
        | Type::Smallint
        | Type::Int
        | Type::Bigint
        | Type::Decimal { .. }
        | Type::Float
        | Type::Double
        | Type::Text
        | Type::Uuid
        | Type::Bytes
        | Type::Date
        | Type::Timestamp
        | Type::Datetime
        | Type::Time
        | Type::Json => Some(ty.word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_or_in_backticks() {
        for (text, written) in [
            ("film", Some("film")),
            ("Film_2", Some("Film_2")),
            ("2film", Some("`2film`")),
            ("größe \"x\"", Some("`größe \"x\"`")),
            ("a`b", None),
            ("a\nb", None),
            ("", None),
        ] {
            assert_eq!(name(text).as_deref(), written, "{text:?}");
        }
    }

    #[test]
    fn systems_are_called_after_what_the_file_says() {
        for (file, pipeline, name) in [
            ("pagila", "x", "pagila"),
            ("schema", "shop", "shop"),
            ("*", "shop", "shop"),
            ("postgres", "x", "postgres_records"),
            ("dump", "copy", "copy_records"),
            ("2024", "shop", "shop"),
            ("My-DB", "x", "my_db"),
        ] {
            assert_eq!(system_name(file, pipeline), name);
        }
    }
}
