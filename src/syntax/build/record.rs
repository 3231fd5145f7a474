//! Entities and events: their heads, columns and other lines.

use super::Builder;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Column, Docs, Entity, Event, Identity, Literal, Member, Modifier, Spanned, TypeName};
use crate::syntax::holes::Place;
use crate::syntax::holes::salvage::Saved;
use crate::syntax::parse::{Node, Rule};
use crate::syntax::suggest;

impl<'a> Builder<'a> {
    pub(super) fn entity(&mut self, node: &Node<'a>, docs: Docs) -> Option<Entity> {
        let (name, home) = (self.need_name(node)?, self.need_path(node)?);
        let from_topic = match node.child(Rule::from_topic) {
            Some(child) => Some(self.need_string(&child)?),
            None => None,
        };
        let log_version = match node.child(Rule::log_version) {
            Some(child) => {
                let mut numbers =
                    child.all(Rule::integer).map(|number| self.integer(&number)).collect::<Vec<_>>().into_iter();
                let Some(version) = numbers.next() else { return self.internal(&child) };
                Some((version, numbers.next()))
            }
            None => None,
        };
        let members = self.body(node, Place::Record, Self::member, saved);
        Some(Entity { docs, name, home, from_topic, log_version, members, span: self.span(node) })
    }

    pub(super) fn event(&mut self, node: &Node<'a>, docs: Docs) -> Option<Event> {
        let (name, home) = (self.need_name(node)?, self.need_path(node)?);
        let outbox = match node.child(Rule::outbox) {
            Some(child) => Some(self.need_path(&child)?),
            None => None,
        };
        let partitioned = node.child(Rule::partitioned).map_or_else(Vec::new, |child| self.exprs(&child));
        let members = self.body(node, Place::Record, Self::member, saved);
        Some(Event { docs, name, home, outbox, partitioned, members, span: self.span(node) })
    }

    pub(in crate::syntax) fn member(&mut self, node: &Node<'a>, docs: Docs) -> Option<Member> {
        let span = self.span(node);
        Some(match node.rule() {
            Rule::key_statement => Member::Key(Spanned { value: self.names(node), span }),
            Rule::unique_statement => Member::Unique(Spanned { value: self.names(node), span }),
            Rule::volume => {
                let rows = self.need_integer(node)?;
                let writes_per_second = node.child(Rule::rate).map(|rate| self.rate(&rate));
                let size = node.child(Rule::largest_row).and_then(|row| row.child(Rule::size));
                let largest_row = size.map(|size| Spanned { value: self.size(&size), span: self.span(&size) });
                Member::Volume { rows, writes_per_second, largest_row }
            }
            Rule::retain if node.has(Rule::kw_forever) => Member::RetainForever(span),
            Rule::retain => {
                let child = self.need(node, Rule::duration)?;
                Member::Retain(Spanned { value: self.duration(&child), span: self.span(&child) })
            }
            Rule::deleted_when => Member::DeletedWhen(self.need_expr(node)?),
            Rule::append_only => Member::AppendOnly(span),
            Rule::may_truncate => Member::MayTruncate(span),
            Rule::identity => {
                let value = match node.children().nth(1).map(|word| word.rule()) {
                    Some(Rule::kw_full) => Identity::Full,
                    Some(Rule::kw_default) => Identity::Default,
                    Some(Rule::kw_nothing) => Identity::Nothing,
                    _ => Identity::Index(self.need_name(node)?),
                };
                Member::Identity(Spanned { value, span })
            }
            Rule::allow => Member::Allow(self.allow(node)?),
            Rule::assume => Member::Assume(self.assume(node)?),
            Rule::column => {
                let column = self.column(node, docs)?;
                if let Some(finding) = misspelt(&column) {
                    self.holes.push(column.span);
                    self.diagnostics.push(finding);
                    return None;
                }
                Member::Column(column)
            }
            _ => return self.internal(node),
        })
    }

    fn column(&mut self, node: &Node<'a>, docs: Docs) -> Option<Column> {
        let (name, ty) = (self.need_name(node)?, self.need(node, Rule::type_name)?);
        let ty = self.type_name(&ty)?;
        let mut modifiers = Vec::new();
        for modifier in node.all(Rule::modifier) {
            let Some(inner) = modifier.first() else { return self.internal(&modifier) };
            modifiers.push(Spanned { value: self.modifier(&inner)?, span: self.span(&inner) });
        }
        Some(Column { docs, name, ty, modifiers, span: self.span(node) })
    }

    fn modifier(&mut self, node: &Node<'a>) -> Option<Modifier> {
        Some(match node.rule() {
            Rule::m_key => Modifier::Key,
            Rule::m_mutable => Modifier::Mutable,
            Rule::m_wide => Modifier::Wide,
            Rule::m_unique => Modifier::Unique,
            Rule::m_pii => Modifier::Pii,
            Rule::m_operation if node.has(Rule::kw_client) => Modifier::OperationFromClient,
            Rule::m_operation if node.has(Rule::kw_server) => Modifier::OperationFromServer,
            Rule::m_operation => Modifier::OperationFromHash(self.names(node)),
            Rule::m_event_time => Modifier::EventTime,
            Rule::m_references => Modifier::References(self.need_path(node)?),
            Rule::m_sees => Modifier::Sees(self.need_path(node)?),
            Rule::m_sequence => Modifier::Sequence(node.child(Rule::name).map(|name| self.name(&name))),
            Rule::m_was => Modifier::Was(self.need_name(node)?),
            Rule::m_deprecated => Modifier::Deprecated,
            Rule::m_default => {
                let literal = self.need(node, Rule::literal)?;
                Modifier::Default(self.literal(&literal)?)
            }
            _ => return self.internal(node),
        })
    }

    pub(super) fn type_name(&mut self, node: &Node<'a>) -> Option<TypeName> {
        let word = self.need(node, Rule::type_word)?;
        let name = self.name(&word);
        let mut args = Vec::new();
        for arg in node.all(Rule::type_arg) {
            let span = self.span(&arg);
            let value = match arg.child(Rule::string) {
                Some(text) => Literal::Text(self.string(&text).value),
                None => Literal::Integer(self.need_integer(&arg)?.value),
            };
            args.push(Spanned { value, span });
        }
        let (array, optional) = (node.has(Rule::array), node.has(Rule::optional));
        Some(TypeName { name, args, array, optional, span: self.span(node) })
    }
}

fn saved(saved: Saved) -> Option<Member> {
    Some(match saved {
        Saved::Allow(allow) => Member::Allow(allow),
        Saved::Member(member) => member,
    })
}

/// The finding of a statement that reads as a column, since its second word is none: `retain forevr`.
fn misspelt(column: &Column) -> Option<Diagnostic> {
    let words: &[&str] = match column.name.text.as_str() {
        "retain" => &["forever"],
        "identity" => &["full", "default", "nothing"],
        "may" => &["truncate"],
        "append" => &["only"],
        _ => return None,
    };
    let word = &column.ty.name;
    let bare = column.modifiers.is_empty() && column.ty.span == word.span;
    let near = suggest::nearest(&word.text, words.iter().copied()).filter(|_| bare)?;
    let message = format!("unknown word `{}`, did you mean `{near}`?", word.text);
    Some(Diagnostic::new(codes::SYNTAX, word.span, message).help(format!("write `{near}`")).fix(word.span, near))
}
