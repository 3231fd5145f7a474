//! Syntax trees to the model: names become ids, kinds facts, schema files tables, stages what they do to a row.
//!
//! Every mistake of naming is reported here, once; behind it the model only lacks what could not be resolved.

mod chains;
mod comparisons;
mod defaults;
mod emits;
mod entities;
mod environments;
mod expressions;
mod functions;
mod groups;
mod inside;
mod joins;
mod processes;
mod promises;
mod query;
mod records;
mod runners;
mod scope;
mod services;
mod stages;
mod statements;
mod stores;
mod systems;
mod types;
mod views;
mod whole;
mod wiring;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Allow, ConstraintId, EntityId, EnvId, EventId, Model, ProcessId, Secret, SecretId, ServiceId, SystemId, ViewId,
};
use crate::diag::{Code, Diagnostic, Severity, codes};
use crate::inputs::Inputs;
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Item, Name};
use crate::syntax::suggest::nearest;
use crate::systems::{Kind, PathForm};

/// The newest edition this version knows.
pub const EDITION: u64 = 2026;

/// What resolving made and had to say.
#[derive(Debug)]
pub struct Resolved {
    /// The model.
    pub model: Model,
    /// Findings of naming, typing and of what is not built.
    pub diagnostics: Vec<Diagnostic>,
}

/// Resolves all files into one model. The passes, in order: edition and pipeline, secrets and systems with their schemas, events, entities, what their columns
/// say of each other, views, processes, constraints, services, environments.
#[must_use]
pub fn resolve(inputs: &Inputs) -> Resolved {
    let mut cx = Context {
        inputs,
        model: Model::default(),
        names: BTreeMap::new(),
        homes: BTreeMap::new(),
        versions: BTreeMap::new(),
        diagnostics: Vec::new(),
        done: BTreeMap::new(),
        depths: BTreeMap::new(),
        trees: BTreeMap::new(),
        wired: true,
        lost: BTreeSet::new(),
        unresolved: false,
        log: None,
        undeclared: Vec::new(),
        declared: services::Declared::default(),
        services: BTreeMap::new(),
        policy: defaults::Policy::default(),
        blind: inputs
            .diagnostics
            .iter()
            .any(|finding| finding.severity == Severity::Error && WHOLE_FILE.contains(&finding.rule)),
    };
    cx.unread();
    cx.meant();
    cx.header();
    cx.duplicates();
    cx.secrets();
    cx.systems();
    cx.events();
    cx.entities();
    cx.links();
    cx.views();
    cx.processes();
    cx.constraints();
    cx.services();
    cx.environments();
    cx.other_names();
    cx.runners();
    cx.unbuilt();
    Resolved { model: cx.model, diagnostics: cx.diagnostics }
}

/// Findings behind which nothing of a file is known.
const WHOLE_FILE: &[&str] =
    &[codes::IMPORT_NOT_FOUND.name, codes::NOT_UTF8.name, codes::FILE_TOO_LARGE.name, codes::NESTING_TOO_DEEP.name];

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    System(SystemId),
    Entity(EntityId),
    Event(EventId),
    View(ViewId),
    Process(ProcessId),
    Constraint(ConstraintId),
    Service(ServiceId),
    Environment(EnvId),
    Secret(SecretId),
    /// Declared, and its declaration is reported: not compiled, or its kind or place not known.
    Other,
    /// Declared in a line that could not be read (reported), perhaps again in one that can.
    Unread,
}

impl Named {
    fn word(self) -> &'static str {
        match self {
            Self::System(_) => "a system",
            Self::Entity(_) => "an entity",
            Self::Event(_) => "an event",
            Self::View(_) => "a view",
            Self::Process(_) => "a process",
            Self::Constraint(_) => "a constraint",
            Self::Service(_) => "a service",
            Self::Environment(_) => "an environment",
            Self::Secret(_) => "a secret",
            Self::Other | Self::Unread => "another declaration",
        }
    }

    /// The finding that a name, declared as this, stands where something else is meant.
    fn instead(self, name: &Name, at: Span, declared: Span, of: &str) -> Diagnostic {
        Diagnostic::new(codes::UNKNOWN_NAME, at, format!("`{}` is {}, {of}", name.text, self.word()))
            .also(declared, "declared here")
    }
}

