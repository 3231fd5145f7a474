CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE order_lines (
  id bigint PRIMARY KEY,
  order_id bigint NOT NULL,
  CONSTRAINT line_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE --~ cascade_not_captured
);
CREATE TABLE notes (
  id bigint PRIMARY KEY,
  order_id bigint NULL,
  FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE SET NULL --~ cascade_not_captured
);
CREATE TABLE audits (
  id bigint PRIMARY KEY,
  order_id bigint NULL,
  FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
);
