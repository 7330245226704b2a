-- What each customer consents to: the latest effective statement for each purpose and channel.
--
-- One row: one (customer, purpose, channel) that at least one statement before $as_of is about. A statement without a
-- channel is about all of them. An unsubscription and a complaint about a message withdraw marketing by its channel.
-- All records of a customer speak with one voice: the latest effective statement wins, whichever record made it and
-- whenever it arrived, and withdrawing wins a tie (`withdrawn` sorts behind `granted`). What has no row was never
-- said, and is not granted.
--
-- key: customer_id, purpose, channel
WITH statements AS (
    SELECT record_id, purpose, channel, effective_at,
           concat(CASE WHEN granted THEN 'granted:' ELSE 'withdrawn:' END, consent_id) AS statement
    FROM clean.consents
    WHERE channel IS NOT NULL
    UNION ALL
    SELECT s.record_id, s.purpose, c.channel, s.effective_at,
           concat(CASE WHEN s.granted THEN 'granted:' ELSE 'withdrawn:' END, s.consent_id)
    FROM clean.consents AS s
    CROSS JOIN (VALUES ('email'), ('sms'), ('phone'), ('post')) AS c(channel)
    WHERE s.channel IS NULL
    UNION ALL
    SELECT record_id, 'marketing', channel, least(unsubscribed_at, complained_at), concat('withdrawn:', message_id)
    FROM clean.messages
    WHERE unsubscribed_at IS NOT NULL OR complained_at IS NOT NULL
), decided AS (
    SELECT i.customer_id, s.purpose, s.channel, latest(s.statement, s.effective_at) AS statement,
           max(s.effective_at) AS effective_at, count(*) AS statements
    FROM statements AS s
    JOIN match.identities AS i ON i.record_id = s.record_id
    WHERE s.effective_at < $as_of
    GROUP BY i.customer_id, s.purpose, s.channel
)
SELECT customer_id, purpose, channel, starts_with(statement, 'granted:') AS granted, effective_at,
       substr(statement, strpos(statement, ':') + 1) AS statement_id, statements
FROM decided
