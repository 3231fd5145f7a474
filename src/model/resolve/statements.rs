//! Statements of a view.

use std::collections::BTreeMap;

use super::{Context, Named};
use crate::diag::{Diagnostic, codes};
use crate::model::{Audit, BadRecords, Mapping, Retain, ServiceId, SystemId, Via, View};
use crate::source::{FileId, Span};
use crate::syntax::ast::{
    Deletes, Item, Name, Path, Spanned, Via as ViaTree, ViewStatement, ViewStatementKind as Kind_,
};
use crate::systems::Kind;

impl Context<'_> {
    pub(super) fn statements(&mut self, file: FileId, statements: &[ViewStatement], view: &mut View) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for statement in statements {
            if let Some(word) = single(&statement.kind) {
                self.once(seen.insert(word, statement.span), statement.span, &format!("`{word}`"));
            }
            self.statement(file, statement, view);
        }
    }

    pub(super) fn statement(&mut self, file: FileId, statement: &ViewStatement, view: &mut View) {
        let span = statement.span;
        match &statement.kind {
            Kind_::Fresh(duration) => view.fresh = Some(Spanned { value: *duration, span }),
            Kind_::SurvivesOutage(duration) => view.survives = Some(Spanned { value: *duration, span }),
            Kind_::BootstrapWithin(duration) => view.bootstrap = Some(Spanned { value: *duration, span }),
            Kind_::ExpireAfter(duration) => view.expire = Some(Spanned { value: *duration, span }),
            Kind_::Rebuild { from, within } => view.rebuild = Some(Spanned { value: (*from, *within), span }),
            Kind_::Mapping(text) => view.mapping = Some(self.mapping(file, text)),
            Kind_::Via(via) => {
                view.via = self.via(via, span);
                view.via_span = Some(span);
            }
            Kind_::Audit(audit) => view.audits.push(Audit {
                what: audit.what.clone(),
                every: audit.every,
                within: audit.within.as_ref().map(|share| share.value.clone()),
                span,
            }),
            Kind_::BadRecordsStop => view.bad_records = BadRecords::Stop,
            Kind_::BadRecordsTo { path, keep } => {
                if let Some((log, topic)) = self.dead_letter_topic(path) {
                    view.bad_records = BadRecords::Topic { log, topic, keep: *keep, span };
                }
            }
            Kind_::Deletes(deletes) => {
                view.deletes = Some(Spanned { value: deletes.clone(), span });
                if *deletes != Deletes::Remove {
                    self.not_built(span, "views that keep or mark deleted rows are");
                    view.incomplete = true;
                }
            }
            Kind_::Partitioned(_) => {
                self.not_built(span, "topics of views are");
                view.incomplete = true;
            }
            Kind_::RetainForever | Kind_::Retain(_) => {
                self.not_built(span, "topics of views are");
                view.incomplete = true;
                let value =
                    if let Kind_::Retain(time) = &statement.kind { Retain::For(*time) } else { Retain::Forever };
                view.retain = Some(Spanned { value, span });
            }
            Kind_::Team(team) => view.team = Some(team.value.clone()),
            Kind_::Assume(assume) => {
                let found = self.assumes(std::iter::once(assume));
                view.assumes.extend(found);
            }
            // Guarantees name columns, which are known later (`promises`).
            Kind_::Guarantee(_) | Kind_::Allow(_) => {}
        }
    }

    fn mapping(&mut self, file: FileId, text: &Spanned<String>) -> Mapping {
        let inputs = self.inputs;
        let found = inputs.references.get(&(file, text.value.clone())).and_then(|files| files.first()).copied();
        let json = found.and_then(|id| inputs.sources.get(id)).map(|source| serde_json::from_str(&source.text));
        let json = match json {
            Some(Ok(json)) => Some(json),
            Some(Err(error)) => {
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, text.span, format!("\"{}\" is not JSON", text.value))
                        .here(format!("{error}"))
                        .help("a mapping overlay is the body of an index's mapping, as JSON"),
                );
                None
            }
            None => None,
        };
        Mapping { span: text.span, file: found, json }
    }

    fn via(&mut self, via: &ViaTree, span: Span) -> Via {
        let (via, what) = match via {
            ViaTree::Cdc => return Via::Cdc,
            ViaTree::Events => return Via::Events,
            ViaTree::Unknown => return Via::Unknown,
            ViaTree::Application(names) => return Via::Application(self.services_named(names)),
            ViaTree::TwoPhaseCommit(names) => return Via::TwoPhaseCommit(self.services_named(names)),
            ViaTree::BatchFull { every } => (Via::BatchFull { every: *every }, "batch copies are"),
            ViaTree::BatchIncremental { on, every } => {
                let on = Spanned { value: on.text.clone(), span: on.span };
                (Via::BatchIncremental { on, every: *every }, "batch copies are")
            }
            ViaTree::BatchAndStream { every } => {
                (Via::BatchAndStream { every: *every }, "batch and stream together are")
            }
        };
        self.not_built(span, what);
        via
    }

    fn services_named(&mut self, names: &[Name]) -> Vec<(ServiceId, Span)> {
        names.iter().filter_map(|name| Some((self.service_named(name)?, name.span))).collect()
    }

    /// Services are declared after views; their names are known before.
    pub(super) fn service_names(&mut self) {
        let services = self.items().filter_map(|(_, item)| match item {
            Item::Service(service) => Some(service.name.text.as_str()),
            _ => None,
        });
        for (at, name) in services.enumerate() {
            self.services.entry(name).or_insert(ServiceId(at));
        }
    }

    fn service_named(&mut self, name: &Name) -> Option<ServiceId> {
        if let Some(id) = self.services.get(name.text.as_str()) {
            return Some(*id);
        }
        if self.is_unread(name) {
            return None;
        }
        let candidates = self.services.keys().map(|name| (*name).to_owned()).collect();
        self.unknown(name, codes::UNKNOWN_NAME, "service", candidates);
        None
    }

    fn dead_letter_topic(&mut self, path: &Path) -> Option<(SystemId, String)> {
        let (system, rest) = self.system_of(path)?;
        if self.model.system(system).kind != Kind::Kafka || rest.is_empty() {
            self.report(
                Diagnostic::new(codes::BAD_VALUE, path.span, "bad records go to a topic of a log")
                    .help("write `bad records to kafka.topic_name`"),
            );
            return None;
        }
        Some((system, super::dotted(rest)))
    }
}

/// The word of a statement that a view has once.
pub(super) fn single(kind: &Kind_) -> Option<&'static str> {
    Some(match kind {
        Kind_::Fresh(_) => "objective fresh",
        Kind_::SurvivesOutage(_) => "survives outage",
        Kind_::BootstrapWithin(_) => "bootstrap",
        Kind_::ExpireAfter(_) => "expire",
        Kind_::Rebuild { .. } => "rebuild",
        Kind_::Mapping(_) => "mapping",
        Kind_::Via(_) => "via",
        Kind_::BadRecordsStop | Kind_::BadRecordsTo { .. } => "bad records",
        Kind_::Deletes(_) => "deletes",
        Kind_::Partitioned(_) => "partitioned by",
        Kind_::RetainForever | Kind_::Retain(_) => "retain",
        Kind_::Guarantee(_) | Kind_::Audit(_) | Kind_::Team(_) | Kind_::Allow(_) | Kind_::Assume(_) => return None,
    })
}

impl Named {
    /// Whether a service can touch it.
    pub(super) fn touchable(self) -> bool {
        matches!(self, Self::Entity(_) | Self::View(_) | Self::Event(_))
    }
}
