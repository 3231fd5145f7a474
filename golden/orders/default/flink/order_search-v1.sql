-- View order_search version 1, kept by Flink.
-- What stands between ${ and } is put in from the environment before it runs.

SET 'pipeline.name' = 'orders-order_search-v1';
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
  'properties.group.id' = 'orders-order_search-v1-flink',
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
  'properties.group.id' = 'orders-order_search-v1-flink',
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

-- Change log of order_line.
CREATE TEMPORARY TABLE `order_line log` (
  `payload` ROW<
    `before` ROW<`order_id` BIGINT, `line_no` INT>,
    `after` ROW<`order_id` BIGINT, `line_no` INT, `sku` STRING, `quantity` INT, `price` STRING>,
    `source` ROW<`lsn` BIGINT>,
    `op` STRING
  >
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders.shop.public.order_lines',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.group.id' = 'orders-order_search-v1-flink',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  'json.fail-on-missing-field' = 'true'
);

-- Rows of order_line: of each key what stands last in the record's log.
CREATE TEMPORARY VIEW `order_line` AS
SELECT
  `key order_id` AS `order_id`,
  `key line_no` AS `line_no`,
  CASE WHEN `after`.`sku` IN ('__debezium_unavailable_value', 'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==') THEN CAST(CAST(`after`.`sku` AS INT) AS STRING) ELSE `after`.`sku` END AS `sku`,
  `after`.`quantity` AS `quantity`,
  `after`.`price` AS `price`,
  `__version`
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY `key order_id`, `key line_no` ORDER BY `__version` DESC) AS `newest`
  FROM (
    SELECT
      `payload`.`after` AS `after`,
      `payload`.`op` AS `op`,
      `payload`.`source`.`lsn` AS `__version`,
      COALESCE(`payload`.`after`.`order_id`, `payload`.`before`.`order_id`) AS `key order_id`,
      COALESCE(`payload`.`after`.`line_no`, `payload`.`before`.`line_no`) AS `key line_no`
    FROM `order_line log`
    WHERE `payload`.`op` IN ('c', 'r', 'u', 'd')
  )
)
WHERE `newest` = 1 AND `op` <> 'd';

-- `join`
CREATE TEMPORARY VIEW `order_search` AS
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
FROM `order` AS `l`
JOIN `customer` AS `r` ON (`r`.`customer_id` = `l`.`customer_id`);

-- rows of `lines`
CREATE TEMPORARY VIEW `order_search 2` AS
SELECT
  `order_id` AS `order_id`,
  `line_no` AS `line_no`,
  `sku` AS `sku`,
  `quantity` AS `quantity`,
  `price` AS `price`,
  `__version` AS `__version`,
  `order_id` AS `nested by`
FROM `order_line`;

-- `nest … as lines`: an array for each
CREATE TEMPORARY VIEW `order_search 3` AS
SELECT
  `nested by` AS `nested by`,
  '[' || REGEXP_REPLACE(ARRAY_JOIN(ARRAY_SORT(ARRAY_AGG(U&'\0001' || LPAD(CAST(CAST(`order_id` AS DECIMAL(20,0)) + CAST('9223372036854775808' AS DECIMAL(20,0)) AS STRING), 20, '0') || ' ' || LPAD(CAST(CAST(`line_no` AS DECIMAL(20,0)) + CAST('9223372036854775808' AS DECIMAL(20,0)) AS STRING), 20, '0') || U&'\0001' || JSON_OBJECT('line_no' VALUE `line_no`, 'sku' VALUE `sku`, 'quantity' VALUE `quantity`, 'price' VALUE `price`))), ','), U&'\0001[^\0001]*\0001', '') || ']' AS `lines`
FROM `order_search 2`
GROUP BY `nested by`;

-- `nest`
CREATE TEMPORARY VIEW `order_search 4` AS
SELECT
  `l`.`order_id` AS `order_id`,
  `l`.`customer_id` AS `customer_id`,
  `l`.`status` AS `status`,
  `l`.`currency` AS `currency`,
  `l`.`total` AS `total`,
  `l`.`placed_at` AS `placed_at`,
  `l`.`name` AS `name`,
  `l`.`country` AS `country`,
  `l`.`segment` AS `segment`,
  `l`.`__version` AS `__version`,
  `l`.`__version 2` AS `__version 2`,
  COALESCE(`r`.`lines`, '[]') AS `lines`
FROM `order_search` AS `l`
LEFT JOIN `order_search 3` AS `r` ON ((`r`.`nested by` = `l`.`order_id`));

-- `select`
CREATE TEMPORARY VIEW `order_search 5` AS
SELECT
  `order_id` AS `order_id`,
  `status` AS `status`,
  `total` AS `total`,
  `placed_at` AS `placed_at`,
  `name` AS `customer`,
  `country` AS `country`,
  `lines` AS `lines`,
  `__version` AS `__version`,
  `__version 2` AS `__version 2`
FROM `order_search 4`;

-- a row that moves between parts of the engine is met twice for a moment: the newest counts
CREATE TEMPORARY VIEW `order_search 6` AS
SELECT
  `order_id` AS `order_id`,
  `status` AS `status`,
  `total` AS `total`,
  `placed_at` AS `placed_at`,
  `customer` AS `customer`,
  `country` AS `country`,
  `lines` AS `lines`,
  `__version` AS `__version`,
  `__version 2` AS `__version 2`
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY `order_id` ORDER BY `__version` DESC, `__version 2` DESC) AS `newest`
  FROM `order_search 5`
)
WHERE `newest` = 1;

-- the view's columns
CREATE TEMPORARY VIEW `order_search 7` AS
SELECT
  `order_id` AS `order_id`,
  `status` AS `status`,
  `total` AS `total`,
  `placed_at` AS `placed_at`,
  `customer` AS `customer`,
  `country` AS `country`,
  `lines` AS `lines`
FROM `order_search 6`;

-- The view's topic.
CREATE TEMPORARY TABLE `order_search rows` (
  `order_id` BIGINT,
  `status` STRING,
  `total` STRING,
  `placed_at` STRING,
  `customer` STRING,
  `country` STRING,
  `lines` STRING,
  PRIMARY KEY (`order_id`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.order_search.v1',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.acks' = 'all',
  'key.format' = 'json',
  'value.format' = 'json'
);


-- Rows are committed with the job's checkpoints before anybody reads them: what a crash undoes is never seen.
CREATE TEMPORARY TABLE `order_search committed` (
  `order_id` BIGINT,
  `status` STRING,
  `total` STRING,
  `placed_at` STRING,
  `customer` STRING,
  `country` STRING,
  `lines` STRING,
  PRIMARY KEY (`order_id`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.order_search.v1.committed',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.group.id' = 'orders-order_search-v1-committed',
  'properties.isolation.level' = 'read_committed',
  'properties.acks' = 'all',
  'properties.transaction.timeout.ms' = '900000',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = 'orders-order_search-v1',
  'key.format' = 'json',
  'value.format' = 'json'
);
EXECUTE STATEMENT SET BEGIN
INSERT INTO `order_search committed` SELECT `order_id`, `status`, `total`, `placed_at`, `customer`, `country`, `lines` FROM `order_search 7`;
INSERT INTO `order_search rows` SELECT `order_id`, `status`, `total`, `placed_at`, `customer`, `country`, `lines` FROM `order_search committed`;
END;
