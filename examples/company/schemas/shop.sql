-- The shop's database, as the company's pages need it.

CREATE TABLE brands (
    brand_id  bigint PRIMARY KEY,
    name      text   NOT NULL
);

CREATE TABLE products (
    product_id   bigint        PRIMARY KEY,
    sku          text          NOT NULL UNIQUE,
    name         text          NOT NULL,
    description  text,
    brand_id     bigint        NOT NULL REFERENCES brands,
    price        numeric(12,2) NOT NULL,
    tags         text[]        NOT NULL DEFAULT '{}',
    updated_at   timestamptz   NOT NULL DEFAULT now()
);

CREATE TABLE stock_levels (
    product_id    bigint NOT NULL REFERENCES products,
    warehouse_id  int    NOT NULL,
    on_hand       int    NOT NULL,
    reserved      int    NOT NULL DEFAULT 0,
    PRIMARY KEY (product_id, warehouse_id)
);

CREATE TYPE order_status AS ENUM ('placed', 'paid', 'shipped', 'cancelled');

CREATE TABLE orders (
    order_id     uuid          PRIMARY KEY,
    -- Customers live in the acquired company's own database, so no foreign key can hold them.
    customer_id  bigint        NOT NULL,
    status       order_status  NOT NULL DEFAULT 'placed',
    total        numeric(12,2) NOT NULL,
    currency     text          NOT NULL,
    placed_at    timestamptz   NOT NULL DEFAULT now()
);

-- Events of orders leave through here, in the transaction that changes the order.
CREATE TABLE outbox (
    id             uuid        PRIMARY KEY,
    aggregatetype  text        NOT NULL,
    aggregateid    text        NOT NULL,
    type           text        NOT NULL,
    payload        jsonb       NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);