/// Scratch state of the passes, thrown away afterwards.
struct Context<'a> {
    inputs: &'a Inputs,
    model: Model,
    names: BTreeMap<String, (Named, Span)>,
    /// The first entity recorded at a place: system, namespace, table.
    homes: BTreeMap<(SystemId, String, String), EntityId>,
    /// Views that have a name of their own, by it: one for each version.
    versions: BTreeMap<String, Vec<ViewId>>,
    diagnostics: Vec<Diagnostic>,
    /// Views worked out (`true`) or being worked out (`false`): a view met while it is worked out follows from itself.
    done: BTreeMap<ViewId, bool>,
    /// How many views stand behind one another up to a view.
    depths: BTreeMap<ViewId, usize>,
    /// The views' syntax.
    trees: BTreeMap<ViewId, (FileId, views::Tree<'a>)>,
    /// Whether the view being worked out is kept by diac's own wiring.
    wired: bool,
    /// Whether a whole file could not be read: whatever is not known may be declared there.
    blind: bool,
    /// Names of declarations whose name stands for an earlier one (reported).
    lost: BTreeSet<Span>,
    /// Whether something that the view at hand names could not be resolved.
    unresolved: bool,
    /// The log that carries what is captured, with the first system that says so.
    log: Option<(SystemId, SystemId)>,
    /// Paths of services that nothing declares: where, the system, the namespace and the table or topic.
    undeclared: Vec<(Span, SystemId, String, String)>,
    /// What is declared below systems.
    declared: services::Declared,
    /// Services by their names, before they are declared.
    services: BTreeMap<&'a str, ServiceId>,
    /// What is said for all views.
    policy: defaults::Policy<'a>,
}

/// What has a name of its own in some file.
const NAMED: &[&str] = &[
    "system",
    "store",
    "entity",
    "event",
    "view",
    "process",
    "service",
    "environment",
    "secret",
    "entity, view or system",
    "entity, event or view",
    "entity or event",
];

