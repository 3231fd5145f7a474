//! A schema in the notation of the tests' expectations.

use crate::model::schema::{Generated, Persistence, ReplicaIdentity, Schema, Shape, Table};

/// The schema as one line a table, in the notation of the expectations.
pub(in crate::model::ddl) fn show(schema: &Schema) -> String {
    schema.tables.iter().map(show_table).collect::<Vec<_>>().join("\n")
}

pub(in crate::model::ddl) fn show_table(table: &Table) -> String {
    let mut words = vec![format!("{}.{}", table.schema, table.name)];
    match &table.shape {
        Shape::Ordinary => {}
        Shape::Partitioned => words.push("partitioned".into()),
        Shape::Foreign => words.push("foreign".into()),
        Shape::PartitionOf { schema, name } => words.push(format!("part of {schema}.{name}")),
    }
    match table.persistence {
        Persistence::Logged => {}
        Persistence::Unlogged(_) => words.push("unlogged".into()),
        Persistence::Temporary(_) => words.push("temporary".into()),
    }
    let later = |deferrable: bool| if deferrable { " deferrable" } else { "" };
    if let Some(key) = &table.primary_key {
        words.push(format!("key({}){}", key.columns.join(","), later(key.deferrable)));
    }
    for unique in &table.uniques {
        let partial = if unique.partial { " partial" } else { "" };
        words.push(format!(
            "unique {}({}){partial}{}",
            unique.name,
            unique.columns.join(","),
            later(unique.deferrable)
        ));
    }
    match &table.replica_identity {
        ReplicaIdentity::Default => {}
        ReplicaIdentity::Full => words.push("identity full".into()),
        ReplicaIdentity::Nothing => words.push("identity nothing".into()),
        ReplicaIdentity::Index(name) => words.push(format!("identity {name}")),
    }
    for key in &table.foreign_keys {
        let to = format!("{}.{}", key.to_schema, key.to_table);
        words.push(format!("ref({}) {to} {:?} {:?}", key.columns.join(","), key.on_delete, key.on_update));
    }
    words.extend(table.comment.iter().map(|comment| format!("-- {comment}")));
    let columns = table.columns.iter().map(|column| {
        let mut shown = format!("{} {}", column.name, column.native);
        if column.nullable {
            shown.push('?');
        }
        match column.generated {
            Generated::No => {}
            Generated::Stored => shown.push_str(" stored"),
            Generated::Virtual => shown.push_str(" virtual"),
        }
        if column.has_default {
            shown.push_str(" default");
        }
        if let Some(comment) = &column.comment {
            shown.push_str(&format!(" -- {comment}"));
        }
        shown
    });
    let columns: Vec<String> = columns.collect();
    format!("{} {{ {} }}", words.join(" "), columns.join("; "))
}
