-- The account number of the web shop as an identifier: web events carry it once somebody has logged in.
--
-- One row: one account.
--
-- key: record_id, kind, value
SELECT 'shop:' || id AS record_id,
       'user_id' AS kind,
       id AS value,
       'shop' AS source,
       true AS verified,
       parse_timestamp(created_at, 'UTC') AS seen_first_at,
       parse_timestamp(updated_at, 'UTC') AS seen_last_at
FROM raw.shop_customers
