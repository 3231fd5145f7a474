//! How masks hide values: the same in every runner and on the record's side of an audit, else masked columns could not be compared.

pub(crate) use crate::plan::{HASH_SALT, REDACTED};

/// Letters a truncating mask keeps, as SQL functions take them.
pub(crate) fn kept(letters: u64) -> i32 {
    i32::try_from(letters).unwrap_or(i32::MAX)
}
