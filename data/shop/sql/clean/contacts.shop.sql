-- The account holders of the web shop, as they typed themselves. Parcels to some countries need an identity number.
--
-- One row: one account.
--
-- key: record_id
SELECT 'shop:' || id AS record_id,
       'shop' AS source,
       parse_timestamp(updated_at, 'UTC') AS updated_at,
       parse_timestamp(created_at, 'UTC') AS created_at,
       normalize_name(name_first) AS given_name,
       normalize_name(name_last) AS family_name,
       parse_date(birthday, '%Y-%m-%d') AS birth_date,
       normalize_email(email) AS email,
       parse_boolean(email_verified) AS email_verified,
       normalize_phone(phone, country) AS phone,
       address_street AS street,
       address_city AS city,
       address_region AS region,
       normalize_postcode(address_postcode, country) AS postcode,
       country,
       customs_id AS national_id,
       locale AS language
FROM raw.shop_customers
