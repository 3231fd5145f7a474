//! What a database says about its own tables: columns, types, keys, references, checks and partitions. Read from `pg_catalog`, so that the load and the
//! comparison know a schema from the database and from nowhere else.

use std::collections::HashMap;

use anyhow::{Context, Result};
use postgres::Client;

/// The tables of a database.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// Ordinary and partitioned tables; partitions are part of their root.
    pub tables: Vec<Table>,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// The primary key's columns, as indices.
    pub key: Vec<usize>,
    /// Foreign keys, also those of single partitions.
    pub references: Vec<Reference>,
}

impl Table {
    /// The name as SQL writes it.
    pub fn sql(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }

    /// The primary key's columns.
    pub fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().filter_map(|it| self.columns.get(*it))
    }
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as SQL writes it.
    pub sql_type: String,
    /// What kind of values it takes, domains looked through.
    pub base: Base,
    /// NULL is refused.
    pub not_null: bool,
    /// The database fills it when an INSERT leaves it out.
    pub has_default: bool,
    /// The database computes it: nobody writes it.
    pub generated: bool,
    /// Part of an index, which limits the size of its values.
    pub indexed: bool,
    /// Literals of the checks that mention it.
    pub hints: Vec<String>,
    /// Bounds of the partitions when the table is divided by it: from, to.
    pub ranges: Vec<(String, String)>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The referring columns, as indices.
    pub columns: Vec<usize>,
    /// Schema and name of the table referred to.
    pub target: (String, String),
    /// The names of the columns referred to.
    pub target_columns: Vec<String>,
}

/// Kinds of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// smallint, integer, bigint.
    Integer {
        /// The smallest value.
        low: i64,
        /// The largest value.
        high: i64,
    },
    /// numeric(precision, scale), or without both.
    Numeric(Option<(usize, usize)>),
    /// real (4 bytes) and double precision (8).
    Float {
        /// 4 or 8.
        bytes: u8,
    },
    /// boolean.
    Boolean,
    /// text, varchar(limit), char(limit).
    Text {
        /// In characters.
        limit: Option<usize>,
        /// char(n) pads with blanks.
        padded: bool,
    },
    /// date.
    Date,
    /// timestamp without time zone.
    Timestamp,
    /// timestamp with time zone.
    TimestampTz,
    /// time without time zone.
    Time,
    /// interval.
    Interval,
    /// uuid.
    Uuid,
    /// json and jsonb.
    Json,
    /// bytea.
    Bytes,
    /// An enumerated type and its labels.
    Enum(Vec<String>),
    /// An array of any dimensions; the load writes one.
    Array(Box<Base>),
    /// tsvector.
    SearchVector,
    /// inet and cidr.
    Network,
    /// A type the load cannot invent values for.
    Other(String),
}

struct Type {
    name: String,
    kind: String,
    base: u32,
    modifier: i32,
    element: u32,
    not_null: bool,
}

/// Reads the tables of some schemas.
pub fn read(client: &mut Client, schemas: &[&str]) -> Result<Catalogue> {
    read_kinds(client, schemas, &["r", "p"])
}

/// Reads the tables and the views of some schemas; a view has no key.
pub fn read_with_views(client: &mut Client, schemas: &[&str]) -> Result<Catalogue> {
    read_kinds(client, schemas, &["r", "p", "v"])
}

fn read_kinds(client: &mut Client, schemas: &[&str], kinds: &[&str]) -> Result<Catalogue> {
    let types = types(client)?;
    let labels = labels(client)?;
    let checks = domain_checks(client)?;
    let mut tables = Vec::new();
    let rows = client.query(
        "SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind::text = ANY ($2) AND NOT c.relispartition AND n.nspname = ANY ($1) ORDER BY 2, 3",
        &[&schemas, &kinds],
    )?;
    for row in rows {
        let oid: u32 = row.get(0);
        let mut table = Table {
            schema: row.get(1),
            name: row.get(2),
            columns: Vec::new(),
            key: Vec::new(),
            references: Vec::new(),
        };
        let mut numbers = HashMap::new();
        for row in client.query(COLUMNS, &[&oid])? {
            let (number, type_oid, modifier): (i16, u32, i32) = (row.get(0), row.get(1), row.get(2));
            let (base, domain_not_null, domains) = resolve(&types, &labels, type_oid, modifier);
            let hints = domains.iter().filter_map(|it| checks.get(it)).flat_map(|it| literals(it)).collect();
            numbers.insert(number, table.columns.len());
            table.columns.push(Column {
                name: row.get(3),
                sql_type: row.get(4),
                base,
                not_null: row.get::<_, bool>(5) || domain_not_null,
                has_default: row.get(6),
                generated: row.get(7),
                indexed: row.get(8),
                hints,
                ranges: Vec::new(),
            });
        }
        constraints(client, oid, &numbers, &mut table)?;
        partitions(client, oid, &numbers, &mut table)?;
        tables.push(table);
    }
    Ok(Catalogue { tables })
}

