-- What audit.py asks the record of view orders_by_customer.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of .orders_by_customer in orders.orders_by_customer.v1.
SELECT
  "customer_id"::text AS "customer_id",
  "currency"::text AS "currency",
  "orders"::text AS "orders",
  trim_scale("revenue")::text AS "revenue",
  trim_scale("mean")::text AS "mean",
  CASE WHEN isfinite("first") THEN (extract(epoch FROM "first") * 1000000)::numeric(38,0)::text ELSE "first"::text END AS "first",
  CASE WHEN isfinite("last") THEN (extract(epoch FROM "last") * 1000000)::numeric(38,0)::text ELSE "last"::text END AS "last"
 FROM ""."orders_by_customer"
 WHERE true
 ORDER BY 1, 2;

COMMIT;
