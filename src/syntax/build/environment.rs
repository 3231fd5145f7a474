//! Environments: the machinery.

use super::Builder;
use crate::syntax::ast::{Docs, EnvStatement, Environment, Name, Setting, TuneKind, Value, ValueKind};
use crate::syntax::holes::Place;
use crate::syntax::parse::{Node, Rule};

impl<'a> Builder<'a> {
    pub(super) fn environment(&mut self, node: &Node<'a>, docs: Docs) -> Option<Environment> {
        let mut names = node.all(Rule::name).map(|name| self.name(&name));
        let Some(name) = names.next() else { return self.internal(node) };
        let extends = names.next();
        let statements =
            self.body(node, Place::Environment, |builder, line, _| builder.environment_statement(line), |_| None);
        Some(Environment { docs, name, extends, statements, span: self.span(node) })
    }

    fn environment_statement(&mut self, node: &Node<'a>) -> Option<EnvStatement> {
        let span = self.span(node);
        Some(match node.rule() {
            Rule::deploy => {
                let flavour = self.need_name(node)?;
                EnvStatement::Deploy { flavour, settings: self.settings(node), span }
            }
            Rule::environment_secret => {
                let mut names = node.all(Rule::name).map(|name| self.name(&name));
                let (Some(name), Some(provider)) = (names.next(), names.next()) else { return self.internal(node) };
                let mut texts = node.all(Rule::string).map(|text| self.string(&text)).collect::<Vec<_>>().into_iter();
                let Some(argument) = texts.next() else { return self.internal(node) };
                EnvStatement::Secret { name, provider, argument, key: texts.next(), span }
            }
            Rule::tune => {
                let word = self.need(node, Rule::tune_kind)?;
                let kind = match word.first().map(|word| word.rule()) {
                    Some(Rule::kw_system) => TuneKind::System,
                    Some(Rule::kw_entity) => TuneKind::Entity,
                    Some(Rule::kw_event) => TuneKind::Event,
                    Some(Rule::kw_view) => TuneKind::View,
                    Some(Rule::kw_process) => TuneKind::Process,
                    _ => return self.internal(&word),
                };
                EnvStatement::Tune { kind, name: self.need_name(node)?, settings: self.settings(node), span }
            }
            Rule::setting => EnvStatement::Setting(self.setting(node)?),
            _ => return self.internal(node),
        })
    }

    fn settings(&mut self, node: &Node<'a>) -> Vec<Setting> {
        self.body(node, Place::Settings, |builder, line, _| builder.setting(line), |_| None)
    }

    fn setting(&mut self, node: &Node<'a>) -> Option<Setting> {
        let (name, raw) = match node.child(Rule::raw_key) {
            Some(key) => {
                let key = self.need_string(&key)?;
                (Name { text: key.value, span: key.span }, true)
            }
            None => (self.need_name(node)?, false),
        };
        let value = self.need(node, Rule::value)?;
        Some(Setting { name, raw, value: self.value(&value)?, span: self.span(node) })
    }

    fn value(&mut self, node: &Node<'a>) -> Option<Value> {
        let Some(inner) = node.first() else { return self.internal(node) };
        let kind = match inner.rule() {
            Rule::secret_ref => ValueKind::Secret(self.need_name(&inner)?),
            Rule::list => ValueKind::List(inner.all(Rule::value).filter_map(|value| self.value(&value)).collect()),
            Rule::duration => ValueKind::Duration(self.duration(&inner)),
            Rule::size => ValueKind::Size(self.size(&inner)),
            Rule::literal => ValueKind::Literal(self.literal(&inner)?),
            Rule::name => ValueKind::Word(self.name(&inner)),
            _ => return self.internal(&inner),
        };
        Some(Value { kind, span: self.span(node) })
    }
}
