-- What records without a contact claim about their customer: the e-mail address and phone of a guest order.
--
-- One row: one record that only clean.identifiers knows, and that showed an e-mail address or a phone number before
-- $as_of. What it showed again later counts as confirmed when it was first seen (see contacts.records).
--
-- key: customer_id, record_id
WITH shown AS (
    SELECT r.customer_id, i.record_id, r.source,
           max(i.value) FILTER (WHERE i.kind = 'email') AS email,
           max(i.value) FILTER (WHERE i.kind = 'phone') AS phone,
           coalesce(bool_or(i.verified) FILTER (WHERE i.kind = 'email'), false) AS email_verified,
           coalesce(bool_or(i.verified) FILTER (WHERE i.kind = 'phone'), false) AS phone_verified,
           min(i.seen_first_at) AS created_at,
           max(CASE WHEN i.seen_last_at < $as_of THEN i.seen_last_at ELSE i.seen_first_at END) AS confirmed_at
    FROM clean.identifiers AS i
    JOIN profile.records AS r ON r.record_id = i.record_id
    WHERE i.kind IN ('email', 'phone') AND NOT r.is_contact AND NOT r.is_shared
      AND (coalesce(i.seen_first_at, i.seen_last_at) IS NULL OR coalesce(i.seen_first_at, i.seen_last_at) < $as_of)
    GROUP BY r.customer_id, i.record_id, r.source
), claims AS (
    SELECT s.customer_id, s.record_id, s.source, s.confirmed_at, s.created_at, s.email, s.phone,
           greatest(s.confirmed_at, e.last_confirmed_at) AS email_confirmed_at,
           greatest(s.confirmed_at, p.last_confirmed_at) AS phone_confirmed_at,
           coalesce(e.is_dead, false) AS email_is_dead, coalesce(p.is_dead, false) AS phone_is_dead,
           CASE WHEN s.email_verified THEN t.verified_email_trust ELSE t.email_trust END AS email_trust,
           CASE WHEN s.phone_verified THEN t.verified_phone_trust ELSE t.phone_trust END AS phone_trust,
           CASE WHEN s.email_verified THEN t.verified_email_stale_days ELSE t.email_stale_days END AS email_stale_days,
           CASE WHEN s.phone_verified THEN t.verified_phone_stale_days ELSE t.phone_stale_days END AS phone_stale_days
    FROM shown AS s
    JOIN profile.source_trust AS t ON t.source = s.source
    LEFT JOIN profile.addresses AS e ON e.address = s.email
    LEFT JOIN profile.addresses AS p ON p.address = s.phone
)
SELECT c.customer_id, c.record_id, c.source, false AS is_contact, c.confirmed_at, c.created_at,
       c.email, c.email_confirmed_at,
       CASE WHEN c.email_is_dead OR days_between(c.email_confirmed_at, $as_of) > c.email_stale_days
            THEN c.email_trust - 1 ELSE c.email_trust END AS email_trust,
       c.phone, c.phone_confirmed_at,
       CASE WHEN c.phone_is_dead OR days_between(c.phone_confirmed_at, $as_of) > c.phone_stale_days
            THEN c.phone_trust - 1 ELSE c.phone_trust END AS phone_trust
FROM claims AS c
