//! Rules that reading and resolving report: each has its page here; the codes are in `diag::codes`.

pub(crate) mod ambiguous_column;
pub(crate) mod ambiguous_log;
pub(crate) mod bad_value;
pub(crate) mod column_not_in_log;
pub(crate) mod file_too_large;
pub(crate) mod import_not_found;
pub(crate) mod misplaced_statement;
pub(crate) mod name_taken;
pub(crate) mod nesting_too_deep;
pub(crate) mod no_change_log;
pub(crate) mod not_utf8;
pub(crate) mod statement_not_built;
pub(crate) mod syntax;
pub(crate) mod target_not_built;
pub(crate) mod type_mismatch;
pub(crate) mod unit_missing;
pub(crate) mod unknown_column;
pub(crate) mod unknown_edition;
pub(crate) mod unknown_kind;
pub(crate) mod unknown_name;
pub(crate) mod unknown_table;
pub(crate) mod unreadable_schema;
pub(crate) mod unsalted_hash;
pub(crate) mod view_cycle;

#[cfg(test)]
mod tests {
    use crate::diag::codes;

    #[test]
    fn codes_and_pages_agree() {
        let codes = [
            codes::AMBIGUOUS_LOG,
            codes::BAD_VALUE,
            codes::COLUMN_NOT_IN_LOG,
            codes::FILE_TOO_LARGE,
            codes::IMPORT_NOT_FOUND,
            codes::MISPLACED_STATEMENT,
            codes::NAME_TAKEN,
            codes::NESTING_TOO_DEEP,
            codes::NO_CHANGE_LOG,
            codes::NOT_UTF8,
            codes::AMBIGUOUS_COLUMN,
            codes::STATEMENT_NOT_BUILT,
            codes::SYNTAX,
            codes::TARGET_NOT_BUILT,
            codes::TYPE_MISMATCH,
            codes::UNIT_MISSING,
            codes::UNKNOWN_COLUMN,
            codes::UNKNOWN_EDITION,
            codes::UNKNOWN_KIND,
            codes::UNKNOWN_NAME,
            codes::UNKNOWN_TABLE,
            codes::UNREADABLE_SCHEMA,
            codes::UNSALTED_HASH,
            codes::VIEW_CYCLE,
        ];
        for code in codes {
            let rule = crate::rules::named(code.name);
            assert_eq!(rule.map(|rule| rule.severity), Some(code.severity), "{}", code.name);
        }
    }
}
