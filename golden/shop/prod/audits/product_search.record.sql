-- What audit.py asks the record of view product_search.
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
  "description"::text AS "description",
  trim_scale("price")::text AS "price",
  "stock"::text AS "stock",
  CASE WHEN isfinite("updated_at") THEN (extract(epoch FROM "updated_at") * 1000000)::numeric(38,0)::text ELSE "updated_at"::text END AS "updated_at"
 FROM "public"."products"
 WHERE true
 ORDER BY 1;

-- audit count() every 3600s
SELECT (count(*))::text FROM "public"."products" WHERE true;

COMMIT;
