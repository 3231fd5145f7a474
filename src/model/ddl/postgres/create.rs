//! `CREATE TABLE` in all its forms.

use squawk_syntax::ast::{AstNode, Type as TypeNode};

use super::catalog::{Catalog, Column, Constraint, Definition, Form, Relation, Target};
use super::constraints::{KeyKind, Reach, Written as WrittenKey, read_key};
use super::tree::{K, Name, Node, Place, has, kid, kids, last_part, name_of, path, path_of, tokens};
use super::typing::{TypeUse, Written};
use crate::model::schema::{Generated, Persistence, ReplicaIdentity};
use crate::source::Span;

/// What came of a `CREATE TABLE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Created {
    /// A new table, or none because of `IF NOT EXISTS`.
    Fine,
    /// There is another table of that name.
    Taken {
        /// That name, without its schema.
        name: String,
        /// Where the new one's stands.
        new: Span,
        /// The first one's.
        first: Span,
    },
}

/// What a new table is, beside its name.
#[derive(Clone, Copy, Default)]
pub(super) struct Opening {
    /// It goes with the session; the place that says so.
    pub temporary: Option<Span>,
    /// It is not written to the write-ahead log; the place that says so.
    pub unlogged: Option<Span>,
    /// `FOREIGN`, or with partitions.
    pub form: Option<Form>,
    /// `IF NOT EXISTS`.
    pub excused: bool,
}

/// A column with the constraints behind it that belong to the table.
pub(super) struct WrittenColumn {
    /// The column.
    pub column: Column,
    /// Its `PRIMARY KEY`, `UNIQUE` and `REFERENCES`.
    pub constraints: Vec<Node>,
}

impl Catalog {
    /// `CREATE TABLE`, `CREATE TABLE … AS`, `CREATE FOREIGN TABLE`, `SELECT … INTO`.
    pub fn create_table(&mut self, node: &Node, place: Place) -> Created {
        // `SELECT … INTO` names its table inside.
        let holder = kid(node, K::INTO_CLAUSE).unwrap_or_else(|| node.clone());
        let Some(name_node) = kid(&holder, K::TABLE_NAME) else { return Created::Fine };
        let Some(name) = path(&name_node) else { return Created::Fine };
        let span = place.of(&last_part(&name_node).unwrap_or(name_node));
        let is_temporary = has(&holder, K::TEMP) || name.schema.as_deref() == Some("pg_temp");
        let opening = Opening {
            temporary: is_temporary.then(|| kid(&holder, K::TEMP).map_or(span, |temp| place.of(&temp))),
            unlogged: kid(&holder, K::UNLOGGED).map(|unlogged| place.of(&unlogged)),
            form: match node.kind() {
                K::CREATE_FOREIGN_TABLE => Some(Form::Foreign),
                _ => has(node, K::PARTITION_BY).then_some(Form::Partitioned),
            },
            excused: has(node, K::IF_NOT_EXISTS),
        };
        let table = match self.open_table(name, span, opening) {
            Ok(table) => table,
            Err(created) => return created,
        };
        self.inherit(table, node);
        let arguments = kid(node, K::TABLE_ARG_LIST);
        if let Some(arguments) = &arguments {
            self.fill(table, arguments, place);
        }
        if matches!(node.kind(), K::CREATE_TABLE_AS | K::SELECT_INTO) {
            self.fill_from_query(table, node);
        }
        if let Some(parent) = self.tables.get(table).and_then(|relation| relation.partition_of) {
            self.share_keys(parent, table);
        }
        Created::Fine
    }

