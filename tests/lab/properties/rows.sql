-- The first rows. Ids go beyond 2^53, where floats skip every second number.
INSERT INTO public.items SELECT 9007199254740000 + n, 'item ' || n, ('10.0.0.' || n % 250)::inet, n FROM generate_series(900, 1100) n;
INSERT INTO public.pairs SELECT 'region ' || n % 7, n, n FROM generate_series(1, 60) n;
INSERT INTO public.ranks SELECT n, CASE WHEN n % 5 = 0 THEN NULL ELSE n END FROM generate_series(1, 60) n;
INSERT INTO public.wides SELECT n, repeat(md5(n::text), 400), n FROM generate_series(1, 20) n;
INSERT INTO public.moments SELECT n, timestamp '1969-12-31 23:59:59.123456' + n * interval '1 day 0.000007 seconds' FROM generate_series(1, 60) n;
INSERT INTO public.prices SELECT n, n + 0.25 FROM generate_series(1, 60) n;
INSERT INTO public.parts SELECT n, 1 + n % 2, n FROM generate_series(1, 60) n;
INSERT INTO public.corners SELECT (ARRAY['a:1', 'a', '{b}', 'c%3A1'])[1 + n % 4], n, n FROM generate_series(1, 60) n;
INSERT INTO public.spans SELECT n, n * interval '1 month 2 days 00:00:03.000007' FROM generate_series(1, 60) n;
INSERT INTO public.mixed SELECT n, n, 'order ' || n FROM generate_series(1, 60) n;
