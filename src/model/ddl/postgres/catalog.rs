//! What the statements have made so far: tables, types and the search path, as the database's own catalog would hold
//! them. Indices stay valid for good: what is dropped is marked, not removed.

use std::collections::{BTreeMap, BTreeSet};

use super::lookup::Lookup;
use super::tree::Name;
use super::typing::TypeUse;
use crate::model::schema::{Action, Generated, Persistence, ReplicaIdentity};
use crate::source::Span;

/// Everything the files have declared up to a statement.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// Tables in order of declaration.
    pub tables: Vec<Relation>,
    /// Types in order of declaration.
    pub types: Vec<Declared>,
    /// Where names without a schema are looked up.
    pub path: SearchPath,
    /// Tables by their names.
    pub named_tables: Lookup,
    /// Types by their names.
    pub named_types: Lookup,
    /// Tables by the names of their keys, unique indexes and foreign keys.
    pub constrained: Lookup,
    /// Tables that inherit from a table, or once did.
    heirs: BTreeMap<usize, BTreeSet<usize>>,
    /// Names of tables that a foreign key has waited for.
    pub awaited: BTreeSet<String>,
}

/// A type the files declare.
#[derive(Debug)]
pub(super) struct Declared {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub definition: Definition,
    /// `DROP TYPE` took it away.
    pub is_dropped: bool,
}

/// What a declared type is.
#[derive(Debug)]
pub(super) enum Definition {
    /// The labels in order.
    Enum(Vec<String>),
    /// The fields in order.
    Composite(Vec<Column>),
    /// A range, a base type, or a shell.
    Opaque,
    /// Another type with conditions.
    Domain { base: TypeUse, is_not_null: bool, has_default: bool },
}

/// A table.
#[derive(Debug)]
pub(super) struct Relation {
    pub schema: String,
    pub name: String,
    pub span: Span,
    pub form: Form,
    pub persistence: Persistence,
    pub columns: Vec<Column>,
    pub primary: Option<Constraint>,
    pub uniques: Vec<Constraint>,
    pub foreign_keys: Vec<Reference>,
    pub identity: ReplicaIdentity,
    pub identity_span: Option<Span>,
    pub comment: Option<String>,
    /// The table this is a partition of.
    pub partition_of: Option<usize>,
    /// The tables it inherits from, a partitioned one included.
    pub parents: Vec<usize>,
    pub is_dropped: bool,
}

/// What a table is by itself, its parents aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Ordinary,
    Partitioned,
    Foreign,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub span: Span,
    pub ty: TypeUse,
    pub is_not_null: bool,
    pub has_default: bool,
    pub is_identity: bool,
    pub generated: Generated,
    /// `STORAGE PLAIN`: never moved out of its row.
    pub is_plain: bool,
    pub comment: Option<String>,
}

/// A primary key, a unique constraint, or a unique index.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub name: String,
    pub columns: Vec<String>,
    /// Something in it is no plain column.
    pub has_expressions: bool,
    /// What its made-up name is made of: columns, functions of expressions, `INCLUDE`d columns.
    pub named_after: Vec<String>,
    /// Names in its expressions and its `WHERE`: it goes with any column among them.
    pub mentions: Vec<String>,
    pub is_partial: bool,
    pub is_deferrable: bool,
    /// A constraint, not only an index.
    pub is_constraint: bool,
    pub span: Span,
}

/// A foreign key.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub name: String,
    pub columns: Vec<String>,
    pub to: Target,
    pub on_delete: Action,
    pub on_update: Action,
    pub span: Span,
}

/// The table a foreign key points to.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// A known one; it may yet be renamed.
    Table(usize),
    /// One not declared so far.
    Named { schema: String, name: String },
}

/// The search path.
#[derive(Debug)]
pub(super) struct SearchPath {
    schemas: Vec<String>,
    /// What was before `SET LOCAL`.
    before: Option<Vec<String>>,
}

impl Default for SearchPath {
    fn default() -> Self {
        Self { schemas: vec!["public".into()], before: None }
    }
}

impl SearchPath {
    /// `SET search_path`.
    pub fn set(&mut self, schemas: Vec<String>) {
        self.schemas = schemas;
        self.before = None;
    }

    /// `SET LOCAL search_path`: until the transaction ends.
    pub fn set_local(&mut self, schemas: Vec<String>) {
        let before = std::mem::replace(&mut self.schemas, schemas);
        self.before.get_or_insert(before);
    }

    /// The transaction ends.
    pub fn end_transaction(&mut self) {
        if let Some(before) = self.before.take() {
            self.schemas = before;
        }
    }

