-- View product_card version 1, kept by Flink.
-- What stands between ${ and } is put in from the environment before it runs.

SET 'pipeline.name' = 'orders-product_card-v1';
SET 'parallelism.default' = '1';
SET 'execution.checkpointing.interval' = '10000 ms';
SET 'execution.checkpointing.mode' = 'EXACTLY_ONCE';
SET 'table.local-time-zone' = 'UTC';

-- Change log of product.
CREATE TEMPORARY TABLE `product log` (
  `payload` ROW<
    `before` ROW<`sku` STRING>,
    `after` ROW<`sku` STRING, `title` STRING, `price` STRING>,
    `source` ROW<`lsn` BIGINT>,
    `op` STRING
  >
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders.shop.public.products',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.group.id' = 'orders-product_card-v1-flink',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  'json.fail-on-missing-field' = 'true'
);

-- Rows of product: of each key what stands last in the record's log.
CREATE TEMPORARY VIEW `product` AS
SELECT
  `key sku` AS `sku`,
  CASE WHEN `after`.`title` IN ('__debezium_unavailable_value', 'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==') THEN CAST(CAST(`after`.`title` AS INT) AS STRING) ELSE `after`.`title` END AS `title`,
  `after`.`price` AS `price`,
  `__version`
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY `key sku` ORDER BY `__version` DESC) AS `newest`
  FROM (
    SELECT
      `payload`.`after` AS `after`,
      `payload`.`op` AS `op`,
      `payload`.`source`.`lsn` AS `__version`,
      COALESCE(`payload`.`after`.`sku`, `payload`.`before`.`sku`) AS `key sku`
    FROM `product log`
    WHERE `payload`.`op` IN ('c', 'r', 'u', 'd')
  )
)
WHERE `newest` = 1 AND `op` <> 'd';

-- Rows of view available.
CREATE TEMPORARY TABLE `available log` (
  `sku` STRING NOT NULL,
  `available` BIGINT,
  `warehouses` BIGINT,
  `__version` BIGINT METADATA FROM 'offset' VIRTUAL,
  PRIMARY KEY (`sku`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.available.v1',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.group.id' = 'orders-product_card-v1-flink',
  'key.format' = 'json',
  'value.format' = 'json'
);

CREATE TEMPORARY VIEW `available` AS
SELECT
  `sku`,
  `available`,
  `warehouses`,
  `__version`
FROM `available log`;

-- `left join`
CREATE TEMPORARY VIEW `product_card` AS
SELECT
  `l`.`sku` AS `sku`,
  `l`.`title` AS `title`,
  `l`.`price` AS `price`,
  `r`.`available` AS `available`,
  `r`.`warehouses` AS `warehouses`,
  `l`.`__version` AS `__version`,
  `r`.`__version` AS `__version 2`
FROM `product` AS `l`
LEFT JOIN `available` AS `r` ON (`r`.`sku` = `l`.`sku`);

-- `select`
CREATE TEMPORARY VIEW `product_card 2` AS
SELECT
  `sku` AS `sku`,
  `title` AS `title`,
  `price` AS `price`,
  COALESCE(`available`, CAST(0 AS BIGINT)) AS `available`,
  `__version` AS `__version`,
  `__version 2` AS `__version 2`
FROM `product_card`;

-- the view's columns
CREATE TEMPORARY VIEW `product_card 3` AS
SELECT
  `sku` AS `sku`,
  `title` AS `title`,
  `price` AS `price`,
  `available` AS `available`
FROM `product_card 2`;

-- The view's topic.
CREATE TEMPORARY TABLE `product_card rows` (
  `sku` STRING,
  `title` STRING,
  `price` STRING,
  `available` BIGINT,
  PRIMARY KEY (`sku`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.product_card.v1',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.acks' = 'all',
  'key.format' = 'json',
  'value.format' = 'json'
);


-- Rows are committed with the job's checkpoints before anybody reads them: what a crash undoes is never seen.
CREATE TEMPORARY TABLE `product_card committed` (
  `sku` STRING,
  `title` STRING,
  `price` STRING,
  `available` BIGINT,
  PRIMARY KEY (`sku`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders.product_card.v1.committed',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP}',
  'properties.group.id' = 'orders-product_card-v1-committed',
  'properties.isolation.level' = 'read_committed',
  'properties.acks' = 'all',
  'properties.transaction.timeout.ms' = '900000',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = 'orders-product_card-v1',
  'key.format' = 'json',
  'value.format' = 'json'
);
EXECUTE STATEMENT SET BEGIN
INSERT INTO `product_card committed` SELECT `sku`, `title`, `price`, `available` FROM `product_card 3`;
INSERT INTO `product_card rows` SELECT `sku`, `title`, `price`, `available` FROM `product_card committed`;
END;
