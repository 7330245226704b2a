-- Marketing that reached the customer: messages that were clicked, or at least opened.
--
-- One row: one message that was answered before $as_of, by the click, or without one by the opening. A message that was
-- sent and no more is no touch.
--
-- key: customer_id, touch_id
SELECT i.customer_id, m.message_id AS touch_id, CASE WHEN m.clicked_at < $as_of THEN 'click' ELSE 'open' END AS kind,
       CASE WHEN m.clicked_at < $as_of THEN m.clicked_at ELSE m.opened_at END AS touched_at, m.channel, m.campaign
FROM clean.messages AS m
JOIN match.identities AS i ON i.record_id = m.record_id
WHERE m.sent_at < $as_of AND (m.clicked_at < $as_of OR m.opened_at < $as_of)
