//! What is meant: names resolved to ids, kinds to facts, schemas read, views reduced to what they do to a row.

pub mod ddl;
pub mod schema;
pub mod types;
