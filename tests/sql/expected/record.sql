CREATE TABLE public.products (
  product_id bigint PRIMARY KEY,
  name text NOT NULL,
  email varchar(80),
  note text,
  price numeric(12,2),
  "any" numeric,
  weight real,
  ratio double precision,
  stock integer,
  tags text[],
  wide text,
  photo bytea,
  attrs jsonb,
  ok boolean,
  updated_at timestamptz NOT NULL,
  created timestamp,
  day date,
  at time,
  code char(4),
  ident uuid
);
CREATE TABLE public."Order ""Lines" (
  "Order" uuid,
  line_no smallint,
  amount numeric(12,2),
  PRIMARY KEY ("Order", line_no)
) PARTITION BY HASH ("Order");
CREATE TABLE public.lines_0 PARTITION OF public."Order ""Lines" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.lines_1 PARTITION OF public."Order ""Lines" FOR VALUES WITH (MODULUS 2, REMAINDER 1);
