//! The captured database's side: role and grants, heartbeat and signal tables, publication, teardown.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::plan::{Captured, Origin, Slot, Source};
use crate::targets::spelling::one_line;
use crate::targets::sql::role::{self, Duty};
use crate::targets::sql::spell::{block, header, name, path, right_database, text};

/// Tables of views that the same role writes in the same database: `(schema, table)`.
pub(super) type AlsoGranted = BTreeSet<(String, String)>;

/// `01-role-and-grants.sql`.
pub(super) fn role_and_grants(source: &Source, slot: &Slot, also: &AlsoGranted) -> String {
    let role = &source.role.value;
    let mut out = header(
        &format!("Role of the connector {} in {}.", one_line(&source.connector.name), one_line(&source.name)),
        "a superuser, or as a role that may create roles with REPLICATION and owns the tables",
        "Second of this folder, after 00-preflight.sql.",
    );
    out.push_str(&right_database(&slot.database));
    out.push_str("\n-- LOGIN to connect, REPLICATION to make and read its slot. Managed servers may want a role of theirs granted instead\n");
    out.push_str("-- of REPLICATION, such as rds_replication.\n");
    out.push_str(&role::login(role, &source.password, Duty::Capture));

    out.push_str("\n-- Reading exactly what is captured: for the first copy and for copies asked for by signals.\n");
    for namespace in namespaces(source) {
        let _ = writeln!(out, "GRANT USAGE ON SCHEMA {} TO {};", name(&namespace), name(role));
    }
    for table in &source.tables {
        let _ = writeln!(out, "GRANT SELECT ON {} TO {};", path(&table.namespace, &table.table), name(role));
    }
    if matches!(source.role.why.origin, Origin::Stated(_)) {
        out.push_str("\n-- The role's name is stated by you, so it may have other work: what else it may read is left as it is.\n");
    } else {
        out.push_str("\n-- A table that is captured no longer is read no longer.\n");
        out.push_str(&revoke_others(source, also));
    }
    out
}

fn revoke_others(source: &Source, also: &AlsoGranted) -> String {
    let mut kept: BTreeSet<(String, String)> = also.clone();
    kept.extend(source.tables.iter().map(|table| (table.namespace.clone(), table.table.clone())));
    kept.insert((source.service_schema.to_owned(), "heartbeat".to_owned()));
    kept.insert((source.service_schema.to_owned(), "signal".to_owned()));
    let outboxes = source.outboxes.iter().flat_map(|outboxes| &outboxes.tables);
    kept.extend(outboxes.map(|table| (table.namespace.clone(), table.table.clone())));
    let kept: Vec<String> = kept.iter().map(|(space, table)| format!("({}, {})", text(space), text(table))).collect();
    let quoted = text(&source.role.value);
    format!(
        "\
SELECT format('REVOKE ALL ON TABLE %I.%I FROM %I', n.nspname, c.relname, {quoted})
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = {quoted} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relowner <> r.oid
   AND (n.nspname, c.relname) NOT IN (
       {})
 GROUP BY n.nspname, c.relname \\gexec
",
        kept.join(",\n       ")
    )
}

fn namespaces(source: &Source) -> BTreeSet<String> {
    source.tables.iter().map(|table| table.namespace.clone()).collect()
}

