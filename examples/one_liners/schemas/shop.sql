CREATE TABLE products (
    product_id  bigint        PRIMARY KEY,
    sku         text          NOT NULL UNIQUE,
    name        text          NOT NULL,
    price       numeric(12,2) NOT NULL
);

CREATE TABLE order_lines (
    order_id  bigint NOT NULL,
    line_no   int    NOT NULL,
    sku       text   NOT NULL REFERENCES products (sku),
    quantity  int    NOT NULL,
    PRIMARY KEY (order_id, line_no)
);
