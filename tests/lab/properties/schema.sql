-- Small tables, each for the properties that a careless hand would change first.
CREATE TABLE public.items (
    id     bigint PRIMARY KEY,
    name   text NOT NULL,
    origin inet NOT NULL,
    stock  integer NOT NULL
);
CREATE TABLE public.pairs (
    region text NOT NULL,
    id     bigint NOT NULL,
    stock  integer NOT NULL,
    PRIMARY KEY (region, id)
);
CREATE TABLE public.ranks (
    id     bigint PRIMARY KEY,
    rank   integer DEFAULT 7
);
CREATE TABLE public.wides (
    id     bigint PRIMARY KEY,
    manual text NOT NULL,
    stock  integer NOT NULL
);
ALTER TABLE public.wides ALTER COLUMN manual SET STORAGE EXTERNAL;
CREATE TABLE public.moments (
    id     bigint PRIMARY KEY,
    made   timestamp without time zone NOT NULL
);
CREATE TABLE public.prices (
    id     bigint PRIMARY KEY,
    price  numeric(12,2) NOT NULL
);
CREATE TABLE public.parts (
    id     bigint NOT NULL,
    half   smallint NOT NULL,
    stock  integer NOT NULL,
    PRIMARY KEY (id, half)
) PARTITION BY LIST (half);
CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES IN (1);
CREATE TABLE public.parts_2 PARTITION OF public.parts FOR VALUES IN (2);
CREATE TABLE public.corners (
    region text NOT NULL,
    id     bigint NOT NULL,
    stock  integer NOT NULL,
    PRIMARY KEY (region, id)
);
CREATE TABLE public.spans (
    id     bigint PRIMARY KEY,
    gap    interval NOT NULL
);
CREATE TABLE public.mixed (
    id          bigint PRIMARY KEY,
    "unitPrice" integer NOT NULL,
    "order"     text NOT NULL
);
