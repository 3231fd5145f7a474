-- Heartbeat and signal tables of mysql.
--
-- Run as a user that may create databases and grant.
-- After 01-user-and-grants.sql, which makes the user.
-- May be run any number of times.

SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_ALL_TABLES';

CREATE DATABASE IF NOT EXISTS `diac`;

-- The connector writes this row at an interval: so its position moves on while the captured tables are quiet, and never falls out of the binlog.
CREATE TABLE IF NOT EXISTS `diac`.`heartbeat` (
  id smallint NOT NULL PRIMARY KEY,
  ts timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE=InnoDB;
GRANT SELECT, INSERT, UPDATE ON `diac`.`heartbeat` TO 'diac_hello_mysql_mysql'@'%';

-- Rows in here are commands to the connector, such as a new copy of one table; it also writes its own watermarks.
CREATE TABLE IF NOT EXISTS `diac`.`signal` (
  id varchar(64) NOT NULL PRIMARY KEY,
  type varchar(32) NOT NULL,
  data text
) ENGINE=InnoDB;
GRANT SELECT, INSERT, DELETE ON `diac`.`signal` TO 'diac_hello_mysql_mysql'@'%';
