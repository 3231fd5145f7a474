CREATE TABLE products (product_id bigint PRIMARY KEY);
CREATE TABLE brands (brand_id bigint PRIMARY KEY, name text NOT;  --~ unreadable_schema
CREATE TABLE lines (id bigint PRIMARY KEY);
