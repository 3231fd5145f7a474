-- What audit.py asks the record of view report_products.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of public.products in shop.
SELECT
  "product_id"::text AS "product_id",
  "name"::text AS "name",
  "email"::text AS "email",
  "note"::text AS "note",
  trim_scale("price")::text AS "price",
  trim_scale("any")::text AS "any",
  "weight"::text AS "weight",
  "ratio"::text AS "ratio",
  "stock"::text AS "stock",
  to_json("tags")::text AS "tags",
  "wide"::text AS "wide",
  "photo"::text AS "photo",
  "attrs"::text AS "attrs",
  "ok"::text AS "ok",
  CASE WHEN isfinite("updated_at") THEN (extract(epoch FROM "updated_at") * 1000000)::numeric(38,0)::text ELSE "updated_at"::text END AS "updated_at",
  CASE WHEN isfinite("created") THEN (extract(epoch FROM "created") * 1000000)::numeric(38,0)::text ELSE "created"::text END AS "created",
  CASE WHEN isfinite("day") THEN ("day" - DATE '1970-01-01')::text ELSE "day"::text END AS "day",
  (extract(epoch FROM "at") * 1000000)::numeric(38,0)::text AS "at",
  "code"::text AS "code",
  "ident"::text AS "ident"
 FROM "public"."products"
 WHERE coalesce(("stock" > 0), false)
 ORDER BY 1;

-- audit count() every 3600s
SELECT (count(*))::text FROM "public"."products" WHERE coalesce(("stock" > 0), false);

-- audit sum(price) every 3600s, within 0.01%
SELECT (sum("price"))::text FROM "public"."products" WHERE coalesce(("stock" > 0), false);

-- audit rows(name, price) every 3600s
-- Not asked here: among the rows that are compared.

COMMIT;
