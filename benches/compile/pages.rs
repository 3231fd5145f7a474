//! Pipelines of any size, the same for the same seed: a dump of a database as `pg_dump` writes it, and pages that keep its tables in two stores.

use std::fmt::Write as _;

/// A file of a generated pipeline: its name and its text.
pub type File = (String, String);

/// How a pipeline names its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Two lines: the whole system into each store.
    Whole,
    /// An entity with its columns and two named views for every table, fifty tables a file.
    Each,
}

impl Form {
    pub const ALL: [Self; 2] = [Self::Whole, Self::Each];

    pub fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Each => "each",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}

/// Tables of one file.
const PER_FILE: usize = 50;

/// The files of a pipeline over `tables` tables; the first one is the page to compile.
pub fn pipeline(form: Form, tables: usize, seed: u64) -> Vec<File> {
    let tables = database(tables, seed);
    let mut files = match form {
        Form::Whole => vec![("main.dia".to_owned(), whole())],
        Form::Each => each(&tables),
    };
    files.push(("schema.sql".to_owned(), dump(&tables)));
    files
}

const HEAD: &str = "edition 2026
pipeline bench

system shop: postgres {
  schema \"schema.sql\"
  may hold pii
}
system search: elasticsearch { may hold pii }
";

const ENVIRONMENT: &str = "
secret shop_password

