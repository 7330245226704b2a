-- Members of FoodMart. Their account number is the number of their member card.
--
-- One row: one customer of the till system.
--
-- key: record_id
SELECT concat('foodmart:', customer_id) AS record_id,
       'foodmart' AS source,
       parse_timestamp(date_accnt_opened, 'UTC', '%Y-%m-%d') AS created_at,
       parse_timestamp(date_accnt_opened, 'UTC', '%Y-%m-%d') AS updated_at,
       normalize_name(fullname) AS full_name,
       normalize_name(fname) AS given_name,
       normalize_name(lname) AS family_name,
       parse_date(birthdate, '%Y-%m-%d') AS birth_date,
       CASE gender WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' END AS sex,
       normalize_phone(phone1, country_code(country)) AS phone,
       address1 AS street,
       city,
       state_province AS region,
       normalize_postcode(postal_code, country_code(country)) AS postcode,
       country_code(country) AS country,
       occupation AS job_title,
       account_num AS loyalty_id
FROM raw.customers
