-- On which days customers who first bought before $as_of bought again, before $until.
--
-- One row: one day with repeat purchases; `days` counts from the last day before $as_of and is negative before it.
--
-- key: days
WITH purchase_days AS (
    SELECT DISTINCT customer_id, CAST(ordered_at AS DATE) AS day
    FROM transactions
    WHERE customer_id IS NOT NULL AND amount >= 0 AND ordered_at < $until
), firsts AS (
    SELECT customer_id, min(day) AS first_day
    FROM purchase_days
    GROUP BY customer_id
    HAVING min(day) < $as_of
)
SELECT days_between($as_of, d.day) + 1 AS days, count(*) AS purchases
FROM purchase_days AS d
JOIN firsts AS f ON f.customer_id = d.customer_id
WHERE d.day > f.first_day
GROUP BY d.day
ORDER BY days
