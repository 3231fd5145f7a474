-- Takes away what the other files of this folder made in mysql.
--
-- Run as a user that may drop users and databases.
-- By hand only, after the connector is deleted: nothing runs this file for you.
-- May be run any number of times.

SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_ALL_TABLES';

DROP USER IF EXISTS 'diac_hello_mysql_mysql'@'%';

-- Heartbeat and signal tables may serve another pipeline of this server: they stay while another user may write them.
SET @diac_statement = IF(
  EXISTS (SELECT 1 FROM information_schema.table_privileges WHERE table_schema = 'diac' AND privilege_type = 'INSERT'),
  'DO 0', 'DROP DATABASE IF EXISTS `diac`');
PREPARE diac_statement FROM @diac_statement;
EXECUTE diac_statement;
DEALLOCATE PREPARE diac_statement;
