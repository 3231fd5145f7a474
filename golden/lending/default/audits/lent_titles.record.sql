-- What audit.py asks the record of view lent_titles.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

\set ON_ERROR_STOP on
BEGIN TRANSACTION READ ONLY;
SET LOCAL TimeZone = 'UTC';
SET LOCAL bytea_output = 'hex';

-- Rows of public.loans in desk.
SELECT
  "loan_id"::text AS "loan_id",
  "title"::text AS "title",
  "shelf"::text AS "shelf",
  CASE WHEN isfinite("due_on") THEN ("due_on" - DATE '1970-01-01')::text ELSE "due_on"::text END AS "back_on"
 FROM "public"."loans"
 WHERE coalesce((NOT coalesce(("returned_at" IS NOT NULL), false)), false)
 ORDER BY 1;

COMMIT;
