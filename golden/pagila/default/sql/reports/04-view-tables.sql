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
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'set the environment variable REPORTS_PASSWORD: password of the role `diac_pagila_reports` in `reports`'; END$diac$;
\endif
\set diac_password :diac_password_0
-- The password must not reach the server's log; only a superuser can say so.
SELECT rolsuper AS diac_superuser FROM pg_roles WHERE rolname = current_user \gset
\if :diac_superuser
SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
\endif
SELECT format('CREATE ROLE %I LOGIN', 'diac_pagila_reports') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'diac_pagila_reports') \gexec
ALTER ROLE "diac_pagila_reports" LOGIN PASSWORD :'diac_password';
\unset diac_password
\if :diac_superuser
RESET log_statement;
RESET log_min_duration_statement;
RESET log_min_error_statement;
\endif
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'diac_pagila_reports') \gexec

-- View reports_rentals version 1, from public.customer.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."customer" (
  "customer_id" integer NOT NULL,
  "store_id" integer NOT NULL,
  "first_name" text NOT NULL,
  "last_name" text NOT NULL,
  "email" text,
  "address_id" integer NOT NULL,
  "activebool" boolean NOT NULL,
  "create_date" date NOT NULL,
  "last_update" timestamp with time zone,
  "active" integer,
  "uuid" uuid NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("customer_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "customer_id" integer;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "store_id" integer;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "first_name" text;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "last_name" text;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "email" text;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "address_id" integer;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "activebool" boolean;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "create_date" date;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "active" integer;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "uuid" uuid;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."customer" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."customer" IS 'View reports_rentals of public.customer.';
COMMENT ON COLUMN "public"."customer"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."customer"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."customer" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.actor.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."actor" (
  "actor_id" integer NOT NULL,
  "first_name" text NOT NULL,
  "last_name" text NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("actor_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."actor" ADD COLUMN IF NOT EXISTS "actor_id" integer;
ALTER TABLE "public"."actor" ADD COLUMN IF NOT EXISTS "first_name" text;
ALTER TABLE "public"."actor" ADD COLUMN IF NOT EXISTS "last_name" text;
ALTER TABLE "public"."actor" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."actor" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."actor" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."actor" IS 'View reports_rentals of public.actor.';
COMMENT ON COLUMN "public"."actor"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."actor"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."actor" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.category.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."category" (
  "category_id" integer NOT NULL,
  "name" text NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("category_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."category" ADD COLUMN IF NOT EXISTS "category_id" integer;
ALTER TABLE "public"."category" ADD COLUMN IF NOT EXISTS "name" text;
ALTER TABLE "public"."category" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."category" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."category" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."category" IS 'View reports_rentals of public.category.';
COMMENT ON COLUMN "public"."category"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."category"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."category" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.film.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."film" (
  "film_id" integer NOT NULL,
  "title" text,
  "description" text,
  "release_year" integer,
  "language_id" integer NOT NULL,
  "original_language_id" integer,
  "rental_duration" smallint NOT NULL,
  "rental_rate" numeric(4,2) NOT NULL,
  "length" smallint,
  "replacement_cost" numeric(5,2) NOT NULL,
  "rating" text,
  "last_update" timestamp with time zone NOT NULL,
  "special_features" text[],
  "fulltext" tsvector,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("film_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "film_id" integer;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "title" text;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "description" text;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "release_year" integer;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "language_id" integer;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "original_language_id" integer;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "rental_duration" smallint;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "rental_rate" numeric(4,2);
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "length" smallint;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "replacement_cost" numeric(5,2);
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "rating" text;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "special_features" text[];
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "fulltext" tsvector;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."film" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."film" IS 'View reports_rentals of public.film.';
COMMENT ON COLUMN "public"."film"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."film"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."film" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.film_actor.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."film_actor" (
  "actor_id" integer NOT NULL,
  "film_id" integer NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("actor_id", "film_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."film_actor" ADD COLUMN IF NOT EXISTS "actor_id" integer;
ALTER TABLE "public"."film_actor" ADD COLUMN IF NOT EXISTS "film_id" integer;
ALTER TABLE "public"."film_actor" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."film_actor" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."film_actor" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."film_actor" IS 'View reports_rentals of public.film_actor.';
COMMENT ON COLUMN "public"."film_actor"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."film_actor"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."film_actor" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.film_category.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."film_category" (
  "film_id" integer NOT NULL,
  "category_id" integer NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("film_id", "category_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."film_category" ADD COLUMN IF NOT EXISTS "film_id" integer;
ALTER TABLE "public"."film_category" ADD COLUMN IF NOT EXISTS "category_id" integer;
ALTER TABLE "public"."film_category" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."film_category" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."film_category" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."film_category" IS 'View reports_rentals of public.film_category.';
COMMENT ON COLUMN "public"."film_category"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."film_category"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."film_category" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.address.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."address" (
  "address_id" integer NOT NULL,
  "address" text NOT NULL,
  "address2" text,
  "district" text NOT NULL,
  "city_id" integer NOT NULL,
  "postal_code" text,
  "phone" text NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("address_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "address_id" integer;
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "address" text;
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "address2" text;
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "district" text;
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "city_id" integer;
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "postal_code" text;
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "phone" text;
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."address" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."address" IS 'View reports_rentals of public.address.';
COMMENT ON COLUMN "public"."address"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."address"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."address" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.city.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."city" (
  "city_id" integer NOT NULL,
  "city" text NOT NULL,
  "country_id" integer NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("city_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."city" ADD COLUMN IF NOT EXISTS "city_id" integer;
ALTER TABLE "public"."city" ADD COLUMN IF NOT EXISTS "city" text;
ALTER TABLE "public"."city" ADD COLUMN IF NOT EXISTS "country_id" integer;
ALTER TABLE "public"."city" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."city" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."city" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."city" IS 'View reports_rentals of public.city.';
COMMENT ON COLUMN "public"."city"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."city"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."city" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.country.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."country" (
  "country_id" integer NOT NULL,
  "country" text NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("country_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."country" ADD COLUMN IF NOT EXISTS "country_id" integer;
ALTER TABLE "public"."country" ADD COLUMN IF NOT EXISTS "country" text;
ALTER TABLE "public"."country" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."country" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."country" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."country" IS 'View reports_rentals of public.country.';
COMMENT ON COLUMN "public"."country"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."country"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."country" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.inventory.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."inventory" (
  "inventory_id" integer NOT NULL,
  "film_id" integer NOT NULL,
  "store_id" integer NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("inventory_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."inventory" ADD COLUMN IF NOT EXISTS "inventory_id" integer;
ALTER TABLE "public"."inventory" ADD COLUMN IF NOT EXISTS "film_id" integer;
ALTER TABLE "public"."inventory" ADD COLUMN IF NOT EXISTS "store_id" integer;
ALTER TABLE "public"."inventory" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."inventory" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."inventory" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."inventory" IS 'View reports_rentals of public.inventory.';
COMMENT ON COLUMN "public"."inventory"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."inventory"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."inventory" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.language.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."language" (
  "language_id" integer NOT NULL,
  "name" text NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("language_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."language" ADD COLUMN IF NOT EXISTS "language_id" integer;
ALTER TABLE "public"."language" ADD COLUMN IF NOT EXISTS "name" text;
ALTER TABLE "public"."language" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."language" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."language" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."language" IS 'View reports_rentals of public.language.';
COMMENT ON COLUMN "public"."language"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."language"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."language" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.payment.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."payment" (
  "payment_id" integer NOT NULL,
  "customer_id" integer NOT NULL,
  "staff_id" integer NOT NULL,
  "rental_id" integer NOT NULL,
  "amount" numeric(5,2) NOT NULL,
  "payment_date" timestamp with time zone NOT NULL,
  "uuid" uuid NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("payment_date", "payment_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."payment" ADD COLUMN IF NOT EXISTS "payment_id" integer;
ALTER TABLE "public"."payment" ADD COLUMN IF NOT EXISTS "customer_id" integer;
ALTER TABLE "public"."payment" ADD COLUMN IF NOT EXISTS "staff_id" integer;
ALTER TABLE "public"."payment" ADD COLUMN IF NOT EXISTS "rental_id" integer;
ALTER TABLE "public"."payment" ADD COLUMN IF NOT EXISTS "amount" numeric(5,2);
ALTER TABLE "public"."payment" ADD COLUMN IF NOT EXISTS "payment_date" timestamp with time zone;
ALTER TABLE "public"."payment" ADD COLUMN IF NOT EXISTS "uuid" uuid;
ALTER TABLE "public"."payment" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."payment" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."payment" IS 'View reports_rentals of public.payment.';
COMMENT ON COLUMN "public"."payment"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."payment"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."payment" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.rental.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."rental" (
  "rental_id" integer NOT NULL,
  "rental_date" timestamp with time zone NOT NULL,
  "inventory_id" integer NOT NULL,
  "customer_id" integer NOT NULL,
  "return_date" timestamp with time zone,
  "staff_id" integer NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "uuid" uuid NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("rental_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "rental_id" integer;
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "rental_date" timestamp with time zone;
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "inventory_id" integer;
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "customer_id" integer;
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "return_date" timestamp with time zone;
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "staff_id" integer;
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "uuid" uuid;
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."rental" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."rental" IS 'View reports_rentals of public.rental.';
COMMENT ON COLUMN "public"."rental"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."rental"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."rental" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.staff.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."staff" (
  "staff_id" integer NOT NULL,
  "first_name" text NOT NULL,
  "last_name" text NOT NULL,
  "address_id" integer NOT NULL,
  "email" text,
  "store_id" integer NOT NULL,
  "active" boolean NOT NULL,
  "username" text NOT NULL,
  "password" text,
  "last_update" timestamp with time zone NOT NULL,
  "picture" bytea,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("staff_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "staff_id" integer;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "first_name" text;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "last_name" text;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "address_id" integer;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "email" text;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "store_id" integer;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "active" boolean;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "username" text;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "password" text;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "picture" bytea;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."staff" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."staff" IS 'View reports_rentals of public.staff.';
COMMENT ON COLUMN "public"."staff"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."staff"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."staff" TO "diac_pagila_reports";

-- View reports_rentals version 1, from public.store.
-- No constraint beyond the record's own: a row that is refused here stops the view.
CREATE TABLE IF NOT EXISTS "public"."store" (
  "store_id" integer NOT NULL,
  "manager_staff_id" integer NOT NULL,
  "address_id" integer NOT NULL,
  "last_update" timestamp with time zone NOT NULL,
  "__lsn" bigint NOT NULL,
  "__deleted" text,
  PRIMARY KEY ("store_id")
);
-- An older table gets the columns that are new; they may be null, since rows from before have no value.
ALTER TABLE "public"."store" ADD COLUMN IF NOT EXISTS "store_id" integer;
ALTER TABLE "public"."store" ADD COLUMN IF NOT EXISTS "manager_staff_id" integer;
ALTER TABLE "public"."store" ADD COLUMN IF NOT EXISTS "address_id" integer;
ALTER TABLE "public"."store" ADD COLUMN IF NOT EXISTS "last_update" timestamp with time zone;
ALTER TABLE "public"."store" ADD COLUMN IF NOT EXISTS "__lsn" bigint;
ALTER TABLE "public"."store" ADD COLUMN IF NOT EXISTS "__deleted" text;
COMMENT ON TABLE "public"."store" IS 'View reports_rentals of public.store.';
COMMENT ON COLUMN "public"."store"."__lsn" IS 'Version of the row: epoch * 2^56 + position in the record''s log.';
COMMENT ON COLUMN "public"."store"."__deleted" IS 'Used on the way only: always null in a stored row.';
GRANT USAGE ON SCHEMA "public" TO "diac_pagila_reports";
GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."store" TO "diac_pagila_reports";
