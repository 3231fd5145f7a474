//! Entities: declared ones, and the tables that pipelines name without declaring them.

use std::collections::BTreeMap;

use super::records::member_assume;
use super::types::{says, toastable};
use super::{Context, Named, member_allow};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{ReplicaIdentity, SchemaColumn, Table};
use crate::model::types::Type;
use crate::model::{Column, Entity, EntityId, Home, Operation, Sequence, SystemId, Volume};
use crate::source::Span;
use crate::syntax::ast::{self, Identity, Item, Member, Modifier, Name, Spanned};
use crate::syntax::suggest::nearest;

impl Context<'_> {
    pub(super) fn entities(&mut self) {
        for (_, item) in self.items() {
            if let Item::Entity(entity) = item {
                self.entity(entity);
            }
        }
    }

    fn entity(&mut self, tree: &ast::Entity) {
        let place = self.system_of(&tree.home);
        let place = place.and_then(|(system, rest)| Some((system, self.place(system, rest, &tree.home)?)));
        let id = EntityId(self.model.entities.len());
        self.allows_of(tree.span, tree.members.iter().filter_map(member_allow));
        self.assumes(tree.members.iter().filter_map(member_assume));
        let Some((system, (namespace, table))) = place else {
            // The name stays known, so that views and services that use it are not reported as well.
            self.take(&tree.name, Named::Other);
            return;
        };
        if !self.take(&tree.name, Named::Entity(id)) {
            return;
        }
        let mut home = Home { system, namespace, table, span: tree.home.span };
        let mut columns = self.columns(&tree.members);
        let known = self.known_table(&mut home);
        let any_case = self.model.system(system).kind.finds_any_case();
        let mut key = self.declared_key(&tree.members, &columns, any_case);
        let mut identity = None;
        let mut docs = tree.docs.clone();
        if let Some(table) = &known {
            if columns.is_empty() {
                columns = table.columns.iter().map(of_schema).collect();
            } else {
                self.merge(&mut columns, &mut key, table, any_case);
            }
            key = self.merge_key(tree, key, table, any_case);
            identity = schema_identity(table);
            if docs.is_empty() {
                docs.extend(table.comment.clone());
            }
        }
        let mut entity = Entity {
            name: tree.name.text.clone(),
            span: tree.name.span,
            declared: true,
            home,
            docs,
            open: columns.is_empty(),
            columns,
            key,
            from_topic: tree.from_topic.clone(),
            deleted_when: None,
            append_only: None,
            may_truncate: None,
            identity,
            volume: None,
            uniques: Vec::new(),
            log_version: tree.log_version.clone(),
            scope: tree.span,
        };
        self.members(tree, &mut entity);
        if let Some((version, replaces)) = &tree.log_version {
            if let Some(replaces) = replaces.as_ref().filter(|replaces| replaces.value >= version.value) {
                let message = format!("version {} cannot replace version {}", version.value, replaces.value);
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, replaces.span, message).help("a version replaces an earlier one"),
                );
            }
            self.not_built(version.span, "versions of a log are");
        }
        self.add_entity(entity);
    }

    fn add_entity(&mut self, entity: Entity) -> EntityId {
        let id = EntityId(self.model.entities.len());
        let home = &entity.home;
        self.homes.entry((home.system, home.namespace.clone(), home.table.clone())).or_insert(id);
        self.model.entities.push(entity);
        id
    }

    fn members(&mut self, tree: &ast::Entity, entity: &mut Entity) {
        let any_case = self.model.system(entity.home.system).kind.finds_any_case();
        let (mut volume, mut deleted, mut stated) = (None, None, None);
        for member in &tree.members {
            match member {
                Member::Volume { rows, writes_per_second, largest_row } => {
                    self.once(volume.replace(rows.span), rows.span, "`volume`");
                    entity.volume = Some(Volume {
                        rows: rows.value,
                        writes_per_second: writes_per_second.as_ref().map(|rate| rate.value),
                        largest_row: largest_row.as_ref().map(|size| size.value),
                    });
                }
                Member::DeletedWhen(expr) => {
                    self.once(deleted.replace(expr.span), expr.span, "`deleted when`");
                    entity.deleted_when = self.row_expression(expr, entity);
                }
                Member::AppendOnly(span) => entity.append_only = Some(*span),
                Member::MayTruncate(span) => entity.may_truncate = Some(*span),
                Member::Identity(identity) => {
                    self.once(stated.replace(identity.span), identity.span, "`identity`");
                    let value = match &identity.value {
                        Identity::Full => ReplicaIdentity::Full,
                        Identity::Default => ReplicaIdentity::Default,
                        Identity::Nothing => ReplicaIdentity::Nothing,
                        Identity::Index(name) => ReplicaIdentity::Index(name.text.clone()),
                    };
                    entity.identity = Some(Spanned { value, span: identity.span });
                }
                Member::RetainForever(span) => self.retain_in_entity(*span),
                Member::Retain(duration) => self.retain_in_entity(duration.span),
                Member::Unique(names) => {
                    let mut known = Vec::new();
                    for name in &names.value {
                        known.extend(self.column_known(name, &entity.columns, any_case));
                    }
                    entity.uniques.push(Spanned { value: known, span: names.span });
                }
                Member::Column(_) | Member::Key(_) | Member::Allow(_) | Member::Assume(_) | Member::Unread { .. } => {}
            }
        }
    }

    fn retain_in_entity(&mut self, span: Span) {
        self.report(
            Diagnostic::new(codes::MISPLACED_STATEMENT, span, "`retain` belongs to an event or a view")
                .here("an entity's log keeps the newest version of every row for ever")
                .help("delete the line"),
        );
    }

    /// The name of a column as its record spells it; reports an unknown one.
    pub(super) fn column_known(&mut self, name: &Name, columns: &[Column], any_case: bool) -> Option<String> {
        if columns.is_empty() || columns.iter().any(|column| column.name == name.text) {
            return Some(name.text.clone());
        }
        let lower = name.text.to_lowercase();
        if let Some(column) = columns.iter().find(|column| any_case && column.name.to_lowercase() == lower) {
            return Some(column.name.clone());
        }
        let candidates = columns.iter().map(|column| column.name.clone()).collect();
        self.unknown(name, codes::UNKNOWN_COLUMN, "column", candidates);
        None
    }

    /// The key as the declaration states it: `key (…)`, or the columns marked `key`.
    pub(super) fn declared_key(&mut self, members: &[Member], columns: &[Column], any_case: bool) -> Vec<String> {
        let mut key: Vec<String> = Vec::new();
        let mut stated: Option<Span> = None;
        for member in members {
            match member {
                Member::Key(names) => {
                    if let Some(before) = stated {
                        self.report(
                            Diagnostic::new(codes::NAME_TAKEN, names.span, "the key is stated twice")
                                .also(before, "first stated here")
                                .help("keep one of them"),
                        );
                        continue;
                    }
                    stated = Some(names.span);
                    for name in &names.value {
                        key.extend(self.column_known(name, columns, any_case));
                    }
                }
                Member::Unread { name, key: true } if stated.is_none() => key.push(name.text.clone()),
                Member::Column(column) if column.modifiers.iter().any(|m| m.value == Modifier::Key) => {
                    if key.is_empty() || stated.is_none() {
                        key.push(column.name.text.clone());
                        continue;
                    }
                    if let Some(before) = stated {
                        self.report(
                            Diagnostic::new(codes::NAME_TAKEN, column.name.span, "the key is stated twice")
                                .also(before, "first stated here")
                                .help("keep one of them"),
                        );
                    }
                }
                _ => {}
            }
        }
        key
    }

    pub(super) fn columns(&mut self, members: &[Member]) -> Vec<Column> {
        let mut columns: Vec<Column> = Vec::new();
        for member in members {
            // It may have any type, and nothing more is said of it.
            if let Member::Unread { name, .. } = member {
                if columns.iter().all(|column| column.name != name.text) {
                    columns.push(bare(name, Type::Other("unknown".into())));
                }
                continue;
            }
            let Member::Column(tree) = member else { continue };
            if let Some(before) = columns.iter().find(|column| column.name == tree.name.text) {
                let span = before.span;
                self.report(
                    Diagnostic::new(
                        codes::NAME_TAKEN,
                        tree.name.span,
                        format!("column `{}` stands twice", tree.name.text),
                    )
                    .also(span, "first declared here")
                    .help("delete one of them"),
                );
                continue;
            }
            // An unknown type is reported; the column stays known so that nothing else is said of it.
            let ty = self.ty(&tree.ty).unwrap_or_else(|| Type::Other("unknown".into()));
            columns.push(column(tree, ty));
        }
        columns
    }

    /// The table of the schema; its place takes the spelling that the database knows.
    fn known_table(&mut self, home: &mut Home) -> Option<Table> {
        let found = self.model.system(home.system);
        let schema = found.schema.as_ref()?;
        if let Some(table) = schema.table(&home.namespace, &home.table) {
            home.table.clone_from(&table.name);
            if !table.schema.is_empty() {
                home.namespace.clone_from(&table.schema);
            }
            let table = table.clone();
            return Some(if found.kind.folds_up() { table.in_lower_case() } else { table });
        }
        let path = |schema: &str, name: &str| {
            if schema.is_empty() { name.to_owned() } else { format!("{schema}.{name}") }
        };
        // Near names in the spelling of the page; what names no schema is found in the one that is written.
        let tables = if found.kind.folds_up() { schema.clone().in_lower_case().tables } else { schema.tables.clone() };
        let of = |table: &Table| if table.schema.is_empty() { home.namespace.clone() } else { table.schema.clone() };
        let candidates: Vec<String> = tables.iter().map(|table| path(&of(table), &table.name)).collect();
        let path = path(&home.namespace, &home.table);
        let system = self.model.system(home.system).name.clone();
        let mut diagnostic =
            Diagnostic::new(codes::UNKNOWN_TABLE, home.span, format!("`{system}` has no table `{path}`"))
                .here("no CREATE TABLE of that name is in its schema");
        if let Some(span) = self.model.system(home.system).schema_span {
            diagnostic = diagnostic.also(span, "the schema");
        }
        diagnostic = match crate::syntax::suggest::nearest(&path, candidates.iter().map(String::as_str)) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{system}.{near}`?")).fix(home.span, format!("{system}.{near}"))
            }
            None => diagnostic.help("correct the path, or add the table to the schema file"),
        };
        self.report(diagnostic);
        None
    }

    /// Declared columns take what the schema knows better; what it contradicts is reported.
    fn merge(&mut self, columns: &mut [Column], key: &mut [String], table: &Table, any_case: bool) {
        // A table made by a query the reader could not follow: known, and its columns are not.
        if table.columns.is_empty() {
            return;
        }
        let candidates: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let mut spelled: BTreeMap<String, String> = BTreeMap::new();
        for at in 0..columns.len() {
            let Some((column, others)) = others(columns, at) else { continue };
            // What could not be read is reported as that.
            if self
                .inputs
                .holes
                .iter()
                .any(|hole| hole.file == column.span.file && hole.range().contains(&(column.span.start as usize)))
            {
                continue;
            }
            let known = if any_case { table.column_alike(&column.name) } else { table.column(&column.name) };
            let Some(known) = known else {
                let name = Name { text: column.name.clone(), span: column.span };
                let before = self.diagnostics.len();
                self.unknown(&name, codes::UNKNOWN_COLUMN, "column", candidates.clone());
                if let Some(last) = self.diagnostics.get_mut(before) {
                    last.message = format!("`{}.{}` has no column `{}`", table.schema, table.name, column.name);
                    last.labels.push(crate::diag::Label { span: table.span, message: "the table".into() });
                }
                // What is meant is known by its right name, so that nobody who uses it is reported as well.
                let meant = nearest(&name.text, candidates.iter().map(String::as_str));
                if let Some(meant) = meant.filter(|meant| !others.iter().any(|other| other == meant)) {
                    key.iter_mut().filter(|part| **part == name.text).for_each(|part| meant.clone_into(part));
                    meant.clone_into(&mut column.name);
                }
                continue;
            };
            if !says(&column.ty, known) && !matches!(column.ty, Type::Other(_)) {
                let message = format!("`{}` is {}, not {}", column.name, known.ty.phrase(), column.ty.phrase());
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, column.span, message)
                        .also(known.span, format!("declared `{}` here", known.native))
                        .help(format!("write `{} {}`", column.name, known.ty.word())),
                );
            }
            if known.nullable && !column.nullable {
                let message = format!("`{}` may be null in the database", column.name);
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, column.span, message)
                        .also(known.span, "no NOT NULL here")
                        .help(format!("write `{} {}?`", column.name, column.ty.word())),
                );
            }
            // One name for one thing: the database's.
            spelled.insert(std::mem::replace(&mut column.name, known.name.clone()), known.name.clone());
            column.native = Some(known.native.clone());
            column.generated = known.generated;
            column.wide |= known.toastable;
            if matches!(column.ty, Type::Decimal { precision: None, .. }) {
                column.ty = known.ty.clone();
            }
        }
        let own = |name: &mut String| {
            if let Some(known) = spelled.get(name) {
                name.clone_from(known);
            }
        };
        for column in columns {
            if let Some(Spanned { value: Operation::Hash(names), .. }) = &mut column.operation {
                names.iter_mut().for_each(own);
            }
            if let Some(Spanned { value: Sequence::Column(name), .. }) = &mut column.sequence {
                own(name);
            }
        }
    }

    /// The key of the schema; one that is declared otherwise is reported.
    fn merge_key(&mut self, tree: &ast::Entity, declared: Vec<String>, table: &Table, any_case: bool) -> Vec<String> {
        let Some(primary) = &table.primary_key else { return declared };
        let spelled = |name: &String| {
            let alike = |own: &&String| any_case && own.to_lowercase() == name.to_lowercase();
            declared.iter().find(|own| *own == name).or_else(|| declared.iter().find(alike)).cloned()
        };
        let own: Vec<String> = primary.columns.iter().filter_map(spelled).collect();
        let same = own.len() == primary.columns.len() && declared.len() == own.len();
        let misspelt = declared.iter().any(|name| table.column_alike(name).is_none());
        if !declared.is_empty() && !same && !misspelt {
            let span = tree.members.iter().find_map(|member| match member {
                Member::Key(names) => Some(names.span),
                Member::Column(column) if column.modifiers.iter().any(|m| m.value == Modifier::Key) => {
                    Some(column.name.span)
                }
                _ => None,
            });
            let message =
                format!("the key of `{}` is ({}) in the database", tree.name.text, primary.columns.join(", "));
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, span.unwrap_or(tree.name.span), message)
                    .here(format!("({}) here", declared.join(", ")))
                    .also(primary.span, "the primary key")
                    .help(format!("write `key ({})`", primary.columns.join(", "))),
            );
        }
        primary.columns.clone()
    }

    /// The entity recorded at a path below a system: the declared one, else one made from the schema, or an open one.
    pub(super) fn entity_at(
        &mut self,
        system: SystemId,
        namespace: String,
        table: String,
        span: Span,
    ) -> Option<EntityId> {
        // The same place in the database's own spelling.
        let known = self.model.system(system).schema.as_ref().and_then(|schema| schema.table(&namespace, &table));
        let (namespace, table) = match known {
            Some(known) if !known.schema.is_empty() => (known.schema.clone(), known.name.clone()),
            Some(known) => (namespace, known.name.clone()),
            None => (namespace, table),
        };
        let place = (system, namespace, table);
        if let Some(found) = self.homes.get(&place) {
            return Some(*found);
        }
        let (system, namespace, table) = place;
        let mut home = Home { system, namespace, table, span };
        let known = self.known_table(&mut home);
        if known.is_none() && self.model.system(system).schema.is_some() {
            return None;
        }
        let (columns, key, identity, docs) = match &known {
            Some(table) => (
                table.columns.iter().map(of_schema).collect(),
                table.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default(),
                schema_identity(table),
                table.comment.iter().cloned().collect(),
            ),
            None => (Vec::new(), Vec::new(), None, Vec::new()),
        };
        Some(self.add_entity(Entity {
            name: home.table.clone(),
            span,
            declared: false,
            home,
            docs,
            open: known.is_none(),
            columns,
            key,
            from_topic: None,
            deleted_when: None,
            append_only: None,
            may_truncate: None,
            identity,
            volume: None,
            uniques: Vec::new(),
            log_version: None,
            scope: span,
        }))
    }
}

/// A column without a word behind it.
fn bare(name: &Name, ty: Type) -> Column {
    Column { wide: toastable(&ty), ..Column::new(&name.text, name.span, ty) }
}

fn column(tree: &ast::Column, ty: Type) -> Column {
    let mut column = Column { nullable: tree.ty.optional, docs: tree.docs.clone(), ..bare(&tree.name, ty) };
    for modifier in &tree.modifiers {
        match &modifier.value {
            Modifier::Mutable => column.mutable = true,
            Modifier::Wide => column.wide = true,
            Modifier::Unique => column.unique = true,
            Modifier::Pii => column.pii = Some(modifier.span),
            Modifier::EventTime => column.event_time = true,
            Modifier::Sequence(per) => {
                let value = per.as_ref().map_or(Sequence::Key, |name| Sequence::Column(name.text.clone()));
                column.sequence = Some(Spanned { value, span: modifier.span });
            }
            Modifier::OperationFromClient => column.operation = made_by(Operation::Client, modifier.span),
            Modifier::OperationFromServer => column.operation = made_by(Operation::Server, modifier.span),
            Modifier::OperationFromHash(names) => {
                let names = names.iter().map(|name| name.text.clone()).collect();
                column.operation = made_by(Operation::Hash(names), modifier.span);
            }
            Modifier::Was(name) => column.was = Some(Spanned { value: name.text.clone(), span: modifier.span }),
            Modifier::Deprecated => column.deprecated = Some(modifier.span),
            Modifier::Default(literal) => {
                column.default = Some(Spanned { value: literal_text(literal), span: modifier.span });
            }
            // The key is read as a whole, other records when all are known.
            Modifier::Key | Modifier::References(_) | Modifier::Sees(_) => {}
        }
    }
    column
}

fn made_by(operation: Operation, span: Span) -> Option<Spanned<Operation>> {
    Some(Spanned { value: operation, span })
}

fn literal_text(literal: &ast::Literal) -> String {
    match literal {
        ast::Literal::Bool(value) => value.to_string(),
        ast::Literal::Null => "null".into(),
        ast::Literal::Integer(n) => n.to_string(),
        ast::Literal::Date(text) | ast::Literal::Decimal(text) | ast::Literal::Text(text) => text.clone(),
    }
}

fn of_schema(known: &SchemaColumn) -> Column {
    Column {
        native: Some(known.native.clone()),
        nullable: known.nullable,
        docs: known.comment.iter().cloned().collect(),
        wide: known.toastable,
        generated: known.generated,
        default: known.has_default.then(|| Spanned { value: String::new(), span: known.span }),
        ..Column::new(&known.name, known.span, known.ty.clone())
    }
}

fn schema_identity(table: &Table) -> Option<Spanned<ReplicaIdentity>> {
    let span = table.replica_identity_span.unwrap_or(table.span);
    Some(Spanned { value: table.replica_identity.clone(), span })
}

/// The column at a place, and the names of the others.
fn others(columns: &mut [Column], at: usize) -> Option<(&mut Column, Vec<String>)> {
    let names =
        columns.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, column)| column.name.clone()).collect();
    Some((columns.get_mut(at)?, names))
}
