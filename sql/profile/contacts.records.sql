-- What each contact record claims about its customer, and how far each claim is to be trusted.
--
-- One row: one record of clean.contacts under its customer (contacts.identifiers adds the others). A name and an
-- address are one claim each, its parts held apart by the unit separator chr(31), so that they survive together: never
-- the street of one record with the city of another. Trust is the source's (profile.source_trust), less for an
-- incomplete name or address. A stale claim is worth one less, so that it is below zero: it loses to every fresh claim,
-- and still wins where it is the only one. Stale is what nothing has confirmed for stale_days, and an address or number
-- from which messages come back.
--
-- key: customer_id, record_id
WITH claims AS (
    SELECT i.customer_id, c.record_id, c.source,
           coalesce(c.updated_at, c.created_at) AS confirmed_at,
           c.created_at,
           CASE WHEN coalesce(c.given_name, c.family_name, c.full_name) IS NOT NULL
                THEN concat(c.given_name, chr(31), c.family_name, chr(31), c.full_name) END AS name,
           t.name_trust * CASE WHEN c.given_name IS NOT NULL AND c.family_name IS NOT NULL THEN 1.0
                               WHEN c.full_name IS NOT NULL THEN 0.9
                               ELSE 0.5 END AS name_trust,
           c.birth_date, t.birth_date_trust,
           c.sex, t.sex_trust,
           c.email, greatest(c.updated_at, e.last_confirmed_at, c.created_at) AS email_confirmed_at,
           coalesce(e.is_dead, false) AS email_is_dead,
           CASE WHEN c.email_verified THEN t.verified_email_trust ELSE t.email_trust END AS email_trust,
           CASE WHEN c.email_verified THEN t.verified_email_stale_days ELSE t.email_stale_days END AS email_stale_days,
           c.phone, greatest(c.updated_at, p.last_confirmed_at, c.created_at) AS phone_confirmed_at,
           coalesce(p.is_dead, false) AS phone_is_dead,
           CASE WHEN c.phone_verified THEN t.verified_phone_trust ELSE t.phone_trust END AS phone_trust,
           CASE WHEN c.phone_verified THEN t.verified_phone_stale_days ELSE t.phone_stale_days END AS phone_stale_days,
           CASE WHEN coalesce(c.street, c.city, c.postcode) IS NOT NULL
                THEN concat(c.street, chr(31), c.postcode, chr(31), c.city, chr(31), c.region, chr(31), c.country)
           END AS address,
           t.address_trust * CASE WHEN c.street IS NOT NULL AND c.city IS NOT NULL AND c.postcode IS NOT NULL THEN 1.0
                                  WHEN c.street IS NOT NULL AND (c.city IS NOT NULL OR c.postcode IS NOT NULL) THEN 0.9
                                  ELSE 0.5 END AS address_trust,
           t.address_stale_days,
           CASE WHEN c.company IS NOT NULL
                THEN concat(c.company, chr(31), c.job_title, chr(31), c.account_id) END AS company,
           t.company_trust, t.company_stale_days,
           c.language, t.language_trust
    FROM clean.contacts AS c
    JOIN match.identities AS i ON i.record_id = c.record_id
    JOIN profile.source_trust AS t ON t.source = c.source
    LEFT JOIN profile.addresses AS e ON e.address = c.email
    LEFT JOIN profile.addresses AS p ON p.address = c.phone
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
