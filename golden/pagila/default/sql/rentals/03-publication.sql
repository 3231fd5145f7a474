-- What rentals publishes.
--
-- Run as the owner of the tables, or a superuser.
-- After 02-signal-heartbeat.sql, before the connector is made: it is told to make no publication of its own.
-- Needs psql 15 and a server of 14 or newer. May be run any number of times.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- A file of the wrong database would do half its work before anything fails.
\unset diac_database_0
\getenv diac_database_0 RENTALS_DATABASE
\if :{?diac_database_0}
\else
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'set the environment variable RENTALS_DATABASE: database of `rentals`'; END$diac$;
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

-- "public"."actor": `first_name` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."actor"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."actor"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."address": `address` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."address"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."address"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."category": `name` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."category"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."category"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."city": `city` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."city"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."city"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."country": `country` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."country"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."country"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."customer": `first_name` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."customer"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."customer"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."language": `name` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."language"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."language"'::regclass))
   AND c.relreplident <> 'f' \gexec

-- "public"."staff": `first_name` can be stored out of line: without the whole old row an update that leaves it alone arrives without its value.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass)
  FROM pg_class c
 WHERE c.oid IN (SELECT '"public"."staff"'::regclass UNION SELECT relid FROM pg_partition_tree('"public"."staff"'::regclass))
   AND c.relreplident <> 'f' \gexec
RESET lock_timeout;

SELECT format('CREATE PUBLICATION %I', 'diac_pagila_rentals')
 WHERE NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'diac_pagila_rentals') \gexec

-- Exactly the captured tables, heartbeat and signal: a heartbeat that is not published moves no slot, a signal that is not is never seen.
ALTER PUBLICATION "diac_pagila_rentals" SET TABLE
  "public"."actor",
  "public"."address",
  "public"."category",
  "public"."city",
  "public"."country",
  "public"."customer",
  "public"."film",
  "public"."film_actor",
  "public"."film_category",
  "public"."inventory",
  "public"."language",
  "public"."payment",
  "public"."rental",
  "public"."staff",
  "public"."store",
  "diac"."heartbeat",
  "diac"."signal";

-- A partitioned table is one table to its readers: one topic, also for partitions made later.
ALTER PUBLICATION "diac_pagila_rentals" SET (publish_via_partition_root = true);
