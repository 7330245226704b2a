-- title: Regulars
-- purpose: marketing
--
-- A segment is any query with a customer_id. This one: customers who buy often and have bought lately.
--
-- key: customer_id
SELECT customer_id, frequency, recency_days, monetary, currency
FROM rfm.scores
WHERE frequency_score >= 4 AND recency_score >= 4
