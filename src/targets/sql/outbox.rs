//! `04-outbox.sql`: the outboxes of a captured system, a function for each event that writes its row as readers expect it, and the publication.

use std::fmt::Write as _;

use crate::model::types::Type;
use crate::plan::encoding::{EventForm, Field, KeyPart};
use crate::plan::outbox::{OutboxTable, Outboxes};
use crate::plan::{Deployment, Slot, Source, sql_type};
use crate::systems::Kind;
use crate::targets::spelling::one_line;
use crate::targets::sql::spell::{block, comment, header, name, path, right_database, text};

/// The file.
pub(super) fn outbox(deployment: &Deployment, source: &Source, slot: &Slot, outboxes: &Outboxes) -> String {
    let mut out = header(
        &format!("Outboxes of {}.", one_line(&source.name)),
        "a superuser, or as a role that may create tables in their schemas and has REPLICATION",
        "After 03-publication.sql, before the connector is made.",
    );
    out.push_str(&right_database(&slot.database));
    for table in &outboxes.tables {
        out.push_str(&one(deployment, table));
        let _ = writeln!(
            out,
            "\n-- The connector reads; services that write rows or call the functions need INSERT, which their owner grants.\nGRANT USAGE ON SCHEMA {} TO {role};\nGRANT SELECT ON {} TO {role};",
            name(&table.namespace),
            path(&table.namespace, &table.table),
            role = name(&source.role.value)
        );
    }
    let quoted = text(&outboxes.publication.value);
    let mut tables: Vec<String> = outboxes.tables.iter().map(|table| path(&table.namespace, &table.table)).collect();
    tables.push(path(source.service_schema, "heartbeat"));
    let _ = write!(
        out,
        "
SELECT format('CREATE PUBLICATION %I', {quoted})
 WHERE NOT EXISTS (SELECT FROM pg_publication WHERE pubname = {quoted}) \\gexec
-- Exactly the outboxes and the heartbeat, which keeps their slot moving while nothing happens.
ALTER PUBLICATION {} SET TABLE
  {};

-- The slot is made here, before anybody writes a row: the connector then begins at this point, and no event falls between the two. It keeps the server's
-- log from now on, so make the connector soon.
SELECT pg_create_logical_replication_slot({slot}, 'pgoutput')
 WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {slot});
",
        name(&outboxes.publication.value),
        tables.join(",\n  "),
        slot = text(&outboxes.slot.value),
    );
    out
}

fn one(deployment: &Deployment, table: &OutboxTable) -> String {
    let forms: Vec<&EventForm> = table.events.iter().map(|id| deployment.form(*id)).collect();
    let topic = |form: &EventForm| deployment.topic(form.topic).name.clone();
    let pairs: Vec<String> =
        forms.iter().map(|form| format!("({}, {})", text(&form.name), text(&topic(form)))).collect();
    let full = path(&table.namespace, &table.table);
    let check = name(&format!("{}_events", table.table));
    let mut out = format!(
        "
-- A row is an event, written in the transaction of what it is about; rolled back with it, it never was. The connector reads the server's log, so rows
-- may be deleted at once or any time later. Rows are never changed: that stops the connector.
CREATE TABLE IF NOT EXISTS {full} (
  id       uuid  PRIMARY KEY DEFAULT gen_random_uuid(),
  event    text  NOT NULL,
  topic    text  NOT NULL,
  key      text,
  payload  jsonb NOT NULL
);
ALTER TABLE {full} DROP CONSTRAINT IF EXISTS {check};
-- An event goes to its topic and to no other; rows that are there already are as they were written.
ALTER TABLE {full} ADD CONSTRAINT {check} CHECK ((event, topic) IN ({})) NOT VALID;
",
        pairs.join(", ")
    );
    for form in forms {
        out.push_str(&emit(form, table, &topic(form)));
    }
    out
}

/// A function that records one event: with it, key and value are what every reader expects.
fn emit(form: &EventForm, table: &OutboxTable, topic: &str) -> String {
    let known = !form.fields.is_empty() && !form.key.iter().any(|part| matches!(part, KeyPart::Other(_)));
    if !known {
        return comment(&format!(
            "\n{}: its columns or its key are not known here, so the service writes key and payload itself.",
            form.name
        ));
    }
    let arguments: Vec<String> =
        form.fields.iter().map(|field| format!("{} {}", name(&argument(&field.name)), kind(&field.ty))).collect();
    let members: Vec<String> =
        form.fields.iter().map(|field| format!("{}, {}", text(&field.name), value(field))).collect();
    let refuse: String = form.fields.iter().map(|field| refusals(form, field)).collect();
    // Members without a value are left out: readers take a missing one for null.
    let body = format!(
        "\nBEGIN\n{refuse}  INSERT INTO {} (event, topic, key, payload) VALUES (\n    {}, {}, {},\n    jsonb_strip_nulls(jsonb_build_object(\n      {})));\nEND ",
        path(&table.namespace, &table.table),
        text(&form.name),
        text(topic),
        key(form),
        members.join(",\n      ")
    );
    format!(
        "\n-- Records {}.\nCREATE OR REPLACE FUNCTION {}({}) RETURNS void LANGUAGE plpgsql AS {};\n",
        one_line(&form.name),
        path(&table.namespace, &format!("emit_{}", form.name)),
        arguments.join(", "),
        block(&body)
    )
}

