-- Orders, returns and cancellations on the customer's timeline.
--
-- One row: one order. The timeline is one table over all channels, narrow on purpose: `id` leads to the rest.
--
-- key: customer_id, happened_at, kind, id
SELECT customer_id, ordered_at AS happened_at,
       CASE WHEN is_purchase THEN 'order' WHEN status = 'returned' THEN 'return' ELSE 'cancellation' END AS kind,
       order_id AS id, coalesce(store, channel) AS title, amount, currency
FROM profile.orders
