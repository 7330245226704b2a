-- What one customer will probably buy, and what is to be known of the model that says so.
--
-- key: customer_id
SELECT p.*, $clv_horizon_days AS clv_horizon_days, m.warning
FROM rfm.predictions AS p
CROSS JOIN (SELECT max(warning) AS warning FROM rfm.value_models WHERE model = 'mbg_nbd') AS m
WHERE p.customer_id = $customer_id
