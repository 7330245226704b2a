-- What one customer spent in each of the last 24 months, in the reporting currency; returns are netted by $returns_policy.
-- The month of the last day that counts is the last.
--
-- key: month
WITH months AS (
    SELECT unnest(generate_series(date_trunc('month', CAST($as_of AS TIMESTAMP) - INTERVAL '1' DAY) - INTERVAL '23' MONTH,
                                  date_trunc('month', CAST($as_of AS TIMESTAMP) - INTERVAL '1' DAY),
                                  INTERVAL '1' MONTH)) AS starts_at
), spent AS (
    SELECT date_trunc('month', ordered_at) AS starts_at, sum(amount) AS amount,
           count(*) FILTER (WHERE is_purchase) AS orders
    FROM profile.orders
    WHERE customer_id = $customer_id AND currency = $currency AND (is_purchase OR $returns_policy = 'net')
    GROUP BY date_trunc('month', ordered_at)
)
SELECT CAST(CAST(m.starts_at AS DATE) AS VARCHAR) AS month, coalesce(s.amount, 0) AS amount,
       coalesce(s.orders, 0) AS orders, $currency AS currency
FROM months AS m
LEFT JOIN spent AS s ON s.starts_at = m.starts_at
ORDER BY m.starts_at
