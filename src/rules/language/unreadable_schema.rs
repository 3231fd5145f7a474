use super::super::rule;

rule! {
    /// A schema file, or a statement in it that tables depend on, cannot be read.
    ///
    /// The finding points at the line in the SQL file. Statements that pipelines do not need (functions, views, grants, data) are passed over
    /// without a word.
    ///
    /// Correct the statement, or dump the schema again: `pg_dump --schema-only`, `mysqldump --no-data`, Generate Scripts of Management Studio,
    /// `DBMS_METADATA`. A file is read in the dialect of its system's kind: a dump of MySQL's under a `postgres` system cannot be read.
    {
        name: "unreadable_schema", severity: Error, waivable: false, title: "a schema cannot be read", check: None,
    }
}