    /// Adds a table without columns; what came of it where there is none to fill.
    pub fn open_table(&mut self, name: Name, span: Span, opening: Opening) -> Result<usize, Created> {
        let is_temporary = opening.temporary.is_some();
        let name = if is_temporary { Name { schema: None, ..name } } else { name };
        let (schema, name) = self.place(name);
        let exact = Name { schema: Some(schema), name };
        if let Some(existing) = self.find_table(&exact)
            && let Some(first) = self.tables.get_mut(existing)
        {
            match (is_temporary, first.persistence) {
                // A temporary table hides another and is gone with the session: what lasts is the other one.
                (true, Persistence::Logged | Persistence::Unlogged(_)) => return Err(Created::Fine),
                (_, Persistence::Temporary(_)) => first.is_dropped = true,
                (false, Persistence::Logged | Persistence::Unlogged(_)) if opening.excused => {
                    return Err(Created::Fine);
                }
                (false, Persistence::Logged | Persistence::Unlogged(_)) => {
                    return Err(Created::Taken { name: exact.name, new: span, first: first.span });
                }
            }
        }
        let persistence = match (opening.temporary, opening.unlogged) {
            (Some(temporary), _) => Persistence::Temporary(temporary),
            (None, Some(unlogged)) => Persistence::Unlogged(unlogged),
            (None, None) => Persistence::Logged,
        };
        let table = self.tables.len();
        self.named_tables.note(&exact.name, table);
        self.tables.push(Relation {
            schema: exact.schema.unwrap_or_default(),
            name: exact.name,
            span,
            form: opening.form.unwrap_or(Form::Ordinary),
            persistence,
            columns: Vec::new(),
            primary: None,
            uniques: Vec::new(),
            foreign_keys: Vec::new(),
            identity: ReplicaIdentity::Default,
            identity_span: None,
            comment: None,
            partition_of: None,
            parents: Vec::new(),
            is_dropped: false,
        });
        self.meet(table);
        Ok(table)
    }

    /// Foreign keys that were declared before their table find it now.
    fn meet(&mut self, table: usize) {
        let Some((schema, name)) = self.tables.get(table).map(|t| (t.schema.clone(), t.name.clone())) else { return };
        if !self.awaited.contains(&name) {
            return;
        }
        for reference in self.tables.iter_mut().flat_map(|relation| &mut relation.foreign_keys) {
            if matches!(&reference.to, Target::Named { schema: s, name: n } if *s == schema && *n == name) {
                reference.to = Target::Table(table);
            }
        }
    }

    /// Columns of parents and of the composite type stand in front of a table's own.
    fn inherit(&mut self, table: usize, node: &Node) {
        let mut parents = Vec::new();
        if let Some(parent) = kid(node, K::PARTITION_OF).and_then(|of| path_of(&of, K::TABLE_NAME_REF)) {
            let parent = self.find_table(&parent);
            if let Some(relation) = self.tables.get_mut(table) {
                relation.partition_of = parent;
            }
            parents.extend(parent);
        }
        for parent in kid(node, K::INHERITS).iter().flat_map(|inherits| kids(inherits, K::TABLE_NAME_REF)) {
            parents.extend(path(&parent).and_then(|name| self.find_table(&name)));
        }
        let mut columns: Vec<Column> = Vec::new();
        for parent in &parents {
            for column in self.tables.get(*parent).map(|parent| parent.columns.clone()).unwrap_or_default() {
                // An identity does not pass on to heirs; partitions have it only from PostgreSQL 17 on.
                merge(&mut columns, Column { is_identity: false, comment: None, ..column });
            }
        }
        if let Some(of) = kid(node, K::OF_TYPE).and_then(|of| path_of(&of, K::PATH_TYPE))
            && let Some(Definition::Composite(fields)) =
                self.find_type(&of).and_then(|of| self.types.get(of)).map(|of| &of.definition)
        {
            columns.extend(fields.iter().cloned());
        }
        if let Some(relation) = self.tables.get_mut(table) {
            relation.columns = columns;
        }
        self.set_parents(table, parents);
    }

