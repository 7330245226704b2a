-- What one customer has spent, returns taken off: a line per currency, the one with most purchases first.
--
-- key: currency
SELECT currency, frequency, monetary
FROM rfm.history
WHERE customer_id = $customer_id
ORDER BY frequency DESC, currency
