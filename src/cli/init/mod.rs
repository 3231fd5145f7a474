//! `diac init`: a first page and an environment, judged before they are written. Nothing is overwritten.

mod page;
mod survey;
mod templates;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use super::load::{self, reason};
use super::{Exit, UsageError, args, console, date, paths};
use crate::diag::{Diagnostic, Severity};
use crate::inputs::Inputs;
use crate::model::ddl;
use crate::render::human;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::suggest::nearest;
use crate::systems::{Kind, Support};
use page::Form;
use survey::Survey;
use templates::Template;

/// Writes the two files, or says why not.
pub(super) fn init(args: &args::Init) -> Result<Exit, UsageError> {
    let (template, dir) = asked(args)?;
    let shown = paths::shown(Path::new(dir));
    let shown = if shown.is_empty() { ".".to_owned() } else { shown };
    let dir = real(Path::new(&shown))?;
    refuse(&shown)?;
    let stem = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let pipeline = page::plain(&stem, "pipeline");
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let stem = if stem.chars().all(legal) && !stem.is_empty() { stem } else { pipeline.clone() };
    let files = [format!("{stem}.dia"), format!("{stem}.env.dia")];
    let [page_name, env_name] = &files;
    let texts = match &args.schema {
        None => template.texts(&pipeline, page_name).map(formed),
        Some(schema) => match from_schema(args, schema, &dir, &pipeline, [page_name, env_name])? {
            Ok(texts) => texts,
            Err(report) => {
                console::err(&report);
                return Ok(Exit::Findings);
            }
        },
    };
    write(&shown, &files, &texts)?;
    let below =
        |name: &str| if shown == "." { name.to_owned() } else { format!("{}/{name}", shown.trim_end_matches('/')) };
    console::out(&format!(
        "1. read {}: it says what is decided where, and what follows\n\
         2. run `diac check {shown}` for what is wrong, `diac graph {shown}` for a picture\n\
         3. say in {} where it runs, then run `diac compile {shown}`\n",
        below(page_name),
        below(env_name)
    ))?;
    Ok(Exit::Clean)
}

/// The template and the folder. One word is a template's name, or else a folder; `./search` is a folder in any case.
fn asked(args: &args::Init) -> Result<(&'static Template, &str), UsageError> {
    let named = |name: &str| templates::ALL.iter().find(|template| template.name == name);
    let usual = templates::ALL.first().ok_or_else(|| UsageError("there is no template".into()))?;
    match (args.template.as_deref(), args.dir.as_deref()) {
        (None, _) => Ok((usual, ".")),
        (Some(word), dir) if args.schema.is_some() => match dir {
            Some(_) => {
                Err(UsageError("`--schema` makes the page of the schema; a template cannot be named as well".into()))
            }
            None => Ok((usual, word)),
        },
        (Some(word), None) => Ok(named(word).map_or((usual, word), |template| (template, "."))),
        (Some(word), Some(dir)) => match named(word) {
            Some(template) => Ok((template, dir)),
            None => {
                let names = templates::ALL.iter().map(|template| template.name);
                let hint = match nearest(word, names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        let all = templates::ALL.iter().map(|one| format!("`{}` ({})", one.name, one.says));
                        format!("there are {}", all.collect::<Vec<_>>().join(", "))
                    }
                };
                Err(UsageError(format!("there is no template `{word}`; {hint}")))
            }
        },
    }
}

/// A folder that holds a page is somebody's: `diac compile` would read both.
fn refuse(shown: &str) -> Result<(), UsageError> {
    let path = Path::new(shown);
    if path.exists() && !path.is_dir() {
        return Err(UsageError(format!("`{shown}` is a file, not a folder")));
    }
    match paths::entries(shown).iter().find(|name| name.ends_with(".dia")) {
        Some(name) => Err(UsageError(format!("`{shown}` holds a page already, `{name}`; name another folder"))),
        None => Ok(()),
    }
}