    /// The list in parentheses.
    fn fill(&mut self, table: usize, arguments: &Node, place: Place) {
        let mut keys: Vec<(KeyKind, WrittenKey)> = Vec::new();
        let mut references: Vec<(Node, Option<String>)> = Vec::new();
        let mut copied: Vec<(KeyKind, Constraint)> = Vec::new();
        for argument in arguments.children() {
            match argument.kind() {
                K::COLUMN => {
                    let Some(WrittenColumn { column, constraints }) = self.read_column(&argument, place) else {
                        continue;
                    };
                    for constraint in constraints {
                        let behind = Some(column.name.as_str());
                        match constraint.kind() {
                            K::PRIMARY_KEY_CONSTRAINT => {
                                keys.push((KeyKind::Primary, read_key(&constraint, place, behind)))
                            }
                            K::UNIQUE_CONSTRAINT => keys.push((KeyKind::Unique, read_key(&constraint, place, behind))),
                            _ => references.push((constraint, Some(column.name.clone()))),
                        }
                    }
                    if let Some(relation) = self.tables.get_mut(table) {
                        merge(&mut relation.columns, column);
                    }
                }
                K::LIKE_CLAUSE => copied.extend(self.copy_like(table, &argument)),
                K::PRIMARY_KEY_CONSTRAINT => keys.push((KeyKind::Primary, read_key(&argument, place, None))),
                K::UNIQUE_CONSTRAINT => keys.push((KeyKind::Unique, read_key(&argument, place, None))),
                K::FOREIGN_KEY_CONSTRAINT => references.push((argument, None)),
                K::NOT_NULL_CONSTRAINT => {
                    if let (Some(relation), Some(column)) =
                        (self.tables.get_mut(table), name_of(&argument, K::COLUMN_NAME_REF))
                        && let Some(column) = relation.column(&column)
                    {
                        column.is_not_null = true;
                    }
                }
                _ => {}
            }
        }
        for (kind, key) in without_repetitions(keys) {
            self.add_key(table, kind, (key, Reach::Only));
        }
        for (kind, constraint) in copied {
            self.copy_key(table, kind, &constraint);
        }
        for (node, column) in references {
            self.add_reference(table, &node, (place, column.as_deref()));
        }
    }

    /// Reads a column of `CREATE TABLE` or `ADD COLUMN`. In a partition or a typed table it may lack its type.
    pub fn read_column(&self, node: &Node, place: Place) -> Option<WrittenColumn> {
        let name_node = kid(node, K::COLUMN_NAME)?;
        let name = super::tree::name(&name_node);
        let written = node.children().find(|child| TypeNode::can_cast(child.kind())).map(|ty| Written::read(&ty));
        let mut column = self.column_of(name, place.of(&name_node), written);
        column.is_plain = kid(node, K::STORAGE).is_some_and(|storage| is_plain(&storage));
        let mut constraints = Vec::new();
        for constraint in node.children() {
            match constraint.kind() {
                K::NOT_NULL_CONSTRAINT => column.is_not_null = true,
                K::PRIMARY_KEY_CONSTRAINT => {
                    column.is_not_null = true;
                    constraints.push(constraint);
                }
                K::UNIQUE_CONSTRAINT | K::REFERENCES_CONSTRAINT => constraints.push(constraint),
                K::DEFAULT_CONSTRAINT => column.has_default |= !defaults_to_null(&constraint),
                K::GENERATED_CONSTRAINT => {
                    if let Some(stored) = kid(&constraint, K::GENERATED_STORED) {
                        let is_stored = has(&stored, K::STORED);
                        column.generated = if is_stored { Generated::Stored } else { Generated::Virtual };
                    } else if has(&constraint, K::GENERATED_IDENTITY) {
                        column.is_identity = true;
                        column.is_not_null = true;
                    }
                }
                _ => {}
            }
        }
        Some(WrittenColumn { column, constraints })
    }

    /// A column of which nothing is known but its type; `serial` says more than a type.
    pub fn column_of(&self, name: String, span: Span, written: Option<Written>) -> Column {
        let serial = written.as_ref().and_then(Written::serial);
        let is_serial = serial.is_some();
        let ty = serial.unwrap_or_else(|| written.unwrap_or_default().resolve(self));
        Column { is_not_null: is_serial, has_default: is_serial, ..Column::new(name, span, ty) }
    }

