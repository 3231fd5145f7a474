-- Heartbeat and signal tables of shop.
--
-- Run as a role that may create schemas in the database.
-- After 01-role-and-grants.sql, which makes the role; before 03-publication.sql, which publishes these tables.
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

CREATE SCHEMA IF NOT EXISTS "diac";
GRANT USAGE ON SCHEMA "diac" TO "diac_orders_shop";

-- The connector writes this row at an interval: only a change of a published table moves its slot on, so without it a quiet
-- database beside busy ones would keep the server's whole log.
CREATE TABLE IF NOT EXISTS "diac".heartbeat (
  id smallint PRIMARY KEY CHECK (id = 1),
  ts timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON "diac".heartbeat TO "diac_orders_shop";

-- Rows in here are commands to the connector, such as a new copy of one table; it also writes its own watermarks.
CREATE TABLE IF NOT EXISTS "diac".signal (
  id varchar(64) PRIMARY KEY,
  type varchar(32) NOT NULL,
  data text
);
GRANT SELECT, INSERT, DELETE ON "diac".signal TO "diac_orders_shop";
