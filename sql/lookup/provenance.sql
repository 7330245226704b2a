-- Where each value of one customer's golden record comes from, and why it won.
--
-- key: attribute
SELECT attribute, value, source, record_id, trust, is_stale, confirmed_at, reason, records, agreeing, rivals
FROM profile.provenance
WHERE customer_id = $customer_id
ORDER BY attribute