    /// `LIKE table INCLUDING …`: the columns at once, and the keys to copy.
    fn copy_like(&mut self, table: usize, clause: &Node) -> Vec<(KeyKind, Constraint)> {
        let Some(source) = path_of(clause, K::RELATION_NAME_REF).and_then(|name| self.find_table(&name)) else {
            return Vec::new();
        };
        let mut options = LikeOptions::default();
        for option in clause.children() {
            let included = match option.kind() {
                K::INCLUDING_PROPERTY => true,
                K::EXCLUDING_PROPERTY => false,
                _ => continue,
            };
            for word in tokens(&option).skip(1) {
                options.set(&word.text().to_ascii_lowercase(), included);
            }
        }
        let Some(source) = self.tables.get(source) else { return Vec::new() };
        let columns: Vec<Column> = source
            .columns
            .iter()
            .map(|column| Column {
                has_default: column.has_default && options.defaults,
                is_identity: column.is_identity && options.identity,
                generated: if options.generated { column.generated } else { Generated::No },
                is_plain: column.is_plain && options.storage,
                comment: column.comment.clone().filter(|_| options.comments),
                ..column.clone()
            })
            .collect();
        let keys = if options.indexes {
            let primary = source.primary.iter().map(|key| (KeyKind::Primary, key.clone()));
            primary.chain(source.uniques.iter().map(|key| (KeyKind::Unique, key.clone()))).collect()
        } else {
            Vec::new()
        };
        if let Some(relation) = self.tables.get_mut(table) {
            for column in columns {
                merge(&mut relation.columns, column);
            }
        }
        keys
    }

    /// Columns taken from one table as they are, or cast, keep or get their types. Of other queries nothing is known,
    /// and half a list of columns would be worse than none.
    fn fill_from_query(&mut self, table: usize, node: &Node) {
        let Some(relation) = self.tables.get(table) else { return };
        let names: Vec<String> = relation.columns.iter().map(|column| column.name.clone()).collect();
        let span = relation.span;
        let mut columns = self.query_columns(node, span).unwrap_or_default();
        for (column, name) in columns.iter_mut().zip(names) {
            column.name = name;
        }
        if let Some(relation) = self.tables.get_mut(table) {
            relation.columns = columns;
        }
    }

    fn query_columns(&self, node: &Node, span: Span) -> Option<Vec<Column>> {
        let bare = |column: &Column| Column {
            is_not_null: false,
            has_default: false,
            is_identity: false,
            generated: Generated::No,
            comment: None,
            ..column.clone()
        };
        if let Some(table) = kid(node, K::TABLE) {
            let source = kid(&table, K::RELATION_NAME).and_then(|relation| path(&relation))?;
            let source = self.tables.get(self.find_table(&source)?)?;
            return Some(source.columns.iter().map(bare).collect());
        }
        let query = if node.kind() == K::SELECT_INTO { node.clone() } else { kid(node, K::SELECT)? };
        if has(&query, K::WITH_CLAUSE) {
            return None;
        }
        let source = self.only_source(&query)?;
        let mut columns = Vec::new();
        for target in kids(&kid(&kid(&query, K::SELECT_CLAUSE)?, K::TARGET_LIST)?, K::TARGET) {
            if tokens(&target).all(|token| token.kind() == K::STAR) {
                columns.extend(source.iter().map(bare));
                continue;
            }
            let expression = target.children().next()?;
            let inner = expression.descendants().filter(|child| child.kind() == K::NAME_REF).last();
            let inner = inner.map(|child| super::tree::name(&child));
            let column = source.iter().find(|column| Some(&column.name) == inner.as_ref());
            let ty = match expression.kind() {
                K::NAME_REF | K::FIELD_EXPR => column?.ty.clone(),
                K::CAST_EXPR => {
                    let ty = expression.children().find(|child| TypeNode::can_cast(child.kind()))?;
                    Written::read(&ty).resolve(self)
                }
                K::LITERAL => literal_type(&expression)?,
                _ => return None,
            };
            let name = kid(&target, K::AS_NAME).and_then(|alias| name_of(&alias, K::COLUMN_NAME)).or(inner)?;
            let template = match column {
                Some(column) => bare(column),
                None => Column::new(String::new(), span, ty.clone()),
            };
            columns.push(Column { name, ty, ..template });
        }
        Some(columns)
    }

