-- Values from the ends of their types, each in a row of its own, so that a view that stops or differs names it. What does not go through is in FACTS.md, 7.
INSERT INTO public.products (product_id, name, active, stock) VALUES
    (-9223372036854775808, 'the smallest id', true, 1), (9223372036854775807, 'the largest id', true, 1), (0, '', false, 0);
INSERT INTO public.products (product_id, name, active, stock, weight) VALUES (1, 'a numeric that is no number', true, 1, 'NaN');
INSERT INTO public.products (product_id, name, active, stock, price) VALUES (4, 'a price that is no number', true, 1, 'NaN');
INSERT INTO public.products (product_id, name, active, weight) VALUES (5, 'a numeric of 200 digits', true, repeat('9', 200)::numeric + 0.123456789);
INSERT INTO public.products (product_id, name, active, made, updated_at, created) VALUES
    (10, 'before Christ', true, NULL, '0044-03-15 12:00:00+00 BC', '0044-03-15 12:00:00 BC'),
    (11, 'far away', true, '9999-12-31', '9999-12-31 23:59:59.999999+00', '9999-12-31 23:59:59.999999'),
    (12, 'the year 1', true, '0001-01-01', '0001-01-01 00:00:00+00', '0001-01-01 00:00:00.000001');
INSERT INTO public.products (product_id, name, active, opens) VALUES (21, 'the last microsecond', true, '23:59:59.999999');
INSERT INTO public.products (product_id, name, active, notes, details) VALUES
    (30, 'JSON null', true, 'null', 'null'), (31, 'large numbers in JSON', true, '[12345678901234567890123]', '{"a": 12345678901234567890.123456789}'),
    (32, 'JSON scalars', true, '"text"', '17');
INSERT INTO public.products (product_id, name, active, picture) VALUES (40, 'no bytes', true, ''), (41, 'bytes of a placeholder', true, convert_to('X19kZWJleml1bV91', 'UTF8'));
INSERT INTO public.products (product_id, name, active, tags, sizes) VALUES
    (50, 'empty arrays', true, '{}', '{}'), (51, 'nulls in arrays', true, '{NULL,"NULL",""}', '{NULL,0}');
INSERT INTO public.order_lines (region, order_id, line, product_id) VALUES ('a:b{c}%d', 1, 1, 1), ('a', 1, 2, 1), (' ', -1, -1, 1), ('*?[x]\', 1, 1, 1);
INSERT INTO public.customers (customer_id, email, full_name, country) VALUES
    ('00000000-0000-0000-0000-000000000000', '', '', 'DE'), ('ffffffff-ffff-ffff-ffff-ffffffffffff', E'\t', '👩‍🚀 astronaut', NULL);
