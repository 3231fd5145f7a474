//! What an earlier compilation wrote down, as far as a change of it can do harm: read from its `architecture.json`.
//!
//! What a later version of diac adds is ignored, what an earlier one lacks counts as not known.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Target;
use crate::model::relation::Term;

/// The form of `architecture.json` this version reads.
const VERSION: u64 = 1;

/// An earlier output tree.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// The pipeline's name.
    pub pipeline: String,
    /// Entities and events as the last compilation met them.
    pub records: OldRecords,
    /// What ran, by the environment's name; only environments that the last compilation looked at.
    pub environments: BTreeMap<String, OldDeployment>,
}

/// Entities and events as they were.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Records")]
pub struct OldRecords {
    /// Entities by name.
    pub entities: BTreeMap<String, OldRecord>,
    /// Events by name.
    pub events: BTreeMap<String, OldRecord>,
}

/// The same as it is written.
#[derive(Deserialize)]
struct Records {
    #[serde(default)]
    entities: Vec<OldRecord>,
    #[serde(default)]
    events: Vec<OldRecord>,
}

impl From<Records> for OldRecords {
    fn from(written: Records) -> Self {
        let by_name = |all: Vec<OldRecord>| all.into_iter().map(|record| (record.name.clone(), record)).collect();
        Self { entities: by_name(written.entities), events: by_name(written.events) }
    }
}

/// Entities and events in one form, and the environments whose logs hold records of it.
#[derive(Debug)]
pub struct OldForm<'a> {
    /// Their columns and keys.
    pub records: &'a OldRecords,
    /// The environments.
    pub environments: Vec<&'a OldDeployment>,
}

impl OldForm<'_> {
    /// Whether changes of the entity of that name were captured.
    #[must_use]
    pub fn captures(&self, entity: &str) -> bool {
        self.environments.iter().any(|old| old.captures(entity))
    }
}

/// An entity or event as it was.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct OldRecord {
    name: String,
    /// The key's columns.
    #[serde(default)]
    pub key: Vec<String>,
    /// Its columns; empty where they were not known.
    #[serde(default)]
    pub columns: Vec<OldColumn>,
    /// What routed an event to its partition, as values of the tree.
    #[serde(default)]
    routing: Vec<Value>,
}

impl OldRecord {
    /// What routed an event to its partition, as [`routed`] says it; none where the tree does not say, or in a form this version does not know.
    #[must_use]
    pub fn routing(&self) -> Option<String> {
        let all: Option<Vec<String>> = self.routing.iter().map(value).collect();
        all.filter(|all| !all.is_empty()).map(|all| all.join(", "))
    }
}

/// A value of the tree over one record's columns, in words.
fn value(written: &Value) -> Option<String> {
    let text = |key: &str| written.get(key).and_then(Value::as_str);
    if let Some(column) = text("column") {
        return Some(column.to_owned());
    }
    if let Some(literal) = text("literal") {
        return Some(literal.to_owned());
    }
    let of: Option<Vec<String>> = written.get("of")?.as_array()?.iter().map(value).collect();
    Some(format!("{}({})", text("function")?, of?.join(", ")))
}

/// What routes an event to its partition, in words.
#[must_use]
pub fn routed(terms: &[Term]) -> String {
    let all: Vec<String> = terms
        .iter()
        .map(|term| match term {
            Term::Column(column) => column.column.clone(),
            Term::Literal(text) => text.clone(),
            Term::Apply(word, terms) => format!("{word}({})", routed(terms)),
        })
        .collect();
    all.join(", ")
}

/// A column as it was.
#[derive(Clone, Debug, Deserialize)]
pub struct OldColumn {
    /// The name.
    pub name: String,
    /// The portable type's word.
    #[serde(rename = "type")]
    pub ty: String,
    /// It could be null.
    #[serde(default)]
    pub nullable: bool,
}

/// An environment's machinery as it was.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct OldDeployment {
    name: String,
    /// Topics.
    #[serde(default)]
    pub topics: Vec<OldTopic>,
    /// Captures.
    #[serde(default)]
    pub sources: Vec<OldSource>,
    /// Views' ways into stores.
    #[serde(default)]
    pub sinks: Vec<OldSink>,
    /// Entities and events as they were when this environment was compiled last; none where that was the last compilation of all.
    #[serde(default)]
    records: Option<OldRecords>,
}

/// A topic as it was.
#[derive(Clone, Debug, Deserialize)]
pub struct OldTopic {
    /// The name.
    pub name: String,
    /// Partitions.
    pub partitions: u32,
}

/// A capture as it was.
#[derive(Clone, Debug, Deserialize)]
pub struct OldSource {
    /// The system's name.
    pub system: String,
    /// The connector's name.
    pub connector: String,
    /// The replication slot.
    pub slot: String,
    /// The publication.
    pub publication: String,
    /// `topic.prefix`.
    pub topic_prefix: String,
    /// Captured tables.
    #[serde(default)]
    pub tables: Vec<OldTable>,
}

/// A captured table as it was.
#[derive(Clone, Debug, Deserialize)]
pub struct OldTable {
    /// The entity's name.
    pub entity: String,
}

