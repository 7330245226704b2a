-- title: Customers likely to buy again soon
-- purpose: marketing
--
-- The tenth with the highest probability to buy within $propensity_days. They come anyway: show them what is new, ask them
-- for a review, and keep the discount for others. rfm.propensity_holdout says how often such customers did buy.
--
-- One row: one customer in that tenth; more where probabilities are equal.
--
-- key: customer_id
WITH ranked AS (
    SELECT customer_id, p_repeat_purchase, percent_rank() OVER (ORDER BY p_repeat_purchase DESC) AS place
    FROM rfm.propensities
    WHERE p_repeat_purchase IS NOT NULL
)
SELECT r.customer_id, r.p_repeat_purchase, c.description AS kind, l.recency_days, l.orders
FROM ranked AS r
JOIN rfm.lifecycle AS l ON l.customer_id = r.customer_id
LEFT JOIN rfm.clusters AS c ON c.customer_id = r.customer_id
WHERE r.place <= 0.1
