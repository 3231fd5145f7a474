CREATE TABLE products (product_id bigint PRIMARY KEY);
CREATE TABLE brands (brand_id bigint PRIMARY KEY);
CREATE TABLE log_lines (id bigint PRIMARY KEY);
