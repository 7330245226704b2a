-- By every model the credits of an order add up to one order and to its amount, to the cent.
--
-- One row: one order whose credits do not.
SELECT order_id, amount
FROM (
    SELECT a.order_id, coalesce(min(o.amount), -1) AS amount,
           sum(a.first_weight) AS first_weight, sum(a.first_amount) AS first_amount,
           sum(a.last_weight) AS last_weight, sum(a.last_amount) AS last_amount,
           sum(a.linear_weight) AS linear_weight, sum(a.linear_amount) AS linear_amount,
           sum(a.position_weight) AS position_weight, sum(a.position_amount) AS position_amount,
           sum(a.decay_weight) AS decay_weight, sum(a.decay_amount) AS decay_amount
    FROM rfm.attributions AS a
    LEFT JOIN profile.orders AS o ON o.customer_id = a.customer_id AND o.order_id = a.order_id
    GROUP BY a.order_id
) AS added
WHERE first_weight <> 1 OR last_weight <> 1 OR linear_weight <> 1 OR position_weight <> 1 OR decay_weight <> 1
   OR first_amount <> amount OR last_amount <> amount OR linear_amount <> amount OR position_amount <> amount
   OR decay_amount <> amount
