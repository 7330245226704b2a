-- title: Lapsed high-value customers, by the model
-- purpose: marketing
--
-- Those who spent much and have probably left: as lapsed_high_value, but by each customer's own pace instead of fifths of
-- all. Empty where customers do not show when they leave; rfm.value_models.warning says so.
--
-- One row: one customer whose net spend is in the highest tenth and who is a customer still with a probability below one
-- half. `predicted_clv_next_365d` is what is left to expect if nothing is done.
--
-- key: customer_id
WITH ranked AS (
    SELECT customer_id, label, monetary, currency, frequency, recency_days,
           percent_rank() OVER (ORDER BY monetary) AS spends_more_than
    FROM rfm.scores
)
SELECT r.customer_id, r.label, r.monetary, r.currency, r.frequency, r.recency_days, p.p_alive, p.predicted_clv_next_365d
FROM ranked AS r
JOIN rfm.predictions AS p ON p.customer_id = r.customer_id
WHERE r.spends_more_than >= 0.9 AND p.p_alive < 0.5
