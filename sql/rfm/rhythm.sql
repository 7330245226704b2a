-- How often each regular customer buys: the median time between days with a purchase.
--
-- One row: one customer with purchases on at least three days before $as_of. Several orders on a day are one visit.
--
-- key: customer_id
WITH gaps AS (
    SELECT customer_id, days_between(lag(day) OVER (PARTITION BY customer_id ORDER BY day), day) AS gap_days
    FROM (SELECT DISTINCT customer_id, CAST(ordered_at AS DATE) AS day
          FROM profile.orders WHERE is_purchase)
)
SELECT customer_id, count(*) AS days, median(gap_days) AS median_gap_days
FROM gaps GROUP BY customer_id HAVING count(*) >= 3
