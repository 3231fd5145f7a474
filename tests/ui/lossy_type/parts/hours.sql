CREATE TABLE hours (
  hour_id bigint PRIMARY KEY,
  opens timetz NOT NULL  --~ lossy_type --~ lossy_type
);
