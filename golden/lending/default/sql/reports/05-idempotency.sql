-- Guards of the views in reports.
--
-- Run as the owner of the tables that 04-view-tables.sql made.
-- After 04-view-tables.sql, before any sink connector is made: a row that came before its guard has no defence.
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

-- View due_list: "public"."due_list".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."due_list__gone" (
  "loan_id" bigint NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("loan_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."due_list__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."due_list__stale";
CREATE OR REPLACE VIEW "public"."due_list__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."due_list__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."due_list__stale") AS stale,
       (SELECT count(*) FROM "public"."due_list__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."due_list__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."due_list"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."due_list" AS diac_t WHERE diac_t."loan_id" = NEW."loan_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."due_list__gone" AS diac_g WHERE diac_g."loan_id" = NEW."loan_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."due_list__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."due_list" AS diac_t WHERE diac_t."loan_id" = NEW."loan_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."due_list__gone" AS diac_g ("loan_id", "__lsn") VALUES (NEW."loan_id", -1)
        ON CONFLICT ("loan_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."due_list" AS diac_t WHERE diac_t."loan_id" = NEW."loan_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."due_list__gone" AS diac_g WHERE diac_g."loan_id" = NEW."loan_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."due_list__gone" AS diac_g WHERE diac_g."loan_id" = NEW."loan_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."due_list__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."due_list__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."reader_name" = '__debezium_unavailable_value' THEN NEW."reader_name" := diac_old."reader_name"; END IF;
  IF NEW."title" = '__debezium_unavailable_value' THEN NEW."title" := diac_old."title"; END IF;
  IF NEW."shelf" = '__debezium_unavailable_value' THEN NEW."shelf" := diac_old."shelf"; END IF;
  -- A row the view's condition does not hold for leaves the view like a deleted one, and may come back.
  IF NEW."__deleted" = 'true' OR NOT (coalesce((NOT coalesce((NEW."returned_at" IS NOT NULL), false)), false) AND coalesce(((NEW."shelf" IS NOT NULL) AND (NEW."shelf" NOT LIKE 'R%')), false)) THEN
    DELETE FROM "public"."due_list" AS diac_t WHERE diac_t."loan_id" = NEW."loan_id";
    INSERT INTO "public"."due_list__gone" AS diac_g ("loan_id", "__lsn") VALUES (NEW."loan_id", NEW."__lsn")
      ON CONFLICT ("loan_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."due_list__gone" AS diac_g WHERE diac_g."loan_id" = NEW."loan_id";
  IF NEW."reader_name" IS NOT NULL THEN NEW."reader_name" := '[redacted]'; END IF;
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."due_list" FOR EACH ROW EXECUTE FUNCTION "public"."due_list__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."due_list__gone" TO "diac_lending_reports";
GRANT USAGE ON SEQUENCE "public"."due_list__duplicate", "public"."due_list__stale" TO "diac_lending_reports";
GRANT SELECT ON "public"."due_list__diac" TO "diac_lending_reports";
