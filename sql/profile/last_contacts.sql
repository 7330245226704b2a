-- When each customer was last heard of, by any channel: what a service desk looks at before it picks up the phone.
--
-- One row: one customer who did something before $as_of, or to whom something was sent. What the customer did counts as
-- contact: a purchase, a visit, a message opened or clicked, a ticket, a loyalty movement; what was only sent does not.
-- Messages are added up by record before they are joined, because there are many more of them than customers.
--
-- key: customer_id
WITH messages AS (
    SELECT record_id, max(sent_at) AS sent_at,
           max(opened_at) FILTER (WHERE opened_at < $as_of) AS opened_at,
           max(clicked_at) FILTER (WHERE clicked_at < $as_of) AS clicked_at
    FROM clean.messages
    WHERE sent_at < $as_of AND record_id IS NOT NULL
    GROUP BY record_id
), seen AS (
    SELECT customer_id, 'order' AS kind, max(ordered_at) AS seen_at FROM profile.orders WHERE is_purchase
    GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 'visit', max(ended_at) FROM profile.sessions GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 'ticket', last_opened_at FROM profile.service
    UNION ALL
    SELECT customer_id, 'loyalty', last_moved_at FROM profile.loyalty
    UNION ALL
    SELECT i.customer_id, 'sent', max(m.sent_at)
    FROM messages AS m JOIN match.identities AS i ON i.record_id = m.record_id GROUP BY i.customer_id
    UNION ALL
    SELECT i.customer_id, 'message', max(greatest(m.opened_at, m.clicked_at))
    FROM messages AS m JOIN match.identities AS i ON i.record_id = m.record_id GROUP BY i.customer_id
), customers AS (
    SELECT customer_id,
           max(seen_at) FILTER (WHERE kind <> 'sent') AS last_contact_at,
           -- Of several at the same moment the last by name.
           latest(CASE WHEN kind <> 'sent' AND seen_at IS NOT NULL THEN kind END, seen_at) AS last_contact_kind,
           max(seen_at) FILTER (WHERE kind = 'order') AS last_order_at,
           max(seen_at) FILTER (WHERE kind = 'visit') AS last_visit_at,
           max(seen_at) FILTER (WHERE kind = 'message') AS last_message_read_at,
           max(seen_at) FILTER (WHERE kind = 'ticket') AS last_ticket_at,
           max(seen_at) FILTER (WHERE kind = 'loyalty') AS last_loyalty_at,
           max(seen_at) FILTER (WHERE kind = 'sent') AS last_message_sent_at
    FROM seen
    GROUP BY customer_id
)
SELECT customer_id, last_contact_at, last_contact_kind, days_between(last_contact_at, $as_of) AS silent_days,
       last_order_at, last_visit_at, last_message_read_at, last_ticket_at, last_loyalty_at, last_message_sent_at
FROM customers
