-- The rules of profile.trust, looked up for each source: the source's own rule where there is one, else that for '*'.
--
-- One row: one source that knows people (match.records).
--
-- key: source
WITH applied AS (
    SELECT s.source, t.attribute, t.verified, t.trust, t.stale_days
    FROM (SELECT DISTINCT source FROM match.records) AS s
    JOIN profile.trust AS t ON t.source = s.source OR t.source = '*'
    QUALIFY row_number() OVER (PARTITION BY s.source, t.attribute, t.verified ORDER BY t.source = '*') = 1
)
SELECT source,
       max(trust) FILTER (WHERE attribute = 'name') AS name_trust,
       max(trust) FILTER (WHERE attribute = 'birth_date') AS birth_date_trust,
       max(trust) FILTER (WHERE attribute = 'sex') AS sex_trust,
       max(trust) FILTER (WHERE attribute = 'email' AND NOT verified) AS email_trust,
       max(stale_days) FILTER (WHERE attribute = 'email' AND NOT verified) AS email_stale_days,
       max(trust) FILTER (WHERE attribute = 'email' AND verified) AS verified_email_trust,
       max(stale_days) FILTER (WHERE attribute = 'email' AND verified) AS verified_email_stale_days,
       max(trust) FILTER (WHERE attribute = 'phone' AND NOT verified) AS phone_trust,
       max(stale_days) FILTER (WHERE attribute = 'phone' AND NOT verified) AS phone_stale_days,
       max(trust) FILTER (WHERE attribute = 'phone' AND verified) AS verified_phone_trust,
       max(stale_days) FILTER (WHERE attribute = 'phone' AND verified) AS verified_phone_stale_days,
       max(trust) FILTER (WHERE attribute = 'address') AS address_trust,
       max(stale_days) FILTER (WHERE attribute = 'address') AS address_stale_days,
       max(trust) FILTER (WHERE attribute = 'company') AS company_trust,
       max(stale_days) FILTER (WHERE attribute = 'company') AS company_stale_days,
       max(trust) FILTER (WHERE attribute = 'language') AS language_trust
FROM applied
GROUP BY source
