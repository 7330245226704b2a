-- Consents given and withdrawn on the customer's timeline.
--
-- One row: one statement, when it took effect before $as_of.
--
-- key: customer_id, happened_at, kind, id
SELECT i.customer_id, c.effective_at AS happened_at, 'consent' AS kind, c.consent_id AS id,
       concat_ws(', ', CASE WHEN c.granted THEN 'granted' ELSE 'withdrawn' END, c.purpose, c.channel) AS title
FROM clean.consents AS c
JOIN match.identities AS i ON i.record_id = c.record_id
WHERE c.effective_at < $as_of
