-- At which hours of the day each customer opens messages, clicks, and buys.
--
-- One row: one customer and one hour of the day in UTC with an opening, a click or a purchase before $as_of. The local
-- time of a customer is not known, so that the hours of two customers in different countries must not be compared.
-- Purchases at midnight sharp are left out: they come from sources that know the day alone.
--
-- key: customer_id, hour
WITH answers AS (
    SELECT record_id, date_part('hour', opened_at) AS hour, count(*) AS opens, 0 AS clicks
    FROM clean.messages
    WHERE record_id IS NOT NULL AND sent_at < $as_of AND opened_at < $as_of
    GROUP BY record_id, date_part('hour', opened_at)
    UNION ALL
    SELECT record_id, date_part('hour', clicked_at), 0, count(*)
    FROM clean.messages
    WHERE record_id IS NOT NULL AND sent_at < $as_of AND clicked_at < $as_of
    GROUP BY record_id, date_part('hour', clicked_at)
), actions AS (
    SELECT i.customer_id, a.hour, a.opens, a.clicks, 0 AS purchases
    FROM answers AS a
    JOIN match.identities AS i ON i.record_id = a.record_id
    UNION ALL
    SELECT customer_id, date_part('hour', ordered_at), 0, 0, count(*)
    FROM profile.orders
    WHERE is_purchase
      AND date_part('hour', ordered_at) + date_part('minute', ordered_at) + date_part('second', ordered_at) > 0
    GROUP BY customer_id, date_part('hour', ordered_at)
)
SELECT customer_id, CAST(hour AS BIGINT) AS hour, CAST(sum(opens) AS BIGINT) AS opens,
       CAST(sum(clicks) AS BIGINT) AS clicks, CAST(sum(purchases) AS BIGINT) AS purchases
FROM actions
GROUP BY customer_id, hour
