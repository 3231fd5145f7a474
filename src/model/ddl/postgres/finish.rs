//! From the catalog to the schema: types are worked out, names of tables filled in, and it is decided which columns
//! can be moved out of their row.

use super::builtin::Width;
use super::catalog::{Catalog, Form, Relation, Target};
use super::typing::Known;
use crate::model::schema::{ForeignKey, Key, ReplicaIdentity, Schema, SchemaColumn, Shape, Table, Unique};

/// The schema that all statements together made.
pub(super) fn finish(catalog: &Catalog) -> Schema {
    let tables = catalog.tables.iter().filter(|table| !table.is_dropped);
    Schema::new(tables.map(|table| catalog.table(table)).collect(), false)
}

impl Catalog {
    fn table(&self, relation: &Relation) -> Table {
        let known: Vec<Known> = relation.columns.iter().map(|column| self.know(&column.ty)).collect();
        let widths: Vec<Width> = known
            .iter()
            .zip(&relation.columns)
            .map(|(known, column)| if column.is_plain { Width::Fixed(8) } else { known.width })
            .collect();
        let columns = relation.columns.iter().zip(known).zip(&widths).map(|((column, known), &width)| SchemaColumn {
            name: column.name.clone(),
            span: column.span,
            ty: known.ty,
            native: known.native,
            nullable: !(column.is_not_null || known.is_not_null),
            generated: column.generated,
            has_default: column.has_default || column.is_identity || known.has_default,
            toastable: is_toastable(width, &widths),
            comment: column.comment.clone(),
        });
        Table {
            schema: relation.schema.clone(),
            name: relation.name.clone(),
            span: relation.span,
            shape: self.shape(relation),
            persistence: relation.persistence,
            columns: columns.collect(),
            primary_key: relation.primary.as_ref().map(|key| Key {
                columns: key.columns.clone(),
                deferrable: key.is_deferrable,
                span: key.span,
            }),
            uniques: relation
                .uniques
                .iter()
                .map(|unique| Unique {
                    name: unique.name.clone(),
                    columns: unique.columns.clone(),
                    partial: unique.is_partial,
                    deferrable: unique.is_deferrable,
                    span: unique.span,
                })
                .collect(),
            replica_identity: self.identity(relation),
            replica_identity_span: relation.identity_span,
            foreign_keys: self.foreign_keys(relation),
            comment: relation.comment.clone(),
        }
    }

    fn shape(&self, relation: &Relation) -> Shape {
        let parent = relation.partition_of.and_then(|parent| self.tables.get(parent));
        match (relation.form, parent) {
            (Form::Foreign, _) => Shape::Foreign,
            (Form::Ordinary | Form::Partitioned, Some(parent)) => {
                Shape::PartitionOf { schema: parent.schema.clone(), name: parent.name.clone() }
            }
            (Form::Partitioned, None) => Shape::Partitioned,
            (Form::Ordinary, None) => Shape::Ordinary,
        }
    }

    /// `USING INDEX` of the primary key's index is the default under another name.
    fn identity(&self, relation: &Relation) -> ReplicaIdentity {
        match (&relation.identity, &relation.primary) {
            (ReplicaIdentity::Index(index), Some(key)) if key.name == *index => ReplicaIdentity::Default,
            (identity, _) => identity.clone(),
        }
    }

    fn foreign_keys(&self, relation: &Relation) -> Vec<ForeignKey> {
        let target = |to: &Target| match to {
            Target::Table(table) => self.tables.get(*table).map(|table| (table.schema.clone(), table.name.clone())),
            Target::Named { schema, name } => Some((schema.clone(), name.clone())),
        };
        relation
            .foreign_keys
            .iter()
            .filter_map(|reference| {
                let (to_schema, to_table) = target(&reference.to)?;
                Some(ForeignKey {
                    columns: reference.columns.clone(),
                    to_schema,
                    to_table,
                    on_delete: reference.on_delete,
                    on_update: reference.on_update,
                    span: reference.span,
                })
            })
            .collect()
    }
}

/// PostgreSQL starts to shorten a row that is larger than this (`TOAST_TUPLE_TARGET` of an 8 kB page).
const ROW_TARGET: u32 = 2_032;
/// Head of a row: 23 bytes and a bit for each column, rounded up.
const ROW_HEAD: u32 = 32;
/// What is left in the row of a value that was moved out, rounded up; smaller values are never moved.
const POINTER: u32 = 24;

/// Whether a value of this width can be moved out of its row, given the widths of all columns.
///
/// PostgreSQL moves the largest value first and stops as soon as the row is small enough (`heap_toast_insert_or_update`
/// in its source). So when a column's turn comes, every value still in the row is at most as large as its own can
/// become; if even such a row is below the target, its turn never comes. A lone `varchar(100)` therefore stays, twenty
/// of them may not. `toast_tuple_target` of a table is not looked at.
fn is_toastable(width: Width, all: &[Width]) -> bool {
    let most = match width {
        Width::Fixed(_) => return false,
        Width::Any => return true,
        Width::AtMost(most) => most,
    };
    if most <= POINTER {
        return false;
    }
    let aligned = |bytes: u32| bytes.saturating_add(7) / 8 * 8;
    let room = |other: &Width| match other {
        Width::Fixed(bytes) => aligned(*bytes),
        Width::AtMost(bytes) => aligned((*bytes).min(most).max(POINTER)),
        Width::Any => aligned(most),
    };
    let row = all.iter().map(room).fold(ROW_HEAD, u32::saturating_add);
    row.saturating_add(u32::try_from(all.len()).unwrap_or(u32::MAX) / 8) > ROW_TARGET
}
