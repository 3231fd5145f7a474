//! What a view's wiring takes: a capture, one log, and nothing that this version cannot write.

use super::Context;
use super::stages::{Gap, Row};
use super::stores::FoundStore;
use crate::diag::{Diagnostic, codes};
use crate::model::{SystemId, View};
use crate::source::Span;
use crate::systems::{Kind, Support};

impl Context<'_> {
    /// Whether this version can capture a system; says so where it cannot.
    pub(super) fn system_capturable(&mut self, id: SystemId, span: Span) -> bool {
        let system = self.model.system(id);
        let facts = system.kind.facts();
        let name = system.name.clone();
        let place = if system.declared { system.span } else { span };
        match facts.record {
            _ if !self.wired => true,
            Support::Built => true,
            Support::Later => {
                // Once for each system, at its declaration.
                let message = format!("capturing {} is not compiled by this version", facts.title);
                if !self.diagnostics.iter().any(|d| d.rule == codes::TARGET_NOT_BUILT.name && d.primary.span == place) {
                    self.report(
                        Diagnostic::new(codes::TARGET_NOT_BUILT, place, message)
                            .here(format!("`{name}` is a record here"))
                            .help("this version captures postgres, mysql and mariadb"),
                    );
                }
                false
            }
            Support::Never => {
                self.report(
                    Diagnostic::new(
                        codes::NO_CHANGE_LOG,
                        span,
                        format!("{} has no change log diac can read", facts.title),
                    )
                    .here(format!("`{name}` would have to be captured"))
                    .help("make another system the record"),
                );
                false
            }
        }
    }

    /// Says what this version cannot write of a view: once, and not where another finding says it. Answers whether an engine keeps the view.
    pub(super) fn gaps(&mut self, row: &Row, target: Option<&FoundStore>, view: &View) -> bool {
        if !self.model.is_wired(view) || row.gaps.iter().any(|gap| matches!(gap, Gap::Said)) {
            return false;
        }
        if self.wants_engine(row, view) {
            return self.fits_engine(row, target, view);
        }
        let engine =
            row.gaps.iter().find_map(|gap| if let Gap::Engine(span, what) = gap { Some((*span, *what)) } else { None });
        if let Some((span, what)) = engine {
            if target.is_some() && self.model.side_by_side(view) {
                // Without an engine and without SQL in the store it is `needs_engine`.
                self.not_built(span, &format!("{what} by SQL in the store is"));
            }
            return false;
        }
        let later = row.gaps.iter().find_map(|gap| match gap {
            Gap::Later(gap) => Some(gap.clone()),
            Gap::Engine(..) | Gap::Derived | Gap::Said => None,
        });
        if let Some(gap) = later {
            self.not_built(gap.span, &gap.what);
        }
        false
    }

    /// Whether a system is captured by some view: then an outbox in it is compiled.
    fn has_capture(&self, system: SystemId) -> bool {
        let kept = |view: &&View| view.via == crate::model::Via::Cdc && view.store.is_some() && !view.incomplete;
        let entities =
            self.model.views.iter().filter(kept).flat_map(|view| &view.flows).filter_map(|flow| flow.entity());
        self.model.system(system).kind == Kind::Postgres
            && entities.map(|id| self.model.entity(id)).any(|it| it.home.system == system && it.from_topic.is_none())
    }

    /// Of an event its topic is compiled, and an outbox in a captured database; not a topic of a second log.
    pub(super) fn unbuilt_events(&mut self) {
        let carrying = self.log.map(|(log, _)| log).or_else(|| {
            let logs = self.model.events.iter().map(|event| event.log);
            logs.min_by_key(|log| &self.model.system(*log).name)
        });
        let mut gaps: Vec<(Span, String)> = Vec::new();
        for event in &self.model.events {
            let outbox = event.outbox.as_ref().filter(|outbox| !self.has_capture(outbox.system));
            if let Some(outbox) = outbox {
                gaps.push((outbox.span, "an outbox in a database that no view captures is".to_owned()));
            } else if Some(event.log) != carrying {
                gaps.push((event.home_span, "a second log in one pipeline is".to_owned()));
            }
        }
        for (span, what) in gaps {
            self.not_built(span, &what);
        }
    }

    /// A record's changes need one log; several `kafka` systems and none named is a question.
    pub(super) fn one_log(&mut self, system: SystemId) {
        let found = self.model.system(system);
        if let Some(log) = found.log.filter(|_| self.wired) {
            let (carrying, first) = *self.log.get_or_insert((log, system));
            if carrying != log && first != system {
                let (span, name) = (found.span, found.name.clone());
                let message =
                    format!("`{name}` and `{}` on two logs in one pipeline are", self.model.system(first).name);
                if !self.diagnostics.iter().any(|d| d.primary.span == span && d.rule == codes::STATEMENT_NOT_BUILT.name)
                {
                    self.not_built(span, &message);
                }
            }
        }
        let kafkas = self.kafkas();
        if !self.wired || kafkas.len() < 2 || self.model.system(system).log.is_some() {
            return;
        }
        let names: Vec<String> = kafkas.iter().map(|&id| self.model.system(id).name.clone()).collect();
        let system = self.model.system(system);
        let diagnostic = Diagnostic::new(
            codes::AMBIGUOUS_LOG,
            system.span,
            format!("which log carries the changes of `{}`?", system.name),
        )
        .here(format!("{} are declared", super::list(&names)))
        .help(format!("write `log {}` in the system", names.first().map_or("bus", String::as_str)));
        if !self.diagnostics.contains(&diagnostic) {
            self.report(diagnostic);
        }
    }
}
