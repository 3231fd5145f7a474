CREATE TABLE customers (customer_id bigint PRIMARY KEY, name text);
CREATE TABLE notes (note_id bigint, CONSTRAINT notes_key PRIMARY KEY (note_id));
