-- Every record has exactly one customer.
--
-- One row: one record that match.identities has twice, or not at all.
SELECT r.record_id, count(i.customer_id) AS customers
FROM match.records AS r
LEFT JOIN match.identities AS i ON i.record_id = r.record_id
GROUP BY r.record_id
HAVING count(i.customer_id) <> 1
