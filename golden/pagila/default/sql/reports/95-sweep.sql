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

-- "public"."customer": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."customer__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."actor": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."actor__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."category": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."category__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."film": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."film__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."film_actor": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."film_actor__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."film_category": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."film_category__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."address": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."address__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."city": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."city__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."country": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."country__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."inventory": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."inventory__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."language": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."language__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."payment": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."payment__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."rental": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."rental__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."staff": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."staff__gone" WHERE "__at" < now() - interval '518400000 milliseconds';

-- "public"."store": 2 × max(outage 3d, bootstrap 1d) = 6d.
DELETE FROM "public"."store__gone" WHERE "__at" < now() - interval '518400000 milliseconds';
