//! Reads SQL schema files.

use super::schema::Schema;
use crate::diag::Diagnostic;
use crate::source::FileId;

/// Stub until the reader lands.
#[must_use]
pub fn read(_files: &[(FileId, &str)]) -> (Schema, Vec<Diagnostic>) {
    (Schema::default(), Vec::new())
}
