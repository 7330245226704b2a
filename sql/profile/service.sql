-- Each customer's dealings with the service desk.
--
-- One row: one customer who opened at least one ticket before $as_of. A ticket closed on or after $as_of is open.
--
-- key: customer_id
SELECT i.customer_id,
       count(*) AS tickets,
       count(*) FILTER (WHERE t.closed_at IS NULL OR t.closed_at >= $as_of) AS open_tickets,
       count(*) FILTER (WHERE t.is_complaint) AS complaints,
       count(*) FILTER (WHERE t.is_complaint AND (t.closed_at IS NULL OR t.closed_at >= $as_of)) AS open_complaints,
       min(t.opened_at) FILTER (WHERE t.is_complaint AND (t.closed_at IS NULL OR t.closed_at >= $as_of))
           AS complaint_open_since,
       max(t.opened_at) AS last_opened_at
FROM clean.tickets AS t
JOIN match.identities AS i ON i.record_id = t.record_id
WHERE t.opened_at < $as_of
GROUP BY i.customer_id
