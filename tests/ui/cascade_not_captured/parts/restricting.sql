CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE order_lines (
  id bigint PRIMARY KEY,
  order_id bigint NOT NULL,
  FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE RESTRICT ON UPDATE NO ACTION
);
CREATE TABLE audits (
  id bigint PRIMARY KEY,
  order_id bigint NULL,
  FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
);
