-- Who was on web site and app: the records that events stand under, and whose they are.
--
-- One row: one record that something was done under, and one customer. A device on which somebody logged in is that
-- customer's for a time (profile.devices); an account is its customer's for ever, and has no times. What was done on a
-- device on which nobody has logged in, or several people in turns, is nobody's: it stays in clean.event_summaries, and
-- becomes somebody's by a log-in.
--
-- key: record_id, customer_id
WITH whose AS (
    SELECT record_id, customer_id, identified_first_at, identified_last_at FROM profile.devices
    UNION ALL
    SELECT i.record_id, i.customer_id, NULL, NULL
    FROM match.identities AS i
    JOIN match.records AS r ON r.record_id = i.record_id
    -- A device that several people use is nobody's but for the times above.
    WHERE NOT r.is_shared AND NOT EXISTS (SELECT 1 FROM profile.devices AS d WHERE d.record_id = i.record_id)
)
SELECT w.record_id, w.customer_id, w.identified_first_at, w.identified_last_at
FROM (SELECT DISTINCT record_id FROM clean.event_summaries) AS s
JOIN whose AS w ON w.record_id = s.record_id
WHERE EXISTS (SELECT 1 FROM profile.records AS p WHERE p.customer_id = w.customer_id AND p.is_person)
