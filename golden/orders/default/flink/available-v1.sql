-- View available version 1, kept by Flink.
-- What stands between ${ and } is put in from the environment before it runs.

SET 'pipeline.name' = 'orders-available-v1';
SET 'parallelism.default' = '1';
SET 'execution.checkpointing.interval' = '10000 ms';
SET 'execution.checkpointing.mode' = 'EXACTLY_ONCE';
SET 'table.local-time-zone' = 'UTC';

-- Change log of stock.
CREATE TEMPORARY TABLE `stock log` (
  `payload` ROW<
    `before` ROW<`sku` STRING, `warehouse` INT>,
    `after` ROW<`sku` STRING, `warehouse` INT, `on_hand` INT, `reserved` INT>,
    `source` ROW<`lsn` BIGINT>,
    `op` STRING
  >
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders.shop.public.stock',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.group.id' = 'orders-available-v1-flink',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  'json.fail-on-missing-field' = 'true'
);

-- Rows of stock: of each key what stands last in the record's log.
CREATE TEMPORARY VIEW `stock` AS
SELECT
  `key sku` AS `sku`,
  `key warehouse` AS `warehouse`,
  `after`.`on_hand` AS `on_hand`,
  `after`.`reserved` AS `reserved`,
  `__version`
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY `key sku`, `key warehouse` ORDER BY `__version` DESC) AS `newest`
  FROM (
    SELECT
      `payload`.`after` AS `after`,
      `payload`.`op` AS `op`,
      `payload`.`source`.`lsn` AS `__version`,
      COALESCE(`payload`.`after`.`sku`, `payload`.`before`.`sku`) AS `key sku`,
      COALESCE(`payload`.`after`.`warehouse`, `payload`.`before`.`warehouse`) AS `key warehouse`
    FROM `stock log`
    WHERE `payload`.`op` IN ('c', 'r', 'u', 'd')
  )
)
WHERE `newest` = 1 AND `op` <> 'd';

-- `group by`
CREATE TEMPORARY VIEW `available` AS
SELECT
  `sku` AS `sku`,
  CAST(TRIM(CAST(SUM(CAST((CAST(`on_hand` AS BIGINT) - CAST(`reserved` AS BIGINT)) AS DECIMAL(38,0))) AS STRING)) AS BIGINT) AS `available`,
  COUNT(*) AS `warehouses`
FROM `stock`
GROUP BY `sku`;

-- the view's columns
CREATE TEMPORARY VIEW `available 2` AS
SELECT
  `sku` AS `sku`,
  `available` AS `available`,
  `warehouses` AS `warehouses`
FROM `available`;

-- The view's topic.
CREATE TEMPORARY TABLE `available rows` (
  `sku` STRING,
  `available` BIGINT,
  `warehouses` BIGINT,
  PRIMARY KEY (`sku`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.available.v1',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.acks' = 'all',
  'key.format' = 'json',
  'value.format' = 'json'
);

EXECUTE STATEMENT SET BEGIN
INSERT INTO `available rows` SELECT `sku`, `available`, `warehouses` FROM `available 2`;
END;
