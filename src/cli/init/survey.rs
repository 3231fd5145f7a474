//! What a schema holds, as a newcomer wants to see it: which tables stand in the middle, which cannot be captured, which columns look personal.

use std::collections::{BTreeMap, BTreeSet};

use super::page;
use crate::model::identity::fault;
use crate::model::schema::{Persistence, Schema, SchemaColumn, Shape, Table};
use crate::model::types::Type;
use crate::source::{SourceMap, Span};

/// More entities than this are not written out, unless they look personal.
const MOST: usize = 40;

/// Where a table stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Others refer to it.
    Middle,
    /// It refers to others.
    Edge,
    /// Its key is made of references.
    Link,
    /// No reference goes in or out.
    Alone,
}

/// A table that holds rows of its own.
pub(super) struct Found<'a> {
    pub(super) table: &'a Table,
    /// The entity's name.
    pub(super) entity: String,
    pub(super) place: Place,
    referred: usize,
    /// Why it is left out.
    pub(super) left_out: Option<String>,
    /// Written with its columns, so that one can be marked.
    pub(super) columns: bool,
    pub(super) personal: Vec<&'a str>,
}

impl Found<'_> {
    /// Whether diac's language has a spelling for its name.
    pub(super) fn path(&self, system: &str) -> Option<String> {
        let table = page::name(&self.table.name)?;
        // A file that names no schema or database leaves it to the page.
        if self.table.schema.is_empty() {
            return Some(format!("{system}.{table}"));
        }
        Some(format!("{system}.{}.{table}", page::name(&self.table.schema)?))
    }

    /// Whether a whole system brings it across unless it is left out.
    pub(super) fn comes_along(&self) -> bool {
        self.table.shape != Shape::Foreign && !matches!(self.table.persistence, Persistence::Temporary(_))
    }
}

/// All tables that hold rows of their own, in the order a page shows them.
pub(super) struct Survey<'a> {
    pub(super) found: Vec<Found<'a>>,
    system: String,
}

impl<'a> Survey<'a> {
    pub(super) fn of(schema: &'a Schema, sources: &SourceMap, system: &str) -> Self {
        let mut taken: BTreeSet<String> = [system, page::COPY].iter().map(|name| page::folded(name)).collect();
        let mut referred: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for table in &schema.tables {
            for key in &table.foreign_keys {
                let itself = key.to_schema == table.schema && key.to_table == table.name;
                // A partition's references are its parent's.
                if !itself && !matches!(table.shape, Shape::PartitionOf { .. }) {
                    *referred.entry((&key.to_schema, &key.to_table)).or_default() += 1;
                }
            }
        }
        let rows = schema.tables.iter().filter(|table| !matches!(table.shape, Shape::PartitionOf { .. }));
        let mut found: Vec<Found> = rows
            .map(|table| {
                let referred = referred.get(&(table.schema.as_str(), table.name.as_str())).copied().unwrap_or(0);
                let personal: Vec<&str> =
                    table.columns.iter().filter(|column| personal(column)).map(|column| column.name.as_str()).collect();
                Found {
                    table,
                    entity: String::new(),
                    place: place(table, referred),
                    referred,
                    left_out: left_out(table, sources),
                    columns: !personal.is_empty() && page::spelled(table),
                    personal,
                }
            })
            .collect();
        found.sort_by_key(|found| (found.place, std::cmp::Reverse(found.referred)));
        for found in &mut found {
            found.entity = entity(found.table, &mut taken);
        }
        Self { found, system: system.to_owned() }
    }

    /// Tables that follow.
    pub(super) fn followed(&self) -> impl Iterator<Item = &Found<'a>> {
        self.found.iter().filter(|found| found.left_out.is_none())
    }

    /// Tables that are written as entities: all that can be named, or the most important ones and those that look personal.
    pub(super) fn entities(&self) -> Vec<&Found<'a>> {
        let named: Vec<&Found> = self.followed().filter(|found| found.path(&self.system).is_some()).collect();
        let wanted = |(at, found): &(usize, &Found)| *at < MOST || !found.personal.is_empty();
        named.into_iter().enumerate().filter(wanted).map(|(_, found)| found).collect()
    }

    /// Says less of the table that a finding is about, and in a later round leaves it out. `round` holds the tables that this
    /// round has dealt with: their other findings may be gone with the first.
    pub(super) fn blame(&mut self, message: &str, places: &[Span], round: &mut BTreeSet<usize>) {
        let Some(at) = self.culprit(message, places, round) else { return };
        let Some(found) = self.found.get_mut(at).filter(|_| round.insert(at)) else { return };
        if found.columns {
            found.columns = false;
        } else {
            found.left_out = Some(message.to_owned());
        }
    }

    /// The table whose lines of the schema a finding shows, else the last one it names.
    fn culprit(&self, message: &str, places: &[Span], round: &BTreeSet<usize>) -> Option<usize> {
        let holds = |outer: Span, inner: &Span| {
            outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
        };
        let all = || {
            let all = self.found.iter().enumerate();
            all.filter(|(at, found)| found.left_out.is_none() || round.contains(at))
        };
        let shown = |table: &Table| {
            let columns = table.columns.iter().map(|column| column.span);
            let mut own = columns.chain([table.span]).chain(table.primary_key.iter().map(|key| key.span));
            own.any(|own| places.iter().any(|place| holds(own, place)))
        };
        if let Some((at, _)) = all().find(|(_, found)| shown(found.table)) {
            return Some(at);
        }
        let named = all().filter_map(|(at, found)| {
            let path = format!("{}.{}.{}", self.system, found.table.schema, found.table.name);
            Some((message.rfind(&path)?, path.len(), at))
        });
        named.max().map(|(_, _, at)| at)
    }
}