    /// The columns of the one table a query reads; none where it reads nothing.
    fn only_source(&self, query: &Node) -> Option<&[Column]> {
        let Some(from) = kid(query, K::FROM_CLAUSE) else { return Some(&[]) };
        let mut items = from.children();
        let item = items.next().filter(|item| item.kind() == K::RELATION_FROM_ITEM)?;
        if items.next().is_some() {
            return None;
        }
        let source = path_of(&item, K::RELATION_NAME_REF)?;
        Some(&self.tables.get(self.find_table(&source)?)?.columns)
    }

    /// Gives a partition the keys its parent has.
    pub fn share_keys(&mut self, parent: usize, partition: usize) {
        let Some(parent) = self.tables.get(parent) else { return };
        let primary = parent.primary.clone();
        let uniques = parent.uniques.clone();
        let references = parent.foreign_keys.clone();
        if let Some(primary) = primary {
            self.copy_key(partition, KeyKind::Primary, &primary);
        }
        for unique in &uniques {
            self.copy_key(partition, KeyKind::Unique, unique);
        }
        if let Some(relation) = self.tables.get_mut(partition) {
            for reference in references {
                if !relation.foreign_keys.iter().any(|own| own.columns == reference.columns) {
                    self.constrained.note(&reference.name, partition);
                    relation.foreign_keys.push(reference);
                }
            }
        }
    }
}

/// The type of a bare literal.
fn literal_type(literal: &Node) -> Option<TypeUse> {
    let name = match tokens(literal).next()?.kind() {
        K::INT_NUMBER => "int4",
        K::NUMERIC_NUMBER => "numeric",
        K::TRUE_KW | K::FALSE_KW => "bool",
        K::STRING | K::ESC_STRING | K::NULL_KW => "text",
        _ => return None,
    };
    TypeUse::builtin(name)
}

/// What `LIKE` takes over beside names, types and `NOT NULL`.
#[derive(Clone, Copy, Default)]
struct LikeOptions {
    comments: bool,
    defaults: bool,
    generated: bool,
    identity: bool,
    indexes: bool,
    storage: bool,
}

impl LikeOptions {
    fn set(&mut self, word: &str, included: bool) {
        match word {
            "comments" => self.comments = included,
            "defaults" => self.defaults = included,
            "generated" => self.generated = included,
            "identity" => self.identity = included,
            "indexes" => self.indexes = included,
            "storage" => self.storage = included,
            "all" => {
                let all = included;
                *self =
                    Self { comments: all, defaults: all, generated: all, identity: all, indexes: all, storage: all };
            }
            _ => {}
        }
    }
}

/// Adds a column, or its constraints to the one of that name which a parent brought.
pub(super) fn merge(columns: &mut Vec<Column>, column: Column) {
    match columns.iter_mut().find(|known| known.name == column.name) {
        Some(known) => {
            known.is_not_null |= column.is_not_null;
            known.has_default |= column.has_default;
            known.is_identity |= column.is_identity;
            if column.generated != Generated::No {
                known.generated = column.generated;
            }
        }
        None => columns.push(column),
    }
}

/// Whether a `STORAGE` clause says `PLAIN`.
pub(super) fn is_plain(storage: &Node) -> bool {
    tokens(storage).last().is_some_and(|mode| mode.text().eq_ignore_ascii_case("plain"))
}

/// `DEFAULT NULL`, cast or not, is no default.
pub(super) fn defaults_to_null(constraint: &Node) -> bool {
    tokens(constraint).nth(1).is_some_and(|token| token.kind() == K::NULL_KW)
}

/// PostgreSQL keeps one index of several over the same columns, the primary key first.
fn without_repetitions(mut keys: Vec<(KeyKind, WrittenKey)>) -> Vec<(KeyKind, WrittenKey)> {
    keys.sort_by_key(|(kind, _)| *kind == KeyKind::Unique);
    let mut kept: Vec<(KeyKind, WrittenKey)> = Vec::new();
    for (kind, key) in keys {
        let same = |(_, other): &&mut (KeyKind, WrittenKey)| {
            other.constraint.columns == key.constraint.columns
                && other.constraint.is_deferrable == key.constraint.is_deferrable
        };
        match kept.iter_mut().find(same) {
            Some((_, other)) => other.name = other.name.take().or(key.name),
            None => kept.push((kind, key)),
        }
    }
    kept
}
