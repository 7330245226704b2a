-- Marketing that brought the customer: sessions that began on a channel other than direct.
--
-- One row: one such session. One that a click on a message opened, within $session_gap_minutes after it and on its
-- channel, is left out: the click is there, and would count twice.
--
-- key: customer_id, touch_id
WITH clicks AS (
    SELECT i.customer_id, m.channel, m.clicked_at
    FROM clean.messages AS m
    JOIN match.identities AS i ON i.record_id = m.record_id
    WHERE m.sent_at < $as_of AND m.clicked_at < $as_of
)
SELECT s.customer_id, concat('session ', s.session_id) AS touch_id, 'visit' AS kind, s.started_at AS touched_at, s.channel,
       CAST(NULL AS VARCHAR) AS campaign
FROM profile.sessions AS s
WHERE s.channel <> 'direct'
  AND NOT EXISTS (SELECT 1 FROM clicks AS c
                  WHERE c.customer_id = s.customer_id AND c.channel = s.channel AND c.clicked_at <= s.started_at
                    AND date_part('epoch', s.started_at) - date_part('epoch', c.clicked_at) < 60 * $session_gap_minutes)