const COLUMNS: &str = "
SELECT a.attnum, a.atttypid, a.atttypmod, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef OR a.attidentity <> '',
       a.attgenerated <> '' OR a.attidentity = 'a', EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND a.attnum = ANY (i.indkey))
  FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

fn types(client: &mut Client) -> Result<HashMap<u32, Type>> {
    let rows = client.query("SELECT oid, typname, typtype::text, typbasetype, typtypmod, typelem, typnotnull, typcategory::text FROM pg_type", &[])?;
    let one = |row: &postgres::Row| {
        // Only types of category A are arrays; `name` and others have an element type as well.
        let element = if row.get::<_, String>(7) == "A" { row.get(5) } else { 0 };
        (
            row.get(0),
            Type {
                name: row.get(1),
                kind: row.get(2),
                base: row.get(3),
                modifier: row.get(4),
                element,
                not_null: row.get(6),
            },
        )
    };
    Ok(rows.iter().map(one).collect())
}

fn labels(client: &mut Client) -> Result<HashMap<u32, Vec<String>>> {
    let mut labels: HashMap<u32, Vec<String>> = HashMap::new();
    for row in client.query("SELECT enumtypid, enumlabel FROM pg_enum ORDER BY enumsortorder", &[])? {
        labels.entry(row.get(0)).or_default().push(row.get(1));
    }
    Ok(labels)
}

