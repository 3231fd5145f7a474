-- Is the load of view orders_fact whole?
--
-- Not run against Snowflake. Run on fakesnow 0.12.1, without grants and with the dynamic table as a view.
-- Reads only.

-- Offsets by partition. Missing ones are expected where a topic is compacted and for bare tombstones, which are not loaded;
-- doubles mean that the connector began anew, under another name or without its channel: the dynamic table takes each version once.
SELECT
  "RECORD_METADATA":topic::VARCHAR AS topic,
  "RECORD_METADATA":partition::NUMBER AS partition,
  MAX("RECORD_METADATA":offset::NUMBER) AS newest,
  MAX("RECORD_METADATA":offset::NUMBER) - MIN("RECORD_METADATA":offset::NUMBER) + 1 - COUNT(DISTINCT "RECORD_METADATA":offset::NUMBER) AS missing,
  COUNT(*) - COUNT(DISTINCT "RECORD_METADATA":offset::NUMBER) AS doubles
  FROM "WAREHOUSE"."ANALYTICS"."ORDERS_FACT_LOG_V1"
 GROUP BY 1, 2
 ORDER BY 1, 2;

-- Rows without a version cannot be ordered: there must be none.
SELECT COUNT(*) AS without_version FROM "WAREHOUSE"."ANALYTICS"."ORDERS_FACT_LOG_V1" WHERE "__LSN" IS NULL;

-- audit sum(total) every 86400s, within 0.01%
SELECT (sum("TOTAL"))::text FROM "WAREHOUSE"."ANALYTICS"."ORDERS_FACT" WHERE true;
