-- The members of the loyalty scheme, from an old server: whole names in capitals, without foreign letters. Who buys on
-- account has given a National Insurance number.
--
-- One row: one card. Who lost a card has two.
--
-- key: record_id
SELECT 'loyalty:' || "Card" AS record_id,
       'loyalty' AS source,
       parse_timestamp("Joined", 'Europe/London', '%d/%m/%Y') AS updated_at,
       parse_timestamp("Joined", 'Europe/London', '%d/%m/%Y') AS created_at,
       normalize_name("Name") AS full_name,
       nullif(parse_date("Born", '%d/%m/%Y'), DATE '1900-01-01') AS birth_date,
       normalize_email("Mail") AS email,
       normalize_phone("Mobile", "Country") AS phone,
       "Address" AS street,
       "Town" AS city,
       normalize_postcode("Postcode", "Country") AS postcode,
       "Country" AS country,
       "Card" AS loyalty_id,
       "NI Number" AS national_id
FROM raw.loyalty_members
