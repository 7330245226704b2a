-- How each customer buys: what comes back, how much of it is bought with a discount, and by how many channels. By which one
-- most often, profile.favourites says.
--
-- One row: one customer with at least one order, return or cancellation before $as_of. Counts and their rates are over
-- all currencies, amounts and their shares are in the reporting currency alone.
--
-- key: customer_id
WITH by_channel AS (
    SELECT customer_id, channel,
           count(*) FILTER (WHERE is_purchase) AS orders,
           count(*) FILTER (WHERE status = 'returned') AS returns,
           count(*) FILTER (WHERE status = 'cancelled') AS cancellations,
           count(*) FILTER (WHERE is_purchase AND discount > 0) AS discounted_orders,
           coalesce(sum(amount) FILTER (WHERE is_purchase AND currency = $currency), 0) AS gross_amount,
           coalesce(-sum(amount) FILTER (WHERE status = 'returned' AND currency = $currency), 0) AS returned_amount,
           coalesce(sum(discount) FILTER (WHERE is_purchase AND currency = $currency), 0) AS discount_amount,
           max(ordered_at) FILTER (WHERE status = 'returned') AS last_returned_at
    FROM profile.orders
    GROUP BY customer_id, channel
), customers AS (
    SELECT customer_id, CAST(sum(orders) AS BIGINT) AS orders, CAST(sum(returns) AS BIGINT) AS returns,
           CAST(sum(cancellations) AS BIGINT) AS cancellations,
           CAST(sum(discounted_orders) AS BIGINT) AS discounted_orders,
           CAST(sum(gross_amount) AS DECIMAL(18,2)) AS gross_amount,
           CAST(sum(returned_amount) AS DECIMAL(18,2)) AS returned_amount,
           CAST(sum(discount_amount) AS DECIMAL(18,2)) AS discount_amount,
           max(last_returned_at) AS last_returned_at,
           count(channel) FILTER (WHERE orders > 0) AS channels
    FROM by_channel
    GROUP BY customer_id
)
SELECT customer_id, orders, returns, cancellations,
       CASE WHEN orders > 0 THEN round(CAST(returns AS DOUBLE) / CAST(orders AS DOUBLE), 4) END AS return_rate,
       CASE WHEN gross_amount > 0
            THEN round(CAST(returned_amount AS DOUBLE) / CAST(gross_amount AS DOUBLE), 4) END AS returned_share,
       last_returned_at, discounted_orders,
       CASE WHEN orders > 0
            THEN round(CAST(discounted_orders AS DOUBLE) / CAST(orders AS DOUBLE), 4) END AS discounted_order_share,
       CASE WHEN gross_amount + discount_amount > 0
            THEN round(CAST(discount_amount AS DOUBLE) / CAST(gross_amount + discount_amount AS DOUBLE), 4) END
           AS discount_share,
       gross_amount, returned_amount, discount_amount, $currency AS currency,
       channels, channels > 1 AS is_multi_channel
FROM customers
