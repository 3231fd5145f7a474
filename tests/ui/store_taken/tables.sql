CREATE TABLE products (product_id bigint PRIMARY KEY);
CREATE TABLE brands (brand_id bigint PRIMARY KEY);
CREATE SCHEMA audit;
CREATE TABLE audit.products (product_id bigint PRIMARY KEY);
