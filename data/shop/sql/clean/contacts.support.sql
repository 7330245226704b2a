-- Who wrote to the support desk, as they named themselves. A phone number is verified if a code sent by SMS came back.
--
-- One row: one ticket. Nothing says that two tickets come from one person; matching finds out.
--
-- key: record_id
SELECT 'support:' || id AS record_id,
       'support' AS source,
       parse_timestamp(opened_at, 'UTC') AS updated_at,
       parse_timestamp(opened_at, 'UTC') AS created_at,
       normalize_name(requester_name) AS full_name,
       normalize_email(requester_email) AS email,
       normalize_phone(requester_phone, requester_country) AS phone,
       parse_boolean(requester_phone_verified) AS phone_verified,
       requester_country AS country
FROM raw.support_tickets
