-- What customers told the service desk: what each case is about, and how its text is meant.
--
-- One row: one ticket of a customer, opened before $as_of. A ticket closed on or after $as_of is open. The topic is the
-- source's own where it has one, in the words of text_topic if it knows it, or else read from the text. Whoever wants to
-- read the text itself finds it in clean.tickets.
--
-- key: customer_id, ticket_id
SELECT i.customer_id, t.ticket_id, t.source, t.opened_at,
       CASE WHEN t.closed_at < $as_of THEN t.closed_at END AS closed_at,
       coalesce(t.closed_at >= $as_of, true) AS is_open,
       coalesce(t.is_complaint, false) AS is_complaint,
       coalesce(text_topic(t.topic), text_topic(t.text), t.topic) AS topic,
       CASE WHEN text_topic(t.topic) IS NOT NULL THEN 'source'
            WHEN text_topic(t.text) IS NOT NULL THEN 'text'
            WHEN t.topic IS NOT NULL THEN 'source' END AS topic_from,
       t.topic AS source_topic,
       text_tone(t.text) AS tone
FROM clean.tickets AS t
JOIN match.identities AS i ON i.record_id = t.record_id
WHERE t.opened_at < $as_of
