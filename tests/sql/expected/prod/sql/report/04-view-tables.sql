-- Tables of the views in report.
--
-- Run as a superuser, or as the owner of the database with the right to create roles.
-- Before 05-idempotency.sql, which guards these tables; both before any sink connector is made.
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

-- The sink connector logs in as this role and owns nothing.
\unset diac_password_0
\getenv diac_password_0 REPORT_PASSWORD
\if :{?diac_password_0}
\else
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'set the environment variable REPORT_PASSWORD: password of the role diac_lab_report in report'; END$diac$;
\endif
\set diac_password :diac_password_0
-- The password must not reach the server's log; only a superuser can say so.
SELECT rolsuper AS diac_superuser FROM pg_roles WHERE rolname = current_user \gset
\if :diac_superuser
SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
\endif
SELECT format('CREATE ROLE %I LOGIN', 'diac_lab_report') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'diac_lab_report') \gexec
ALTER ROLE "diac_lab_report" LOGIN PASSWORD :'diac_password';
\unset diac_password
\if :diac_superuser
RESET log_statement;
RESET log_min_duration_statement;
RESET log_min_error_statement;
\endif
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'diac_lab_report') \gexec

-- View report_products version 1, from public.products.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."products" (
  "product_id" bigint NOT NULL,
  "name" text NOT NULL,
  "email" text,
  "note" text,
  "price" numeric(12,2),
  "any" numeric,
  "weight" real,
  "ratio" double precision,
  "stock" integer,
  "tags" text[],
  "wide" text,
  "photo" bytea,
  "attrs" jsonb,
  "ok" boolean,
  "updated_at" timestamp with time zone NOT NULL,
  "created" timestamp without time zone,
  "day" date,
  "at" time without time zone,
  "code" character(4),
  "ident" uuid,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("product_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "product_id" bigint;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "name" text;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "email" text;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "note" text;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "price" numeric(12,2);
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "any" numeric;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "weight" real;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "ratio" double precision;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "stock" integer;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "tags" text[];
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "wide" text;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "photo" bytea;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "attrs" jsonb;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "ok" boolean;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "updated_at" timestamp with time zone;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "created" timestamp without time zone;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "day" date;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "at" time without time zone;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "code" character(4);
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "ident" uuid;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."products" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."products" IS 'Products for people who count; it''s theirs.';
COMMENT ON COLUMN "public"."products"."price" IS 'What it costs, in €; it''s gross.';
COMMENT ON COLUMN "public"."products"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."products"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_lab_report";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."products" TO "diac_lab_report";

-- View report_lines version 1, from public.Order "Lines.
CREATE SCHEMA IF NOT EXISTS "sales ""x""";
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" (
  "Order" uuid NOT NULL,
  "line_no" smallint NOT NULL,
  "amount" numeric(12,2),
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("Order", "line_no")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" ADD COLUMN IF NOT EXISTS "Order" uuid;
ALTER TABLE "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" ADD COLUMN IF NOT EXISTS "line_no" smallint;
ALTER TABLE "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" ADD COLUMN IF NOT EXISTS "amount" numeric(12,2);
ALTER TABLE "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" IS 'What the shop sells.';
COMMENT ON COLUMN "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü"."amount" IS 'Always null: only the condition of the view reads it.';
COMMENT ON COLUMN "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "sales ""x""" TO "diac_lab_report";
GRANT SELECT, INSERT, UPDATE, DELETE ON "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" TO "diac_lab_report";
