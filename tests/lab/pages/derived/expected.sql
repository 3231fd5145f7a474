-- What each view of examples/orders must hold, said in SQL by hand: the answer of the source's own database.
CREATE SCHEMA expected;

CREATE VIEW expected.order_search AS
SELECT o.order_id, o.status, o.total, o.placed_at, c.name AS customer, c.country,
    coalesce((SELECT json_agg(json_build_object('line_no', l.line_no, 'price', l.price::text, 'quantity', l.quantity, 'sku', l.sku) ORDER BY l.line_no)
              FROM public.order_lines l WHERE l.order_id = o.order_id), '[]'::json) AS lines
FROM public.orders o JOIN public.customers c ON c.customer_id = o.customer_id;

CREATE VIEW expected.product_card AS
SELECT p.sku, p.title, p.price,
    coalesce((SELECT sum(s.on_hand::bigint - s.reserved) FROM public.stock s WHERE s.sku = p.sku), 0)::bigint AS available
FROM public.products p;

CREATE VIEW expected.paid_orders AS
SELECT o.order_id, o.total, o.currency, o.placed_at, c.country, CASE WHEN o.total >= 100 THEN 'large' ELSE 'small' END AS size
FROM public.orders o JOIN public.customers c ON c.customer_id = o.customer_id
WHERE o.status IN ('paid', 'shipped');

CREATE VIEW expected.orders_by_customer AS
SELECT customer_id, currency, count(*) AS orders, sum(total)::numeric(38,2)::text AS revenue, avg(total)::numeric(38,6)::text AS mean,
    min(placed_at) AS first, max(placed_at) AS last
FROM public.orders WHERE status <> 'cancelled' GROUP BY customer_id, currency;

CREATE VIEW expected.revenue_hourly AS
SELECT currency, to_char(date_trunc('hour', placed_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS window_start,
    sum(total)::numeric(38,2)::text AS revenue, count(*) AS orders
FROM public.orders WHERE status <> 'cancelled' GROUP BY 1, 2;

CREATE VIEW expected.revenue_sliding AS
SELECT currency, to_char(since, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since, to_char(since + interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS until,
    sum(total)::numeric(38,2)::text AS revenue
FROM (
    SELECT currency, total,
        date_bin('15 minutes', placed_at AT TIME ZONE 'UTC', '2000-01-01') - n * interval '15 minutes' AS since
    FROM public.orders, generate_series(0, 3) n
) AS windows
GROUP BY currency, since;
