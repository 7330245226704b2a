-- Predictions can be what they say they are.
--
-- One row: one customer with a probability that is none, or less than nothing to come.
SELECT customer_id, p_alive, predicted_probability_of_transaction_next_365d, predicted_clv_next_365d
FROM rfm.predictions
WHERE p_alive < 0 OR p_alive > 1
   OR predicted_probability_of_transaction_next_365d < 0
   OR predicted_probability_of_transaction_next_365d > coalesce(p_alive, 1)
   OR predicted_probability_of_transaction_next_365d > predicted_order_frequency_next_365d
   OR predicted_average_order_revenue_next_365d < 0
   OR predicted_clv_next_365d < 0
   OR predicted_clv_next_365d > predicted_clv AND $clv_horizon_days >= 365
