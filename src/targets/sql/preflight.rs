//! `00-preflight.sql`: asks a database whether it can be captured, and changes nothing.

use std::fmt::Write as _;

use crate::plan::{Captured, Slot, Source};
use crate::targets::sql::spell::{block, header, right_database, text};

/// The file.
pub(super) fn preflight(source: &Source, slot: &Slot) -> String {
    let mut out = header(
        &format!("Can {} be captured? Reads only; every reason against it is a line, then it fails.", source.name),
        "any role that may connect",
        "First of this folder; run it again whenever the server or its tables change.",
    );
    out.push_str(&right_database(&slot.database));
    out.push_str("\nBEGIN TRANSACTION READ ONLY;\n");
    let _ = writeln!(out, "DO {};", block(&body(source, slot)));
    out.push_str("COMMIT;\n");
    out
}

fn body(source: &Source, read: &Slot) -> String {
    let slot = text(&read.slot.value);
    let mut out = format!(
        "
DECLARE
  problem text;
  problems int := 0;
BEGIN
  FOR problem IN
    -- The server.
    SELECT 'the server is older than PostgreSQL 14'
     WHERE current_setting('server_version_num')::int < 140000
    UNION ALL
    SELECT format('wal_level is %s: set it to logical and restart the server', current_setting('wal_level'))
     WHERE current_setting('wal_level') <> 'logical'
    UNION ALL
    SELECT 'this is a standby: changes are captured from the primary'
     WHERE pg_is_in_recovery() AND current_setting('server_version_num')::int < 160000
    UNION ALL
    SELECT format('the database is encoded in %s: only UTF8 can be captured', current_setting('server_encoding'))
     WHERE current_setting('server_encoding') <> 'UTF8'
    UNION ALL
    SELECT format('all %s replication slots are in use: raise max_replication_slots and restart the server', current_setting('max_replication_slots'))
     WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {slot})
       AND (SELECT count(*) FROM pg_replication_slots) >= current_setting('max_replication_slots')::int
    UNION ALL
    SELECT format('all %s senders are in use: raise max_wal_senders and restart the server', current_setting('max_wal_senders'))
     WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {slot} AND active)
       AND (SELECT count(*) FROM pg_stat_get_wal_senders()) >= current_setting('max_wal_senders')::int
    UNION ALL
    SELECT format('the slot %I is there and %s', slot_name,
             CASE WHEN plugin IS DISTINCT FROM 'pgoutput' THEN 'is not one of pgoutput'
                  WHEN database IS DISTINCT FROM current_database() THEN format('belongs to the database %I', database)
                  ELSE 'has lost its place: the server gave up its log. Drop the slot and copy the tables anew' END)
      FROM pg_replication_slots
     WHERE slot_name = {slot}
       AND (plugin IS DISTINCT FROM 'pgoutput' OR database IS DISTINCT FROM current_database() OR wal_status = 'lost')
    UNION ALL
    SELECT format('the publication %I publishes all tables: the updates of every table without a key fail then. Drop it; 03-publication.sql makes one of the captured tables', pubname)
      FROM pg_publication WHERE pubname = {publication} AND puballtables
",
        publication = text(&read.publication.value),
    );
    if !source.tables.is_empty() {
        out.push_str(&tables(&source.tables));
    }
    out.push_str(
        "  LOOP
    RAISE WARNING USING MESSAGE = problem;
    problems := problems + 1;
  END LOOP;
",
    );
    if let Some(limit) = &read.limit {
        let _ = write!(
            out,
            "  IF (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size') NOT BETWEEN 0 AND {most} OR
     (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size') < {least} THEN
    RAISE WARNING USING MESSAGE = format('max_slot_wal_keep_size is %s, the pipeline is planned for {bytes} bytes',
      current_setting('max_slot_wal_keep_size'));
  END IF;
",
            bytes = limit.value,
            // The server counts in MB: a limit between two of them is met by either.
            least = limit.value / (1 << 20),
            most = limit.value.div_ceil(1 << 20),
        );
    }
    out.push_str(
        "  IF problems > 0 THEN
    RAISE EXCEPTION USING MESSAGE = format('not ready to be captured: %s reason(s), see the warnings above', problems);
  END IF;
END ",
    );
    out
}

fn tables(tables: &[Captured]) -> String {
    let rows: Vec<String> = tables
        .iter()
        .map(|table| {
            let columns: Vec<String> = table.columns.iter().map(|column| text(column)).collect();
            format!(
                "({}, {}, {}, ARRAY[{}]::text[])",
                text(&table.namespace),
                text(&table.table),
                if table.identity_full.is_some() { "true" } else { "false" },
                columns.join(", ")
            )
        })
        .collect();
    format!(
        "    UNION ALL
    -- The captured tables: schema, name, whether 03-publication.sql sets its identity to FULL, columns.
    SELECT found.problem
      FROM (VALUES
       {rows}
      ) AS wanted (space, name, full_later, columns)
      LEFT JOIN pg_namespace n ON n.nspname = wanted.space
      LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
     CROSS JOIN LATERAL (
       SELECT format('there is no table %I.%I', wanted.space, wanted.name) AS problem WHERE c.oid IS NULL
       UNION ALL
       SELECT format('%s is no table', c.oid::regclass) WHERE c.relkind NOT IN ('r', 'p')
       UNION ALL
       SELECT format('%s is %s: its changes are in no log', c.oid::regclass,
                CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'temporary' END)
        WHERE c.relpersistence <> 'p'
       UNION ALL
       -- A published table without a usable identity refuses the application's own updates and deletes.
       SELECT format('%s has no usable replica identity (no primary key, a deferrable one, REPLICA IDENTITY NOTHING, or its index is gone): '
                'published, it would refuse updates and deletes', part.oid::regclass)
         FROM pg_class part
        WHERE part.oid IN (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid))
          AND part.relkind IN ('r', 'p') AND NOT wanted.full_later
          AND NOT (part.relreplident = 'f'
            OR (part.relreplident = 'd' AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = part.oid AND i.indisprimary AND i.indimmediate))
            OR (part.relreplident = 'i' AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = part.oid AND i.indisreplident)))
       UNION ALL
       SELECT format('%s has no column %I: the pipeline was compiled against another schema', c.oid::regclass, missing)
         FROM unnest(wanted.columns) AS missing
        WHERE c.oid IS NOT NULL
          AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = missing AND a.attnum > 0 AND NOT a.attisdropped)
     ) AS found
",
        rows = rows.join(",\n       ")
    )
}
