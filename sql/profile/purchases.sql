-- What each customer has bought of each product lately.
--
-- One row: one customer and product on a purchase within $affinity_days before $as_of. Lines without a product and lines that
-- give something back are left out; what was sent back later was bought all the same. `lines` counts lines of orders: nearly
-- always one an order.
--
-- key: customer_id, product_id
SELECT o.customer_id, l.product_id, count(*) AS lines,
       CAST(sum(l.quantity) AS DECIMAL(18,3)) AS quantity,
       CAST(sum(l.amount) FILTER (WHERE coalesce(l.currency, o.currency) = $currency) AS DECIMAL(18,2)) AS amount,
       max(o.ordered_at) AS last_bought_at
FROM clean.order_lines AS l
JOIN profile.orders AS o ON o.order_id = l.order_id
WHERE o.is_purchase AND days_between(o.ordered_at, $as_of) <= $affinity_days
  AND l.product_id IS NOT NULL AND coalesce(l.quantity, 1) > 0 AND coalesce(l.amount, 0) >= 0
GROUP BY o.customer_id, l.product_id
