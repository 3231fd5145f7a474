use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Sink, rule};
use crate::model::{Column, Entity, Mask};
use crate::plan::{PlannedFlow, Reading};
use crate::source::Span;
use crate::systems::Kind;

rule! {
    /// The connector cannot read a column's values, or reads other ones than the record holds.
    ///
    /// Tried on MariaDB 10.11 with its connector 3.5. At a table with a column of type `inet4` or `inet6` the connector's parser stops, so that nothing of
    /// the whole system is captured. A `uuid` that ends in `00` arrives as another one, without an error. A `bit(8)` and a point arrive in forms that no
    /// store here takes. A key with a fraction of a second is written with the digits it has in a snapshot, and with six in a change: one row has two keys.
    ///
    /// ```sql
    /// CREATE TABLE shop.orders (id bigint PRIMARY KEY, token uuid NOT NULL);
    /// ```
    ///
    /// ```dia,bad
    /// system shop: mariadb { schema "dump.sql" }
    /// system search: elasticsearch
    /// shop.shop.orders | search.orders
    /// ```
    ///
    /// Let the record hold another type, or leave the column out of the view. A table with an `inet6` cannot be captured at all.
    ///
    /// ```sql
    /// CREATE TABLE shop.orders (id bigint PRIMARY KEY, token char(36) NOT NULL);
    /// ```
    ///
    /// ```dia,good
    /// system shop: mariadb { schema "dump.sql" }
    /// system search: elasticsearch
    /// shop.shop.orders | search.orders
    /// ```
    {
        name: "unreadable_column", severity: Error, waivable: false, title: "a column's values do not arrive", check: Some(check),
    }
}

/// What is wrong with a column.
struct Fault {
    /// The rest of a sentence that begins with the column.
    what: &'static str,
    why: &'static str,
    help: &'static str,
    /// What happens to whom.
    story: [&'static str; 2],
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    let mut found: BTreeMap<(String, String), (Span, Fault, Span)> = BTreeMap::new();
    let mut add = |entity: &Entity, name: &str, span: Span, fault: Fault, used: Span| {
        if seen.insert(span) {
            found.insert((entity.name.clone(), name.to_owned()), (span, fault, used));
        }
    };
    for source in cx.plan.deployments.iter().flat_map(|deployment| &deployment.sources) {
        let Reading::Binlog(_) = source.reading else { continue };
        for captured in &source.tables {
            let entity = model.entity(captured.entity);
            for column in model.table(entity).into_iter().flat_map(|table| &table.columns) {
                if let Some(fault) = definition(&column.native) {
                    add(entity, &column.name, column.span, fault, model.system(source.system).span);
                }
            }
        }
    }
    for planned in cx.plan.deployments.iter().flat_map(|deployment| &deployment.sinks) {
        let view = model.view(planned.view);
        for flow in &planned.flows {
            let Some(changes) = flow.changes() else { continue };
            let entity = model.entity(changes.entity);
            let kind = model.system(changes.system).kind;
            for column in entity.columns.iter().filter(|column| is_used(flow, &column.name)) {
                let is_key = flow.key.iter().any(|key| key.source == column.name);
                if let Some(fault) = values(kind, column, is_key) {
                    add(entity, &column.name, column.span, fault, view.span);
                }
            }
        }
    }
    for ((entity, name), (span, fault, used)) in found {
        sink.push(
            sink.at(span, format!("`{name}` of `{entity}` {}", fault.what))
                .here(fault.why)
                .also(used, "captured for this")
                .help(fault.help)
                .story(fault.story.map(str::to_owned)),
        );
    }
}

/// Whether a value of the column reaches a store, or decides what reaches it.
fn is_used(flow: &PlannedFlow, column: &str) -> bool {
    let shown = |mask: Option<Mask>| !matches!(mask, Some(Mask::Null | Mask::Redact));
    flow.key.iter().any(|key| key.source == column)
        || flow.filter_arrivals.contains_key(column)
        || flow.columns.iter().any(|carried| carried.source == column && shown(carried.mask))
}

/// Types at whose name the connector's parser stops.
fn definition(native: &str) -> Option<Fault> {
    matches!(native, "inet4" | "inet6").then_some(Fault {
        what: "is of a type the connector cannot read",
        why: "its parser stops at the definition of the table",
        help: "let the record hold it as `varchar(39)` or `varbinary(16)`, or leave the table out",
        story: [
            "The connector reads the definitions of its tables, and fails at this one.",
            "No table of this system is captured, until the column is another one.",
        ],
    })
}

/// Types of which values arrive as other ones, or in a form that no store takes.
fn values(kind: Kind, column: &Column, is_key: bool) -> Option<Fault> {
    let native = column.native.as_deref()?;
    let base = native.split('(').next().unwrap_or_default();
    if !matches!(kind, Kind::Mysql | Kind::Mariadb) {
        return None;
    }
    match base {
        "uuid" if kind == Kind::Mariadb => Some(Fault {
            what: "can arrive as another uuid",
            why: "one that ends in 00 is read one byte too short",
            help: "let the record hold it as `char(36)` or `binary(16)`, or leave the column out of the view",
            story: [
                "A row is written with the uuid 6a7cc986-4e78-455c-ae18-24fe243b3900.",
                "The view shows 006a7cc9-864e-7845-5cae-1824fe243b39: another one, and nobody is told.",
            ],
        }),
        "bit" if native != "bit(1)" => Some(Fault {
            what: "arrives as bytes in reverse order",
            why: "no store here takes it as the number it is",
            help: "let the record hold a whole number, or leave the column out of the view",
            story: ["A row is written with the bits 1000000011.", "The log says AwI=, and the view shows that."],
        }),
        "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon"
        | "geometrycollection" | "geomcollection" => Some(Fault {
            what: "arrives as a group of values",
            why: "no store here takes a shape",
            help: "keep coordinates as two decimals, or leave the column out of the view",
            story: ["A row is written with a point.", "The sink finds four values where it expects one, and stops."],
        }),
        "timestamp" if is_key && native != "timestamp" => Some(Fault {
            what: "gives one row two keys",
            why: "a snapshot writes the digits the moment has, a change writes six",
            help: "use `datetime(6)` in the key, or a `timestamp` without a fraction",
            story: [
                "A row is copied by the snapshot under 10:00:00.5, and changed under 10:00:00.500000.",
                "The view has two rows of it, and a delete removes one.",
            ],
        }),
        _ => None,
    }
}
