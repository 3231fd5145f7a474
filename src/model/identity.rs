//! Whether a table's rows can be told apart in a change log: the question behind `keyless_publication` and behind the tables that `diac init` leaves out.

use super::schema::{Key, Persistence, ReplicaIdentity, Table};
use crate::source::{SourceMap, Span};

/// Why a table cannot be captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The statement that makes it so.
    pub span: Span,
    /// What the table is or has, as the rest of a sentence: `has no primary key`.
    pub what: String,
    /// What would cure it.
    pub cure: Cure,
}

/// What makes a table one that can be captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cure {
    /// A primary key: without one the server refuses updates and deletes.
    Key,
    /// A primary key: the table can be published, but its records carry no key.
    KeyOfRecords,
    /// That its changes are written to the log.
    Logged,
    /// A primary key that is not deferrable.
    NotDeferrable,
    /// Another replica identity.
    Identity,
}

impl Cure {
    /// What to do, as an imperative.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Key | Self::KeyOfRecords => "give it a primary key",
            Self::Logged => "make it a logged table",
            Self::NotDeferrable => "make its primary key NOT DEFERRABLE",
            Self::Identity => "use the default replica identity or FULL",
        }
    }
}

/// What is wrong with a table's identity; nothing where it can be published with updates and deletes and its records have a key.
/// `stated` is the identity that the page states; else the schema's counts.
#[must_use]
pub fn fault(table: &Table, stated: Option<(&ReplicaIdentity, Span)>, sources: &SourceMap) -> Option<Fault> {
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
            ReplicaIdentity::Index(name) => index_fault(table, name, span, sources).is_none(),
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
        ReplicaIdentity::Index(name) => index_fault(table, name, span, sources),
        ReplicaIdentity::Default | ReplicaIdentity::Full => None,
    }
}

/// The fault of `REPLICA IDENTITY NOTHING`, stated at a place.
#[must_use]
pub fn nothing(span: Span) -> Fault {
    Fault { span, what: "has REPLICA IDENTITY NOTHING".into(), cure: Cure::Identity }
}

fn index_fault(table: &Table, name: &str, span: Span, sources: &SourceMap) -> Option<Fault> {
    let Some(unique) = table.uniques.iter().find(|unique| unique.name == *name) else {
        // The primary key's own index carries the constraint's name; any other name is no unique index of the table.
        let key = table.primary_key.as_ref();
        if let Some(key) = key.filter(|key| is_key(table, key, name, sources)) {
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
fn is_key(table: &Table, key: &Key, name: &str, sources: &SourceMap) -> bool {
    let mut words = sources.slice(key.span).split(|c: char| !(c.is_alphanumeric() || c == '_'));
    name == format!("{}_pkey", table.name) || words.any(|word| word.eq_ignore_ascii_case(name))
}
