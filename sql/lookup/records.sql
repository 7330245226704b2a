-- The source records that are one customer, and what joined each.
--
-- key: record_id
SELECT r.record_id, i.reason, r.confidence, r.first_seen_at
FROM profile.records AS r
JOIN match.identities AS i ON i.record_id = r.record_id
WHERE r.customer_id = $customer_id
ORDER BY r.record_id
