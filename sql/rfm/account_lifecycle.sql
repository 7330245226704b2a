-- Where each company stands, by its own rhythm: prospect, new, active, at_risk, lapsed or churned.
--
-- One row: one account of profile.accounts. The rules are those of rfm.lifecycle, and the days those on which any of its
-- contacts bought: a company whose buyer left, and whose new one buys, has not lapsed.
--
-- key: account_id
WITH gaps AS (
    SELECT account_id, days_between(lag(day) OVER (PARTITION BY account_id ORDER BY day), day) AS gap_days
    FROM (SELECT DISTINCT account_id, CAST(ordered_at AS DATE) AS day FROM profile.account_orders WHERE is_purchase)
), rhythm AS (
    SELECT account_id, median(gap_days) AS median_gap_days
    FROM gaps GROUP BY account_id HAVING count(*) >= 3
), measured AS (
    SELECT a.account_id, a.orders, a.first_order_at, a.last_order_at,
           days_between(a.last_order_at, $as_of) AS recency_days, r.median_gap_days,
           CASE WHEN r.median_gap_days IS NULL THEN $at_risk_days
                ELSE greatest(2 * r.median_gap_days, $rhythm_days_min) END AS at_risk_after_days,
           CASE WHEN r.median_gap_days IS NULL THEN $lapsed_days
                ELSE greatest(3 * r.median_gap_days, 1.5 * $rhythm_days_min) END AS lapsed_after_days,
           CASE WHEN r.median_gap_days IS NULL THEN $churned_days
                ELSE greatest(6 * r.median_gap_days, 3 * $rhythm_days_min) END AS churned_after_days
    FROM profile.accounts AS a
    LEFT JOIN rhythm AS r ON r.account_id = a.account_id
)
SELECT account_id, orders, first_order_at, last_order_at, recency_days, median_gap_days,
       at_risk_after_days, lapsed_after_days, churned_after_days,
       CASE WHEN orders = 0 THEN 'prospect'
            WHEN recency_days > churned_after_days THEN 'churned'
            WHEN recency_days > lapsed_after_days THEN 'lapsed'
            WHEN recency_days > at_risk_after_days THEN 'at_risk'
            WHEN days_between(first_order_at, $as_of) <= $new_days THEN 'new'
            ELSE 'active' END AS lifecycle
FROM measured
