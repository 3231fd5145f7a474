CREATE TABLE customers (customer_id bigint PRIMARY KEY, email text NOT NULL);
CREATE TABLE brands (brand_id bigint PRIMARY KEY, name text NOT NULL);
