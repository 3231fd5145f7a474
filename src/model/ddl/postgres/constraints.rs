//! Keys, unique constraints, unique indexes and foreign keys: read from the tree, named as PostgreSQL names them, put
//! on their table and on its partitions.

use super::catalog::{Catalog, Constraint, Form, Reference, Target};
use super::tree::{K, Name, Node, Place, columns, has, has_token, kid, kids, name, name_of, path_of};
use crate::model::schema::Action;
use crate::source::Span;

/// A constraint as it is written.
pub(super) struct Written {
    /// The name behind `CONSTRAINT`.
    pub name: Option<String>,
    /// `USING INDEX`.
    pub index: Option<Name>,
    /// The rest.
    pub constraint: Constraint,
}

/// Whether a statement reaches a table's partitions and heirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// `ONLY`.
    Only,
    /// The table and those below it.
    Family,
}

/// Which key a constraint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// `PRIMARY KEY`.
    Primary,
    /// `UNIQUE`.
    Unique,
}

/// The name behind `CONSTRAINT`.
fn constraint_name(node: &Node) -> Option<String> {
    kid(node, K::CONSTRAINT_NAME_CLAUSE).and_then(|clause| name_of(&clause, K::CONSTRAINT_NAME))
}

/// Reads `PRIMARY KEY` or `UNIQUE`; `column` is the one it stands behind.
pub(super) fn read_key(node: &Node, place: Place, column: Option<&str>) -> Written {
    let listed = kid(node, K::INDEX_PARAMETERS).map(|list| columns(&list, K::CONSTRAINT_COLUMN_REF_LIST));
    let columns = match (column, listed) {
        (Some(column), _) => vec![column.to_owned()],
        (None, listed) => listed.unwrap_or_default(),
    };
    let constraint = Constraint {
        name: String::new(),
        named_after: columns.iter().cloned().chain(included(node)).collect(),
        columns,
        has_expressions: false,
        mentions: Vec::new(),
        is_partial: false,
        is_deferrable: has(node, K::DEFERRABLE_CONSTRAINT_OPTION) || has(node, K::INITIALLY_DEFERRED_CONSTRAINT_OPTION),
        is_constraint: true,
        span: place.of(node),
    };
    let index = kid(node, K::USING_INDEX_NAME).and_then(|using| path_of(&using, K::INDEX_REF));
    Written { name: constraint_name(node), index, constraint }
}

/// What happens on delete or update.
fn action(node: &Node, event: K) -> Action {
    let Some(event) = kid(node, event) else { return Action::NoAction };
    let found = event.children().find_map(|child| match child.kind() {
        K::CASCADE => Some(Action::Cascade),
        K::RESTRICT => Some(Action::Restrict),
        K::SET_NULL_COLUMNS => Some(Action::SetNull),
        K::SET_DEFAULT_COLUMNS => Some(Action::SetDefault),
        _ => None,
    });
    found.unwrap_or(Action::NoAction)
}

impl Catalog {
    /// Reads `FOREIGN KEY … REFERENCES` or a column's `REFERENCES`, and puts it on the table.
    pub fn add_reference(&mut self, table: usize, node: &Node, (place, column): (Place, Option<&str>)) {
        let Some(to) = path_of(node, K::TABLE_NAME_REF) else { return };
        let columns = match column {
            Some(column) => vec![column.to_owned()],
            None => columns(node, K::FOREIGN_KEY_COLUMN_LIST),
        };
        let (on_delete, on_update) = (action(node, K::ON_DELETE_ACTION), action(node, K::ON_UPDATE_ACTION));
        self.put_reference(table, (to, constraint_name(node)), (columns, on_delete, on_update, place.of(node)));
    }

    /// Puts a foreign key to a table, with or without a name of its own, on a table and its partitions.
    pub fn put_reference(
        &mut self,
        table: usize,
        (to, name): (Name, Option<String>),
        (columns, on_delete, on_update, span): (Vec<String>, Action, Action, Span),
    ) {
        let target = match self.find_table(&to) {
            Some(table) => Target::Table(table),
            None => {
                let (schema, name) = self.place(to);
                self.awaited.insert(name.clone());
                Target::Named { schema, name }
            }
        };
        let name = name.unwrap_or_else(|| self.choose_name(table, &columns, "fkey"));
        let reference = Reference { name, columns, to: target, on_delete, on_update, span };
        for member in self.partitions(table) {
            self.constrained.note(&reference.name, member);
            if let Some(member) = self.tables.get_mut(member) {
                member.foreign_keys.push(reference.clone());
            }
        }
    }

