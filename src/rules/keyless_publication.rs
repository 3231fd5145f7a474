use std::collections::BTreeMap;

use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::schema::{Persistence, ReplicaIdentity, Table};
use crate::model::{EntityId, Via, View};
use crate::source::Span;

rule! {
    /// A table goes into a publication without an identity the publication can use.
    ///
    /// PostgreSQL names a changed row by its replica identity. A published table without one is not merely captured badly: the server refuses the
    /// application's own UPDATE and DELETE from the moment the publication exists. That is so without a primary key, with `REPLICA IDENTITY NOTHING`, and
    /// with a primary key that is DEFERRABLE. An UNLOGGED table is in no log at all. (Tried on PostgreSQL 15.)
    ///
    /// ```sql
    /// CREATE TABLE audit_log (at timestamptz NOT NULL, what text NOT NULL);
    /// ```
    ///
    /// Give the table a primary key that is not deferrable, or leave it out: `shop except shop.public.audit_log | search`.
    ///
    /// ```sql
    /// CREATE TABLE audit_log (id bigint PRIMARY KEY, at timestamptz NOT NULL, what text NOT NULL);
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
        let stated = entity.identity.as_ref().filter(|_| entity.declared);
        let table = model.table(entity);
        let Some(fault) = table.and_then(|table| fault(table, stated.map(|s| &s.value))).or_else(|| match stated {
            Some(identity) if identity.value == ReplicaIdentity::Nothing => {
                Some(Fault { span: identity.span, what: "has REPLICA IDENTITY NOTHING".into(), cure: Cure::Identity })
            }
            _ => None,
        }) else {
            continue;
        };
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
        .here("a publication cannot name its rows")
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

/// What is wrong with a table's identity; nothing where it can be published with updates and deletes and has a key for its records.
fn fault(table: &Table, stated: Option<&ReplicaIdentity>) -> Option<Fault> {
    match table.persistence {
        Persistence::Unlogged(span) => return Some(Fault { span, what: "is UNLOGGED".into(), cure: Cure::Logged }),
        Persistence::Temporary(span) => return Some(Fault { span, what: "is TEMPORARY".into(), cure: Cure::Logged }),
        Persistence::Logged => {}
    }
    let Some(key) = &table.primary_key else {
        return Some(Fault { span: table.span, what: "has no primary key".into(), cure: Cure::Key });
    };
    let identity = stated.unwrap_or(&table.replica_identity);
    let span = table.replica_identity_span.unwrap_or(table.span);
    match identity {
        ReplicaIdentity::Nothing => {
            Some(Fault { span, what: "has REPLICA IDENTITY NOTHING".into(), cure: Cure::Identity })
        }
        ReplicaIdentity::Default if key.deferrable => {
            Some(Fault { span: key.span, what: "has a DEFERRABLE primary key".into(), cure: Cure::NotDeferrable })
        }
        ReplicaIdentity::Index(name) => index_fault(table, name, span),
        ReplicaIdentity::Default | ReplicaIdentity::Full => None,
    }
}

fn index_fault(table: &Table, name: &str, span: Span) -> Option<Fault> {
    let Some(unique) = table.uniques.iter().find(|unique| unique.name == *name) else {
        // The primary key's own index is usable; any other name is no unique index of the table.
        return (!name.ends_with("_pkey")).then(|| Fault {
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
