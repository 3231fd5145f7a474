-- What audit.py asks the record of view report_lines.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of public.Order "Lines in shop.
SELECT
  "Order"::text AS "Order",
  "line_no"::text AS "line_no"
 FROM "public"."Order ""Lines"
 WHERE coalesce((NOT ("amount" IS NULL)), false)
 ORDER BY 1, 2;

COMMIT;
