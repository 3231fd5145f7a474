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

SELECT 'DROP TRIGGER IF EXISTS diac_guard ON ' || to_regclass('"public"."due_list"') WHERE to_regclass('"public"."due_list"') IS NOT NULL \gexec
DROP FUNCTION IF EXISTS "public"."due_list__guard"();
DROP VIEW IF EXISTS "public"."due_list__diac";
DROP SEQUENCE IF EXISTS "public"."due_list__duplicate", "public"."due_list__stale";
DROP TABLE IF EXISTS "public"."due_list__gone";

-- The views' tables may still be read. To remove them as well:
--   DROP TABLE IF EXISTS "public"."due_list";

SELECT format('REVOKE ALL ON %s %I.%I FROM %I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, 'diac_lending_reports')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = 'diac_lending_reports' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner <> r.oid
 GROUP BY c.relkind, n.nspname, c.relname \gexec
SELECT format('REVOKE ALL ON SCHEMA %I FROM %I', n.nspname, 'diac_lending_reports')
  FROM pg_namespace n, aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = 'diac_lending_reports' AND n.nspowner <> r.oid
 GROUP BY n.nspname \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), 'diac_lending_reports')
 WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'diac_lending_reports') \gexec
DROP ROLE IF EXISTS "diac_lending_reports";
