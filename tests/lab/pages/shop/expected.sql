-- What each view of shop.dia must hold, said in SQL by hand. The comparison takes the columns and their types from the catalogue of the database that
-- knows these views, so nothing of diac takes part in it. Views that hold whole rows are compared with the table itself.
-- A character(2) travels as it is stored, with its blanks.
CREATE SCHEMA expected;

CREATE VIEW expected.card_search AS
SELECT product_id, name AS title, price AS cost, tags AS labels FROM public.products;
CREATE VIEW expected.card_cache AS
SELECT product_id, name AS title, price AS cost, updated_at AS seen FROM public.products;
CREATE VIEW expected.card_copy AS
SELECT product_id AS id, name AS title, price AS cost, state AS phase FROM public.products;

CREATE VIEW expected.offers AS
SELECT product_id, name, stock FROM public.products WHERE active AND stock > 0;
CREATE VIEW expected.offers_copy AS
SELECT product_id, name, active, stock FROM public.products WHERE active AND stock > 0;

CREATE VIEW expected.people AS
SELECT customer_id, '[redacted]'::text AS email, CASE WHEN nickname IS NULL THEN NULL ELSE '[redacted]' END AS nickname, NULL::text AS phone, "left"(full_name, 1) AS full_name, rpad(country::text, 2) AS country, credit FROM public.customers;
CREATE VIEW expected.people_copy AS
SELECT customer_id, '[redacted]'::text AS email, CASE WHEN nickname IS NULL THEN NULL ELSE '[redacted]' END AS nickname, NULL::text AS phone, '[redacted]'::text AS full_name, rpad(country::text, 2) AS country, credit FROM public.customers;
