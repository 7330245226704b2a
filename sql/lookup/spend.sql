-- What one customer spent, in each currency.
--
-- key: currency
SELECT currency, frequency AS orders, monetary, gross_amount, returns, returned_amount, cancellations,
       currency = $currency AS is_scored
FROM rfm.history
WHERE customer_id = $customer_id
ORDER BY monetary DESC, currency
