//! `apply.sh`: creates what a deployment needs, in the order that nothing starts before what it depends on. It only creates, stops at what is
//! not as planned, and may run any number of times.

mod shell;
pub(crate) use shell::{quote, word};
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use super::Target;
use crate::check::SoundPlan;
use crate::model::Flavour;
use crate::output::OutputTree;
use crate::plan::{Address, Deployment, Plan, Template, Variable};
use crate::systems::Kind;

/// The target.
pub struct Apply;

impl Target for Apply {
    fn name(&self) -> &'static str {
        "apply script"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            let text = steps::script(&Script::new(plan.plan, deployment, out));
            out.add_script(format!("{}/apply.sh", deployment.name), text, "the order in which things are created");
        }
    }
}

/// What the script of one deployment does, gathered from the plan and from the files that are there.
struct Script<'a> {
    pipeline: &'a str,
    deployment: &'a Deployment,
    /// PostgreSQL systems with SQL to run, by name.
    databases: BTreeMap<String, Database>,
    /// Search engines, by name.
    searches: BTreeMap<&'a str, Search<'a>>,
    /// Snowflake stores, by name, with their SQL files.
    warehouses: BTreeMap<&'a str, Warehouse>,
    /// Variables that this script or the SQL it runs reads, by name.
    needed: BTreeMap<&'a str, &'a Variable>,
}

/// A PostgreSQL system and the SQL the script runs in it, paths below the deployment's folder.
struct Database {
    variable: String,
    /// Role, publication, heartbeat: before topics and connectors.
    source: Vec<String>,
    /// Role and tables of views: before their connectors.
    target: Vec<String>,
}

/// A search engine.
struct Search<'a> {
    variable: String,
    url: &'a Template,
    user: Option<&'a Template>,
    password: Option<&'a Template>,
    /// Alias, index; their files follow from the index.
    indexes: BTreeSet<(&'a str, &'a str)>,
}

/// A Snowflake store.
struct Warehouse {
    variable: String,
    files: Vec<String>,
}

impl<'a> Script<'a> {
    fn new(plan: &'a Plan, deployment: &'a Deployment, out: &OutputTree) -> Self {
        let files = Files::of(deployment, out);
        let mut names = Variables::default();
        let databases = files.databases(deployment, &mut names);
        let searches = searches(deployment, &mut names);
        let warehouses = files.warehouses(deployment, &mut names);
        let mut needed = BTreeMap::new();
        for (name, variable) in &deployment.variables {
            let in_sql = databases
                .values()
                .flat_map(|d| d.source.iter().chain(&d.target))
                .any(|path| files.mentions(path, name));
            if in_sql {
                needed.insert(name.as_str(), variable);
            }
        }
        for search in searches.values() {
            for template in [Some(search.url), search.user, search.password].into_iter().flatten() {
                needed.extend(template.variables().map(|variable| (variable.name.as_str(), variable)));
            }
        }
        Self { pipeline: &plan.pipeline, deployment, databases, searches, warehouses, needed }
    }

    /// Whether this script makes topics and connectors; with Strimzi their resources do.
    fn makes_kafka_things(&self) -> bool {
        self.deployment.flavour == Flavour::Files
    }
}

/// The files of one deployment, by path below its folder.
struct Files<'a> {
    texts: BTreeMap<&'a str, &'a str>,
}

impl<'a> Files<'a> {
    fn of(deployment: &Deployment, out: &'a OutputTree) -> Self {
        let folder = format!("{}/", deployment.name);
        Self {
            texts: out
                .files()
                .filter_map(|(path, file)| Some((path.strip_prefix(&folder)?, file.text.as_str())))
                .collect(),
        }
    }

    /// SQL files of a system in the order of their numbers, those that are run by hand left out.
    fn sql(&self, system: &str) -> Vec<(u32, String)> {
        let folder = format!("sql/{system}/");
        let mut all: Vec<(u32, String)> = self
            .texts
            .keys()
            .filter_map(|path| {
                let file = path.strip_prefix(&folder)?.strip_suffix(".sql")?;
                let number = file.split('-').next()?.parse().ok()?;
                (number < FIRST_BY_HAND).then(|| (number, (*path).to_owned()))
            })
            .collect();
        all.sort();
        all
    }

