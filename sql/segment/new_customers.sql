-- title: New customers
-- purpose: marketing
--
-- Those whose first purchase is at most $new_days old: the welcome decides whether there is a second.
--
-- One row: one customer whose lifecycle is new.
--
-- key: customer_id
SELECT customer_id, first_order_at, orders
FROM rfm.lifecycle
WHERE lifecycle = 'new'
