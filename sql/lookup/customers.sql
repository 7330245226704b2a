-- The customers that `onefold customer WHAT` may mean: by customer id, also a former one, by record id, with or without
-- its source, by e-mail or phone.
--
-- $needle is what was typed, $country the country of a phone number without an international prefix. Without a country
-- ('') the number is tried in each country that contacts are in.
--
-- key: customer_id
WITH numbers AS (
    SELECT DISTINCT normalize_phone($needle, country) AS phone
    FROM (SELECT $country AS country
          UNION
          SELECT country FROM clean.contacts WHERE $country = '' AND country IS NOT NULL) AS countries
), found AS (
    SELECT customer_id, 'customer id' AS found_by FROM profile.customers WHERE customer_id = upper($needle)
    UNION ALL
    SELECT customer_id, 'former id' FROM match.aliases WHERE old_customer_id = upper($needle)
    UNION ALL
    SELECT customer_id, concat('record ', record_id) FROM profile.records
    WHERE record_id = $needle OR substr(record_id, strpos(record_id, ':') + 1) = $needle
    UNION ALL
    SELECT customer_id, 'e-mail' FROM profile.contacts WHERE email = normalize_email($needle)
    UNION ALL
    SELECT c.customer_id, concat('phone ', c.phone)
    FROM profile.contacts AS c JOIN numbers AS n ON n.phone = c.phone
)
SELECT c.customer_id, c.full_name, c.email, c.phone, min(f.found_by) AS found_by
FROM found AS f
JOIN profile.customers AS c ON c.customer_id = f.customer_id
GROUP BY c.customer_id, c.full_name, c.email, c.phone
ORDER BY c.customer_id
