CREATE TABLE shop.orders (
  id bigint NOT NULL PRIMARY KEY,
  token uuid NOT NULL, --~ unreadable_column
  flags bit(10), --~ unreadable_column
  place point, --~ unreadable_column
  unseen uuid,
  ok bit(1)
);
CREATE TABLE shop.visits (
  at timestamp(3) NOT NULL, --~ unreadable_column
  who int NOT NULL,
  address inet6, --~ unreadable_column
  PRIMARY KEY (at, who)
);
