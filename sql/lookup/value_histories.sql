-- What each customer bought before $as_of, and how often and for how much after that, before $until.
--
-- One row: one customer with a purchase before $as_of. Several purchases on a day are one. As in rfm.buyers, `age_days`
-- ends with the day before $as_of, and the first purchase is left out of `mean_spend`.
--
-- key: customer_id
WITH days AS (
    SELECT customer_id, CAST(ordered_at AS DATE) AS day, sum(amount) AS amount
    FROM transactions
    WHERE customer_id IS NOT NULL AND amount >= 0 AND ordered_at < $until
    GROUP BY customer_id, CAST(ordered_at AS DATE)
), firsts AS (
    SELECT customer_id, min(day) AS first_day
    FROM days
    GROUP BY customer_id
    HAVING min(day) < $as_of
)
SELECT d.customer_id,
       count(*) FILTER (WHERE d.day < $as_of) - 1 AS repeat_days,
       days_between(min(d.day), max(d.day) FILTER (WHERE d.day < $as_of)) AS first_to_last_days,
       days_between(min(d.day), $as_of) - 1 AS age_days,
       CAST(sum(d.amount) FILTER (WHERE d.day > f.first_day AND d.day < $as_of) AS DOUBLE)
           / nullif(count(*) FILTER (WHERE d.day < $as_of) - 1, 0) AS mean_spend,
       count(*) FILTER (WHERE d.day >= $as_of) AS later_days,
       CAST(coalesce(sum(d.amount) FILTER (WHERE d.day >= $as_of), 0) AS DOUBLE) AS later_spend
FROM days AS d
JOIN firsts AS f ON f.customer_id = d.customer_id
GROUP BY d.customer_id
ORDER BY d.customer_id
