//! Views and defaults.

use super::Builder;
use crate::syntax::ast::{
    Audit, AuditKind, Claim, Defaults, Deletes, Docs, RebuildFrom, Spanned, Stage, StageKind, Via, View, ViewStatement,
    ViewStatementKind,
};
use crate::syntax::holes::Place;
use crate::syntax::holes::salvage::Saved;
use crate::syntax::parse::{Node, Rule};

impl<'a> Builder<'a> {
    pub(super) fn view(&mut self, node: &Node<'a>, docs: Docs) -> Option<View> {
        let name = self.need_name(node)?;
        let (mut version, mut replaces) = (None, None);
        if let Some(child) = node.child(Rule::version) {
            let mut numbers =
                child.all(Rule::integer).map(|number| self.integer(&number)).collect::<Vec<_>>().into_iter();
            (version, replaces) = (numbers.next(), numbers.next());
        }
        let source = self.view_source(node);
        let mut stages = self.stages(node);
        let statements = self.body(node, Place::View, |builder, line, _| builder.view_statement(line), saved);
        let ended = matches!(stages.last(), Some(Stage { kind: StageKind::Sink(_), .. }));
        stages.extend(self.late(node, ended));
        // Without its source a view says nothing; the finding is made, and its name stays known.
        let Some(source) = source else {
            self.unread.push(name);
            return None;
        };
        Some(View { docs, name, version, replaces, source, stages, statements, span: self.span(node) })
    }

    pub(super) fn defaults(&mut self, node: &Node<'a>) -> Defaults {
        let statements = self.body(node, Place::Defaults, |builder, line, _| builder.view_statement(line), saved);
        Defaults { statements, span: self.span(node) }
    }

    fn view_statement(&mut self, node: &Node<'a>) -> Option<ViewStatement> {
        Some(ViewStatement { kind: self.view_statement_kind(node)?, span: self.span(node) })
    }

    fn view_statement_kind(&mut self, node: &Node<'a>) -> Option<ViewStatementKind> {
        use ViewStatementKind as Kind;
        Some(match node.rule() {
            Rule::guarantee => Kind::Guarantee(self.claim(node)?.value),
            Rule::objective => Kind::Fresh(self.need_duration(node)?),
            Rule::partitioned => Kind::Partitioned(self.exprs(node)),
            Rule::survives => Kind::SurvivesOutage(self.need_duration(node)?),
            Rule::bootstrap => Kind::BootstrapWithin(self.need_duration(node)?),
            Rule::mapping => Kind::Mapping(self.need_string(node)?),
            Rule::team => Kind::Team(self.need_string(node)?),
            Rule::via => Kind::Via(self.via(node)?),
            Rule::audit => Kind::Audit(self.audit(node)?),
            Rule::rebuild => Kind::Rebuild {
                from: if node.has(Rule::kw_log) { RebuildFrom::Log } else { RebuildFrom::Snapshot },
                within: self.optional_duration(node),
            },
            Rule::bad_records if node.has(Rule::kw_stop) => Kind::BadRecordsStop,
            Rule::bad_records => Kind::BadRecordsTo { path: self.need_path(node)?, keep: self.optional_duration(node) },
            Rule::expire => Kind::ExpireAfter(self.need_duration(node)?),
            Rule::on_delete if node.has(Rule::kw_remove) => Kind::Deletes(Deletes::Remove),
            Rule::on_delete if node.has(Rule::kw_keep) => Kind::Deletes(Deletes::Keep),
            Rule::on_delete => Kind::Deletes(Deletes::Mark(self.need_name(node)?)),
            Rule::retain if node.has(Rule::kw_forever) => Kind::RetainForever,
            Rule::retain => Kind::Retain(self.need_duration(node)?),
            Rule::allow => Kind::Allow(self.allow(node)?),
            Rule::assume => Kind::Assume(self.assume(node)?),
            _ => return self.internal(node),
        })
    }

    /// The claim of a `guarantee`.
    pub(super) fn claim(&mut self, node: &Node<'a>) -> Option<Spanned<Claim>> {
        let claim = self.need(node, Rule::claim)?;
        let Some(inner) = claim.first() else { return self.internal(&claim) };
        let value = match inner.rule() {
            Rule::ordered if inner.has(Rule::kw_totally) => Claim::OrderedTotally,
            Rule::ordered => Claim::OrderedPer(self.exprs(&inner)),
            Rule::every_change => Claim::EveryChange,
            Rule::exactly_once => {
                Claim::ExactlyOnce { by: self.names(&inner), horizon: self.optional_duration(&inner) }
            }
            Rule::read_your_writes => Claim::ReadYourWrites(self.need_duration(&inner)?),
            Rule::agrees => Claim::AgreesWith(self.need_name(&inner)?),
            Rule::replayable if inner.has(Rule::kw_forever) => Claim::ReplayableForever,
            Rule::replayable => Claim::ReplayableFor(self.need_duration(&inner)?),
            Rule::after => {
                let mut names = inner.all(Rule::name).map(|name| self.name(&name));
                let (Some(effect), Some(cause)) = (names.next(), names.next()) else { return self.internal(&inner) };
                Claim::After { effect, cause }
            }
            _ => return self.internal(&inner),
        };
        Some(Spanned { value, span: self.span(&claim) })
    }

    fn via(&mut self, node: &Node<'a>) -> Option<Via> {
        let mechanism = self.need(node, Rule::mechanism)?;
        let Some(inner) = mechanism.first() else { return self.internal(&mechanism) };
        Some(match inner.rule() {
            Rule::kw_cdc => Via::Cdc,
            Rule::kw_events => Via::Events,
            Rule::kw_unknown => Via::Unknown,
            Rule::via_two_phase => Via::TwoPhaseCommit(self.names(&inner)),
            Rule::via_application => Via::Application(self.names(&inner)),
            Rule::via_batch => {
                let every = self.need_duration(&inner)?;
                if inner.has(Rule::kw_stream) {
                    Via::BatchAndStream { every }
                } else if inner.has(Rule::kw_full) {
                    Via::BatchFull { every }
                } else {
                    Via::BatchIncremental { on: self.need_name(&inner)?, every }
                }
            }
            _ => return self.internal(&inner),
        })
    }

    fn audit(&mut self, node: &Node<'a>) -> Option<Audit> {
        let what = if let Some(rows) = node.child(Rule::audit_rows) {
            AuditKind::Rows(self.names(&rows))
        } else if let Some(assert) = node.child(Rule::audit_assert) {
            AuditKind::Assert { rule: self.need_expr(&assert)?, by: self.names(&assert) }
        } else {
            AuditKind::Measure(self.need_expr(node)?)
        };
        let every = self.need_duration(node)?;
        let within = node.child(Rule::percent).map(|percent| Spanned {
            value: percent.text().trim_end_matches('%').to_owned(),
            span: self.span(&percent),
        });
        Some(Audit { what, every, within })
    }
}

fn saved(saved: Saved) -> Option<ViewStatement> {
    match saved {
        Saved::Allow(allow) => {
            let span = allow.span;
            Some(ViewStatement { kind: ViewStatementKind::Allow(allow), span })
        }
        Saved::Member(_) => None,
    }
}
