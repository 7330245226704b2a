-- Newsletters, and what became of them: the e-mail tool's log, folded. The log is Parquet, and its times are times
-- already.
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
       min(event_time) AS sent_at,
       min(CASE WHEN event = 'opened' THEN event_time END) AS opened_at,
       min(CASE WHEN event = 'clicked' THEN event_time END) AS clicked_at,
       min(CASE WHEN event = 'bounced' THEN event_time END) AS bounced_at,
       min(CASE WHEN event = 'unsubscribed' THEN event_time END) AS unsubscribed_at,
       min(CASE WHEN event = 'complained' THEN event_time END) AS complained_at
FROM raw.mail_messages
GROUP BY message_id
