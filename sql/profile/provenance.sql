-- Where each value of the golden profile comes from: which record won, and why.
--
-- One row: one attribute of one customer that at least one record claims. `reason`: it was the only claim (only), the
-- records say the same (agreed), its source is trusted most (trust), it was confirmed last (recency), or nothing told
-- the claims apart and the first record by its id won (tie). The other claims are in profile.claims. A name is the
-- whole name; the parts of an address and of a company are set off by commas.
--
-- key: customer_id, attribute
WITH won AS (
    SELECT customer_id, 'name' AS attribute, split_part(name['value'], chr(31), 3) AS value,
           name['record_id'] AS record_id, name['trust'] AS trust, name['at'] AS confirmed_at, name['reason'] AS reason,
           name['records'] AS records, name['agreeing'] AS agreeing, name['rivals'] AS rivals
    FROM profile.golden_records WHERE name['value'] IS NOT NULL
    UNION ALL
    SELECT customer_id, 'birth_date', CAST(birth_date['value'] AS VARCHAR), birth_date['record_id'],
           birth_date['trust'], birth_date['at'], birth_date['reason'],
           birth_date['records'], birth_date['agreeing'], birth_date['rivals']
    FROM profile.golden_records WHERE birth_date['value'] IS NOT NULL
    UNION ALL
    SELECT customer_id, 'sex', sex['value'], sex['record_id'],
           sex['trust'], sex['at'], sex['reason'],
           sex['records'], sex['agreeing'], sex['rivals']
    FROM profile.golden_records WHERE sex['value'] IS NOT NULL
    UNION ALL
    SELECT customer_id, 'email', email['value'], email['record_id'],
           email['trust'], email['at'], email['reason'],
           email['records'], email['agreeing'], email['rivals']
    FROM profile.golden_records WHERE email['value'] IS NOT NULL
    UNION ALL
    SELECT customer_id, 'phone', phone['value'], phone['record_id'],
           phone['trust'], phone['at'], phone['reason'],
           phone['records'], phone['agreeing'], phone['rivals']
    FROM profile.golden_records WHERE phone['value'] IS NOT NULL
    UNION ALL
    SELECT customer_id, 'address',
           regexp_replace(regexp_replace(address['value'], '^\x1f+|\x1f+$', '', 'g'), '\x1f+', ', ', 'g'),
           address['record_id'], address['trust'], address['at'], address['reason'],
           address['records'], address['agreeing'], address['rivals']
    FROM profile.golden_records WHERE address['value'] IS NOT NULL
    UNION ALL
    SELECT customer_id, 'company',
           regexp_replace(regexp_replace(company['value'], '^\x1f+|\x1f+$', '', 'g'), '\x1f+', ', ', 'g'),
           company['record_id'], company['trust'], company['at'], company['reason'],
           company['records'], company['agreeing'], company['rivals']
    FROM profile.golden_records WHERE company['value'] IS NOT NULL
    UNION ALL
    SELECT customer_id, 'language', language['value'], language['record_id'],
           language['trust'], language['at'], language['reason'],
           language['records'], language['agreeing'], language['rivals']
    FROM profile.golden_records WHERE language['value'] IS NOT NULL
)
SELECT customer_id, attribute, value, record_id, split_part(record_id, ':', 1) AS source,
       CASE WHEN trust < 0 THEN trust + 1 ELSE trust END AS trust, trust < 0 AS is_stale,
       confirmed_at, reason, records, agreeing, rivals
FROM won
