-- Newsletters, and what became of them: the e-mail tool's log, folded.
--
-- One row: one message to one subscriber, with the first time of each thing that happened to it.
--
-- key: message_id
SELECT 'mail:' || message_id AS message_id,
       'mail' AS source,
       'mail:' || min(subscriber) AS record_id,
       min(campaign) AS campaign,
       'email' AS channel,
       min(normalize_email(email)) AS address,
       min(parse_timestamp(event_time, 'UTC')) AS sent_at,
       min(CASE WHEN event = 'opened' THEN parse_timestamp(event_time, 'UTC') END) AS opened_at,
       min(CASE WHEN event = 'clicked' THEN parse_timestamp(event_time, 'UTC') END) AS clicked_at,
       min(CASE WHEN event = 'bounced' THEN parse_timestamp(event_time, 'UTC') END) AS bounced_at,
       min(CASE WHEN event = 'unsubscribed' THEN parse_timestamp(event_time, 'UTC') END) AS unsubscribed_at,
       min(CASE WHEN event = 'complained' THEN parse_timestamp(event_time, 'UTC') END) AS complained_at
FROM raw.mail_messages
GROUP BY message_id
