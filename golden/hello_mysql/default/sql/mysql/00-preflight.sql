-- Can mysql be captured? Reads only. Every row it answers is a reason against it; no row means yes.
--
-- Run as a user that may read the tables' definitions.
-- First of this folder; run it again whenever the server or its tables change.
-- May be run any number of times.

SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_ALL_TABLES';

SELECT 'log_bin is OFF: start the server with --log-bin' AS reason FROM DUAL WHERE @@global.log_bin = 0;
SELECT CONCAT('binlog_format is ', @@global.binlog_format, ': set it to ROW') AS reason FROM DUAL WHERE @@global.binlog_format <> 'ROW';
SELECT CONCAT('binlog_row_image is ', @@global.binlog_row_image, ': set it to FULL') AS reason FROM DUAL WHERE @@global.binlog_row_image <> 'FULL';
SELECT 'server_id is 0: give the server an id' AS reason FROM DUAL WHERE @@global.server_id = 0;
SELECT CONCAT('the binlog is kept for ', (SELECT VARIABLE_VALUE FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'binlog_expire_logs_seconds'), ' s, the pipeline is planned for 518400 s (2 × (outage 3d) = 6d): raise binlog_expire_logs_seconds') AS reason FROM DUAL WHERE (SELECT VARIABLE_VALUE FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'binlog_expire_logs_seconds') > 0 AND (SELECT VARIABLE_VALUE FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'binlog_expire_logs_seconds') < 518400;
SELECT 'the binlog is compressed: rows of a compressed event have no place of their own. Turn log_bin_compress or binlog_transaction_compression off' AS reason FROM DUAL WHERE 'ON' IN ((SELECT VARIABLE_VALUE FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'log_bin_compress'), (SELECT VARIABLE_VALUE FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'binlog_transaction_compression'));
SELECT 'binlog_row_value_options is PARTIAL_JSON: an update would bring a part of its values' AS reason FROM DUAL WHERE (SELECT VARIABLE_VALUE FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'binlog_row_value_options') LIKE '%PARTIAL_JSON%';
SELECT CONCAT('shop.order_lines', ' is not there') AS reason FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'order_lines');
SELECT CONCAT('shop.order_lines', ' has ', COUNT(*), ' of the 3 columns that are planned') AS reason
  FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'order_lines' AND column_name IN ('order_id', 'product_id', 'quantity')
  HAVING COUNT(*) BETWEEN 1 AND 2;
SELECT CONCAT('shop.orders', ' is not there') AS reason FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'orders');
SELECT CONCAT('shop.orders', ' has ', COUNT(*), ' of the 4 columns that are planned') AS reason
  FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'orders' AND column_name IN ('order_id', 'state', 'total', 'placed_at')
  HAVING COUNT(*) BETWEEN 1 AND 3;
SELECT CONCAT('shop.products', ' is not there') AS reason FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'products');
SELECT CONCAT('shop.products', ' has ', COUNT(*), ' of the 6 columns that are planned') AS reason
  FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'products' AND column_name IN ('product_id', 'sku', 'name', 'price', 'stock', 'updated_at')
  HAVING COUNT(*) BETWEEN 1 AND 5;
SELECT CONCAT(t.table_schema, '.', t.table_name, ' has no primary key: its rows have no place in a log') AS reason
  FROM information_schema.tables t
 WHERE (t.table_schema, t.table_name) IN (
    ('shop', 'order_lines'),
    ('shop', 'orders'),
    ('shop', 'products'))
   AND NOT EXISTS (SELECT 1 FROM information_schema.table_constraints c
     WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY');
SELECT CONCAT(table_schema, '.', table_name, '.', column_name, ' is of type ', data_type, ', at which the connector''s parser stops') AS reason
  FROM information_schema.columns
 WHERE data_type IN ('inet4', 'inet6') AND (table_schema, table_name) IN (
    ('shop', 'order_lines'),
    ('shop', 'orders'),
    ('shop', 'products'));

-- No reason against it, and yet to be known:
--   A transaction must fit into one file of the binlog below 2^32 bytes: keep max_binlog_size + max_binlog_cache_size below that.
--   Dates of zeros ('0000-00-00') arrive as null: a sql_mode with NO_ZERO_DATE and NO_ZERO_IN_DATE refuses them.
--   TRUNCATE reaches no view.
