//! SQL for PostgreSQL, for psql: what a captured database needs, what a database of views needs, and how to take both away.
//!
//! The numbers of the files are the order in which they run; `apply.sh` runs them, except those from 90 on.

pub(crate) mod expr;
pub(crate) mod facts;
#[cfg(test)]
mod golden;
pub(crate) mod guard;
pub(crate) mod inside;
mod preflight;
mod role;
#[cfg(test)]
pub(crate) mod sample;
mod source;
pub(crate) mod spell;
mod store;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use crate::check::SoundPlan;
use crate::output::OutputTree;
use crate::plan::{Deployment, PlannedFlow, Sink, Source};
use crate::systems::Kind;
use crate::targets::Target;
use crate::targets::spelling::one_line;
use store::Store;

/// Writes `sql/<system>/*.sql`.
pub struct Sql;

impl Target for Sql {
    fn name(&self) -> &'static str {
        "SQL for PostgreSQL"
    }

    fn emit(&self, plan: &SoundPlan<'_>, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            emit_deployment(plan, deployment, out);
        }
    }
}

fn emit_deployment(plan: &SoundPlan<'_>, deployment: &Deployment, out: &mut OutputTree) {
    let stores = Store::of(deployment, |sink, flow| docs(plan, deployment, sink, flow));
    let mut teardowns: BTreeMap<&str, String> = BTreeMap::new();

    for store in &stores {
        let file = |name: &str| format!("{}/sql/{}/{name}", deployment.name, store.name);
        let cause = format!("views in {}", store.name);
        out.add(file("04-view-tables.sql"), store::view_tables(store), &cause);
        if !store.tables.is_empty() || !store.facts.is_empty() {
            out.add(file("05-idempotency.sql"), guard::idempotency(store), &cause);
        }
        if !store.inside.is_empty() {
            out.add(file("06-views.sql"), inside::views(store), &cause);
        }
        if !store.tables.is_empty() {
            out.add(file("95-sweep.sql"), guard::sweep(store), &cause);
        }
        teardowns.entry(store.name).or_default().push_str(&store::teardown(store));
    }
    for source in deployment.sources.iter().filter(|source| source.kind == Kind::Postgres) {
        let file = |name: &str| format!("{}/sql/{}/{name}", deployment.name, source.name);
        let cause = format!("capture of {}", source.name);
        out.add(file("00-preflight.sql"), preflight::preflight(source), &cause);
        out.add(file("01-role-and-grants.sql"), source::role_and_grants(source, &written_by(source, &stores)), &cause);
        out.add(file("02-signal-heartbeat.sql"), source::service_tables(source), &cause);
        out.add(file("03-publication.sql"), source::publication(source), &cause);
        teardowns.entry(&source.name).or_default().push_str(&source::teardown(source));
    }
    for (system, body) in teardowns {
        let mut text = spell::header(
            &format!("Takes away what the other files of this folder made in {}.", one_line(system)),
            "a superuser, or as the owner of all of it",
            "By hand only, after the connectors are deleted: nothing runs this file for you.",
        );
        let database = deployment.sources.iter().find(|source| source.name == system).map(|source| &source.database);
        let database =
            database.or_else(|| stores.iter().find(|store| store.name == system).map(|store| store.database));
        text.push_str(&database.map(spell::right_database).unwrap_or_default());
        text.push_str(&body);
        out.add(format!("{}/sql/{system}/99-teardown.sql", deployment.name), text, format!("teardown of {system}"));
    }
}

/// What a view's table is commented with: the view's documentation, else the entity's.
fn docs<'a>(plan: &SoundPlan<'a>, deployment: &'a Deployment, sink: &'a Sink, flow: &'a PlannedFlow) -> Vec<&'a str> {
    let view = plan.model.views.get(sink.view.0).map(|view| &view.docs).filter(|docs| !docs.is_empty());
    let entity = deployment.topics.get(flow.topic.0).map(|topic| &topic.docs);
    // A view of many tables says nothing of a single one.
    let docs = if sink.flows.len() == 1 { view.or(entity) } else { entity };
    docs.into_iter().flatten().map(String::as_str).collect()
}

/// Tables this source's role also writes as a view's role: their grants are not taken back.
fn written_by(source: &Source, stores: &[Store<'_>]) -> BTreeSet<(String, String)> {
    let here = stores.iter().filter(|store| store.name == source.name);
    here.flat_map(|store| &store.tables)
        .filter(|view| view.role == source.role.value)
        .flat_map(|view| {
            ["", "__gone", "__diac"]
                .map(|ending| (view.table.namespace.clone(), spell::derived(&view.table.name, ending)))
        })
        .collect()
}
