-- Orders, returns and cancellations before $as_of under the customer who made them.
--
-- One row: one row of clean.orders with a record behind it; anonymous sales belong to nobody and stay there. What
-- gives money back is a return, whatever its source calls it: many systems book a refund as one more completed order.
-- `is_purchase`: bought, not returned or cancelled; it counts as an order. `amount` is as in clean.orders, negative
-- for a return, and nothing for what was cancelled.
--
-- key: customer_id, order_id
SELECT i.customer_id, o.order_id, o.ordered_at, o.source, o.channel, o.store,
       CASE WHEN o.amount < 0 AND o.status <> 'cancelled' THEN 'returned' ELSE o.status END AS status,
       o.amount >= 0 AND o.status NOT IN ('returned', 'cancelled') AS is_purchase,
       CAST(CASE WHEN o.status = 'cancelled' THEN 0 ELSE o.amount END AS DECIMAL(18,2)) AS amount,
       o.discount, o.currency, o.returns_order_id
FROM clean.orders AS o
JOIN match.identities AS i ON i.record_id = o.record_id
WHERE o.ordered_at < $as_of
