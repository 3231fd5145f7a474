-- What shop publishes.
--
-- Run as the owner of the tables, or a superuser.
-- After 02-signal-heartbeat.sql, before the connector is made: it is told to make no publication of its own.
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

-- ALTER TABLE waits for running transactions and everything else then waits for it: give up early and run again.
SET lock_timeout = '5s';

-- "public"."customers": `name` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."customers"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."customers"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."order_lines": `sku` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."order_lines"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."order_lines"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."orders": `currency` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."orders"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."orders"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."products": `sku` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."products"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."products"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."stock": `sku` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."stock"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."stock"'::regclass))
   AND c.relreplident <> 'f' \gexec
RESET lock_timeout;

SELECT format('CREATE PUBLICATION %I', 'diac_orders_shop')
 WHERE NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'diac_orders_shop') \gexec

-- Exactly the captured tables, heartbeat and signal: a heartbeat that is not published moves no slot, a signal that is not is never seen.
ALTER PUBLICATION "diac_orders_shop" SET TABLE
  "public"."customers",
  "public"."order_lines",
  "public"."orders",
  "public"."products",
  "public"."stock",
  "diac"."heartbeat",
  "diac"."signal";

-- No captured table is partitioned.
ALTER PUBLICATION "diac_orders_shop" SET (publish_via_partition_root = false);