    /// Where a new object without a schema goes.
    pub fn creation(&self) -> String {
        let usable = |schema: &&String| *schema != "$user" && !schema.starts_with("pg_");
        self.schemas.iter().find(usable).cloned().unwrap_or_else(|| "public".into())
    }

    /// Runs `within` as if `schema` stood first; for the parts of `CREATE SCHEMA`.
    pub fn enter(&mut self, schema: &str) -> Vec<String> {
        let before = self.schemas.clone();
        self.schemas.insert(0, schema.to_owned());
        before
    }

    /// Ends what `enter` began.
    pub fn leave(&mut self, before: Vec<String>) {
        self.schemas = before;
    }
}

impl Catalog {
    /// Looks a name up as the database would: its schema, else the search path, and at last the only schema that has it
    /// (a path set on the role or the database is not seen here).
    fn find<'a>(
        &self,
        lookup: &Lookup,
        name: &Name,
        get: impl Fn(usize) -> Option<(&'a str, &'a str)>,
    ) -> Option<usize> {
        let named = || lookup.get(&name.name).iter().copied();
        let at = |schema: &str| named().find(|index| get(*index) == Some((schema, name.name.as_str())));
        if let Some(schema) = &name.schema {
            return at(schema);
        }
        self.path.schemas.iter().find_map(|schema| at(schema)).or_else(|| {
            let mut named = named().filter(|index| get(*index).is_some_and(|(_, n)| n == name.name));
            let index = named.next()?;
            named.next().is_none().then_some(index)
        })
    }

    /// The table of that name.
    pub fn find_table(&self, name: &Name) -> Option<usize> {
        self.find(&self.named_tables, name, |index| {
            let table = self.tables.get(index).filter(|table| !table.is_dropped)?;
            Some((table.schema.as_str(), table.name.as_str()))
        })
    }

    /// The type of that name.
    pub fn find_type(&self, name: &Name) -> Option<usize> {
        self.find(&self.named_types, name, |index| {
            let ty = self.types.get(index).filter(|ty| !ty.is_dropped)?;
            Some((ty.schema.as_str(), ty.name.as_str()))
        })
    }

    /// The schema and name of a new object.
    pub fn place(&self, name: Name) -> (String, String) {
        (name.schema.unwrap_or_else(|| self.path.creation()), name.name)
    }

    /// The table and place in its list of the unique index or constraint of that name.
    pub fn find_index(&self, name: &Name) -> Option<(usize, IndexPlace)> {
        self.constrained.get(&name.name).iter().find_map(|&index| {
            let table = self.tables.get(index).filter(|table| !table.is_dropped)?;
            if name.schema.as_ref().is_some_and(|schema| *schema != table.schema) {
                return None;
            }
            if table.primary.as_ref().is_some_and(|key| key.name == name.name) {
                return Some((index, IndexPlace::Primary));
            }
            let unique = table.uniques.iter().position(|unique| unique.name == name.name)?;
            Some((index, IndexPlace::Unique(unique)))
        })
    }

    /// A table inherits from these and no others.
    pub fn set_parents(&mut self, table: usize, parents: Vec<usize>) {
        for parent in &parents {
            self.heirs.entry(*parent).or_default().insert(table);
        }
        if let Some(relation) = self.tables.get_mut(table) {
            relation.parents = parents;
        }
    }

    /// The tables that inherit from `parent`, at any depth, `parent` first.
    pub fn family(&self, parent: usize) -> Vec<usize> {
        let mut family = vec![parent];
        let mut known = BTreeSet::from([parent]);
        let mut at = 0;
        while let Some(&member) = family.get(at) {
            for &index in self.heirs.get(&member).into_iter().flatten() {
                let is_heir = |table: &Relation| table.parents.contains(&member) && !table.is_dropped;
                if self.tables.get(index).is_some_and(is_heir) && known.insert(index) {
                    family.push(index);
                }
            }
            at += 1;
        }
        family
    }
}

/// Where in a table an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IndexPlace {
    /// The primary key's.
    Primary,
    /// One of the unique ones.
    Unique(usize),
}

impl Column {
    /// A column of which only the type is known.
    pub fn new(name: String, span: Span, ty: TypeUse) -> Self {
        Self {
            name,
            span,
            ty,
            is_not_null: false,
            has_default: false,
            is_identity: false,
            generated: Generated::No,
            is_plain: false,
            comment: None,
        }
    }
}

impl Relation {
    /// The column of that name.
    pub fn column(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    /// Whether a constraint or unique index of this table has that name.
    pub fn has_constraint(&self, name: &str) -> bool {
        self.primary.iter().chain(&self.uniques).any(|key| key.name == name)
            || self.foreign_keys.iter().any(|reference| reference.name == name)
    }
}
