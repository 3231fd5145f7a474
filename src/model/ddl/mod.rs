//! Reads schema files: a dump, a hand-written script, or a folder of migrations in order.
//!
//! PostgreSQL has a reader of its own (`postgres`), on a whole parser of its language. MySQL, MariaDB, SQL Server, Oracle
//! and Snowflake share one (`dialects`). Both keep to one rule: a statement that shapes a table and cannot be read is one
//! finding, the others are read all the same, and what shapes no table may be anything.

mod detect;
mod dialects;
mod marks;
mod postgres;
mod report;
#[cfg(test)]
mod shown;

use super::schema::Schema;
use crate::diag::Diagnostic;
use crate::source::FileId;
use crate::systems::Kind;

pub use detect::detect;

/// The kinds of systems whose schemas can be read, in the order a message names them.
pub const KINDS: &[Kind] =
    &[Kind::Postgres, Kind::Mysql, Kind::Mariadb, Kind::Sqlserver, Kind::Oracle, Kind::Snowflake];

/// Reads files of one kind of system in order, as one schema: what a later file alters or drops counts. A kind that has
/// no SQL schema yields an empty one.
#[must_use]
pub fn read(kind: Kind, files: &[(FileId, &str)]) -> (Schema, Vec<Diagnostic>) {
    if kind == Kind::Postgres {
        return postgres::read(files);
    }
    match dialects::Dialect::of(kind) {
        Some(dialect) => dialects::read(dialect, files),
        None => (Schema::default(), Vec::new()),
    }
}