    /// Puts a key on a table and, unless `ONLY`, on its partitions.
    pub fn add_key(&mut self, table: usize, kind: KeyKind, (written, reach): (Written, Reach)) {
        let Written { name, index, mut constraint } = written;
        if let Some(index) = index {
            self.adopt_index(table, kind, (&index.name, name, constraint));
            return;
        }
        let label = if kind == KeyKind::Primary { "pkey" } else { "key" };
        let named_after: &[String] = if kind == KeyKind::Primary { &[] } else { &constraint.named_after };
        constraint.name = name.unwrap_or_else(|| self.choose_name(table, named_after, label));
        self.put_key(table, kind, constraint.clone());
        if reach == Reach::Family {
            for partition in self.partitions(table).into_iter().skip(1) {
                self.copy_key(partition, kind, &constraint);
            }
        }
    }

    fn put_key(&mut self, table: usize, kind: KeyKind, constraint: Constraint) {
        let Some(relation) = self.tables.get_mut(table) else { return };
        self.constrained.note(&constraint.name, table);
        match kind {
            KeyKind::Primary => {
                for column in &constraint.columns {
                    if let Some(column) = relation.column(column) {
                        column.is_not_null = true;
                    }
                }
                // A repeated key of the same columns stays the first one.
                relation.primary.get_or_insert(constraint);
            }
            KeyKind::Unique => relation.uniques.push(constraint),
        }
    }

    /// Gives a partition its own copy of a key of its parent, unless it has one already.
    pub fn copy_key(&mut self, partition: usize, kind: KeyKind, parent: &Constraint) {
        let Some(relation) = self.tables.get(partition) else { return };
        let is_there = match kind {
            KeyKind::Primary => relation.primary.is_some(),
            KeyKind::Unique => relation.uniques.iter().any(|own| {
                own.columns == parent.columns
                    && own.is_partial == parent.is_partial
                    && own.has_expressions == parent.has_expressions
                    && !own.has_expressions
            }),
        };
        if is_there {
            return;
        }
        let (label, named_after): (_, &[String]) = match kind {
            KeyKind::Primary => ("pkey", &[]),
            KeyKind::Unique => (if parent.is_constraint { "key" } else { "idx" }, &parent.named_after),
        };
        let name = self.choose_name(partition, named_after, label);
        self.put_key(partition, kind, Constraint { name, ..parent.clone() });
    }

    /// `ADD PRIMARY KEY | UNIQUE USING INDEX`: a unique index becomes a constraint and takes its name.
    fn adopt_index(&mut self, table: usize, kind: KeyKind, (index, name, written): (&str, Option<String>, Constraint)) {
        let Some(relation) = self.tables.get_mut(table) else { return };
        let Some(at) = relation.uniques.iter().position(|unique| unique.name == index) else { return };
        let mut adopted = relation.uniques.remove(at);
        adopted.name = name.unwrap_or(adopted.name);
        adopted.is_deferrable = written.is_deferrable;
        adopted.is_constraint = true;
        adopted.span = written.span;
        self.put_key(table, kind, adopted);
    }

    /// The table and its partitions at any depth.
    pub fn partitions(&self, table: usize) -> Vec<usize> {
        let is_below =
            |member: &usize| *member == table || self.tables.get(*member).is_some_and(|t| t.partition_of.is_some());
        self.family(table).into_iter().filter(is_below).collect()
    }

    /// `CREATE UNIQUE INDEX`.
    pub fn create_index(&mut self, node: &Node, place: Place) {
        if !has_token(node, K::UNIQUE_KW) {
            return;
        }
        let Some(on) = kid(node, K::TABLE_RELATION_NAME) else { return };
        let Some(table) = path_of(&on, K::TABLE_NAME_REF).and_then(|name| self.find_table(&name)) else { return };
        let reach = if has_token(&on, K::ONLY_KW) { Reach::Only } else { Reach::Family };
        let written = path_of(node, K::INDEX).map(|path| path.name);
        if let Some(name) = &written
            && has(node, K::IF_NOT_EXISTS)
            && self.tables.get(table).is_some_and(|relation| relation.has_constraint(name))
        {
            return;
        }
        let items: Vec<Node> =
            kid(node, K::PARTITION_ITEM_LIST).map(|l| kids(&l, K::PARTITION_ITEM).collect()).unwrap_or_default();
        let plain: Vec<Option<String>> = items.iter().map(plain_column).collect();
        let has_expressions = plain.iter().any(Option::is_none);
        let shown: Vec<String> = items
            .iter()
            .zip(&plain)
            .map(|(item, column)| column.clone().unwrap_or_else(|| expression_name(item)))
            .collect();
        let named_after: Vec<String> = shown.iter().cloned().chain(included(node)).collect();
        let constraint = Constraint {
            name: written.unwrap_or_else(|| self.choose_name(table, &named_after, "idx")),
            columns: if has_expressions { Vec::new() } else { shown },
            has_expressions,
            named_after,
            mentions: mentions(node),
            is_partial: has(node, K::WHERE_CLAUSE),
            is_deferrable: false,
            is_constraint: false,
            span: place.of(node),
        };
        self.put_key(table, KeyKind::Unique, constraint.clone());
        if reach == Reach::Family && self.tables.get(table).is_some_and(|t| t.form == Form::Partitioned) {
            for partition in self.partitions(table).into_iter().skip(1) {
                self.copy_key(partition, KeyKind::Unique, &constraint);
            }
        }
    }

