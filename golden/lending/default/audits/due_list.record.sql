-- What audit.py asks the record of view due_list.
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
  "reader_name"::text AS "reader_name",
  "title"::text AS "title",
  "shelf"::text AS "shelf",
  CASE WHEN isfinite("due_on") THEN ("due_on" - DATE '1970-01-01')::text ELSE "due_on"::text END AS "due_on",
  CASE WHEN isfinite("returned_at") THEN (extract(epoch FROM "returned_at") * 1000000)::numeric(38,0)::text ELSE "returned_at"::text END AS "returned_at"
 FROM "public"."loans"
 WHERE coalesce((NOT coalesce(("returned_at" IS NOT NULL), false)), false) AND coalesce((("shelf" IS NOT NULL) AND ("shelf" NOT LIKE 'R%')), false)
 ORDER BY 1;

-- audit rows(title, due_on) every 86400s
-- Not asked here: among the rows that are compared.

COMMIT;
