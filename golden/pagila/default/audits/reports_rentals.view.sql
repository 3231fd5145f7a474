-- What audit.py asks the view of view reports_rentals.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of public.customer in rentals.
SELECT
  "customer_id"::text AS "customer_id",
  "store_id"::text AS "store_id",
  "first_name"::text AS "first_name",
  "last_name"::text AS "last_name",
  "email"::text AS "email",
  "address_id"::text AS "address_id",
  "activebool"::text AS "activebool",
  CASE WHEN isfinite("create_date") THEN ("create_date" - DATE '1970-01-01')::text ELSE "create_date"::text END AS "create_date",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update",
  "active"::text AS "active",
  "uuid"::text AS "uuid"
 FROM "public"."customer"
 WHERE true
 ORDER BY 1;

-- Rows of public.actor in rentals.
SELECT
  "actor_id"::text AS "actor_id",
  "first_name"::text AS "first_name",
  "last_name"::text AS "last_name",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."actor"
 WHERE true
 ORDER BY 1;

-- Rows of public.category in rentals.
SELECT
  "category_id"::text AS "category_id",
  "name"::text AS "name",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."category"
 WHERE true
 ORDER BY 1;

-- Rows of public.film in rentals.
SELECT
  "film_id"::text AS "film_id",
  "title"::text AS "title",
  "description"::text AS "description",
  "release_year"::text AS "release_year",
  "language_id"::text AS "language_id",
  "original_language_id"::text AS "original_language_id",
  "rental_duration"::text AS "rental_duration",
  trim_scale("rental_rate")::text AS "rental_rate",
  "length"::text AS "length",
  trim_scale("replacement_cost")::text AS "replacement_cost",
  "rating"::text AS "rating",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update",
  to_json("special_features")::text AS "special_features",
  "fulltext"::text AS "fulltext"
 FROM "public"."film"
 WHERE true
 ORDER BY 1;

-- Rows of public.film_actor in rentals.
SELECT
  "actor_id"::text AS "actor_id",
  "film_id"::text AS "film_id",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."film_actor"
 WHERE true
 ORDER BY 1, 2;

-- Rows of public.film_category in rentals.
SELECT
  "film_id"::text AS "film_id",
  "category_id"::text AS "category_id",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."film_category"
 WHERE true
 ORDER BY 1, 2;

-- Rows of public.address in rentals.
SELECT
  "address_id"::text AS "address_id",
  "address"::text AS "address",
  "address2"::text AS "address2",
  "district"::text AS "district",
  "city_id"::text AS "city_id",
  "postal_code"::text AS "postal_code",
  "phone"::text AS "phone",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."address"
 WHERE true
 ORDER BY 1;

-- Rows of public.city in rentals.
SELECT
  "city_id"::text AS "city_id",
  "city"::text AS "city",
  "country_id"::text AS "country_id",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."city"
 WHERE true
 ORDER BY 1;

-- Rows of public.country in rentals.
SELECT
  "country_id"::text AS "country_id",
  "country"::text AS "country",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."country"
 WHERE true
 ORDER BY 1;

-- Rows of public.inventory in rentals.
SELECT
  "inventory_id"::text AS "inventory_id",
  "film_id"::text AS "film_id",
  "store_id"::text AS "store_id",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."inventory"
 WHERE true
 ORDER BY 1;

-- Rows of public.language in rentals.
SELECT
  "language_id"::text AS "language_id",
  "name"::text AS "name",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."language"
 WHERE true
 ORDER BY 1;

-- Rows of public.payment in rentals.
SELECT
  CASE WHEN isfinite("payment_date") THEN (extract(epoch FROM "payment_date") * 1000000)::numeric(38,0)::text ELSE "payment_date"::text END AS "payment_date",
  "payment_id"::text AS "payment_id",
  "customer_id"::text AS "customer_id",
  "staff_id"::text AS "staff_id",
  "rental_id"::text AS "rental_id",
  trim_scale("amount")::text AS "amount",
  "uuid"::text AS "uuid"
 FROM "public"."payment"
 WHERE true
 ORDER BY 1, 2;

-- Rows of public.rental in rentals.
SELECT
  "rental_id"::text AS "rental_id",
  CASE WHEN isfinite("rental_date") THEN (extract(epoch FROM "rental_date") * 1000000)::numeric(38,0)::text ELSE "rental_date"::text END AS "rental_date",
  "inventory_id"::text AS "inventory_id",
  "customer_id"::text AS "customer_id",
  CASE WHEN isfinite("return_date") THEN (extract(epoch FROM "return_date") * 1000000)::numeric(38,0)::text ELSE "return_date"::text END AS "return_date",
  "staff_id"::text AS "staff_id",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update",
  "uuid"::text AS "uuid"
 FROM "public"."rental"
 WHERE true
 ORDER BY 1;

-- Rows of public.staff in rentals.
SELECT
  "staff_id"::text AS "staff_id",
  "first_name"::text AS "first_name",
  "last_name"::text AS "last_name",
  "address_id"::text AS "address_id",
  "email"::text AS "email",
  "store_id"::text AS "store_id",
  "active"::text AS "active",
  "username"::text AS "username",
  "password"::text AS "password",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update",
  "picture"::text AS "picture"
 FROM "public"."staff"
 WHERE true
 ORDER BY 1;

-- Rows of public.store in rentals.
SELECT
  "store_id"::text AS "store_id",
  "manager_staff_id"::text AS "manager_staff_id",
  "address_id"::text AS "address_id",
  CASE WHEN isfinite("last_update") THEN (extract(epoch FROM "last_update") * 1000000)::numeric(38,0)::text ELSE "last_update"::text END AS "last_update"
 FROM "public"."store"
 WHERE true
 ORDER BY 1;

COMMIT;
