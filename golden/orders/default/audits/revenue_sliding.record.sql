-- What audit.py asks the record of view revenue_sliding.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of .revenue_sliding in orders.revenue_sliding.v1.
SELECT
  "currency"::text AS "currency",
  CASE WHEN isfinite("since") THEN (extract(epoch FROM "since") * 1000000)::numeric(38,0)::text ELSE "since"::text END AS "since",
  CASE WHEN isfinite("until") THEN (extract(epoch FROM "until") * 1000000)::numeric(38,0)::text ELSE "until"::text END AS "until",
  trim_scale("revenue")::text AS "revenue"
 FROM ""."revenue_sliding"
 WHERE true
 ORDER BY 1, 2;

COMMIT;
