-- What audit.py asks the record of view paid_orders.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of .paid_orders in orders.paid_orders.v1.
SELECT
  "order_id"::text AS "order_id",
  trim_scale("total")::text AS "total",
  "currency"::text AS "currency",
  CASE WHEN isfinite("placed_at") THEN (extract(epoch FROM "placed_at") * 1000000)::numeric(38,0)::text ELSE "placed_at"::text END AS "placed_at",
  "country"::text AS "country",
  "size"::text AS "size"
 FROM ""."paid_orders"
 WHERE true
 ORDER BY 1;

COMMIT;
