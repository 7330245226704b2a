-- The lapsed high-value customers, the most valuable first, for the report of `onefold demo`.
--
-- key: customer_id
SELECT s.customer_id, c.full_name, s.label, s.monetary, s.currency, s.frequency, s.recency_days,
       c.email_consent, c.phone_consent
FROM segment.lapsed_high_value AS s
JOIN profile.customers AS c ON c.customer_id = s.customer_id
ORDER BY s.monetary DESC, s.customer_id
