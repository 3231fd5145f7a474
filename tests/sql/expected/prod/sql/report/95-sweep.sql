-- Forgets versions of rows that are long gone from the views in report.
--
-- Run as the owner of the tables, or as the role of the sink connector.
-- Once a day, by any scheduler; never before the first load is complete.
-- Needs psql 15 and a server of 14 or newer. May be run any number of times.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- A file of the wrong database would do half its work before anything fails.
\set diac_database 'report'
SELECT current_database() = :'diac_database' AS diac_right_database \gset
\if :diac_right_database
\else
\echo 'This file is for the database' :diac_database
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'this is another database than the file is for; see the line above'; END$diac$;
\endif

-- "public"."products": 7d: twice the longest outage and the time to read the topic again.
DELETE FROM "public"."products__gone" WHERE "__at" < now() - interval '604800000 milliseconds';

-- "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü": 7d: twice the longest outage and the time to read the topic again.
DELETE FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" WHERE "__at" < now() - interval '604800000 milliseconds';