fn domain_checks(client: &mut Client) -> Result<HashMap<u32, String>> {
    let rows = client.query("SELECT contypid, string_agg(pg_get_constraintdef(oid), ' ') FROM pg_constraint WHERE contypid <> 0 AND contype = 'c' GROUP BY 1", &[])?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The base type of a type, whether a domain on the way refuses NULL, and those domains.
fn resolve(
    types: &HashMap<u32, Type>,
    labels: &HashMap<u32, Vec<String>>,
    oid: u32,
    modifier: i32,
) -> (Base, bool, Vec<u32>) {
    let Some(found) = types.get(&oid) else { return (Base::Other(oid.to_string()), false, Vec::new()) };
    match found.kind.as_str() {
        "d" => {
            let (base, not_null, mut domains) = resolve(types, labels, found.base, found.modifier);
            domains.push(oid);
            (base, not_null || found.not_null, domains)
        }
        "e" => (Base::Enum(labels.get(&oid).cloned().unwrap_or_default()), false, Vec::new()),
        _ if found.element != 0 => {
            (Base::Array(Box::new(resolve(types, labels, found.element, modifier).0)), false, Vec::new())
        }
        _ => (plain(&found.name, modifier), false, Vec::new()),
    }
}

/// A type modifier counts four bytes of header for texts and numerics.
fn plain(name: &str, modifier: i32) -> Base {
    let length = usize::try_from(modifier - 4).ok();
    match name {
        "int2" => Base::Integer { low: i16::MIN.into(), high: i16::MAX.into() },
        "int4" => Base::Integer { low: i32::MIN.into(), high: i32::MAX.into() },
        "int8" => Base::Integer { low: i64::MIN, high: i64::MAX },
        "numeric" => Base::Numeric(length.map(|it| (it >> 16, it & 0x7ff))),
        "float4" => Base::Float { bytes: 4 },
        "float8" => Base::Float { bytes: 8 },
        "bool" => Base::Boolean,
        "text" => Base::Text { limit: None, padded: false },
        "varchar" => Base::Text { limit: length, padded: false },
        "bpchar" => Base::Text { limit: length, padded: true },
        "date" => Base::Date,
        "timestamp" => Base::Timestamp,
        "timestamptz" => Base::TimestampTz,
        "time" => Base::Time,
        "interval" => Base::Interval,
        "uuid" => Base::Uuid,
        "json" | "jsonb" => Base::Json,
        "bytea" => Base::Bytes,
        "tsvector" => Base::SearchVector,
        "inet" | "cidr" => Base::Network,
        other => Base::Other(other.to_owned()),
    }
}

/// Primary key, checks, and foreign keys, those of the partitions as well.
fn constraints(client: &mut Client, oid: u32, numbers: &HashMap<i16, usize>, table: &mut Table) -> Result<()> {
    let own = client.query(
        "SELECT contype::text, conkey, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1 AND contype IN ('p', 'c')",
        &[&oid],
    )?;
    for row in own {
        let columns: Vec<i16> = row.get::<_, Option<Vec<i16>>>(1).unwrap_or_default();
        let columns: Vec<usize> = columns.iter().filter_map(|it| numbers.get(it).copied()).collect();
        if row.get::<_, String>(0) == "p" {
            table.key = columns;
        } else {
            let found = literals(&row.get::<_, String>(2));
            for column in columns {
                table.columns.get_mut(column).context("a check on an unknown column")?.hints.extend(found.clone());
            }
        }
    }
    let foreign = client.query(
        "WITH part AS (SELECT $1::oid AS oid UNION SELECT relid::oid FROM pg_partition_tree($1::oid))
         SELECT DISTINCT (SELECT array_agg(a.attname::text ORDER BY k.o) FROM unnest(f.conkey) WITH ORDINALITY k(n, o)
                   JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.n),
                n.nspname::text, c.relname::text,
                (SELECT array_agg(a.attname::text ORDER BY k.o) FROM unnest(f.confkey) WITH ORDINALITY k(n, o)
                   JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.n)
           FROM part JOIN pg_constraint f ON f.conrelid = part.oid AND f.contype = 'f'
           JOIN pg_class c ON c.oid = f.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1, 2, 3",
        &[&oid],
    )?;
    for row in foreign {
        let names: Vec<String> = row.get(0);
        let columns = names.iter().filter_map(|name| table.columns.iter().position(|it| it.name == *name)).collect();
        table.references.push(Reference { columns, target: (row.get(1), row.get(2)), target_columns: row.get(3) });
    }
    Ok(())
}

/// The bounds of the partitions, for a table divided into ranges or lists of one column.
fn partitions(client: &mut Client, oid: u32, numbers: &HashMap<i16, usize>, table: &mut Table) -> Result<()> {
    let Some(row) = client.query_opt("SELECT partattrs[0] FROM pg_partitioned_table WHERE partrelid = $1 AND partstrat IN ('r', 'l') AND partnatts = 1", &[&oid])? else {
        return Ok(());
    };
    let Some(column) = numbers.get(&row.get::<_, i16>(0)).and_then(|it| table.columns.get_mut(*it)) else {
        return Ok(());
    };
    let bounds = client.query(
        "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1 ORDER BY c.relname",
        &[&oid],
    )?;
    for row in bounds {
        let text: String = row.get(0);
        match literals(&text).as_slice() {
            [from, to] if text.contains(" TO ") => column.ranges.push((from.clone(), to.clone())),
            values => column.hints.extend(values.iter().cloned()),
        }
    }
    Ok(())
}

/// The string and number literals of an SQL expression: what a check compares with is a good guess at what it accepts.
fn literals(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = sql.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        if c == '\'' {
            let mut text = String::new();
            while let Some(inner) = rest.next() {
                if inner != '\'' {
                    text.push(inner);
                } else if rest.next_if_eq(&'\'').is_some() {
                    text.push('\'');
                } else {
                    break;
                }
            }
            found.push(text);
        } else if c.is_ascii_digit() && !before.is_alphanumeric() && before != '_' {
            let mut number = if before == '-' { format!("-{c}") } else { c.to_string() };
            while let Some(digit) = rest.next_if(|it| it.is_ascii_digit() || *it == '.') {
                number.push(digit);
            }
            found.push(number);
        }
        before = c;
    }
    found
}

/// A name in double quotes.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_checks_are_found() {
        assert_eq!(literals("CHECK (((VALUE >= 1901) AND (VALUE <= 2155)))"), ["1901", "2155"]);
        assert_eq!(literals("CHECK ((state = ANY (ARRAY['a'::text, 'it''s'::text])))"), ["a", "it's"]);
        assert_eq!(literals("CHECK ((col1 > -2.5))"), ["-2.5"]);
        assert_eq!(literals("FOR VALUES FROM ('2022-01-01 00:00:00+00') TO ('2022-02-01 00:00:00+00')").len(), 2);
    }
}
