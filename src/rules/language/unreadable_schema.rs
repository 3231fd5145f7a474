use super::super::rule;

rule! {
    /// A schema file, or a statement in it that tables depend on, cannot be read.
    ///
    /// The finding points at the line in the SQL file. Statements that pipelines do not need (functions, views, grants, data) are passed over
    /// without a word.
    ///
    /// Correct the statement, or dump the schema again: `pg_dump --schema-only`.
    {
        name: "unreadable_schema", severity: Error, waivable: false, title: "a schema cannot be read", check: None,
    }
}
