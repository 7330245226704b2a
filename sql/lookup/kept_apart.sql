-- The links between a customer and others that were not followed, and what forbade them.
--
-- One row: one pair of records, ours first. `veto`: the column in which people differ, or `unlink` for what a person
-- decided.
--
-- key: record_id, other_record
SELECT r.left_record AS record_id, r.right_record AS other_record, o.customer_id AS other_customer, r.kind, r.veto
FROM match.refusals AS r
JOIN match.identities AS i ON i.record_id = r.left_record
JOIN match.identities AS o ON o.record_id = r.right_record
WHERE i.customer_id = $customer_id
UNION ALL
SELECT r.right_record, r.left_record, o.customer_id, r.kind, r.veto
FROM match.refusals AS r
JOIN match.identities AS i ON i.record_id = r.right_record
JOIN match.identities AS o ON o.record_id = r.left_record
WHERE i.customer_id = $customer_id
ORDER BY record_id, other_record
