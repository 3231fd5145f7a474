//! How masks hide values: the same in every runner and on the record's side of an audit, else masked columns could not be compared.

pub(crate) use crate::plan::REDACTED;

/// The environment variable with the secret that hashes are keyed by.
pub(crate) const HASH_SALT: &str = "DIAC_HASH_SALT";

/// Letters a truncating mask keeps, as SQL functions take them.
pub(crate) fn kept(letters: u64) -> i32 {
    i32::try_from(letters).unwrap_or(i32::MAX)
}
