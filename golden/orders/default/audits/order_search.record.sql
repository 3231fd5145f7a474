-- What audit.py asks the record of view order_search.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of .order_search in orders.order_search.v1.
SELECT
  "order_id"::text AS "order_id",
  "status"::text AS "status",
  trim_scale("total")::text AS "total",
  CASE WHEN isfinite("placed_at") THEN (extract(epoch FROM "placed_at") * 1000000)::numeric(38,0)::text ELSE "placed_at"::text END AS "placed_at",
  "customer"::text AS "customer",
  "country"::text AS "country",
  "lines"::text AS "lines"
 FROM ""."order_search"
 WHERE true
 ORDER BY 1;

COMMIT;