    /// A name as PostgreSQL makes it up: `table_column_label`, cut to 63 bytes, numbered where it is taken.
    pub fn choose_name(&self, table: usize, columns: &[String], label: &str) -> String {
        let Some(relation) = self.tables.get(table) else { return String::new() };
        let addition = join(columns);
        let mut pass = 0;
        loop {
            let label = if pass == 0 { label.to_owned() } else { format!("{label}{pass}") };
            let name = object_name(&relation.name, addition.as_deref(), &label);
            if !self.is_taken(&relation.schema, &name) {
                return name;
            }
            pass += 1;
        }
    }

    fn is_taken(&self, schema: &str, name: &str) -> bool {
        let taken = |table: &super::catalog::Relation| table.name == name || table.has_constraint(name);
        let named = self.named_tables.get(name).iter().chain(self.constrained.get(name));
        let mut named = named.filter_map(|at| self.tables.get(*at));
        named.any(|table| !table.is_dropped && table.schema == schema && taken(table))
    }
}

/// Longest name PostgreSQL keeps, in bytes.
const NAME_LIMIT: usize = 63;

fn join(columns: &[String]) -> Option<String> {
    let mut joined = String::new();
    for column in columns {
        if joined.len() > NAME_LIMIT {
            break;
        }
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(column);
    }
    (!joined.is_empty()).then_some(joined)
}

fn object_name(table: &str, addition: Option<&str>, label: &str) -> String {
    let addition = addition.unwrap_or("");
    let seams = if addition.is_empty() { 1 } else { 2 };
    let room = NAME_LIMIT.saturating_sub(label.len() + seams);
    let (mut first, mut second) = (table.len(), addition.len());
    while first + second > room {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let (table, addition) = (clip(table, first), clip(addition, second));
    if addition.is_empty() { format!("{table}_{label}") } else { format!("{table}_{addition}_{label}") }
}

/// The longest start of at most `len` bytes that ends between characters.
fn clip(text: &str, len: usize) -> &str {
    (0..=len).rev().find_map(|end| text.get(..end)).unwrap_or("")
}

/// The column an element of an index is, if it is no expression: `(column)` and `column COLLATE x` are columns too.
fn plain_column(item: &Node) -> Option<String> {
    let mut node = item.clone();
    loop {
        let inner = node.children().next()?;
        match inner.kind() {
            K::NAME_REF => return Some(name(&inner)),
            K::PAREN_EXPR | K::COLLATE => node = inner,
            _ => return None,
        }
    }
}

/// The columns behind `INCLUDE`.
fn included(node: &Node) -> Vec<String> {
    let clauses = node
        .descendants()
        .filter(|child| matches!(child.kind(), K::CONSTRAINT_INCLUDE_CLAUSE | K::INDEX_INCLUDE_CLAUSE));
    let names = clauses.flat_map(|clause| clause.descendants());
    names.filter(|child| matches!(child.kind(), K::COLUMN_NAME_REF | K::NAME_REF)).map(|child| name(&child)).collect()
}

/// The names in an index's elements and condition; functions among them do no harm.
fn mentions(index: &Node) -> Vec<String> {
    let lists = index.children().filter(|child| matches!(child.kind(), K::PARTITION_ITEM_LIST | K::WHERE_CLAUSE));
    lists.flat_map(|list| list.descendants()).filter(|child| child.kind() == K::NAME_REF).map(|c| name(&c)).collect()
}

/// What an expression is called in a made-up index name: its function, else `expr`.
fn expression_name(item: &Node) -> String {
    let mut node = item.clone();
    while let Some(inner) = node.children().next() {
        match inner.kind() {
            K::CALL_EXPR => {
                let called = inner
                    .children()
                    .next()
                    .and_then(|callee| callee.descendants().filter(|c| c.kind() == K::NAME_REF).last());
                return called.map_or_else(|| "expr".into(), |callee| name(&callee));
            }
            K::PAREN_EXPR | K::COLLATE => node = inner,
            _ => break,
        }
    }
    "expr".into()
}
