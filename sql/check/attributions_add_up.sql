-- By every model the credits of an order add up to one order and to its amount, to the cent.
--
-- One row: one order whose credits do not.
SELECT a.order_id, min(o.amount) AS amount
FROM rfm.attributions AS a
LEFT JOIN profile.orders AS o ON o.customer_id = a.customer_id AND o.order_id = a.order_id
GROUP BY a.order_id
HAVING sum(a.first_weight) <> 1 OR sum(a.last_weight) <> 1 OR sum(a.linear_weight) <> 1
    OR sum(a.position_weight) <> 1 OR sum(a.decay_weight) <> 1
    OR sum(a.first_amount) IS DISTINCT FROM min(o.amount) OR sum(a.last_amount) IS DISTINCT FROM min(o.amount)
    OR sum(a.linear_amount) IS DISTINCT FROM min(o.amount) OR sum(a.position_amount) IS DISTINCT FROM min(o.amount)
    OR sum(a.decay_amount) IS DISTINCT FROM min(o.amount)
