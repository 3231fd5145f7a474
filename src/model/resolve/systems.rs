//! Systems and their schema files.

use super::{Context, Named};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::Schema;
use crate::model::{Encoding, Leadership, Shards, System, SystemId, ddl};
use crate::source::FileId;
use crate::syntax::ast::{self, Item, Name, Spanned, SystemStatement};
use crate::systems::{Kind, Support};

/// Compatibility levels of schema registries, in this language's spelling.
const COMPATIBILITY: &[&str] =
    &["backward", "backward_transitive", "forward", "forward_transitive", "full", "full_transitive", "none"];

fn spanned(name: &Name) -> Spanned<String> {
    Spanned { value: name.text.clone(), span: name.span }
}

impl Context<'_> {
    pub(super) fn systems(&mut self) {
        let declared: Vec<(FileId, &ast::System)> = self
            .items()
            .filter_map(|(file, item)| if let Item::System(system) = item { Some((file, system)) } else { None })
            .collect();
        let mut ids = Vec::new();
        for (_, system) in &declared {
            ids.push(self.declare_system(system));
        }
        for ((file, system), id) in declared.into_iter().zip(ids) {
            if let Some(id) = id {
                self.system_body(file, system, id);
            }
        }
        self.logs();
    }

    /// Adds a system; the caller has checked that the name is free.
    pub(super) fn add_system(&mut self, name: &Name, kind: Kind, declared: bool) -> SystemId {
        let id = SystemId(self.model.systems.len());
        self.names.insert(name.text.clone(), (Named::System(id), name.span));
        self.model.systems.push(System { declared, ..System::new(&name.text, name.span, kind) });
        id
    }

    fn declare_system(&mut self, system: &ast::System) -> Option<SystemId> {
        let word = system.kind.as_ref().unwrap_or(&system.name);
        let Some(kind) = Kind::of_word(&word.text) else {
            let candidates: Vec<String> = Kind::words().map(str::to_owned).collect();
            let known = candidates.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            let mut diagnostic =
                Diagnostic::new(codes::UNKNOWN_KIND, word.span, format!("unknown kind of system `{}`", word.text));
            let near = || crate::syntax::suggest::nearest(&word.text, candidates.iter().map(String::as_str));
            if let Some(near) = Kind::otherwise(&word.text).or_else(near) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(word.span, near);
            } else if system.kind.is_none() {
                diagnostic =
                    diagnostic.help(format!("write `system {}: kind`, where the kind is one of {known}", word.text));
            } else {
                diagnostic = diagnostic.help(format!("use one of {known}"));
            }
            // What stands in the kind's place is reported already.
            if system.kind.is_some() || !self.said_behind(system.name.span) {
                self.report(diagnostic);
            }
            // The name stays known, so that what uses it is not reported as well.
            self.take(&system.name, Named::Other);
            return None;
        };
        let next = SystemId(self.model.systems.len());
        if !self.take(&system.name, Named::System(next)) {
            return None;
        }
        Some(self.add_system(&system.name, kind, true))
    }

    fn system_body(&mut self, file: FileId, tree: &ast::System, id: SystemId) {
        let shards = tree.shards.as_ref().map(|(column, members)| {
            self.not_built(column.span, "shards are");
            Shards { column: spanned(column), members: members.iter().map(spanned).collect() }
        });
        let (mut leadership, mut leads, mut replicas) = (Leadership::Single, None, Vec::new());
        let (mut encoding, mut epoch, mut managed, mut log_rate) = (None, None, None, None);
        let mut log = None;
        let (mut schema, mut schema_span, mut holds, mut holds_not, mut version) = (None, None, None, None, None);
        for statement in &tree.statements {
            match statement {
                SystemStatement::Schema(text) => {
                    self.once(schema_span, text.span, "`schema`");
                    schema = self.schema(file, text, id);
                    schema_span = Some(text.span);
                }
                SystemStatement::MayHold(what) | SystemStatement::MayNotHold(what) => {
                    if what.text != "pii" {
                        // It stays as what was meant: where personal data goes is not said as well.
                        self.unknown(what, codes::UNKNOWN_NAME, "class of data", vec!["pii".into()]);
                    }
                    if matches!(statement, SystemStatement::MayHold(_)) {
                        self.once(holds, what.span, "`may hold pii`");
                        holds = Some(what.span);
                    } else {
                        self.once(holds_not, what.span, "`may not hold pii`");
                        holds_not = Some(what.span);
                    }
                }
                SystemStatement::Log(name) => {
                    self.once(log.map(|(_, span)| span), name.span, "`log`");
                    log = self.system_named(name).map(|log| (log, name.span));
                }
                SystemStatement::Version(text) => {
                    self.once(version.as_ref().map(|before: &Spanned<String>| before.span), text.span, "`version`");
                    version = Some(text.clone());
                }
                SystemStatement::Encoding { format, evolves } => {
                    self.encoding(format, evolves.as_ref());
                    encoding = Some(Encoding { format: spanned(format), evolves: evolves.as_ref().map(spanned) });
                }
                SystemStatement::LeaderIn(region) => {
                    self.once(leads.replace(region.span), region.span, "the leader");
                    leadership = Leadership::In(spanned(region));
                }
                SystemStatement::ReplicasIn(regions) => replicas.extend(regions.iter().map(spanned)),
                SystemStatement::LeadersIn(names) => {
                    if let Some(name) = names.first() {
                        self.once(leads.replace(name.span), name.span, "the leader");
                        self.not_built(name.span, "several leaders are");
                    }
                    leadership = Leadership::Several(names.iter().map(spanned).collect());
                }
                SystemStatement::LeaderPerRow { by } => {
                    self.once(leads.replace(by.span), by.span, "the leader");
                    self.not_built(by.span, "leaders per row are");
                    leadership = Leadership::PerRow(spanned(by));
                }
                SystemStatement::Epoch(stated) => {
                    if stated.value > 0 {
                        self.not_built(stated.span, "epochs above 0 are");
                    }
                    epoch = Some(stated.clone());
                }
                SystemStatement::Managed(flavour) => managed = Some(spanned(flavour)),
                SystemStatement::Standby(span) => self.not_built(*span, "captures from a standby are"),
                SystemStatement::LogRate(rate) => log_rate = Some(rate.clone()),
                SystemStatement::Assume(_) | SystemStatement::Allow(_) => {}
            }
        }
        let assumed = tree
            .statements
            .iter()
            .filter_map(|statement| if let SystemStatement::Assume(assume) = statement { Some(assume) } else { None });
        let assumes = self.assumes(assumed);
        if let (Some(holds), Some(not)) = (holds, holds_not) {
            self.report(
                Diagnostic::new(codes::NAME_TAKEN, holds.max(not), "the system may hold personal data and may not")
                    .here("one of the two contradicts the other")
                    .also(holds.min(not), "first said here")
                    .help("keep one of the two"),
            );
        }
        let allows = tree
            .statements
            .iter()
            .filter_map(|statement| if let SystemStatement::Allow(allow) = statement { Some(allow) } else { None });
        self.allows_of(tree.span, allows);
        if let Some((log, span)) = log
            && self.model.system(log).kind != Kind::Kafka
        {
            let message = format!("`{}` is no log", self.model.system(log).name);
            self.report(Diagnostic::new(codes::BAD_VALUE, span, message).help("name a `kafka` system"));
        }
        if let Some(system) = self.model.systems.get_mut(id.0) {
            system.docs.clone_from(&tree.docs);
            system.scope = tree.span;
            system.schema = schema;
            system.schema_span = schema_span;
            system.may_hold_pii = holds;
            system.may_not_hold_pii = holds_not;
            system.version = version;
            system.log = log.map(|(log, _)| log);
            system.leadership = leadership;
            system.replicas = replicas;
            system.encoding = encoding;
            system.epoch = epoch;
            system.managed = managed;
            system.log_rate = log_rate;
            system.shards = shards;
            system.assumes = assumes;
        }
    }

    fn encoding(&mut self, format: &Name, evolves: Option<&Name>) {
        if let Some(evolves) = evolves.filter(|evolves| !COMPATIBILITY.contains(&evolves.text.as_str())) {
            let known = COMPATIBILITY.iter().map(|&word| word.to_owned()).collect();
            self.unknown(evolves, codes::UNKNOWN_NAME, "compatibility", known);
        }
        match format.text.as_str() {
            "json" => {}
            "avro" | "protobuf" => self.not_built(format.span, &format!("the encoding {} is", format.text)),
            _ => self.unknown(
                format,
                codes::UNKNOWN_NAME,
                "encoding",
                vec!["json".into(), "avro".into(), "protobuf".into()],
            ),
        }
    }

    fn schema(&mut self, file: FileId, text: &Spanned<String>, id: SystemId) -> Option<Schema> {
        let facts = self.model.system(id).kind.facts();
        match facts.record {
            Support::Built | Support::Later => {}
            Support::Never => {
                self.report(
                    Diagnostic::new(codes::MISPLACED_STATEMENT, text.span, format!("{} is no record", facts.title))
                        .here("a schema says which tables a record has")
                        .help("delete the line"),
                );
                return None;
            }
        }
        if !ddl::KINDS.contains(&facts.kind) {
            // It has no SQL; a pipeline from there says what is not built.
            return None;
        }
        let inputs = self.inputs;
        let files: Vec<(FileId, &str)> = inputs
            .references
            .get(&(file, text.value.clone()))?
            .iter()
            .filter_map(|&file| Some((file, inputs.sources.get(file)?.text.as_str())))
            .collect();
        let (schema, findings) = ddl::read(facts.kind, &files);
        self.diagnostics.extend(findings);
        Some(schema)
    }

    /// Gives every system that can be a record its log: the one it names, the only one there is, or the implicit `kafka`. Several and none named is
    /// found where a view needs it.
    fn logs(&mut self) {
        let kafkas: Vec<SystemId> = self.kafkas();
        for system in &mut self.model.systems {
            let record = system.kind.facts().record != Support::Never;
            if record && system.log.is_none() && kafkas.len() == 1 {
                system.log = kafkas.first().copied();
            }
        }
    }

    pub(super) fn kafkas(&self) -> Vec<SystemId> {
        let all = self.model.systems.iter().enumerate();
        all.filter(|(_, system)| system.kind == Kind::Kafka).map(|(at, _)| SystemId(at)).collect()
    }
}
