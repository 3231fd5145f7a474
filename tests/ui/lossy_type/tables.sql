CREATE TABLE rates (
  rate_id bigint PRIMARY KEY,
  large numeric(60,20) NOT NULL,
  fine numeric(38,38) NOT NULL,
  many numeric(39,2)[] NOT NULL,
  open numeric NOT NULL,
  exact numeric(38,9) NOT NULL
);
CREATE TABLE hours (hour_id bigint PRIMARY KEY, opens timetz NOT NULL);
