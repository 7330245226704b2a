-- The identifiers that contact records carry, in long form: the part of clean.identifiers that every project has.
--
-- One row: one contact record shows one identifier. Further parts (clean/identifiers.<source>.sql) add what a source
-- knows beside its contacts: user ids, devices, cookies, and the e-mail addresses of guest orders.
--
-- key: record_id, kind, value
SELECT record_id, 'email' AS kind, email AS value, source, email_verified AS verified,
       created_at AS seen_first_at, updated_at AS seen_last_at
FROM clean.contacts WHERE email IS NOT NULL
UNION ALL
SELECT record_id, 'phone', phone, source, phone_verified, created_at, updated_at
FROM clean.contacts WHERE phone IS NOT NULL
UNION ALL
SELECT record_id, 'loyalty_id', loyalty_id, source, NULL, created_at, updated_at
FROM clean.contacts WHERE loyalty_id IS NOT NULL
UNION ALL
SELECT record_id, 'national_id', national_id, source, NULL, created_at, updated_at
FROM clean.contacts WHERE national_id IS NOT NULL
