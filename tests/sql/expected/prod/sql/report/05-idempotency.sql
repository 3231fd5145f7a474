-- Guards of the views in report.
--
-- Run as the owner of the tables that 04-view-tables.sql made.
-- After 04-view-tables.sql, before any sink connector is made: a row that came before its guard has no defence.
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

-- View report_products: "public"."products".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."products__gone" (
  "product_id" bigint NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("product_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."products__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."products__stale";
CREATE OR REPLACE VIEW "public"."products__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."products__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."products__stale") AS stale,
       (SELECT count(*) FROM "public"."products__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."products__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."products"%ROWTYPE;
  diac_seen bigint;
BEGIN
  -- It arrives as base64 text, whose letters PostgreSQL would take for the bytes.
  IF NEW."photo" <> convert_to('__debezium_unavailable_value', 'UTF8') THEN NEW."photo" := decode(convert_from(NEW."photo", 'UTF8'), 'base64'); END IF;
  -- Epoch 2: positions of the record's log started anew, versions go on.
  NEW."__lsn" := NEW."__lsn" + 144115188075855872;
  SELECT diac_t.* INTO diac_old FROM "public"."products" AS diac_t WHERE diac_t."product_id" = NEW."product_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."products__gone" AS diac_g WHERE diac_g."product_id" = NEW."product_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."products__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."products" AS diac_t WHERE diac_t."product_id" = NEW."product_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."products__gone" AS diac_g ("product_id", "__lsn") VALUES (NEW."product_id", -1)
        ON CONFLICT ("product_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."products" AS diac_t WHERE diac_t."product_id" = NEW."product_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."products__gone" AS diac_g WHERE diac_g."product_id" = NEW."product_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."products__gone" AS diac_g WHERE diac_g."product_id" = NEW."product_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."products__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."products__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."wide" = '__debezium_unavailable_value' THEN NEW."wide" := diac_old."wide"; END IF;
  IF NEW."photo" = convert_to('__debezium_unavailable_value', 'UTF8') THEN NEW."photo" := diac_old."photo"; END IF;
  -- A row the view's condition does not hold for leaves the view like a deleted one, and may come back.
  IF NEW."__deleted" = 'true' OR NOT (coalesce((NEW."stock" > 0), false)) THEN
    DELETE FROM "public"."products" AS diac_t WHERE diac_t."product_id" = NEW."product_id";
    INSERT INTO "public"."products__gone" AS diac_g ("product_id", "__lsn") VALUES (NEW."product_id", NEW."__lsn")
      ON CONFLICT ("product_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."products__gone" AS diac_g WHERE diac_g."product_id" = NEW."product_id";
  IF NEW."email" IS NOT NULL THEN NEW."email" := '[redacted]'; END IF;
  NEW."note" := left(NEW."note", 3);
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."products" FOR EACH ROW EXECUTE FUNCTION "public"."products__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."products__gone" TO "diac_lab_report";
GRANT USAGE ON SEQUENCE "public"."products__duplicate", "public"."products__stale" TO "diac_lab_report";
GRANT SELECT ON "public"."products__diac" TO "diac_lab_report";

-- View report_lines: "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" (
  "Order" uuid NOT NULL,
  "line_no" smallint NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("Order", "line_no")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "sales ""x"""."Bestellpositionen ""aller"" Länder und Währun_5a82b3__duplicate";
CREATE SEQUENCE IF NOT EXISTS "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen,_12809d__stale";
CREATE OR REPLACE VIEW "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _bcc610__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währun_5a82b3__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen,_12809d__stale") AS stale,
       (SELECT count(*) FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone") AS gone;
CREATE OR REPLACE FUNCTION "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen,_3fb67d__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" AS diac_t WHERE diac_t."Order" = NEW."Order" AND diac_t."line_no" = NEW."line_no";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" AS diac_g WHERE diac_g."Order" = NEW."Order" AND diac_g."line_no" = NEW."line_no"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" AS diac_t WHERE diac_t."Order" = NEW."Order" AND diac_t."line_no" = NEW."line_no" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" AS diac_g ("Order", "line_no", "__lsn") VALUES (NEW."Order", NEW."line_no", -1)
        ON CONFLICT ("Order", "line_no") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" AS diac_t WHERE diac_t."Order" = NEW."Order" AND diac_t."line_no" = NEW."line_no" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" AS diac_g WHERE diac_g."Order" = NEW."Order" AND diac_g."line_no" = NEW."line_no"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" AS diac_g WHERE diac_g."Order" = NEW."Order" AND diac_g."line_no" = NEW."line_no" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"sales ""x"""."Bestellpositionen ""aller"" Länder und Währun_5a82b3__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen,_12809d__stale"');
    RETURN NULL;
  END IF;
  -- A row the view's condition does not hold for leaves the view like a deleted one, and may come back.
  IF NEW."__deleted" = 'true' OR NOT (coalesce((NOT (NEW."amount" IS NULL)), false)) THEN
    DELETE FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" AS diac_t WHERE diac_t."Order" = NEW."Order" AND diac_t."line_no" = NEW."line_no";
    INSERT INTO "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" AS diac_g ("Order", "line_no", "__lsn") VALUES (NEW."Order", NEW."line_no", NEW."__lsn")
      ON CONFLICT ("Order", "line_no") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" AS diac_g WHERE diac_g."Order" = NEW."Order" AND diac_g."line_no" = NEW."line_no";
  NEW."amount" := NULL;
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü" FOR EACH ROW EXECUTE FUNCTION "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen,_3fb67d__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _986ddb__gone" TO "diac_lab_report";
GRANT USAGE ON SEQUENCE "sales ""x"""."Bestellpositionen ""aller"" Länder und Währun_5a82b3__duplicate", "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen,_12809d__stale" TO "diac_lab_report";
GRANT SELECT ON "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, _bcc610__diac" TO "diac_lab_report";
