-- Takes away what the other files of this folder made in shop.
--
-- Run as a superuser, or as the owner of all of it.
-- By hand only, after the connectors are deleted: nothing runs this file for you.
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

-- The slot first: while it stands the server keeps its log, for ever. A connector that still reads it makes this fail: stop it before.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'diac_orders_shop';

DROP PUBLICATION IF EXISTS "diac_orders_shop";

-- Heartbeat and signal tables may serve another pipeline of this database: they stay while another publication has them.
SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', 'diac')
 WHERE NOT EXISTS (SELECT FROM pg_publication_tables WHERE schemaname = 'diac') \gexec

-- REPLICA IDENTITY FULL of "public"."customers" stays: set it back by hand where nothing else needs it.
-- REPLICA IDENTITY FULL of "public"."order_lines" stays: set it back by hand where nothing else needs it.
-- REPLICA IDENTITY FULL of "public"."orders" stays: set it back by hand where nothing else needs it.
-- REPLICA IDENTITY FULL of "public"."products" stays: set it back by hand where nothing else needs it.
-- REPLICA IDENTITY FULL of "public"."stock" stays: set it back by hand where nothing else needs it.
SELECT format('REVOKE ALL ON %s %I.%I FROM %I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, 'diac_orders_shop')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = 'diac_orders_shop' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner <> r.oid
 GROUP BY c.relkind, n.nspname, c.relname \gexec
SELECT format('REVOKE ALL ON SCHEMA %I FROM %I', n.nspname, 'diac_orders_shop')
  FROM pg_namespace n, aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = 'diac_orders_shop' AND n.nspowner <> r.oid
 GROUP BY n.nspname \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), 'diac_orders_shop')
 WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'diac_orders_shop') \gexec
DROP ROLE IF EXISTS "diac_orders_shop";
