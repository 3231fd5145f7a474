//! What a flow becomes in each kind of store.

use std::collections::BTreeMap;

/// What a flow becomes in its store.
#[derive(Clone, Debug)]
pub enum Target {
    /// An index of a search engine.
    Index(Index),
    /// Keys of Redis.
    Keyspace(Keyspace),
    /// A table in PostgreSQL.
    Table(Table),
    /// A change log table, a dynamic table and a view in Snowflake.
    Snowflake(SnowflakeTable),
}

/// An index.
#[derive(Clone, Debug)]
pub struct Index {
    /// Name readers use.
    pub alias: String,
    /// The index of this version.
    pub index: String,
    /// Primary shards.
    pub shards: u32,
    /// Replica shards.
    pub replicas: u32,
    /// Field mappings by column name, overlay merged in; empty where the columns are not known (then the mapping is dynamic).
    pub properties: serde_json::Map<String, serde_json::Value>,
    /// Fields whose type an overlay would change; it does not.
    pub retyped: Vec<Retyped>,
    /// Analysis settings of the overlay, where it has some.
    pub analysis: Option<serde_json::Value>,
    /// How each column's arriving value becomes a JSON value, by name in the view.
    pub forms: BTreeMap<String, JsonForm>,
}

/// A field whose type an overlay states otherwise than diac maps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retyped {
    /// The field.
    pub field: String,
    /// The type diac maps it to.
    pub own: String,
    /// The type the overlay states.
    pub stated: String,
}

/// How an arriving value becomes a JSON value in a document or a cached body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonForm {
    /// As it is.
    AsIs,
    /// Decimal text to a number (exact up to 15 digits).
    Number,
    /// Days to `YYYY-MM-DD`.
    Date,
    /// Microseconds to `YYYY-MM-DDThh:mm:ss.ffffff` without a zone.
    Datetime,
    /// Microseconds since midnight to `hh:mm:ss.ffffff`.
    Time,
    /// JSON text to the JSON it says.
    Json,
}

/// Keys of Redis: the body under `<prefix>:{<key>}`, its version under the same with `:v` behind.
#[derive(Clone, Debug)]
pub struct Keyspace {
    /// `product`, or `product.v2` for a version above 1.
    pub prefix: String,
    /// How each column's arriving value becomes a JSON value, by name in the view.
    pub forms: BTreeMap<String, JsonForm>,
    /// Life of a body in ms: `expire after`.
    pub expire: Option<u64>,
}

/// A table of a PostgreSQL view.
#[derive(Clone, Debug)]
pub struct Table {
    /// Schema.
    pub namespace: String,
    /// Table.
    pub name: String,
    /// Columns in order, key columns first where they are not selected.
    pub columns: Vec<TableColumn>,
    /// Names of the primary key's columns, as they are called in the target.
    pub key: Vec<String>,
}

/// A column of a target table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Name.
    pub name: String,
    /// SQL type.
    pub sql_type: String,
    /// `NOT NULL` is left out.
    pub nullable: bool,
    /// The record's column.
    pub source: String,
    /// An unchanged wide value may arrive as the placeholder.
    pub toastable: bool,
}

/// A table of a Snowflake view.
#[derive(Clone, Debug)]
pub struct SnowflakeTable {
    /// Schema, upper case.
    pub namespace: String,
    /// The view readers use, upper case.
    pub name: String,
    /// The append-only change log, upper case.
    pub log_table: String,
    /// The dynamic table with the newest version of each row, upper case.
    pub state_table: String,
    /// Columns in order, upper case names.
    pub columns: Vec<TableColumn>,
    /// Names of the key's columns, upper case.
    pub key: Vec<String>,
}
