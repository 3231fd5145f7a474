-- Forgets versions of rows that are long gone from the views in reports.
--
-- Run as the owner of the tables, or as the role of the sink connector.
-- Once a day, by any scheduler; never before the first load is complete.
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

-- "public"."due_list": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."due_list__gone" WHERE "__at" < now() - interval '518400000 milliseconds';
