-- What each buyer's buying looked like, now and at earlier moments: what clusters and propensities are learnt from.
--
-- One row: one customer with a purchase in $currency before a moment, and that moment: `days_back` days before $as_of. 0 is
-- now; $propensity_days and $lapsed_days ago are where propensities are learnt, because what came after is known. All
-- columns but the last count only what happened before the moment; `bought_again` tells whether a purchase came after it,
-- before $as_of. (What a source changes afterwards, such as a cancellation, is known as it stands today.)
-- Amounts and times are logarithms, ln(1 + x), because twice as much is as large a step from 10 as from 100. Days begin at
-- midnight UTC. Purchases in other currencies are left out: their amounts could not be added up.
--
-- key: customer_id, days_back
WITH moments AS (
    SELECT 0 AS days_back
    UNION SELECT $propensity_days
    UNION SELECT $lapsed_days
), bought AS (
    SELECT customer_id, days_between(CAST(ordered_at AS DATE), $as_of) AS days_ago, is_purchase, amount,
           status = 'returned' AS is_return, coalesce(discount > 0, false) AS is_discounted,
           coalesce(channel = 'web', false) AS is_web, date_part('dow', ordered_at) IN (0, 6) AS is_weekend
    FROM profile.orders
    WHERE currency = $currency
), counted AS (
    SELECT b.customer_id, m.days_back,
           count(*) FILTER (WHERE b.is_purchase AND b.days_ago > m.days_back) AS orders,
           count(*) FILTER (WHERE b.is_purchase AND b.days_ago > m.days_back
                              AND b.days_ago <= m.days_back + $propensity_days) AS recent_orders,
           min(b.days_ago) FILTER (WHERE b.is_purchase AND b.days_ago > m.days_back) - m.days_back AS recency_days,
           max(b.days_ago) FILTER (WHERE b.is_purchase AND b.days_ago > m.days_back) - m.days_back AS tenure_days,
           sum(b.amount) FILTER (WHERE b.is_purchase AND b.days_ago > m.days_back) AS spend,
           count(*) FILTER (WHERE b.is_return AND b.days_ago > m.days_back) AS returns,
           count(*) FILTER (WHERE b.is_purchase AND b.is_discounted AND b.days_ago > m.days_back) AS discounted_orders,
           count(*) FILTER (WHERE b.is_purchase AND b.is_web AND b.days_ago > m.days_back) AS web_orders,
           count(*) FILTER (WHERE b.is_purchase AND b.is_weekend AND b.days_ago > m.days_back) AS weekend_orders,
           count(*) FILTER (WHERE b.is_purchase AND b.days_ago <= m.days_back) AS later_orders
    FROM bought AS b CROSS JOIN moments AS m
    GROUP BY b.customer_id, m.days_back
)
SELECT customer_id, days_back, orders, recent_orders, recency_days, tenure_days,
       CAST(spend AS DECIMAL(18,2)) AS spend,
       ln(1.0 + recency_days) AS log_recency,
       ln(1.0 + tenure_days) AS log_tenure,
       ln(1.0 + orders) AS log_orders,
       ln(1.0 + recent_orders) AS log_recent_orders,
       ln(1.0 + CAST(spend AS DOUBLE) / orders) AS log_order_value,
       CASE WHEN orders > 1 THEN ln(1.0 + CAST(tenure_days - recency_days AS DOUBLE) / (orders - 1)) END AS log_gap,
       CAST(discounted_orders AS DOUBLE) / orders AS discount_share,
       least(CAST(returns AS DOUBLE) / orders, 1.0) AS return_share,
       CAST(web_orders AS DOUBLE) / orders AS web_share,
       CAST(weekend_orders AS DOUBLE) / orders AS weekend_share,
       CASE WHEN days_back > 0 THEN later_orders > 0 END AS bought_again
FROM counted
WHERE orders > 0
