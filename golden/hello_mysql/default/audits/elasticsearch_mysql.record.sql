-- What audit.py asks the record of view elasticsearch_mysql.
--
-- Run as a role that may read the tables; changes nothing. Equal values are equal texts here: audit.py
-- compares them row by row and applies masks, so prefer it where it can run.

SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00';
START TRANSACTION READ ONLY;

-- Rows of shop.products in mysql.
SELECT
  CAST((`product_id` + 0) AS CHAR CHARACTER SET utf8mb4) AS `product_id`,
  CAST(`sku` AS CHAR CHARACTER SET utf8mb4) AS `sku`,
  CAST(`name` AS CHAR CHARACTER SET utf8mb4) AS `name`,
  CAST((`price` + 0) AS CHAR CHARACTER SET utf8mb4) AS `price`,
  CAST((`stock` + 0) AS CHAR CHARACTER SET utf8mb4) AS `stock`,
  CAST(CAST(UNIX_TIMESTAMP(`updated_at`) * 1000000 AS SIGNED) AS CHAR CHARACTER SET utf8mb4) AS `updated_at`
 FROM `shop`.`products`
 WHERE true
 ORDER BY 1;

-- Rows of shop.orders in mysql.
SELECT
  CAST((`order_id` + 0) AS CHAR CHARACTER SET utf8mb4) AS `order_id`,
  CAST(`state` AS CHAR CHARACTER SET utf8mb4) AS `state`,
  CAST((`total` + 0) AS CHAR CHARACTER SET utf8mb4) AS `total`,
  CAST(CAST(UNIX_TIMESTAMP(`placed_at`) * 1000000 AS SIGNED) AS CHAR CHARACTER SET utf8mb4) AS `placed_at`
 FROM `shop`.`orders`
 WHERE true
 ORDER BY 1;

-- Rows of shop.order_lines in mysql.
SELECT
  CAST((`order_id` + 0) AS CHAR CHARACTER SET utf8mb4) AS `order_id`,
  CAST((`product_id` + 0) AS CHAR CHARACTER SET utf8mb4) AS `product_id`,
  CAST((`quantity` + 0) AS CHAR CHARACTER SET utf8mb4) AS `quantity`
 FROM `shop`.`order_lines`
 WHERE true
 ORDER BY 1, 2;

COMMIT;
