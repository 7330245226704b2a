-- title: Prospects who want to hear from us
-- purpose: marketing
-- channel: email, sms
--
-- Those who have never bought but have agreed to e-mail or SMS, and whose address works.
--
-- One row: one prospect.
--
-- key: customer_id
SELECT c.customer_id, c.language, c.country, c.first_seen_at,
       CASE WHEN c.email_consent AND NOT c.email_is_stale THEN 'email' ELSE 'sms' END AS channel
FROM profile.customers AS c
JOIN rfm.lifecycle AS l ON l.customer_id = c.customer_id
WHERE l.lifecycle = 'prospect'
  AND ((c.email_consent AND NOT c.email_is_stale) OR (c.sms_consent AND NOT c.phone_is_stale))
