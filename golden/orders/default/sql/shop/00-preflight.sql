-- Can shop be captured? Reads only; every reason against it is a line, then it fails.
--
-- Run as any role that may connect.
-- First of this folder; run it again whenever the server or its tables change.
-- Needs psql 15 and a server of 14 or newer. May be run any number of times.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- A file of the wrong database would do half its work before anything fails.
\unset diac_database_0
\getenv diac_database_0 SHOP_DATABASE
\if :{?diac_database_0}
\else
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'set the environment variable SHOP_DATABASE: database of `shop`'; END$diac$;
\endif
\set diac_database :diac_database_0
SELECT current_database() = :'diac_database' AS diac_right_database \gset
\if :diac_right_database
\else
\echo 'This file is for the database' :diac_database
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'this is another database than the file is for; see the line above'; END$diac$;
\endif

BEGIN TRANSACTION READ ONLY;
DO $diac$
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
     WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'diac_orders_shop')
       AND (SELECT count(*) FROM pg_replication_slots) >= current_setting('max_replication_slots')::int
    UNION ALL
    SELECT format('all %s senders are in use: raise max_wal_senders and restart the server', current_setting('max_wal_senders'))
     WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'diac_orders_shop' AND active)
       AND (SELECT count(*) FROM pg_stat_get_wal_senders()) >= current_setting('max_wal_senders')::int
    UNION ALL
    SELECT format('the slot %I is there and %s', slot_name,
             CASE WHEN plugin IS DISTINCT FROM 'pgoutput' THEN 'is not one of pgoutput'
                  WHEN database IS DISTINCT FROM current_database() THEN format('belongs to the database %I', database)
                  ELSE 'has lost its place: the server gave up its log. Drop the slot and copy the tables anew' END)
      FROM pg_replication_slots
     WHERE slot_name = 'diac_orders_shop'
       AND (plugin IS DISTINCT FROM 'pgoutput' OR database IS DISTINCT FROM current_database() OR wal_status = 'lost')
    UNION ALL
    SELECT format('the publication %I publishes all tables: the updates of every table without a key fail then. Drop it; 03-publication.sql makes one of the captured tables', pubname)
      FROM pg_publication WHERE pubname = 'diac_orders_shop' AND puballtables
    UNION ALL
    -- The captured tables: schema, name, whether 03-publication.sql sets its identity to FULL, columns.
    SELECT found.problem
      FROM (VALUES
       ('public', 'customers', true, ARRAY['customer_id', 'name', 'country', 'segment']::text[]),
       ('public', 'order_lines', true, ARRAY['order_id', 'line_no', 'sku', 'quantity', 'price']::text[]),
       ('public', 'orders', true, ARRAY['order_id', 'customer_id', 'status', 'currency', 'total', 'placed_at']::text[]),
       ('public', 'products', true, ARRAY['sku', 'title', 'price']::text[]),
       ('public', 'stock', true, ARRAY['sku', 'warehouse', 'on_hand', 'reserved']::text[])
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
  LOOP
    RAISE WARNING USING MESSAGE = problem;
    problems := problems + 1;
  END LOOP;
  IF problems > 0 THEN
    RAISE EXCEPTION USING MESSAGE = format('not ready to be captured: %s reason(s), see the warnings above', problems);
  END IF;
END $diac$;
COMMIT;
