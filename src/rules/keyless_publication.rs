use std::collections::BTreeMap;

use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::schema::{Key, Persistence, ReplicaIdentity, Table};
use crate::model::{EntityId, Via, View};
use crate::source::Span;

rule! {
    /// A table goes into a publication without an identity the publication can use.
    ///
    /// PostgreSQL names a changed row by its replica identity. A published table without one is not merely captured badly: the server refuses the
    /// application's own UPDATE and DELETE from the moment the publication exists. That is so without a primary key, with `REPLICA IDENTITY NOTHING`, and
    /// with a primary key that is DEFERRABLE. An UNLOGGED table is in no log at all. (Tried on PostgreSQL 15.)
    ///
    /// With another identity (`REPLICA IDENTITY FULL`, `USING INDEX`) a table without a primary key can be published, but its records carry no key that
    /// a log could keep in order and a store could write by.
    ///
    /// ```sql
    /// CREATE TABLE audit_log (at timestamptz NOT NULL, what text NOT NULL);
    /// ```
    ///
    /// ```dia,bad
    /// system shop: postgres { schema "dump.sql" }
    /// system search: elasticsearch
    /// shop | search
    /// ```
    ///
    /// Give the table a primary key that is not deferrable, or leave it out: `shop except shop.public.audit_log | search`.
    ///
    /// ```sql
    /// CREATE TABLE audit_log (id bigint PRIMARY KEY, at timestamptz NOT NULL, what text NOT NULL);
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres { schema "dump.sql" }
    /// system search: elasticsearch
    /// shop | search
    /// ```
    {
        name: "keyless_publication", severity: Error, waivable: false, title: "a captured table has no usable identity",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut seen: BTreeMap<EntityId, &View> = BTreeMap::new();
    for view in model.views.iter().filter(|view| view.via == Via::Cdc) {
        for flow in &view.flows {
            seen.entry(flow.entity).or_insert(view);
        }
    }
    for (id, view) in seen {
        let entity = model.entity(id);
        if entity.from_topic.is_some() {
            continue;
        }
        // Stated in the entity, else the schema's.
        let stated = entity.identity.as_ref().map(|identity| (&identity.value, identity.span));
        let fault = match model.table(entity) {
            Some(table) => fault(cx, table, stated),
            None => {
                stated.filter(|(identity, _)| **identity == ReplicaIdentity::Nothing).map(|(_, span)| nothing(span))
            }
        };
        let Some(fault) = fault else { continue };
        let path = model.home_path(id);
        let followed = if view.whole_system.is_some() { view.source_span } else { entity.span };
        sink.push(finding(sink, &path, &fault, followed, view));
    }
}

struct Fault {
    span: Span,
    what: String,
    cure: Cure,
}

enum Cure {
    Key,
    KeyOfRecords,
    Logged,
    NotDeferrable,
    Identity,
}

fn finding(sink: &Sink, path: &str, fault: &Fault, followed: Span, view: &View) -> Diagnostic {
    let table = path.split_once('.').map_or(path, |(_, table)| table);
    let leave_out = match &view.whole_system {
        Some(_) => format!("; or leave the table out: `except {path}`"),
        None => String::new(),
    };
    let (help, story) = match fault.cure {
        Cure::Key => ("give it a primary key", refused(table)),
        Cure::KeyOfRecords => (
            "give it a primary key",
            vec![
                format!("`{table}` can be published, but its records carry no key."),
                "They scatter over the partitions, and an older change arrives behind a newer one.".to_owned(),
                "The store cannot tell which of its rows a change is about.".to_owned(),
            ],
        ),
        Cure::NotDeferrable => ("make its primary key NOT DEFERRABLE", refused(table)),
        Cure::Identity => ("use the default replica identity or FULL", refused(table)),
        Cure::Logged => (
            "make it a logged table",
            vec![
                format!(
                    "CREATE PUBLICATION refuses `{table}`; a publication of all tables leaves it out without a word."
                ),
                "No change of it ever reaches the log.".to_owned(),
            ],
        ),
    };
    sink.at(fault.span, format!("`{path}` {}", fault.what))
        .here(match fault.cure {
            Cure::KeyOfRecords => "its records would carry no key",
            Cure::Logged => "no change of it is written to the log",
            Cure::Key | Cure::NotDeferrable | Cure::Identity => "a publication cannot name its rows",
        })
        .also(followed, "captured here")
        .help(format!("{help}{leave_out}"))
        .story(story)
}

fn refused(table: &str) -> Vec<String> {
    vec![
        format!("The publication is made with `{table}` in it."),
        format!(
            "The application's next UPDATE or DELETE of `{table}` fails: the table has no replica identity and publishes updates."
        ),
        "It is the application that is down then, not the pipeline.".to_owned(),
    ]
}

/// What is wrong with a table's identity; nothing where it can be published with updates and deletes and its records have a key.
fn fault(cx: &Context, table: &Table, stated: Option<(&ReplicaIdentity, Span)>) -> Option<Fault> {
    match table.persistence {
        Persistence::Unlogged(span) => return Some(Fault { span, what: "is UNLOGGED".into(), cure: Cure::Logged }),
        Persistence::Temporary(span) => return Some(Fault { span, what: "is TEMPORARY".into(), cure: Cure::Logged }),
        Persistence::Logged => {}
    }
    let identity = stated.map_or(&table.replica_identity, |(identity, _)| identity);
    let span = stated.map_or(table.span, |(_, span)| span);
    let Some(key) = &table.primary_key else {
        let publishable = match identity {
            ReplicaIdentity::Full => true,
            ReplicaIdentity::Index(name) => index_fault(cx, table, name, span).is_none(),
            ReplicaIdentity::Default | ReplicaIdentity::Nothing => false,
        };
        let cure = if publishable { Cure::KeyOfRecords } else { Cure::Key };
        return Some(Fault { span: table.span, what: "has no primary key".into(), cure });
    };
    match identity {
        ReplicaIdentity::Nothing => Some(nothing(span)),
        ReplicaIdentity::Default if key.deferrable => {
            Some(Fault { span: key.span, what: "has a DEFERRABLE primary key".into(), cure: Cure::NotDeferrable })
        }
        ReplicaIdentity::Index(name) => index_fault(cx, table, name, span),
        ReplicaIdentity::Default | ReplicaIdentity::Full => None,
    }
}

fn nothing(span: Span) -> Fault {
    Fault { span, what: "has REPLICA IDENTITY NOTHING".into(), cure: Cure::Identity }
}

fn index_fault(cx: &Context, table: &Table, name: &str, span: Span) -> Option<Fault> {
    let Some(unique) = table.uniques.iter().find(|unique| unique.name == *name) else {
        // The primary key's own index carries the constraint's name; any other name is no unique index of the table.
        let key = table.primary_key.as_ref();
        if let Some(key) = key.filter(|key| is_key(cx, table, key, name)) {
            let what = "has a DEFERRABLE primary key as replica identity".into();
            return key.deferrable.then_some(Fault { span: key.span, what, cure: Cure::NotDeferrable });
        }
        return Some(Fault {
            span,
            what: format!("names `{name}`, which is no unique index of it, as replica identity"),
            cure: Cure::Identity,
        });
    };
    let nullable = unique.columns.iter().any(|name| table.column(name).is_none_or(|column| column.nullable));
    let what = if unique.partial {
        "is partial"
    } else if unique.deferrable {
        "is deferrable"
    } else if unique.columns.is_empty() {
        "is over expressions"
    } else if nullable {
        "has columns that may be null"
    } else {
        return None;
    };
    Some(Fault { span: unique.span, what: format!("has a replica identity index that {what}"), cure: Cure::Identity })
}

/// Whether the primary key's index has that name: PostgreSQL's own, or the one its constraint is given.
fn is_key(cx: &Context, table: &Table, key: &Key, name: &str) -> bool {
    let mut words = cx.sources.slice(key.span).split(|c: char| !(c.is_alphanumeric() || c == '_'));
    name == format!("{}_pkey", table.name) || words.any(|word| word.eq_ignore_ascii_case(name))
}
