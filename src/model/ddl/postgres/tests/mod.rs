//! Small SQL texts and the tables they make; spellings of types; Pagila; dumps of 150 tables; texts that are no SQL.

mod cases;
mod findings;
mod plain;
mod robust;
mod spellings;
mod whole;

use super::read;
use crate::diag::Diagnostic;
use crate::model::ddl::shown::{show, show_table};
use crate::model::schema::Schema;
use crate::source::FileId;

/// Reads one text.
fn schema(sql: &str) -> (Schema, Vec<Diagnostic>) {
    read(&[(FileId(0), sql)])
}
