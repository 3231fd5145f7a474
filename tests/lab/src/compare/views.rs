//! A view in its store against what it must hold: a table of the source, or an SQL view in the source that says it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::{Bodies, Comparison, json, postgres};
use crate::clients::opensearch;
use crate::load::catalogue::{self, Table};
use crate::servers::stack::Stack;

/// Where a view is kept.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// A table of the second database.
    Table(&'static str),
    /// An index.
    Index(&'static str),
    /// Bodies below a prefix.
    Keys(&'static str),
}

/// A view to compare.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Its name in the page.
    pub name: &'static str,
    /// Schema and name of the table or view in the source that it must equal.
    pub expected: (&'static str, &'static str),
    /// The key's columns.
    pub key: &'static [&'static str],
    /// Its store.
    pub place: Place,
}

/// The databases of a pipeline.
#[derive(Debug, Clone, Copy)]
pub struct Databases<'a> {
    /// The servers.
    pub stack: &'a Stack,
    /// The source's database.
    pub source: &'a str,
    /// The second database.
    pub view: &'a str,
}

impl Databases<'_> {
    /// Compares one view.
    pub fn compare(&self, view: &View) -> Result<Comparison> {
        let mut source = self.stack.postgres.client(self.source)?;
        let table = self.expected(view)?;
        match view.place {
            Place::Table(name) => postgres(&mut source, &table, &mut self.stack.postgres.client(self.view)?, name),
            Place::Index(index) => {
                let bodies = opensearch::documents(&self.stack.opensearch.url, index)?;
                json(&mut source, &table, &Bodies { bodies, key: &identity, extra: &[] })
            }
            Place::Keys(prefix) => {
                let mut redis = self.stack.redis.client()?;
                let keys = redis.keys(&format!("{prefix}:{{*}}"))?;
                let values = redis.get_all(&keys)?;
                let bodies: BTreeMap<String, String> =
                    keys.into_iter().zip(values).filter_map(|(key, value)| Some((key, value?))).collect();
                let key = |parts: &[&str]| format!("{prefix}:{{{}}}", identity(parts));
                json(&mut source, &table, &Bodies { bodies, key: &key, extra: &[] })
            }
        }
        .with_context(|| view.name.to_owned())
    }

    fn expected(&self, view: &View) -> Result<Table> {
        let (schema, name) = view.expected;
        let tables = catalogue::read_with_views(&mut self.stack.postgres.client(self.source)?, &[schema])?.tables;
        let mut table = tables.into_iter().find(|it| it.name == name).with_context(|| format!("no {schema}.{name}"))?;
        let place = |column: &&str| table.columns.iter().position(|it| it.name == **column);
        table.key = view.key.iter().map(|it| place(it).with_context(|| (*it).to_owned())).collect::<Result<_>>()?;
        Ok(table)
    }
}

/// The identity of a row in a store of documents: the key's texts with colons between, and what would be taken for one escaped.
pub fn identity(parts: &[&str]) -> String {
    let escape = |part: &&str| part.replace('%', "%25").replace(':', "%3A").replace('{', "%7B").replace('}', "%7D");
    parts.iter().map(escape).collect::<Vec<_>>().join(":")
}