impl<'a> Context<'a> {
    fn items(&self) -> impl Iterator<Item = (FileId, &'a Item)> + use<'a> {
        self.inputs.files.iter().flat_map(|(file, tree)| tree.items.iter().map(|item| (*file, item)))
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports what is understood and not compiled by this version.
    fn not_built(&mut self, span: Span, what: &str) {
        self.report(
            Diagnostic::new(codes::STATEMENT_NOT_BUILT, span, format!("{what} not compiled by this version"))
                .here("diac understands this, but would write nothing for it")
                .help("leave it out for now, or compile it with a later version"),
        );
    }

    /// Names of declarations that could not be read: they stay known, so that those who use them are not reported as well.
    fn unread(&mut self) {
        for name in &self.inputs.unread {
            self.names.insert(name.text.clone(), (Named::Unread, name.span));
        }
    }

    /// The names in lines that could not be read.
    fn meant(&mut self) {
        for hole in &self.inputs.holes {
            self.means(*hole);
        }
    }

    /// What stands there names something, though not all of it can be resolved.
    fn means(&mut self, span: Span) {
        let words = self.inputs.sources.slice(span).split(|c: char| !c.is_alphanumeric() && c != '_');
        self.model.meant.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
    }

    fn is_unread(&self, name: &Name) -> bool {
        matches!(self.names.get(&name.text), Some((Named::Unread, _)))
    }

    fn header(&mut self) {
        self.model.edition = EDITION;
        for (_, item) in self.items() {
            match item {
                Item::Edition(edition) if edition.value != EDITION => self.report(
                    Diagnostic::new(
                        codes::UNKNOWN_EDITION,
                        edition.span,
                        format!("edition {} is not known", edition.value),
                    )
                    .here(format!("the newest edition this version knows is {EDITION}"))
                    .help(format!("write `edition {EDITION}`"))
                    .fix(edition.span, EDITION.to_string()),
                ),
                Item::Pipeline(name) => self.pipeline(name),
                _ => {}
            }
        }
        if self.model.pipeline.is_empty() {
            let file = self.inputs.files.first().map_or("", |(file, _)| self.inputs.sources.name(*file));
            let stem = file.rsplit('/').next().unwrap_or(file).split('.').next().unwrap_or("");
            // What is piped in is called `-`.
            let named = stem.chars().any(char::is_alphanumeric);
            self.model.pipeline = if named { stem.to_lowercase() } else { "pipeline".into() };
        }
    }

    fn pipeline(&mut self, name: &Name) {
        if let Some(first) = self.model.pipeline_span {
            if self.model.pipeline != name.text {
                let message = format!("the pipeline is called `{}` and `{}`", self.model.pipeline, name.text);
                self.report(
                    Diagnostic::new(codes::NAME_TAKEN, name.span, message)
                        .also(first, "first named here")
                        .help("keep one of the two `pipeline` lines"),
                );
            }
            return;
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !name.text.chars().all(plain) && !self.said_at(name.span) {
            let message = format!("`{}` cannot name a pipeline", name.text);
            self.report(
                Diagnostic::new(codes::BAD_VALUE, name.span, message)
                    .here("it becomes part of topic, slot and group names")
                    .help("use lower-case letters, digits and `_`"),
            );
        }
        self.model.pipeline.clone_from(&name.text);
        self.model.pipeline_span = Some(name.span);
    }

    fn secrets(&mut self) {
        for (_, item) in self.items() {
            if let Item::Secret(name) = item {
                let id = SecretId(self.model.secrets.len());
                if self.take(name, Named::Secret(id)) {
                    self.model.secrets.push(Secret { name: name.text.clone(), span: name.span });
                }
            }
        }
    }

    /// Names that stand twice, in the order of the texts: the first declaration keeps the name.
    fn duplicates(&mut self) {
        let mut taken: BTreeMap<&str, (&str, Span, Option<u64>)> = BTreeMap::new();
        let mut made: BTreeMap<(&str, String), &Name> = BTreeMap::new();
        for (_, item) in self.items() {
            let Some((name, word)) = declared(item) else { continue };
            let version = if let Item::View(view) = item {
                Some(view.version.as_ref().map_or(1, |version| version.value))
            } else {
                None
            };
            let Some(&(before, span, other)) = taken.get(name.text.as_str()) else {
                taken.insert(&name.text, (word, name.span, version));
                let twin = made.insert((word, alike(&name.text)), name).filter(|_| MADE.contains(&word));
                if let Some(twin) = twin {
                    let message = format!("`{}` and `{}` give one name to what is made of them", twin.text, name.text);
                    self.report(
                        Diagnostic::new(codes::NAME_TAKEN, name.span, message)
                            .here("slots, connectors and folders are lower case, with `_` for other signs")
                            .also(twin.span, "first declared here")
                            .help("rename one of them"),
                    );
                }
                continue;
            };
            // Two versions of a view are another matter.
            if version.is_some() && other.is_some() && version != other {
                continue;
            }
            self.lost.insert(name.span);
            self.report(
                Diagnostic::new(codes::NAME_TAKEN, name.span, format!("`{}` is already {before}", name.text))
                    .here("the same name again")
                    .also(span, "first declared here")
                    .help("one name stands for one thing: rename one of them"),
            );
        }
    }

    /// Gives a name its meaning; answers `false` where it has one already, which is reported.
    fn take(&mut self, name: &Name, named: Named) -> bool {
        if self.lost.contains(&name.span) {
            return false;
        }
        self.names.insert(name.text.clone(), (named, name.span));
        true
    }

    /// Whether reading has a finding that starts there.
    fn said_at(&self, span: Span) -> bool {
        let starts = |d: &Diagnostic| d.primary.span.file == span.file && d.primary.span.start == span.start;
        self.inputs.diagnostics.iter().any(starts)
    }

    /// Whether reading has a finding on the rest of the line behind it.
    fn said_behind(&self, span: Span) -> bool {
        let behind = |d: &Diagnostic| {
            let gap = Span { file: span.file, start: span.end, end: d.primary.span.start };
            d.primary.span.file == span.file && gap.start <= gap.end && !self.inputs.sources.slice(gap).contains('\n')
        };
        self.inputs.diagnostics.iter().any(behind)
    }

    /// Reports a statement that stands twice where one can count.
    fn once(&mut self, before: Option<Span>, span: Span, what: &str) {
        if let Some(before) = before {
            self.report(
                Diagnostic::new(codes::NAME_TAKEN, span, format!("{what} stands twice"))
                    .here("only one of them can count")
                    .also(before, "first here")
                    .help("keep one of the two"),
            );
        }
    }

    fn events(&mut self) {
        for (_, item) in self.items() {
            if let Item::Event(event) = item {
                self.declare_event(event);
            }
        }
    }

    /// What is declared and compiled by a later version only: said once, at the declaration.
    fn unbuilt(&mut self) {
        self.unbuilt_events();
        for (_, item) in self.items() {
            if let Item::Constraint(constraint) = item {
                self.not_built(constraint.name.span, "constraints are");
            }
        }
    }

    fn allows_of<'b>(&mut self, scope: Span, allows: impl Iterator<Item = &'b ast::Allow>) {
        self.allows_in(&[scope], allows);
    }

    fn allows_in<'b>(&mut self, scopes: &[Span], allows: impl Iterator<Item = &'b ast::Allow>) {
        for allow in allows {
            if allow.because.value.trim().is_empty() {
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, allow.because.span, "a waiver needs its reason")
                        .help("say why the risk is taken, for who reads this next"),
                );
            }
            self.model.allows.push(Allow {
                rule: allow.rule.text.clone(),
                rule_span: allow.rule.span,
                because: allow.because.value.clone(),
                until: allow.until.clone(),
                span: allow.span,
                scopes: scopes.to_vec(),
                unread: allow.unread,
            });
        }
    }

    /// The system a path starts with and the parts below it; a kind's name stands for an undeclared system of that kind.
    fn system_of<'b>(&mut self, path: &'b ast::Path) -> Option<(SystemId, &'b [Name])> {
        let (first, rest) = path.parts.split_first()?;
        let id = self.system_named(first)?;
        Some((id, rest))
    }

    fn system_named(&mut self, name: &Name) -> Option<SystemId> {
        match self.names.get(&name.text) {
            Some(&(Named::System(id), _)) => return Some(id),
            Some(&(Named::Other | Named::Unread, _)) => return None,
            Some(&(other, span)) => {
                let finding = other.instead(name, name.span, span, "not a system");
                self.report(finding.help("a path starts with the name of a system"));
                return None;
            }
            None => {}
        }
        if let Some(kind) = Kind::of_word(&name.text) {
            return Some(self.add_system(name, kind, false));
        }
        self.unknown(name, codes::UNKNOWN_NAME, "system", self.system_candidates());
        None
    }

    fn system_candidates(&self) -> Vec<String> {
        let declared = self.model.systems.iter().map(|system| system.name.clone());
        declared.chain(Kind::words().map(str::to_owned)).collect()
    }

    /// Reports an unknown name with the nearest known one.
    fn unknown(&mut self, name: &Name, code: Code, what: &str, candidates: Vec<String>) {
        // What is declared in a file that could not be read is not missing.
        if self.blind && NAMED.contains(&what) {
            return;
        }
        let mut diagnostic = Diagnostic::new(code, name.span, format!("unknown {what} `{}`", name.text));
        if let Some(near) = nearest(&name.text, candidates.iter().map(String::as_str)) {
            self.model.meant.insert(near.to_owned());
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near);
        } else if let ([only], false) = (candidates.as_slice(), NAMED.contains(&what) || code == codes::UNKNOWN_COLUMN)
        {
            diagnostic = diagnostic.help(format!("write `{only}`")).fix(name.span, only.as_str());
        } else if !NAMED.contains(&what) && !candidates.is_empty() {
            diagnostic = diagnostic.help(format!("use one of {}", list(&candidates)));
        } else {
            diagnostic = diagnostic.help(format!("declare the {what}, or correct the name"));
        }
        self.report(diagnostic);
    }

    /// Reads the parts below a system as namespace and table; reports what does not fit the kind.
    fn place(&mut self, system: SystemId, parts: &[Name], path: &ast::Path) -> Option<(String, String)> {
        let facts = self.model.system(system).kind.facts();
        let text = |name: Option<&Name>| name.map_or_else(String::new, |name| name.text.clone());
        let default = match facts.path {
            PathForm::SchemaTable(default) => default,
            PathForm::DatabaseTable | PathForm::Single => "",
        };
        let want = match (facts.path, parts.len()) {
            (PathForm::Single, 1) | (PathForm::SchemaTable(_) | PathForm::DatabaseTable, 1) => {
                return Some((default.to_owned(), text(parts.first())));
            }
            (PathForm::SchemaTable(_) | PathForm::DatabaseTable, 2) => {
                return Some((text(parts.first()), text(parts.get(1))));
            }
            (PathForm::Single, _) => "one name",
            (PathForm::SchemaTable(_), _) => "a schema and a table",
            (PathForm::DatabaseTable, _) => "a database and a table",
        };
        let name = &self.model.system(system).name;
        let message = format!("a path into `{name}` has {want} below it");
        self.report(
            Diagnostic::new(codes::BAD_VALUE, path.span, message)
                .here(format!("{} is {}", name_of(name), facts.title))
                .help(format!(
                    "write `{name}.{}`",
                    match facts.path {
                        PathForm::Single => "name",
                        PathForm::SchemaTable(_) => "schema.table",
                        PathForm::DatabaseTable => "database.table",
                    }
                )),
        );
        None
    }
}

