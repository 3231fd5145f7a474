-- User of the connector hello_mysql-source-mysql in mysql.
--
-- Run as a user that may create users and grant.
-- Second of this folder, after 00-preflight.sql. apply.sh sets @diac_password before; by hand: SET @diac_password = '…'; in the same session.
-- May be run any number of times.

SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_ALL_TABLES';

-- The password stands in no file; without it these fail.
SET @diac_statement = CONCAT('CREATE USER IF NOT EXISTS ''diac_hello_mysql_mysql''@''%'' IDENTIFIED BY ', QUOTE(@diac_password));
PREPARE diac_statement FROM @diac_statement;
EXECUTE diac_statement;
DEALLOCATE PREPARE diac_statement;
SET @diac_statement = CONCAT('ALTER USER ''diac_hello_mysql_mysql''@''%'' IDENTIFIED BY ', QUOTE(@diac_password));
PREPARE diac_statement FROM @diac_statement;
EXECUTE diac_statement;
DEALLOCATE PREPARE diac_statement;
SET @diac_statement = NULL;

-- RELOAD for the moment of the lock in which a snapshot finds its place; the two REPLICATION rights to read the binlog and to ask where it ends.
GRANT RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'diac_hello_mysql_mysql'@'%';

-- Reading exactly what is captured: for the first copy and for copies asked for by signals.
GRANT SELECT ON `shop`.`order_lines` TO 'diac_hello_mysql_mysql'@'%';
GRANT SELECT ON `shop`.`orders` TO 'diac_hello_mysql_mysql'@'%';
GRANT SELECT ON `shop`.`products` TO 'diac_hello_mysql_mysql'@'%';

-- Where the global lock is not granted, as on managed servers, tables are locked one by one:
--   GRANT LOCK TABLES ON `shop`.* TO 'diac_hello_mysql_mysql'@'%';
