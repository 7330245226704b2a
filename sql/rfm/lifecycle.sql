-- Where each customer stands: prospect, new, active, at_risk, lapsed or churned.
--
-- One row: one customer of profile.people. Whoever bought on three days or more is measured by the own rhythm: at
-- risk after twice the median gap between purchases, lapsed after three times, churned after six times. That counts for
-- something only from $rhythm_days_min on, so that a daily coffee does not lapse over a weekend. Others are measured by
-- $at_risk_days, $lapsed_days and $churned_days. A prospect has not bought, as of $as_of, in any currency; a new
-- customer bought first within $new_days.
--
-- key: customer_id
WITH bought AS (
    SELECT customer_id, min(first_order_at) AS first_order_at, max(last_order_at) AS last_order_at,
           min(recency_days) AS recency_days, CAST(sum(frequency) AS BIGINT) AS orders
    FROM rfm.history
    WHERE frequency > 0
    GROUP BY customer_id
), measured AS (
    SELECT c.customer_id, b.orders, b.first_order_at, b.last_order_at, b.recency_days, r.median_gap_days,
           CASE WHEN r.median_gap_days IS NULL THEN $at_risk_days
                ELSE greatest(2 * r.median_gap_days, $rhythm_days_min) END AS at_risk_after_days,
           CASE WHEN r.median_gap_days IS NULL THEN $lapsed_days
                ELSE greatest(3 * r.median_gap_days, 1.5 * $rhythm_days_min) END AS lapsed_after_days,
           CASE WHEN r.median_gap_days IS NULL THEN $churned_days
                ELSE greatest(6 * r.median_gap_days, 3 * $rhythm_days_min) END AS churned_after_days
    FROM profile.people AS c
    LEFT JOIN bought AS b ON b.customer_id = c.customer_id
    LEFT JOIN rfm.rhythm AS r ON r.customer_id = c.customer_id
)
SELECT customer_id, coalesce(orders, 0) AS orders, first_order_at, last_order_at, recency_days, median_gap_days,
       at_risk_after_days, lapsed_after_days, churned_after_days,
       CASE WHEN orders IS NULL THEN 'prospect'
            WHEN recency_days > churned_after_days THEN 'churned'
            WHEN recency_days > lapsed_after_days THEN 'lapsed'
            WHEN recency_days > at_risk_after_days THEN 'at_risk'
            WHEN days_between(first_order_at, $as_of) <= $new_days THEN 'new'
            ELSE 'active' END AS lifecycle
FROM measured