/// A view's way into its store as it was.
#[derive(Clone, Debug, Deserialize)]
pub struct OldSink {
    /// The view's name.
    pub view: String,
    /// Its version.
    pub view_version: u64,
    /// The store's name.
    pub store: String,
    /// One for each table.
    #[serde(default)]
    pub flows: Vec<OldFlow>,
}

/// One table's way through a view as it was.
#[derive(Clone, Debug, Deserialize)]
pub struct OldFlow {
    /// The entity's name.
    pub entity: String,
    /// What was kept of a row; empty where everything passed.
    #[serde(default)]
    pub columns: Vec<OldCarried>,
    /// What every row had to fulfil, as written.
    #[serde(default)]
    pub filters: Vec<String>,
    /// Where it ended.
    #[serde(default)]
    target: Value,
}

/// A column of a view as it was.
#[derive(Clone, Debug, Deserialize)]
pub struct OldCarried {
    /// Its name in the view.
    pub name: String,
    /// The portable type's word.
    #[serde(rename = "type")]
    pub ty: String,
    /// Its value was hidden.
    #[serde(default)]
    pub masked: bool,
}

impl OldFlow {
    /// The place readers know, as [`place`] says it; none where the tree does not say.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let text = |key: &str| self.target.get(key).and_then(Value::as_str);
        let table = text("table").or_else(|| text("view"));
        match (text("alias").or_else(|| text("key_prefix")), text("namespace"), table) {
            (Some(name), _, _) | (None, None, Some(name)) => Some(name.to_owned()),
            (None, Some(namespace), Some(table)) => Some(format!("{namespace}.{table}")),
            (None, _, None) => None,
        }
    }
}

/// The place of a target that readers know: an alias, a prefix, a table with its namespace.
#[must_use]
pub fn place(target: &Target) -> String {
    match target {
        Target::Index(index) => index.alias.clone(),
        Target::Keyspace(keyspace) => keyspace.prefix.clone(),
        Target::Table(table) => format!("{}.{}", table.namespace, table.name),
        Target::Snowflake(table) => format!("{}.{}", table.namespace, table.name),
    }
}

impl OldDeployment {
    /// The topic of that name.
    #[must_use]
    pub fn topic(&self, name: &str) -> Option<&OldTopic> {
        self.topics.iter().find(|topic| topic.name == name)
    }

    /// The capture of the system of that name.
    #[must_use]
    pub fn source(&self, system: &str) -> Option<&OldSource> {
        self.sources.iter().find(|source| source.system == system)
    }

    /// The view of that name and version.
    #[must_use]
    pub fn sink(&self, view: &str, version: u64) -> Option<&OldSink> {
        self.sinks.iter().find(|sink| sink.view == view && sink.view_version == version)
    }

    /// Whether changes of the entity of that name were captured.
    #[must_use]
    pub fn captures(&self, entity: &str) -> bool {
        self.sources.iter().any(|source| source.tables.iter().any(|table| table.entity == entity))
    }
}

impl Baseline {
    /// Reads an `architecture.json`.
    ///
    /// # Errors
    /// Where it is none that diac wrote, or of a later form; the reason without a full stop.
    pub fn read(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Form {
            version: u64,
        }
        #[derive(Deserialize)]
        struct Tree {
            pipeline: String,
            #[serde(flatten)]
            records: OldRecords,
            environments: Vec<OldDeployment>,
        }
        if let Ok(Form { version }) = serde_json::from_str::<Form>(text)
            && version > VERSION
        {
            return Err("was written by a later version of diac".to_owned());
        }
        let tree: Tree = serde_json::from_str(text).map_err(|_| "is not one that diac wrote".to_owned())?;
        Ok(Self {
            pipeline: tree.pipeline,
            records: tree.records,
            environments: tree.environments.into_iter().map(|old| (old.name.clone(), old)).collect(),
        })
    }

    /// The forms in which the logs of these environments hold records; where none of them was compiled before, those of all that were.
    #[must_use]
    pub fn forms(&self, of: &[&str]) -> Vec<OldForm<'_>> {
        let named: Vec<&OldDeployment> =
            self.environments.values().filter(|old| of.contains(&old.name.as_str())).collect();
        let looked_at = if named.is_empty() { self.environments.values().collect() } else { named };
        let (own, last): (Vec<_>, Vec<_>) = looked_at.into_iter().partition(|old| old.records.is_some());
        let own =
            own.into_iter().filter_map(|old| Some(OldForm { records: old.records.as_ref()?, environments: vec![old] }));
        let last = Some(OldForm { records: &self.records, environments: last });
        last.into_iter().filter(|form| !form.environments.is_empty()).chain(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_files_are_refused_and_missing_parts_are_not_known() {
        assert_eq!(Baseline::read("{").unwrap_err(), "is not one that diac wrote");
        assert_eq!(Baseline::read("{\"name\": \"x\"}").unwrap_err(), "is not one that diac wrote");
        assert_eq!(Baseline::read("{\"version\": 2}").unwrap_err(), "was written by a later version of diac");
        let read =
            Baseline::read("{\"version\": 1, \"pipeline\": \"p\", \"environments\": [{\"name\": \"prod\"}]}").unwrap();
        assert!(read.environments["prod"].topics.is_empty());
        assert!(!read.forms(&["prod"])[0].captures("order"));
    }
}
