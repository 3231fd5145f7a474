-- Role of the connector orders-source-shop in shop.
--
-- Run as a superuser, or as a role that may create roles with REPLICATION and owns the tables.
-- Second of this folder, after 00-preflight.sql.
-- Needs psql 15 and a server of 14 or newer. May be run any number of times.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- A file of the wrong database would do half its work before anything fails.
\unset diac_database_0
\getenv diac_database_0 SHOP_DATABASE
\if :{?diac_database_0}
\else
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'set the environment variable SHOP_DATABASE: database of `shop`'; END$diac$;
\endif
\set diac_database :diac_database_0
SELECT current_database() = :'diac_database' AS diac_right_database \gset
\if :diac_right_database
\else
\echo 'This file is for the database' :diac_database
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'this is another database than the file is for; see the line above'; END$diac$;
\endif

-- LOGIN to connect, REPLICATION to make and read its slot. Managed servers may want a role of theirs granted instead
-- of REPLICATION, such as rds_replication.
\unset diac_password_0
\getenv diac_password_0 SHOP_PASSWORD
\if :{?diac_password_0}
\else
DO $diac$BEGIN RAISE EXCEPTION USING MESSAGE = 'set the environment variable SHOP_PASSWORD: password of the role `diac_orders_shop` in `shop`'; END$diac$;
\endif
\set diac_password :diac_password_0
-- The password must not reach the server's log; only a superuser can say so.
SELECT rolsuper AS diac_superuser FROM pg_roles WHERE rolname = current_user \gset
\if :diac_superuser
SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
\endif
SELECT format('CREATE ROLE %I LOGIN', 'diac_orders_shop') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'diac_orders_shop') \gexec
ALTER ROLE "diac_orders_shop" LOGIN REPLICATION PASSWORD :'diac_password';
\unset diac_password
\if :diac_superuser
RESET log_statement;
RESET log_min_duration_statement;
RESET log_min_error_statement;
\endif
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'diac_orders_shop') \gexec

-- Reading exactly what is captured: for the first copy and for copies asked for by signals.
GRANT USAGE ON SCHEMA "public" TO "diac_orders_shop";
GRANT SELECT ON "public"."customers" TO "diac_orders_shop";
GRANT SELECT ON "public"."order_lines" TO "diac_orders_shop";
GRANT SELECT ON "public"."orders" TO "diac_orders_shop";
GRANT SELECT ON "public"."products" TO "diac_orders_shop";
GRANT SELECT ON "public"."stock" TO "diac_orders_shop";

-- A table that is captured no longer is read no longer.
SELECT format('REVOKE ALL ON TABLE %I.%I FROM %I', n.nspname, c.relname, 'diac_orders_shop')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
 WHERE r.rolname = 'diac_orders_shop' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relowner <> r.oid
   AND (n.nspname, c.relname) NOT IN (
       ('diac', 'heartbeat'),
       ('diac', 'signal'),
       ('public', 'customers'),
       ('public', 'order_lines'),
       ('public', 'orders'),
       ('public', 'products'),
       ('public', 'stock'))
 GROUP BY n.nspname, c.relname \gexec
