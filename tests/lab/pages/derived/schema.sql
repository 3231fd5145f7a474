-- The tables of examples/orders, as the lab fills them. Checks keep values where orders meet: few customers, few days, few articles.
CREATE TABLE public.customers (
    customer_id  bigint PRIMARY KEY CHECK (customer_id BETWEEN 1 AND 400),
    name         text NOT NULL,
    country      text NOT NULL,
    segment      text
);

CREATE TABLE public.orders (
    order_id     bigint PRIMARY KEY,
    customer_id  bigint NOT NULL REFERENCES public.customers ON DELETE CASCADE ON UPDATE CASCADE,
    status       text NOT NULL CHECK (status IN ('placed', 'paid', 'shipped', 'cancelled')),
    currency     text NOT NULL CHECK (currency IN ('EUR', 'USD', 'CHF')),
    total        numeric(12,2) NOT NULL,
    placed_at    timestamp with time zone NOT NULL CHECK (placed_at BETWEEN '2024-02-28 00:00:00+00' AND '2024-03-01 00:00:00+00')
);

CREATE TABLE public.order_lines (
    order_id  bigint NOT NULL REFERENCES public.orders ON DELETE CASCADE ON UPDATE CASCADE,
    line_no   integer NOT NULL CHECK (line_no BETWEEN -3 AND 12),
    sku       text NOT NULL,
    quantity  integer NOT NULL,
    price     numeric(12,2) NOT NULL,
    PRIMARY KEY (order_id, line_no)
);

CREATE TABLE public.products (
    sku    text PRIMARY KEY,
    title  text NOT NULL,
    price  numeric(12,2) NOT NULL
);

CREATE TABLE public.stock (
    sku        text NOT NULL REFERENCES public.products ON DELETE CASCADE ON UPDATE CASCADE,
    warehouse  integer NOT NULL CHECK (warehouse BETWEEN 1 AND 5),
    on_hand    integer NOT NULL CHECK (on_hand BETWEEN -2000000000 AND 2000000000),
    reserved   integer NOT NULL CHECK (reserved BETWEEN -1000 AND 1000),
    PRIMARY KEY (sku, warehouse)
);
