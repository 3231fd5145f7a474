-- What audit.py asks the record of view orders_fact.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of public.orders in shop.
SELECT
  "order_id"::text AS "order_id",
  "customer_id"::text AS "customer_id",
  "email"::text AS "email",
  "status"::text AS "status",
  trim_scale("total")::text AS "total",
  CASE WHEN isfinite("placed_at") THEN (extract(epoch FROM "placed_at") * 1000000)::numeric(38,0)::text ELSE "placed_at"::text END AS "placed_at"
 FROM "public"."orders"
 WHERE true
 ORDER BY 1;

-- audit sum(total) every 86400s, within 0.01%
SELECT (sum("total"))::text FROM "public"."orders" WHERE true;

COMMIT;
