-- Support cases on the customer's timeline.
--
-- One row: one ticket opened before $as_of, when it was opened. A ticket closed on or after $as_of is open.
--
-- key: customer_id, happened_at, kind, id
SELECT i.customer_id, t.opened_at AS happened_at,
       CASE WHEN t.is_complaint THEN 'complaint' ELSE 'ticket' END AS kind,
       t.ticket_id AS id,
       concat_ws(', ', t.topic, CASE WHEN t.closed_at < $as_of THEN 'closed' ELSE 'open' END) AS title
FROM clean.tickets AS t
JOIN match.identities AS i ON i.record_id = t.record_id
WHERE t.opened_at < $as_of
