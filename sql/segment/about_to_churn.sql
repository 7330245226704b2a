-- title: Good customers about to leave
-- purpose: marketing
--
-- Those of the better half by spend who will more probably stay away for $lapsed_days than come back. They have not left
-- yet: the time for a call, or an offer.
--
-- One row: one customer with p_churn above one half.
--
-- key: customer_id
WITH ranked AS (
    SELECT customer_id, monetary, currency, recency_days, percent_rank() OVER (ORDER BY monetary) AS spends_more_than
    FROM rfm.scores
)
SELECT r.customer_id, p.p_churn, c.description AS kind, r.monetary, r.currency, r.recency_days
FROM ranked AS r
JOIN rfm.propensities AS p ON p.customer_id = r.customer_id
LEFT JOIN rfm.clusters AS c ON c.customer_id = r.customer_id
WHERE r.spends_more_than >= 0.5 AND p.p_churn > 0.5
