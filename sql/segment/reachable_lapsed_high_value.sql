-- title: Lapsed high-value customers we may write to
-- purpose: marketing
-- channel: email, sms, post
--
-- The part of lapsed_high_value that can be addressed today: consent to marketing by a channel, an address for it that
-- works, and no complaint open. `channel` is the first of e-mail, SMS and post that is open.
--
-- key: customer_id
SELECT l.customer_id, l.label, l.monetary, l.currency, l.recency_days,
       CASE WHEN c.email_consent AND NOT c.email_is_stale THEN 'email'
            WHEN c.sms_consent AND NOT c.phone_is_stale THEN 'sms'
            ELSE 'post' END AS channel
FROM segment.lapsed_high_value AS l
JOIN profile.customers AS c ON c.customer_id = l.customer_id
LEFT JOIN profile.service AS s ON s.customer_id = l.customer_id
WHERE ((c.email_consent AND NOT c.email_is_stale)
       OR (c.sms_consent AND NOT c.phone_is_stale)
       OR (c.post_consent AND c.street IS NOT NULL AND NOT c.address_is_stale))
  AND coalesce(s.open_complaints, 0) = 0
