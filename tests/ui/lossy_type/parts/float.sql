CREATE TABLE shop.readings (
  id int NOT NULL PRIMARY KEY,
  ratio float NOT NULL, --~ lossy_type
  weight double NOT NULL
);
