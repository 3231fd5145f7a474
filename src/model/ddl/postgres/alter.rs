//! `ALTER TABLE`, action by action.

use squawk_syntax::ast::{AstNode, Type as TypeNode};

use super::catalog::{Catalog, Column, Constraint};
use super::constraints::{KeyKind, Reach, read_key};
use super::create::{WrittenColumn, defaults_to_null, is_plain, merge};
use super::tree::{K, Name, Node, Place, has, has_token, kid, name_of, path_of};
use super::typing::Written;
use crate::model::schema::{Generated, Persistence, ReplicaIdentity};

/// The table an action works on, and how far.
#[derive(Clone, Copy)]
struct Subject {
    table: usize,
    reach: Reach,
    place: Place,
}

impl Catalog {
    /// `ALTER TABLE` and `ALTER FOREIGN TABLE`. What is no known table (a view, a sequence, a table of a file that was
    /// not given) is none of the reader's business.
    pub fn alter_table(&mut self, node: &Node, place: Place) {
        let Some(relation) = kid(node, K::TABLE_RELATION_NAME) else { return };
        let Some(name) = path_of(&relation, K::TABLE_NAME_REF) else { return };
        let Some(table) = self.find_table(&name) else {
            // An index may be renamed by `ALTER TABLE` too.
            if let Some(to) = kid(node, K::TABLE_RENAME_TO).and_then(|to| path_of(&to, K::TABLE_NAME)) {
                self.rename_index(&name, to.name);
            }
            return;
        };
        let reach = if has_token(&relation, K::ONLY_KW) { Reach::Only } else { Reach::Family };
        for action in node.children() {
            self.act(Subject { table, reach, place }, &action);
        }
    }

    fn act(&mut self, subject: Subject, action: &Node) {
        let Subject { table, place, .. } = subject;
        match action.kind() {
            K::ADD_COLUMN => self.add_column(subject, action),
            K::ADD_CONSTRAINT => self.add_constraint(subject, action),
            K::ALTER_COLUMN => self.alter_column(subject, action),
            K::DROP_COLUMN => {
                if let Some(column) = name_of(action, K::COLUMN_NAME_REF) {
                    for member in self.reached(subject) {
                        self.drop_column(member, &column);
                    }
                }
            }
            K::RENAME_COLUMN => {
                let names = name_of(action, K::COLUMN_NAME_REF).zip(name_of(action, K::COLUMN_NAME));
                if let Some((from, to)) = names {
                    for member in self.reached(subject) {
                        self.rename_column(member, (&from, &to));
                    }
                }
            }
            K::DROP_CONSTRAINT => {
                if let Some(name) = path_of(action, K::CONSTRAINT_NAME_REF) {
                    self.drop_constraint(subject, &name.name);
                }
            }
            K::RENAME_CONSTRAINT => {
                if let Some(from) = path_of(action, K::CONSTRAINT_NAME_REF)
                    && let Some(to) = name_of(action, K::CONSTRAINT_NAME)
                {
                    self.rename_constraint(table, (&from.name, &to));
                }
            }
            K::ATTACH_PARTITION => {
                if let Some(partition) = path_of(action, K::TABLE_NAME_REF).and_then(|name| self.find_table(&name)) {
                    self.attach(table, partition);
                }
            }
            K::DETACH_PARTITION => {
                if let Some(partition) = path_of(action, K::TABLE_NAME_REF).and_then(|name| self.find_table(&name))
                    && let Some(relation) = self.tables.get_mut(partition)
                {
                    relation.partition_of = None;
                    relation.parents.retain(|parent| *parent != table);
                }
            }
            K::INHERIT_TABLE | K::NO_INHERIT_TABLE => {
                if let Some(parent) = path_of(action, K::TABLE_NAME_REF).and_then(|name| self.find_table(&name))
                    && let Some(relation) = self.tables.get(table)
                {
                    let mut parents = relation.parents.clone();
                    parents.retain(|known| *known != parent);
                    if action.kind() == K::INHERIT_TABLE && parent != table {
                        parents.push(parent);
                    }
                    self.set_parents(table, parents);
                }
            }
            K::REPLICA_IDENTITY => self.set_identity(subject, action),
            K::SET_LOGGED => self.persist(table, Persistence::Logged),
            K::SET_UNLOGGED => self.persist(table, Persistence::Unlogged(place.of(action))),
            K::TABLE_RENAME_TO => {
                if let Some(to) = path_of(action, K::TABLE_NAME)
                    && let Some(relation) = self.tables.get_mut(table)
                {
                    self.named_tables.note(&to.name, table);
                    relation.name = to.name;
                }
            }
            K::SET_SCHEMA => {
                if let Some(schema) = name_of(action, K::SCHEMA_REF)
                    && let Some(relation) = self.tables.get_mut(table)
                {
                    relation.schema = schema;
                }
            }
            _ => {}
        }
    }

