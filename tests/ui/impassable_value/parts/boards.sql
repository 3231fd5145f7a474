CREATE TABLE boards (
  id bigint PRIMARY KEY,
  cells integer[][] NOT NULL, --~ impassable_value
  prices numeric(10,2)[3][3] NOT NULL, --~ impassable_value
  names text
);
