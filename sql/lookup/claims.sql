-- Who else claimed what about one customer.
--
-- key: attribute, record_id
SELECT attribute, value, source, record_id, trust, is_stale, confirmed_at
FROM profile.claims
WHERE customer_id = $customer_id
ORDER BY attribute, trust DESC, record_id
