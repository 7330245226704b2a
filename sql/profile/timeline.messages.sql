-- Messages on the customer's timeline, with what became of each.
--
-- One row: one message.
--
-- key: customer_id, happened_at, kind, id
SELECT i.customer_id, m.sent_at AS happened_at, 'message' AS kind, m.message_id AS id,
       concat_ws(', ', m.channel, m.campaign,
                 CASE WHEN m.complained_at IS NOT NULL THEN 'complained'
                      WHEN m.unsubscribed_at IS NOT NULL THEN 'unsubscribed'
                      WHEN m.bounced_at IS NOT NULL THEN 'bounced'
                      WHEN m.clicked_at IS NOT NULL THEN 'clicked'
                      WHEN m.opened_at IS NOT NULL THEN 'opened' END) AS title
FROM clean.messages AS m
JOIN match.identities AS i ON i.record_id = m.record_id
