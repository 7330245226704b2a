-- The lapsed high-value customers, the most valuable first, for the report of `onefold demo`, and by what they may be written
-- to, as segment.reachable_lapsed_high_value says, or why by nothing.
--
-- key: customer_id
SELECT s.customer_id, c.full_name, s.label, s.monetary, s.currency, s.frequency, s.recency_days,
       CASE WHEN r.channel IS NOT NULL THEN r.channel
            WHEN c.open_complaints > 0 THEN 'complaint open'
            WHEN c.email_consent OR c.sms_consent OR c.post_consent THEN 'no address'
            ELSE 'no consent' END AS reachable
FROM segment.lapsed_high_value AS s
JOIN profile.customers AS c ON c.customer_id = s.customer_id
LEFT JOIN segment.reachable_lapsed_high_value AS r ON r.customer_id = s.customer_id
ORDER BY s.monetary DESC, s.customer_id
