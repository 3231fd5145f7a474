CREATE TABLE products (product_id bigint PRIMARY KEY, name text NOT NULL);
