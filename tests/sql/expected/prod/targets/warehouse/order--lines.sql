-- View wh_products version 1: PUBLIC.ORDER "LINES, from public.Order "Lines.
--
-- Not run against Snowflake. Run on fakesnow 0.12.1, without grants and with the dynamic table as a view.
-- Run as the owner of the schema, after 00-setup.sql and before the connector is made. May be run any number of times.

-- Every change as it arrived, one row each; the connector only appends.
CREATE TABLE IF NOT EXISTS "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" (
  "RECORD_METADATA" VARIANT,
  "ORDER" VARCHAR,
  "LINE_NO" NUMBER(38,0),
  "AMOUNT" VARCHAR,
  "__LSN" NUMBER(38,0),
  "__OP" VARCHAR,
  "__TS_MS" NUMBER(38,0),
  "__DELETED" VARCHAR
);
ALTER TABLE "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" ADD COLUMN IF NOT EXISTS "ORDER" VARCHAR;
ALTER TABLE "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" ADD COLUMN IF NOT EXISTS "LINE_NO" NUMBER(38,0);
ALTER TABLE "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" ADD COLUMN IF NOT EXISTS "AMOUNT" VARCHAR;
ALTER TABLE "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" ADD COLUMN IF NOT EXISTS "__LSN" NUMBER(38,0);
ALTER TABLE "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" ADD COLUMN IF NOT EXISTS "__OP" VARCHAR;
ALTER TABLE "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" ADD COLUMN IF NOT EXISTS "__TS_MS" NUMBER(38,0);
ALTER TABLE "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" ADD COLUMN IF NOT EXISTS "__DELETED" VARCHAR;
GRANT SELECT, INSERT ON TABLE "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" TO ROLE "DIAC";

-- The newest version of each row, deleted ones too: without them a late row would come back. Versions decide, offsets only between equals:
-- a duplicate stands further back in the log and is no newer. Another definition comes with another version of the view.
CREATE DYNAMIC TABLE IF NOT EXISTS "WAREHOUSE"."PUBLIC"."ORDER ""LINES_V1" TARGET_LAG = '60 seconds' WAREHOUSE = "DIAC_WH" AS
SELECT
  "ORDER",
  "LINE_NO",
  TRY_CAST("AMOUNT" AS NUMBER(12,2)) AS "AMOUNT",
  "__LSN",
  "__DELETED"
  FROM "WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1" AS changes
QUALIFY ROW_NUMBER() OVER (PARTITION BY changes."ORDER", changes."LINE_NO" ORDER BY changes."__LSN" DESC NULLS LAST, changes."RECORD_METADATA":offset::NUMBER DESC) = 1;

-- What readers see: no deleted rows, and none the view's condition does not hold for.
CREATE OR REPLACE VIEW "WAREHOUSE"."PUBLIC"."ORDER ""LINES" COPY GRANTS COMMENT = 'What the shop sells.' AS
SELECT
  "ORDER",
  "LINE_NO"
  FROM "WAREHOUSE"."PUBLIC"."ORDER ""LINES_V1"
 WHERE COALESCE("__DELETED", 'false') <> 'true'
   AND coalesce((NOT ("AMOUNT" IS NULL)), false);
