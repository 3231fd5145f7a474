-- Takes away what the other files of this folder made in reports.
--
-- Run as a superuser, or as the owner of all of it.
-- By hand only, after the connectors are deleted: nothing runs this file for you.
-- Needs psql 15 and a server of 14 or newer. May be run any number of times.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- A file of the wrong database would do half its work before anything fails.
\unset diac_database_0
\getenv diac_database_0 REPORTS_DATABASE
\if :{?diac_database_0}
\else
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'set the environment variable REPORTS_DATABASE: database of `reports`'; END$diac$;
\endif
\set diac_database :diac_database_0
SELECT current_database() = :'diac_database' AS diac_right_database \gset
\if :diac_right_database
\else
\echo 'This file is for the database' :diac_database
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'this is another database than the file is for; see the line above'; END$diac$;
\endif

-- Stop the sink connectors before: without the guard a late delivery would take rows back in time.

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."customer"') WHERE to_regclass('"public"."customer"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."customer__guard"();
DROP VIEW IF EXISTS "public"."customer__diac";
DROP SEQUENCE IF EXISTS "public"."customer__duplicate", "public"."customer__stale";
DROP TABLE IF EXISTS "public"."customer__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."actor"') WHERE to_regclass('"public"."actor"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."actor__guard"();
DROP VIEW IF EXISTS "public"."actor__diac";
DROP SEQUENCE IF EXISTS "public"."actor__duplicate", "public"."actor__stale";
DROP TABLE IF EXISTS "public"."actor__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."category"') WHERE to_regclass('"public"."category"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."category__guard"();
DROP VIEW IF EXISTS "public"."category__diac";
DROP SEQUENCE IF EXISTS "public"."category__duplicate", "public"."category__stale";
DROP TABLE IF EXISTS "public"."category__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."film"') WHERE to_regclass('"public"."film"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."film__guard"();
DROP VIEW IF EXISTS "public"."film__diac";
DROP SEQUENCE IF EXISTS "public"."film__duplicate", "public"."film__stale";
DROP TABLE IF EXISTS "public"."film__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."film_actor"') WHERE to_regclass('"public"."film_actor"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."film_actor__guard"();
DROP VIEW IF EXISTS "public"."film_actor__diac";
DROP SEQUENCE IF EXISTS "public"."film_actor__duplicate", "public"."film_actor__stale";
DROP TABLE IF EXISTS "public"."film_actor__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."film_category"') WHERE to_regclass('"public"."film_category"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."film_category__guard"();
DROP VIEW IF EXISTS "public"."film_category__diac";
DROP SEQUENCE IF EXISTS "public"."film_category__duplicate", "public"."film_category__stale";
DROP TABLE IF EXISTS "public"."film_category__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."address"') WHERE to_regclass('"public"."address"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."address__guard"();
DROP VIEW IF EXISTS "public"."address__diac";
DROP SEQUENCE IF EXISTS "public"."address__duplicate", "public"."address__stale";
DROP TABLE IF EXISTS "public"."address__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."city"') WHERE to_regclass('"public"."city"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."city__guard"();
DROP VIEW IF EXISTS "public"."city__diac";
DROP SEQUENCE IF EXISTS "public"."city__duplicate", "public"."city__stale";
DROP TABLE IF EXISTS "public"."city__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."country"') WHERE to_regclass('"public"."country"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."country__guard"();
DROP VIEW IF EXISTS "public"."country__diac";
DROP SEQUENCE IF EXISTS "public"."country__duplicate", "public"."country__stale";
DROP TABLE IF EXISTS "public"."country__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."inventory"') WHERE to_regclass('"public"."inventory"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."inventory__guard"();
DROP VIEW IF EXISTS "public"."inventory__diac";
DROP SEQUENCE IF EXISTS "public"."inventory__duplicate", "public"."inventory__stale";
DROP TABLE IF EXISTS "public"."inventory__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."language"') WHERE to_regclass('"public"."language"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."language__guard"();
DROP VIEW IF EXISTS "public"."language__diac";
DROP SEQUENCE IF EXISTS "public"."language__duplicate", "public"."language__stale";
DROP TABLE IF EXISTS "public"."language__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."payment"') WHERE to_regclass('"public"."payment"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."payment__guard"();
DROP VIEW IF EXISTS "public"."payment__diac";
DROP SEQUENCE IF EXISTS "public"."payment__duplicate", "public"."payment__stale";
DROP TABLE IF EXISTS "public"."payment__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."rental"') WHERE to_regclass('"public"."rental"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."rental__guard"();
DROP VIEW IF EXISTS "public"."rental__diac";
DROP SEQUENCE IF EXISTS "public"."rental__duplicate", "public"."rental__stale";
DROP TABLE IF EXISTS "public"."rental__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."staff"') WHERE to_regclass('"public"."staff"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."staff__guard"();
DROP VIEW IF EXISTS "public"."staff__diac";
DROP SEQUENCE IF EXISTS "public"."staff__duplicate", "public"."staff__stale";
DROP TABLE IF EXISTS "public"."staff__gone";

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."store"') WHERE to_regclass('"public"."store"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."store__guard"();
DROP VIEW IF EXISTS "public"."store__diac";
DROP SEQUENCE IF EXISTS "public"."store__duplicate", "public"."store__stale";
DROP TABLE IF EXISTS "public"."store__gone";

-- The views' tables may still be read. To remove them as well:
--   DROP TABLE IF EXISTS "public"."customer";
--   DROP TABLE IF EXISTS "public"."actor";
--   DROP TABLE IF EXISTS "public"."category";
--   DROP TABLE IF EXISTS "public"."film";
--   DROP TABLE IF EXISTS "public"."film_actor";
--   DROP TABLE IF EXISTS "public"."film_category";
--   DROP TABLE IF EXISTS "public"."address";
--   DROP TABLE IF EXISTS "public"."city";
--   DROP TABLE IF EXISTS "public"."country";
--   DROP TABLE IF EXISTS "public"."inventory";
--   DROP TABLE IF EXISTS "public"."language";
--   DROP TABLE IF EXISTS "public"."payment";
--   DROP TABLE IF EXISTS "public"."rental";
--   DROP TABLE IF EXISTS "public"."staff";
--   DROP TABLE IF EXISTS "public"."store";

SELECT format('REVOKE ALL ON %s %I.%I FROM %I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, 'diac_pagila_reports')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = 'diac_pagila_reports' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner <> r.oid
 GROUP BY c.relkind, n.nspname, c.relname \gexec
SELECT format('REVOKE ALL ON SCHEMA %I FROM %I', n.nspname, 'diac_pagila_reports')
  FROM pg_namespace n, aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = 'diac_pagila_reports' AND n.nspowner <> r.oid
 GROUP BY n.nspname \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), 'diac_pagila_reports')
 WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'diac_pagila_reports') \gexec
DROP ROLE IF EXISTS "diac_pagila_reports";
