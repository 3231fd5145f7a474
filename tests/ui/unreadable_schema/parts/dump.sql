\restrict abc
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at = now(); RETURN NEW; END $$;
CREATE TABLE public.products (product_id bigint NOT NULL, name text NOT NULL, at timestamp with time zone);
ALTER TABLE public.products OWNER TO shop;
CREATE VIEW public.names AS SELECT name FROM public.products;
COPY public.products (product_id, name, at) FROM stdin;
1	a;b	\N
\.
ALTER TABLE ONLY public.products ADD CONSTRAINT products_pkey PRIMARY KEY (product_id);
CREATE TRIGGER touch BEFORE UPDATE ON public.products FOR EACH ROW EXECUTE FUNCTION public.touch();
GRANT SELECT ON public.products TO reader;
\unrestrict abc
