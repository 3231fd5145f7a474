-- Tables of the views in reports.
--
-- Run as a superuser, or as the owner of the database with the right to create roles.
-- Before 05-idempotency.sql, which guards these tables; both before any sink connector is made.
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

-- The sink connector logs in as this role and owns nothing.
\unset diac_password_0
\getenv diac_password_0 REPORTS_PASSWORD
\if :{?diac_password_0}
\else
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'set the environment variable REPORTS_PASSWORD: password of the role `diac_lending_reports` in `reports`'; END$diac$;
\endif
\set diac_password :diac_password_0
-- The password must not reach the server's log; only a superuser can say so.
SELECT rolsuper AS diac_superuser FROM pg_roles WHERE rolname = current_user \gset
\if :diac_superuser
SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
\endif
SELECT format('CREATE ROLE %I LOGIN', 'diac_lending_reports') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'diac_lending_reports') \gexec
ALTER ROLE "diac_lending_reports" LOGIN PASSWORD :'diac_password';
\unset diac_password
\if :diac_superuser
RESET log_statement;
RESET log_min_duration_statement;
RESET log_min_error_statement;
\endif
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'diac_lending_reports') \gexec

-- View due_list version 1, from public.loans.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."due_list" (
  "loan_id" bigint NOT NULL,
  "reader_name" text NOT NULL,
  "title" text NOT NULL,
  "shelf" text,
  "due_on" date NOT NULL,
  "returned_at" timestamp with time zone,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("loan_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."due_list" ADD COLUMN IF NOT EXISTS "loan_id" bigint;
ALTER TABLE "public"."due_list" ADD COLUMN IF NOT EXISTS "reader_name" text;
ALTER TABLE "public"."due_list" ADD COLUMN IF NOT EXISTS "title" text;
ALTER TABLE "public"."due_list" ADD COLUMN IF NOT EXISTS "shelf" text;
ALTER TABLE "public"."due_list" ADD COLUMN IF NOT EXISTS "due_on" date;
ALTER TABLE "public"."due_list" ADD COLUMN IF NOT EXISTS "returned_at" timestamp with time zone;
ALTER TABLE "public"."due_list" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."due_list" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."due_list" IS 'Loans of the open shelves, with the day they are due. Shelves whose names start with R are closed.';
COMMENT ON COLUMN "public"."due_list"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."due_list"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_lending_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."due_list" TO "diac_lending_reports";
