CREATE TABLE Products (Product_Id bigint PRIMARY KEY);
CREATE SCHEMA audit;
CREATE TABLE audit.entries (id bigint PRIMARY KEY);
