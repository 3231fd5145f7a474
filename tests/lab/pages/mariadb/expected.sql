-- The record's rows again, in PostgreSQL, as the lab copies them from MariaDB by itself; and what the views must hold.
CREATE TABLE products (
  id numeric(20,0) PRIMARY KEY,
  sku text, name text, price numeric(12,2), weight double precision, ratio real, active boolean, state text, tags text, stock integer,
  views bigint, small integer, tiny smallint, big numeric(20,0), added date, seen timestamp, planned timestamp, updated_at timestamptz,
  made_at timestamptz, opens time, season integer, photo bytea, flag boolean, extra jsonb, notes text, rank integer, worth numeric(20,2),
  double_stock bigint
);
CREATE TABLE order_lines (region text, line bigint, quantity integer, at timestamp, "order" text, PRIMARY KEY (region, line));
CREATE TABLE places (id integer PRIMARY KEY, n integer);
CREATE SCHEMA expected;
CREATE VIEW expected.offers AS SELECT id, name, stock FROM products WHERE active AND stock > 0 AND state = 'new';
CREATE VIEW expected.offers_copy AS SELECT id, name AS title, stock FROM products WHERE active AND stock > 0 AND state = 'new';
