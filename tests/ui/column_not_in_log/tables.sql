CREATE TABLE products (
  product_id bigint PRIMARY KEY,
  name text NOT NULL,
  net numeric(12,2) NOT NULL,
  gross numeric(12,2) GENERATED ALWAYS AS (net * 1.19) STORED,
  words tsvector GENERATED ALWAYS AS (to_tsvector('english', name)) STORED
);
