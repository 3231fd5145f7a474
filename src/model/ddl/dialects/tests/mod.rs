//! Small SQL texts of each dialect and the tables they make; spellings of types; findings; texts that are no SQL.

mod findings;
mod mysql;
mod oracle;
mod robust;
mod snowflake;
mod spellings;
mod sqlserver;

use super::super::read;
use super::super::shown::show;
use crate::diag::Diagnostic;
use crate::model::schema::Schema;
use crate::source::FileId;
use crate::systems::Kind;

/// A name, the statements, the tables.
struct Case(&'static str, &'static str, &'static str);

fn schema(kind: Kind, sql: &str) -> (Schema, Vec<Diagnostic>) {
    read(kind, &[(FileId(0), sql)])
}

fn hold(kind: Kind, cases: &[Case]) {
    for Case(name, sql, expected) in cases {
        let (schema, findings) = schema(kind, sql);
        assert_eq!(findings, [], "{name}");
        assert_eq!(show(&schema), expected.trim(), "{name}");
    }
}
