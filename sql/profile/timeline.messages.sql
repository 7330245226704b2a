-- Messages on the customer's timeline, with what had become of each by $as_of.
--
-- One row: one message sent before $as_of.
--
-- key: customer_id, happened_at, kind, id
SELECT i.customer_id, m.sent_at AS happened_at, 'message' AS kind, m.message_id AS id,
       concat_ws(', ', m.channel, m.campaign,
                 CASE WHEN m.complained_at < $as_of THEN 'complained'
                      WHEN m.unsubscribed_at < $as_of THEN 'unsubscribed'
                      WHEN m.bounced_at < $as_of THEN 'bounced'
                      WHEN m.clicked_at < $as_of THEN 'clicked'
                      WHEN m.opened_at < $as_of THEN 'opened' END) AS title
FROM clean.messages AS m
JOIN match.identities AS i ON i.record_id = m.record_id
WHERE m.sent_at < $as_of
