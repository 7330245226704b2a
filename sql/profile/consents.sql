-- What each customer consents to: the latest effective statement for each purpose and channel.
--
-- One row: one (customer, purpose, channel) that at least one statement is about. A statement without a channel is about
-- all of them. An unsubscription and a complaint about a message withdraw marketing by its channel. All records of a
-- customer speak with one voice: the latest effective statement wins, whichever record made it and whenever it arrived,
-- and withdrawing wins a tie (`withdrawn` sorts behind `granted`). What has no row was never said, and is not granted.
--
-- key: customer_id, purpose, channel
WITH statements AS (
    SELECT s.record_id, s.purpose, c.channel, s.effective_at,
           concat(CASE WHEN s.granted THEN 'granted:' ELSE 'withdrawn:' END, s.consent_id) AS statement
    FROM clean.consents AS s
    JOIN (VALUES ('email'), ('sms'), ('phone'), ('post')) AS c(channel) ON s.channel IS NULL OR s.channel = c.channel
    UNION ALL
    SELECT record_id, 'marketing', channel, least(unsubscribed_at, complained_at), concat('withdrawn:', message_id)
    FROM clean.messages
    WHERE unsubscribed_at IS NOT NULL OR complained_at IS NOT NULL
)
SELECT i.customer_id, s.purpose, s.channel,
       starts_with(latest(s.statement, s.effective_at), 'granted:') AS granted,
       max(s.effective_at) AS effective_at,
       substr(latest(s.statement, s.effective_at), strpos(latest(s.statement, s.effective_at), ':') + 1) AS statement_id,
       count(*) AS statements
FROM statements AS s
JOIN match.identities AS i ON i.record_id = s.record_id
WHERE s.effective_at < $as_of
GROUP BY i.customer_id, s.purpose, s.channel
