//! Audits of facts, and of views that a store makes itself: the record of facts is a log, and that of a kept sum is what it was summed of.

use super::canon::Kind;
use super::{Column, Compared, Place, Record, Side, SideColumn, Sides, url_env};
use crate::plan::inside::{Form, Inside};
use crate::plan::{PlannedFlow, Target};
use crate::targets::sql::expr::Dialect;
use crate::targets::sql::inside::anew;
use crate::targets::sql::spell::{name, path};

/// Said of a table of facts.
pub(super) const LOG: &str = "the record of these facts is the log, which this program does not read";
/// Said of a view that is worked out when it is read.
const READ: &str = "the store works the view out whenever it is read: there is nothing to compare it with";

/// The side of a table of facts, for what is stated of it alone.
pub(super) fn of_facts(flow: &PlannedFlow) -> Sides {
    let view = match &flow.target {
        Target::Table(table) => Some(Side {
            dialect: Dialect::Postgres,
            from: path(&table.namespace, &table.name),
            filter: "true".to_owned(),
            columns: flow
                .columns
                .iter()
                .filter(|carried| carried.mask.is_none())
                .map(|carried| SideColumn {
                    view: carried.name.clone(),
                    here: carried.name.clone(),
                    kind: Kind::of(&carried.ty, None),
                })
                .collect(),
        }),
        Target::Index(_) | Target::Keyspace(_) | Target::Snowflake(_) => None,
    };
    Sides { record: None, view, unread: None, unrecorded: Some(LOG) }
}

/// A kept sum beside the same worked out anew; nothing of a view that is worked out anyway.
pub(super) fn compared(inside: &Inside) -> Vec<Compared> {
    let Form::Kept { by, .. } = &inside.form else { return Vec::new() };
    let column = |column: &crate::plan::inside::InsideColumn, key: bool| {
        let kind = Kind::of(&column.ty, None);
        let sql = kind.sql(&name(&column.name));
        Column {
            name: column.name.clone(),
            key,
            record: sql.clone(),
            view: Some(sql),
            parsed: false,
            scale: None,
            mask: None,
            kind,
        }
    };
    let is_key = |column: &&crate::plan::inside::InsideColumn| by.contains(&column.name);
    let keys = inside.columns.iter().filter(is_key).map(|found| column(found, true));
    let others = inside.columns.iter().filter(|column| !by.contains(&column.name)).map(|found| column(found, false));
    let start = inside.inputs.first().map_or_else(String::new, |input| format!("{}.{}", input.namespace, input.table));
    vec![Compared {
        record: Record {
            name: format!("{start} in {}", inside.store_name),
            url_env: url_env(&inside.store_name),
            from: anew(inside),
            filter: "true".to_owned(),
        },
        place: Place::Table {
            name: format!("{}.{}", inside.namespace, inside.table),
            from: path(&inside.namespace, &inside.table),
            counts: None,
        },
        columns: keys.chain(others).collect(),
        not_compared: None,
    }]
}

/// Both sides of such a view, for what is stated.
pub(super) fn sides(inside: &Inside) -> Sides {
    let side = |from: String| Side {
        dialect: Dialect::Postgres,
        from,
        filter: "true".to_owned(),
        columns: inside
            .columns
            .iter()
            .map(|column| SideColumn {
                view: column.name.clone(),
                here: column.name.clone(),
                kind: Kind::of(&column.ty, None),
            })
            .collect(),
    };
    let view = Some(side(path(&inside.namespace, &inside.table)));
    match inside.form {
        Form::Kept { .. } => Sides { record: Some(side(anew(inside))), view, unread: None, unrecorded: None },
        Form::Read => Sides { record: None, view, unread: None, unrecorded: Some(READ) },
    }
}

/// What is said where nothing is compared.
pub(super) fn note(inside: &Inside) -> Option<&'static str> {
    matches!(inside.form, Form::Read).then_some(READ)
}
