-- View orders_by_customer version 1, kept by Flink.
-- What stands between ${ and } is put in from the environment before it runs.

SET 'pipeline.name' = 'orders-orders_by_customer-v1';
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
  'properties.group.id' = 'orders-orders_by_customer-v1-flink',
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

-- `where`
CREATE TEMPORARY VIEW `orders_by_customer` AS
SELECT
  `order_id` AS `order_id`,
  `customer_id` AS `customer_id`,
  `status` AS `status`,
  `currency` AS `currency`,
  `total` AS `total`,
  `placed_at` AS `placed_at`,
  `__version` AS `__version`
FROM `order`
WHERE (`status` <> 'cancelled');

-- `group by`
CREATE TEMPORARY VIEW `orders_by_customer 2` AS
SELECT
  `customer_id` AS `customer_id`,
  `currency` AS `currency`,
  COUNT(*) AS `orders`,
  CAST(SUM(CAST(`total` AS DECIMAL(12,2))) AS STRING) AS `revenue`,
  CAST(AVG(CAST(`total` AS DECIMAL(12,2))) AS STRING) AS `mean`,
  REPLACE(CAST(MIN(CAST(REPLACE(REPLACE(`placed_at`, 'T', ' '), 'Z', '') AS TIMESTAMP(6))) AS STRING), ' ', 'T') || 'Z' AS `first`,
  REPLACE(CAST(MAX(CAST(REPLACE(REPLACE(`placed_at`, 'T', ' '), 'Z', '') AS TIMESTAMP(6))) AS STRING), ' ', 'T') || 'Z' AS `last`
FROM `orders_by_customer`
GROUP BY `customer_id`, `currency`;

-- the view's columns
CREATE TEMPORARY VIEW `orders_by_customer 3` AS
SELECT
  `customer_id` AS `customer_id`,
  `currency` AS `currency`,
  `orders` AS `orders`,
  `revenue` AS `revenue`,
  `mean` AS `mean`,
  `first` AS `first`,
  `last` AS `last`
FROM `orders_by_customer 2`;

-- The view's topic.
CREATE TEMPORARY TABLE `orders_by_customer rows` (
  `customer_id` BIGINT,
  `currency` STRING,
  `orders` BIGINT,
  `revenue` STRING,
  `mean` STRING,
  `first` STRING,
  `last` STRING,
  PRIMARY KEY (`customer_id`, `currency`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.orders_by_customer.v1',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.acks' = 'all',
  'key.format' = 'json',
  'value.format' = 'json'
);

EXECUTE STATEMENT SET BEGIN
INSERT INTO `orders_by_customer rows` SELECT `customer_id`, `currency`, `orders`, `revenue`, `mean`, `first`, `last` FROM `orders_by_customer 3`;
END;
