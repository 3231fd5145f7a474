-- View paid_orders version 1, kept by Flink.
-- What stands between ${ and } is put in from the environment before it runs.

SET 'pipeline.name' = 'orders-paid_orders-v1';
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
  'properties.group.id' = 'orders-paid_orders-v1-flink',
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

-- Change log of customer.
CREATE TEMPORARY TABLE `customer log` (
  `payload` ROW<
    `before` ROW<`customer_id` BIGINT>,
    `after` ROW<`customer_id` BIGINT, `name` STRING, `country` STRING, `segment` STRING>,
    `source` ROW<`lsn` BIGINT>,
    `op` STRING
  >
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders.shop.public.customers',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.group.id' = 'orders-paid_orders-v1-flink',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  'json.fail-on-missing-field' = 'true'
);

-- Rows of customer: of each key what stands last in the record's log.
CREATE TEMPORARY VIEW `customer` AS
SELECT
  `key customer_id` AS `customer_id`,
  CASE WHEN `after`.`name` IN ('__debezium_unavailable_value', 'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==') THEN CAST(CAST(`after`.`name` AS INT) AS STRING) ELSE `after`.`name` END AS `name`,
  CASE WHEN `after`.`country` IN ('__debezium_unavailable_value', 'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==') THEN CAST(CAST(`after`.`country` AS INT) AS STRING) ELSE `after`.`country` END AS `country`,
  CASE WHEN `after`.`segment` IN ('__debezium_unavailable_value', 'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==') THEN CAST(CAST(`after`.`segment` AS INT) AS STRING) ELSE `after`.`segment` END AS `segment`,
  `__version`
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY `key customer_id` ORDER BY `__version` DESC) AS `newest`
  FROM (
    SELECT
      `payload`.`after` AS `after`,
      `payload`.`op` AS `op`,
      `payload`.`source`.`lsn` AS `__version`,
      COALESCE(`payload`.`after`.`customer_id`, `payload`.`before`.`customer_id`) AS `key customer_id`
    FROM `customer log`
    WHERE `payload`.`op` IN ('c', 'r', 'u', 'd')
  )
)
WHERE `newest` = 1 AND `op` <> 'd';

-- `where`
CREATE TEMPORARY VIEW `paid_orders` AS
SELECT
  `order_id` AS `order_id`,
  `customer_id` AS `customer_id`,
  `status` AS `status`,
  `currency` AS `currency`,
  `total` AS `total`,
  `placed_at` AS `placed_at`,
  `__version` AS `__version`
FROM `order`
WHERE (((`status` = 'paid') OR (`status` = 'shipped')));

-- `join`
CREATE TEMPORARY VIEW `paid_orders 2` AS
SELECT
  `l`.`order_id` AS `order_id`,
  `l`.`customer_id` AS `customer_id`,
  `l`.`status` AS `status`,
  `l`.`currency` AS `currency`,
  `l`.`total` AS `total`,
  `l`.`placed_at` AS `placed_at`,
  `r`.`name` AS `name`,
  `r`.`country` AS `country`,
  `r`.`segment` AS `segment`,
  `l`.`__version` AS `__version`,
  `r`.`__version` AS `__version 2`
FROM `paid_orders` AS `l`
JOIN `customer` AS `r` ON (`r`.`customer_id` = `l`.`customer_id`);

-- `select`
CREATE TEMPORARY VIEW `paid_orders 3` AS
SELECT
  `order_id` AS `order_id`,
  `total` AS `total`,
  `currency` AS `currency`,
  `placed_at` AS `placed_at`,
  `country` AS `country`,
  CASE WHEN (CAST(`total` AS DECIMAL(12,2)) >= 100) THEN 'large' ELSE 'small' END AS `size`,
  `__version` AS `__version`,
  `__version 2` AS `__version 2`
FROM `paid_orders 2`;

-- a row that moves between parts of the engine is met twice for a moment: the newest counts
CREATE TEMPORARY VIEW `paid_orders 4` AS
SELECT
  `order_id` AS `order_id`,
  `total` AS `total`,
  `currency` AS `currency`,
  `placed_at` AS `placed_at`,
  `country` AS `country`,
  `size` AS `size`,
  `__version` AS `__version`,
  `__version 2` AS `__version 2`
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY `order_id` ORDER BY `__version` DESC, `__version 2` DESC) AS `newest`
  FROM `paid_orders 3`
)
WHERE `newest` = 1;

-- the view's columns
CREATE TEMPORARY VIEW `paid_orders 5` AS
SELECT
  `order_id` AS `order_id`,
  `total` AS `total`,
  `currency` AS `currency`,
  `placed_at` AS `placed_at`,
  `country` AS `country`,
  `size` AS `size`
FROM `paid_orders 4`;

-- The view's topic.
CREATE TEMPORARY TABLE `paid_orders rows` (
  `order_id` BIGINT,
  `total` STRING,
  `currency` STRING,
  `placed_at` STRING,
  `country` STRING,
  `size` STRING,
  PRIMARY KEY (`order_id`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.paid_orders.v1',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.acks' = 'all',
  'key.format' = 'json',
  'value.format' = 'json'
);


-- Rows are committed with the job's checkpoints before anybody reads them: what a crash undoes is never seen.
CREATE TEMPORARY TABLE `paid_orders committed` (
  `order_id` BIGINT,
  `total` STRING,
  `currency` STRING,
  `placed_at` STRING,
  `country` STRING,
  `size` STRING,
  PRIMARY KEY (`order_id`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.paid_orders.v1.committed',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.group.id' = 'orders-paid_orders-v1-committed',
  'properties.isolation.level' = 'read_committed',
  'properties.acks' = 'all',
  'properties.transaction.timeout.ms' = '900000',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = 'orders-paid_orders-v1',
  'key.format' = 'json',
  'value.format' = 'json'
);
EXECUTE STATEMENT SET BEGIN
INSERT INTO `paid_orders committed` SELECT `order_id`, `total`, `currency`, `placed_at`, `country`, `size` FROM `paid_orders 5`;
INSERT INTO `paid_orders rows` SELECT `order_id`, `total`, `currency`, `placed_at`, `country`, `size` FROM `paid_orders committed`;
END;
