use std::collections::BTreeMap;

use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::identity::{Cure, Fault, fault, nothing};
use crate::model::schema::ReplicaIdentity;
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
        for entity in view.flows.iter().filter_map(crate::model::Flow::entity) {
            seen.entry(entity).or_insert(view);
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
            Some(table) => fault(table, stated, cx.sources),
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

fn finding(sink: &Sink, path: &str, fault: &Fault, followed: Span, view: &View) -> Diagnostic {
    let table = path.split_once('.').map_or(path, |(_, table)| table);
    let leave_out = match &view.whole_system {
        Some(_) => format!("; or leave the table out: `except {path}`"),
        None => String::new(),
    };
    let story = match fault.cure {
        Cure::Key | Cure::NotDeferrable | Cure::Identity => refused(table),
        Cure::KeyOfRecords => vec![
            format!("`{table}` can be published, but its records carry no key."),
            "They scatter over the partitions, and an older change arrives behind a newer one.".to_owned(),
            "The store cannot tell which of its rows a change is about.".to_owned(),
        ],
        Cure::Logged => vec![
            format!("CREATE PUBLICATION refuses `{table}`; a publication of all tables leaves it out without a word."),
            "No change of it ever reaches the log.".to_owned(),
        ],
    };
    sink.at(fault.span, format!("`{path}` {}", fault.what))
        .here(match fault.cure {
            Cure::KeyOfRecords => "its records would carry no key",
            Cure::Logged => "no change of it is written to the log",
            Cure::Key | Cure::NotDeferrable | Cure::Identity => "a publication cannot name its rows",
        })
        .also(followed, "captured here")
        .help(format!("{}{leave_out}", fault.cure.words()))
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
