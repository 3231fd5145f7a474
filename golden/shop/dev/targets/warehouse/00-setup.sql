-- Role, warehouse and schemas of the views in warehouse.
--
-- Not run anywhere yet: fakesnow knows no grants.
-- Run as a user who may use ACCOUNTADMIN, once; may be run any number of times. Before the other files of this folder.

USE ROLE ACCOUNTADMIN;
CREATE ROLE IF NOT EXISTS "DIAC";
GRANT ROLE "DIAC" TO ROLE SYSADMIN;

-- It refreshes the dynamic tables and sleeps in between.
CREATE WAREHOUSE IF NOT EXISTS "DIAC_WH" WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE;
GRANT USAGE ON WAREHOUSE "DIAC_WH" TO ROLE "DIAC";

CREATE DATABASE IF NOT EXISTS "WAREHOUSE";
GRANT USAGE ON DATABASE "WAREHOUSE" TO ROLE "DIAC";
CREATE SCHEMA IF NOT EXISTS "WAREHOUSE"."ANALYTICS";
GRANT USAGE ON SCHEMA "WAREHOUSE"."ANALYTICS" TO ROLE "DIAC";
-- The connector makes a pipe of its own beside each table it fills.
GRANT CREATE PIPE, CREATE STAGE ON SCHEMA "WAREHOUSE"."ANALYTICS" TO ROLE "DIAC";

-- The connector's user logs in with a key pair; the public half is set by hand:
--   ALTER USER "DIAC" SET RSA_PUBLIC_KEY = '<public key without its first and last line>';
CREATE USER IF NOT EXISTS "DIAC" TYPE = SERVICE DEFAULT_ROLE = "DIAC";
GRANT ROLE "DIAC" TO USER "DIAC";
