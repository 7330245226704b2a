-- Recency, frequency and spend of each customer on $as_of, in the reporting currency and in each currency.
--
-- One row: one customer with net spend above zero. Population `now`: recency and frequency count purchases in any
-- currency, because who paid in another one last week has not lapsed; money in another currency is not added to the
-- spend. Population `currency`: purchases and spend in the currency `part` alone.
--
-- key: population, part, id
WITH bought AS (
    SELECT customer_id, min(recency_days) AS recency_days, CAST(sum(frequency) AS BIGINT) AS frequency,
           max(CASE WHEN currency = $currency AND frequency > 0 THEN monetary END) AS monetary
    FROM rfm.history
    GROUP BY customer_id
)
SELECT 'now' AS population, '' AS part, customer_id AS id, $currency AS currency, recency_days, frequency, monetary
FROM bought
WHERE monetary > 0
UNION ALL
SELECT 'currency' AS population, currency AS part, customer_id AS id, currency, recency_days, frequency, monetary
FROM rfm.history
WHERE frequency > 0 AND monetary > 0
