-- What happened to one customer, the latest first.
--
-- key: happened_at, kind, id
SELECT happened_at, kind, title, amount, currency
FROM profile.timeline
WHERE customer_id = $customer_id
ORDER BY happened_at DESC, kind, id
