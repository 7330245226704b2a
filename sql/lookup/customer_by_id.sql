-- The customer that an id means, also a former one; null: none of its records is left.
--
-- key: customer_id
SELECT DISTINCT customer_id FROM match.identities WHERE customer_id = $customer_id
UNION ALL
SELECT customer_id FROM match.aliases
WHERE old_customer_id = $customer_id AND NOT EXISTS (SELECT 1 FROM match.identities WHERE customer_id = $customer_id)
