CREATE TABLE products (product_id bigint PRIMARY KEY);
CREATE TABLE brands (brand_id bigint PRIMARY KEY, title text);