environment prod {
  deploy files
  secret shop_password = env \"SHOP_PASSWORD\"
  system shop { host = \"shop-db\", database = \"shop\", user = \"diac_cdc\", password = secret shop_password, slot_limit = 64GiB }
  system search { url = \"http://search:9200\" }
";

fn whole() -> String {
    format!(
        "{HEAD}system reports: postgres {{ may hold pii }}

## Every table can be searched.
shop | search

## And every table can be asked in SQL.
shop | reports
{ENVIRONMENT}  system reports {{ host = \"reports-db\", database = \"reports\", user = \"diac\", password = secret shop_password }}
}}
"
    )
}

fn each(tables: &[Table]) -> Vec<File> {
    let parts: Vec<File> = tables
        .chunks(PER_FILE)
        .enumerate()
        .map(|(at, tables)| {
            let mut text = "edition 2026\n".to_owned();
            tables.iter().for_each(|table| table.page(&mut text));
            (format!("part_{at:03}.dia"), text)
        })
        .collect();
    let mut main = format!("{HEAD}system cache: redis {{ may hold pii }}\n\n");
    for (name, _) in &parts {
        let _ = writeln!(main, "import \"{name}\"");
    }
    main.push_str(ENVIRONMENT);
    main.push_str("  system cache { url = \"redis://cache:6379\" }\n}\n");
    std::iter::once(("main.dia".to_owned(), main)).chain(parts).collect()
}

/// A table of the database.
struct Table {
    schema: &'static str,
    name: String,
    comment: Option<String>,
    columns: Vec<Column>,
    /// The key's columns are the first ones.
    key: usize,
    /// A column of this table, and the place of the table it refers to.
    references: Vec<(String, usize)>,
    index: Option<String>,
}

struct Column {
    name: String,
    sql: &'static str,
    dia: &'static str,
    nullable: bool,
    default: Option<&'static str>,
    pii: bool,
    comment: Option<String>,
}

/// Types as PostgreSQL and as a page write them, and what a dump says of a default.
const TYPES: &[(&str, &str, Option<&str>)] = &[
    ("text", "text", None),
    ("text", "text", Some("''::text")),
    ("character varying(120)", "text", None),
    ("integer", "int", Some("0")),
    ("bigint", "bigint", None),
    ("smallint", "smallint", None),
    ("numeric(12,2)", "decimal(12,2)", Some("0")),
    ("numeric(20,6)", "decimal(20,6)", None),
    ("double precision", "double", None),
    ("boolean", "bool", Some("false")),
    ("date", "date", None),
    ("timestamp with time zone", "timestamp", Some("now()")),
    ("timestamp without time zone", "datetime", None),
    ("uuid", "uuid", None),
    ("jsonb", "json", None),
    ("text[]", "text[]", None),
    ("bytea", "bytes", None),
    (
        "public.order_state",
        "enum(\"draft\", \"placed\", \"paid\", \"shipped\", \"cancelled\")",
        Some("'draft'::public.order_state"),
    ),
];

const SCHEMAS: &[&str] = &["public", "sales", "billing", "stock", "people", "support", "content", "audit_log"];
const FIRST: &[&str] = &[
    "customer",
    "order",
    "invoice",
    "payment",
    "product",
    "supplier",
    "warehouse",
    "shipment",
    "employee",
    "ticket",
    "campaign",
    "contract",
    "device",
    "session",
    "subscription",
    "refund",
];
const SECOND: &[&str] = &[
    "item", "state", "note", "address", "event", "history", "price", "line", "rating", "document", "target", "limit",
    "option", "member", "balance", "schedule",
];
const WORDS: &[&str] = &[
    "amount",
    "label",
    "origin",
    "weight",
    "score",
    "channel",
    "region",
    "level",
    "position",
    "remark",
    "valid_from",
    "valid_to",
    "changed_at",
    "changed_by",
    "external_ref",
    "currency",
    "quantity",
    "discount",
    "title",
    "body",
    "settings",
    "tags",
    "payload",
    "priority",
    "visible",
    "locale",
    "checksum",
    "due_on",
];
const REMARKS: &[&str] = &[
    "as agreed with the customer",
    "taken over from the old system",
    "never negative",
    "empty until the first change",
    "what the printed paper says",
    "it's the sum of the lines below",
];

/// Numbers that look random: splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

fn database(count: usize, seed: u64) -> Vec<Table> {
    let mut random = Random(seed);
    let mut tables: Vec<Table> = Vec::with_capacity(count);
    for at in 0..count {
        let table = table(&mut random, &tables, at);
        tables.push(table);
    }
    tables
}

fn table(random: &mut Random, before: &[Table], at: usize) -> Table {
    let name = format!("{}_{}_{at}", random.pick(FIRST), random.pick(SECOND));
    let plain =
        |name: String, sql, dia| Column { name, sql, dia, nullable: false, default: None, pii: false, comment: None };
    let (mut columns, key) = match random.below(8) {
        0 => (vec![plain(format!("{name}_id"), "uuid", "uuid")], 1),
        1 => (vec![plain("tenant_id".into(), "integer", "int"), plain("no".into(), "bigint", "bigint")], 2),
        2 => (vec![plain("code".into(), "text", "text")], 1),
        _ => (vec![plain("id".into(), "bigint", "bigint")], 1),
    };
    let mut references = Vec::new();
    for n in 0..random.below(4).min(before.len()) {
        // Tables refer to those whose key is one number.
        let to = random.below(before.len());
        if before[to].columns[0].name == "id" {
            let mut column = plain(format!("ref_{n}_id"), "bigint", "bigint");
            column.nullable = random.one_in(2);
            references.push((column.name.clone(), to));
            columns.push(column);
        }
    }
    let start = random.below(WORDS.len());
    for n in 0..3 + random.below(14) {
        let (sql, dia, default) = random.pick(TYPES);
        columns.push(Column {
            name: WORDS[(start + n) % WORDS.len()].to_owned(),
            sql,
            dia,
            nullable: random.one_in(2),
            default,
            pii: false,
            comment: random.one_in(5).then(|| random.pick(REMARKS).to_owned()),
        });
    }
    if random.one_in(10) {
        columns.push(Column { pii: true, ..plain("email".into(), "text", "text") });
    }
    let index = random.one_in(3).then(|| columns.last().unwrap().name.clone());
    let comment = random.one_in(2).then(|| format!("Rows of {}, {}.", name.replace('_', " "), random.pick(REMARKS)));
    Table { schema: random.pick(SCHEMAS), name, comment, columns, key, references, index }
}

impl Table {
    fn path(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    fn key(&self) -> String {
        let names: Vec<&str> = self.columns.iter().take(self.key).map(|column| column.name.as_str()).collect();
        names.join(", ")
    }

    fn page(&self, text: &mut String) {
        let name = &self.name;
        text.push('\n');
        if let Some(comment) = &self.comment {
            let _ = writeln!(text, "## {comment}");
        }
        let _ = writeln!(text, "entity {name} in shop.{} {{", self.path());
        for (at, column) in self.columns.iter().enumerate() {
            let mark = if column.nullable { "?" } else { "" };
            let key = if self.key == 1 && at == 0 { "  key" } else { "" };
            let pii = if column.pii { "  pii" } else { "" };
            let _ = writeln!(text, "  {:<14}  {}{mark}{key}{pii}", column.name, column.dia);
        }
        if self.key > 1 {
            let _ = writeln!(text, "\n  key ({})", self.key());
        }
        let columns = self.columns.iter().take(self.key + 4).map(|column| column.name.as_str());
        let columns = columns.collect::<Vec<_>>().join(", ");
        let _ = write!(
            text,
            "}}

view {name}_search {{
  {name}
  | search.{name}

  objective fresh within 5s
  survives outage of 3d
}}

# What the front page shows; everything else is a click away.
view {name}_card {{
  {name}
  | select {columns}
  | cache.{name}

  objective fresh within 2s
}}
"
        );
    }
}

/// A dump of the database's schema.
fn dump(tables: &[Table]) -> String {
    let mut text = "--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
"
    .to_owned();
    for schema in SCHEMAS.iter().filter(|schema| **schema != "public") {
        let _ = write!(text, "\nCREATE SCHEMA {schema};\n\nALTER SCHEMA {schema} OWNER TO shop;\n");
    }
    text.push_str(
        "\nCREATE TYPE public.order_state AS ENUM (\n    'draft',\n    'placed',\n    'paid',\n    'shipped',\n    'cancelled'\n);\n",
    );
    for table in tables {
        let path = table.path();
        let _ = write!(
            text,
            "\n--\n-- Name: {}; Type: TABLE; Schema: {}; Owner: shop\n--\n\nCREATE TABLE {path} (\n",
            table.name, table.schema
        );
        for (at, column) in table.columns.iter().enumerate() {
            let default = column.default.map(|default| format!(" DEFAULT {default}")).unwrap_or_default();
            let null = if column.nullable { "" } else { " NOT NULL" };
            let comma = if at + 1 == table.columns.len() { "" } else { "," };
            let _ = writeln!(text, "    {} {}{default}{null}{comma}", column.name, column.sql);
        }
        let _ = write!(text, ");\n\nALTER TABLE {path} OWNER TO shop;\n");
        let quoted = |comment: &str| comment.replace('\'', "''");
        if let Some(comment) = &table.comment {
            let _ = write!(text, "\nCOMMENT ON TABLE {path} IS '{}';\n", quoted(comment));
        }
        for column in &table.columns {
            if let Some(comment) = &column.comment {
                let _ = write!(text, "\nCOMMENT ON COLUMN {path}.{} IS '{}';\n", column.name, quoted(comment));
            }
        }
    }
    for table in tables {
        let (path, name, key) = (table.path(), &table.name, table.key());
        let _ = write!(text, "\nALTER TABLE ONLY {path}\n    ADD CONSTRAINT {name}_pkey PRIMARY KEY ({key});\n");
    }
    for table in tables {
        let (path, name) = (table.path(), &table.name);
        if let Some(column) = &table.index {
            let _ = write!(text, "\nCREATE INDEX {name}_{column} ON {path} USING btree ({column});\n");
        }
        for (column, to) in &table.references {
            let to = tables[*to].path();
            let _ = write!(
                text,
                "\nALTER TABLE ONLY {path}\n    ADD CONSTRAINT {name}_{column}_fkey FOREIGN KEY ({column}) REFERENCES {to}(id);\n"
            );
        }
    }
    text
}