    fn databases(&self, deployment: &Deployment, names: &mut Variables) -> BTreeMap<String, Database> {
        let systems: BTreeSet<&str> = deployment
            .sources
            .iter()
            .map(|source| (source.name.as_str(), source.kind))
            .chain(deployment.sinks.iter().map(|sink| (sink.store_name.as_str(), sink.kind)))
            .filter(|(_, kind)| *kind == Kind::Postgres)
            .map(|(name, _)| name)
            .collect();
        let mut all = BTreeMap::new();
        for system in systems {
            let (source, target): (Vec<_>, Vec<_>) =
                self.sql(system).into_iter().partition(|(number, _)| *number < FIRST_OF_VIEWS);
            if source.is_empty() && target.is_empty() {
                continue;
            }
            let paths = |files: Vec<(u32, String)>| files.into_iter().map(|(_, path)| path).collect();
            let database =
                Database { variable: names.of(system, "DBA_URL"), source: paths(source), target: paths(target) };
            all.insert(system.to_owned(), database);
        }
        all
    }

    fn warehouses<'p>(&self, deployment: &'p Deployment, names: &mut Variables) -> BTreeMap<&'p str, Warehouse> {
        let mut all: BTreeMap<&str, Warehouse> = BTreeMap::new();
        for sink in deployment.sinks.iter().filter(|sink| matches!(sink.address, Address::Snowflake { .. })) {
            let store = sink.store_name.as_str();
            all.entry(store).or_insert_with(|| {
                let folder = format!("targets/{store}/");
                let tables = self.texts.keys().filter(|path| path.starts_with(&folder) && path.ends_with(".sql"));
                let files = self
                    .sql(store)
                    .into_iter()
                    .map(|(_, path)| path)
                    .chain(tables.map(|path| (*path).to_owned()))
                    .collect();
                Warehouse { variable: names.of(store, "SQL"), files }
            });
        }
        all
    }

    /// Whether a file's text has the name as a whole word.
    fn mentions(&self, path: &str, name: &str) -> bool {
        self.texts.get(path).is_some_and(|text| mentions(text, name))
    }
}

/// Numbers of SQL files, see the layout: roles, publications and heartbeats come before 04; from 90 on they are run by hand.
const FIRST_OF_VIEWS: u32 = 4;
const FIRST_BY_HAND: u32 = 90;

/// Whether a text has the name as a whole word.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(word) && !after.is_some_and(word)
    })
}

fn searches<'a>(deployment: &'a Deployment, names: &mut Variables) -> BTreeMap<&'a str, Search<'a>> {
    let mut all: BTreeMap<&str, Search> = BTreeMap::new();
    for sink in &deployment.sinks {
        let Address::Search { urls, user, password } = &sink.address else { continue };
        let Some(url) = urls.first() else { continue };
        let search = all.entry(&sink.store_name).or_insert_with(|| Search {
            variable: names.of(&sink.store_name, "URL"),
            url,
            user: user.as_ref(),
            password: password.as_ref(),
            indexes: BTreeSet::new(),
        });
        for flow in &sink.flows {
            if let crate::plan::Target::Index(index) = &flow.target {
                search.indexes.insert((&index.alias, &index.index));
            }
        }
    }
    all
}

/// Names of environment variables made from systems' names, each once.
#[derive(Default)]
struct Variables {
    taken: BTreeSet<String>,
}

impl Variables {
    fn of(&mut self, system: &str, suffix: &str) -> String {
        let name = dba_variable(system, suffix);
        let mut unique = name.clone();
        let mut number = 2;
        while !self.taken.insert(unique.clone()) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        unique
    }
}

/// `SHOP_DBA_URL`: the environment variable of a system.
#[must_use]
pub(crate) fn dba_variable(system: &str, suffix: &str) -> String {
    let name: String =
        system.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let digit = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    format!("{digit}{name}_{suffix}")
}

/// The command an operator starts Bento with, where a deployment has streams.
#[must_use]
pub(crate) fn bento_command(deployment: &Deployment) -> Option<&'static str> {
    deployment
        .stream_ids()
        .next()
        .is_some()
        .then_some("bento -c bento/bento.yaml streams --no-api bento/streams/*.yaml")
}

#[cfg(test)]
mod tests;
