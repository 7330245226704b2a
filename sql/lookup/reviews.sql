-- Customers who may be one person, which nobody has decided yet, the likeliest first.
--
-- One row: two customers, shown by the two of their records that are most alike.
--
-- key: left_record, right_record
SELECT v.left_record, v.right_record, l.customer_id AS left_customer, r.customer_id AS right_customer, v.probability
FROM match.reviews AS v
JOIN match.identities AS l ON l.record_id = v.left_record
JOIN match.identities AS r ON r.record_id = v.right_record
WHERE NOT EXISTS (SELECT 1 FROM match.overrides AS o
                  WHERE o.left_record = v.left_record AND o.right_record = v.right_record)
ORDER BY v.probability DESC, v.left_record, v.right_record
