-- The record of examples/shop, as its page describes it, and what each view must hold, said in SQL by hand.
CREATE TYPE public.order_status AS ENUM ('placed', 'paid', 'shipped', 'cancelled');

CREATE TABLE public.products (
    product_id   bigint PRIMARY KEY,
    name         text NOT NULL,
    description  text,
    price        numeric(12,2) NOT NULL,
    stock        integer NOT NULL DEFAULT 0,
    updated_at   timestamp with time zone NOT NULL DEFAULT now()
);

CREATE TABLE public.orders (
    order_id     uuid PRIMARY KEY,
    customer_id  bigint NOT NULL,
    email        text NOT NULL,
    status       public.order_status NOT NULL,
    total        numeric(12,2) NOT NULL,
    placed_at    timestamp with time zone NOT NULL
);

CREATE SCHEMA expected;
CREATE VIEW expected.product_card AS SELECT product_id, name, price, stock FROM public.products;
CREATE VIEW expected.orders_report AS
SELECT order_id, customer_id, '[redacted]'::text AS email, status, total, placed_at FROM public.orders;