/// What a function refuses: a null where there must be a value, and a decimal that would be rounded.
fn refusals(form: &EventForm, field: &Field) -> String {
    let argument = name(&argument(&field.name));
    let about = format!("{} of {}", field.name, form.name).replace('\'', "''").replace('%', "%%");
    let mut out = String::new();
    let mut refuse = |when: String, what: &str| {
        let _ = writeln!(out, "  IF {when} THEN RAISE EXCEPTION '{about} {what}'; END IF;");
    };
    if !field.nullable {
        refuse(format!("{argument} IS NULL"), "is null");
    }
    if let Type::Decimal { precision: Some(_), .. } = field.ty {
        refuse(format!("{argument} <> {argument}::{}", kind(&field.ty)), "has more digits than it keeps");
    }
    out
}

/// What an argument is called: never as a column of the table.
fn argument(column: &str) -> String {
    format!("of_{column}")
}

fn kind(ty: &Type) -> String {
    sql_type(Kind::Postgres, ty, None)
}

/// A value as it stands in the payload.
fn value(field: &Field) -> String {
    let argument = name(&argument(&field.name));
    match &field.ty {
        Type::Bool | Type::Smallint | Type::Int | Type::Bigint | Type::Float | Type::Double | Type::Array(_) => {
            argument
        }
        Type::Timestamp => format!("to_char({argument} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"),
        Type::Datetime => format!("to_char({argument}, 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"),
        Type::Date => format!("to_char({argument}, 'YYYY-MM-DD')"),
        Type::Bytes => format!("translate(encode({argument}, 'base64'), E'\\n', '')"),
        Type::Decimal { precision: Some(_), .. } => format!("{argument}::{}::text", kind(&field.ty)),
        Type::Decimal { precision: None, .. }
        | Type::Text
        | Type::Uuid
        | Type::Time
        | Type::TimeTz
        | Type::Interval
        | Type::Json
        | Type::Enum(_)
        | Type::Other(_) => format!("{argument}::text"),
    }
}

/// The record's key.
fn key(form: &EventForm) -> String {
    let alone = form.key.len() == 1;
    let one = |column: &str| match form.field(column) {
        Some(field) => {
            let value = value(field);
            if value.ends_with("::text") || value.starts_with("to_char") { value } else { format!("{value}::text") }
        }
        None => "NULL".to_owned(),
    };
    let escaped = |text: &str| {
        format!("replace(replace(replace(replace({text}, '%', '%25'), ':', '%3A'), '{{', '%7B'), '}}', '%7D')")
    };
    let parts: Vec<String> = form
        .key
        .iter()
        .map(|part| match part {
            KeyPart::Column(column) if alone => one(column),
            KeyPart::Column(column) => escaped(&one(column)),
            KeyPart::Pair(a, b, ty) => pair(a, b, ty, &one, &escaped),
            KeyPart::Other(_) => "NULL".to_owned(),
        })
        .collect();
    if parts.is_empty() { "NULL".to_owned() } else { parts.join(" || ':' || ") }
}

fn pair(a: &str, b: &str, ty: &Type, one: &impl Fn(&str) -> String, escaped: &impl Fn(&str) -> String) -> String {
    let (x, y) = (name(&argument(a)), name(&argument(b)));
    if matches!(ty, Type::Smallint | Type::Int | Type::Bigint | Type::Decimal { .. }) {
        return format!("least({x}, {y})::text || ':' || greatest({x}, {y})::text");
    }
    let (x, y) = (format!("{} COLLATE \"C\"", one(a)), format!("{} COLLATE \"C\"", one(b)));
    format!("{} || ':' || {}", escaped(&format!("least({x}, {y})")), escaped(&format!("greatest({x}, {y})")))
}

/// The outboxes' part of `99-teardown.sql`. The tables are the service's: what they hold stays.
pub(super) fn teardown(outboxes: &Outboxes) -> String {
    let tables: Vec<String> = outboxes.tables.iter().map(|it| one_line(&path(&it.namespace, &it.table))).collect();
    format!(
        "
-- The slot of the outboxes; a connector that still reads it makes this fail: stop it before.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {};

DROP PUBLICATION IF EXISTS {};
-- {} and the functions beside it stay: services write them.
",
        text(&outboxes.slot.value),
        name(&outboxes.publication.value),
        tables.join(", ")
    )
}
