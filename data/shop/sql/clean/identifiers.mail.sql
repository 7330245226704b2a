-- The addresses that newsletters went to, under the e-mail tool's own subscriber numbers.
--
-- One row: one subscriber's address.
--
-- key: record_id, kind, value
SELECT 'mail:' || subscriber AS record_id,
       'email' AS kind,
       normalize_email(email) AS value,
       'mail' AS source,
       min(event_time) AS seen_first_at,
       max(event_time) AS seen_last_at
FROM raw.mail_messages
WHERE normalize_email(email) IS NOT NULL
GROUP BY subscriber, normalize_email(email)
