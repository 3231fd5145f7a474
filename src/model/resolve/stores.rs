//! Stores at the end of a pipeline: which place a view is kept in, and whether its rows fit there.

use super::{Context, Named};
use crate::diag::{Diagnostic, codes};
use crate::model::relation::RecordId;
use crate::model::types::Type;
use crate::model::{Flow, Mask, SystemId, TargetName};
use crate::source::Span;
use crate::syntax::ast::{Name, Path, Stage};
use crate::systems::{Kind, PathForm, Support};

/// A store a pipeline ends in.
pub(super) struct FoundStore {
    pub(super) system: SystemId,
    /// The parts below the system; none takes the source table's name.
    parts: Vec<Name>,
    pub(super) span: Span,
    /// Whether this version fills it.
    pub(super) built: bool,
}

impl Context<'_> {
    /// The store at the end; reports an unknown one and one that is not built.
    pub(super) fn store(&mut self, path: &Path, before: &[Stage]) -> Option<FoundStore> {
        let first = path.parts.first()?;
        let known =
            matches!(self.names.get(&first.text), Some((Named::System(_), _))) || Kind::of_word(&first.text).is_some();
        if !known && !self.names.contains_key(&first.text) {
            let what = if before.is_empty() && path.parts.len() > 1 { "system" } else { "store" };
            self.unknown(first, codes::UNKNOWN_NAME, what, self.system_candidates());
            return None;
        }
        let (system, rest) = self.system_of(path)?;
        let facts = self.model.system(system).kind.facts();
        if facts.view != Support::Built && self.wired {
            let found = self.model.system(system);
            let place = if found.declared { found.span } else { first.span };
            let (message, help) = match facts.view {
                Support::Never => (format!("{} holds no views", facts.title), "end the pipeline in a store".to_owned()),
                Support::Built | Support::Later => (
                    format!("views in {} are not compiled by this version", facts.title),
                    "this version fills elasticsearch, opensearch, redis, snowflake and postgres".to_owned(),
                ),
            };
            let name = found.name.clone();
            if !self.diagnostics.iter().any(|d| d.rule == codes::TARGET_NOT_BUILT.name && d.primary.span == place) {
                let diagnostic =
                    Diagnostic::new(codes::TARGET_NOT_BUILT, place, message).here(format!("`{name}` is a target here"));
                self.report(diagnostic.help(help));
            }
            if facts.view == Support::Never {
                return None;
            }
        }
        let built = facts.view == Support::Built;
        Some(FoundStore { system, parts: rest.to_vec(), span: path.span, built })
    }

    pub(super) fn target_name(
        &self,
        target: &FoundStore,
        source_namespace: String,
        source_table: String,
    ) -> TargetName {
        let kind = self.model.system(target.system).kind;
        let text = |at: usize| target.parts.get(at).map(|part| part.text.clone());
        // A store that gets all tables on one level still tells those of one name in two schemas apart.
        let flat = if source_namespace.is_empty() || source_namespace == "public" {
            source_table.clone()
        } else {
            format!("{source_namespace}_{source_table}")
        };
        match kind.facts().path {
            PathForm::Single if kind == Kind::Kafka && !target.parts.is_empty() => {
                let parts: Vec<&str> = target.parts.iter().map(|part| part.text.as_str()).collect();
                TargetName { namespace: None, name: parts.join(".") }
            }
            PathForm::Single => TargetName { namespace: None, name: text(0).unwrap_or_else(|| plain(&flat)) },
            PathForm::SchemaTable(default) => {
                let (namespace, name) = match (text(0), text(1)) {
                    (Some(namespace), Some(name)) => (namespace, name),
                    (Some(name), None) => (default.to_owned(), name),
                    (None, _) if kind == Kind::Snowflake => (default.to_owned(), flat),
                    (None, _) => (source_namespace, source_table),
                };
                if kind == Kind::Snowflake {
                    return TargetName { namespace: Some(namespace.to_uppercase()), name: name.to_uppercase() };
                }
                TargetName { namespace: Some(namespace), name }
            }
            PathForm::DatabaseTable => TargetName { namespace: text(0), name: text(1).unwrap_or(source_table) },
        }
    }

    /// Whether the store has such a place; says so where not.
    pub(super) fn fits_path(&mut self, target: &FoundStore, name: &TargetName) -> bool {
        let system = self.model.system(target.system);
        let (kind, store) = (system.kind, system.name.clone());
        let facts = kind.facts();
        let most = match facts.path {
            // A topic may hold dots.
            PathForm::Single if system.kind == Kind::Kafka => usize::MAX,
            PathForm::Single => 1,
            PathForm::SchemaTable(_) | PathForm::DatabaseTable => 2,
        };
        if target.parts.len() > most {
            let message =
                format!("a path into `{store}` has at most {most} part{} below it", if most == 1 { "" } else { "s" });
            self.report(
                Diagnostic::new(codes::BAD_VALUE, target.span, message)
                    .here(format!("`{}` is {}", store, facts.title))
                    .help(format!("write `{}.{}`", store, if most == 1 { "name" } else { "schema.table" })),
            );
            return false;
        }
        if matches!(kind, Kind::Elasticsearch | Kind::Opensearch) && !is_index_name(&name.name) {
            let message = format!("`{}` cannot name an index", name.name);
            self.report(
                Diagnostic::new(codes::BAD_VALUE, target.span, message)
                    .here("an index is lower case, without blanks and `\\ / * ? \" < > | , # :`, and does not start with `-`, `_` or `+`")
                    .help(format!("write `{store}.{}`", index_name(&name.name))),
            );
            return false;
        }
        true
    }

    /// Whether a row fits the store: it has columns where it needs them, and values that can be written; says so where not.
    pub(super) fn fits(&mut self, target: &FoundStore, row: &Flow, open: bool) -> bool {
        if !self.wired || !target.built {
            return true;
        }
        let kind = self.model.system(target.system).kind;
        let relational = matches!(kind, Kind::Postgres | Kind::Snowflake);
        let Some(entity) = row.entity() else { return self.facts_fit(target, row, open) };
        let home = self.model.entity(entity).home.clone();
        if relational && kind == Kind::Postgres && home.system == target.system {
            self.not_built(target.span, "a view in the record's own database is");
            return false;
        }
        if relational && (open || row.columns.iter().any(|c| c.ty == Type::Other("unknown".into()))) {
            // A schema that could not be read or that lacks the table, and a type that is none, are said already.
            let open = open || self.model.entity(entity).open;
            if self.model.system(home.system).schema_span.is_some() || !open {
                return false;
            }
            let source = self.model.system(home.system).name.clone();
            let message = format!("the columns of `{source}.{}.{}` are not known", home.namespace, home.table);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_COLUMN, home.span, message)
                .here("no schema and no entity says them")
                .also(target.span, "a table needs columns with types")
                .help(format!("write `system {source}: postgres {{ schema \"dump.sql\" }}`, or declare the entity with its columns"));
            self.report(diagnostic);
            return false;
        }
        if relational
            && self.model.entity(entity).key.is_empty()
            && self.model.table(self.model.entity(entity)).is_none()
        {
            // `open_key` says so.
            return false;
        }
        if relational {
            return self.fits_table(row, kind);
        }
        true
    }

    /// Whether facts fit the store; says so where not.
    fn facts_fit(&mut self, target: &FoundStore, row: &Flow, open: bool) -> bool {
        let system = self.model.system(target.system);
        let (kind, title) = (system.kind, system.kind.facts().title);
        if kind != Kind::Postgres {
            self.not_built(target.span, &format!("facts in {title} are"));
            return false;
        }
        if open || row.columns.iter().any(|column| column.ty == Type::Other("unknown".into())) {
            let RecordId::Event(id) = row.record else { return false };
            let event = self.model.event(id);
            let (span, name, open) = (event.span, event.name.clone(), event.open);
            // A type that is none is said already.
            if open {
                let diagnostic =
                    Diagnostic::new(codes::UNKNOWN_COLUMN, span, format!("the columns of `{name}` are not known"))
                        .here("no body says them")
                        .also(target.span, "a table needs columns with types")
                        .help(format!("give `{name}` a body: `{{ id uuid key }}`"));
                self.report(diagnostic);
            }
            return false;
        }
        true
    }

    /// What a sink connector cannot do to a row on its way into a table.
    fn fits_table(&mut self, row: &Flow, kind: Kind) -> bool {
        let mut fits = true;
        // The guard of a PostgreSQL table looks at what arrives and hides it before it is stored; Snowflake's log keeps what arrives.
        let guarded = kind == Kind::Postgres;
        for filter in row.filters.iter().filter(|_| !guarded) {
            for name in filter.expr.columns() {
                let what = match row.columns.iter().find(|column| column.source == name) {
                    None => "does not carry",
                    Some(column) if column.mask.is_some() => "masks",
                    Some(_) => continue,
                };
                self.not_built(filter.span, &format!("filters over columns that the table {what} (`{name}`) are"));
                fits = false;
            }
        }
        for column in &row.columns {
            match &column.mask {
                Some(mask) if mask.value == Mask::Hash => {
                    let message = format!("`{}` would be hashed without a salt", column.name);
                    self.report(
                        Diagnostic::new(codes::UNSALTED_HASH, mask.span, message)
                            .here("a sink connector's transforms know no secret: who guesses the value finds the hash")
                            .help(format!("write `mask {} with redact`, or `drop {}`", column.name, column.name)),
                    );
                    fits = false;
                }
                Some(mask) if matches!(mask.value, Mask::Truncate(_)) && !guarded => {
                    self.not_built(mask.span, "`truncate` on the way into Snowflake is");
                    fits = false;
                }
                Some(_) | None => {}
            }
        }
        fits
    }
}

/// Signs no name of an index starts with.
const NO_INDEX_STARTS: [char; 4] = ['-', '_', '+', '.'];

fn no_index_holds(c: char) -> bool {
    c.is_whitespace() || "\\/*?\"<>|,#:".contains(c)
}

/// A table's name as that of an index or a key prefix: what an index cannot hold is replaced.
fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    let legal: String = lower.chars().map(|c| if no_index_holds(c) { '_' } else { c }).collect();
    let start = legal.trim_start_matches(NO_INDEX_STARTS);
    if start.is_empty() { format!("table{legal}") } else { start.to_owned() }
}

/// The most an index's name has here, in bytes: the engines allow 255, and versions add to it.
const LONGEST_INDEX: usize = 200;

/// A near name that an index can have and a page writes without quotes.
fn index_name(name: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let near: String = name.chars().map(word).take(LONGEST_INDEX).collect();
    let start = near.trim_start_matches(|c: char| c == '_' || c.is_ascii_digit());
    if start.is_empty() { "name".to_owned() } else { start.to_owned() }
}

fn is_index_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_INDEX
        && !name.starts_with(NO_INDEX_STARTS)
        && !name.chars().any(|c| c.is_uppercase() || no_index_holds(c))
}
