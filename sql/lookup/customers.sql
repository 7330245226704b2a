-- The customers that `onefold customer WHAT` may mean: by customer id, also a former one, by record id, e-mail or phone.
--
-- $needle is what was typed, $country the country of a phone number without an international prefix.
--
-- key: customer_id
SELECT c.customer_id, c.full_name, c.email, c.phone
FROM profile.customers AS c
WHERE c.customer_id IN (
    SELECT customer_id FROM profile.customers WHERE customer_id = $needle
    UNION ALL
    SELECT customer_id FROM match.aliases WHERE old_customer_id = $needle
    UNION ALL
    SELECT customer_id FROM match.identities WHERE record_id = $needle
    UNION ALL
    SELECT customer_id FROM profile.contacts WHERE email = normalize_email($needle) OR phone = normalize_phone($needle, $country)
)
ORDER BY c.customer_id
