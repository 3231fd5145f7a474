-- What audit.py asks the record of view revenue_hourly.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of .revenue_hourly in orders.revenue_hourly.v1.
SELECT
  "currency"::text AS "currency",
  CASE WHEN isfinite("window_start") THEN (extract(epoch FROM "window_start") * 1000000)::numeric(38,0)::text ELSE "window_start"::text END AS "window_start",
  trim_scale("revenue")::text AS "revenue",
  "orders"::text AS "orders"
 FROM ""."revenue_hourly"
 WHERE true
 ORDER BY 1, 2;

COMMIT;
