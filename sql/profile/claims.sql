-- Who else claimed what: the claims that did not make it into the golden profile because another value won.
--
-- One row: one attribute of one contact record whose value differs from the customer's. Only disputed attributes are
-- here; what won, and what agrees with it, is counted in profile.provenance. A name that reads the same is the same
-- name, whether or not its source tells the parts apart.
--
-- key: customer_id, attribute, record_id
WITH disputed AS (
    SELECT c.customer_id, c.record_id, c.source, a.attribute,
           CASE a.attribute WHEN 'name' THEN split_part(c.name, chr(31), 3)
                            WHEN 'birth_date' THEN CAST(c.birth_date AS VARCHAR)
                            WHEN 'sex' THEN c.sex WHEN 'email' THEN c.email WHEN 'phone' THEN c.phone
                            WHEN 'address' THEN c.address WHEN 'company' THEN c.company
                            WHEN 'language' THEN c.language END AS value,
           CASE a.attribute WHEN 'name' THEN split_part(g.name['value'], chr(31), 3)
                            WHEN 'birth_date' THEN CAST(g.birth_date['value'] AS VARCHAR)
                            WHEN 'sex' THEN g.sex['value'] WHEN 'email' THEN g.email['value']
                            WHEN 'phone' THEN g.phone['value'] WHEN 'address' THEN g.address['value']
                            WHEN 'company' THEN g.company['value'] WHEN 'language' THEN g.language['value'] END AS won,
           CASE a.attribute WHEN 'name' THEN c.name_trust WHEN 'birth_date' THEN c.birth_date_trust
                            WHEN 'sex' THEN c.sex_trust WHEN 'email' THEN c.email_trust
                            WHEN 'phone' THEN c.phone_trust WHEN 'address' THEN c.address_trust
                            WHEN 'company' THEN c.company_trust WHEN 'language' THEN c.language_trust END AS trust,
           CASE a.attribute WHEN 'email' THEN c.email_confirmed_at WHEN 'phone' THEN c.phone_confirmed_at
                            ELSE c.confirmed_at END AS confirmed_at
    FROM profile.contacts AS c
    JOIN profile.golden_records AS g ON g.customer_id = c.customer_id
    CROSS JOIN (VALUES ('name'), ('birth_date'), ('sex'), ('email'), ('phone'), ('address'), ('company'), ('language'))
        AS a(attribute)
    WHERE g.contacts > 1
)
SELECT customer_id, attribute, record_id, source,
       CASE WHEN attribute IN ('address', 'company')
            THEN regexp_replace(regexp_replace(value, '^\x1f+|\x1f+$', '', 'g'), '\x1f+', ', ', 'g')
            ELSE value END AS value,
       CASE WHEN trust < 0 THEN trust + 1 ELSE trust END AS trust, trust < 0 AS is_stale, confirmed_at
FROM disputed
WHERE value <> won