fn place(table: &Table, referred: usize) -> Place {
    let refers = |name: &String| table.foreign_keys.iter().any(|key| key.columns.contains(name));
    let key = table.primary_key.as_ref().map_or(&[][..], |key| key.columns.as_slice());
    if key.len() > 1 && key.iter().all(refers) {
        Place::Link
    } else if referred > 0 {
        Place::Middle
    } else if table.foreign_keys.is_empty() {
        Place::Alone
    } else {
        Place::Edge
    }
}

/// Why a table cannot be captured, in words that stand behind its name.
fn left_out(table: &Table, sources: &SourceMap) -> Option<String> {
    if table.shape == Shape::Foreign {
        return Some("is a foreign table: its changes are in another server's log".into());
    }
    let fault = fault(table, None, sources)?;
    if let Persistence::Temporary(_) = table.persistence {
        return Some(fault.what);
    }
    Some(format!("{}: {}", fault.what, fault.cure.words()))
}

/// The table's own name, else with its schema, else with a number.
fn entity(table: &Table, taken: &mut BTreeSet<String>) -> String {
    let own = |text: &str| if page::name(text).is_some() { text.to_owned() } else { page::plain(text, "table") };
    let full = format!("{}_{}", own(&table.schema), own(&table.name));
    let numbered = (2..).map(|n| format!("{full}_{n}"));
    let mut names = [own(&table.name), full.clone()].into_iter().chain(numbered);
    names.find(|name| taken.insert(page::folded(name))).unwrap_or(full)
}

/// Parts of a name that speak of a person wherever they stand.
const ALWAYS: &[&str] =
    &["email", "phone", "birth", "surname", "firstname", "lastname", "fullname", "passport", "iban"];
/// Whole words that do.
const WORDS: &[&str] = &[
    "mail",
    "mobile",
    "fax",
    "dob",
    "ssn",
    "gender",
    "nationality",
    "address",
    "address1",
    "address2",
    "street",
    "postcode",
    "zip",
    "zipcode",
    "password",
    "passwd",
    "ip",
    "latitude",
    "longitude",
    "forename",
    "nickname",
];
/// Two words that do together.
const PAIRS: &[(&str, &str)] = &[
    ("first", "name"),
    ("last", "name"),
    ("full", "name"),
    ("given", "name"),
    ("family", "name"),
    ("middle", "name"),
    ("maiden", "name"),
    ("user", "name"),
    ("postal", "code"),
    ("tax", "id"),
    ("national", "id"),
    ("card", "number"),
    ("social", "security"),
];

/// Whether a column's name and type look like personal data. A guess, and only ever a comment.
fn personal(column: &SchemaColumn) -> bool {
    let words = words(&column.name);
    let joined = words.join("_");
    let birth = joined.contains("birth") || words.iter().any(|word| word == "dob");
    // A flag, an instant and a number tell of a person only by what they count.
    let holds = match &column.ty {
        Type::Bool | Type::Timestamp | Type::Time | Type::TimeTz | Type::Interval | Type::Enum(_) => false,
        Type::Date | Type::Datetime => birth,
        Type::Smallint | Type::Int | Type::Bigint | Type::Uuid => birth || joined.contains("phone") || joined == "ssn",
        Type::Decimal { .. }
        | Type::Float
        | Type::Double
        | Type::Text
        | Type::Bytes
        | Type::Json
        | Type::Array(_)
        | Type::Other(_) => true,
    };
    let reference = words.len() > 1
        && words.last().is_some_and(|word| word == "id")
        && !joined.ends_with("tax_id")
        && !joined.ends_with("national_id");
    let says = ALWAYS.iter().any(|part| joined.contains(part))
        || words.iter().any(|word| WORDS.contains(&word.as_str()))
        || words.windows(2).any(|pair| matches!(pair, [a, b] if PAIRS.contains(&(a.as_str(), b.as_str()))));
    holds && says && !reference
}

/// The words of a name: `homeAddress` and `home_address` are two.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && small) {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if c.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn what_looks_personal() {
        let text = "CREATE TABLE t (email text, \"homeAddress\" text, first_name text, birth_date date, phone bigint, dob date, tax_id text,
             address_id int, email_sent boolean, emailed_at timestamptz, name text, zipped text, description text, email_id uuid, ship text);";
        let (schema, _) = crate::model::ddl::read(crate::systems::Kind::Postgres, &[(FileId(0), text)]);
        let table = schema.table("public", "t").unwrap();
        let found: Vec<&str> = table.columns.iter().filter(|c| personal(c)).map(|c| c.name.as_str()).collect();
        assert_eq!(found, ["email", "homeAddress", "first_name", "birth_date", "phone", "dob", "tax_id"]);
    }
}
