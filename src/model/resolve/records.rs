//! What columns of records say of other records, and what statements of entities and events have in common.

use super::{Context, Named};
use crate::diag::{Diagnostic, codes};
use crate::model::relation::{InputId, RecordId};
use crate::model::{Assume, Column, Sees};
use crate::syntax::ast::{self, Item, Member, Modifier, Name, Path, Spanned};

impl Context<'_> {
    /// `references` and `sees` of all columns: records may be declared in any order.
    pub(super) fn links(&mut self) {
        for (_, item) in self.items() {
            let (name, members) = match item {
                Item::Entity(entity) => (&entity.name, &entity.members),
                Item::Event(event) => (&event.name, &event.members),
                _ => continue,
            };
            // A second declaration of a name is reported and left aside.
            let Some(&(named, span)) = self.names.get(&name.text) else { continue };
            if span != name.span {
                continue;
            }
            let record = match named {
                Named::Entity(id) => RecordId::Entity(id),
                Named::Event(id) => RecordId::Event(id),
                _ => continue,
            };
            for member in members {
                let Member::Column(column) = member else { continue };
                self.links_of(record, column);
            }
        }
    }

    fn links_of(&mut self, record: RecordId, tree: &ast::Column) {
        for modifier in &tree.modifiers {
            match &modifier.value {
                Modifier::References(path) => {
                    let found = self.record_at(path).map(|(found, _)| found);
                    if let Some(column) = self.column_mut(record, &tree.name.text) {
                        column.references = Some(Spanned { value: found, span: modifier.span });
                    }
                }
                Modifier::Sees(path) => {
                    let found = self.seen(path);
                    if let Some(column) = self.column_mut(record, &tree.name.text) {
                        column.sees = Some(Spanned { value: found, span: modifier.span });
                    }
                }
                Modifier::OperationFromHash(names) => {
                    let known = self.model.record_columns(record).to_vec();
                    let any_case = self.record_in_any_case(record);
                    for name in names {
                        self.column_known(name, &known, any_case);
                    }
                }
                _ => {}
            }
        }
    }

    fn column_mut(&mut self, record: RecordId, name: &str) -> Option<&mut Column> {
        let any_case = self.record_in_any_case(record);
        let columns = match record {
            RecordId::Entity(id) => &mut self.model.entities.get_mut(id.0)?.columns,
            RecordId::Event(id) => &mut self.model.events.get_mut(id.0)?.columns,
        };
        let lower = name.to_lowercase();
        let exact = columns.iter().position(|column| column.name == name);
        let alike = || columns.iter().position(|column| any_case && column.name.to_lowercase() == lower);
        let at = exact.or_else(alike)?;
        columns.get_mut(at)
    }

    /// The record a path names, and how many of its parts do; reports an unknown one.
    fn record_at(&mut self, path: &Path) -> Option<(RecordId, usize)> {
        let first = path.parts.first()?;
        match self.names.get(&first.text).copied() {
            Some((Named::Entity(id), _)) => return Some((RecordId::Entity(id), 1)),
            Some((Named::Event(id), _)) => return Some((RecordId::Event(id), 1)),
            Some((Named::Other | Named::Unread, _)) => return None,
            Some((Named::System(system), _)) if path.parts.len() > 1 => {
                let rest = path.parts.get(1..)?;
                let (namespace, table) = self.place(system, rest, path)?;
                let at = self.model.entities.iter().position(|entity| {
                    entity.home.system == system && entity.home.namespace == namespace && entity.home.table == table
                });
                return Some((RecordId::Entity(crate::model::EntityId(at?)), path.parts.len()));
            }
            Some((named, span)) => {
                let finding = named.instead(first, path.span, span, "no record");
                self.report(finding.help("name an entity or an event"));
                return None;
            }
            None => {}
        }
        let candidates = self.names_of(|named| matches!(named, Named::Entity(_) | Named::Event(_)));
        self.unknown(first, codes::UNKNOWN_NAME, "entity or event", candidates);
        None
    }

    fn seen(&mut self, path: &Path) -> Option<Sees> {
        let (record, used) = self.record_at(path)?;
        let Some(name) = path.parts.get(used) else {
            let message = format!("`{}` is a record, and what was seen is a column of it", path.text());
            self.report(
                Diagnostic::new(codes::BAD_VALUE, path.span, message)
                    .help(format!("name its `sequence` column: `sees {}.revision`", path.text())),
            );
            return None;
        };
        let columns = self.model.record_columns(record).to_vec();
        let any_case = self.record_in_any_case(record);
        self.column_known(name, &columns, any_case).map(|column| Sees { record, column })
    }

    /// Names of declarations that are of some sort, for did-you-mean.
    pub(super) fn names_of(&self, of: impl Fn(Named) -> bool) -> Vec<String> {
        self.names.iter().filter(|(_, (named, _))| of(*named)).map(|(name, _)| name.clone()).collect()
    }

    /// The entity, event or view of that name; reports another one.
    pub(super) fn subject(&mut self, name: &Name) -> Option<InputId> {
        match self.names.get(&name.text).copied() {
            Some((Named::Entity(id), _)) => Some(InputId::Entity(id)),
            Some((Named::Event(id), _)) => Some(InputId::Event(id)),
            Some((Named::View(id), _)) => Some(InputId::View(id)),
            Some((Named::Other | Named::Unread, _)) => None,
            Some((named, span)) => {
                let finding = named.instead(name, name.span, span, "no entity, event or view");
                self.report(finding.help("name an entity, an event or a view"));
                None
            }
            None => {
                let candidates = self.names_of(Named::touchable);
                self.unknown(name, codes::UNKNOWN_NAME, "entity, event or view", candidates);
                None
            }
        }
    }

    /// What is taken for true; an assumption diac knows nothing of is reported.
    pub(super) fn assumes<'b>(&mut self, trees: impl Iterator<Item = &'b ast::Assume>) -> Vec<Assume> {
        let mut all = Vec::new();
        for tree in trees {
            if tree.what.text != "deterministic" {
                // It stays as what was meant: that nothing is assumed is not said as well.
                self.unknown(&tree.what, codes::UNKNOWN_NAME, "assumption", vec!["deterministic".into()]);
            } else if tree.because.value.trim().is_empty() {
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, tree.because.span, "an assumption needs its reason")
                        .help("say why it holds, for who reads this next"),
                );
            }
            all.push(Assume { what: tree.what.text.clone(), because: tree.because.value.clone(), span: tree.span });
        }
        all
    }
}

/// The assumption a member of an entity or event states.
pub(super) fn member_assume(member: &Member) -> Option<&ast::Assume> {
    if let Member::Assume(assume) = member { Some(assume) } else { None }
}
