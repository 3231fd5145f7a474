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

-- View reports_rentals: "public"."customer".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."customer__gone" (
  "customer_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("customer_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."customer__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."customer__stale";
CREATE OR REPLACE VIEW "public"."customer__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."customer__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."customer__stale") AS stale,
       (SELECT count(*) FROM "public"."customer__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."customer__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."customer"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."customer" AS diac_t WHERE diac_t."customer_id" = NEW."customer_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."customer__gone" AS diac_g WHERE diac_g."customer_id" = NEW."customer_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."customer__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."customer" AS diac_t WHERE diac_t."customer_id" = NEW."customer_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."customer__gone" AS diac_g ("customer_id", "__lsn") VALUES (NEW."customer_id", -1)
        ON CONFLICT ("customer_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."customer" AS diac_t WHERE diac_t."customer_id" = NEW."customer_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."customer__gone" AS diac_g WHERE diac_g."customer_id" = NEW."customer_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."customer__gone" AS diac_g WHERE diac_g."customer_id" = NEW."customer_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."customer__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."customer__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."first_name" = '__debezium_unavailable_value' THEN NEW."first_name" := diac_old."first_name"; END IF;
  IF NEW."last_name" = '__debezium_unavailable_value' THEN NEW."last_name" := diac_old."last_name"; END IF;
  IF NEW."email" = '__debezium_unavailable_value' THEN NEW."email" := diac_old."email"; END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."customer" AS diac_t WHERE diac_t."customer_id" = NEW."customer_id";
    INSERT INTO "public"."customer__gone" AS diac_g ("customer_id", "__lsn") VALUES (NEW."customer_id", NEW."__lsn")
      ON CONFLICT ("customer_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."customer__gone" AS diac_g WHERE diac_g."customer_id" = NEW."customer_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."customer" FOR EACH ROW EXECUTE FUNCTION "public"."customer__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."customer__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."customer__duplicate", "public"."customer__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."customer__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."actor".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."actor__gone" (
  "actor_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("actor_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."actor__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."actor__stale";
CREATE OR REPLACE VIEW "public"."actor__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."actor__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."actor__stale") AS stale,
       (SELECT count(*) FROM "public"."actor__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."actor__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."actor"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."actor" AS diac_t WHERE diac_t."actor_id" = NEW."actor_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."actor__gone" AS diac_g WHERE diac_g."actor_id" = NEW."actor_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."actor__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."actor" AS diac_t WHERE diac_t."actor_id" = NEW."actor_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."actor__gone" AS diac_g ("actor_id", "__lsn") VALUES (NEW."actor_id", -1)
        ON CONFLICT ("actor_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."actor" AS diac_t WHERE diac_t."actor_id" = NEW."actor_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."actor__gone" AS diac_g WHERE diac_g."actor_id" = NEW."actor_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."actor__gone" AS diac_g WHERE diac_g."actor_id" = NEW."actor_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."actor__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."actor__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."first_name" = '__debezium_unavailable_value' THEN NEW."first_name" := diac_old."first_name"; END IF;
  IF NEW."last_name" = '__debezium_unavailable_value' THEN NEW."last_name" := diac_old."last_name"; END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."actor" AS diac_t WHERE diac_t."actor_id" = NEW."actor_id";
    INSERT INTO "public"."actor__gone" AS diac_g ("actor_id", "__lsn") VALUES (NEW."actor_id", NEW."__lsn")
      ON CONFLICT ("actor_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."actor__gone" AS diac_g WHERE diac_g."actor_id" = NEW."actor_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."actor" FOR EACH ROW EXECUTE FUNCTION "public"."actor__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."actor__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."actor__duplicate", "public"."actor__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."actor__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."category".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."category__gone" (
  "category_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("category_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."category__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."category__stale";
CREATE OR REPLACE VIEW "public"."category__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."category__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."category__stale") AS stale,
       (SELECT count(*) FROM "public"."category__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."category__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."category"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."category" AS diac_t WHERE diac_t."category_id" = NEW."category_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."category__gone" AS diac_g WHERE diac_g."category_id" = NEW."category_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."category__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."category" AS diac_t WHERE diac_t."category_id" = NEW."category_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."category__gone" AS diac_g ("category_id", "__lsn") VALUES (NEW."category_id", -1)
        ON CONFLICT ("category_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."category" AS diac_t WHERE diac_t."category_id" = NEW."category_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."category__gone" AS diac_g WHERE diac_g."category_id" = NEW."category_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."category__gone" AS diac_g WHERE diac_g."category_id" = NEW."category_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."category__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."category__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."name" = '__debezium_unavailable_value' THEN NEW."name" := diac_old."name"; END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."category" AS diac_t WHERE diac_t."category_id" = NEW."category_id";
    INSERT INTO "public"."category__gone" AS diac_g ("category_id", "__lsn") VALUES (NEW."category_id", NEW."__lsn")
      ON CONFLICT ("category_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."category__gone" AS diac_g WHERE diac_g."category_id" = NEW."category_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."category" FOR EACH ROW EXECUTE FUNCTION "public"."category__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."category__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."category__duplicate", "public"."category__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."category__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."film".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."film__gone" (
  "film_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("film_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."film__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."film__stale";
CREATE OR REPLACE VIEW "public"."film__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."film__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."film__stale") AS stale,
       (SELECT count(*) FROM "public"."film__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."film__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."film"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."film" AS diac_t WHERE diac_t."film_id" = NEW."film_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."film__gone" AS diac_g WHERE diac_g."film_id" = NEW."film_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."film__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."film" AS diac_t WHERE diac_t."film_id" = NEW."film_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."film__gone" AS diac_g ("film_id", "__lsn") VALUES (NEW."film_id", -1)
        ON CONFLICT ("film_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."film" AS diac_t WHERE diac_t."film_id" = NEW."film_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."film__gone" AS diac_g WHERE diac_g."film_id" = NEW."film_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."film__gone" AS diac_g WHERE diac_g."film_id" = NEW."film_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."film__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."film__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."title" = '__debezium_unavailable_value' THEN NEW."title" := diac_old."title"; END IF;
  IF NEW."description" = '__debezium_unavailable_value' THEN NEW."description" := diac_old."description"; END IF;
  IF NEW."special_features" = ARRAY['__debezium_unavailable_value']::text[] THEN NEW."special_features" := diac_old."special_features"; END IF;
  IF NEW."fulltext" = '__debezium_unavailable_value'::tsvector THEN NEW."fulltext" := diac_old."fulltext"; END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."film" AS diac_t WHERE diac_t."film_id" = NEW."film_id";
    INSERT INTO "public"."film__gone" AS diac_g ("film_id", "__lsn") VALUES (NEW."film_id", NEW."__lsn")
      ON CONFLICT ("film_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."film__gone" AS diac_g WHERE diac_g."film_id" = NEW."film_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."film" FOR EACH ROW EXECUTE FUNCTION "public"."film__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."film__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."film__duplicate", "public"."film__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."film__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."film_actor".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."film_actor__gone" (
  "actor_id" integer NOT NULL,
  "film_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("actor_id", "film_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."film_actor__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."film_actor__stale";
CREATE OR REPLACE VIEW "public"."film_actor__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."film_actor__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."film_actor__stale") AS stale,
       (SELECT count(*) FROM "public"."film_actor__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."film_actor__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."film_actor"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."film_actor" AS diac_t WHERE diac_t."actor_id" = NEW."actor_id" AND diac_t."film_id" = NEW."film_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."film_actor__gone" AS diac_g WHERE diac_g."actor_id" = NEW."actor_id" AND diac_g."film_id" = NEW."film_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."film_actor__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."film_actor" AS diac_t WHERE diac_t."actor_id" = NEW."actor_id" AND diac_t."film_id" = NEW."film_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."film_actor__gone" AS diac_g ("actor_id", "film_id", "__lsn") VALUES (NEW."actor_id", NEW."film_id", -1)
        ON CONFLICT ("actor_id", "film_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."film_actor" AS diac_t WHERE diac_t."actor_id" = NEW."actor_id" AND diac_t."film_id" = NEW."film_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."film_actor__gone" AS diac_g WHERE diac_g."actor_id" = NEW."actor_id" AND diac_g."film_id" = NEW."film_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."film_actor__gone" AS diac_g WHERE diac_g."actor_id" = NEW."actor_id" AND diac_g."film_id" = NEW."film_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."film_actor__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."film_actor__stale"');
    RETURN NULL;
  END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."film_actor" AS diac_t WHERE diac_t."actor_id" = NEW."actor_id" AND diac_t."film_id" = NEW."film_id";
    INSERT INTO "public"."film_actor__gone" AS diac_g ("actor_id", "film_id", "__lsn") VALUES (NEW."actor_id", NEW."film_id", NEW."__lsn")
      ON CONFLICT ("actor_id", "film_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."film_actor__gone" AS diac_g WHERE diac_g."actor_id" = NEW."actor_id" AND diac_g."film_id" = NEW."film_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."film_actor" FOR EACH ROW EXECUTE FUNCTION "public"."film_actor__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."film_actor__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."film_actor__duplicate", "public"."film_actor__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."film_actor__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."film_category".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."film_category__gone" (
  "film_id" integer NOT NULL,
  "category_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("film_id", "category_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."film_category__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."film_category__stale";
CREATE OR REPLACE VIEW "public"."film_category__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."film_category__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."film_category__stale") AS stale,
       (SELECT count(*) FROM "public"."film_category__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."film_category__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."film_category"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."film_category" AS diac_t WHERE diac_t."film_id" = NEW."film_id" AND diac_t."category_id" = NEW."category_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."film_category__gone" AS diac_g WHERE diac_g."film_id" = NEW."film_id" AND diac_g."category_id" = NEW."category_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."film_category__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."film_category" AS diac_t WHERE diac_t."film_id" = NEW."film_id" AND diac_t."category_id" = NEW."category_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."film_category__gone" AS diac_g ("film_id", "category_id", "__lsn") VALUES (NEW."film_id", NEW."category_id", -1)
        ON CONFLICT ("film_id", "category_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."film_category" AS diac_t WHERE diac_t."film_id" = NEW."film_id" AND diac_t."category_id" = NEW."category_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."film_category__gone" AS diac_g WHERE diac_g."film_id" = NEW."film_id" AND diac_g."category_id" = NEW."category_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."film_category__gone" AS diac_g WHERE diac_g."film_id" = NEW."film_id" AND diac_g."category_id" = NEW."category_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."film_category__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."film_category__stale"');
    RETURN NULL;
  END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."film_category" AS diac_t WHERE diac_t."film_id" = NEW."film_id" AND diac_t."category_id" = NEW."category_id";
    INSERT INTO "public"."film_category__gone" AS diac_g ("film_id", "category_id", "__lsn") VALUES (NEW."film_id", NEW."category_id", NEW."__lsn")
      ON CONFLICT ("film_id", "category_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."film_category__gone" AS diac_g WHERE diac_g."film_id" = NEW."film_id" AND diac_g."category_id" = NEW."category_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."film_category" FOR EACH ROW EXECUTE FUNCTION "public"."film_category__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."film_category__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."film_category__duplicate", "public"."film_category__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."film_category__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."address".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."address__gone" (
  "address_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("address_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."address__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."address__stale";
CREATE OR REPLACE VIEW "public"."address__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."address__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."address__stale") AS stale,
       (SELECT count(*) FROM "public"."address__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."address__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."address"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."address" AS diac_t WHERE diac_t."address_id" = NEW."address_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."address__gone" AS diac_g WHERE diac_g."address_id" = NEW."address_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."address__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."address" AS diac_t WHERE diac_t."address_id" = NEW."address_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."address__gone" AS diac_g ("address_id", "__lsn") VALUES (NEW."address_id", -1)
        ON CONFLICT ("address_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."address" AS diac_t WHERE diac_t."address_id" = NEW."address_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."address__gone" AS diac_g WHERE diac_g."address_id" = NEW."address_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."address__gone" AS diac_g WHERE diac_g."address_id" = NEW."address_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."address__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."address__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."address" = '__debezium_unavailable_value' THEN NEW."address" := diac_old."address"; END IF;
  IF NEW."address2" = '__debezium_unavailable_value' THEN NEW."address2" := diac_old."address2"; END IF;
  IF NEW."district" = '__debezium_unavailable_value' THEN NEW."district" := diac_old."district"; END IF;
  IF NEW."postal_code" = '__debezium_unavailable_value' THEN NEW."postal_code" := diac_old."postal_code"; END IF;
  IF NEW."phone" = '__debezium_unavailable_value' THEN NEW."phone" := diac_old."phone"; END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."address" AS diac_t WHERE diac_t."address_id" = NEW."address_id";
    INSERT INTO "public"."address__gone" AS diac_g ("address_id", "__lsn") VALUES (NEW."address_id", NEW."__lsn")
      ON CONFLICT ("address_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."address__gone" AS diac_g WHERE diac_g."address_id" = NEW."address_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."address" FOR EACH ROW EXECUTE FUNCTION "public"."address__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."address__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."address__duplicate", "public"."address__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."address__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."city".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."city__gone" (
  "city_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("city_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."city__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."city__stale";
CREATE OR REPLACE VIEW "public"."city__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."city__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."city__stale") AS stale,
       (SELECT count(*) FROM "public"."city__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."city__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."city"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."city" AS diac_t WHERE diac_t."city_id" = NEW."city_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."city__gone" AS diac_g WHERE diac_g."city_id" = NEW."city_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."city__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."city" AS diac_t WHERE diac_t."city_id" = NEW."city_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."city__gone" AS diac_g ("city_id", "__lsn") VALUES (NEW."city_id", -1)
        ON CONFLICT ("city_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."city" AS diac_t WHERE diac_t."city_id" = NEW."city_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."city__gone" AS diac_g WHERE diac_g."city_id" = NEW."city_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."city__gone" AS diac_g WHERE diac_g."city_id" = NEW."city_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."city__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."city__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."city" = '__debezium_unavailable_value' THEN NEW."city" := diac_old."city"; END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."city" AS diac_t WHERE diac_t."city_id" = NEW."city_id";
    INSERT INTO "public"."city__gone" AS diac_g ("city_id", "__lsn") VALUES (NEW."city_id", NEW."__lsn")
      ON CONFLICT ("city_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."city__gone" AS diac_g WHERE diac_g."city_id" = NEW."city_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."city" FOR EACH ROW EXECUTE FUNCTION "public"."city__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."city__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."city__duplicate", "public"."city__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."city__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."country".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."country__gone" (
  "country_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("country_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."country__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."country__stale";
CREATE OR REPLACE VIEW "public"."country__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."country__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."country__stale") AS stale,
       (SELECT count(*) FROM "public"."country__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."country__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."country"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."country" AS diac_t WHERE diac_t."country_id" = NEW."country_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."country__gone" AS diac_g WHERE diac_g."country_id" = NEW."country_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."country__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."country" AS diac_t WHERE diac_t."country_id" = NEW."country_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."country__gone" AS diac_g ("country_id", "__lsn") VALUES (NEW."country_id", -1)
        ON CONFLICT ("country_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."country" AS diac_t WHERE diac_t."country_id" = NEW."country_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."country__gone" AS diac_g WHERE diac_g."country_id" = NEW."country_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."country__gone" AS diac_g WHERE diac_g."country_id" = NEW."country_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."country__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."country__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."country" = '__debezium_unavailable_value' THEN NEW."country" := diac_old."country"; END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."country" AS diac_t WHERE diac_t."country_id" = NEW."country_id";
    INSERT INTO "public"."country__gone" AS diac_g ("country_id", "__lsn") VALUES (NEW."country_id", NEW."__lsn")
      ON CONFLICT ("country_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."country__gone" AS diac_g WHERE diac_g."country_id" = NEW."country_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."country" FOR EACH ROW EXECUTE FUNCTION "public"."country__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."country__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."country__duplicate", "public"."country__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."country__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."inventory".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."inventory__gone" (
  "inventory_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("inventory_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."inventory__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."inventory__stale";
CREATE OR REPLACE VIEW "public"."inventory__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."inventory__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."inventory__stale") AS stale,
       (SELECT count(*) FROM "public"."inventory__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."inventory__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."inventory"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."inventory" AS diac_t WHERE diac_t."inventory_id" = NEW."inventory_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."inventory__gone" AS diac_g WHERE diac_g."inventory_id" = NEW."inventory_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."inventory__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."inventory" AS diac_t WHERE diac_t."inventory_id" = NEW."inventory_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."inventory__gone" AS diac_g ("inventory_id", "__lsn") VALUES (NEW."inventory_id", -1)
        ON CONFLICT ("inventory_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."inventory" AS diac_t WHERE diac_t."inventory_id" = NEW."inventory_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."inventory__gone" AS diac_g WHERE diac_g."inventory_id" = NEW."inventory_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."inventory__gone" AS diac_g WHERE diac_g."inventory_id" = NEW."inventory_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."inventory__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."inventory__stale"');
    RETURN NULL;
  END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."inventory" AS diac_t WHERE diac_t."inventory_id" = NEW."inventory_id";
    INSERT INTO "public"."inventory__gone" AS diac_g ("inventory_id", "__lsn") VALUES (NEW."inventory_id", NEW."__lsn")
      ON CONFLICT ("inventory_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."inventory__gone" AS diac_g WHERE diac_g."inventory_id" = NEW."inventory_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."inventory" FOR EACH ROW EXECUTE FUNCTION "public"."inventory__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."inventory__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."inventory__duplicate", "public"."inventory__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."inventory__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."language".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."language__gone" (
  "language_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("language_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."language__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."language__stale";
CREATE OR REPLACE VIEW "public"."language__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."language__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."language__stale") AS stale,
       (SELECT count(*) FROM "public"."language__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."language__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."language"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."language" AS diac_t WHERE diac_t."language_id" = NEW."language_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."language__gone" AS diac_g WHERE diac_g."language_id" = NEW."language_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."language__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."language" AS diac_t WHERE diac_t."language_id" = NEW."language_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."language__gone" AS diac_g ("language_id", "__lsn") VALUES (NEW."language_id", -1)
        ON CONFLICT ("language_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."language" AS diac_t WHERE diac_t."language_id" = NEW."language_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."language__gone" AS diac_g WHERE diac_g."language_id" = NEW."language_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."language__gone" AS diac_g WHERE diac_g."language_id" = NEW."language_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."language__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."language__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."name" = '__debezium_unavailable_value' THEN NEW."name" := diac_old."name"; END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."language" AS diac_t WHERE diac_t."language_id" = NEW."language_id";
    INSERT INTO "public"."language__gone" AS diac_g ("language_id", "__lsn") VALUES (NEW."language_id", NEW."__lsn")
      ON CONFLICT ("language_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."language__gone" AS diac_g WHERE diac_g."language_id" = NEW."language_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."language" FOR EACH ROW EXECUTE FUNCTION "public"."language__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."language__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."language__duplicate", "public"."language__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."language__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."payment".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."payment__gone" (
  "payment_date" timestamp with time zone NOT NULL,
  "payment_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("payment_date", "payment_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."payment__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."payment__stale";
CREATE OR REPLACE VIEW "public"."payment__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."payment__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."payment__stale") AS stale,
       (SELECT count(*) FROM "public"."payment__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."payment__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."payment"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."payment" AS diac_t WHERE diac_t."payment_date" = NEW."payment_date" AND diac_t."payment_id" = NEW."payment_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."payment__gone" AS diac_g WHERE diac_g."payment_date" = NEW."payment_date" AND diac_g."payment_id" = NEW."payment_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."payment__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."payment" AS diac_t WHERE diac_t."payment_date" = NEW."payment_date" AND diac_t."payment_id" = NEW."payment_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."payment__gone" AS diac_g ("payment_date", "payment_id", "__lsn") VALUES (NEW."payment_date", NEW."payment_id", -1)
        ON CONFLICT ("payment_date", "payment_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."payment" AS diac_t WHERE diac_t."payment_date" = NEW."payment_date" AND diac_t."payment_id" = NEW."payment_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."payment__gone" AS diac_g WHERE diac_g."payment_date" = NEW."payment_date" AND diac_g."payment_id" = NEW."payment_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."payment__gone" AS diac_g WHERE diac_g."payment_date" = NEW."payment_date" AND diac_g."payment_id" = NEW."payment_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."payment__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."payment__stale"');
    RETURN NULL;
  END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."payment" AS diac_t WHERE diac_t."payment_date" = NEW."payment_date" AND diac_t."payment_id" = NEW."payment_id";
    INSERT INTO "public"."payment__gone" AS diac_g ("payment_date", "payment_id", "__lsn") VALUES (NEW."payment_date", NEW."payment_id", NEW."__lsn")
      ON CONFLICT ("payment_date", "payment_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."payment__gone" AS diac_g WHERE diac_g."payment_date" = NEW."payment_date" AND diac_g."payment_id" = NEW."payment_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."payment" FOR EACH ROW EXECUTE FUNCTION "public"."payment__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."payment__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."payment__duplicate", "public"."payment__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."payment__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."rental".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."rental__gone" (
  "rental_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("rental_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."rental__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."rental__stale";
CREATE OR REPLACE VIEW "public"."rental__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."rental__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."rental__stale") AS stale,
       (SELECT count(*) FROM "public"."rental__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."rental__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."rental"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."rental" AS diac_t WHERE diac_t."rental_id" = NEW."rental_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."rental__gone" AS diac_g WHERE diac_g."rental_id" = NEW."rental_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."rental__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."rental" AS diac_t WHERE diac_t."rental_id" = NEW."rental_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."rental__gone" AS diac_g ("rental_id", "__lsn") VALUES (NEW."rental_id", -1)
        ON CONFLICT ("rental_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."rental" AS diac_t WHERE diac_t."rental_id" = NEW."rental_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."rental__gone" AS diac_g WHERE diac_g."rental_id" = NEW."rental_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."rental__gone" AS diac_g WHERE diac_g."rental_id" = NEW."rental_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."rental__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."rental__stale"');
    RETURN NULL;
  END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."rental" AS diac_t WHERE diac_t."rental_id" = NEW."rental_id";
    INSERT INTO "public"."rental__gone" AS diac_g ("rental_id", "__lsn") VALUES (NEW."rental_id", NEW."__lsn")
      ON CONFLICT ("rental_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."rental__gone" AS diac_g WHERE diac_g."rental_id" = NEW."rental_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."rental" FOR EACH ROW EXECUTE FUNCTION "public"."rental__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."rental__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."rental__duplicate", "public"."rental__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."rental__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."staff".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."staff__gone" (
  "staff_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("staff_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."staff__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."staff__stale";
CREATE OR REPLACE VIEW "public"."staff__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."staff__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."staff__stale") AS stale,
       (SELECT count(*) FROM "public"."staff__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."staff__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."staff"%ROWTYPE;
  diac_seen bigint;
BEGIN
  -- It arrives as base64 text, whose letters PostgreSQL would take for the bytes.
  IF NEW."picture" <> convert_to('__debezium_unavailable_value', 'UTF8') THEN NEW."picture" := decode(convert_from(NEW."picture", 'UTF8'), 'base64'); END IF;
  SELECT diac_t.* INTO diac_old FROM "public"."staff" AS diac_t WHERE diac_t."staff_id" = NEW."staff_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."staff__gone" AS diac_g WHERE diac_g."staff_id" = NEW."staff_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."staff__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."staff" AS diac_t WHERE diac_t."staff_id" = NEW."staff_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."staff__gone" AS diac_g ("staff_id", "__lsn") VALUES (NEW."staff_id", -1)
        ON CONFLICT ("staff_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."staff" AS diac_t WHERE diac_t."staff_id" = NEW."staff_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."staff__gone" AS diac_g WHERE diac_g."staff_id" = NEW."staff_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."staff__gone" AS diac_g WHERE diac_g."staff_id" = NEW."staff_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."staff__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."staff__stale"');
    RETURN NULL;
  END IF;
  -- An update that left a wide value alone brings a word in its place.
  IF NEW."first_name" = '__debezium_unavailable_value' THEN NEW."first_name" := diac_old."first_name"; END IF;
  IF NEW."last_name" = '__debezium_unavailable_value' THEN NEW."last_name" := diac_old."last_name"; END IF;
  IF NEW."email" = '__debezium_unavailable_value' THEN NEW."email" := diac_old."email"; END IF;
  IF NEW."username" = '__debezium_unavailable_value' THEN NEW."username" := diac_old."username"; END IF;
  IF NEW."password" = '__debezium_unavailable_value' THEN NEW."password" := diac_old."password"; END IF;
  IF NEW."picture" = convert_to('__debezium_unavailable_value', 'UTF8') THEN NEW."picture" := diac_old."picture"; END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."staff" AS diac_t WHERE diac_t."staff_id" = NEW."staff_id";
    INSERT INTO "public"."staff__gone" AS diac_g ("staff_id", "__lsn") VALUES (NEW."staff_id", NEW."__lsn")
      ON CONFLICT ("staff_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."staff__gone" AS diac_g WHERE diac_g."staff_id" = NEW."staff_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."staff" FOR EACH ROW EXECUTE FUNCTION "public"."staff__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."staff__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."staff__duplicate", "public"."staff__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."staff__diac" TO "diac_pagila_reports";

-- View reports_rentals: "public"."store".
-- Versions of rows that are gone: without them a late insert would bring a deleted row back. Swept by 95-sweep.sql.
CREATE TABLE IF NOT EXISTS "public"."store__gone" (
  "store_id" integer NOT NULL,
  "__lsn" bigint NOT NULL,
  "__at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("store_id")
);
-- Refusals, counted apart: duplicates are the price of at-least-once delivery, stale ones mean that something was read again from further back.
-- Sequences, because counting must not make writers wait for each other.
CREATE SEQUENCE IF NOT EXISTS "public"."store__duplicate";
CREATE SEQUENCE IF NOT EXISTS "public"."store__stale";
CREATE OR REPLACE VIEW "public"."store__diac" AS
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."store__duplicate") AS duplicates,
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "public"."store__stale") AS stale,
       (SELECT count(*) FROM "public"."store__gone") AS gone;
CREATE OR REPLACE FUNCTION "public"."store__guard"() RETURNS trigger LANGUAGE plpgsql AS $diac$
#variable_conflict use_column
DECLARE
  diac_old "public"."store"%ROWTYPE;
  diac_seen bigint;
BEGIN
  SELECT diac_t.* INTO diac_old FROM "public"."store" AS diac_t WHERE diac_t."store_id" = NEW."store_id";
  diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."store__gone" AS diac_g WHERE diac_g."store_id" = NEW."store_id"));
  IF diac_seen IS NULL OR NEW."__lsn" > diac_seen THEN
    -- It looks new, so from here on one writer a key at a time: two tasks can hold one key during a rebalance. The row itself is the lock;
    -- where there is none, a row of "public"."store__gone" is, which no commit leaves behind. Advisory locks would fill the server's table of locks.
    SELECT diac_t.* INTO diac_old FROM "public"."store" AS diac_t WHERE diac_t."store_id" = NEW."store_id" FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO "public"."store__gone" AS diac_g ("store_id", "__lsn") VALUES (NEW."store_id", -1)
        ON CONFLICT ("store_id") DO UPDATE SET "__at" = diac_g."__at";
      SELECT diac_t.* INTO diac_old FROM "public"."store" AS diac_t WHERE diac_t."store_id" = NEW."store_id" FOR UPDATE;
    END IF;
    diac_seen := greatest(diac_old."__lsn", (SELECT diac_g."__lsn" FROM "public"."store__gone" AS diac_g WHERE diac_g."store_id" = NEW."store_id"));
    IF NEW."__lsn" <= diac_seen THEN
      DELETE FROM "public"."store__gone" AS diac_g WHERE diac_g."store_id" = NEW."store_id" AND diac_g."__lsn" = -1;
    END IF;
  END IF;
  IF NEW."__lsn" = diac_seen THEN
    PERFORM nextval('"public"."store__duplicate"');
    RETURN NULL;
  ELSIF NEW."__lsn" < diac_seen THEN
    PERFORM nextval('"public"."store__stale"');
    RETURN NULL;
  END IF;
  IF NEW."__deleted" = 'true' THEN
    DELETE FROM "public"."store" AS diac_t WHERE diac_t."store_id" = NEW."store_id";
    INSERT INTO "public"."store__gone" AS diac_g ("store_id", "__lsn") VALUES (NEW."store_id", NEW."__lsn")
      ON CONFLICT ("store_id") DO UPDATE SET "__lsn" = excluded."__lsn", "__at" = now();
    RETURN NULL;
  END IF;
  DELETE FROM "public"."store__gone" AS diac_g WHERE diac_g."store_id" = NEW."store_id";
  NEW."__deleted" := NULL;
  RETURN NEW;
END $diac$;
CREATE OR REPLACE TRIGGER diac_guard BEFORE INSERT ON "public"."store" FOR EACH ROW EXECUTE FUNCTION "public"."store__guard"();
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."store__gone" TO "diac_pagila_reports";
GRANT USAGE ON SEQUENCE "public"."store__duplicate", "public"."store__stale" TO "diac_pagila_reports";
GRANT SELECT ON "public"."store__diac" TO "diac_pagila_reports";
