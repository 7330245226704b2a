-- The golden profile: everybody we know, with the best of what their records say of them.
--
-- One row: one customer, that is, a group of records that are the same person, show more than a device, and were there
-- before $as_of (profile.records). Values are those that survive in profile.golden_records; profile.provenance says
-- where each comes from. `*_is_stale`: the value is the best there is, but nothing has confirmed it for long, or
-- messages to it come back. Consents are to marketing by each channel: null was never asked, and is not a consent.
--
-- key: customer_id
WITH people AS (
    SELECT customer_id, CAST(sum(records) AS BIGINT) AS records, count(*) AS sources, min(confidence) AS confidence
    FROM (SELECT customer_id, source, count(*) AS records, min(confidence) AS confidence,
                 bool_or(is_person) AS is_person
          FROM profile.records
          GROUP BY customer_id, source)
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
       split_part(g.name['value'], chr(31), 3) AS full_name,
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
