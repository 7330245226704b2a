-- The other values that records claim about one customer, the most trusted first.
--
-- One row: one value that did not survive, with the sources that claim it and when one of them last confirmed it.
--
-- key: attribute, value
SELECT attribute, value, array_to_string(array_sort(array_agg(DISTINCT source)), ', ') AS sources,
       count(*) AS records, max(confirmed_at) AS confirmed_at, max(trust) AS trust
FROM profile.claims
WHERE customer_id = $customer_id
GROUP BY attribute, value
ORDER BY attribute, trust DESC, confirmed_at DESC NULLS LAST, value