/// The name an item declares, and what it is.
fn declared(item: &Item) -> Option<(&Name, &'static str)> {
    Some(match item {
        Item::System(system) => (&system.name, "a system"),
        Item::Entity(entity) => (&entity.name, "an entity"),
        Item::Event(event) => (&event.name, "an event"),
        Item::View(view) => (&view.name, "a view"),
        Item::Process(process) => (&process.name, "a process"),
        Item::Service(service) => (&service.name, "a service"),
        Item::Constraint(constraint) => (&constraint.name, "a constraint"),
        Item::Environment(environment) => (&environment.name, "an environment"),
        Item::Secret(name) => (name, "a secret"),
        Item::Edition(_) | Item::Pipeline(_) | Item::Import(_) | Item::Defaults(_) | Item::Bare(_) => return None,
    })
}

/// Things whose names become parts of other names.
const MADE: &[&str] = &["a system", "a view", "an environment"];

/// What is left of a name in slots, connectors and folders.
fn alike(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// A topic's name: the parts below its log, joined by dots.
fn dotted(parts: &[Name]) -> String {
    parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".")
}

fn name_of(name: &str) -> String {
    format!("`{name}`")
}

/// `a`, `b`, `c`, cut after eight.
pub(super) fn list(names: &[String]) -> String {
    let mut quoted: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    if names.len() > 8 {
        quoted.push("…".into());
    }
    quoted.join(", ")
}

fn member_allow(member: &ast::Member) -> Option<&ast::Allow> {
    if let ast::Member::Allow(allow) = member { Some(allow) } else { None }
}
