-- The golden profile: everybody we know, with the best of what we know about them.
--
-- One row: one customer, that is, a group of records that are the same person and show more than a device. Values are
-- those that survive in profile.golden_records; profile.provenance says where each comes from. `*_is_stale`: the value
-- is the best there is, but nothing has confirmed it for long, or messages to it come back. Consents are to marketing
-- by each channel: null was never asked, and is not a consent.
--
-- key: customer_id
WITH people AS (
    SELECT customer_id, CAST(sum(records) AS BIGINT) AS records, count(*) AS sources, min(confidence) AS confidence
    FROM (SELECT i.customer_id, r.source, count(*) AS records, min(i.confidence) AS confidence,
                 bool_or(r.is_person) AS is_person
          FROM match.identities AS i
          JOIN match.records AS r ON r.record_id = i.record_id
          GROUP BY i.customer_id, r.source)
    GROUP BY customer_id
    HAVING bool_or(is_person)
), marketing AS (
    SELECT customer_id,
           bool_or(granted) FILTER (WHERE channel = 'email') AS email_consent,
           bool_or(granted) FILTER (WHERE channel = 'sms') AS sms_consent,
           bool_or(granted) FILTER (WHERE channel = 'phone') AS phone_consent,
           bool_or(granted) FILTER (WHERE channel = 'post') AS post_consent
    FROM profile.consents
    WHERE purpose = 'marketing'
    GROUP BY customer_id
)
SELECT p.customer_id,
       nullif(split_part(g.name['value'], chr(31), 1), '') AS given_name,
       nullif(split_part(g.name['value'], chr(31), 2), '') AS family_name,
       nullif(CASE WHEN split_part(g.name['value'], chr(31), 3) <> '' THEN split_part(g.name['value'], chr(31), 3)
                   -- Kana, Han and Hangul: family name first, without a space.
                   WHEN split_part(g.name['value'], chr(31), 2) >= 'ぁ' AND split_part(g.name['value'], chr(31), 2) < '豈'
                   THEN concat(split_part(g.name['value'], chr(31), 2), split_part(g.name['value'], chr(31), 1))
                   ELSE trim(replace(g.name['value'], chr(31), ' ')) END, '') AS full_name,
       g.birth_date['value'] AS birth_date,
       g.sex['value'] AS sex,
       g.email['value'] AS email,
       g.email['trust'] < 0 AS email_is_stale,
       g.phone['value'] AS phone,
       g.phone['trust'] < 0 AS phone_is_stale,
       nullif(split_part(g.address['value'], chr(31), 1), '') AS street,
       nullif(split_part(g.address['value'], chr(31), 2), '') AS postcode,
       nullif(split_part(g.address['value'], chr(31), 3), '') AS city,
       nullif(split_part(g.address['value'], chr(31), 4), '') AS region,
       nullif(split_part(g.address['value'], chr(31), 5), '') AS country,
       g.address['trust'] < 0 AS address_is_stale,
       nullif(split_part(g.company['value'], chr(31), 1), '') AS company,
       nullif(split_part(g.company['value'], chr(31), 2), '') AS job_title,
       nullif(split_part(g.company['value'], chr(31), 3), '') AS account_id,
       g.language['value'] AS language,
       m.email_consent, m.sms_consent, m.phone_consent, m.post_consent,
       p.records, p.sources, p.confidence,
       g.first_seen_at, g.last_seen_at
FROM people AS p
LEFT JOIN profile.golden_records AS g ON g.customer_id = p.customer_id
LEFT JOIN marketing AS m ON m.customer_id = p.customer_id
