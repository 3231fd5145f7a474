-- View revenue_sliding version 1, kept by Flink.
-- What stands between ${ and } is put in from the environment before it runs.

SET 'pipeline.name' = 'orders-revenue_sliding-v1';
SET 'parallelism.default' = '1';
SET 'execution.checkpointing.interval' = '10000 ms';
SET 'execution.checkpointing.mode' = 'EXACTLY_ONCE';
SET 'table.local-time-zone' = 'UTC';

-- Change log of order.
CREATE TEMPORARY TABLE `order log` (
  `payload` ROW<
    `before` ROW<`order_id` BIGINT>,
    `after` ROW<`order_id` BIGINT, `customer_id` BIGINT, `status` STRING, `currency` STRING, `total` STRING, `placed_at` STRING>,
    `source` ROW<`lsn` BIGINT>,
    `op` STRING
  >
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders.shop.public.orders',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.group.id' = 'orders-revenue_sliding-v1-flink',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  'json.fail-on-missing-field' = 'true'
);

-- Rows of order: of each key what stands last in the record's log.
CREATE TEMPORARY VIEW `order` AS
SELECT
  `key order_id` AS `order_id`,
  `after`.`customer_id` AS `customer_id`,
  `after`.`status` AS `status`,
  CASE WHEN `after`.`currency` IN ('__debezium_unavailable_value', 'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==') THEN CAST(CAST(`after`.`currency` AS INT) AS STRING) ELSE `after`.`currency` END AS `currency`,
  `after`.`total` AS `total`,
  `after`.`placed_at` AS `placed_at`,
  `__version`
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY `key order_id` ORDER BY `__version` DESC) AS `newest`
  FROM (
    SELECT
      `payload`.`after` AS `after`,
      `payload`.`op` AS `op`,
      `payload`.`source`.`lsn` AS `__version`,
      COALESCE(`payload`.`after`.`order_id`, `payload`.`before`.`order_id`) AS `key order_id`
    FROM `order log`
    WHERE `payload`.`op` IN ('c', 'r', 'u', 'd')
  )
)
WHERE `newest` = 1 AND `op` <> 'd';

-- `window`
CREATE TEMPORARY VIEW `revenue_sliding` AS
SELECT
  `order_id` AS `order_id`,
  `customer_id` AS `customer_id`,
  `status` AS `status`,
  `currency` AS `currency`,
  `total` AS `total`,
  `placed_at` AS `placed_at`,
  `__version` AS `__version`,
  FROM_UNIXTIME(((UNIX_TIMESTAMP(SUBSTRING(`placed_at`, 1, 19), 'yyyy-MM-dd''T''HH:mm:ss') - MOD(MOD(UNIX_TIMESTAMP(SUBSTRING(`placed_at`, 1, 19), 'yyyy-MM-dd''T''HH:mm:ss'), 900) + 900, 900)) - `hop` * 900), 'yyyy-MM-dd''T''HH:mm:ss''Z''') AS `window start`,
  FROM_UNIXTIME(((UNIX_TIMESTAMP(SUBSTRING(`placed_at`, 1, 19), 'yyyy-MM-dd''T''HH:mm:ss') - MOD(MOD(UNIX_TIMESTAMP(SUBSTRING(`placed_at`, 1, 19), 'yyyy-MM-dd''T''HH:mm:ss'), 900) + 900, 900)) - `hop` * 900) + 3600, 'yyyy-MM-dd''T''HH:mm:ss''Z''') AS `window end`
FROM `order` CROSS JOIN UNNEST(CASE WHEN `placed_at` IS NOT NULL THEN ARRAY[0, 1, 2, 3] END) AS `hops`(`hop`);

-- `group by`
CREATE TEMPORARY VIEW `revenue_sliding 2` AS
SELECT
  `currency` AS `currency`,
  `window start` AS `since`,
  MAX(`window end`) AS `until`,
  CAST(SUM(CAST(`total` AS DECIMAL(12,2))) AS STRING) AS `revenue`
FROM `revenue_sliding`
GROUP BY `currency`, `window start`;

-- the view's columns
CREATE TEMPORARY VIEW `revenue_sliding 3` AS
SELECT
  `currency` AS `currency`,
  `since` AS `since`,
  `until` AS `until`,
  `revenue` AS `revenue`
FROM `revenue_sliding 2`;

-- The view's topic.
CREATE TEMPORARY TABLE `revenue_sliding rows` (
  `currency` STRING,
  `since` STRING,
  `until` STRING,
  `revenue` STRING,
  PRIMARY KEY (`currency`, `since`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.revenue_sliding.v1',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.acks' = 'all',
  'key.format' = 'json',
  'value.format' = 'json'
);

EXECUTE STATEMENT SET BEGIN
INSERT INTO `revenue_sliding rows` SELECT `currency`, `since`, `until`, `revenue` FROM `revenue_sliding 3`;
END;
