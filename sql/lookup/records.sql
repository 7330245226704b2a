-- The source records that are one customer, and what joined each.
--
-- key: record_id
SELECT record_id, reason, confidence
FROM match.identities
WHERE customer_id = $customer_id
ORDER BY record_id
