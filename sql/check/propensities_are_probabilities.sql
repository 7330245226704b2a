-- A propensity is a probability.
--
-- One row: one customer with one that is none.
SELECT customer_id, p_repeat_purchase, p_churn
FROM rfm.propensities
WHERE p_repeat_purchase < 0 OR p_repeat_purchase > 1 OR p_churn < 0 OR p_churn > 1
