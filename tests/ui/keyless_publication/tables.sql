CREATE TABLE log_lines (at timestamptz NOT NULL, line text);
CREATE UNLOGGED TABLE sessions (id bigint PRIMARY KEY, data text);
CREATE TABLE slots (id bigint PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, n int);
CREATE TABLE silent (id bigint PRIMARY KEY, n int);
ALTER TABLE silent REPLICA IDENTITY NOTHING;
CREATE TABLE products (product_id bigint PRIMARY KEY, name text NOT NULL);
