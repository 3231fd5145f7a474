CREATE TABLE shop.orders (
  id bigint unsigned NOT NULL PRIMARY KEY,
  token uuid NOT NULL,
  secret uuid NOT NULL,
  ok bit(1),
  seen timestamp(6) NULL
);
CREATE TABLE shop.visits (
  at timestamp NOT NULL,
  who int NOT NULL,
  PRIMARY KEY (at, who)
);
CREATE TABLE shop.devices (
  id int NOT NULL PRIMARY KEY,
  address inet6
);
