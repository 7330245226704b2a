-- What each customer bought up to $as_of: the figures on which scores, lifecycle and segments stand.
--
-- One row: one customer in one currency; money of different currencies is never added up. Recency is in whole days
-- from the last purchase to $as_of, which itself is not counted. Frequency is the number of purchases. Monetary is net
-- spend: with $returns_policy 'net' returns are taken off, with 'ignore' they are left out; they are shown in either
-- case.
--
-- key: customer_id, currency
SELECT customer_id, currency,
       min(ordered_at) FILTER (WHERE is_purchase) AS first_order_at,
       max(ordered_at) FILTER (WHERE is_purchase) AS last_order_at,
       days_between(max(ordered_at) FILTER (WHERE is_purchase), $as_of) AS recency_days,
       count(*) FILTER (WHERE is_purchase) AS frequency,
       CAST(coalesce(sum(amount) FILTER (WHERE is_purchase OR $returns_policy = 'net'), 0) AS DECIMAL(18,2))
           AS monetary,
       CAST(coalesce(sum(amount) FILTER (WHERE is_purchase), 0) AS DECIMAL(18,2)) AS gross_amount,
       CAST(coalesce(-sum(amount) FILTER (WHERE status = 'returned'), 0) AS DECIMAL(18,2)) AS returned_amount,
       count(*) FILTER (WHERE status = 'returned') AS returns,
       count(*) FILTER (WHERE status = 'cancelled') AS cancellations,
       CAST(coalesce(sum(discount) FILTER (WHERE is_purchase), 0) AS DECIMAL(18,2)) AS discount_amount,
       count(*) FILTER (WHERE is_purchase AND discount > 0) AS discounted_orders,
       coalesce(min(channel) FILTER (WHERE is_purchase) <> max(channel) FILTER (WHERE is_purchase), false)
           AS is_multi_channel
FROM profile.orders
GROUP BY customer_id, currency
