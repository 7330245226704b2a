-- Tickets of the support desk.
--
-- One row: one ticket.
--
-- key: ticket_id
SELECT 'support:' || id AS ticket_id,
       'support' AS source,
       'support:' || id AS record_id,
       parse_timestamp(opened_at, 'UTC') AS opened_at,
       parse_timestamp(closed_at, 'UTC') AS closed_at,
       topic,
       parse_boolean(complaint) AS is_complaint,
       "text" AS text
FROM raw.support_tickets
