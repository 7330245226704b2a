-- A value of the golden profile comes from one of the customer's own records.
--
-- One row: one surviving e-mail address whose record belongs to somebody else, or to nobody.
SELECT g.customer_id, g.email['record_id'] AS record_id
FROM profile.golden_records AS g
LEFT JOIN match.identities AS i ON i.record_id = g.email['record_id']
WHERE g.email['record_id'] IS NOT NULL AND i.customer_id IS DISTINCT FROM g.customer_id