    fn reached(&self, subject: Subject) -> Vec<usize> {
        match subject.reach {
            Reach::Only => vec![subject.table],
            Reach::Family => self.family(subject.table),
        }
    }

    fn persist(&mut self, table: usize, persistence: Persistence) {
        if let Some(relation) = self.tables.get_mut(table) {
            relation.persistence = persistence;
        }
    }

    fn add_column(&mut self, subject: Subject, action: &Node) {
        let Some(WrittenColumn { column, constraints }) = self.read_column(action, subject.place) else { return };
        let is_there = self.tables.get(subject.table).is_some_and(|t| t.columns.iter().any(|c| c.name == column.name));
        if is_there && has(action, K::IF_NOT_EXISTS) {
            return;
        }
        for member in self.reached(subject) {
            if let Some(relation) = self.tables.get_mut(member) {
                merge(&mut relation.columns, column.clone());
            }
        }
        for constraint in constraints {
            self.add_table_constraint(subject, &constraint, Some(&column.name));
        }
    }

    fn add_constraint(&mut self, subject: Subject, action: &Node) {
        for constraint in action.children() {
            self.add_table_constraint(subject, &constraint, None);
        }
    }

    fn add_table_constraint(&mut self, subject: Subject, constraint: &Node, column: Option<&str>) {
        let Subject { table, reach, place } = subject;
        match constraint.kind() {
            K::PRIMARY_KEY_CONSTRAINT => {
                self.add_key(table, KeyKind::Primary, (read_key(constraint, place, column), reach))
            }
            K::UNIQUE_CONSTRAINT => self.add_key(table, KeyKind::Unique, (read_key(constraint, place, column), reach)),
            K::FOREIGN_KEY_CONSTRAINT | K::REFERENCES_CONSTRAINT => {
                self.add_reference(table, constraint, (place, column))
            }
            K::NOT_NULL_CONSTRAINT => {
                if let Some(column) = name_of(constraint, K::COLUMN_NAME_REF) {
                    self.change_column(subject, &column, |column| column.is_not_null = true);
                }
            }
            _ => {}
        }
    }

    fn alter_column(&mut self, subject: Subject, action: &Node) {
        let Some(name) = name_of(action, K::COLUMN_NAME_REF) else { return };
        for option in action.children() {
            match option.kind() {
                K::SET_TYPE => {
                    let Some(ty) = option.children().find(|child| TypeNode::can_cast(child.kind())) else { continue };
                    let ty = Written::read(&ty).resolve(self);
                    self.change_column(subject, &name, |column| column.ty = ty.clone());
                }
                K::SET_NOT_NULL => self.change_column(subject, &name, |column| column.is_not_null = true),
                K::DROP_NOT_NULL => self.change_column(subject, &name, |column| column.is_not_null = false),
                K::SET_DEFAULT => {
                    // `SET DEFAULT x` has one word more in front than `DEFAULT x`.
                    let is_null = super::tree::tokens(&option).nth(2).is_some_and(|token| token.kind() == K::NULL_KW);
                    let has_default = !is_null && !defaults_to_null(&option);
                    self.change_column(subject, &name, |column| column.has_default = has_default);
                }
                K::DROP_DEFAULT => self.change_column(subject, &name, |column| column.has_default = false),
                K::ADD_GENERATED => self.change_column(subject, &name, |column| column.is_identity = true),
                K::DROP_IDENTITY => self.change_column(subject, &name, |column| column.is_identity = false),
                K::DROP_EXPRESSION => self.change_column(subject, &name, |column| column.generated = Generated::No),
                K::SET_STORAGE => {
                    let plain = is_plain(&option);
                    self.change_column(subject, &name, |column| column.is_plain = plain);
                }
                _ => {}
            }
        }
    }

