-- The links that make one customer of its records, the weakest first, and the values that both records show.
--
-- One row: one link. They are a spanning forest: without any one of them the customer falls in two. A link that a person
-- decided has no value.
--
-- key: left_record, right_record
SELECT e.left_record, e.right_record, e.kind, e.weight, string_agg(DISTINCT l.value, ', ' ORDER BY l.value) AS value
FROM match.edges AS e
JOIN match.identities AS i ON i.record_id = e.left_record
LEFT JOIN match.identifiers AS l ON l.record_id = e.left_record AND l.kind = e.kind
LEFT JOIN match.identifiers AS r ON r.record_id = e.right_record AND r.kind = e.kind AND r.value = l.value
WHERE i.customer_id = $customer_id AND (l.value IS NULL OR r.value IS NOT NULL)
GROUP BY e.left_record, e.right_record, e.kind, e.weight
ORDER BY e.weight, e.left_record, e.right_record
