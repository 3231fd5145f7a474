-- What happens while the pipeline runs, after the first rows are in every view.
UPDATE public.items SET stock = stock + 1000 WHERE id % 3 = 0;
DELETE FROM public.items WHERE id % 3 = 1;
UPDATE public.pairs SET region = region || ' new', id = id + 1000000 WHERE id % 3 = 0;
UPDATE public.ranks SET rank = NULL WHERE id % 2 = 0;
UPDATE public.wides SET stock = stock + 1000 WHERE id % 2 = 0;
UPDATE public.moments SET made = made + interval '0.000001 seconds';
UPDATE public.prices SET price = price + 0.01;
UPDATE public.parts SET stock = stock + 1000 WHERE id % 3 = 0;
UPDATE public.parts SET half = 3 - half WHERE id % 3 = 1;
DELETE FROM public.parts WHERE id % 3 = 2;
UPDATE public.corners SET stock = stock + 1000;
UPDATE public.spans SET gap = gap + interval '1 microsecond';
UPDATE public.mixed SET "unitPrice" = "unitPrice" + 1000;
