-- The records that there were before $as_of, under their customer: who was known, and by which sources.
--
-- One row: one record of match.identities that was first seen before $as_of, or nobody knows when. Who is who is
-- decided by all that is known, whatever the date: that two records are one person was true before somebody found out.
-- So a look at the past has the customer ids of today, and fewer records behind them. `birth_date` and `native_name`
-- are as in match.records, without placeholders.
--
-- key: customer_id, record_id
SELECT i.customer_id, i.record_id, r.source, r.is_contact, r.is_person, r.is_shared, i.confidence, s.first_seen_at,
       r.birth_date, r.native_name
FROM match.identities AS i
JOIN match.records AS r ON r.record_id = i.record_id
JOIN match.first_seen AS s ON s.record_id = i.record_id
WHERE s.first_seen_at IS NULL OR s.first_seen_at < $as_of
