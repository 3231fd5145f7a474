//! Login roles: made where missing, brought to the stated attributes where present, with a password that stands in no file.

use std::fmt::Write as _;

use crate::plan::Template;
use crate::targets::sql::spell::{name, psql_variable, text};

/// What a role may do beyond logging in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// Reads the change log.
    Capture,
    /// Writes a view's tables.
    Write,
}

/// Statements that make or correct a role.
pub(super) fn login(role: &str, password: &Template, duty: Duty) -> String {
    let replication = match duty {
        Duty::Capture => " REPLICATION",
        Duty::Write => "",
    };
    let mut out = psql_variable("diac_password", password);
    let _ = write!(
        out,
        "\
-- The password must not reach the server's log; only a superuser can say so.
SELECT rolsuper AS diac_superuser FROM pg_roles WHERE rolname = current_user \\gset
\\if :diac_superuser
SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
\\endif
SELECT format('CREATE ROLE %I LOGIN', {quoted}) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {quoted}) \\gexec
ALTER ROLE {role} LOGIN{replication} PASSWORD :'diac_password';
\\unset diac_password
\\if :diac_superuser
RESET log_statement;
RESET log_min_duration_statement;
RESET log_min_error_statement;
\\endif
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), {quoted}) \\gexec
",
        quoted = text(role),
        role = name(role),
    );
    out
}

/// Statements that take the role away again. It is left alone where it still owns or may do something elsewhere: then PostgreSQL refuses.
pub(super) fn drop(role: &str) -> String {
    let quoted = text(role);
    format!(
        "\
SELECT format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), {quoted})
 WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = {quoted}) \\gexec
DROP ROLE IF EXISTS {};
",
        name(role)
    )
}

/// Takes every privilege on tables, sequences and schemas of this database from the role, where there is such a role.
/// Not `DROP OWNED`: that would drop what a role that somebody named by hand owns.
pub(super) fn revoke_all(role: &str) -> String {
    let quoted = text(role);
    format!(
        "\
SELECT format('REVOKE ALL ON %s %I.%I FROM %I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, {quoted})
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = {quoted} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner <> r.oid
 GROUP BY c.relkind, n.nspname, c.relname \\gexec
SELECT format('REVOKE ALL ON SCHEMA %I FROM %I', n.nspname, {quoted})
  FROM pg_namespace n, aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = {quoted} AND n.nspowner <> r.oid
 GROUP BY n.nspname \\gexec
"
    )
}
