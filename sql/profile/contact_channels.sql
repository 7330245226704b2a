-- How each customer answers messages by each channel.
--
-- One row: one customer and one channel by which a message was sent before $as_of. Answered is what was opened or clicked.
--
-- key: customer_id, channel
WITH sent AS (
    SELECT record_id, channel, count(*) AS messages,
           count(*) FILTER (WHERE opened_at < $as_of OR clicked_at < $as_of) AS answers,
           count(*) FILTER (WHERE clicked_at < $as_of) AS clicks,
           max(sent_at) AS last_sent_at
    FROM clean.messages
    WHERE record_id IS NOT NULL AND sent_at < $as_of
    GROUP BY record_id, channel
)
SELECT i.customer_id, s.channel, CAST(sum(s.messages) AS BIGINT) AS messages, CAST(sum(s.answers) AS BIGINT) AS answers,
       CAST(sum(s.clicks) AS BIGINT) AS clicks, max(s.last_sent_at) AS last_sent_at
FROM sent AS s
JOIN match.identities AS i ON i.record_id = s.record_id
GROUP BY i.customer_id, s.channel