fn write(shown: &str, files: &[String; 2], texts: &[String; 2]) -> Result<(), UsageError> {
    let dir = Path::new(shown);
    fs::create_dir_all(dir).map_err(|error| UsageError(format!("cannot make folder `{shown}`: {}", reason(&error))))?;
    let mut written: Vec<PathBuf> = Vec::new();
    for (name, text) in files.iter().zip(texts) {
        let path = dir.join(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let made = file.and_then(|mut file| {
            written.push(path);
            file.write_all(text.as_bytes())
        });
        if let Err(error) = made {
            for path in written {
                let _ = fs::remove_file(path);
            }
            return Err(UsageError(format!("cannot write `{shown}/{name}`: {}", reason(&error))));
        }
    }
    Ok(())
}

/// The path without links as far as it is there, and the rest as written.
fn real(path: &Path) -> Result<PathBuf, UsageError> {
    let failed = |error: std::io::Error| UsageError(format!("cannot find `{}`: {}", path.display(), reason(&error)));
    let whole = std::path::absolute(path).map_err(failed)?;
    for there in whole.ancestors() {
        if let (Ok(found), Ok(rest)) = (there.canonicalize(), whole.strip_prefix(there)) {
            return Ok(PathBuf::from(paths::short(&paths::shown(&found.join(rest)))));
        }
    }
    Ok(whole)
}

/// How a file in one folder names another.
fn relative(from: &Path, to: &Path) -> String {
    let (a, b): (Vec<Component>, Vec<Component>) = (from.components().collect(), to.components().collect());
    let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let up = a.iter().skip(common).map(|_| "..".to_owned());
    let down = b.iter().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Both texts from a schema, or the report on why it makes none.
fn from_schema(
    args: &args::Init,
    schema: &str,
    dir: &Path,
    pipeline: &str,
    [page_name, env_name]: [&str; 2],
) -> Result<Result<[String; 2], String>, UsageError> {
    let files = load::schema(schema)?;
    let path = relative(dir, &real(Path::new(schema))?);
    if path.contains(['\n', '\r']) {
        return Err(UsageError("the name of the schema holds a line break, which no page can write".into()));
    }
    let mut sources = SourceMap::default();
    let ids: Vec<FileId> = files.into_iter().map(|(name, text)| sources.add(name, text)).collect();
    let texts: Vec<(FileId, &str)> = ids.iter().filter_map(|id| Some((*id, sources.get(*id)?.text.as_str()))).collect();
    let kind = kind(args.kind.as_deref(), &texts)?;
    let (tables, findings) = ddl::read(kind, &texts);
    if findings.iter().any(Diagnostic::blocks) {
        return Ok(Err(human::report(&findings, &sources, console::look())));
    }
    let tables = if kind.folds_up() { tables.in_lower_case() } else { tables };
    let stem = paths::last(schema).split('.').next().unwrap_or_default();
    let system = page::system_name(stem, pipeline);
    let mut survey = Survey::of(&tables, &sources, &system);
    let words = page::Words { pipeline, page: page_name, path: &path, file: paths::last(&path), system: &system, kind };
    let mut form = words.most();
    loop {
        let text = formed(page::text(&words, &survey, form));
        let env = formed(if kind.facts().record == Support::Built {
            templates::environment(page_name, &[(&system, kind), (page::COPY, Kind::Postgres)])
        } else {
            templates::nowhere(page_name)
        });
        let judged = Judged::of([(page_name, &text), (env_name, &env)], &sources, &ids, &path);
        if judged.findings.is_empty() {
            return Ok(Ok([text, env]));
        }
        // What a finding is about is left out with what it says; where it is about none, less is said at all.
        let mut round = BTreeSet::new();
        for finding in &judged.findings {
            survey.blame(&finding.message, &judged.places(finding), &mut round);
        }
        if !round.is_empty() {
            continue;
        }
        form = match form {
            Form::Whole => Form::Entities,
            Form::Entities => Form::Systems,
            Form::Systems => return Ok(Err(human::report(&judged.findings, &judged.inputs.sources, console::look()))),
        };
    }
}

/// The kind that is asked for, else the one that the texts are for.
fn kind(word: Option<&str>, texts: &[(FileId, &str)]) -> Result<Kind, UsageError> {
    let Some(word) = word else {
        let texts: Vec<&str> = texts.iter().map(|(_, text)| *text).collect();
        return Ok(ddl::detect(&texts));
    };
    let known = || ddl::KINDS.iter().map(|kind| kind.word());
    ddl::KINDS.iter().copied().find(|kind| kind.word() == word).ok_or_else(|| {
        let near = nearest(word, known()).map(|near| format!("; did you mean `{near}`?"));
        let all = known().collect::<Vec<_>>().join(", ");
        UsageError(format!(
            "no schema is read for the kind `{word}`{}",
            near.unwrap_or_else(|| format!("; use one of {all}"))
        ))
    })
}

/// A text in the form that `diac fmt` gives it.
fn formed(text: String) -> String {
    crate::syntax::fmt::format(FileId(0), &text).unwrap_or(text)
}

/// What the compiler says of texts that are in no file yet, but for advice.
struct Judged {
    inputs: Inputs,
    findings: Vec<Diagnostic>,
    /// How many files of these inputs come before the schema's.
    before: usize,
}

impl Judged {
    fn of(pages: [(&str, &String); 2], sources: &SourceMap, schema: &[FileId], path: &str) -> Self {
        let mut inputs = Inputs::default();
        let mut first = None;
        for (name, text) in pages {
            let id = inputs.sources.add(name, text.as_str());
            first = first.or(Some(id));
            let parsed = crate::syntax::parse(id, text);
            inputs.diagnostics.extend(parsed.diagnostics);
            inputs.unread.extend(parsed.unread);
            inputs.holes.extend(parsed.holes);
            inputs.files.push((id, parsed.ast));
        }
        let before = inputs.sources.files().count();
        let named = |id: &FileId| sources.get(*id).map(|file| (file.name.clone(), file.text.clone()));
        // The same order, so that ids only move.
        let files: Vec<(String, String)> = schema.iter().filter_map(named).collect();
        let ids = files.into_iter().map(|(name, text)| inputs.sources.add(format!("./{name}"), text)).collect();
        if let Some(first) = first {
            inputs.references.insert((first, path.to_owned()), ids);
        }
        let resolved = crate::model::resolve::resolve(&inputs);
        let plan = crate::plan::plan(&resolved.model, None);
        let before_rules = inputs.diagnostics.iter().cloned().chain(resolved.diagnostics).collect();
        let checked = crate::check::check(&resolved.model, &plan, &inputs.sources, before_rules, &date::today());
        let mut findings = checked.findings;
        findings.retain(|finding| finding.severity != Severity::Advice);
        Self { inputs, findings, before }
    }

    /// The places in the schema that a finding shows.
    fn places(&self, finding: &Diagnostic) -> Vec<Span> {
        let all = std::iter::once(&finding.primary).chain(&finding.labels).map(|label| label.span);
        let moved = all.filter_map(|span| {
            let file = (span.file.0 as usize).checked_sub(self.before)?;
            Some(Span { file: FileId(u32::try_from(file).ok()?), ..span })
        });
        moved.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_schema_from_where_it_is() {
        for (from, to, path) in [
            ("/a/b", "/a/b/dump.sql", "dump.sql"),
            ("/a/b", "/a/dump.sql", "../dump.sql"),
            ("/a/b", "/c/*.sql", "../../c/*.sql"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), path);
        }
    }
}
