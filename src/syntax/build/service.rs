//! Processes, services and constraints.

use super::Builder;
use crate::syntax::ast::{
    Constraint, ConstraintRule, ConstraintStatement, Docs, Process, ProcessStatement, Service, ServiceStatement,
    Spanned,
};
use crate::syntax::holes::Place;
use crate::syntax::holes::salvage::Saved;
use crate::syntax::parse::{Node, Rule};

impl<'a> Builder<'a> {
    pub(super) fn process(&mut self, node: &Node<'a>, docs: Docs) -> Option<Process> {
        let (name, from) = (self.need_name(node)?, self.paths(node));
        let statements = self.body(
            node,
            Place::Process,
            |builder, line, _| builder.process_statement(line),
            |saved| match saved {
                Saved::Allow(allow) => Some(ProcessStatement::Allow(allow)),
                Saved::Member(_) => None,
            },
        );
        Some(Process { docs, name, from, statements, span: self.span(node) })
    }

    fn process_statement(&mut self, node: &Node<'a>) -> Option<ProcessStatement> {
        Some(match node.rule() {
            Rule::emit => ProcessStatement::Emit {
                event: self.need_name(node)?,
                items: self.select_items(node),
                when: match node.child(Rule::expr) {
                    Some(expr) => Some(self.expr(&expr)?),
                    None => None,
                },
                span: self.span(node),
            },
            Rule::run => ProcessStatement::Run(self.need_string(node)?),
            Rule::guarantee => ProcessStatement::Guarantee(self.claim(node)?),
            Rule::allow => ProcessStatement::Allow(self.allow(node)?),
            Rule::assume => ProcessStatement::Assume(self.assume(node)?),
            _ => return self.internal(node),
        })
    }

    pub(super) fn service(&mut self, node: &Node<'a>, docs: Docs) -> Option<Service> {
        let name = self.need_name(node)?;
        let statements = self.body(
            node,
            Place::Service,
            |builder, line, _| builder.service_statement(line),
            |saved| match saved {
                Saved::Allow(allow) => Some(ServiceStatement::Allow(allow)),
                Saved::Member(_) => None,
            },
        );
        Some(Service { docs, name, statements, span: self.span(node) })
    }

    fn service_statement(&mut self, node: &Node<'a>) -> Option<ServiceStatement> {
        Some(match node.rule() {
            Rule::writes => ServiceStatement::Writes(self.paths(node)),
            Rule::emits => ServiceStatement::Emits(self.paths(node)),
            Rule::reads => ServiceStatement::Reads {
                paths: self.paths(node),
                purpose: node.child(Rule::purpose).map(|purpose| match purpose.child(Rule::string) {
                    Some(text) => self.string(&text),
                    None => Spanned { value: self.name(&purpose).text, span: self.span(&purpose) },
                }),
            },
            Rule::team => ServiceStatement::Team(self.need_string(node)?),
            Rule::allow => ServiceStatement::Allow(self.allow(node)?),
            _ => return self.internal(node),
        })
    }

    pub(super) fn constraint(&mut self, node: &Node<'a>, docs: Docs) -> Option<Constraint> {
        let hard = self.need(node, Rule::hardness)?.has(Rule::kw_hard);
        let (name, on) = (self.need_name(node)?, self.need_path(node)?);
        let rule = match node.child(Rule::unique_statement) {
            Some(unique) => ConstraintRule::Unique(self.names(&unique)),
            None => ConstraintRule::Expr(self.need_expr(node)?),
        };
        let statements = self.body(
            node,
            Place::Constraint,
            |builder, line, _| builder.constraint_statement(line),
            |saved| match saved {
                Saved::Allow(allow) => Some(ConstraintStatement::Allow(allow)),
                Saved::Member(_) => None,
            },
        );
        Some(Constraint { docs, hard, name, on, rule, statements, span: self.span(node) })
    }

    fn constraint_statement(&mut self, node: &Node<'a>) -> Option<ConstraintStatement> {
        Some(match node.rule() {
            Rule::check_every => ConstraintStatement::CheckEvery(self.need_duration(node)?),
            Rule::compensate => ConstraintStatement::CompensateWith(self.need_name(node)?),
            Rule::because => ConstraintStatement::Because(self.need_string(node)?),
            Rule::allow => ConstraintStatement::Allow(self.allow(node)?),
            _ => return self.internal(node),
        })
    }
}
