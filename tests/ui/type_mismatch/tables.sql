CREATE TYPE product_status AS ENUM ('a', 'b');
CREATE TABLE products (
  product_id bigint PRIMARY KEY,
  name text,
  price numeric(12,2) NOT NULL,
  status product_status NOT NULL,
  tags text[] NOT NULL,
  place inet NOT NULL
);
CREATE TABLE stock_levels (product_id bigint, warehouse_id int, PRIMARY KEY (product_id, warehouse_id));