/// `02-signal-heartbeat.sql`.
pub(super) fn service_tables(source: &Source, slot: &Slot) -> String {
    let (role, schema) = (name(&source.role.value), name(source.service_schema));
    let mut out = header(
        &format!("Heartbeat and signal tables of {}.", one_line(&source.name)),
        "a role that may create schemas in the database",
        "After 01-role-and-grants.sql, which makes the role; before 03-publication.sql, which publishes these tables.",
    );
    out.push_str(&right_database(&slot.database));
    let _ = write!(
        out,
        "
CREATE SCHEMA IF NOT EXISTS {schema};
GRANT USAGE ON SCHEMA {schema} TO {role};

-- The connector writes this row at an interval: only a change of a published table moves its slot on, so without it a quiet
-- database beside busy ones would keep the server's whole log.
CREATE TABLE IF NOT EXISTS {schema}.heartbeat (
  id smallint PRIMARY KEY CHECK (id = 1),
  ts timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON {schema}.heartbeat TO {role};

-- Rows in here are commands to the connector, such as a new copy of one table; it also writes its own watermarks.
CREATE TABLE IF NOT EXISTS {schema}.signal (
  id varchar(64) PRIMARY KEY,
  type varchar(32) NOT NULL,
  data text
);
GRANT SELECT, INSERT, DELETE ON {schema}.signal TO {role};
"
    );
    out
}

/// `03-publication.sql`.
pub(super) fn publication(source: &Source, slot: &Slot) -> String {
    let publication = &slot.publication.value;
    let mut out = header(
        &format!("What {} publishes.", one_line(&source.name)),
        "the owner of the tables, or a superuser",
        "After 02-signal-heartbeat.sql, before the connector is made: it is told to make no publication of its own.",
    );
    out.push_str(&right_database(&slot.database));

    if source.tables.iter().any(|table| table.identity_full.is_some()) {
        out.push_str("\n-- ALTER TABLE waits for running transactions and everything else then waits for it: give up early and run again.\n");
        out.push_str("SET lock_timeout = '5s';\n");
        source.tables.iter().for_each(|table| out.push_str(&identity(table)));
        out.push_str("RESET lock_timeout;\n");
    }

    let quoted = text(publication);
    let _ = write!(
        out,
        "
SELECT format('CREATE PUBLICATION %I', {quoted})
 WHERE NOT EXISTS (SELECT FROM pg_publication WHERE pubname = {quoted}) \\gexec
"
    );
    if matches!(slot.publication.why.origin, Origin::Stated(_)) {
        out.push_str(&keep_what_others_read(source, slot));
    }
    let tables: Vec<String> = published(source).iter().map(|(space, table)| path(space, table)).collect();
    let _ = write!(
        out,
        "
-- Exactly the captured tables, heartbeat and signal: a heartbeat that is not published moves no slot, a signal that is not is never seen.
ALTER PUBLICATION {} SET TABLE
  {};
",
        name(publication),
        tables.join(",\n  ")
    );
    let through_root = source.tables.iter().any(|table| table.partitioned);
    if through_root {
        out.push_str(
            "\n-- A partitioned table is one table to its readers: one topic, also for partitions made later.\n",
        );
    } else {
        out.push_str("\n-- No captured table is partitioned.\n");
    }
    let _ = writeln!(out, "ALTER PUBLICATION {} SET (publish_via_partition_root = {through_root});", name(publication));
    out
}

/// A table's identity and that of its partitions: it is not inherited, and a change is logged by its partition's.
fn identity(table: &Captured) -> String {
    let Some(why) = &table.identity_full else { return String::new() };
    let full = path(&table.namespace, &table.table);
    format!(
        "
-- {}: {}.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT {oid} UNION SELECT relid FROM pg_partition_tree({oid}))
   AND c.relreplident <> 'f' \\gexec
",
        one_line(&full),
        one_line(&why.note),
        oid = format_args!("{}::regclass", text(&full)),
    )
}

/// A publication that was there before diac may feed another connector as well: its tables are not taken away without a word.
fn keep_what_others_read(source: &Source, slot: &Slot) -> String {
    let kept: Vec<String> =
        published(source).iter().map(|(space, table)| format!("({}, {})", text(space), text(table))).collect();
    let body = format!(
        "
DECLARE others text;
BEGIN
  SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY n.nspname, c.relname) INTO others
    FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
    JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE p.pubname = {} AND (n.nspname, c.relname) NOT IN (
         {});
  IF others IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'the publication also publishes ' || others,
      HINT = 'If no other connector reads them, run this file again with: psql -v diac_shrink=yes';
  END IF;
END ",
        text(&slot.publication.value),
        kept.join(",\n         ")
    );
    format!(
        "
-- The publication's name is stated by you, so it may feed another connector too.
\\if :{{?diac_shrink}}
\\else
DO {};
\\endif
",
        block(&body)
    )
}

fn published(source: &Source) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        source.tables.iter().map(|table| (table.namespace.clone(), table.table.clone())).collect();
    all.push((source.service_schema.to_owned(), "heartbeat".to_owned()));
    all.push((source.service_schema.to_owned(), "signal".to_owned()));
    all
}

/// The source's part of `99-teardown.sql`: in the order in which things let go of each other.
pub(super) fn teardown(source: &Source, slot: &Slot) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "
-- The slot first: while it stands the server keeps its log, for ever. A connector that still reads it makes this fail: stop it before.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {slot};

DROP PUBLICATION IF EXISTS {publication};

-- Heartbeat and signal tables may serve another pipeline of this database: they stay while another publication has them.
SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', {schema})
 WHERE NOT EXISTS (SELECT FROM pg_publication_tables WHERE schemaname = {schema}) \\gexec

",
        slot = text(&slot.slot.value),
        publication = name(&slot.publication.value),
        schema = text(source.service_schema),
    );
    for table in source.tables.iter().filter(|table| table.identity_full.is_some()) {
        let _ = writeln!(
            out,
            "-- REPLICA IDENTITY FULL of {} stays: set it back by hand where nothing else needs it.",
            one_line(&path(&table.namespace, &table.table))
        );
    }
    out.push_str(&role::revoke_all(&source.role.value));
    out.push_str(&role::drop(&source.role.value));
    out
}
