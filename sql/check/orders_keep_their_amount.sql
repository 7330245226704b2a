-- No order before $as_of is lost or counted twice on its way to the customers.
--
-- One row: one source and currency whose orders with a record do not add up to the orders of its customers.
WITH balance AS (
    SELECT source, currency, status, 1 AS orders, amount
    FROM clean.orders
    WHERE record_id IS NOT NULL AND ordered_at < $as_of
    UNION ALL
    SELECT source, currency, status, -1, -amount FROM profile.orders
)
SELECT source, currency, sum(orders) AS missing_orders, sum(amount) AS missing_amount
FROM balance
WHERE status <> 'cancelled'
GROUP BY source, currency
HAVING sum(orders) <> 0 OR sum(amount) <> 0
