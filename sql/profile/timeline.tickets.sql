-- Support cases on the customer's timeline.
--
-- One row: one ticket, when it was opened.
--
-- key: customer_id, happened_at, kind, id
SELECT i.customer_id, t.opened_at AS happened_at,
       CASE WHEN t.is_complaint THEN 'complaint' ELSE 'ticket' END AS kind,
       t.ticket_id AS id,
       concat_ws(', ', t.topic, CASE WHEN t.closed_at IS NULL THEN 'open' ELSE 'closed' END) AS title
FROM clean.tickets AS t
JOIN match.identities AS i ON i.record_id = t.record_id
