//! What of a record's row travels into a view, and how it arrives.

use super::values::arrival;
use super::{Carried, KeyColumn, Position};
use crate::model::types::Type;
use crate::model::{Entity, Flow};
use crate::systems::Kind;

/// How a record's log tells where a change stands.
pub(super) fn position(record: Kind) -> Position {
    match record {
        Kind::Mysql | Kind::Mariadb => Position::Binlog,
        _ => Position::Lsn,
    }
}

/// A record's column: its portable type, and the database's own name of it.
pub(super) fn typed<'a>(entity: &'a Entity, name: &str) -> (Type, Option<&'a str>) {
    match entity.column(name) {
        Some(column) => (column.ty.clone(), column.native.as_deref()),
        None => (Type::Other("unknown".into()), None),
    }
}

/// The columns of a row's key.
pub(super) fn key_columns(record: Kind, entity: &Entity, flow: &Flow) -> Vec<KeyColumn> {
    entity
        .key
        .iter()
        .map(|source| {
            let (ty, native) = typed(entity, source);
            let selected = flow.columns.iter().find(|column| column.source == *source);
            KeyColumn {
                source: source.clone(),
                name: selected.map_or_else(|| source.clone(), |column| column.name.clone()),
                arrival: arrival(record, &ty, native),
                ty,
            }
        })
        .collect()
}

/// A column of a view on its way.
pub(super) fn carried(kind: Kind, entity: &Entity, column: &crate::model::ViewColumn) -> Carried {
    let record = entity.column(&column.source);
    let ty = record.map_or_else(|| column.ty.clone(), |record| record.ty.clone());
    Carried {
        name: column.name.clone(),
        source: column.source.clone(),
        arrival: arrival(kind, &ty, record.and_then(|record| record.native.as_deref())),
        ty: column.ty.clone(),
        native: record.and_then(|record| record.native.clone()),
        nullable: column.nullable,
        mask: column.mask.as_ref().map(|mask| mask.value),
        // A binlog holds whole rows.
        toastable: kind == Kind::Postgres && record.is_none_or(|record| record.wide),
        docs: record.map(|record| record.docs.clone()).unwrap_or_default(),
        nested: None,
    }
}