    fn change_column(&mut self, subject: Subject, name: &str, change: impl Fn(&mut Column)) {
        for member in self.reached(subject) {
            if let Some(column) = self.tables.get_mut(member).and_then(|relation| relation.column(name)) {
                change(column);
            }
        }
    }

    /// Takes a column away, and with it every key it is in.
    pub fn drop_column(&mut self, table: usize, name: &str) {
        let Some(relation) = self.tables.get_mut(table) else { return };
        let has = |columns: &[String]| columns.iter().any(|column| column == name);
        relation.columns.retain(|column| column.name != name);
        relation.uniques.retain(|unique| !has(&unique.columns) && !has(&unique.mentions));
        relation.foreign_keys.retain(|reference| !has(&reference.columns));
        if relation.primary.as_ref().is_some_and(|key| has(&key.columns)) {
            relation.primary = None;
        }
    }

    fn rename_column(&mut self, table: usize, (from, to): (&str, &str)) {
        let Some(relation) = self.tables.get_mut(table) else { return };
        let rename = |name: &mut String| {
            if name == from {
                to.clone_into(name);
            }
        };
        relation.columns.iter_mut().for_each(|column| rename(&mut column.name));
        let keys = relation.primary.iter_mut().chain(&mut relation.uniques);
        keys.flat_map(|key| key.columns.iter_mut().chain(&mut key.mentions)).for_each(rename);
        relation.foreign_keys.iter_mut().flat_map(|reference| &mut reference.columns).for_each(rename);
    }

    fn drop_constraint(&mut self, subject: Subject, name: &str) {
        let is_named = |constraint: &Constraint| constraint.name == name;
        let primary = self.tables.get(subject.table).and_then(|t| t.primary.clone()).filter(is_named);
        let members = self.partitions(subject.table);
        for member in members {
            let Some(relation) = self.tables.get_mut(member) else { continue };
            relation.uniques.retain(|unique| unique.name != name);
            relation.foreign_keys.retain(|reference| reference.name != name);
            // A partition's own key has another name and goes with its parent's.
            let inherits = relation.primary.as_ref().zip(primary.as_ref()).is_some_and(|(a, b)| a.columns == b.columns);
            if inherits || relation.primary.as_ref().is_some_and(is_named) {
                relation.primary = None;
            }
        }
    }

    fn rename_constraint(&mut self, table: usize, (from, to): (&str, &str)) {
        let Some(relation) = self.tables.get_mut(table) else { return };
        let names = relation.primary.iter_mut().chain(&mut relation.uniques).map(|key| &mut key.name);
        let names = names.chain(relation.foreign_keys.iter_mut().map(|reference| &mut reference.name));
        for name in names.filter(|name| *name == from) {
            to.clone_into(name);
        }
        self.constrained.note(to, table);
        if relation.identity == ReplicaIdentity::Index(from.to_owned()) {
            relation.identity = ReplicaIdentity::Index(to.to_owned());
        }
    }

    /// `ALTER INDEX … RENAME TO`.
    pub fn rename_index(&mut self, from: &Name, to: String) {
        if let Some((table, _)) = self.find_index(from) {
            self.rename_constraint(table, (&from.name, &to));
        }
    }

    fn attach(&mut self, parent: usize, partition: usize) {
        if parent == partition || self.family(partition).contains(&parent) {
            return;
        }
        if let Some(relation) = self.tables.get_mut(partition) {
            relation.partition_of = Some(parent);
            self.set_parents(partition, vec![parent]);
        }
        for member in self.partitions(partition) {
            self.share_keys(parent, member);
        }
    }

    fn set_identity(&mut self, subject: Subject, action: &Node) {
        let identity = action.children().find_map(|option| match option.kind() {
            K::REPLICA_IDENTITY_DEFAULT => Some(ReplicaIdentity::Default),
            K::REPLICA_IDENTITY_FULL => Some(ReplicaIdentity::Full),
            K::REPLICA_IDENTITY_NOTHING => Some(ReplicaIdentity::Nothing),
            K::USING_INDEX_NAME => path_of(&option, K::INDEX_REF).map(|index| ReplicaIdentity::Index(index.name)),
            _ => None,
        });
        if let Some(identity) = identity
            && let Some(relation) = self.tables.get_mut(subject.table)
        {
            relation.identity = identity;
            relation.identity_span = Some(subject.place.of(action));
        }
    }
}
