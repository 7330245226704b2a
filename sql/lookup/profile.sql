-- One customer's golden record, with where the customer stands. What was not in profile.customers from the first run on is
-- taken from where it comes from, so that runs of every age can be looked at.
--
-- key: customer_id
SELECT c.customer_id, c.full_name, c.given_name, c.family_name, c.birth_date, c.sex, c.language,
       c.company, c.job_title, c.account_id,
       c.email, c.email_is_stale, c.phone, c.phone_is_stale,
       c.street, c.postcode, c.city, c.region, c.country, c.address_is_stale,
       c.email_consent, c.sms_consent, c.phone_consent, c.post_consent,
       l.lifecycle, l.orders, l.first_order_at, l.last_order_at, l.recency_days,
       s.label, s.rfm_score, s.recency_score, s.frequency_score, s.monetary_score, s.monetary, s.currency,
       y.points, y.tier, v.open_tickets, v.open_complaints,
       c.confidence, c.records, c.sources, c.first_seen_at, c.last_seen_at
FROM profile.customers AS c
LEFT JOIN rfm.lifecycle AS l ON l.customer_id = c.customer_id
LEFT JOIN rfm.scores AS s ON s.customer_id = c.customer_id
LEFT JOIN profile.loyalty AS y ON y.customer_id = c.customer_id
LEFT JOIN profile.service AS v ON v.customer_id = c.customer_id
WHERE c.customer_id = $customer_id
