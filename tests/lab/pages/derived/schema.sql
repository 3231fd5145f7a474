-- The tables of examples/orders, as the lab fills them. Moments stand at the edges of windows, so that rows meet there.
CREATE TABLE public.customers (
    customer_id  bigint PRIMARY KEY,
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
    placed_at    timestamp with time zone NOT NULL
);

CREATE TABLE public.order_lines (
    order_id  bigint NOT NULL REFERENCES public.orders ON DELETE CASCADE ON UPDATE CASCADE,
    line_no   integer NOT NULL,
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
    warehouse  integer NOT NULL,
    on_hand    integer NOT NULL,
    reserved   integer NOT NULL,
    PRIMARY KEY (sku, warehouse)
);

CREATE FUNCTION public.at_an_edge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    edges timestamp with time zone[] := ARRAY[
        '2024-02-28 10:00:00+00', '2024-02-28 10:14:59.999999+00', '2024-02-28 10:15:00+00', '2024-02-28 10:59:59.999999+00', '2024-02-28 11:00:00+00',
        '2024-02-28 23:45:00.000001+00', '2024-02-29 00:00:00+00', '2024-02-29 12:30:00.5+00', '2024-03-31 01:30:00+00', '2024-12-31 23:59:59+00',
        '1970-01-01 00:00:00+00', '1969-12-31 23:59:59.5+00', '1900-01-01 00:29:59+00', '2199-07-08 09:10:11.121314+00']::timestamp with time zone[];
BEGIN
    NEW.placed_at := edges[1 + abs(hashtext(NEW.placed_at::text) % cardinality(edges))];
    RETURN NEW;
END $$;
CREATE TRIGGER at_an_edge BEFORE INSERT OR UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.at_an_edge();
