-- What audit.py asks the view of view report_lines.
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
 FROM "sales ""x"""."Bestellpositionen ""aller"" Länder und Währungen, sehr lang äöü"
 WHERE true
 ORDER BY 1, 2;

COMMIT;
