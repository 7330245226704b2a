-- How probable it is that two customers are one person, if that is in doubt: all their records taken together.
--
-- key: left_record, right_record
SELECT r.left_record, r.right_record, r.weight, r.probability
FROM match.reviews AS r
JOIN match.identities AS l ON l.record_id = r.left_record
JOIN match.identities AS o ON o.record_id = r.right_record
WHERE (l.customer_id = $left_customer AND o.customer_id = $right_customer)
   OR (l.customer_id = $right_customer AND o.customer_id = $left_customer)
