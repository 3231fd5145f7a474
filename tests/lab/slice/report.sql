-- As the DBA, in database report.
CREATE ROLE diac_report LOGIN PASSWORD 'pw';
GRANT CONNECT ON DATABASE report TO diac_report;
CREATE TABLE public.products (
  product_id  bigint PRIMARY KEY,
  name        text NOT NULL,
  description text,
  price       numeric(12,2),
  stock       integer NOT NULL,
  rank        integer,
  tags        text[],
  wide        text,
  updated_at  timestamptz NOT NULL,
  created     timestamp,
  day         date,
  __lsn       bigint NOT NULL,
  __deleted   text
);
CREATE TABLE public.products__gone (product_id bigint PRIMARY KEY, lsn bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE SEQUENCE public.products__refused;   -- counts refusals (test only)
CREATE OR REPLACE FUNCTION public.products__guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE seen bigint; old_row public.products;
BEGIN
  -- one writer per key at a time, also when the row does not exist
  PERFORM pg_advisory_xact_lock(hashtextextended('products:' || NEW.product_id, 0));
  SELECT * INTO old_row FROM public.products WHERE product_id = NEW.product_id;
  SELECT greatest(old_row.__lsn, (SELECT lsn FROM public.products__gone WHERE product_id = NEW.product_id)) INTO seen;
  IF seen IS NOT NULL AND NEW.__lsn <= seen THEN
    PERFORM nextval('public.products__refused');
    RETURN NULL;                                   -- stale or duplicate: refused, no error
  END IF;
  IF NEW.__deleted = 'true' THEN
    DELETE FROM public.products WHERE product_id = NEW.product_id;
    INSERT INTO public.products__gone VALUES (NEW.product_id, NEW.__lsn)
      ON CONFLICT (product_id) DO UPDATE SET lsn = excluded.lsn, at = now();
    RETURN NULL;
  END IF;
  DELETE FROM public.products__gone WHERE product_id = NEW.product_id;
  IF NEW.wide = '__debezium_unavailable_value' THEN NEW.wide := old_row.wide; END IF;
  NEW.__deleted := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT ON public.products FOR EACH ROW EXECUTE FUNCTION public.products__guard();
GRANT USAGE ON SCHEMA public TO diac_report;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.products, public.products__gone TO diac_report;
GRANT USAGE ON SEQUENCE public.products__refused TO diac_report;
