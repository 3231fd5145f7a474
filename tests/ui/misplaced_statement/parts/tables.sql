CREATE TABLE products (product_id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE brands (brand_id bigint PRIMARY KEY);
