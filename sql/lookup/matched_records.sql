-- The source records that are one customer, with what they say of the person and what joined each.
--
-- key: record_id
SELECT i.record_id,
       coalesce(c.full_name, nullif(concat_ws(' ', c.given_name, c.family_name), '')) AS full_name,
       c.birth_date, c.email, c.phone, c.city, i.reason, i.confidence
FROM match.identities AS i
LEFT JOIN clean.contacts AS c ON c.record_id = i.record_id
WHERE i.customer_id = $customer_id
ORDER BY i.record_id
