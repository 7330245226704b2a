-- What each contact record claims about its customer, and how far each claim is to be trusted.
--
-- One row: one record of clean.contacts that there was before $as_of (contacts.identifiers adds the others). A name
-- and an address are one claim each, its parts held apart by the unit separator chr(31), so that they survive
-- together: never the street of one record with the city of another. The third part of a name is the whole name as it
-- is written: in Han, Kana and Hangul family name first and without a space, however its parts arrived. What stands
-- for no name, such as NULL or n/a, and birth dates that cannot be, are no claims.
--
-- A record that was changed after $as_of was there before, in a form that nobody kept: it claims what it claims today,
-- but counts as confirmed only when it was created. Confirmed on $as_of would make it the latest of all.
--
-- Trust is the source's (profile.source_trust), less for an incomplete name or address. A stale claim is worth one
-- less, so that it is below zero: it loses to every fresh claim, and still wins where it is the only one. Stale is
-- what nothing has confirmed for stale_days, and an address or number from which messages come back.
--
-- key: customer_id, record_id
WITH known AS (
    SELECT r.customer_id, c.record_id, c.source, c.created_at,
           CASE WHEN c.updated_at < $as_of THEN c.updated_at ELSE c.created_at END AS confirmed_at,
           normalize_name(c.given_name) AS given_name,
           normalize_name(c.family_name) AS family_name,
           normalize_name(c.full_name) AS full_name,
           r.native_name,
           CASE WHEN r.birth_date < $as_of THEN r.birth_date END AS birth_date,
           c.sex, c.email, c.email_verified, c.phone, c.phone_verified,
           c.street, c.postcode, c.city, c.region, c.country, c.company, c.job_title, c.account_id, c.language
    FROM clean.contacts AS c
    JOIN profile.records AS r ON r.record_id = c.record_id
    WHERE coalesce(c.created_at, c.updated_at) IS NULL OR coalesce(c.created_at, c.updated_at) < $as_of
), named AS (
    SELECT *,
           -- Kana, Han and Hangul are from ぁ to before U+F900. That one is written by its number: the letter itself looks
           -- like U+8C48, which half of all Chinese family names come after.
           CASE WHEN given_name >= 'ぁ' AND given_name < chr(63744) AND family_name >= 'ぁ' AND family_name < chr(63744)
                THEN concat(family_name, given_name)
                WHEN full_name >= 'ぁ' AND full_name < chr(63744)
                     AND split_part(full_name, ' ', -1) >= 'ぁ' AND split_part(full_name, ' ', -1) < chr(63744)
                -- Which word is the family name has been decided in match.records; the letters here are the source's.
                THEN CASE WHEN native_name = concat(fold_name(split_part(full_name, ' ', -1)),
                                                    fold_name(split_part(full_name, ' ', 1)))
                          THEN concat(split_part(full_name, ' ', -1), split_part(full_name, ' ', 1))
                          ELSE replace(full_name, ' ', '') END
                ELSE coalesce(full_name, nullif(concat_ws(' ', given_name, family_name), '')) END AS whole_name
    FROM known
), claims AS (
    SELECT n.customer_id, n.record_id, n.source, n.confirmed_at, n.created_at,
           CASE WHEN n.whole_name IS NOT NULL
                THEN concat(n.given_name, chr(31), n.family_name, chr(31), n.whole_name) END AS name,
           t.name_trust * CASE WHEN n.given_name IS NOT NULL AND n.family_name IS NOT NULL THEN 1.0
                               WHEN n.full_name IS NOT NULL THEN 0.9
                               ELSE 0.5 END AS name_trust,
           n.birth_date, t.birth_date_trust,
           n.sex, t.sex_trust,
           n.email, greatest(n.confirmed_at, e.last_confirmed_at, n.created_at) AS email_confirmed_at,
           coalesce(e.is_dead, false) AS email_is_dead,
           CASE WHEN n.email_verified THEN t.verified_email_trust ELSE t.email_trust END AS email_trust,
           CASE WHEN n.email_verified THEN t.verified_email_stale_days ELSE t.email_stale_days END AS email_stale_days,
           n.phone, greatest(n.confirmed_at, p.last_confirmed_at, n.created_at) AS phone_confirmed_at,
           coalesce(p.is_dead, false) AS phone_is_dead,
           CASE WHEN n.phone_verified THEN t.verified_phone_trust ELSE t.phone_trust END AS phone_trust,
           CASE WHEN n.phone_verified THEN t.verified_phone_stale_days ELSE t.phone_stale_days END AS phone_stale_days,
           CASE WHEN coalesce(n.street, n.city, n.postcode) IS NOT NULL
                THEN concat(n.street, chr(31), n.postcode, chr(31), n.city, chr(31), n.region, chr(31), n.country)
           END AS address,
           t.address_trust * CASE WHEN n.street IS NOT NULL AND n.city IS NOT NULL AND n.postcode IS NOT NULL THEN 1.0
                                  WHEN n.street IS NOT NULL AND (n.city IS NOT NULL OR n.postcode IS NOT NULL) THEN 0.9
                                  ELSE 0.5 END AS address_trust,
           t.address_stale_days,
           CASE WHEN coalesce(n.company, n.account_id) IS NOT NULL
                THEN concat(n.company, chr(31), n.job_title, chr(31), n.account_id) END AS company,
           t.company_trust, t.company_stale_days,
           n.language, t.language_trust
    FROM named AS n
    JOIN profile.source_trust AS t ON t.source = n.source
    LEFT JOIN profile.addresses AS e ON e.address = n.email
    LEFT JOIN profile.addresses AS p ON p.address = n.phone
)
SELECT customer_id, record_id, source, true AS is_contact, confirmed_at, created_at,
       name, name_trust,
       birth_date, birth_date_trust,
       sex, sex_trust,
       email, email_confirmed_at,
       CASE WHEN email_is_dead OR days_between(email_confirmed_at, $as_of) > email_stale_days
            THEN email_trust - 1 ELSE email_trust END AS email_trust,
       phone, phone_confirmed_at,
       CASE WHEN phone_is_dead OR days_between(phone_confirmed_at, $as_of) > phone_stale_days
            THEN phone_trust - 1 ELSE phone_trust END AS phone_trust,
       address,
       CASE WHEN days_between(confirmed_at, $as_of) > address_stale_days
            THEN address_trust - 1 ELSE address_trust END AS address_trust,
       company,
       CASE WHEN days_between(confirmed_at, $as_of) > company_stale_days
            THEN company_trust - 1 ELSE company_trust END AS company_trust,
       language, language_trust
FROM claims
