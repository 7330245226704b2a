-- The customer at a glance: who it is, how to reach them, what they agreed to, what they are worth and where they stand.
--
-- One row: one customer of profile.people. The columns stand in the order in which one asks: person, work, address,
-- consent, buying in $currency, scores and predictions, loyalty, service, and how sure the customer is one person. It
-- holds nothing of its own: the table behind each column is named in the contract.
--
-- key: customer_id
SELECT c.customer_id, c.full_name, c.given_name, c.family_name, c.birth_date, c.sex, c.language,
       c.company, c.job_title, c.account_id,
       c.email, c.email_is_stale, c.phone, c.phone_is_stale,
       c.street, c.postcode, c.city, c.region, c.country, c.address_is_stale,
       c.email_consent, c.sms_consent, c.phone_consent, c.post_consent,
       l.lifecycle, l.orders, l.first_order_at, l.last_order_at, l.recency_days,
       h.monetary, $currency AS currency,
       s.rfm_score, s.label AS rfm_label,
       v.p_alive, v.predicted_order_frequency_next_365d, v.predicted_clv_next_365d,
       v.predicted_customer_lifetime_value_tier,
       y.tier AS loyalty_tier, y.points AS loyalty_points,
       coalesce(t.tickets, 0) AS tickets, coalesce(t.open_complaints, 0) AS open_complaints, t.complaint_open_since,
       c.confidence, c.records, c.sources, c.first_seen_at, c.last_seen_at
FROM profile.people AS c
JOIN rfm.lifecycle AS l ON l.customer_id = c.customer_id
LEFT JOIN (SELECT customer_id, monetary FROM rfm.history WHERE currency = $currency) AS h
       ON h.customer_id = c.customer_id
LEFT JOIN rfm.scores AS s ON s.customer_id = c.customer_id
LEFT JOIN rfm.predictions AS v ON v.customer_id = c.customer_id
LEFT JOIN profile.loyalty AS y ON y.customer_id = c.customer_id
LEFT JOIN profile.service AS t ON t.customer_id = c.customer_id
