-- When each record was first seen: created, shown by an identifier, or by the first thing that happened to it.
--
-- One row: one record that contacts, identifiers, or one of the tables below know. `first_seen_at` is null if none of
-- them has a time. That a source changed a record says that it was there, so that the change stands in for a missing
-- creation. Web events are left out on purpose: a cookie that nobody identified is not a customer.
--
-- key: record_id
SELECT record_id, min(seen_at) AS first_seen_at
FROM (
    SELECT record_id, coalesce(created_at, updated_at) AS seen_at FROM clean.contacts
    UNION ALL
    SELECT record_id, coalesce(seen_first_at, seen_last_at) FROM clean.identifiers
    UNION ALL
    SELECT record_id, ordered_at FROM clean.orders WHERE record_id IS NOT NULL
    UNION ALL
    SELECT record_id, sent_at FROM clean.messages WHERE record_id IS NOT NULL
    UNION ALL
    SELECT record_id, effective_at FROM clean.consents WHERE record_id IS NOT NULL
    UNION ALL
    SELECT record_id, opened_at FROM clean.tickets WHERE record_id IS NOT NULL
    UNION ALL
    SELECT record_id, moved_at FROM clean.loyalty_movements WHERE record_id IS NOT NULL
) AS seen
GROUP BY record_id
