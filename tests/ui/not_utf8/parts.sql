CREATE TABLE grösse (id bigint PRIMARY KEY);
