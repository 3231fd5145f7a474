-- The record of the lab's shop: every type of column that diac copies, and what has broken pipelines before.
CREATE TYPE public.product_state AS ENUM ('draft', 'on sale', 'sold "out"', 'vergriffen');

CREATE TABLE public.products (
    product_id   bigint PRIMARY KEY,
    name         text NOT NULL,
    description  text,
    manual       text,
    price        numeric(12,2),
    rate         numeric(38,9),
    weight       numeric,
    stock        integer NOT NULL DEFAULT 0,
    shelf        smallint,
    sold         bigint NOT NULL DEFAULT 0,
    active       boolean NOT NULL,
    score        double precision,
    ratio        real,
    made         date,
    updated_at   timestamp with time zone NOT NULL DEFAULT now(),
    created      timestamp without time zone,
    opens        time without time zone,
    token        uuid,
    notes        json,
    details      jsonb,
    picture      bytea,
    tags         text[],
    sizes        integer[],
    state        public.product_state NOT NULL DEFAULT 'draft',
    -- NULL is a value of its own here, and not the default.
    rank         integer DEFAULT 7,
    "unitPrice"  numeric(20,4),
    "order"      character varying(20)
);
-- Kept outside the row whenever it is wide.
ALTER TABLE public.products ALTER COLUMN manual SET STORAGE EXTERNAL;

CREATE TABLE public.order_lines (
    region       text NOT NULL,
    order_id     bigint NOT NULL,
    line         integer NOT NULL,
    product_id   bigint NOT NULL,
    quantity     integer NOT NULL DEFAULT 1,
    note         text,
    "changedAt"  timestamp with time zone DEFAULT now(),
    PRIMARY KEY (region, order_id, line)
);

CREATE TABLE public.customers (
    customer_id  uuid PRIMARY KEY,
    email        text NOT NULL,
    phone        text,
    full_name    text NOT NULL,
    nickname     text DEFAULT 'none',
    born         date,
    country      character(2),
    credit       numeric(12,2) NOT NULL DEFAULT 0.00
);
