//! Systems.

use super::Builder;
use crate::syntax::ast::{Docs, Spanned, System, SystemStatement};
use crate::syntax::holes::Place;
use crate::syntax::holes::salvage::Saved;
use crate::syntax::parse::{Node, Rule};

impl<'a> Builder<'a> {
    pub(super) fn system(&mut self, node: &Node<'a>, docs: Docs) -> Option<System> {
        let name = self.need_name(node)?;
        let (mut kind, mut shards) = (None, None);
        if let Some(child) = node.child(Rule::kind) {
            let mut names = child.all(Rule::name).map(|name| self.name(&name));
            kind = names.next();
            shards = names.next().map(|column| (column, self.names(&child)));
        }
        let statements = self.body(
            node,
            Place::System,
            |builder, line, _| builder.system_statement(line),
            |saved| match saved {
                Saved::Allow(allow) => Some(SystemStatement::Allow(allow)),
                Saved::Member(_) => None,
            },
        );
        Some(System { docs, name, kind, shards, statements, span: self.span(node) })
    }

    fn system_statement(&mut self, node: &Node<'a>) -> Option<SystemStatement> {
        Some(match node.rule() {
            Rule::schema => SystemStatement::Schema(self.need_string(node)?),
            Rule::encoding => {
                let mut names = node.all(Rule::name).map(|name| self.name(&name));
                let Some(format) = names.next() else { return self.internal(node) };
                SystemStatement::Encoding { format, evolves: names.next() }
            }
            Rule::leader if node.has(Rule::kw_row) => SystemStatement::LeaderPerRow { by: self.need_name(node)? },
            Rule::leader => SystemStatement::LeaderIn(self.need_name(node)?),
            Rule::leaders => SystemStatement::LeadersIn(self.names(node)),
            Rule::replicas => SystemStatement::ReplicasIn(self.names(node)),
            Rule::may_hold => SystemStatement::MayHold(self.need_name(node)?),
            Rule::may_not_hold => SystemStatement::MayNotHold(self.need_name(node)?),
            Rule::log_rate => {
                let flow = self.need(node, Rule::flow)?;
                SystemStatement::LogRate(self.flow(&flow))
            }
            Rule::log_on => SystemStatement::Log(self.need_name(node)?),
            Rule::system_version => {
                let Some(version) = node.children().nth(1) else { return self.internal(node) };
                SystemStatement::Version(match version.rule() {
                    Rule::string => self.string(&version),
                    _ => Spanned { value: version.text().to_owned(), span: self.span(&version) },
                })
            }
            Rule::epoch => SystemStatement::Epoch(self.need_integer(node)?),
            Rule::managed => SystemStatement::Managed(self.need_name(node)?),
            Rule::standby => SystemStatement::Standby(self.span(node)),
            Rule::allow => SystemStatement::Allow(self.allow(node)?),
            Rule::assume => SystemStatement::Assume(self.assume(node)?),
            _ => return self.internal(node),
        })
    }
}
