-- As the DBA, in database shop.
CREATE TABLE public.products (
  product_id  bigint PRIMARY KEY,
  name        text NOT NULL,
  description text,
  price       numeric(12,2),
  stock       integer NOT NULL DEFAULT 0,
  -- Nullable and with a default: Connect's own classes put the default in the place of NULL unless told three times not to.
  rank        integer DEFAULT 7,
  tags        text[],
  wide        text,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  created     timestamp,
  day         date
);
ALTER TABLE public.products ALTER COLUMN wide SET STORAGE EXTERNAL;
-- FULL: with DEFAULT an update that leaves a wide value alone carries a placeholder instead of it.
ALTER TABLE public.products REPLICA IDENTITY FULL;
CREATE ROLE diac_shop LOGIN REPLICATION PASSWORD 'pw';
GRANT CONNECT ON DATABASE shop TO diac_shop;
GRANT USAGE ON SCHEMA public TO diac_shop;
GRANT SELECT ON public.products TO diac_shop;
CREATE SCHEMA diac;
CREATE TABLE diac.heartbeat (id smallint PRIMARY KEY CHECK (id = 1), ts timestamptz NOT NULL);
CREATE TABLE diac.signal (id varchar(64) PRIMARY KEY, type varchar(32) NOT NULL, data text);
GRANT USAGE ON SCHEMA diac TO diac_shop;
GRANT SELECT, INSERT, UPDATE ON diac.heartbeat TO diac_shop;
GRANT SELECT, INSERT, DELETE ON diac.signal TO diac_shop;
CREATE PUBLICATION diac_shop FOR TABLE public.products, diac.heartbeat, diac.signal;
